# SPDX-License-Identifier: Apache-2.0
"""Characters that look like nothing, spaces that are not the space, and digits of many scripts.

Rules enforced here:

* normalising is for *matching only*; what is kept of an export is never normalised;
* format characters (Unicode category Cf: direction marks, byte order mark, joiners) vanish,
  every space separator (Zs) becomes a space, every decimal digit its ASCII digit, every
  quotation mark a plain one;
* the byte patterns below accept exactly the characters that the exports are known to use.
"""

from __future__ import annotations

import unicodedata

BREAKS = b"\r\n"
LRM = "\u200e"

INVISIBLE = rb"(?:\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf|\xd8\x9c)"
"""One invisible character in UTF-8: U+200B to U+200F, U+202A to U+202E, U+2060 to U+206F,
U+FEFF and U+061C."""
INVISIBLES = INVISIBLE + rb"{0,8}"
SPACE = rb"(?: |\xc2\xa0|\xe2\x80[\x80-\x8a\xaf]|\xe3\x80\x80)"
"""One space in UTF-8: U+0020, U+00A0, U+2000 to U+200A, U+202F, U+3000."""
DIGIT = rb"[0-9]"
ANY_DIGIT = (
    rb"(?:[0-9]|\xd9[\xa0-\xa9]|\xdb[\xb0-\xb9]"
    rb"|\xe0[\xa5\xa7\xa9\xab\xad\xaf\xb1\xb3\xb5][\xa6-\xaf]"
    rb"|\xe0[\xb9\xbb][\x90-\x99]|\xe0\xbc[\xa0-\xa9]|\xe1\x81[\x80-\x89]|\xe1\x9f[\xa0-\xa9]"
    rb"|\xef\xbc[\x90-\x99])"
)
"""One decimal digit in UTF-8: ASCII, Arabic, Persian, the Indic scripts, Thai, Lao, Tibetan,
Burmese, Khmer and full width."""

QUOTES = frozenset("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\u300c\u300d\u0060\u00b4")


class _Plain(dict[int, int | str | None]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> int | str | None:
        self[code] = became = _plain_character(code)
        return became


def _plain_character(code: int) -> int | str | None:
    character = chr(code)
    category = unicodedata.category(character)
    if category == "Cf":
        return None
    if category == "Zs":
        return " "
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return '"' if character in QUOTES else code


_PLAIN = _Plain()


def plain(text: str) -> str:
    """Give a text as it is compared: nothing invisible, plain spaces, digits and quotes."""
    return text if text.isascii() else text.translate(_PLAIN)


def bare(text: str) -> str:
    """Take invisible characters off both ends of a name; inside they stay."""
    if text.isascii():
        return text
    first, last = 0, len(text)
    while first < last and unicodedata.category(text[first]) == "Cf":
        first += 1
    while last > first and unicodedata.category(text[last - 1]) == "Cf":
        last -= 1
    return text[first:last]

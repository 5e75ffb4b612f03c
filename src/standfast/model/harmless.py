# SPDX-License-Identifier: Apache-2.0
"""Text whose characters do what they look like, for a screen.

Rules enforced here:

* every character that moves, turns or hides something (controls, bidirectional and zero-width
  marks, private and unassigned characters) is spelled by its number, none is dropped;
* joiners and variation selectors stay where they shape an emoji or a letter;
* line breaks stay; whoever needs one line replaces them.
"""

from __future__ import annotations

import unicodedata

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINER = "\u200d"
SELECTORS = frozenset("\ufe0e\ufe0f")
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0").union(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Characters of other categories that show nothing."""


def harmless(text: str) -> str:
    """Spell every character that moves, turns or hides something, and keep line breaks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if _plain(character, text, place) else f"[U+{ord(character):04X}]"
        for place, character in enumerate(text)
    )


def _plain(character: str, text: str, place: int) -> bool:
    if character == "\n":
        return True
    before = text[place - 1] if place else ""
    if character == JOINER:
        joins = _is_emoji(before) or before in SELECTORS
        return place > 0 and joins and _is_emoji(text[place + 1 : place + 2])
    if character in SELECTORS:
        return place > 0 and (_is_emoji(before) or before in "0123456789#*" or _is_sign(before))
    return unicodedata.category(character) not in HARMFUL and character not in INVISIBLE


def _is_emoji(character: str) -> bool:
    return character != "" and (
        unicodedata.category(character) == "So" or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _is_sign(character: str) -> bool:
    """Say whether it is one of the arrows and marks that have a coloured form."""
    return character > "\u2000" and unicodedata.category(character) in {"Sm", "Po", "Pd"}

# SPDX-License-Identifier: Apache-2.0
"""Searching: when a text holds what was looked for, and where in the text as it was written.

Rules enforced here:

* a text is compared composed (Unicode NFC) and in lower case, character by character; whether an
  event fits is decided by the database, and every event that fits has at least one hit (as far as
  the database's Unicode and Python's are of one age);
* NUL is compared as another character: the database would end its text there, and what stands
  behind it could never be found;
* a hit is a span of the text as it was written, whatever composing did to its length, and never
  parts a letter from its marks.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDED: Final = "lower(nfc_normalize(replace({}, chr(0), chr(1))))"
"""The form of a text that is compared, in SQL."""
MOST_HITS: Final = 1000
SINGLE: Final = str.maketrans({"\0": "\1", "\u0130": "i", "\u03a3": "\u03c3"})
"""Where Python's lower case looks at more than one character, or gives more than one."""
LAST_SIMPLE: Final = "\u02ff"
JOINED: Final = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u0f73"
    "\u0f75\u0f81\u102e\u1b35\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2"
    "\U000113c9\U000114b0\U000114ba\U000114bd\U000115af\U00011930\U0001611e\U0001611f"
    "\U00016120\U00016129\U00016d67"
).union(map(chr, (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))))
"""Characters that are no combining marks, and yet are composed or ordered with what is before."""

Span = tuple[int, int]


def folded(untrusted_text: str) -> str:
    """Give the form of a text that is compared, as the database does."""
    return unicodedata.normalize("NFC", untrusted_text).translate(SINGLE).lower()


def hits(untrusted_text: str, search: str) -> tuple[Span, ...]:
    """Give where a search stands in a text as it was written: start and end in characters.

    The spans are in order and do not overlap; of endless ones, the first `MOST_HITS`.
    """
    wanted = folded(search)
    if not wanted:
        return ()
    if unicodedata.is_normalized("NFC", untrusted_text):
        found: Iterator[Span] = _found(folded(untrusted_text), wanted)
    else:
        found = _through_pieces(untrusted_text, wanted)
    spans: list[Span] = []
    for start, end in (_whole_letters(untrusted_text, *span) for span in found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        elif len(spans) == MOST_HITS:
            break
        else:
            spans.append((start, end))
    return tuple(spans)


def _found(text: str, wanted: str) -> Iterator[Span]:
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + len(wanted))


def _through_pieces(text: str, wanted: str) -> Iterator[Span]:
    """Fold a text piece by piece, so that every place in the folded form has one in the text."""
    starts = [0, *(place for place in range(1, len(text)) if _begins(text[place])), len(text)]
    pieces = [folded(text[a:b]) for a, b in pairwise(starts)]
    places = list(accumulate(map(len, pieces), initial=0))
    for start, end in _found("".join(pieces), wanted):
        yield starts[bisect_right(places, start) - 1], starts[bisect_right(places, end - 1)]


def _begins(character: str) -> bool:
    """Tell whether nothing before a character can change what it becomes."""
    if character <= LAST_SIMPLE:
        return True
    return not unicodedata.combining(character) and character not in JOINED


def _whole_letters(text: str, start: int, end: int) -> Span:
    while start and unicodedata.combining(text[start]):
        start -= 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return start, end

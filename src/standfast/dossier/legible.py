# SPDX-License-Identifier: Apache-2.0
"""Any text, made printable: every character is either shown or named, none is dropped in silence.

Rules enforced here:

* a character that no shipped font has is printed by its Unicode name and number in brackets
  (``[CJK UNIFIED IDEOGRAPH-4F60 U+4F60]``, ``[U+E000]`` when it has no name);
* control characters, marks that change the direction of writing and invisible characters are
  printed by number, because they can make a text look like another one. Three of them that cannot
  change anything, in a text that runs from left to right throughout, are left out: WhatsApp puts
  them around every phone number;
* joiners and variation selectors stay where they shape emoji and letters;
* more than `MOST_MARKS` combining marks on one letter are counted instead of stacked;
* a text is shown up to a number of characters and lines; how much is left is a value.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from standfast.dossier.fonts import coverage
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_CHARACTERS: Final = 4_000
MOST_LINES: Final = 80
MOST_MARKS: Final = 6
LONGEST_WORD: Final = 24
EVERY_FONT: Final = -1

TAB: Final = "    "
ZERO_WIDTH_SPACE: Final = "\u200b"
JOINERS: Final = "\u200c\u200d"
EMOJI_TAGS: Final = range(0xE0020, 0xE0080)
BLACK_FLAG: Final = "\U0001f3f4"
SELECTORS: Final = range(0xFE00, 0xFE10)
REGIONAL: Final = range(0x1F1E6, 0x1F200)
SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\ufffc").union(
    map(chr, SELECTORS)
)
"""Characters that show nothing without being control characters."""

IDLE_MARKS: Final = dict.fromkeys(map(ord, "\u200e\u202a\u202c"))
PRIVATE: Final = frozenset({"Co", "Cs"})
"""Categories without an agreed meaning: private characters and halves of a pair."""

TURNING_CLASSES: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "LRO", "RLI", "LRI", "FSI"})
"""Bidirectional classes (UAX #9) beside which an idle mark is no longer idle."""

UNBROKEN: Final = re.compile(
    r"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
    rf"{{{LONGEST_WORD + 1},}}"
)


@dataclass(frozen=True, slots=True)
class Legible:
    """A printable text and how many characters of the original it does not show."""

    text: str
    left: int = 0


def legible(
    untrusted_text: str, *, most: int = MOST_CHARACTERS, lines: int = MOST_LINES
) -> Legible:
    """Make a text printable, up to a number of characters and lines."""
    part = untrusted_text[:most]
    broken = part.split("\n", lines)
    if len(broken) > lines:
        part = "\n".join(broken[:lines])
    left = len(untrusted_text) - len(part)
    shown, more = (part, 0) if _plain().fullmatch(part) else _spelled(part, most)
    return Legible(_breakable(shown), left + more)


def one_line(untrusted_text: str, *, most: int = 200) -> str:
    """Make a name or an address printable on one line, with an ellipsis where it was cut."""
    shown = legible(untrusted_text[: most + 1].replace("\n", "[U+000A]"), most=most)
    return shown.text + "…" if shown.left else shown.text


def name_of(character: str) -> str:
    """Spell one character: its Unicode name, if it has one, and its number."""
    number = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "")
    return f"[{name} {number}]" if name and not _hides(character) else f"[{number}]"


def runs_right_to_left(text: str) -> bool:
    """Tell whether the first letter with a direction is one of a right-to-left script."""
    for character in text[:MOST_CHARACTERS]:
        direction = unicodedata.bidirectional(character)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


@cache
def _plain() -> re.Pattern[str]:
    """Match a text in which every character stands for itself and can be shown."""
    codes = sorted(code for code in coverage() if _stands_alone(chr(code)))
    return re.compile(f"[\n {''.join(_ranges(codes))}]*")


def _stands_alone(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] not in "CMZ" and not _hides(character)


def _ranges(codes: Iterable[int]) -> Iterator[str]:
    first = last = -2
    for code in (*codes, -2):
        if code != last + 1:
            if first >= 0:
                yield f"\\U{first:08x}-\\U{last:08x}"
            first = code
        last = code


def _hides(character: str) -> bool:
    """Tell whether a character is seen only through what it does to others."""
    return unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} or character in INVISIBLE


def _spelled(text: str, most: int) -> tuple[str, int]:
    """Go through a text character by character, and stop when the printed form is too long."""
    text = _without_idle_marks(text.replace("\r\n", "\n"))
    out = _Printed()
    for place, character in enumerate(text):
        if out.length >= 2 * most:
            return out.finish(), len(text) - place
        out.take(character, text[place + 1 : place + 2])
    return out.finish(), 0


def _without_idle_marks(text: str) -> str:
    turning = any(unicodedata.bidirectional(character) in TURNING_CLASSES for character in text)
    return text if turning else text.translate(IDLE_MARKS)


class _Printed:
    """The printed form while it grows, with what is known of the letter before."""

    def __init__(self) -> None:
        self.length = 0
        self._parts: list[str] = []
        self._before = ""
        self._fonts = 0
        self._marks = 0
        self._flag = False

    def take(self, character: str, after: str) -> None:
        """Add one character, as itself or spelled."""
        if unicodedata.category(character)[0] == "M" and ord(character) not in SELECTORS:
            self._mark(character)
            return
        self._settle_marks()
        if self._shapes(character, after):
            self._put(character)
        elif character in "\n\t":
            self._put(TAB if character == "\t" else character)
            self._fonts = 0
        else:
            self._fonts = 0 if _hides(character) else _fonts_of(character)
            self._put(character if self._fonts else name_of(character))
        self._before = character

    def finish(self) -> str:
        """Give the whole printed form."""
        self._settle_marks()
        return "".join(self._parts)

    def _put(self, shown: str) -> None:
        self._parts.append(shown)
        self.length += len(shown)

    def _mark(self, character: str) -> None:
        """Add a combining mark, if one font has it together with its letter."""
        self._marks += 1
        if self._marks > MOST_MARKS:
            return
        together = self._fonts & _fonts_of(character)
        if together and not _hides(character):
            self._fonts = together
            self._put(character)
        else:
            self._put(name_of(character))
            self._fonts = 0
        self._before = character

    def _settle_marks(self) -> None:
        more = self._marks - MOST_MARKS
        if more > 0:
            self._put(_("[{count} more combining marks]").format(count=more))
        self._marks = 0

    def _shapes(self, character: str, after: str) -> bool:
        """Tell whether an invisible character shapes what stands before it."""
        code = ord(character)
        if code in EMOJI_TAGS:
            return self._flag
        self._flag = character == BLACK_FLAG
        if not self._fonts:
            return False
        if code in SELECTORS:
            return character in "\ufe0e\ufe0f" and _takes_selector(self._before)
        if character in JOINERS:
            return bool(after) and _joins(self._before, after)
        return False


def _fonts_of(character: str) -> int:
    """Give the set of fonts that have a character; private ones mean nothing to anybody else."""
    if character == " ":
        return EVERY_FONT
    private = unicodedata.category(character) in PRIVATE
    return 0 if private else coverage().get(ord(character), 0)


def _takes_selector(before: str) -> bool:
    return before in "0123456789#*" or unicodedata.category(before) in {"So", "Sm", "Po", "Pd"}


def _joins(before: str, after: str) -> bool:
    """Tell whether a joiner stands between two emoji, or within a word of a joining script."""
    if _is_emoji(after) and (_is_emoji(before) or before == "\ufe0f"):
        return True
    return all(
        side > "\u05ff" and unicodedata.category(side)[0] in "LM" for side in (before, after)
    )


def _is_emoji(character: str) -> bool:
    return unicodedata.category(character) == "So" or ord(character) in SKIN_TONES


def _breakable(text: str) -> str:
    """Let a very long word break, at places where nothing joins."""
    return UNBROKEN.sub(lambda found: _with_breaks(found.group()), text)


def _with_breaks(word: str) -> str:
    """Put zero-width spaces into a long word, rather before a spelled character than in it."""
    parts, run = [word[0]], 1
    for before, after in pairwise(word):
        full = LONGEST_WORD if after != "[" else LONGEST_WORD // 2
        if run >= full and _may_part(before, after):
            parts.append(ZERO_WIDTH_SPACE)
            run = 0
        parts.append(after)
        run += 1
    return "".join(parts)


def _may_part(before: str, after: str) -> bool:
    joined = (*JOINERS, "\ufe0e", "\ufe0f")
    if before in joined or after in joined or unicodedata.category(after)[0] == "M":
        return False
    return not any(ord(after) in kept for kept in (REGIONAL, SKIN_TONES, EMOJI_TAGS))

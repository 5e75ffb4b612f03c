# SPDX-License-Identifier: Apache-2.0
"""The shape of a message's header, learned from the file itself.

Rules enforced here:

* a header is a date and a time (in either order) and a closing: ``] `` after an opening bracket
  (iOS), `` - `` without one (Android); anything less (``03/2024 - …``) is body text;
* a file's lines are compared with its *own* shapes: the same order of date and time, the same
  separators, year width, seconds and kind of 12-hour marker;
* all patterns have bounded repetition, so that no line costs more than its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from standfast.sources.whatsapp_text.characters import (
    ANY_DIGIT,
    DIGIT,
    INVISIBLES,
    SPACE,
    plain,
)
from standfast.sources.whatsapp_text.words import canonical, clock

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER_CHARACTERS = 120
"""A header is never longer than this."""
LONGEST_HEADER = 1024
"""Bytes in which any header fits, invisible characters and all."""

FIRST, LAST, TWO_DIGITS = "first", "last", "two"
"""Where the year stands; two digits at the end may be anywhere."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file writes its headers; two lines with equal shapes are written alike.

    Attributes:
        bracket: the iOS form.
        time_first: the time stands before the date.
        era: the year counts from an era that is named (``R4``).
        year: `FIRST`, `LAST` or `TWO_DIGITS`.
        year_width: digits of the year.
        separators: after the first number of the date, after the second, after the third.
        named_month: the second number is a word.
        joint: what stands between date and time.
        clock: what stands between hour and minute.
        seconds: there are seconds.
        marker: which set of 12-hour markers, -1 for none.
        marker_first: the marker stands before the time.
        closing: ``]``, ``-`` or ``–``.
    """

    bracket: bool
    time_first: bool
    era: bool
    year: str
    year_width: int
    separators: tuple[str, str, str]
    named_month: bool
    joint: str
    clock: str
    seconds: bool
    marker: int
    marker_first: bool
    closing: str


def _marker_text(word: str) -> str:
    """Write a pattern for a marker: any case, dots and spaces between its letters."""
    letters = [c for c in word if c not in ". "]
    if len(letters) > 3:  # noqa: PLR2004 - only abbreviations are written with dots
        return re.escape(word).replace("\\ ", " ?") + r"\.?"
    return r"\.? ?".join(re.escape(c) for c in letters) + r"\.?"


@cache
def _any_marker() -> str:
    words = {word for markers in clock().markers for word in markers.words}
    return "|".join(_marker_text(w) for w in sorted(words, key=lambda w: (-len(w), w)))


@cache
def _generic() -> tuple[re.Pattern[str], re.Pattern[str]]:
    eras = "|".join(map(re.escape, clock().eras))
    between = r"(?:/|-|\. ?|年|년 ?| )"
    date = (
        rf"(?P<era>{eras})?(?P<n1>\d{{1,4}})(?P<s1>{between})"
        rf"(?:(?P<n2>\d{{1,2}})|(?P<word>[^\W\d_]{{3,12}}))(?P<s2>/|-|\. ?|月|월 ?| )"
        r"(?P<n3>\d{4}|\d{1,2})(?P<s3>\.|日|일| ?г\.?|)"
    )
    time = (
        rf"(?:(?P<before>{_any_marker()}) ?)?(?P<hour>\d{{1,2}})"
        r"(?P<ts>[:.h]|：| h )(?P<minute>\d\d)"
        rf"(?:(?P=ts)(?P<second>\d\d))?(?: ?(?P<after>{_any_marker()}))?"
    )
    joints = "|".join(map(re.escape, clock().joints))
    joint = rf"(?P<joint>[,،、] ?(?:(?:{joints}) )?| (?:(?:{joints}) )?)"
    closing = r"(?P<close>\]|(?= [-–] ) ([-–]) )"
    flags = re.IGNORECASE
    return (
        re.compile(rf"(?P<open>\[?){date}{joint}{time}{closing}", flags),
        re.compile(rf"(?P<open>\[?){time}{joint}{date}{closing}", flags),
    )


def header_of(line: str) -> tuple[Shape, int] | None:
    """Tell the shape of a line's header and where it ends in the plain line, or ``None``."""
    text = plain(line[:HEADER_CHARACTERS])
    for time_first, pattern in enumerate(_generic()):
        match = pattern.match(text)
        if match is not None and (match["open"] == "[") == (match["close"] == "]"):
            shape = _shape(match, time_first=bool(time_first))
            if shape is not None:
                return shape, match.end()
    return None


def _shape(match: re.Match[str], *, time_first: bool) -> Shape | None:
    first, last = match["n1"], match["n3"]
    if match["era"]:
        year, width = FIRST, 0
    elif len(first) > 2:  # noqa: PLR2004 - a day or month has two digits at most
        year, width = FIRST, len(first)
    elif len(last) == 4:  # noqa: PLR2004 - 2024
        year, width = LAST, 4
    elif match["s1"] in {"年", "년", "년 "} or _year_first_words(match["before"] or ""):
        year, width = FIRST, 2
    else:
        year, width = TWO_DIGITS, 2
    if match["s2"] != match["s1"] and match["s1"] not in {"年", "년", "년 "} and not match["word"]:
        return None
    if match["word"] and canonical(match["word"]) not in clock().months:
        return None
    mark = match["before"] or match["after"] or ""
    if match["before"] and match["after"]:
        return None
    return Shape(
        bracket=match["open"] == "[",
        time_first=time_first,
        era=bool(match["era"]),
        year=year,
        year_width=width,
        separators=(match["s1"], match["s2"], match["s3"]),
        named_month=bool(match["word"]),
        joint=match["joint"],
        clock=match["ts"],
        seconds=match["second"] is not None,
        marker=_marker_set(mark),
        marker_first=bool(match["before"]),
        closing=match["close"].strip(),
    )


def _year_first_words(mark: str) -> bool:
    return bool(mark) and clock().markers[_marker_set(mark)].year_first


def _marker_set(mark: str) -> int:
    if not mark:
        return -1
    key = canonical(mark)
    return next(i for i, markers in enumerate(clock().markers) if key in markers.halves)


def _literal(text: str) -> bytes:
    """Write a byte pattern for fixed text: any space for a space, either case for a letter."""
    return b"".join(SPACE if c == " " else _letter(c) for c in text)


def _letter(character: str) -> bytes:
    forms = {form.encode() for form in (character, character.lower(), character.upper())}
    return (
        b"(?:" + b"|".join(map(re.escape, sorted(forms))) + b")"
        if len(forms) > 1
        else re.escape(forms.pop())
    )


def _markers(index: int) -> bytes:
    patterns = []
    for word in clock().markers[index].words:
        letters = [c for c in word if c not in ". "]
        if len(letters) > 3:  # noqa: PLR2004 - as in `_marker_text`
            patterns.append(_literal(word) + rb"\.?")
        else:
            gap = rb"\.?" + SPACE + b"?"
            patterns.append(gap.join(map(_letter, letters)) + rb"\.?")
    return b"(?:" + b"|".join(patterns) + b")"


def date_pattern(shape: Shape, *, loose: bool) -> bytes:
    """Write the byte pattern of a shape's date.

    ``loose`` allows invisible characters between all parts, and the digits of every script.
    """
    digit = ANY_DIGIT if loose else DIGIT
    gap = INVISIBLES if loose else b""
    short = digit + b"{1,2}"
    year = short if shape.year_width == 0 else digit + b"{%d}" % shape.year_width
    month = rb"[^\x00-\x2f:-@\[-`{-\x7f]{3,40}" if shape.named_month else short
    numbers = [short, month, short]
    if shape.year != TWO_DIGITS:
        numbers[0 if shape.year == FIRST else 2] = year
    if shape.era:
        numbers[0] = b"(?:" + b"|".join(map(_literal, clock().eras)) + b")" + gap + numbers[0]
    parts = [
        part for n, s in zip(numbers, shape.separators, strict=True) for part in (n, _literal(s))
    ]
    return gap.join(part for part in parts if part)


def time_pattern(shape: Shape, *, loose: bool) -> bytes:
    """Write the byte pattern of a shape's time, marker and all."""
    digit = ANY_DIGIT if loose else DIGIT
    gap = INVISIBLES if loose else b""
    parts = [digit + b"{1,2}", _literal(shape.clock), digit + b"{2}"]
    if shape.seconds:
        parts += [_literal(shape.clock), digit + b"{2}"]
    if shape.marker >= 0:
        marker = _markers(shape.marker)
        space = SPACE + b"?"
        parts = [marker, space, *parts] if shape.marker_first else [*parts, space, marker]
    return gap.join(parts)


def header_pattern(shape: Shape, *, loose: bool) -> bytes:
    """Write the byte pattern of a whole header with two groups, the date and the time.

    For a shape with the time first the groups come in that order too.
    """
    gap = INVISIBLES if loose else b""
    date = b"(" + date_pattern(shape, loose=loose) + b")"
    time = b"(" + time_pattern(shape, loose=loose) + b")"
    first, second = (time, date) if shape.time_first else (date, time)
    inner = gap.join((first, _literal(shape.joint), second))
    if shape.bracket:
        return INVISIBLES + rb"\[" + gap + inner + gap + rb"\]" + gap + SPACE + b"?"
    return INVISIBLES + inner + gap + SPACE + gap + _literal(shape.closing) + gap + SPACE


def dated_pattern(shape: Shape) -> bytes:
    """Write a pattern of a header up to its date (bracket and all), the rest looked ahead at."""
    rest = _literal(shape.joint) + time_pattern(shape, loose=False)
    closing = rb"\]" if shape.bracket else SPACE + _literal(shape.closing) + SPACE
    opening = rb"\[" if shape.bracket else b""
    return opening + date_pattern(shape, loose=False) + b"(?=" + rest + closing + b")"


def sender_pattern() -> bytes:
    """Write the pattern of what follows a header: a name and a colon, if there is one."""
    return rb"(?:([^:\r\n]{1,400}):(?: |(?=[\r\n]|\Z)))?"


def line_start(*, returns: bool) -> bytes:
    """Write the pattern of a line break; lone carriage returns only where there are any."""
    return rb"[\r\n]" if returns else rb"\n"


def message_pattern(shapes: Sequence[tuple[Shape, bool]], *, returns: bool) -> re.Pattern[bytes]:
    """Compile the one pattern that cuts a file into messages.

    Groups: everything from the line break up to the text; then two for each shape; then the sender.
    """
    headers = [header_pattern(shape, loose=loose) for shape, loose in shapes]
    header = headers[0] if len(headers) == 1 else b"(?:" + b"|".join(headers) + b")"
    return re.compile(b"(" + line_start(returns=returns) + header + sender_pattern() + b")")


def header_start_pattern(shapes: Sequence[tuple[Shape, bool]]) -> re.Pattern[bytes]:
    """Compile a pattern that finds the line break before a header."""
    headers = [header_pattern(shape, loose=loose) for shape, loose in shapes]
    return re.compile(rb"[\r\n](?:" + b"|".join(headers) + b")")


def needs_loose(line: str, length: int) -> bool:
    """Tell whether a header has invisible characters inside, or digits of another script."""
    raw = line[:HEADER_CHARACTERS]
    while raw and not plain(raw[0]):
        raw = raw[1:]
    spaces_only = "".join(" " if plain(c) == " " else c for c in raw)
    return spaces_only[:length] != plain(raw)[:length]

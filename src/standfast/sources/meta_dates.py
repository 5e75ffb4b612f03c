# SPDX-License-Identifier: Apache-2.0
"""Dates of Meta's downloads as pages, which are written in the language of the account.

Rules enforced here:

* a month that is written as a word says which number is the day; a year written first says it too;
* a date of numbers alone is decided by a number above twelve elsewhere on the page, or by the
  person; until then it is both;
* a word that is not known makes the date no date: nothing is left out of it by guessing.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from standfast.sources.whatsapp_text.words import canonical, clock

if TYPE_CHECKING:
    from collections.abc import Mapping

DMY: Final = "dmy"
MDY: Final = "mdy"
LONGEST: Final = 80
_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?(?![\d.:])\s*(.*)\Z")
_NUMBERS: Final = re.compile(r"(?<!\d)(\d{1,4})(?!\d)")
_WORDS: Final = re.compile(r"[^\W\d_]+(?:\.[^\W\d_]+)*\.?")
_NOON: Final = 12
_DATE_NUMBERS: Final = 3
_WITH_WORD: Final = 2
_YEAR: Final = 4
"""Digits of a year; one of two digits is not for certain a year."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written: ``first`` and ``second`` are undecided when ``month`` is 0."""

    year: int
    month: int
    first: int
    second: int
    hour: int
    minute: int
    second_of_minute: int | None

    def at(self, order: str) -> datetime | None:
        """Give the moment if the first number is the day (``dmy``) or the month (``mdy``)."""
        day, month = (self.first, self.second) if order == DMY else (self.second, self.first)
        if self.month:
            day, month = self.first, self.month
        try:
            return datetime(  # noqa: DTZ001 - a clock time; its zone stands nowhere
                self.year, month, day, self.hour, self.minute, self.second_of_minute or 0
            )
        except ValueError:
            return None


@cache
def _words() -> tuple[Mapping[str, int], frozenset[str]]:
    place = resources.files("standfast.sources") / "meta_months.toml"
    data: dict[str, Any] = tomllib.loads(place.read_text(encoding="utf-8"))
    ours = {canonical(w): int(number) for number, ws in data["months"].items() for w in ws}
    return {**ours, **clock().months}, frozenset(data["joints"])


@cache
def _halves() -> Mapping[str, str]:
    return {word: half for one in clock().markers for word, half in one.halves.items()}


def written(text: str) -> Written | None:
    """Understand a date and time, as far as it says itself; ``None`` when it is none."""
    plain = " ".join(text.replace("\u202f", " ").split())
    found = _CLOCK.search(plain) if len(plain) <= LONGEST else None
    if found is None:
        return None
    half = _half(found[4])
    hour, minute = int(found[1]), int(found[2])
    if half is None or (half and not 1 <= hour <= _NOON):
        return None
    if half:
        hour = hour % _NOON + (_NOON if half == "pm" else 0)
    second = int(found[3]) if found[3] else None
    return _day(plain[: found.start()], hour, minute, second)


def _half(text: str) -> str | None:
    """Give the half of the day; ``None`` when something else stands behind the clock."""
    _months, joints = _words()
    word = canonical(text)
    if not word or word in joints:
        return ""
    half = _halves().get(word)
    return half if half in {"am", "pm"} else None


def _day(text: str, hour: int, minute: int, second: int | None) -> Written | None:
    months, joints = _words()
    month = 0
    for word in _WORDS.findall(text):
        known = months.get(canonical(word))
        if known and not month:
            month = known
        elif known or canonical(word) not in joints:
            return None
    numbers = _NUMBERS.findall(text)
    years = [place for place, number in enumerate(numbers) if len(number) == _YEAR]
    if len(years) != 1 or len(numbers) != (_WITH_WORD if month else _DATE_NUMBERS):
        return None
    year, rest = int(numbers[years[0]]), [int(one) for one in numbers if len(one) != _YEAR]
    if month:
        return Written(year, month, rest[0], 0, hour, minute, second)
    if years[0] == 0:
        return Written(year, rest[0], rest[1], 0, hour, minute, second)
    if years[0] != len(rest):
        return None
    return Written(year, 0, rest[0], rest[1], hour, minute, second)


class Order:
    """What the dates of a page say about the order of day and month.

    Attributes:
        example: the first date that can be read in both ways.
    """

    def __init__(self, stated: str) -> None:
        """Take what the person has said, if anything."""
        self.example: Written | None = None
        self._stated = stated if stated in {DMY, MDY} else ""
        self._seen: set[str] = set()

    def see(self, text: str) -> None:
        """Take one date of the page as evidence."""
        one = written(text)
        if one is None or one.month:
            return
        both = [order for order in (DMY, MDY) if one.at(order)]
        if len(both) == 1:
            self._seen.add(both[0])
        elif both and self.example is None and one.first != one.second:
            self.example = one

    @property
    def decided(self) -> str:
        """Give the order, empty while it is open; dates that contradict each other decide none."""
        return self._stated or (next(iter(self._seen)) if len(self._seen) == 1 else "")

    def readings(self, one: Written) -> tuple[datetime, ...]:
        """Give the moments that a date can be: one, two while the order is open, or none."""
        orders = [self.decided] if self.decided and not one.month else [DMY, MDY]
        found = dict.fromkeys(moment for order in orders if (moment := one.at(order)))
        return tuple(found)

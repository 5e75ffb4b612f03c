# SPDX-License-Identifier: Apache-2.0
"""The time a mail's ``Date`` states, and nothing more than it states.

Rules enforced here (RFC 5322 sections 3.3 and 4.3):

* the wall time is the one written; the zone is the offset written beside it;
* ``-0000`` means that the moment in UTC is known and the writer's zone is not;
* the zone names of RFC 822 count, other names and military letters leave the zone unknown;
* a day, time or offset that cannot exist makes the whole date unknown: it is never mended.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, TypeVar

from standfast.model.times import Precision, ZoneBasis, micros

T = TypeVar("T")
SECOND: Final = 1_000_000
LONGEST: Final = 1000
"""Characters of a date that are looked at."""

ENGLISH: Final = (
    "january february march april may june july august september october november december"
)
MONTHS: Final = {
    name: number
    for number, month in enumerate(ENGLISH.split(), start=1)
    for name in (month[:3], month)
} | {"sept": 9}
"""Only these names count: ``marraskuu`` is November, not March."""

NAMED: Final = {"z": 0, "ut": 0, "utc": 0, "gmt": 0} | {
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7
}  # fmt: skip
"""Hours east of Greenwich of the names in RFC 5322 section 4.3."""

PLAIN: Final = re.compile(
    r"\s*(?:[A-Za-z]{3},\s*)?([0-9]{1,2} [A-Za-z]{3} [0-9]{4})"
    r" ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))? ([+-][0-9]{4})(?![^\s(])",
    re.ASCII,
)
DAY_PART: Final = re.compile(r"\s*(?:[A-Za-z]{3},\s*)?([0-9]{1,2} [A-Za-z]{3} [0-9]{4}) ", re.ASCII)
CLOCK_PART: Final = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")
ZONE_PART: Final = re.compile(r" ([+-][0-9]{4})(?![^\s(])", re.ASCII)
"""The same cut at its clock, so that each part can be remembered."""
LONGEST_PART: Final = 50
MOST_PARTS: Final = 100_000
LOOSE: Final = re.compile(
    r"\s*(?:[A-Za-z]+\.?\s*,?\s*)?([0-9]{1,2})[\s-]*([A-Za-z]{3,9})\.?[\s-]*([0-9]{2,4})"
    r"[\s,]+([0-9]{1,2})\s*:\s*([0-9]{2})(?:\s*:\s*([0-9]{2}))?(?:\.[0-9]+)?"
    r"\s*([+-]\s*[0-9]{4}(?![0-9])|[+-][0-9]{2}:[0-9]{2}|[A-Za-z]{1,5}(?:[+-][0-9]{4})?)?(?!\S)",
    re.ASCII,
)
ASCTIME: Final = re.compile(
    r"\s*[A-Za-z]{3},?\s+([A-Za-z]{3})\s+([0-9]{1,2})\s+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)"
    r"\s+(?:([+-][0-9]{4}|[A-Za-z]{1,5})\s+)?([0-9]{4})(?:\s+([+-][0-9]{4}))?\s*$",
    re.ASCII,
)
EAST_MOST: Final = 14 * 60
WEST_MOST: Final = -12 * 60
HOURS: Final = 24
FIRST_YEAR: Final = 1900
"""RFC 5322 section 3.3."""
LAST_YEAR: Final = 9998
"""So that every moment in UTC is one that can be written with four digits, too."""
SIXTY: Final = 60
DAY_SECONDS: Final = 86_400


Stamp = tuple[int, str, str, int | None, str]
"""A stated time as the event columns hold it: wall, zone, basis, UTC, precision; the two times
in microseconds since 1970."""

SECONDS: Final = Precision.SECOND.value
MINUTES: Final = Precision.MINUTE.value
IN_FILE: Final = ZoneBasis.IN_FILE.value
UNKNOWN: Final = ZoneBasis.UNKNOWN.value

Offset = tuple[str, int | None]
"""A stated zone and its microseconds east of Greenwich, ``None`` when the name is uncertain."""

NO_OFFSET: Final[Offset] = ("", None)


def parse_date(value: str) -> Stamp | None:
    """Read a date; ``None`` when it is not one or names a time that cannot exist."""
    hours = value.find(":") - 2
    minutes = hours + len("12:34:56")
    start, clock, there = DAYS[value[:hours]], CLOCKS[value[hours:minutes]], ZONES[value[minutes:]]
    if start is not None and clock is not None and there is not None:
        wall = start + clock
        return wall, there[0], IN_FILE, wall - there[1], SECONDS
    return _plain(value)


def _plain(value: str) -> Stamp | None:
    found = PLAIN.match(value)
    if found is not None:
        day, hour, minute, second, zone = found.groups()
        return _stamp(midnight(day), hour, minute, second, zone)
    return _odd(value)


class _Days(dict[str, "int | None"]):
    """What stands before a date's clock, ``Mon, 4 Mar 2024``, as microseconds since 1970."""

    def __missing__(self, text: str) -> int | None:
        if len(text) > LONGEST_PART or (found := DAY_PART.fullmatch(text)) is None:
            return None
        return _remembered(self, text, midnight(found.group(1)))


class _Clocks(dict[str, "int | None"]):
    """A clock with seconds as microseconds since midnight."""

    def __missing__(self, text: str) -> int | None:
        if CLOCK_PART.fullmatch(text) is None:
            return None
        hours, minutes, seconds = int(text[:2]), int(text[3:5]), int(text[6:])
        if hours >= HOURS or minutes >= SIXTY or seconds > SIXTY:
            return None
        return _remembered(self, text, (hours * 3600 + minutes * 60 + seconds) * SECOND)


class _Zones(dict[str, "tuple[str, int] | None"]):
    """What stands behind a clock, ``+0100 (CET)``: the zone and its microseconds, if certain."""

    def __missing__(self, text: str) -> tuple[str, int] | None:
        found = ZONE_PART.match(text) if len(text) <= LONGEST_PART else None
        there = offset(found.group(1)) if found else None
        if there is None or there[1] is None:
            return None
        return _remembered(self, text, (there[0], there[1]))


def _remembered(known: dict[str, T | None], text: str, value: T | None) -> T | None:
    if len(known) >= MOST_PARTS:
        known.clear()
    known[text] = value
    return value


DAYS: Final = _Days()
CLOCKS: Final = _Clocks()
ZONES: Final = _Zones()


@lru_cache(maxsize=1024)
def midnight(day: str) -> int | None:
    """Give the microseconds at the start of a day such as ``4 Mar 2024``."""
    number, month, year = day.split()
    return _day(number, month, year)


def _day(day: str, month: str, year: str) -> int | None:
    number = MONTHS.get(month.lower())
    full = int(year)
    if len(year) == len("24"):
        full += 2000 if full < 50 else 1900  # noqa: PLR2004 - RFC 5322 section 4.3
    elif len(year) == len("124"):
        full += 1900
    if number is None or not FIRST_YEAR <= full <= LAST_YEAR:
        return None
    try:
        return micros(datetime(full, number, int(day)))  # noqa: DTZ001 - a wall time is naive
    except ValueError:
        return None


@lru_cache(maxsize=256)
def offset(text: str) -> Offset | None:
    """Read a zone; ``None`` when no place on earth ever had that offset."""
    if text[:1] not in {"+", "-"}:
        hours = NAMED.get(text.lower())
        return NO_OFFSET if hours is None else _named(hours * 60)
    digits = text[1:].strip().replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if text[0] == "-":
        if minutes == 0:
            return "", 0
        minutes = -minutes
    if int(digits[2:]) >= SIXTY or not WEST_MOST <= minutes <= EAST_MOST:
        return None
    return _named(minutes)


def _named(minutes: int) -> Offset:
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{size // 60:02}:{size % 60:02}", minutes * 60 * SECOND


def _stamp(
    start: int | None, hour: str, minute: str, second: str | None, zone: str
) -> Stamp | None:
    there = offset(zone) if zone else NO_OFFSET
    if start is None or there is None:
        return None
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours >= HOURS or minutes >= SIXTY or seconds > SIXTY:  # :60 is a leap second
        return None
    wall = start + (hours * 3600 + minutes * 60 + seconds) * SECOND
    name, east = there
    if east is None:
        return wall, name, UNKNOWN, None, SECONDS if second else MINUTES
    return wall, name, IN_FILE, wall - east, SECONDS if second else MINUTES


def iso_seconds(utc: int) -> str:
    """Write whole seconds of UTC as `standfast.model.times.iso_utc` does, faster."""
    day, rest = divmod(utc // SECOND, DAY_SECONDS)
    minutes, seconds = divmod(rest, 60)
    return f"{_iso_day(day)}T{minutes // 60:02}:{minutes % 60:02}:{seconds:02}Z"


@lru_cache(maxsize=1024)
def _iso_day(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _odd(value: str) -> Stamp | None:
    bare = without_comments(value[:LONGEST])
    found = LOOSE.match(bare)
    if found is not None:
        day, month, year, hour, minute, second, zone = found.groups()
        return _stamp(_day(day, month, year), hour, minute, second, _zone_text(zone))
    found = ASCTIME.match(bare)
    if found is not None:
        month, day, clock, before, year, after = found.groups()
        hour, minute, second = (*clock.split(":"), None)[:3]
        return _stamp(_day(day, month, year), hour, minute, second, before or after or "")
    return None


def _zone_text(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone[0].isalpha() and len(zone) > len("+0100") and zone[-5] in "+-":
        return zone[-5:]  # GMT+0100
    return zone


def without_comments(value: str) -> str:
    """Drop what stands in parentheses, nested ones too."""
    if "(" not in value:
        return value
    kept: list[str] = []
    depth = 0
    for piece in re.split(r"([()])", value):
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth = max(0, depth - 1)
        elif depth == 0:
            kept.append(piece)
    return " ".join(kept)

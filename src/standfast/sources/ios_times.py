# SPDX-License-Identifier: Apache-2.0
"""Apple's times, as its databases write them, made into the time columns of events.

Rules enforced here:

* a time counts from 2001-01-01 in UTC: nanoseconds since 2017 (macOS 10.13, iOS 11), seconds
  before, whole or with a fraction; which it is shows in its size, as `LEAST_NANOSECONDS` counts
  a hundred seconds in the one and 5,000 years in the other;
* a time that is none, before 2001 or after the year 2100 is unknown, never moved;
* the wall clock is that of the zone the person named, else UTC; the basis is always ``epoch``;
* precision is ``ms`` when there is a part of a second, else ``s``.
"""

from __future__ import annotations

from typing import Final

from standfast.model.times import micros, utc_from_micros, utc_to_wall, zone

LEAST_NANOSECONDS: Final = 10**11
APPLE_EPOCH: Final = 978_307_200_000_000
"""2001-01-01 in microseconds from 1970."""
MOST: Final = 4_133_980_800_000_000 - APPLE_EPOCH
SECOND: Final = 1_000_000
QUARTER: Final = 900 * SECOND
"""Clocks are put forward and back at quarters of an hour only (time zone database)."""
DAY: Final = 86_400 * SECOND

Moment = tuple[int | None, str, str, int | None, str]
"""The columns wall, zone, zone_basis, utc, precision."""
UNDATED: Final[Moment] = (None, "", "unknown", None, "none")
COLUMNS: Final = ("wall", "zone", "zone_basis", "utc", "precision")


def apple_micros(value: object) -> int | None:
    """Give microseconds from 1970 of a time as stored; ``None`` when it is none."""
    if type(value) is int:
        since = value // 1000 if value >= LEAST_NANOSECONDS else value * SECOND
    elif type(value) is float and 0 < value < LEAST_NANOSECONDS:
        since = round(value * SECOND)
    else:
        return None
    return since + APPLE_EPOCH if 0 < since < MOST else None


def unix_micros(value: object) -> int | None:
    """Give microseconds from 1970 of a count of seconds from 1970; ``None`` when it is none."""
    if type(value) not in {int, float} or not 0 < value * SECOND < MOST + APPLE_EPOCH:  # type: ignore[operator]  # a number by now
        return None
    return round(value * SECOND)  # type: ignore[operator]  # likewise


class Clock:
    """Makes time columns in one zone."""

    def __init__(self, zone_name: str) -> None:
        """Write wall clocks in this zone, UTC when it is empty."""
        self._zone = zone_name or "UTC"
        self._shifts: dict[int, int] = {}
        self._days: dict[int, str] = {}
        zone(self._zone)

    def columns(self, utc: int | None) -> Moment:
        """Give the time columns of a moment in microseconds."""
        if utc is None:
            return UNDATED
        wall = utc if self._zone == "UTC" else utc + self._shift(utc)
        return wall, self._zone, "epoch", utc, "ms" if utc % SECOND else "s"

    def _shift(self, utc: int) -> int:
        quarter = utc // QUARTER
        shift = self._shifts.get(quarter)
        if shift is None:
            start = quarter * QUARTER
            shift = micros(utc_to_wall(utc_from_micros(start), self._zone)) - start
            self._shifts[quarter] = shift
        return shift

    def iso(self, utc: int) -> str:
        """Write a moment as ISO 8601 with ``Z``."""
        number, rest = divmod(utc, DAY)
        day = self._days.get(number)
        if day is None:
            day = self._days[number] = utc_from_micros(number * DAY).date().isoformat()
        second, part = divmod(rest, SECOND)
        minutes, seconds = divmod(second, 60)
        hours, minutes = divmod(minutes, 60)
        fraction = f".{part:06d}" if part % 1000 else f".{part // 1000:03d}" if part else ""
        return f"{day}T{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}Z"

# SPDX-License-Identifier: Apache-2.0
"""Moments as apps write them, made into the time columns of an event.

Rules enforced here:

* a count of milliseconds from 1970, and a text that says ``UTC`` or ``Z``, tell no clock of any
  place but the moment (`ZoneBasis.EPOCH`); the wall clock is that of the zone the person named,
  else UTC;
* a text with an offset keeps its wall clock and its offset (`ZoneBasis.IN_FILE`);
* a text without one has the zone that the person named, or none;
* what is no time, or not between 1970 and 2100, is no time: nothing is put in its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from standfast.model.times import (
    ClockMark,
    from_micros,
    micros,
    utc_from_micros,
    utc_to_wall,
    wall_to_utc,
)

END_OF_2100: Final = 4_133_980_800_000
MILLI: Final = 1000
SECOND: Final = 1_000_000
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?"
    r" ?(Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_DISCORD: Final = 1_420_070_400_000
_X: Final = 1_288_834_974_657
_SNOWFLAKE_BITS: Final = 22
_LEAST_SNOWFLAKE: Final = 1 << 41
"""Ids below this were given before the scheme was: Discord had none, X counted from 1."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time columns of one event: wall, zone, basis, UTC, precision.

    ``other`` is the second reading of an ambiguous date, ``mark`` says that the clock was in a
    fold or gap.
    """

    wall: int | None = None
    zone: str = ""
    basis: str = "unknown"
    utc: int | None = None
    precision: str = "none"
    mark: str = ""
    other: int | None = None


UNKNOWN: Final = Moment()


def from_milliseconds(count: int | None, zone: str) -> Moment:
    """Read a count of milliseconds from 1970."""
    if count is None or not 0 < count < END_OF_2100:
        return UNKNOWN
    return _in_utc(count * MILLI, zone, "ms" if count % MILLI else "s")


def _in_utc(utc: int, zone: str, precision: str) -> Moment:
    wall = utc
    if zone and zone != "UTC":
        wall = micros(utc_to_wall(utc_from_micros(utc), zone))
    return Moment(wall, zone or "UTC", "epoch", utc, precision)


def from_text(written: str, zone: str = "", basis: str = "unknown") -> Moment:
    """Read ``2024-03-04T21:15:30.123+01:00``, with ``UTC`` or ``Z``, or without an offset."""
    found = _ISO.fullmatch(written.strip())
    if found is None:
        return UNKNOWN
    try:
        wall = datetime.fromisoformat(found[1])
    except ValueError:
        return UNKNOWN
    fraction = (found[2] or "").ljust(6, "0")[:6]
    wall += timedelta(microseconds=int(fraction))
    precision = "ms" if int(fraction) else "s"
    return _placed(wall, found[3] or "", zone, basis, precision)


def at_wall(wall: datetime, zone: str, basis: str, precision: str) -> Moment:
    """Place a wall clock in the zone that the person named; without one it has no UTC."""
    if not zone:
        return Moment(micros(wall), precision=precision)
    utc, mark = wall_to_utc(wall, zone)
    told = "" if mark is ClockMark.PLAIN else str(mark)
    return Moment(micros(wall), zone, basis, micros(utc), precision, told)


def _placed(wall: datetime, offset: str, zone: str, basis: str, precision: str) -> Moment:
    if not _believable(wall):
        return UNKNOWN
    if not offset:
        return at_wall(wall, zone, basis, precision)
    if offset in {"Z", "UTC"}:
        return _in_utc(micros(wall), zone, precision)
    if not offset.strip("+-0:"):
        return Moment(micros(wall), "UTC", "in_file", micros(wall), precision)
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 14 or minutes > 59:  # noqa: PLR2004 - no place on earth is further from UTC
        return UNKNOWN
    away = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    name = f"{offset[:3]}:{offset[-2:]}"
    return Moment(micros(wall), name, "in_file", micros(wall - away), precision)


def _believable(wall: datetime) -> bool:
    return 0 < micros(wall) < END_OF_2100 * MILLI


def milliseconds_of(moment: Moment) -> int | None:
    """Count the milliseconds from 1970 to a moment in UTC."""
    return None if moment.utc is None else moment.utc // MILLI


def iso(count: int) -> str:
    """Write milliseconds from 1970 as ISO 8601 in UTC; empty beyond 2100."""
    if not 0 < count < END_OF_2100:
        return ""
    return from_micros(count * MILLI).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


def snowflake(number: int | None, *, x: bool = False) -> int | None:
    """Give the milliseconds from 1970 at which an id of Discord or X was given out.

    The 41 highest bits of such an id count milliseconds, Discord's from 2015-01-01 and X's from
    2010-11-04T01:42:54.657Z.
    """
    if number is None or not _LEAST_SNOWFLAKE <= number < 1 << 63:
        return None
    return (number >> _SNOWFLAKE_BITS) + (_X if x else _DISCORD)

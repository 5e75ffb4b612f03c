# SPDX-License-Identifier: Apache-2.0
"""Times as they were written, and what may be concluded from them.

Rules enforced here:

* a wall time never loses how it was written: it stays naive, and its zone stands beside it
  with the reason for that zone (`ZoneBasis`);
* UTC is stated only when a zone is known; in the hour that a clock shows twice (a *fold*)
  the first pass is used and the event is marked, in an hour that never existed (a *gap*)
  the offset before the change is used and the event is marked;
* all arithmetic is in whole microseconds, so that every machine gets the same answer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
MICROSECOND = timedelta(microseconds=1)


class Precision(StrEnum):
    """How fine the source stated the time."""

    MILLISECOND = "ms"
    SECOND = "s"
    MINUTE = "min"
    DAY = "day"
    NONE = "none"


class ZoneBasis(StrEnum):
    """Why an event has the zone it has."""

    IN_FILE = "in_file"
    """The source itself states an offset (an e-mail's ``Date``)."""
    EPOCH = "epoch"
    """The source counts from 1970 in UTC (an SMS backup)."""
    STATED = "stated"
    """The person said so for this item, by an answer or by ``--zone``."""
    CASE = "case"
    """The person said so once for the whole case."""
    UNKNOWN = "unknown"
    """Nobody has said: there is no UTC for such an event."""


class ClockMark(StrEnum):
    """What is special about a wall time in its zone."""

    PLAIN = ""
    FOLD = "fold"
    GAP = "gap"


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """Give the zone of that name: an IANA name, ``UTC`` or ``+HH:MM``.

    Raises:
        ValueError: no such zone.
    """
    if name[:1] in "+-" and len(name) == len("+HH:MM") and name[3] == ":":
        sign = -1 if name[0] == "-" else 1
        return timezone(sign * timedelta(hours=int(name[1:3]), minutes=int(name[4:6])))
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as problem:
        message = f"unknown time zone: {name!r}"
        raise ValueError(message) from problem


def wall_to_utc(wall: datetime, zone_name: str) -> tuple[datetime, ClockMark]:
    """Turn a naive wall time into UTC, with a mark when that zone's clock was ambiguous."""
    there = zone(zone_name)
    first = wall.replace(tzinfo=there, fold=0)
    second = wall.replace(tzinfo=there, fold=1)
    utc = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return utc, ClockMark.PLAIN
    back = utc.astimezone(there).replace(tzinfo=None)
    return utc, ClockMark.FOLD if back == wall else ClockMark.GAP


def utc_to_wall(utc: datetime, zone_name: str) -> datetime:
    """Give the naive wall time that a clock in that zone showed."""
    return utc.astimezone(zone(zone_name)).replace(tzinfo=None)


def micros(moment: datetime) -> int:
    """Count the microseconds from 1970-01-01 to a moment, naive or aware alike."""
    start = NAIVE_EPOCH if moment.tzinfo is None else EPOCH
    return (moment - start) // MICROSECOND


def from_micros(count: int) -> datetime:
    """Give the naive moment that many microseconds after 1970-01-01."""
    return NAIVE_EPOCH + timedelta(microseconds=count)


def utc_from_micros(count: int) -> datetime:
    """Give the moment in UTC that many microseconds after 1970-01-01T00:00Z."""
    return EPOCH + timedelta(microseconds=count)


def iso_wall(count: int) -> str:
    """Write wall microseconds as ISO 8601 without offset: ``2024-03-04T09:05:00[.mmm]``."""
    return _iso(from_micros(count))


def iso_utc(count: int) -> str:
    """Write UTC microseconds as ISO 8601 with ``Z``."""
    return _iso(from_micros(count)) + "Z"


def _iso(moment: datetime) -> str:
    if moment.microsecond == 0:
        return moment.isoformat(timespec="seconds")
    if moment.microsecond % 1000 == 0:
        return moment.isoformat(timespec="milliseconds")
    return moment.isoformat(timespec="microseconds")

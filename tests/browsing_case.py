# SPDX-License-Identifier: Apache-2.0
"""Events for tests of browsing, written row by row, and the same questions answered by hand."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.model.event import EventBatch
from standfast.model.people import Account, Person, Role
from standfast.model.times import from_micros, micros
from standfast.sources.tables import SCHEMA, batch_of
from standfast.timeline.query import Row, Timeline, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
MONDAY = micros(datetime(2024, 3, 4))  # noqa: DTZ001 - wall clocks are naive
PEOPLE = (
    Person("Alex", "Alex", Role.OTHER, (Account("whatsapp", "a"), Account("sms", "a"))),
    Person("Kim", "Kim", Role.THIRD, (Account("mail", "b"),)),
)
PLAIN = {
    "kind": "message",
    "channel": "whatsapp",
    "sender": "a",
    "direction": "in",
    "precision": "s",
    "wall": MONDAY,
    "wall_other": None,
    "utc": None,
    "text": "hello",
}


def event(**facts: Any) -> dict[str, Any]:
    """Give one event: a WhatsApp message on a Monday at midnight, unless told otherwise."""
    return PLAIN | facts


def opened(*items: Sequence[dict[str, Any]]) -> Timeline:
    """Load items, each a list of events."""
    batches = []
    for number, rows in enumerate(items, 1):
        names = [name for name in SCHEMA.names if any(name in row for row in rows)]
        columns = {name: [row[name] for row in rows] for name in names}
        if rows:
            batches.append((number, 0, batch_of(EventBatch(len(rows), columns))))
    shas = {number: f"{number:012x}" + "0" * 52 for number in range(len(items) + 1)}
    return Timeline(iter(batches), items=shas, people=PEOPLE)


# -- the same questions, one event after the other ------------------------------------------


def readings(row: Row) -> list[datetime]:
    """Give every reading of an event's wall clock."""
    return [from_micros(one) for one in (row.wall, row.wall_other) if one is not None]


def certain(row: Row) -> datetime | None:
    """Give the wall clock of an event if it has but one reading."""
    return from_micros(row.wall) if row.wall is not None and row.wall_other is None else None


def fold(text: str) -> str:
    """Compose a text and take its case away, one character after the other."""
    composed = unicodedata.normalize("NFC", text.replace("\0", "\1"))
    return "".join("i" if one == "\u0130" else one.lower() for one in composed)


def fits(where: Where, row: Row) -> bool:
    """Say whether an event fits, by a rule for each part of the question."""
    tests = [
        not where.channels or row.channel in where.channels,
        not where.people or row.person in where.people,
        not where.kinds or row.kind in where.kinds,
        not where.channel or row.channel == where.channel,
        where.start is None or (row.ts is not None and row.ts >= where.start),
        where.end is None or (row.ts is not None and row.ts < where.end),
        where.dated is None or where.dated == (row.ts is not None),
        not where.attached or row.attachments != "",
        where.events is None or row.event in where.events,
        fold(where.search) in fold(row.text),
        not where.weekdays or any(one.weekday() in where.weekdays for one in readings(row)),
        where.hours is None or _hour_fits(where.hours, row),
        where.wall_start is None or any(micros(m) >= where.wall_start for m in readings(row)),
        where.wall_end is None or any(micros(m) < where.wall_end for m in readings(row)),
        not where.lacks or any(_lacks(what, row) for what in where.lacks),
    ]
    return all(tests)


def _hour_fits(hours: tuple[int, int], row: Row) -> bool:
    first, last = hours
    within = [hour % 24 for hour in range(first, last if first < last else last + 24)]
    fine = row.precision in {"min", "s", "ms"}
    return fine and any(one.hour in within for one in readings(row))


def _lacks(what: str, row: Row) -> bool:
    coarse = row.precision not in {"min", "s", "ms"}
    return {
        "moment": row.ts is None,
        "day": row.wall is None,
        "hour": row.wall is None or coarse,
    }[what]

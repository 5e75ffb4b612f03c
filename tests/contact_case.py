# SPDX-License-Identifier: Apache-2.0
"""Event tables for tests of detectors: fictional contact, written one row at a time."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from standfast.findings import EVENTS
from standfast.model.times import micros

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = micros(datetime(2024, 1, 1))  # noqa: DTZ001 - wall clocks are naive
"""A Monday, midnight."""


def row(number: int, ts: int, **more: Any) -> dict[str, Any]:
    """Give one event: an incoming WhatsApp message of person ``p1`` unless told otherwise."""
    plain = {
        "event": f"0123456789ab-{number}",
        "ts": ts,
        "wall": ts,
        "precision": "s",
        "kind": "message",
        "channel": "whatsapp",
        "detail": "",
        "state": "",
        "conversation": "Robin",
        "account": "+44 7700 900123",
        "person": "p1",
        "role": "other",
        "direction": "in",
        "text": "hello",
    }
    return plain | more


def table(rows: Iterable[dict[str, Any]], *, shuffled: int | None = None) -> pa.Table:
    """Give the table of rows, in the order of ``(ts, event)`` or shuffled with a seed."""
    ordered = sorted(rows, key=lambda one: (one["ts"], one["event"]))
    if shuffled is not None:
        random.Random(shuffled).shuffle(ordered)
    return pa.Table.from_pylist(ordered, schema=EVENTS)


def daily(counts: Iterable[int], *, start: int = START, **more: Any) -> list[dict[str, Any]]:
    """Give so many incoming events a day, ten minutes apart from nine o'clock on."""
    rows: list[dict[str, Any]] = []
    for day, count in enumerate(counts):
        begin = start + day * DAY + 9 * HOUR
        step = min(10 * MINUTE, 14 * HOUR // max(1, count))
        rows += [row(len(rows) + nth, begin + nth * step, **more) for nth in range(count)]
    return rows


def campaign_table(count: int, subjects: int) -> pa.Table:
    """Give a large table column by column: years of contact with many, half of them named."""
    dice = random.Random(count)
    times = sorted(START + dice.randrange(1500 * DAY) for _ in range(count))
    whom = [dice.randrange(subjects) for _ in range(count)]
    calls = [dice.randrange(10) == 0 for _ in range(count)]
    columns = {
        "event": [f"0123456789ab-{n}" for n in range(count)],
        "ts": times,
        "wall": [ts + HOUR for ts in times],
        "kind": ["call" if call else "message" for call in calls],
        "channel": [("whatsapp", "sms")[dice.randrange(10) < 3] for _ in range(count)],
        "detail": ["missed_voice_call" if call and dice.randrange(2) else "" for call in calls],
        "account": [f"person{who}@example.org" for who in whom],
        "person": [f"p{who}" if who % 2 else "" for who in whom],
        "role": ["other" if who % 2 else "" for who in whom],
        "direction": [("in", "out")[dice.randrange(5) == 0] for _ in range(count)],
    }
    same = {"precision": "s", "text": "Where are you? Answer me, I only want to talk. " * 2}
    arrays = [
        pa.array(columns[field.name], field.type)
        if field.name in columns
        else pa.repeat(pa.scalar(same.get(field.name, ""), field.type), count)
        for field in EVENTS
    ]
    return pa.table(arrays, schema=EVENTS)

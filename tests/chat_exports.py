# SPDX-License-Identifier: Apache-2.0
"""Reads chat exports that lie in memory, and flattens what comes out, for several formats."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from held_bytes import Held
from standfast.model.event import Event, EventBatch, Framing, Question, Remark, Unreadable
from standfast.model.times import iso_wall
from standfast.sources import Options, known_formats
from standfast.sources.tables import DEFAULTS, batch_of, batch_of_events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from standfast.model.event import Yield
    from standfast.sources import Neighbour

TIMES = ("wall", "wall_other", "utc")
PACKED = ("native", "attachments", "recipients")
BERLIN = Options(zone="Europe/Berlin")


def yields(
    name: str,
    data: bytes,
    options: Options | None = None,
    neighbours: Mapping[str, Neighbour] | None = None,
    **more: str,
) -> list[Yield]:
    """Give what a format yields for some bytes."""
    source = Held(data, more.get("name", "file"), more.get("path", ""), more.get("container", ""))
    source.neighbours = neighbours or {}
    return list(known_formats()[name].read(source, options or Options()))


def rows_of(found: list[Yield]) -> list[dict[str, Any]]:
    """Give the events as the worker sends them, empty columns left out, JSON unpacked."""
    rows: list[dict[str, Any]] = []
    for one in found:
        if isinstance(one, EventBatch) and one.rows:
            rows += batch_of(one).to_pylist()
        elif isinstance(one, Event):
            rows += batch_of_events([one]).to_pylist()
    return [plain(row) for row in sorted(rows, key=lambda row: row["start"])]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has its empty value, and write times and JSON readably."""
    shown = {name: value for name, value in row.items() if value != DEFAULTS[name]}
    shown |= {name: iso_wall(shown[name]) for name in TIMES if name in shown}
    return shown | {name: json.loads(shown[name]) for name in PACKED if name in shown}


def spans_of(found: list[Yield]) -> list[tuple[int, int]]:
    """Give every stretch of bytes that was accounted for, in the order of the file."""
    spans = [(row["start"], row["end"]) for row in rows_of(found)]
    spans += [(one.start, one.end) for one in found if isinstance(one, Framing)]
    spans += [(o.locator.start, o.locator.end) for o in found if isinstance(o, Unreadable)]
    return sorted(spans)


def is_complete(found: list[Yield], size: int) -> bool:
    """Say whether the stretches lie side by side from the first byte to the last."""
    place = 0
    for start, end in spans_of(found):
        if start != place or end <= start:
            return False
        place = end
    return place == size


def as_json(found: list[Yield]) -> dict[str, Any]:
    """Give a whole reading as a golden file holds it."""
    unread = [one for one in found if isinstance(one, Unreadable)]
    return {
        "events": rows_of(found),
        "unreadable": [
            [o.reason, o.locator.start, o.locator.end, o.locator.pointer] for o in unread
        ],
        "questions": {
            one.id: {"choices": list(one.choices), "examples": list(one.examples)}
            for one in found
            if isinstance(one, Question)
        },
        "remarks": {one.code: one.detail for one in found if isinstance(one, Remark)},
    }


def golden(path: Path, reading: dict[str, Any]) -> dict[str, Any]:
    """Give a fixture's golden reading; under ``dev.py golden`` it is written first."""
    place = path.with_suffix(".json")
    if os.environ.get("STANDFAST_GOLDEN") == "write":
        place.write_text(json.dumps(reading, ensure_ascii=False, indent=1) + "\n", "utf-8")
    told: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return told

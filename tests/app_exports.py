# SPDX-License-Identifier: Apache-2.0
"""Reads apps' exports that lie in memory, for the tests of several formats.

A fixture ``<name>.export`` (or another ending) has its golden reading beside it, ``<name>.json``;
``STANDFAST_GOLDEN=write`` writes the golden readings anew.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from held_bytes import Held
from standfast.model.event import Event, EventBatch, Framing, Question, Remark, Unreadable
from standfast.model.times import iso_wall
from standfast.sources import Head, Options, known_formats, recognise
from standfast.sources.tables import batch_of, batch_of_events

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.sources import Neighbour

FIXTURES = Path(__file__).parent / "fixtures"
TIMES = ("wall", "wall_other", "utc")
INNER = ("attachments", "native", "recipients")
ZONE = "Europe/Berlin"


@dataclass
class Reading:
    """Everything one reading yielded."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    framing: list[tuple[int, int]] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def spans(self) -> list[tuple[int, int]]:
        """Give every stretch that was accounted for, in the order of the file."""
        taken = [(row["start"], row["end"]) for row in self.rows] + self.framing
        taken += [(one.locator.start, one.locator.end) for one in self.unreadable]
        return sorted(taken)


def read(
    name: str,
    data: bytes,
    *,
    file: str = "export",
    container: str = "",
    neighbours: Mapping[str, Neighbour] | None = None,
    **answers: str,
) -> Reading:
    """Read an export; the account must come out to the byte."""
    source = Held(data, file, "", container, neighbours or {})
    reading = Reading()
    for one in known_formats()[name].read(source, Options(**answers)):
        if isinstance(one, EventBatch):
            reading.rows += [_plain(row) for row in batch_of(one).to_pylist()]
        elif isinstance(one, Event):
            reading.rows += [_plain(row) for row in batch_of_events([one]).to_pylist()]
        elif isinstance(one, Framing):
            reading.framing.append((one.start, one.end))
        elif isinstance(one, Unreadable):
            reading.unreadable.append(one)
        elif isinstance(one, Question):
            reading.questions.append(one)
        else:
            reading.remarks.append(one)
    assert all(stream.closed for stream in source.opened)
    place = 0
    for start, end in reading.spans():
        assert start == place
        assert end > start
        place = end
    assert place == len(data)
    return reading


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    told = {key: value for key, value in row.items() if value not in {"", None, -1}}
    told |= {name: iso_wall(told[name]) for name in TIMES if name in told}
    return told | {name: json.loads(told[name]) for name in INNER if name in told}


def fixtures_of(name: str) -> list[Path]:
    return sorted(path for path in (FIXTURES / name).iterdir() if path.suffix != ".json")


def check_golden(name: str, path: Path) -> None:
    """Compare the reading of a fixture with what a person has looked at and kept."""
    found = read(name, path.read_bytes(), file=path.name, zone=ZONE)
    told = {
        "events": found.rows,
        "unreadable": [[u.reason, u.locator.start, u.locator.end] for u in found.unreadable],
        "questions": [
            {"id": q.id, "choices": list(q.choices), "examples": list(q.examples)}
            for q in found.questions
        ],
        "remarks": {remark.code: remark.detail for remark in found.remarks},
    }
    golden = path.with_suffix(".json")
    if os.environ.get("STANDFAST_GOLDEN") == "write":
        golden.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert told == json.loads(golden.read_text(encoding="utf-8"))


def check_values(path: Path, found: Reading) -> None:
    """Check that the bytes of each event are one JSON value, whatever stands around it."""
    data = path.read_bytes()
    for row in found.rows:
        json.loads(data[row["start"] : row["end"]].decode("utf-8", "replace"), strict=False)


def claimed(name: str, data: bytes, file: str = "anything") -> int:
    """Say how sure a format is of a file when all are asked; 0 when another one claims it."""
    found = recognise(Head(file, data[:65536], len(data)))
    return found.confidence if found and found.format == name else 0


def damaged(data: bytes, seed: int, count: int) -> Iterator[bytes]:
    """Give a file cut, flipped, and with stretches of itself put in elsewhere."""
    chance = random.Random(seed)
    for _number in range(count):
        cut = data[: chance.randrange(len(data) + 1)]
        flipped = bytearray(data)
        for _time in range(chance.choice((1, 1, 2, 8))):
            flipped[chance.randrange(len(data))] = chance.randrange(256)
        at, begin = chance.randrange(len(data)), chance.randrange(len(data))
        inserted = data[:at] + data[begin : begin + chance.randrange(200)] + data[at:]
        yield from (cut, bytes(flipped), inserted)

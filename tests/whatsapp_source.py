# SPDX-License-Identifier: Apache-2.0
"""What the tests of the WhatsApp format share: an original in memory, and its events as rows."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from standfast.model.event import EventBatch, Framing, Question, Remark, Unreadable
from standfast.sources import Head, Neighbour, Options, Recognition
from standfast.sources.formats.whatsapp import FORMAT
from standfast.sources.tables import batch_of


@dataclass
class Held:
    """An original held in memory."""

    data: bytes
    name: str = "_chat.txt"
    path: str = ""
    container: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def progress(self, done: int) -> None:
        assert 0 <= done <= len(self.data) * 4


@dataclass
class Reading:
    """Everything one reading yielded, sorted by sort."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    framing: list[Framing] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    questions: dict[str, Question] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def spans(self) -> list[tuple[int, int]]:
        """Give every span that was accounted for, in the order of the file."""
        spans = [(row["start"], row["end"]) for row in self.rows]
        spans += [(each.start, each.end) for each in self.framing]
        spans += [(each.locator.start, each.locator.end) for each in self.unreadable]
        return sorted(spans)


def held(original: Held | bytes | str) -> Held:
    if isinstance(original, Held):
        return original
    return Held(original.encode() if isinstance(original, str) else original)


def read(original: Held | bytes | str, **answers: str) -> Reading:
    reading = Reading()
    for each in FORMAT.read(held(original), Options(**answers)):
        if isinstance(each, EventBatch):
            reading.rows += batch_of(each).to_pylist()
        elif isinstance(each, Framing):
            reading.framing.append(each)
        elif isinstance(each, Unreadable):
            reading.unreadable.append(each)
        elif isinstance(each, Question):
            assert each.id not in reading.questions
            reading.questions[each.id] = each
        elif isinstance(each, Remark):
            reading.remarks.append(each)
    return reading


def accounted(original: Held | bytes | str, reading: Reading) -> bool:
    """Tell whether the spans lie side by side from the first byte to the last."""
    place = 0
    for start, end in reading.spans():
        if start != place or end <= start:
            return False
        place = end
    return place == held(original).size


def recognised(data: bytes | str, name: str = "notes.txt") -> Recognition | None:
    raw = data.encode() if isinstance(data, str) else data
    return FORMAT.recognise(Head(name, raw[:65536], len(raw)))


def plain_rows(reading: Reading) -> Iterator[dict[str, Any]]:
    """Give rows without what is empty or the same everywhere."""
    for row in reading.rows:
        yield {
            name: value
            for name, value in row.items()
            if value not in {"", None, -1} and name not in {"channel", "zone_basis", "zone"}
        }

# SPDX-License-Identifier: Apache-2.0
"""Mails and mailboxes in memory, and what the formats read from them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from standfast.model.event import EventBatch, Framing, Unreadable
from standfast.sources import Neighbour, Options
from standfast.sources.formats import mail, mbox

if TYPE_CHECKING:
    from collections.abc import Mapping

FIXTURES = Path(__file__).parent / "fixtures"
MAILS = sorted((FIXTURES / "mail").glob("*.eml"))
MAILBOXES = sorted((FIXTURES / "mbox").glob("*.mbox"))
FORMATS = {"mail": mail.FORMAT, "mbox": mbox.FORMAT}


@dataclass
class Memory:
    """A source that lies in memory."""

    data: bytes
    name: str = "a.eml"
    path: str = ""
    container: str = ""
    size: int = 0
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.size = len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def progress(self, done: int) -> None:
        pass


@dataclass
class Found:
    """Everything a format yielded."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    others: list[Any] = field(default_factory=list)

    def codes(self) -> list[str]:
        return [getattr(one, "code", "") or getattr(one, "reason", "") for one in self.others]

    def spans(self) -> list[tuple[int, int]]:
        spans = [(row["start"], row["end"]) for row in self.rows]
        for one in self.others:
            if isinstance(one, Framing):
                spans.append((one.start, one.end))
            if isinstance(one, Unreadable):
                spans.append((one.locator.start, one.locator.end))
        return sorted(spans)


def read(data: bytes, which: str = "mail") -> Found:
    """Read bytes by one of the two formats."""
    found = Found()
    for one in FORMATS[which].read(Memory(data), Options()):
        if isinstance(one, EventBatch):
            for number in range(one.rows):
                row = {
                    name: value[number] if isinstance(value, list) else value
                    for name, value in one.columns.items()
                }
                found.rows.append(row)
        else:
            found.others.append(one)
    return found


def only(data: bytes) -> dict[str, Any]:
    """Read one mail and give its event."""
    (row,) = read(data).rows
    return row


def complete(found: Found, size: int) -> bool:
    """Say whether the spans stand side by side from the first byte to the last."""
    position = 0
    for start, end in found.spans():
        if start != position or end <= start:
            return False
        position = end
    return position == size

# SPDX-License-Identifier: Apache-2.0
"""Reads phone backups that lie in memory, for the tests of several topics."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.model.event import EventBatch, Framing, Remark, Unreadable
from standfast.sources import Neighbour, Options
from standfast.sources.formats.sms_backup import FORMAT
from standfast.sources.phone_rows import COLUMNS
from standfast.sources.tables import batch_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

FIXTURES = Path(__file__).parent / "fixtures" / "sms_backup"


@dataclass
class Memory:
    """A source that lies in memory."""

    data: bytes
    name: str = "sms.xml"
    path: str = ""
    container: str = ""
    size: int = 0
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def progress(self, done: int) -> None:
        assert done <= len(self.data)


def read(data: bytes, options: Options | None = None) -> list[dict[str, Any]]:
    """Read and flatten: one object an event, unreadable stretch or remark, in file order."""
    rows: list[dict[str, Any]] = []
    for found in FORMAT.read(Memory(data), options or Options()):
        if isinstance(found, EventBatch):
            batch_of(found)
            columns = {name: found.columns[name] for name in COLUMNS}
            rows += [
                {n: v[i] for n, v in columns.items() if v[i] not in {"", None}}
                for i in range(found.rows)
            ]
        elif isinstance(found, Unreadable):
            span = [found.locator.start, found.locator.end]
            rows.append({"unreadable": found.reason, "span": span})
        elif isinstance(found, Remark):
            rows.append({"remark": found.code, "detail": found.detail})
        else:
            assert isinstance(found, Framing)
    return sorted(rows, key=place)


def place(row: dict[str, Any]) -> int:
    return row["start"] if "start" in row else row.get("span", [sys.maxsize])[0]


def one(element: str, options: Options | None = None) -> dict[str, Any]:
    return read(f"<smses>{element}</smses>".encode(), options)[0]


def sms(**values: str) -> dict[str, Any]:
    given = {"address": "+447700900123", "date": "1709593625123", "type": "1", **values}
    return one("<sms " + " ".join(f'{n}="{v}"' for n, v in given.items()) + " />")


def native(row: dict[str, Any]) -> dict[str, str]:
    return json.loads(row["native"])

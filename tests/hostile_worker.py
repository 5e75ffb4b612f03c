# SPDX-License-Identifier: Apache-2.0
"""A worker that says what it is told to say, for tests of whether the parent believes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from standfast.errors import InputUnreadable
from standfast.model.event import EventBatch
from standfast.sources.limits import Limits
from standfast.sources.pipe import FRAME
from standfast.sources.reading import Order, Reader, Reading, ReadingStopped
from standfast.sources.tables import batch_of

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 1000
QUICK = Limits(silence=1)
EMPTY = {
    "events": 0, "framing": 0, "bytes": SIZE, "accounted": SIZE, "unreadable": 0, "unread": [],
    "rows": 0,
}  # fmt: skip
PART = {"format": "whatsapp", "path": "", "version": 1}
PLACE = {"path": "", "start": 0, "end": 5, "row": -1, "pointer": ""}


def frame(kind: bytes, value: object) -> bytes:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return FRAME.pack(kind, len(data)) + data


def columns(**changes: Any) -> bytes:
    """Write two events as a worker does, with some columns changed."""
    rows: dict[str, Any] = {
        "channel": "sms",
        "text": ["one", "two"],
        "start": [0, 5],
        "end": [5, 9],
        "sender": ["a", "b"],
    }
    return packed(batch_of(EventBatch(2, rows | changes)))


def packed(batch: pa.RecordBatch, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def worker(tmp_path: Path, said: bytes, after: str = "") -> Reader:
    """Start a worker that reads one request and says something fixed."""
    (tmp_path / "said").write_bytes(said)
    script = tmp_path / "worker.py"
    script.write_text(
        "import sys, os, time, struct\n"
        "head = sys.stdin.buffer.read(4)\n"
        "sys.stdin.buffer.read(struct.unpack('>I', head)[0])\n"
        f"sys.stdout.buffer.write(open({str(tmp_path / 'said')!r}, 'rb').read())\n"
        f"sys.stdout.buffer.flush()\n{after}\n",
        encoding="utf-8",
    )
    return Reader(QUICK, ("-I", str(script)))


def told_by(tmp_path: Path, said: bytes, after: str = "") -> tuple[Reading, int]:
    with worker(tmp_path, said, after) as reader:
        reading = reader.read(Order("a.txt", SIZE, "a.txt"))
        return reading, sum(len(batch) for batch in reading.batches)


def refused(tmp_path: Path, said: bytes, after: str = "") -> str:
    with pytest.raises(ReadingStopped) as stopped:
        told_by(tmp_path, said, after)
    assert isinstance(stopped.value, InputUnreadable)
    return stopped.value.reason

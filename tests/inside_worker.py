# SPDX-License-Identifier: Apache-2.0
"""The worker within this very process, with formats that misbehave as a test wants."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from hostile_case import GOOD, GOOD_NAME
from standfast.model.event import (
    Accounting,
    Event,
    Kind,
    Locator,
)
from standfast.sources import About, Head, Options, Recognition, worker
from standfast.sources.limits import Limits
from standfast.sources.pipe import FRAME
from standfast.sources.told import batch_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from standfast.model.event import Yield
    from standfast.sources import Source

Frames = list[tuple[bytes, Any]]


@dataclass
class Misbehaving:
    """A format that does what a test wants."""

    what: Callable[[Source], Iterable[Yield]]
    about = About("whatsapp", 1, "Misbehaving", "whatsapp", Accounting.BYTES, "None.")

    def recognise(self, head: Head) -> Recognition | None:
        return Recognition(99, "") if head.data else None

    def read(self, source: Source, _options: Options) -> Iterator[Yield]:
        yield from self.what(source)


def served(file: Path, *, bounds: Limits | None = None, **changes: Any) -> Frames:
    """Have a file read in this process, and give the frames."""
    request = {
        "name": file.name, "size": file.stat().st_size, "path": str(file), "key": "",
        "file_id": "", "options": {}, "container": "", "neighbours": {}, "format": "",
        "view": False, **changes,
    }  # fmt: skip
    data = json.dumps(request).encode()
    asked = io.BytesIO(struct.pack(">I", len(data)) + data)
    out = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "allow_cpu", lambda _seconds: None)  # not on this very process
        worker.serve(out, asked, bounds or Limits())
    return list(frames(out.getvalue(), file.stat().st_size))


def frames(data: bytes, size: int) -> Iterator[tuple[bytes, Any]]:
    at = 0
    while at < len(data):
        kind, length = FRAME.unpack_from(data, at)
        payload = data[at + FRAME.size : at + FRAME.size + length]
        at += FRAME.size + length
        if kind == b"b":
            yield kind, batch_from(payload, size)[0].to_pylist()
        else:
            yield kind, payload if kind in {b"v", b"x"} else json.loads(payload)


def behaving(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: Callable[[Source], Iterable[Yield]]
) -> Frames:
    """Read the good chat through a format that misbehaves."""
    format_ = Misbehaving(what)
    monkeypatch.setattr(worker, "known_formats", lambda: {"whatsapp": format_})
    path = tmp_path / GOOD_NAME
    path.write_bytes(GOOD)
    return served(path, format="whatsapp")


def of(kind: bytes, told: Frames) -> list[Any]:
    return [value for name, value in told if name == kind]


def event(text: str = "", start: int = 0, end: int = 1, **more: Any) -> Event:
    place = Locator(start=start, end=end)
    return Event(kind=Kind.MESSAGE, channel="whatsapp", locator=place, text=text, **more)

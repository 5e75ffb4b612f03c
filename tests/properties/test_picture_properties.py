# SPDX-License-Identifier: Apache-2.0
"""Pictures: whatever the bytes and the name, there is one event and never an error."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.model.event import Event
from standfast.sources import Head, Neighbour, Options
from standfast.sources.formats.picture import FORMAT
from standfast.sources.picture_names import time_in_name
from standfast.sources.tables import batch_of_events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

FIXTURES = Path(__file__).parents[1] / "fixtures" / "picture"
FILES = {path.name: path.read_bytes() for path in FIXTURES.iterdir() if path.suffix != ".json"}
FULL = sorted(name for name, data in FILES.items() if len(data) > 100)
STARTS = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"II*\0", b"MM\0*"]


@dataclass
class Memory:
    """A source that lies in memory."""

    data: bytes
    name: str = "picture.jpg"
    path: str = ""
    container: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def progress(self, done: int) -> None:
        pass


def read(data: bytes, name: str) -> list[Any]:
    FORMAT.recognise(Head(name, data[:65536], len(data)))
    found = list(FORMAT.read(Memory(data, name), Options(zone="Asia/Kathmandu")))
    event = found[0]
    assert isinstance(event, Event)
    assert not [item for item in found[1:] if isinstance(item, Event)]
    assert (event.locator.start, event.locator.end) == (0, len(data))
    batch_of_events([event])
    for value in event.native.values():
        assert value.isprintable()
        assert len(value) <= 256 * 6
    return found


@given(st.sampled_from(FULL), st.data())
@settings(max_examples=300, deadline=None)
def test_changed_bytes_leave_one_event(name: str, data: st.DataObject) -> None:
    changed = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    assert read(bytes(changed), name) == read(bytes(changed), name)


@pytest.mark.parametrize("name", FULL)
def test_a_picture_cut_anywhere_leaves_one_event(name: str) -> None:
    for cut in range(0, len(FILES[name]), 3):
        read(FILES[name][:cut], name)


@given(st.sampled_from(STARTS), st.binary(max_size=300), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_bytes_and_any_name_leave_one_event(start: bytes, data: bytes, name: str) -> None:
    assert read(start + data, name) == read(start + data, name)


@given(st.datetimes(), st.sampled_from("-_ "), st.sampled_from(["", "IMG_", "Foto "]))
def test_a_time_written_into_a_name_is_read_back(moment: Any, gap: str, prefix: str) -> None:
    moment = moment.replace(microsecond=0, year=1900 + moment.year % 200)
    found = time_in_name(f"{prefix}{moment:%Y%m%d}{gap}{moment:%H%M%S}.jpg")
    assert found is not None
    assert found.wall == moment


@given(st.text(alphabet="0123456789-_. @:atumPMàXL", max_size=300))
@settings(max_examples=300, deadline=200)
def test_no_name_takes_long_or_fails(name: str) -> None:
    time_in_name(name)

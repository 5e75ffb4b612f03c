# SPDX-License-Identifier: Apache-2.0
"""A worker that was taken over by what it read: whatever it says costs that one item alone."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_worker import (
    EMPTY,
    PART,
    PLACE,
    SIZE,
    columns,
    frame,
    packed,
    refused,
    told_by,
)
from standfast.model.event import Event, EventBatch, Kind, Locator
from standfast.sources import told
from standfast.sources.pipe import FRAME
from standfast.sources.tables import SCHEMA, batch_of, batch_of_events

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_honest_account_is_taken(tmp_path: Path) -> None:
    account = frame(b"d", EMPTY | {"events": 2})
    said = frame(b"f", PART) + frame(b"p", 7) + frame(b"b", columns()) + account
    reading, events = told_by(tmp_path, said)
    assert events == 2
    assert (reading.main_format, reading.parts, reading.coverage.events) == ("whatsapp", 1, 2)


GARBAGE = {
    "no json": frame(b"d", b"{"),
    "deep json": frame(b"d", b"[" * 100_000),
    "no object": frame(b"d", [1]),
    "a missing number": frame(b"d", {n: v for n, v in EMPTY.items() if n != "framing"}),
    "a number too many": frame(b"d", EMPTY | {"more": 1}),
    "negative": frame(b"d", EMPTY | {"framing": -1}),
    "true for a number": frame(b"d", EMPTY | {"framing": True}),
    "a fraction": frame(b"d", EMPTY | {"bytes": 1.5}),
    "beyond all counting": frame(b"d", EMPTY | {"bytes": 1 << 70}),
    "events that were not sent": frame(b"d", EMPTY | {"events": 1}),
    "unread that are no names": frame(b"d", EMPTY | {"unread": [1]}),
    "unread that is no list": frame(b"d", EMPTY | {"unread": "abc"}),
    "half a character": frame(b"d", EMPTY | {"unread": ["\ud800"]}),
    "an endless name": frame(b"d", EMPTY | {"unread": ["a" * 5000]}),
    "progress that is none": frame(b"p", "far"),
    "backward progress": frame(b"p", -1),
    "an unknown frame": frame(b"x", {}),
    "an unknown format": frame(b"f", PART | {"format": "nonsense"}),
    "a format that is no name": frame(b"f", PART | {"format": ["whatsapp"]}),
    "another version": frame(b"f", PART | {"version": 99}),
    "a version that is none": frame(b"f", PART | {"version": True}),
    "a part without a path": frame(b"f", {"format": "zip", "version": 1}),
    "a question nobody asks": frame(
        b"q", {"id": "password", "choices": [], "examples": [], "why": "", "path": ""}
    ),
    "choices without end": frame(
        b"q", {"id": "me", "choices": ["a"] * 300, "examples": [], "why": "", "path": ""}
    ),
    "a choice that is none": frame(
        b"q", {"id": "me", "choices": [{}], "examples": [], "why": "", "path": ""}
    ),
    "an id that is none": frame(
        b"q", {"id": {}, "choices": [], "examples": [], "why": "", "path": ""}
    ),
    "a remark without words": frame(b"r", {"code": "x"}),
    "a code that is a sentence": frame(b"r", {"code": "X y", "detail": "", "path": ""}),
    "a stretch outside": frame(
        b"u", {"reason": "x", "detail": "", "locator": PLACE | {"end": SIZE + 1}}
    ),
    "a stretch backwards": frame(
        b"u", {"reason": "x", "detail": "", "locator": PLACE | {"start": 6}}
    ),
    "a stretch of words": frame(
        b"u", {"reason": "x", "detail": "", "locator": PLACE | {"start": "6"}}
    ),
    "an error that is none": frame(b"e", {"reason": 1, "detail": ""}),
    "a view that nobody wanted": frame(b"v", b"\x89PNG"),
    "a length of gigabytes": FRAME.pack(b"b", 0xFFFFFFFF),
    "a length beyond what the file may yield": FRAME.pack(b"b", 200 << 20),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_cannot_be_right_ends_the_reading(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, GARBAGE[name], "time.sleep(60)") == "malformed"


def swapped(column: str, array: pa.Array) -> bytes:
    """Write a batch one of whose columns is another array of the same type."""
    batch = pa.ipc.open_stream(columns()).read_next_batch()
    arrays = [array if name == column else batch.column(name) for name in SCHEMA.names]
    return packed(pa.RecordBatch.from_arrays(arrays, schema=SCHEMA))


def words(indices: list[int | None], texts: list[str | None]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, pa.int32()), pa.array(texts, pa.string()), safe=False
    )


def invalid_utf8() -> pa.Array:
    offsets = pa.py_buffer(struct.pack("<3i", 0, 2, 4))
    return pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"\xff\xfe\xff\xfe")])


def lying_offsets() -> pa.Array:
    offsets = pa.py_buffer(struct.pack("<3i", 0, 1 << 30, 4))
    return pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"abcd")])


def _schema_alone() -> bytes:
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, SCHEMA).close()
    return bytes(sink.getvalue())


def _reordered() -> bytes:
    batch = pa.ipc.open_stream(columns()).read_next_batch()
    names = sorted(SCHEMA.names)
    return packed(batch.select(names))


def _with_metadata() -> bytes:
    batch = pa.ipc.open_stream(columns()).read_next_batch()
    return packed(batch.replace_schema_metadata({"pandas": "{}"}))


BATCHES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "garbage": lambda: b"\xff" * 400,
    "garbage behind a good length": lambda: struct.pack("<Ii", 0xFFFFFFFF, 64) + b"\x07" * 400,
    "a stream without a batch": _schema_alone,
    "another schema": lambda: packed(pa.record_batch({"a": [1]})),
    "columns in another order": _reordered,
    "a schema with a remark": _with_metadata,
    "no events at all": lambda: packed(batch_of(EventBatch(0, {}))),
    "packed columns": lambda: packed(
        pa.ipc.open_stream(columns(text=["a" * 90_000, ""])).read_next_batch(), "zstd"
    ),
    "packed columns, another way": lambda: packed(
        pa.ipc.open_stream(columns(text=["a" * 90_000, ""])).read_next_batch(), "lz4"
    ),
    "a word beyond the dictionary": lambda: swapped("sender", words([0, 7], ["a"])),
    "a word before the dictionary": lambda: swapped("sender", words([0, -1], ["a"])),
    "a missing word": lambda: swapped("sender", words([0, None], ["a"])),
    "a missing entry of the dictionary": lambda: swapped("sender", words([0, 1], ["a", None])),
    "a missing text": lambda: swapped("text", pa.array(["a", None], pa.string())),
    "bytes that are no text": lambda: swapped("text", invalid_utf8()),
    "texts that lead outside": lambda: swapped("text", lying_offsets()),
    "a span outside the file": lambda: columns(end=[5, SIZE + 1]),
    "a span backwards": lambda: columns(start=[0, 9], end=[5, 5]),
    "half a span": lambda: columns(start=[0, -1]),
    "a negative span": lambda: columns(start=[-9, 0]),
    "a negative row": lambda: columns(row=[-2, 0]),
    "a year that is none": lambda: columns(wall=[1 << 62, 0]),
    "a utc year that is none": lambda: columns(utc=[-(1 << 62), 0]),
    "a kind that is none": lambda: columns(kind="murder"),
    "a direction that is none": lambda: columns(direction="up"),
    "a precision that is none": lambda: columns(precision="eon"),
    "a basis that is none": lambda: columns(zone_basis="rumour"),
    "a channel that moves the cursor": lambda: columns(channel="\x1b[31m"),
    "a state that is a text": lambda: columns(state="Not A Code"),
    "a zone that is none": lambda: columns(zone="Nowhere/Land"),
    "a zone that leads to a file": lambda: columns(zone="../../etc/passwd"),
    "an endless path": lambda: columns(path="a" * 5000),
    "recipients that are no list": lambda: columns(recipients='{"a":1}'),
    "recipients that are numbers": lambda: columns(recipients="[1]"),
    "no recipients in a list": lambda: columns(recipients="[]"),
    "attachments that are no json": lambda: columns(attachments=["[", ""]),
    "attachments that are an object": lambda: columns(attachments=["{}", ""]),
    "attachments that are texts": lambda: columns(attachments=['["a"]', ""]),
    "an attachment with a strange part": lambda: columns(attachments=['[{"x":"y"}]', ""]),
    "an attachment of a wrong size": lambda: columns(attachments=['[{"size":"9"}]', ""]),
    "an attachment of a true size": lambda: columns(attachments=['[{"size":true}]', ""]),
    "json with a line break": lambda: columns(native=['{"a":\n"b"}', ""]),
    "json that breaks out": lambda: columns(native=['{"a":"b"},"text":"forged","x":{}', ""]),
    "json with spaces": lambda: columns(native=['{"a": "b"}', ""]),
    "json with a name twice": lambda: columns(native=['{"a":"b","a":"c"}', ""]),
    "native that is a list": lambda: columns(native=['["a"]', ""]),
    "native of numbers": lambda: columns(native=['{"a":1}', ""]),
    "native that is nothing": lambda: columns(native=["{}", ""]),
    "two objects for one and half for two": lambda: columns(
        native=['{"a":"b"},{"c":"d"}', '{"e":"f"']
    ),
    "deep json": lambda: columns(attachments=["[" * 50_000, ""]),
}


@pytest.mark.parametrize("name", BATCHES)
def test_columns_that_cannot_be_right_are_malformed(name: str) -> None:
    with pytest.raises(told.Malformed):
        told.batch_from(BATCHES[name](), SIZE)


def test_good_columns_are_taken_and_weighed_as_they_will_be_written() -> None:
    batch, weight = told.batch_from(columns(sender="a" * 100), SIZE)
    assert len(batch) == 2
    assert weight > 200
    inside, _weight = told.batch_from(columns(path="a.zip!/b.txt", end=[5, 1 << 40]), SIZE)
    assert inside.column("end").to_pylist() == [5, 1 << 40]


def test_malformed_columns_stop_a_reading(tmp_path: Path) -> None:
    assert refused(tmp_path, frame(b"b", b"\xff" * 99), "time.sleep(60)") == "malformed"


def test_short_columns_that_would_be_written_out_endlessly_are_too_much(tmp_path: Path) -> None:
    rows = 200_000
    batch = batch_of(EventBatch(rows, {"channel": "sms", "sender": "a" * 1000}))
    assert refused(tmp_path, frame(b"b", packed(batch)), "time.sleep(60)") == "too_much"


GOOD_BATCH = columns(native=['{"a":"b"}', '{"c":"d"}'], wall=[1, 2], recipients='["x"]')


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD_BATCH) - 1), st.integers(0, 255)), min_size=1,
                max_size=4))  # fmt: skip
def test_altered_columns_are_right_or_malformed_and_never_anything_else(
    edits: list[tuple[int, int]],
) -> None:
    data = bytearray(GOOD_BATCH)
    for at, value in edits:
        data[at] = value
    try:
        batch, _weight = told.batch_from(bytes(data), SIZE)
    except told.Malformed:
        return
    from standfast.sources.lines import lines_of  # noqa: PLC0415 - what is taken can be written

    assert all(json.loads(line) for line in lines_of(batch, "0" * 64))


@settings(max_examples=300, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["id", "choices", "examples", "why", "path",
                                                       "code", "detail", "reason", "locator",
                                                       "format", "version", "events"]), inner,
                                      max_size=6), max_leaves=12))  # fmt: skip
def test_any_json_is_right_or_malformed(value: Any) -> None:
    for check in (
        told.part_from,
        told.question_from,
        told.remark_from,
        told.failure_from,
        told.progress_from,
        lambda one: told.unreadable_from(one, SIZE),
        lambda one: told.account_from(one, 0),
    ):
        try:
            check(value)
        except told.Malformed:
            continue


def test_single_events_pass_the_checks() -> None:
    event = Event(kind=Kind.MESSAGE, channel="sms", locator=Locator(start=0, end=SIZE))
    batch, _weight = told.batch_from(packed(batch_of_events([event])), SIZE)
    assert len(batch) == 1

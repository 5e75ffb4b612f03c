# SPDX-License-Identifier: Apache-2.0
"""What a worker tells, checked: it may have been taken over by the file it reads.

Rules enforced here:

* nothing a worker sends is believed: each value has its type, its bounds and its set of words, or
  the whole reading is `Malformed`;
* columns have exactly the one schema, are not packed, hold no null where none may be, lead nowhere
  outside themselves, and their JSON is written the one way `standfast.sources.tables.compact` does;
* the span of an event lies in the original;
* the sizes of batches are bounded in the form they take later: with every repeated text written
  out.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from standfast.model.event import Direction, Kind, Locator, Question, Remark, Unreadable
from standfast.model.times import Precision, ZoneBasis
from standfast.model.times import zone as known_zone
from standfast.sources import known_formats
from standfast.sources.tables import SCHEMA, compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_ROWS = 1 << 18
"""Rows of one batch: few enough that codes of joined columns stay below 2**63."""
LONGEST_CODE = 64
LONGEST_PATH = 4096
LONGEST_SENTENCE = 2000
LONGEST_CHOICE = 1000
MOST_CHOICES = 200
MOST_UNREAD = 100_000
EARLIEST, LATEST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999, in microseconds from 1970."""
HIGHEST = (1 << 62) - 1

WORDS: Mapping[str, frozenset[str]] = {
    "kind": frozenset(map(str, Kind)),
    "direction": frozenset(map(str, Direction)),
    "precision": frozenset(map(str, Precision)),
    "zone_basis": frozenset(map(str, ZoneBasis)),
}
CODES = ("channel", "state", "detail")
QUESTIONS = frozenset({"date_order", "zone", "me", "encoding"})
CODE = re.compile(r"[a-z0-9_]{0,64}")
NULLABLE = frozenset({"wall", "wall_other", "utc"})
ATTACHMENT = {"name": str, "state": str, "media_type": str, "path": str, "sha256": str, "size": int}
PNG = b"\x89PNG\r\n\x1a\n"
CHUNK = struct.Struct(">I4s")


class Malformed(ValueError):
    """A worker said something that no worker says."""


def _must(condition: object) -> None:
    if not condition:
        raise Malformed


# -- columns ---------------------------------------------------------------------------------


def batch_from(payload: bytes, size: int) -> tuple[pa.RecordBatch, int]:
    """Read one batch of events, and count the bytes its texts take when written out.

    ``size`` is that of the original.

    Raises:
        Malformed: it is not a batch of events of that original.
    """
    try:
        return _batch(payload, size)
    except (pa.ArrowException, ValueError, TypeError, OSError, StopIteration, struct.error) as bad:
        raise Malformed from bad
    except (OverflowError, KeyError, IndexError, RecursionError, MemoryError) as bad:
        raise Malformed from bad


def _batch(payload: bytes, size: int) -> tuple[pa.RecordBatch, int]:
    for message in pa.ipc.MessageReader.open_stream(payload):
        _must(not _packed(message))
    reader = pa.ipc.open_stream(payload)
    _must(reader.schema.equals(SCHEMA, check_metadata=True))
    batch = reader.read_next_batch()
    batch.validate(full=True)
    _must(0 < len(batch) <= MOST_ROWS)
    _columns(batch)
    _numbers(batch, size)
    _json(batch)
    return batch, _written_out(batch)


def _packed(message: pa.ipc.Message) -> bool:
    """Say whether a message's body is compressed, from its header alone (Arrow, Message.fbs)."""
    data = message.metadata.to_pybytes()
    root = _table(data, 0)
    header = _field(data, root, 2)
    kind = _field(data, root, 1)
    if not header or not kind or data[kind] not in {2, 3}:  # dictionary batch, record batch
        return False
    table = _table(data, header)
    if data[kind] == 2:  # noqa: PLR2004 - as above; the batch is its second field
        table = _table(data, _field(data, table, 1))
    return bool(_field(data, table, 3))


def _table(data: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, number: int) -> int:
    """Give the place of a field of a flatbuffer table, 0 when it is left out."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    _must(vtable >= 0)
    if 4 + 2 * number >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0]
    return table + offset if offset else 0


def _columns(batch: pa.RecordBatch) -> None:
    for field in SCHEMA:
        column = batch.column(field.name)
        _must(column.null_count == 0 or field.name in NULLABLE)
        if isinstance(column, pa.DictionaryArray):
            _must(column.dictionary.null_count == 0 and len(column.dictionary) <= MOST_ROWS)
            _words(field.name, column.dictionary.to_pylist())


def _words(name: str, words: Sequence[str]) -> None:
    if name in WORDS:
        _must(len(words) <= len(WORDS[name]) and WORDS[name].issuperset(words))
    elif name in CODES:
        _must(all(CODE.fullmatch(word) for word in words))
    elif name == "zone":
        for word in words:
            _must(len(word) <= LONGEST_CODE and (not word or known_zone(word)))
    elif name == "path":
        _must(all(len(word) <= LONGEST_PATH for word in words))
    elif name == "recipients":
        for word in words:
            _must(not word or _are_texts(_canonical(word), list))


def _numbers(batch: pa.RecordBatch, size: int) -> None:
    for name in NULLABLE:
        _within(batch.column(name), EARLIEST, LATEST)
    start, end = batch.column("start"), batch.column("end")
    _within(start, -1, HIGHEST)
    _within(end, -1, HIGHEST)
    _within(batch.column("row"), -1, HIGHEST)
    _must(pc.all(pc.less_equal(start, end)).as_py())
    unplaced = pc.equal(start, -1)
    _must(pc.all(pc.equal(unplaced, pc.equal(end, -1))).as_py())
    whole = pc.equal(batch.column("path").cast(pa.string()), "")
    _must(pc.all(pc.or_(pc.invert(whole), pc.less_equal(end, size))).as_py())


def _within(column: pa.Array, lowest: int, highest: int) -> None:
    if column.null_count < len(column):
        found = pc.min_max(column)
        _must(found["min"].as_py() >= lowest and found["max"].as_py() <= highest)


def _json(batch: pa.RecordBatch) -> None:
    for text in _distinct(batch.column("attachments")):
        files = _canonical(text)
        _must(isinstance(files, list) and files)
        for file in files:
            _must(isinstance(file, dict) and ATTACHMENT.keys() >= file.keys())
            _must(all(type(value) is ATTACHMENT[name] for name, value in file.items()))
    _objects(list(_distinct(batch.column("native"))))


def _distinct(column: pa.Array) -> set[str]:
    return set(pc.filter(column, pc.not_equal(column, "")).to_pylist())


def _objects(texts: list[str]) -> None:
    """Check that each text is one flat object of texts, all in one go.

    A line break cannot stand in a string, and within a flat object no brace can follow a comma: so
    each text is one object by itself when all together are as many.
    """
    _must(all(text[0] == "{" and text[-1] == "}" and "\n" not in text for text in texts))
    values = json.loads("[" + ",\n".join(texts) + "]")
    _must(len(values) == len(texts) and all(_are_texts(value, dict) for value in values))
    _must(compact(values) == "[" + ",".join(texts) + "]")


def _canonical(text: str) -> Any:
    value = json.loads(text)
    _must(compact(value) == text)
    return value


def _are_texts(value: Any, kind: type) -> bool:
    values = value.values() if isinstance(value, dict) else value
    return isinstance(value, kind) and bool(value) and all(isinstance(one, str) for one in values)


def _written_out(batch: pa.RecordBatch) -> int:
    total = 0
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray):
            lengths = pc.binary_length(column.dictionary)
            if len(lengths) == 1:
                total += lengths[0].as_py() * len(column)
                continue
            total += pc.sum(lengths.take(column.indices).cast(pa.int64())).as_py()
        elif pa.types.is_string(column.type):
            total += pc.sum(pc.binary_length(column).cast(pa.int64())).as_py()
        else:
            total += 8 * len(column)
    return int(total)


# -- single values ---------------------------------------------------------------------------


def value_from(payload: bytes) -> Any:
    """Read a value the worker wrote as JSON.

    Raises:
        Malformed: it is none.
    """
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as bad:
        raise Malformed from bad


def _object(value: Any, *names: str) -> dict[str, Any]:
    _must(isinstance(value, dict) and value.keys() == set(names))
    return dict(value)


def _text(value: Any, most: int) -> str:
    _must(isinstance(value, str) and len(value) <= most)
    try:
        value.encode()
    except UnicodeEncodeError as bad:
        raise Malformed from bad
    return str(value)


def _code(value: Any) -> str:
    _must(isinstance(value, str) and CODE.fullmatch(value))
    return str(value)


def _count(value: Any, lowest: int = 0) -> int:
    _must(type(value) is int and lowest <= value <= HIGHEST)
    return int(value)


def progress_from(value: Any) -> int:
    """Check how far a reading has come."""
    return _count(value)


def part_from(value: Any) -> dict[str, Any]:
    """Check a recognised part: format, version, path."""
    part = _object(value, "format", "path", "version")
    known = known_formats().get(part["format"]) if isinstance(part["format"], str) else None
    version = known.about.version if known else 1
    _must(known or part["format"] == "zip")
    _must(part["version"] == version and type(part["version"]) is int)
    _text(part["path"], LONGEST_PATH)
    return part


def question_from(value: Any) -> Question:
    """Check a question."""
    given = _object(value, "id", "choices", "examples", "why", "path")
    lists = {}
    for name in ("choices", "examples"):
        _must(isinstance(given[name], list) and len(given[name]) <= MOST_CHOICES)
        lists[name] = tuple(_text(one, LONGEST_CHOICE) for one in given[name])
    _must(given["id"] in QUESTIONS if isinstance(given["id"], str) else False)
    why = _text(given["why"], LONGEST_CHOICE)
    path = _text(given["path"], LONGEST_PATH)
    return Question(given["id"], lists["choices"], lists["examples"], why, path)


def remark_from(value: Any) -> Remark:
    """Check a remark."""
    given = _object(value, "code", "detail", "path")
    detail = _text(given["detail"], LONGEST_SENTENCE)
    return Remark(_code(given["code"]), detail, _text(given["path"], LONGEST_PATH))


def unreadable_from(value: Any, size: int) -> Unreadable:
    """Check a stretch that could not be read; it lies in an original of ``size`` bytes."""
    given = _object(value, "reason", "detail", "locator")
    place = _object(given["locator"], "path", "start", "end", "row", "pointer")
    start, end, row = (_count(place[name], lowest=-1) for name in ("start", "end", "row"))
    path = _text(place["path"], LONGEST_PATH)
    _must(start <= end and (path or end <= size))
    where = Locator(path, start, end, row, _text(place["pointer"], LONGEST_PATH))
    return Unreadable(_code(given["reason"]), _text(given["detail"], LONGEST_SENTENCE), where)


def failure_from(value: Any) -> tuple[str, str]:
    """Check why a worker could not go on."""
    given = _object(value, "reason", "detail")
    return _code(given["reason"]), _text(given["detail"], LONGEST_SENTENCE)


def account_from(value: Any, events: int) -> dict[str, Any]:
    """Check the account at the end of a reading that gave so many events."""
    numbers = ("framing", "bytes", "accounted", "unreadable", "rows")
    given = _object(value, "events", *numbers, "unread")
    for name in numbers:
        _count(given[name])
    _must(_count(given["events"]) == events)
    _must(isinstance(given["unread"], list) and len(given["unread"]) <= MOST_UNREAD)
    for one in given["unread"]:
        _text(one, LONGEST_PATH)
    return given


# -- pictures --------------------------------------------------------------------------------


def stretches_from(found: Sequence[bytes], spans: Sequence[tuple[int, int]]) -> None:
    """Check stretches of bytes: none is longer than what was asked for.

    Raises:
        Malformed: one is.
    """
    _must(all(len(data) <= end - start for data, (start, end) in zip(found, spans, strict=True)))


def view_from(payload: bytes, edge: int) -> bytes:
    """Check a small view: a PNG of nothing but 8-bit RGB pixels, at most so many each way.

    Raises:
        Malformed: it is anything else.
    """
    try:
        return _view(payload, edge)
    except (struct.error, zlib.error, IndexError) as bad:
        raise Malformed from bad


def _view(payload: bytes, edge: int) -> bytes:
    _must(payload.startswith(PNG))
    at, chunks, pixels = len(PNG), [], []
    while at < len(payload):
        length, name = CHUNK.unpack_from(payload, at)
        data = payload[at + CHUNK.size : at + CHUNK.size + length]
        (check,) = struct.unpack_from(">I", payload, at + CHUNK.size + length)
        _must(zlib.crc32(name + data) == check)
        chunks.append((name, data))
        at += CHUNK.size + length + 4
    names = [name for name, _data in chunks]
    _must(names[0] == b"IHDR" and names[-1] == b"IEND" and set(names[1:-1]) == {b"IDAT"})
    width, height, *kind = struct.unpack(">II5B", chunks[0][1])
    _must(0 < width <= edge and 0 < height <= edge and kind == [8, 2, 0, 0, 0])
    pixels = [data for name, data in chunks if name == b"IDAT"]
    expected = (3 * width + 1) * height
    unpacked = zlib.decompressobj()
    rows = unpacked.decompress(b"".join(pixels), expected + 1)
    _must(len(rows) == expected and unpacked.eof and not unpacked.unused_data)
    _must(max(rows[:: 3 * width + 1]) <= 4)  # noqa: PLR2004 - the five filters of PNG
    return payload

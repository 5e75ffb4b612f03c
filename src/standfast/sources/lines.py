# SPDX-License-Identifier: Apache-2.0
"""Events as lines of JSON: what ``read --jsonl`` prints, what is committed, what a bundle holds.

The three are the same bytes by construction: everything that needs a line takes it from here.
Columns that repeat are written once and joined by their codes; a million lines take about the
time of reading them.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from standfast.model.times import iso_utc, iso_wall

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND = 1_000_000
DAY_LENGTH = len("2024-03-04")
HEAD = ("kind", "channel", "conversation")
MIDDLE = ("zone", "zone_basis", "precision", "sender", "recipients", "direction")
TAIL = ("state", "detail")
RAW = frozenset({"recipients"})
"""Columns that hold JSON already, empty for an empty list."""


def lines_of(batch: pa.RecordBatch, item: str) -> list[bytes]:
    """Write each event of a batch as its line, without the newline.

    ``item`` is the SHA-256 of the original, in hexadecimal digits.
    """
    walls, alternatives = _times(batch)
    parts = zip(
        _fixed(batch, HEAD, '{"schema":1,', '"at":'),
        walls,
        _moments(batch.column("utc"), iso_utc, "Z"),
        _fixed(batch, MIDDLE, ",", '"text":'),
        [encode_basestring(text) for text in batch.column("text").to_pylist()],
        [text or "[]" for text in batch.column("attachments").to_pylist()],
        _fixed(batch, TAIL, ",", '"native":'),
        [text or "{}" for text in batch.column("native").to_pylist()],
        alternatives,
        _locators(batch, item),
        strict=True,
    )
    return [
        f'{a}{at},"utc":{utc}{b}{text},"attachments":{files}{c}{native}{other},"locator":{place}}}'.encode()
        for a, at, utc, b, text, files, c, native, other, place in parts
    ]


def _codes(column: pa.DictionaryArray) -> tuple[list[str], pa.Array]:
    return column.dictionary.to_pylist(), column.indices


def _fixed(batch: pa.RecordBatch, names: Sequence[str], before: str, after: str) -> list[str]:
    """Join columns of repeating words: each combination is written once."""
    code: Any = None
    sizes, texts = [], []
    for name in names:
        words, indices = _codes(batch.column(name))
        texts.append([(word or "[]") if name in RAW else encode_basestring(word) for word in words])
        sizes.append(len(words))
        if len(words) > 1:
            wide = indices.cast(pa.int64())
            code = wide if code is None else pc.add(pc.multiply(code, len(words)), wide)
    codes = [0] * len(batch) if code is None else code.to_pylist()
    known = {
        value: before + _combination(value, names, sizes, texts) + after for value in set(codes)
    }
    return [known[value] for value in codes]


def _combination(
    value: int, names: Sequence[str], sizes: Sequence[int], texts: Sequence[Sequence[str]]
) -> str:
    chosen = []
    for name, size, words in zip(reversed(names), reversed(sizes), reversed(texts), strict=True):
        value, place = divmod(value, size)
        chosen.append(f'"{name}":{words[place]},')
    return "".join(reversed(chosen))


def _times(batch: pa.RecordBatch) -> tuple[list[str], list[str]]:
    """Write the wall time, or null and both readings when it is ambiguous."""
    walls = _moments(batch.column("wall"), iso_wall, "")
    others = batch.column("wall_other")
    if others.null_count == len(others):
        return walls, [""] * len(walls)
    pairs = zip(walls, _moments(others, iso_wall, ""), strict=True)
    alternatives = [
        "" if other == "null" else f',"alternatives":[{wall},{other}]' for wall, other in pairs
    ]
    return [
        "null" if both else w for w, both in zip(walls, alternatives, strict=True)
    ], alternatives


def _moments(column: pa.Array, write: Any, suffix: str) -> list[str]:
    """Write microseconds as quoted ISO 8601, null as ``null``."""
    if column.null_count == len(column):
        return ["null"] * len(column)
    seconds = pc.divide(column, SECOND)
    if pc.all(pc.equal(pc.multiply(seconds, SECOND), column)).as_py():
        spaced = seconds.cast(pa.timestamp("s")).cast(pa.string())
        texts = pc.binary_replace_slice(spaced, DAY_LENGTH, DAY_LENGTH + 1, "T").to_pylist()
        if column.null_count == 0:
            return [f'"{text}{suffix}"' for text in texts]
        return ["null" if text is None else f'"{text}{suffix}"' for text in texts]
    return ["null" if at is None else f'"{write(at)}"' for at in column.to_pylist()]


def _locators(batch: pa.RecordBatch, item: str) -> list[str]:
    words, indices = _codes(batch.column("path"))
    heads = [f'{{"item":"{item}","path":{encode_basestring(word)}' for word in words]
    where = indices.to_pylist()
    starts, ends = batch.column("start").to_pylist(), batch.column("end").to_pylist()
    places = zip(where, starts, ends, strict=True)
    if _only(batch.column("row"), -1) and _only(batch.column("pointer"), ""):
        return [f'{heads[head]},"span":[{start},{end}]}}' for head, start, end in places]
    rows, pointers = batch.column("row").to_pylist(), batch.column("pointer").to_pylist()
    return [
        f"{heads[head]}{_span(start, end)}{_row(row)}{_pointer(pointer)}}}"
        for (head, start, end), row, pointer in zip(places, rows, pointers, strict=True)
    ]


def _span(start: int, end: int) -> str:
    return f',"span":[{start},{end}]' if start >= 0 else ""


def _row(row: int) -> str:
    return f',"row":{row}' if row >= 0 else ""


def _pointer(pointer: str) -> str:
    return f',"pointer":{encode_basestring(pointer)}' if pointer else ""


def _only(column: pa.Array, value: Any) -> bool:
    return bool(pc.all(pc.equal(column, value)).as_py())

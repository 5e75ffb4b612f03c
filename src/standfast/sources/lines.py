# SPDX-License-Identifier: Apache-2.0
"""Events as lines of JSON: what ``read --jsonl`` prints, what is committed, what a bundle holds.

The three are the same bytes by construction: everything that needs a line takes it from here.
Columns that repeat are written once and taken by their codes, and Arrow puts the lines together: a
million lines take less time than reading them.
"""

from __future__ import annotations

from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from standfast.model.times import iso_utc, iso_wall

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

SECOND = 1_000_000
DAY_LENGTH = len("2024-03-04")
HEAD = ("kind", "channel", "conversation")
MIDDLE = ("zone", "zone_basis", "precision", "sender", "recipients", "direction")
TAIL = ("state", "detail")
ESCAPED = r'["\\\x00-\x1f]'
"""What `encode_basestring` writes in another way."""
Part: TypeAlias = "str | pa.Array"
"""A stretch of every line: the same for all, or one each."""
RAW = frozenset({"recipients"})
"""Columns that hold JSON already, empty for an empty list."""


def lines_of(batch: pa.RecordBatch, item: str) -> list[bytes]:
    """Write each event of a batch as its line, without the newline.

    ``item`` is the SHA-256 of the original, in hexadecimal digits.
    """
    try:
        lines: list[bytes] = _joined(batch, item).cast(pa.binary()).to_pylist()
    except pa.ArrowException:  # more than 2 GiB of lines: a long word that repeats
        if len(batch) < 2:  # noqa: PLR2004 - nothing left to halve
            raise
        half = len(batch) // 2
        return lines_of(batch.slice(0, half), item) + lines_of(batch.slice(half), item)
    return lines


def _joined(batch: pa.RecordBatch, item: str) -> pa.Array:
    walls, alternatives = _times(batch)
    parts = (
        *(_fixed(batch, HEAD, '{"schema":1,', '"at":'), walls),
        *(',"utc":', _moments(batch.column("utc"), iso_utc, "Z")),
        *(_fixed(batch, MIDDLE, ",", '"text":'), _texts(batch.column("text"))),
        *(',"attachments":', _json(batch.column("attachments"), "[]")),
        *(_fixed(batch, TAIL, ",", '"native":'), _json(batch.column("native"), "{}")),
        *(alternatives, ',"locator":', *_locators(batch, item), "}"),
    )
    return _together(*_merged(parts), rows=len(batch))


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    """Put neighbouring parts that are the same for every line into one."""
    same = ""
    for part in parts:
        if isinstance(part, str):
            same += part
        else:
            yield from (same, part)
            same = ""
    yield same


def _together(*parts: Part, rows: int) -> pa.Array:
    """Join parts line by line; a line in which one is null is null."""
    found = pc.binary_join_element_wise(*parts, "")
    return found if isinstance(found, pa.Array) else pa.repeat(found, rows)


def _codes(column: pa.DictionaryArray) -> tuple[list[str], pa.Array]:
    return column.dictionary.to_pylist(), column.indices


def _fixed(batch: pa.RecordBatch, names: Sequence[str], before: str, after: str) -> Part:
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
    if code is None:
        return before + _combination(0, names, sizes, texts) + after
    encoded = code.dictionary_encode()
    known = [
        before + _combination(value, names, sizes, texts) + after
        for value in encoded.dictionary.to_pylist()
    ]
    return pa.array(known, pa.string()).take(encoded.indices)


def _combination(
    value: int, names: Sequence[str], sizes: Sequence[int], texts: Sequence[Sequence[str]]
) -> str:
    chosen = []
    for name, size, words in zip(reversed(names), reversed(sizes), reversed(texts), strict=True):
        value, place = divmod(value, size)
        chosen.append(f'"{name}":{words[place]},')
    return "".join(reversed(chosen))


def _times(batch: pa.RecordBatch) -> tuple[Part, Part]:
    """Write the wall time, or null and both readings when it is ambiguous."""
    walls = _moments(batch.column("wall"), iso_wall, "")
    column = batch.column("wall_other")
    if column.null_count == len(column):
        return walls, ""
    others = _moments(column, iso_wall, "")
    both = _together(',"alternatives":[', walls, ",", others, "]", rows=len(batch))
    single = pc.is_null(column)
    return pc.if_else(single, walls, "null"), pc.if_else(single, "", both)


def _moments(column: pa.Array, write: Any, suffix: str) -> Part:
    """Write microseconds as quoted ISO 8601, null as ``null``."""
    if column.null_count == len(column):
        return "null"
    seconds = pc.divide(column, SECOND)
    if pc.all(pc.equal(pc.multiply(seconds, SECOND), column)).as_py():
        spaced = seconds.cast(pa.timestamp("s")).cast(pa.string())
        texts = pc.binary_replace_slice(spaced, DAY_LENGTH, DAY_LENGTH + 1, "T")
        return pc.fill_null(_together('"', texts, f'{suffix}"', rows=len(column)), "null")
    told = ["null" if at is None else f'"{write(at)}"' for at in column.to_pylist()]
    return pa.array(told, pa.string())


def _texts(column: pa.Array) -> Part:
    """Write texts as JSON strings; only those with something to escape one by one."""
    quoted = _together('"', column, '"', rows=len(column))
    odd = pc.match_substring_regex(column, ESCAPED)
    if pc.any(odd).as_py():
        escaped = [encode_basestring(text) for text in column.filter(odd).to_pylist()]
        return pc.replace_with_mask(quoted, odd, pa.array(escaped, pa.string()))
    return quoted


def _json(column: pa.Array, empty: str) -> Part:
    """Give JSON as it stands, or what is written where there is none."""
    if _only(column, ""):
        return empty
    return pc.if_else(pc.equal(column, ""), empty, column)


def _locators(batch: pa.RecordBatch, item: str) -> tuple[Part, ...]:
    words, indices = _codes(batch.column("path"))
    heads = [f'{{"item":"{item}","path":{encode_basestring(word)}' for word in words]
    head = heads[0] if len(heads) == 1 else pa.array(heads, pa.string()).take(indices)
    start, end = batch.column("start"), batch.column("end")
    if _only(batch.column("row"), -1) and _only(batch.column("pointer"), ""):
        span = (',"span":[', start.cast(pa.string()), ",", end.cast(pa.string()), "]}")
        return (head, *span)
    columns = [batch.column(name).to_pylist() for name in ("start", "end", "row", "pointer")]
    places = [
        f"{_span(start, end)}{_row(row)}{_pointer(pointer)}}}"
        for start, end, row, pointer in zip(*columns, strict=True)
    ]
    return head, pa.array(places, pa.string())


def _span(start: int, end: int) -> str:
    return f',"span":[{start},{end}]' if start >= 0 else ""


def _row(row: int) -> str:
    return f',"row":{row}' if row >= 0 else ""


def _pointer(pointer: str) -> str:
    return f',"pointer":{encode_basestring(pointer)}' if pointer else ""


def _only(column: pa.Array, value: Any) -> bool:
    return bool(pc.all(pc.equal(column, value)).as_py())

# SPDX-License-Identifier: Apache-2.0
"""Events on their way into the timeline: what repeats, once.

Rules enforced here:

* of an event only what is its own is loaded with it; everything that repeats (who, which channel,
  which file) stands once in the table ``settings``, and the event holds its number;
* nothing else is changed, left out or put in another order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from standfast.sources.tables import SCHEMA
from standfast.timeline.folding import FOLDED

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

WORDS = tuple(field.name for field in SCHEMA if pa.types.is_dictionary(field.type))
OWN = tuple(field for field in SCHEMA if not pa.types.is_dictionary(field.type))
OF_ALL = ("item_no", pa.int32())
INCOMING = pa.schema([("r", pa.int64()), OF_ALL, ("n", pa.int64()), ("setting", pa.int32()), *OWN])
SETTINGS = pa.schema([("setting", pa.int32()), OF_ALL, *((name, pa.string()) for name in WORDS)])

FACTS = f"""
CREATE TABLE facts AS
SELECT *, coalesce(utc, CASE WHEN wall_other IS NULL THEN wall END) AS ts,
       {FOLDED.format("text")} AS folded, 1::BIGINT AS copies
FROM incoming
"""  # noqa: S608 - a question of ours
"""An ambiguous or unknown time gives no place in the order."""

RAW = """
CREATE VIEW raw AS
SELECT f.*, s.* EXCLUDE (setting, item_no) FROM facts f JOIN settings s USING (setting)
"""
"""The events as they were read."""


def load(
    connection: duckdb.DuckDBPyConnection, batches: Iterator[tuple[int, int, pa.RecordBatch]]
) -> None:
    """Make the tables ``facts`` and ``settings``, and over them the view ``raw``.

    ``batches`` gives an item's number, the number of its first event, and the batch.
    """
    settings = _Settings()
    reader = pa.RecordBatchReader.from_batches(INCOMING, _narrowed(batches, settings))
    for name, given, question in (
        ("incoming", reader, FACTS),
        ("given", settings, "CREATE TABLE settings AS SELECT * FROM given"),
    ):
        connection.register(name, given.table() if isinstance(given, _Settings) else given)
        connection.execute(question)
        connection.unregister(name)
    connection.execute(RAW)


def _narrowed(
    batches: Iterator[tuple[int, int, pa.RecordBatch]], settings: _Settings
) -> Iterator[pa.RecordBatch]:
    row = 0
    for item_no, first, batch in batches:
        count = len(batch)
        arrays = [
            pa.array(range(row, row + count), pa.int64()),
            pa.repeat(pa.scalar(item_no, pa.int32()), count),
            pa.array(range(first, first + count), pa.int64()),
            settings.numbers(item_no, batch),
            *(batch.column(field.name) for field in OWN),
        ]
        row += count
        yield pa.RecordBatch.from_arrays(arrays, schema=INCOMING)


class _Settings:
    """Numbers every combination of what repeats."""

    def __init__(self) -> None:
        self._known: dict[tuple[int | str, ...], int] = {}

    def numbers(self, item_no: int, batch: pa.RecordBatch) -> pa.Array:
        """Give the number of each event's combination."""
        codes = pa.repeat(pa.scalar(0, pa.int32()), len(batch))
        for name in WORDS:
            column = batch.column(name)
            if len(column.dictionary) > 1:
                codes = _finer(codes, column)
        places = codes.to_pylist()
        seen = dict(zip(reversed(places), range(len(places) - 1, -1, -1), strict=True))
        firsts = pa.array([seen[code] for code in range(len(seen))], pa.int64())
        words = [batch.column(name).take(firsts).to_pylist() for name in WORDS]
        known = self._known
        numbers = [
            known.setdefault((item_no, *combination), len(known))
            for combination in zip(*words, strict=True)
        ]
        return pa.array(numbers, pa.int32()).take(codes)

    def table(self) -> pa.Table:
        """Give every combination by its number."""
        columns = zip(*((number, *words) for words, number in self._known.items()), strict=True)
        arrays = [list(column) for column in columns] or [[] for _name in SETTINGS.names]
        return pa.Table.from_arrays(
            [pa.array(a, f.type) for a, f in zip(arrays, SETTINGS, strict=True)], schema=SETTINGS
        )


def _finer(codes: pa.Array, column: pa.DictionaryArray) -> pa.Array:
    """Tell apart what one more column tells apart; the codes are numbered as they first appear."""
    wide = pc.multiply(codes.cast(pa.int64()), len(column.dictionary))
    encoded = pc.add(wide, column.indices.cast(pa.int64())).dictionary_encode()
    return encoded.indices

# SPDX-License-Identifier: Apache-2.0
"""The order of all events, worked out once, and their clocks in that order.

Rules enforced here:

* an event's position is its rank by decided time, then by the number of its original, then by its
  place in it; what has no decided time stands at the end;
* day, hour and weekday are those of the clock that wrote the event; of an ambiguous time none is
  known, and of a time that is stated by day only, no hour;
* nothing here holds a word of any event: numbers alone, some 25 bytes an event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from standfast.timeline.where import FINE, HOUR, HOURS, day_number, since_midnight, weekday_number

if TYPE_CHECKING:
    import duckdb

CERTAIN: Final = "CASE WHEN wall_other IS NULL THEN wall END"
ORDERED: Final = f"""
SELECT r::INTEGER AS r, setting, {CERTAIN} AS wall, {day_number(CERTAIN)}::INTEGER AS day,
       ({weekday_number(CERTAIN)} * {HOURS}
        + {since_midnight(CERTAIN)} // {HOUR})::UTINYINT AS slot
FROM facts ORDER BY ts NULLS LAST, item_no, n
"""  # noqa: S608 - a question of ours


@dataclass(frozen=True, slots=True)
class Places:
    """Every event by its position, from 0.

    Attributes:
        dated: how many have a decided time; the others stand behind them.
        r: the row in the database.
        rank: the position by row, null for a row that another one stands for.
        wall: microseconds of the wall clock; null when unknown or ambiguous.
        day: days from 1970-01-01 likewise.
        slot: 24 times the weekday (Monday is 0) and the hour; null also when only the day is known.
        channel: a number, the place in ``channels``.
    """

    dated: int
    r: pa.Int32Array
    rank: pa.Int32Array
    wall: pa.Int64Array
    day: pa.Int32Array
    slot: pa.UInt8Array
    channel: pa.Int32Array
    channels: tuple[str, ...]

    def __len__(self) -> int:
        """Count the events."""
        return len(self.r)

    def positions(self, rows: pa.Int32Array) -> pa.Int32Array:
        """Give the positions of some rows, each once and in order."""
        if not len(rows):
            return pa.array([], pa.int32())
        ranks = self.rank.take(rows)
        true = pa.repeat(pa.scalar(value=True), len(ranks))
        fitting = pc.scatter(true, ranks, max_index=len(self) - 1)
        return pc.indices_nonzero(fitting).cast(pa.int32())


def places(connection: duckdb.DuckDBPyConnection) -> Places:
    """Work out the order of the events that are loaded and named."""
    table = connection.sql(ORDERED).to_arrow_table()
    column = {name: table.column(name).combine_chunks() for name in table.column_names}
    found = connection.execute("SELECT count(ts) FROM facts").fetchone()
    fine, channel, channels = _settings(connection)
    setting = column["setting"]
    slot = pc.if_else(fine.take(setting), column["slot"], pa.scalar(None, pa.uint8()))
    return Places(
        dated=int(found[0]) if found else 0,
        r=column["r"],
        rank=_rank(column["r"]),
        wall=column["wall"],
        day=column["day"],
        slot=slot,
        channel=channel.take(setting),
        channels=channels,
    )


def _rank(r: pa.Int32Array) -> pa.Int32Array:
    if not len(r):
        return pa.array([], pa.int32())
    last = pc.max(r).as_py()
    return pc.inverse_permutation(r, max_index=last, output_type=pa.int32())


def _settings(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[pa.BooleanArray, pa.Int32Array, tuple[str, ...]]:
    """Give, by setting, whether its times are finer than a day, and the number of its channel."""
    rows = connection.execute("SELECT precision, channel FROM named ORDER BY setting").fetchall()
    channels = tuple(sorted({channel for _precision, channel in rows}))
    number = {channel: place for place, channel in enumerate(channels)}
    fine = pa.array([precision in FINE for precision, _channel in rows], pa.bool_())
    codes = pa.array([number[channel] for _precision, channel in rows], pa.int32())
    return fine, codes, channels

# SPDX-License-Identifier: Apache-2.0
"""Events loaded into the timeline come out as they went in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from standfast.model.event import EventBatch
from standfast.sources.tables import SCHEMA, batch_of
from standfast.timeline.loading import load
from standfast.timeline.memory import memory
from standfast.timeline.query import Timeline, Where

WORDS = st.sampled_from(["", "a", "b", "Ä", "x\x00y"])
NUMBERS = st.none() | st.integers(0, 10**15)
ROW = st.fixed_dictionaries(
    {
        field.name: WORDS
        if not pa.types.is_int64(field.type)
        else NUMBERS
        if field.name in {"wall", "wall_other", "utc"}
        else st.integers(-1, 9)
        for field in SCHEMA
    }
)
BATCHES = st.lists(st.tuples(st.integers(0, 2), st.lists(ROW, min_size=1, max_size=6)), max_size=5)


def _batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    return batch_of(EventBatch(len(rows), columns))


@given(BATCHES)
def test_every_event_comes_out_as_it_went_in(given: list[tuple[int, list[dict[str, Any]]]]) -> None:
    connection = memory()
    load(connection, ((item, 7, _batch(rows)) for item, rows in given))
    names = ", ".join(f'"{name}"' for name in SCHEMA.names)
    found = connection.execute(f"SELECT item_no, n, {names} FROM raw ORDER BY r").fetchall()  # noqa: S608 - names of ours
    connection.close()
    wanted = [
        (item, 7 + place, *(row[name] for name in SCHEMA.names))
        for item, rows in given
        for place, row in enumerate(rows)
    ]
    assert found == wanted


def test_a_case_without_events_has_an_empty_timeline() -> None:
    with Timeline(iter(()), items={}, people=()) as timeline:
        assert (timeline.count(), timeline.rows(limit=5), timeline.accounts()) == (0, [], [])


def _timeline(count: int) -> Timeline:
    columns = {
        "channel": "sms",
        "sender": [f"s{number % 3}" for number in range(count)],
        "wall": [(number * 7919) % 1000 if number % 5 else None for number in range(count)],
        "text": [f"Wort {number % 10}" for number in range(count)],
    }
    batch = batch_of(EventBatch(count, columns))
    return Timeline(iter([(1, 0, batch)]), items={1: "ab" * 32}, people=())


def test_pages_put_together_are_the_whole_in_order() -> None:
    with _timeline(200) as timeline:
        for where in (Where(), Where(search="WORT 3"), Where(account="s1", dated=True)):
            whole = timeline.rows(where)
            pages = [timeline.rows(where, limit=17, offset=at) for at in range(0, 200, 17)]
            assert [row for page in pages for row in page] == whole
            assert timeline.rows(where, offset=20) == whole[20:]
            assert timeline.count(where) == len(whole) > 0
        order = [(row.ts is None, row.ts or 0, row.n) for row in timeline.rows()]
        assert order == sorted(order)


def test_a_reference_finds_its_event_and_nothing_else_finds_one() -> None:
    with _timeline(50) as timeline:
        every = [row.event for row in timeline.rows()]
        odd = [
            "",
            "-",
            "abababababab",
            "abababababab-",
            "abababababab-50",
            "abababababab-007",
            "x-7",
        ]
        found = timeline.by_reference([*every, *odd, every[0]])
        assert {name: row.event for name, row in found.items()} == {name: name for name in every}

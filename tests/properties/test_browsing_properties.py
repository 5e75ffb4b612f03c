# SPDX-License-Identifier: Apache-2.0
"""Views, positions and counts over random events are what counting them one by one gives."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from browsing_case import DAY, HOUR, MINUTE, MONDAY, certain, event, fits, fold, opened
from standfast.model.times import micros
from standfast.timeline.folding import folded, hits
from standfast.timeline.query import Where

if TYPE_CHECKING:
    from standfast.timeline.query import Row
    from standfast.timeline.view import View

LETTERS = st.sampled_from(
    "aAbB \0\n\u0130\u00df\u1e9e\u03a3\u03c2\u00e9\u0301\u0307"
    "\u0323q\u1100\u1161\u11a8\uac00\u0f71\u0f73\u212b\U0001f600"
)
TEXT = st.text(LETTERS, max_size=14)
CLOCK = st.none() | st.integers(-40 * 24 * 60, 40 * 24 * 60).map(lambda n: MONDAY + n * MINUTE)
EVENT = st.builds(
    event,
    wall=CLOCK,
    wall_other=st.none() | CLOCK,
    utc=st.none() | CLOCK,
    precision=st.sampled_from(["ms", "s", "min", "day", "none"]),
    channel=st.sampled_from(["whatsapp", "sms", "mail"]),
    kind=st.sampled_from(["message", "call"]),
    sender=st.sampled_from(["a", "b", "x", ""]),
    text=TEXT,
    attachments=st.sampled_from(["", '[{"state":"omitted"}]']),
).map(lambda row: row if row["wall"] is not None else row | {"wall_other": None})
ITEMS = st.lists(st.lists(EVENT, min_size=1, max_size=12), min_size=1, max_size=3)
HOUR_OF_DAY = st.integers(0, 24)


def several(*words: str) -> Any:
    return st.lists(st.sampled_from(words), max_size=2).map(tuple)


WHERE = st.builds(
    Where,
    start=st.none() | CLOCK,
    end=st.none() | CLOCK,
    wall_start=st.none() | st.none() | CLOCK,
    wall_end=st.none() | st.none() | CLOCK,
    channels=several("whatsapp", "sms", "mail"),
    people=several("Alex", "Kim"),
    kinds=several("message", "call"),
    channel=st.sampled_from(["", "", "sms"]),
    search=st.just("") | st.text(LETTERS, max_size=2),
    dated=st.sampled_from([None, None, True, False]),
    hours=st.none() | st.tuples(HOUR_OF_DAY.filter(lambda h: h < 24), HOUR_OF_DAY),
    weekdays=st.lists(st.integers(0, 6), max_size=3).map(tuple),
    attached=st.booleans(),
    events=st.none()
    | st.lists(st.builds("{:012x}-{}".format, st.integers(1, 3), st.integers(0, 12))).map(tuple),
)


def same_row(rows: list[Row]) -> Where:
    return Where(events=tuple(row.event for row in rows))


@settings(max_examples=40, deadline=None)
@given(ITEMS, WHERE)
def test_a_view_is_the_events_that_fit_in_the_order_of_all(
    items: list[list[dict[str, Any]]], where: Where
) -> None:
    with opened(*items) as timeline:
        every = timeline.rows()
        order = [(row.ts is None, row.ts or 0, row.item, row.n) for row in every]
        assert order == sorted(order)
        wanted = [row for row in every if fits(where, row)]
        view = timeline.view(where)
        assert view.rows(0, 1000) == wanted
        assert [row for at in range(0, len(every), 5) for row in view.rows(at, 5)] == wanted
        assert (view.total, view.undated) == (
            len(wanted),
            sum(row.ts is None for row in wanted),
        )
        places = {row.event: place for place, row in enumerate(wanted)}
        for row in every:
            assert view.position_of(row.event) == places.get(row.event)
        assert timeline.view(same_row(wanted)).rows(0, 1000) == wanted
        lacking = where.lacking()
        left_out = timeline.view(lacking).rows(0, 1000) if lacking else []
        assert left_out == [row for row in every if lacking and fits(lacking, row)]
        assert not {row.event for row in left_out} & set(places)


@settings(max_examples=40, deadline=None)
@given(ITEMS, WHERE, st.integers(1, 60), st.integers(-50, 50), st.integers(1, 2000))
def test_every_count_is_what_counting_one_by_one_gives(
    items: list[list[dict[str, Any]]], where: Where, buckets: int, first: int, hours: int
) -> None:
    with opened(*items) as timeline:
        view = timeline.view(where)
        rows = view.rows(0, 1000)
        _check_days(view, rows)
        _check_hours(view, rows)
        start = MONDAY + first * DAY
        _check_lanes(view, rows, (buckets, start, start + hours * HOUR))
        whole = view.lanes(buckets)
        assert whole.outside == 0


def _check_days(view: View, rows: list[Row]) -> None:
    days = [moment.date().isoformat() for row in rows if (moment := certain(row))]
    told = view.days()
    assert {one.day: one.count for one in told.days} == Counter(days)
    assert [one.day for one in told.days] == sorted(set(days))
    assert sum(one.count for one in told.days) + told.unplaced == len(rows)
    assert (view.first_day, view.last_day) == (min(days, default=""), max(days, default=""))
    for one in told.days:
        places = [
            n for n, row in enumerate(rows) if (w := certain(row)) and str(w.date()) == one.day
        ]
        assert view.position_at(one.day) == one.first == places[0]


def _check_hours(view: View, rows: list[Row]) -> None:
    fine = [row for row in rows if row.precision in {"min", "s", "ms"}]
    walls = [moment for row in fine if (moment := certain(row))]
    expected = Counter((wall.weekday(), wall.hour) for wall in walls)
    told = view.hours()
    counted = {
        (day, hour): count
        for day, week in enumerate(told.counts)
        for hour, count in enumerate(week)
        if count
    }
    assert counted == expected
    assert told.unplaced == len(rows) - len(walls)


def _check_lanes(view: View, rows: list[Row], asked: tuple[int, int, int]) -> None:
    told = view.lanes(*asked)
    assert told.start + told.width * len(told.firsts) >= told.end == asked[2]
    assert len(told.firsts) <= asked[0]
    fine = told.width < DAY
    walls = [
        (place, row.channel, micros(moment) - told.start)
        for place, row in enumerate(rows)
        if (moment := certain(row)) and (not fine or row.precision in {"min", "s", "ms"})
    ]
    inside = [one for one in walls if 0 <= one[2] < told.end - told.start]
    expected = Counter((channel, at // told.width) for _place, channel, at in inside)
    counted = {
        (lane.channel, place): count
        for lane in told.lanes
        for place, count in enumerate(lane.counts)
        if count
    }
    assert counted == expected
    assert (told.outside, told.unplaced) == (len(walls) - len(inside), len(rows) - len(walls))
    firsts = [-1] * len(told.firsts)
    for place, _channel, at in reversed(inside):
        firsts[at // told.width] = place
    assert told.firsts == tuple(firsts)


@settings(max_examples=400, deadline=None)
@given(TEXT, st.text(LETTERS, min_size=1, max_size=3))
def test_a_text_has_hits_exactly_if_it_fits_and_each_holds_the_search(
    text: str, search: str
) -> None:
    spans = hits(text, search)
    assert bool(spans) == (fold(search) in fold(text))
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    for start, end in spans:
        assert folded(search) in folded(text[start:end])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TEXT, st.text(LETTERS, min_size=1, max_size=3)), max_size=20))
def test_the_database_finds_what_has_hits(pairs: list[tuple[str, str]]) -> None:
    with opened([event(text=text) for text, _search in pairs]) as timeline:
        for place, (text, search) in enumerate(pairs):
            found = {row.n for row in timeline.view(Where(search=search)).rows(0, 100)}
            assert (place in found) == bool(hits(text, search))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 40), unique=True, max_size=40), st.data())
def test_rows_come_to_their_positions_whatever_their_order(
    order: list[int], data: st.DataObject
) -> None:
    rows = [event(wall=MONDAY + minute * MINUTE) for minute in order]
    with opened(rows) as timeline:
        ordered = timeline.ordered()
        some = data.draw(
            st.lists(st.integers(0, len(rows) - 1), unique=True) if rows else st.just([])
        )
        positions = ordered.positions(pa.array(some, pa.int32())).to_pylist()
        assert positions == sorted(sorted(order).index(order[one]) for one in some)

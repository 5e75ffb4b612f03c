# SPDX-License-Identifier: Apache-2.0
"""Leafing through the timeline: pages, jumps, days, lanes and hours, and what they do not hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING

import pytest

from browsing_case import DAY, HOUR, MONDAY, event, opened
from desk_case import told_case
from standfast.desk.browsing import browse, hits
from standfast.errors import WrongUsage
from standfast.timeline.query import VIEWS_KEPT, Where
from standfast.timeline.view import LANES_KEPT, MOST_BUCKETS, MOST_ROWS, DayCount, Lane

if TYPE_CHECKING:
    from pathlib import Path

AMBIGUOUS = event(wall=MONDAY, wall_other=MONDAY + 40 * DAY, text="either")
UNKNOWN = event(wall=None, precision="none", text="some time")
BY_DAY = event(wall=MONDAY + DAY, precision="day", text="that Tuesday")


def test_a_case_without_events_has_an_empty_view() -> None:
    with opened() as timeline:
        view = timeline.view()
        assert (view.total, view.undated, view.first_day, view.last_day) == (0, 0, "", "")
        assert (view.rows(0, 100), view.days().days, view.days().unplaced) == ([], (), 0)
        assert (view.hours().unplaced, sum(map(sum, view.hours().counts))) == (0, 0)
        lanes = view.lanes(10)
        assert (lanes.lanes, set(lanes.firsts), lanes.outside, lanes.unplaced) == ((), {-1}, 0, 0)
        assert (view.position_at("2024-03-04"), view.position_of("x-1")) == (0, None)


def test_a_page_is_never_larger_than_a_page_nor_before_the_first_one() -> None:
    with opened([event(wall=MONDAY + n) for n in range(MOST_ROWS + 5)]) as timeline:
        view = timeline.view()
        assert len(view.rows(0, 10 * MOST_ROWS)) == MOST_ROWS
        assert [row.n for row in view.rows(-3, 2)] == [0, 1]
        assert [row.n for row in view.rows(MOST_ROWS, 100)] == list(range(MOST_ROWS, view.total))
        assert view.rows(view.total, 5) == view.rows(0, 0) == view.rows(0, -1) == []


def test_undated_and_ambiguous_events_stand_last_and_every_count_says_how_many_it_lacks() -> None:
    with opened([UNKNOWN, AMBIGUOUS, BY_DAY, event(wall=MONDAY + 23 * HOUR)]) as timeline:
        view = timeline.view()
        assert [row.n for row in view.rows(0, 9)] == [3, 2, 0, 1]
        assert (view.total, view.undated) == (4, 2)
        assert view.days().days == (DayCount("2024-03-04", 1, 0), DayCount("2024-03-05", 1, 1))
        assert view.days().unplaced == 2
        assert (view.first_day, view.last_day) == ("2024-03-04", "2024-03-05")
        assert (view.hours().counts[0][23], sum(map(sum, view.hours().counts))) == (1, 1)
        assert view.hours().unplaced == 3
        by_day, by_hour = view.lanes(2), view.lanes(48)
        assert (by_day.width, by_hour.width) == (DAY, HOUR)
        assert (by_day.lanes, by_day.unplaced) == ((Lane("whatsapp", (1, 1)),), 2)
        assert (sum(by_hour.lanes[0].counts), by_hour.unplaced, by_hour.outside) == (1, 3, 0)
        assert by_hour.firsts[23] == 0


def test_a_day_leads_to_its_first_event_or_to_the_next_day_that_has_one() -> None:
    walls = [MONDAY, MONDAY + HOUR, MONDAY + 5 * DAY, None]
    with opened([event(wall=wall) for wall in walls]) as timeline:
        view = timeline.view()
        asked = ("2024-01-01", "2024-03-04", "2024-03-05", "2024-03-09", "2024-03-10")
        assert [view.position_at(day) for day in asked] == [0, 0, 2, 2, 3]
        with pytest.raises(WrongUsage):
            view.position_at("yesterday")


def test_a_day_is_that_of_the_clock_that_wrote_even_where_the_order_is_of_the_world() -> None:
    far = event(wall=MONDAY + 2 * HOUR, utc=MONDAY - 12 * HOUR, text="far east")
    near = event(wall=MONDAY - HOUR, utc=MONDAY - 2 * HOUR, text="at home")
    with opened([near, far]) as timeline:
        view = timeline.view()
        assert [row.text for row in view.rows(0, 2)] == ["far east", "at home"]
        days = [(one.day, one.first) for one in view.days().days]
        assert days == [("2024-03-03", 1), ("2024-03-04", 0)]


def test_times_before_1970_have_their_day_and_hour() -> None:
    with opened([event(wall=-1), event(wall=-DAY)]) as timeline:
        view = timeline.view()
        assert [one.day for one in view.days().days] == ["1969-12-31"]
        hours = view.hours().counts[date(1969, 12, 31).weekday()]
        assert (hours[0], hours[23]) == (1, 1)


def test_lanes_can_be_narrowed_and_say_what_lies_outside() -> None:
    rows = [event(wall=MONDAY + n * HOUR, channel=("sms", "mail")[n % 2]) for n in range(48)]
    with opened(rows) as timeline:
        view = timeline.view(Where(channels=("sms", "mail")))
        lanes = view.lanes(4, MONDAY + 10 * HOUR, MONDAY + 18 * HOUR)
        assert lanes.lanes == (Lane("mail", (1, 1, 1, 1)), Lane("sms", (1, 1, 1, 1)))
        assert (lanes.firsts, lanes.outside, lanes.unplaced) == ((10, 12, 14, 16), 40, 0)
        assert view.lanes(4, MONDAY + 10 * HOUR, MONDAY + 18 * HOUR) is lanes
        for more in range(1, LANES_KEPT + 2):
            view.lanes(more)
        assert view.lanes(4, MONDAY + 10 * HOUR, MONDAY + 18 * HOUR) is not lanes
        assert len(view.lanes(10**9, MONDAY, MONDAY + DAY).firsts) <= MOST_BUCKETS
        assert len(view.lanes(0, MONDAY, MONDAY).firsts) == 1


def test_the_same_question_has_the_same_view_and_only_the_newest_are_kept() -> None:
    with opened([event()]) as timeline:
        first, second = Where(search="0"), Where(search="1")
        kept, other = timeline.view(first), timeline.view(second)
        assert timeline.view(first) is kept
        for number in range(2, VIEWS_KEPT + 1):
            timeline.view(Where(search=str(number)))
        assert timeline.view(first) is kept
        assert timeline.view(second) is not other


def test_an_event_is_found_by_any_of_its_references() -> None:
    chat = [event(wall=MONDAY + n * HOUR, text=f"word {n}", conversation="A") for n in range(8)]
    with opened(chat, chat) as timeline:
        view = timeline.view()
        assert view.total == 8
        assert [row.copies for row in view.rows(0, 8)] == [2] * 8
        for number in range(8):
            places = {view.position_of(f"{item:012x}-{number}") for item in (1, 2)}
            assert places == {number}
        odd = timeline.view(Where(search="word 3"))
        assert (odd.position_of("000000000001-3"), odd.position_of("000000000001-4")) == (0, None)
        assert odd.position_of("000000000001-99") is None
        cited = timeline.view(Where(events=("000000000002-3", "000000000001-5", "nothing-1")))
        assert [row.text for row in cited.rows(0, 9)] == ["word 3", "word 5"]
        assert timeline.view(Where(events=())).total == 0


def test_several_threads_leaf_and_count_at_once() -> None:
    rows = [event(wall=MONDAY + n * HOUR, text=f"word {n}") for n in range(300)]
    with opened(rows) as timeline, ThreadPoolExecutor(8) as pool:

        def look(number: int) -> tuple[int, int, int]:
            view = timeline.view(Where(search=f"{number % 10}"))
            held = sum(map(sum, view.hours().counts))
            return view.total, len(view.rows(0, 400)), held

        for total, shown, held in pool.map(look, range(80)):
            assert total == shown == held > 0


def test_a_case_is_browsed_through_the_desk(tmp_path: Path) -> None:
    with told_case(tmp_path) as desk:
        view = browse(desk, Where(people=("Alex",), search="KNOW"))
        assert [row.text for row in view.rows(0, 5)] == ["I know you read this"]
        assert desk.browse().total == len(desk.events())
        assert desk.hits("I know you", "KNOW") == hits("I know you", "KNOW") == ((2, 6),)


def test_an_incident_without_a_date_is_in_the_view(tmp_path: Path) -> None:
    with told_case(tmp_path) as desk:
        before = desk.browse()
        desk.incident("He stood at the gate.", "")
        view = desk.browse()
        assert (view.total, view.undated) == (before.total + 1, before.undated + 1)
        assert view.rows(before.total, 1)[0].kind == "incident"

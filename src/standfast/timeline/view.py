# SPDX-License-Identifier: Apache-2.0
"""A view: the events that were asked for, in order, ready to be leafed through and counted.

Rules enforced here:

* a view holds the positions of its events and no word of them; rows are fetched by the page;
* a day, an hour and a weekday are those of the clock that wrote the event;
* no event is left out in silence: every count says how many events of the view it does not hold
  because their time is unknown, ambiguous or stated too coarsely.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.times import NAIVE_EPOCH
from standfast.timeline.row import SHOWN, Row
from standfast.timeline.where import DAY, HOURS, OF_REFERENCES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from standfast.timeline.places import Places

MOST_ROWS: Final = 1000
"""Rows of one page."""
MOST_BUCKETS: Final = 1000
LANES_KEPT: Final = 16
WEEK: Final = 7
FIRST_DAY: Final = NAIVE_EPOCH.date()

PAGE: Final = f"""
SELECT e.r, {", ".join(f'e."{name}"' for name in SHOWN)}
FROM events e SEMI JOIN (SELECT unnest(?::INTEGER[]) AS r) wanted ON e.r = wanted.r
"""  # noqa: S608 - names of ours
ROW_OF: Final = f"SELECT e.r {OF_REFERENCES}"


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many events a day has, and the position of its first one; ``day`` is an ISO date."""

    day: str
    count: int
    first: int


@dataclass(frozen=True, slots=True)
class Days:
    """Every day that has events, in order; ``unplaced`` events of the view have no certain day."""

    days: tuple[DayCount, ...]
    unplaced: int


@dataclass(frozen=True, slots=True)
class Lane:
    """How many events of one channel fall into each bucket."""

    channel: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Events by channel over a stretch of the wall clock, cut into equal buckets.

    Attributes:
        start: microseconds of the wall clock; bucket ``n`` begins at ``start + n * width``.
        end: microsecond after the stretch; the last bucket may be cut short by it.
        firsts: the position of each bucket's first event in the view, -1 for an empty one.
        outside: events of the view whose time is certain, before or after the stretch.
        unplaced: events whose time is unknown, ambiguous or too coarse for buckets this narrow.
    """

    start: int
    end: int
    width: int
    lanes: tuple[Lane, ...]
    firsts: tuple[int, ...]
    outside: int
    unplaced: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Events by weekday (Monday first) and hour; ``unplaced`` ones have no certain hour."""

    counts: tuple[tuple[int, ...], ...]
    unplaced: int


class View:
    """Some events of a timeline, in its order. Any thread may ask.

    Attributes:
        total: how many events.
        undated: how many of them have no decided time; they are the last ones.
    """

    def __init__(
        self,
        ask: Callable[[str, Sequence[Any]], list[Any]],
        places: Places,
        positions: pa.Int32Array,
    ) -> None:
        """Hold the positions of some events; ``ask`` puts a question to the timeline."""
        self._ask = ask
        self._places = places
        self._positions = positions
        self._places_in_view = _numbers(positions)
        self.total = len(positions)
        self.undated = self.total - bisect_left(self._places_in_view, places.dated)
        self._lanes: dict[tuple[int, int, int], Lanes] = {}
        self._turn = threading.Lock()

    @property
    def first_day(self) -> str:
        """Give the first day of the view as an ISO date, empty when none is certain."""
        return self._days.days[0].day if self._days.days else ""

    @property
    def last_day(self) -> str:
        """Give the last day likewise."""
        return self._days.days[-1].day if self._days.days else ""

    # -- events ------------------------------------------------------------------------------

    def rows(self, start: int, count: int) -> list[Row]:
        """Give so many events from a position of the view on, at most `MOST_ROWS`."""
        start = max(0, start)
        wanted = self._positions.slice(start, max(0, min(count, MOST_ROWS)))
        numbers = self._places.r.take(wanted).to_pylist()
        if not numbers:
            return []
        found = {row[0]: row for row in self._ask(PAGE, [numbers])}
        return [Row(*found[number][1:]) for number in numbers]

    def position_of(self, event: str) -> int | None:
        """Give where in the view an event stands, by its reference; ``None`` if it does not."""
        place = self._place_of(event)
        if place is None:
            return None
        at = bisect_left(self._places_in_view, place)
        fits = at < self.total and self._places_in_view[at] == place
        return at if fits else None

    def position_from(self, event: str) -> int:
        """Give where an event stands, or else the first one of the view that comes after it.

        The number of events when none does, or when there is no such event.
        """
        place = self._place_of(event)
        return self.total if place is None else bisect_left(self._places_in_view, place)

    def _place_of(self, event: str) -> int | None:
        found = self._ask(ROW_OF, [[event]])
        return self._places.rank[found[0][0]].as_py() if found else None

    def position_at(self, day: str) -> int:
        """Give the first position of a day, an ISO date, or of the next one that has events.

        Behind the last day that is where the undated events begin.

        Raises:
            WrongUsage: that is no day.
        """
        try:
            wanted = date.fromisoformat(day).isoformat()
        except ValueError as problem:
            raise WrongUsage(
                _("“{when}” is not a date.").format(when=day),
                hint=_("Write the day like 2024-03-04."),
            ) from problem
        days = self._days.days
        at = bisect_left(days, wanted, key=lambda one: one.day)
        return days[at].first if at < len(days) else self.total - self.undated

    # -- counts ------------------------------------------------------------------------------

    def days(self) -> Days:
        """Count the events of each day."""
        return self._days

    @cached_property
    def _days(self) -> Days:
        days = self._places.day.take(self._positions)
        table = pa.table({"day": days, "at": pa.arange(0, self.total)})
        grouped = table.group_by("day").aggregate([("at", "count"), ("at", "min")])
        found = sorted(
            (day, count, first)
            for day, count, first in _tuples(grouped, "day", "at_count", "at_min")
            if day is not None
        )
        counts = tuple(
            DayCount((FIRST_DAY + timedelta(days=day)).isoformat(), count, first)
            for day, count, first in found
        )
        return Days(counts, days.null_count)

    def hours(self) -> Hours:
        """Count the events of each hour of each weekday."""
        return self._hours

    @cached_property
    def _hours(self) -> Hours:
        slots = self._places.slot.take(self._positions)
        counts = [0] * (WEEK * HOURS)
        for one in pc.value_counts(slots.drop_null()).to_pylist():
            counts[one["values"]] = one["counts"]
        week = tuple(tuple(counts[day * HOURS : (day + 1) * HOURS]) for day in range(WEEK))
        return Hours(week, slots.null_count)

    def lanes(self, buckets: int, start: int | None = None, end: int | None = None) -> Lanes:
        """Count the events of each channel in so many equal stretches of the wall clock.

        ``start`` and ``end`` are microseconds of the wall clock; without them, from the first
        day of the view to its last one.
        """
        buckets = max(1, min(buckets, MOST_BUCKETS))
        low, high = self._stretch(start, end)
        asked = buckets, low, high
        with self._turn:
            known = self._lanes.get(asked)
        if known is None:
            known = self._counted(-(-(high - low) // buckets) or 1, low, high)
            with self._turn:
                while len(self._lanes) >= LANES_KEPT:
                    del self._lanes[next(iter(self._lanes))]
                self._lanes[asked] = known
        return known

    def _stretch(self, start: int | None, end: int | None) -> tuple[int, int]:
        if start is None:
            first = date.fromisoformat(self.first_day or FIRST_DAY.isoformat())
            start = (first - FIRST_DAY).days * DAY
        if end is None:
            last = date.fromisoformat(self.last_day or FIRST_DAY.isoformat())
            end = ((last - FIRST_DAY).days + 1) * DAY
        return start, max(end, start + 1)

    def _counted(self, width: int, start: int, end: int) -> Lanes:
        held, unplaced = self._within(start, end, fine=width < DAY)
        bucket = pc.divide(pc.subtract(held["wall"], start), width)
        found = held.set_column(0, "bucket", bucket).group_by(["bucket", "channel"])
        counted = found.aggregate([("at", "count"), ("at", "min")])
        length = -(-(end - start) // width)
        firsts = [-1] * length
        lanes: dict[int, list[int]] = {}
        for place, channel, count, first in _tuples(
            counted, "bucket", "channel", "at_count", "at_min"
        ):
            lanes.setdefault(channel, [0] * length)[place] = count
            firsts[place] = first if firsts[place] < 0 else min(first, firsts[place])
        names = self._places.channels
        shown = tuple(Lane(names[one], tuple(lanes[one])) for one in sorted(lanes))
        outside = self.total - len(held) - unplaced
        return Lanes(start, end, width, shown, tuple(firsts), outside, unplaced)

    def _within(self, start: int, end: int, *, fine: bool) -> tuple[pa.Table, int]:
        """Give wall, channel and position of the events in a stretch, and how many cannot be told.

        ``fine`` leaves out those whose hour is not known.
        """
        wall = self._places.wall.take(self._positions)
        if fine:
            known = pc.is_valid(self._places.slot.take(self._positions))
            wall = pc.if_else(known, wall, pa.scalar(None, pa.int64()))
        inside = pc.and_(pc.greater_equal(wall, start), pc.less(wall, end))
        at = pc.indices_nonzero(inside)
        channel = self._places.channel.take(self._positions.take(at))
        return pa.table({"wall": wall.take(at), "channel": channel, "at": at}), wall.null_count


def _numbers(array: pa.Int32Array) -> memoryview:
    """Look at an array's numbers as they lie in memory."""
    start, buffer = array.offset, array.buffers()[1]
    whole = memoryview(buffer if buffer is not None else b"").cast("i")
    return whole[start : start + len(array)]


def _tuples(table: pa.Table, *names: str) -> zip[tuple[Any, ...]]:
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)

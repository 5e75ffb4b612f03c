# SPDX-License-Identifier: Apache-2.0
"""From years to minutes: how much there was, and the way to what it was.

Rules enforced here: every count stands in a table as well; every cell leads closer or to the
events; what has no certain day or hour is said, with the way to it.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.model.times import iso_wall, micros
from standfast.web.filters import Filter, where_of
from standfast.web.page import Page
from standfast.web.pages.timeline import asked_of, loading, url_of, working
from standfast.web.rendering import day

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from standfast.desk.browsing_ahead import Counts
    from standfast.web.figure import Figure
    from standfast.web.visit import Visit

WHOLE, YEAR, MONTH, DAY, HOUR = (
    0,
    len("2024"),
    len("2024-03"),
    len("2024-03-04"),
    len("2024-03-04T17"),
)
HOURS_OF_DAY = 24
FIVE_MINUTES = 12
BUCKETS = 48
SHAPES = {YEAR: "%Y", MONTH: "%Y-%m", DAY: "%Y-%m-%d", HOUR: "%Y-%m-%dT%H"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time that is looked at: ``name`` is the beginning of an ISO time."""

    name: str
    start: datetime | None = None
    end: datetime | None = None

    @property
    def level(self) -> int:
        """Give how fine it is."""
        return len(self.name)

    def within(self, asked: Filter) -> Filter:
        """Narrow a filter down to its days."""
        if self.start is None or self.end is None:
            return asked
        first = max(asked.first, self.start.date().isoformat())
        until = (self.end - timedelta(microseconds=1)).date().isoformat()
        return replace(asked, first=first, last=min(asked.last or until, until))


def stretch_of(name: str) -> Stretch:
    """Read a stretch; what is none is everything."""
    shape = SHAPES.get(len(name))
    try:
        start = datetime.strptime(name, shape) if shape else None  # noqa: DTZ007 - a wall clock
        if start is None:
            return Stretch("")
        return Stretch(name, start, start + _length(start, len(name)))
    except (ValueError, OverflowError):
        return Stretch("")


def _length(start: datetime, level: int) -> timedelta:
    if level == YEAR:
        return start.replace(year=start.year + 1) - start
    if level == MONTH:
        return timedelta(days=monthrange(start.year, start.month)[1])
    return timedelta(days=1) if level == DAY else timedelta(hours=1)


def _zoom(visit: Visit) -> Response:
    from standfast.desk.browsing_ahead import counts_by_now  # noqa: PLC0415 - the first page must come at once

    asked, value = asked_of(visit).bare, visit.value(visit.params["key"])
    stretch = stretch_of(str(value.get("zoom", "")))
    within = stretch.within(asked)
    where = None if loading(visit) else where_of(visit.desk, within)
    ends = (
        None if stretch.start is None else micros(stretch.start),
        None if stretch.end is None else micros(stretch.end),
    )
    counts = counts_by_now(visit.desk, where, _buckets(stretch), ends) if where else None
    if counts is None:
        return working(visit, asked, "timeline_zoom")
    return visit.render(
        "timeline/zoom.html",
        title=_title(stretch),
        above=_above(visit, asked, stretch),
        counts=counts,
        inside=_inside(counts, stretch),
        figures=_figures(visit, asked, within, stretch, counts),
        read=_read(visit, within, stretch, counts),
        back=url_of(visit, asked),
        narrowed=asked.narrows,
        no_day=_lack(visit, within, "one_day"),
        no_hour=_lack(visit, within, "one_hour"),
        level=stretch.level,
    )


def _buckets(stretch: Stretch) -> int:
    if stretch.level == MONTH and stretch.start is not None:
        return monthrange(stretch.start.year, stretch.start.month)[1]
    return {DAY: HOURS_OF_DAY, HOUR: FIVE_MINUTES, YEAR: BUCKETS}.get(stretch.level, BUCKETS)


def _inside(counts: Counts, stretch: Stretch) -> int:
    """Count what lies in the stretch."""
    if stretch.level == HOUR:
        return sum(sum(one.counts) for one in counts.lanes.lanes)
    return counts.view.total


def zoom_url(visit: Visit, asked: Filter, name: str) -> str:
    """Give the address of a stretch under a filter."""
    return visit.url("timeline_zoom", key=visit.key({**asked.value, "zoom": name}))


def _lack(visit: Visit, asked: Filter, what: str) -> str:
    return url_of(visit, replace(asked, lacks=(what,)))


def _read(visit: Visit, within: Filter, stretch: Stretch, counts: Counts) -> str:
    """Give the address of the events themselves."""
    at = 0
    if stretch.level == HOUR:
        at = next((one for one in counts.lanes.firsts if one >= 0), 0)
    return url_of(visit, replace(within, at=at))


# -- words -----------------------------------------------------------------------------------


def _title(stretch: Stretch) -> str:
    from standfast.desk.charting import month  # noqa: PLC0415 - likewise

    name = stretch.name
    if stretch.level == MONTH:
        return f"{month(name + '-01')} {name[:YEAR]}"
    if stretch.level == DAY:
        return day(name)
    if stretch.level == HOUR:
        return f"{day(name[:DAY])}, {name[-2:]}:00"
    return name or _("Years, days and hours")


def _above(visit: Visit, asked: Filter, stretch: Stretch) -> list[tuple[str, str]]:
    """Give the ways back, from the whole to what is just above."""
    levels = [level for level in (WHOLE, YEAR, MONTH, DAY) if level < stretch.level]
    found = [stretch_of(stretch.name[:level]) for level in levels]
    return [
        (_title(one) if one.name else _("All years"), zoom_url(visit, asked, one.name))
        for one in found
    ]


# -- charts ----------------------------------------------------------------------------------


def _figures(
    visit: Visit, asked: Filter, within: Filter, stretch: Stretch, counts: Counts
) -> list[Figure]:
    from standfast.web import charts  # noqa: PLC0415 - likewise

    def closer(name: str) -> str:
        return zoom_url(visit, asked, name)

    def at_hour(weekday: int, hour: int) -> str:
        end = (hour + 1) % HOURS_OF_DAY
        return url_of(visit, replace(within, weekdays=(weekday,), hours=(hour, end)))

    days = [(one.day, one.count) for one in counts.days.days]
    found: list[Figure] = []
    if stretch.level == WHOLE:
        found.append(charts.years(days, link=closer))
    if stretch.level in {YEAR, MONTH}:
        found.append(charts.months(days, link=closer))
    found.append(_lanes(counts, _bucket_link(visit, within, stretch, counts, closer)))
    if stretch.level < DAY and not asked.hours:
        found.append(charts.week_hours(counts.hours.counts, link=at_hour))
    return found


def _bucket_link(
    visit: Visit, within: Filter, stretch: Stretch, counts: Counts, closer: Callable[[str], str]
) -> Callable[[str], str]:
    lanes = counts.lanes
    places = {iso: lanes.firsts[number] for number, iso in enumerate(_begins(counts))}

    def link(iso: str) -> str:
        if places[iso] < 0:
            return ""
        if stretch.level == MONTH:
            return closer(iso[:DAY])
        if stretch.level == DAY:
            return closer(iso[:HOUR])
        return url_of(visit, replace(within, at=places[iso]))

    return link


def _begins(counts: Counts) -> list[str]:
    lanes = counts.lanes
    return [iso_wall(lanes.start + number * lanes.width) for number in range(len(lanes.firsts))]


def _lanes(counts: Counts, link: Callable[[str], str]) -> Figure:
    from standfast.desk.wording import channel  # noqa: PLC0415 - likewise
    from standfast.web import charts  # noqa: PLC0415 - likewise

    named = [(channel(one.channel), one.counts) for one in counts.lanes.lanes]
    return charts.lanes(_begins(counts), named, link=link)


PAGES = (Page(name="timeline_zoom", path="/t/z/{key}", get=_zoom),)

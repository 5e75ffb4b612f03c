# SPDX-License-Identifier: Apache-2.0
"""Charts for the pages: SVG made here, dressed by ``static/charts.css``, with a table beside it.

Rules enforced here:

* a picture has classes and no colours, no style and no script: the pages' policy forbids them;
* words from outside (a name on a lane) are escaped and made harmless here;
* addresses come from the caller, who hides what they mean behind opaque keys; an empty address is
  no link;
* a shape is a link only where it is large enough to be hit; the table's rows lead there as well;
* every number of a picture stands in its table.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from standfast.desk.charting import Medium, Sheet, day, month, number, weekday, weekly
from standfast.desk.charting import hours as hours_of_day
from standfast.i18n import _
from standfast.model.harmless import harmless
from standfast.web.figure import (
    Figure,
    cell,
    events,
    linked,
    own,
    patterns,
    scale,
    shared,
    strong,
    wide,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from standfast.web.figure import Cell

MOST_YEARS: Final = 30
MOST_MONTHS: Final = 24
MOST_BUCKETS_TO_PRESS: Final = 24
DAYS_OF_WEEK: Final = 7
HOURS: Final = 24
MONTHS: Final = 12
GAP: Final = 2

DAY_CELL: Final = 32
MONTH_CELL: Final = (56, 40)
HOUR_CELL: Final = 27
LANE: Final = (600, 48)
LEFT: Final = 52
TOP: Final = 22


def years(
    days: Sequence[tuple[str, int]],
    *,
    link: Callable[[str], str] | None = None,
    name: str = "years",
) -> Figure:
    """Draw a row for every year and a cell for every month.

    Args:
        days: ISO days and how many events they had.
        link: gives the address of a month (``2024-03``).
        name: as in `Figure`.
    """
    counts = _by_month(days)
    title, told = _("Events in each month"), [_days_sentence(days)]
    found = sorted({iso[:4] for iso in counts})
    if len(found) > MOST_YEARS:
        sentence = _("The picture shows the last {count} years; the table has all of them.")
        told.append(sentence.format(count=MOST_YEARS))
    addresses = _addresses(counts, link)
    sheet = _year_rows(name, found[-MOST_YEARS:], counts, addresses)
    rows = tuple(
        (linked(_month_name(iso), addresses.get(iso, "")), number(count))
        for iso, count in counts.items()
        if count
    )
    description = " ".join(told)
    return Figure(
        name=name,
        title=title,
        description=description,
        picture=wide(sheet.finish(title, description), title) + scale(),
        head=(_("Month"), _("Events")),
        rows=rows,
    )


def _year_rows(
    name: str, shown: Sequence[str], counts: Mapping[str, int], addresses: Mapping[str, str]
) -> Sheet:
    width, tall = MONTH_CELL
    sheet = Sheet(name, LEFT + MONTHS * width, TOP + len(shown) * tall, Medium.WEB)
    for place in range(MONTHS):
        x = LEFT + place * width + width / 2
        sheet.text("label", month(f"2024-{place + 1:02}-01"), x=x, y=14, anchor="middle")
    high = strong(counts.values())
    for row, year in enumerate(shown):
        y = TOP + row * tall
        sheet.text("strong", year, x=LEFT - 8, y=y + tall / 2 + 4, anchor="end")
        for place in range(MONTHS):
            iso = f"{year}-{place + 1:02}"
            spot = (LEFT + place * width, y, width - GAP, tall - GAP)
            cell(sheet, spot, counts.get(iso, 0), high, (_month_name(iso), addresses.get(iso, "")))
    return sheet


def months(
    days: Sequence[tuple[str, int]],
    *,
    link: Callable[[str], str] | None = None,
    name: str = "months",
) -> Figure:
    """Draw a sheet of a wall calendar for every month: a cell a day, darker with more events.

    Args:
        days: ISO days and how many events they had.
        link: gives the address of a day (``2024-03-04``).
        name: as in `Figure`.
    """
    counts = dict(sorted(days))
    told = [_days_sentence(days)]
    found = _every_month(counts)
    if len(found) > MOST_MONTHS:
        sentence = _("The picture shows the last {count} months; the table has all of them.")
        told.append(sentence.format(count=MOST_MONTHS))
    addresses = _addresses(counts, link)
    high = strong(counts.values())
    sheets = Markup("").join(
        _month_sheet(name, iso, counts, high, addresses) for iso in found[-MOST_MONTHS:]
    )
    return Figure(
        name=name,
        title=_("Events on each day"),
        description=" ".join(told),
        picture=Markup('<div class="chart-months">{}</div>').format(sheets) + scale(),
        head=(_("Day"), _("Events")),
        rows=tuple(
            (linked(day(iso), addresses.get(iso, "")), number(count))
            for iso, count in counts.items()
            if count
        ),
    )


def _every_month(counts: Mapping[str, int]) -> list[str]:
    if not counts:
        return []
    first, last = (date.fromisoformat(iso) for iso in (min(counts), max(counts)))
    start, end = first.year * MONTHS + first.month - 1, last.year * MONTHS + last.month
    return [f"{step // MONTHS:04}-{step % MONTHS + 1:02}" for step in range(start, end)]


def _month_sheet(
    name: str, iso: str, counts: Mapping[str, int], high: int, addresses: Mapping[str, str]
) -> Markup:
    first, days = monthrange(int(iso[:4]), int(iso[5:]))
    weeks = -(-(first + days) // DAYS_OF_WEEK)
    sheet = Sheet(f"{name}-{iso}", DAYS_OF_WEEK * DAY_CELL, TOP + weeks * DAY_CELL, Medium.WEB)
    for place in range(DAYS_OF_WEEK):
        x = place * DAY_CELL + DAY_CELL / 2
        sheet.text("label", weekday(place), x=x, y=14, anchor="middle")
    total = 0
    for offset in range(days):
        row, column = divmod(first + offset, DAYS_OF_WEEK)
        today = f"{iso}-{offset + 1:02}"
        count = counts.get(today, 0)
        total += count
        x, y = column * DAY_CELL, TOP + row * DAY_CELL
        spot = (x, y, DAY_CELL - GAP, DAY_CELL - GAP)
        ink = cell(sheet, spot, count, high, (day(today), addresses.get(today, "")), down=5)
        sheet.text(f"{ink} sf-date", str(offset + 1), x=x + 3, y=y + 9)
    title = _month_name(iso)
    drawn = sheet.finish(title, events(total))
    return Markup('<div><p class="chart-month-name">{}</p>{}</div>').format(title, own(drawn))


def weeks(
    weeks: Sequence[tuple[str, Sequence[tuple[str, int]]]],
    *,
    link: Callable[[str], str] | None = None,
    name: str = "weekly",
) -> Figure:
    """Draw a bar for every week, a colour and a pattern a channel.

    Args:
        weeks: the Monday (ISO) of each week, and channel codes with their numbers of events.
        link: gives the address of a week, by its Monday.
        name: as in `Figure`.
    """
    chart = weekly(weeks, medium=Medium.WEB)
    mondays = sorted(monday for monday, _counts in weeks)
    addresses = [link(monday) if link else "" for monday in mondays]
    return shared(name, chart, addresses, before=patterns())


def hours(
    counts: Sequence[int], *, night: tuple[int, int] = (22, 6), name: str = "hours"
) -> Figure:
    """Draw a bar for every hour of the local clock, the night shaded."""
    return shared(name, hours_of_day(counts, night=night, medium=Medium.WEB), [""] * HOURS)


def week_hours(
    counts: Sequence[Sequence[int]],
    *,
    link: Callable[[int, int], str] | None = None,
    name: str = "week-hours",
) -> Figure:
    """Draw a cell for every hour of every weekday, by the clocks the sources used.

    Args:
        counts: for Monday to Sunday the numbers of events in each of 24 hours.
        link: gives the address of a weekday (0 for Monday) and hour.
        name: as in `Figure`.
    """
    title = _("Events by weekday and hour")
    busiest, where = max(
        (
            (count, (place, hour))
            for place, row in enumerate(counts)
            for hour, count in enumerate(row)
        ),
        default=(0, (0, 0)),
    )
    sentence = _("The most, {count}, came on {weekday} between {first} and {last}.")
    place, hour = where
    told = sentence.format(
        count=number(busiest),
        weekday=weekday(place),
        first=f"{hour:02}:00",
        last=f"{(hour + 1) % HOURS:02}:00",
    )
    description = told if busiest else _("There is nothing with a known hour.")
    svg = _hour_grid(name, counts, strong(count for row in counts for count in row), link).finish(
        title, description
    )
    return Figure(
        name=name,
        title=title,
        description=description,
        picture=wide(svg, title) + scale(),
        head=(_("Hour"), *(weekday(place) for place in range(DAYS_OF_WEEK))),
        rows=tuple(
            (f"{hour:02}:00–{hour:02}:59", *_hour_row(counts, hour, link)) for hour in range(HOURS)
        ),
    )


def _hour_row(
    counts: Sequence[Sequence[int]], hour: int, link: Callable[[int, int], str] | None
) -> list[Cell]:
    found = [row[hour] for row in counts]
    return [
        linked(number(count), link(place, hour) if link and count else "")
        for place, count in enumerate(found)
    ]


def _hour_grid(
    name: str,
    counts: Sequence[Sequence[int]],
    high: int,
    link: Callable[[int, int], str] | None,
) -> Sheet:
    height = TOP + DAYS_OF_WEEK * HOUR_CELL
    sheet = Sheet(name, LEFT + HOURS * HOUR_CELL, height, Medium.WEB)
    for hour in range(0, HOURS, 3):
        sheet.text("label", f"{hour:02}:00", x=LEFT + hour * HOUR_CELL, y=14)
    for place, row in enumerate(counts):
        y = TOP + place * HOUR_CELL
        sheet.text("strong", weekday(place), x=LEFT - 8, y=y + HOUR_CELL * 0.68, anchor="end")
        for hour, count in enumerate(row):
            address = link(place, hour) if link and count else ""
            spot = (LEFT + hour * HOUR_CELL, y, HOUR_CELL - GAP, HOUR_CELL - GAP)
            tip = f"{weekday(place)} {hour:02}:00–{hour:02}:59"
            cell(sheet, spot, count, high, (tip, address))
    return sheet


def lanes(
    buckets: Sequence[str],
    lanes: Sequence[tuple[str, Sequence[int]]],
    *,
    link: Callable[[str], str] | None = None,
    name: str = "lanes",
) -> Figure:
    """Draw a lane for every channel (or person), with a bar for every stretch of time.

    Args:
        buckets: the day or minute (ISO, all different) each stretch begins with, for all lanes.
        lanes: their names, in the reader's language or from evidence, and a number a stretch.
        link: gives the address of a stretch, by what it begins with.
        name: as in `Figure`.
    """
    high = max((max(counts, default=0) for _name, counts in lanes), default=0)
    address = {iso: link(iso) if link else "" for iso in buckets}
    drawn = Markup("").join(
        _lane(f"{name}-{place}", harmless(untrusted_label), counts, high, address)
        for place, (untrusted_label, counts) in enumerate(lanes)
    )
    ends = Markup('<p class="chart-lane-ends"><span>{}</span><span>{}</span></p>').format(
        *((_begins(iso) for iso in (buckets[0], buckets[-1])) if buckets else ("", ""))
    )
    title = _("Where it came from, over time")
    told = _("All lanes have the same scale; the highest bar stands for {count}.")
    return Figure(
        name=name,
        title=title,
        description=told.format(count=number(high)),
        picture=Markup('<div class="chart-lanes">{}{}</div>').format(drawn, ends),
        head=(_("From"), *(harmless(untrusted_label) for untrusted_label, _counts in lanes)),
        rows=tuple(
            (
                linked(_begins(iso), address[iso]),
                *(number(counts[place]) for _name, counts in lanes),
            )
            for place, iso in enumerate(buckets)
        ),
    )


def _lane(
    name: str, label: str, counts: Sequence[int], high: int, address: Mapping[str, str]
) -> Markup:
    across, tall = LANE
    sheet = Sheet(name, across, tall, Medium.WEB)
    step = across / max(len(counts), 1)
    pressed = len(counts) <= MOST_BUCKETS_TO_PRESS
    for place, (iso, count) in enumerate(zip(address, counts, strict=True)):
        if not count:
            continue
        height = max(count * (tall - 2) / high, 2)
        x, width = place * step, max(step - GAP, step * 0.8)
        sheet.bar("lane-bar", x=x, y=tall - height, width=width, height=height)
        tip = f"{_begins(iso)}: {number(count)}"
        link = address[iso] if pressed else ""
        sheet.bar("hit", x=x, y=0, width=step, height=tall, tip=tip, link=link)
    sheet.line("axis", (0, tall), (across, tall))
    told = events(sum(counts))
    return Markup(
        '<div class="chart-lane"><p class="chart-lane-name"><bdi>{}</bdi>'
        '<span class="chart-lane-count quiet small">{}</span></p>{}</div>'
    ).format(label, told, own(sheet.finish(label, told)))


def _begins(iso: str) -> str:
    return " ".join(part for part in (day(iso[:10]), iso[11:16]) if part)


def _by_month(days: Sequence[tuple[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for iso, count in sorted(days):
        counts[iso[:7]] = counts.get(iso[:7], 0) + count
    return counts


def _days_sentence(days: Sequence[tuple[str, int]]) -> str:
    busy = [(count, iso) for iso, count in days if count]
    if not busy:
        return _("There is nothing with a certain date.")
    most, when = max(busy)
    sentence = _("{days} days had something; the most, {count}, was on {day}.")
    return sentence.format(days=number(len(busy)), count=number(most), day=day(when))


def _month_name(iso: str) -> str:
    return f"{month(iso + '-01')} {iso[:4]}"


def _addresses(counts: Mapping[str, int], link: Callable[[str], str] | None) -> dict[str, str]:
    return {iso: link(iso) for iso, count in counts.items() if count} if link else {}

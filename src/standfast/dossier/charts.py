# SPDX-License-Identifier: Apache-2.0
"""The charts of contact: a calendar, weeks by channel, the hours of the day, the level over time.

Rules enforced here:

* a chart is a pure function of its numbers and the language; the same numbers are always beside it
  as a table, so that nobody needs the picture;
* colour never carries a meaning alone: cells and bars have their number, or a label, or the table;
* a long period is drawn up to a bound, and the description says what was left to the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from standfast.dossier.drawing import BAR_COLOURS, HEAT_COLOURS, Medium, Sheet
from standfast.dossier.wording import channel, day, day_of_month, month, number, tenths, weekday
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from standfast.dossier.document import LevelPart

WIDTH: Final = 640
MOST_YEARS: Final = 6
MOST_WEEKS: Final = 320
MOST_DAYS: Final = 2_200
HOURS: Final = 24
DAYS_OF_WEEK: Final = 7
DARK_FROM: Final = 3
LABEL_CELL: Final = 17
PLOT_HEIGHT: Final = 130
LEFT: Final = 34
TOP: Final = 18


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and its numbers.

    Attributes:
        description: one or two sentences that say what the picture shows; the alternative text.
        head: names of the table's columns; every row of ``rows`` is as long.
    """

    title: str
    description: str
    svg: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def calendar(
    days: Sequence[tuple[str, int]],
    *,
    medium: Medium = Medium.PAPER,
    link: Callable[[str], str] | None = None,
) -> Chart:
    """Draw a cell for every day, darker with more contact; ``link`` gives a day's address."""
    counts = dict(sorted(days))
    title = _("Contact on each day")
    years = sorted({iso[:4] for iso in counts})
    told = [_count_sentence(counts)]
    if len(years) > MOST_YEARS:
        sentence = _("The picture shows the last {count} years; the table has all of them.")
        told.append(sentence.format(count=MOST_YEARS))
    bands = _bands(counts, years[-MOST_YEARS:])
    high = max(counts.values(), default=0)
    sheet = Sheet("calendar", WIDTH, 10 + sum(_band_height(*band) for band in bands), medium)
    top = 6.0
    for first, last in bands:
        _calendar_band(sheet, top, (first, last), counts, high, link)
        top += _band_height(first, last)
    rows = tuple((day(iso), number(count)) for iso, count in counts.items() if count)
    return _chart(sheet, title, told, (_("Day"), _("Contacts")), rows)


def _count_sentence(counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return _("There is no contact with a certain date.")
    most = max(counts, key=lambda iso: counts[iso])
    sentence = _("{days} days had contact; the most, {count}, was on {day}. Darker means more.")
    return sentence.format(
        days=number(sum(count > 0 for count in counts.values())),
        count=number(counts[most]),
        day=day(most),
    )


def _bands(counts: Mapping[str, int], years: Sequence[str]) -> list[tuple[date, date]]:
    """Give one band for up to 53 weeks, else one a year."""
    if not counts:
        return []
    shown = [iso for iso in counts if iso[:4] in years]
    first, last = date.fromisoformat(shown[0]), date.fromisoformat(shown[-1])
    if (last - first).days <= 53 * DAYS_OF_WEEK:
        return [(first, last)]
    return [
        (max(first, date(int(year), 1, 1)), min(last, date(int(year), 12, 31))) for year in years
    ]


def _cell(first: date, last: date) -> float:
    weeks = (last - first).days // DAYS_OF_WEEK + 2
    return min(22.0, max(10.0, (WIDTH - LEFT) / weeks))


def _band_height(first: date, last: date) -> int:
    return int(DAYS_OF_WEEK * _cell(first, last)) + TOP + 14


def _calendar_band(  # noqa: PLR0913, PLR0917 - where, which days, what is on them
    sheet: Sheet,
    top: float,
    span: tuple[date, date],
    counts: Mapping[str, int],
    high: int,
    link: Callable[[str], str] | None,
) -> None:
    first, last = span
    cell = _cell(first, last)
    monday = first - timedelta(days=first.weekday())
    for index in range(0, DAYS_OF_WEEK, 2):
        down = top + TOP + index * cell + cell * 0.7
        sheet.text("label", weekday(index), x=LEFT - 6, y=down, anchor="end")
    labelled = ""
    for offset in range((last - first).days + 1):
        today = first + timedelta(days=offset)
        iso = today.isoformat()
        column = (today - monday).days // DAYS_OF_WEEK
        x, y = LEFT + column * cell, top + TOP + today.weekday() * cell
        _day_cell(sheet, (x, y, cell), iso, counts.get(iso, 0), high, link)
        if iso[:7] != labelled and (today.day <= DAYS_OF_WEEK or not labelled):
            name = f"{month(iso)} {iso[:4]}" if not labelled or today.month == 1 else month(iso)
            sheet.text("label", name, x=x, y=top + 11)
            labelled = iso[:7]


def _day_cell(  # noqa: PLR0913, PLR0917 - one cell of a band
    sheet: Sheet,
    spot: tuple[float, float, float],
    iso: str,
    count: int,
    high: int,
    link: Callable[[str], str] | None,
) -> None:
    x, y, cell = spot
    step = heat(count, high)
    tip = f"{day(iso)}: {number(count)}"
    address = link(iso) if link and count else ""
    inner = cell - 1.6
    sheet.bar(f"heat-{step}", x=x, y=y, width=inner, height=inner, tip=tip, link=address)
    if count and cell >= LABEL_CELL and count < 1000:  # noqa: PLR2004 - what fits into a cell
        look = "on-dark" if step >= DARK_FROM else "on-light"
        sheet.text(look, str(count), x=x + inner / 2, y=y + inner / 2 + 3, anchor="middle")


def heat(count: int, high: int) -> int:
    """Give the step of a count's colour: 0 for none, then quarters of the highest count."""
    steps = len(HEAT_COLOURS) - 1
    return 0 if count <= 0 or high <= 0 else min(steps, 1 + (count - 1) * steps // high)


def weekly(
    weeks: Sequence[tuple[str, Sequence[tuple[str, int]]]],
    *,
    medium: Medium = Medium.PAPER,
    link: Callable[[str], str] | None = None,
) -> Chart:
    """Draw a bar for every week, one colour a channel; a week is named by its Monday."""
    found = sorted((monday, dict(counts)) for monday, counts in weeks)
    channels = _by_size(found)
    told = [_channels_sentence(found, channels)]
    if len(found) > MOST_WEEKS:
        sentence = _("The picture shows the last {count} weeks; the table has all of them.")
        told.append(sentence.format(count=MOST_WEEKS))
    sheet = Sheet("weekly", WIDTH, PLOT_HEIGHT + 50, medium)
    _legend(sheet, channels)
    _week_bars(sheet, _every_week(found[-MOST_WEEKS:]), channels, link)
    head = (_("Week from"), *(channel(code) for code in channels), _("Together"))
    rows = tuple(
        (
            day(monday),
            *(number(counts.get(code, 0)) for code in channels),
            number(sum(counts.values())),
        )
        for monday, counts in found
    )
    return _chart(sheet, _("Contact in each week, by channel"), told, head, rows)


def _by_size(weeks: Sequence[tuple[str, Mapping[str, int]]]) -> list[str]:
    sums: dict[str, int] = {}
    for _monday, counts in weeks:
        for code, count in counts.items():
            sums[code] = sums.get(code, 0) + count
    return sorted(sums, key=lambda code: (-sums[code], code))


def _channels_sentence(
    weeks: Sequence[tuple[str, Mapping[str, int]]], channels: Sequence[str]
) -> str:
    sums = {code: sum(counts.get(code, 0) for _monday, counts in weeks) for code in channels}
    told = ", ".join(f"{channel(code)} {number(count)}" for code, count in sums.items()) or "0"
    sentence = _("{count} weeks. Contacts by channel: {sums}.")
    return sentence.format(count=number(len(weeks)), sums=told)


def _every_week(
    weeks: Sequence[tuple[str, Mapping[str, int]]],
) -> list[tuple[str, Mapping[str, int]]]:
    """Fill in the weeks without contact, as far as the picture reaches."""
    if not weeks:
        return []
    known = dict(weeks)
    last = date.fromisoformat(weeks[-1][0])
    first = max(date.fromisoformat(weeks[0][0]), last - timedelta(weeks=MOST_WEEKS - 1))
    mondays = (first + timedelta(weeks=step) for step in range((last - first).days // 7 + 1))
    return [(monday.isoformat(), known.get(monday.isoformat(), {})) for monday in mondays]


def _legend(sheet: Sheet, channels: Sequence[str]) -> None:
    x = float(LEFT)
    last = len(BAR_COLOURS) - 1
    for place, code in enumerate(channels[: last + 1]):
        more = place == last and len(channels) > last + 1
        name = _("Other channels") if more else channel(code)
        sheet.bar(f"bar-{place}", x=x, y=4, width=10, height=10)
        sheet.text("label", name, x=x + 14, y=13)
        x += 30 + 5.6 * len(name)


def _week_bars(
    sheet: Sheet,
    weeks: Sequence[tuple[str, Mapping[str, int]]],
    channels: Sequence[str],
    link: Callable[[str], str] | None,
) -> None:
    high = max((sum(counts.values()) for _monday, counts in weeks), default=0)
    base = _frame(sheet, high, top=30)
    step = (WIDTH - LEFT) / max(len(weeks), 8)
    every = -(-len(weeks) // 9) or 1
    for place, (monday, counts) in enumerate(weeks):
        x, y = LEFT + place * step, float(base)
        for layer, code in enumerate(channels):
            tall = counts.get(code, 0) * PLOT_HEIGHT / max(high, 1)
            look = f"bar-{min(layer, len(BAR_COLOURS) - 1)}"
            tip = f"{day(monday)}, {channel(code)}: {number(counts.get(code, 0))}"
            if tall:
                y -= tall
                wide = step * 0.8
                address = link(monday) if link else ""
                sheet.bar(look, x=x, y=y, width=wide, height=tall, tip=tip, link=address)
        total = sum(counts.values())
        if total and step >= LABEL_CELL:
            sheet.text("on-light", number(total), x=x + step * 0.4, y=y - 3, anchor="middle")
        if place % every == 0:
            sheet.text("label", day_of_month(monday), x=x, y=base + 14)


def _frame(sheet: Sheet, high: int, *, top: int) -> int:
    """Draw the grid with its two or three numbers; give the height of the ground line."""
    base = top + PLOT_HEIGHT
    for part in sorted({0, high // 2, high}):
        y = base - part * PLOT_HEIGHT / max(high, 1)
        sheet.line("axis" if part == 0 else "grid", (LEFT, y), (WIDTH, y))
        sheet.text("label", number(part), x=LEFT - 6, y=y + 3.5, anchor="end")
    return base


def hours(
    counts: Sequence[int], *, night: tuple[int, int] = (22, 6), medium: Medium = Medium.PAPER
) -> Chart:
    """Draw a bar for every hour of the local clock, the night shaded."""
    filled = [*counts[:HOURS], *([0] * (HOURS - len(counts)))]
    total = sum(filled)
    dark = [hour for hour in range(HOURS) if is_night(hour, night)]
    at_night = sum(filled[hour] for hour in dark)
    sentence = _("{night} of {total} contacts with a known hour came between {first} and {last}.")
    told = sentence.format(
        night=number(at_night),
        total=number(total),
        first=f"{night[0]:02}:00",
        last=f"{night[1]:02}:00",
    )
    sheet = Sheet("hours", WIDTH, PLOT_HEIGHT + 44, medium)
    _hour_bars(sheet, filled, night)
    rows = tuple((f"{hour:02}:00–{hour:02}:59", number(filled[hour])) for hour in range(HOURS))
    return _chart(sheet, _("Contact by hour of the day"), [told], (_("Hour"), _("Contacts")), rows)


def is_night(hour: int, night: tuple[int, int]) -> bool:
    """Tell whether an hour lies in the night, which may run past midnight."""
    first, last = night
    return first <= hour < last if first <= last else hour >= first or hour < last


def _night_stretches(night: tuple[int, int]) -> list[tuple[int, int]]:
    """Give first hour and length of the night's parts within one day."""
    first, last = night
    parts = [(first, last - first)] if first <= last else [(0, last), (first, HOURS - first)]
    return [(start, length) for start, length in parts if length > 0]


def _hour_bars(sheet: Sheet, counts: Sequence[int], night: tuple[int, int]) -> None:
    step = (WIDTH - LEFT) / HOURS
    top = 24
    for first, count in _night_stretches(night):
        x = LEFT + first * step
        sheet.bar("night", x=x, y=top - 20, width=count * step, height=PLOT_HEIGHT + 20)
        sheet.text("label", _("Night"), x=x + 4, y=top - 9)
    high = max(counts)
    base = _frame(sheet, high, top=top)
    for hour, count in enumerate(counts):
        x = LEFT + hour * step
        tall = count * PLOT_HEIGHT / max(high, 1)
        tip = f"{hour:02}:00–{hour:02}:59: {number(count)}"
        if count:
            sheet.bar("bar-0", x=x + 3, y=base - tall, width=step - 6, height=tall, tip=tip)
            y = base - tall - 3
            sheet.text("on-light", number(count), x=x + step / 2, y=y, anchor="middle")
        sheet.text("label", f"{hour:02}", x=x + step / 2, y=base + 14, anchor="middle")


def level(
    days: Sequence[tuple[str, int]],
    parts: Sequence[LevelPart],
    *,
    medium: Medium = Medium.PAPER,
) -> Chart:
    """Draw the days as thin bars and the average of every stretch as a line of steps."""
    told = " ".join(
        _("From {first} to {last}: {level} contacts a day on average.").format(
            first=day(part.first), last=day(part.last), level=tenths(part.contacts, part.days or 1)
        )
        for part in parts[:12]
    )
    sheet = Sheet("level", WIDTH, PLOT_HEIGHT + 40, medium)
    _level_lines(sheet, dict(days), parts)
    head = (_("From"), _("To"), _("Days"), _("Contacts"), _("Contacts a day"))
    rows = tuple(
        (
            day(part.first),
            day(part.last),
            number(part.days),
            number(part.contacts),
            tenths(part.contacts, part.days or 1),
        )
        for part in parts
    )
    told = told or _("No change of level was found.")
    return _chart(sheet, _("Level of contact over time"), [told], head, rows)


def _level_lines(sheet: Sheet, counts: Mapping[str, int], parts: Sequence[LevelPart]) -> None:
    high = max(counts.values(), default=0)
    base = _frame(sheet, high, top=20)
    ends = [part.first for part in parts] + [part.last for part in parts] + list(counts)
    if not ends:
        return
    last = date.fromisoformat(max(ends))
    first = max(date.fromisoformat(min(ends)), last - timedelta(days=MOST_DAYS))
    step = (WIDTH - LEFT) / ((last - first).days + 1)
    tall = PLOT_HEIGHT / max(high, 1)

    def across(iso: str) -> float:
        return LEFT + max(0, (date.fromisoformat(iso) - first).days) * step

    for iso, count in counts.items():
        if count and date.fromisoformat(iso) >= first:
            width = max(step * 0.8, 0.6)
            sheet.bar("day", x=across(iso), y=base - count * tall, width=width, height=count * tall)
    points: list[tuple[float, float]] = []
    for part in parts:
        y = base - min(part.contacts * tall / max(part.days, 1), PLOT_HEIGHT)
        points += [(across(part.first), y), (across(part.last) + step, y)]
        sheet.text("label", day_of_month(part.first), x=across(part.first), y=base + 14)
        shown = tenths(part.contacts, part.days or 1)
        width = 8 + 6 * len(shown)
        sheet.bar("plate", x=across(part.first) + 2, y=max(y - 16, 0), width=width, height=12)
        sheet.text("strong", shown, x=across(part.first) + 6, y=max(y - 6, 10))
    if points:
        sheet.line("step", *points)


def _chart(
    sheet: Sheet,
    title: str,
    told: Sequence[str],
    head: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
) -> Chart:
    description = " ".join(told)
    return Chart(title, description, sheet.finish(title, description), head, rows)

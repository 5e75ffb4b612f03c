# SPDX-License-Identifier: Apache-2.0
"""Patterns of contact, counted for charts: weeks by channel, days, hours, levels, pauses.

Rules enforced here: only what came in from the one person is counted, by the clock that wrote it;
what has no certain day or hour is told; levels and pauses are those that the detectors found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from standfast.desk.ahead import by_now
from standfast.desk.finding_ahead import GRACE, found_by_now
from standfast.desk.looking import settings
from standfast.dossier.document import LevelPart
from standfast.findings.contact import account_of
from standfast.model.event import Direction, Kind
from standfast.model.times import NAIVE_EPOCH
from standfast.timeline.where import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from standfast.desk.case import Desk
    from standfast.model.finding import Finding
    from standfast.timeline.view import DayCount, View

CONTACT: Final = tuple(map(str, (Kind.MESSAGE, Kind.CALL, Kind.MAIL, Kind.INCIDENT)))
MOST_WEEKS: Final = 1000
WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without contact, and how it began again.

    ``last`` and ``returned`` are ISO days; ``channel`` is its code;
    ``incoming`` came in during the seven days after.
    """

    last: str
    days: int
    returned: str
    channel: str
    incoming: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """What came in from one person or account.

    Attributes:
        weeks: Monday, and for each channel (its code) how many came; weeks without any as well.
        weeks_left_out: earlier weeks that are not among them.
        days: ISO day and count, for days that have any.
        hours: Monday to Sunday, 24 hours each.
        no_day: contacts without a certain day; ``no_hour``: without a certain hour.
        levels: the stretches between changes of level, in order; empty when none was found.
    """

    total: int
    weeks: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    weeks_left_out: int
    days: tuple[tuple[str, int], ...]
    hours: tuple[tuple[int, ...], ...]
    no_day: int
    no_hour: int
    levels: tuple[LevelPart, ...]
    pauses: tuple[Pause, ...]


def patterns_by_now(desk: Desk, subject: str) -> Patterns | None:
    """Give the patterns of a subject, or ``None`` while they are being counted."""
    found = found_by_now(desk)
    if found is None:
        return None
    question = ("patterns", subject, settings(desk))
    return by_now(desk, question, lambda: patterns(desk, subject, found), GRACE, family="patterns")


def patterns(desk: Desk, subject: str, found: Iterable[Finding]) -> Patterns:
    """Count what came in from a subject of findings; ``found`` are the findings known by now."""
    channel, address = account_of(subject)
    whose = {"channel": channel, "account": address} if address else {"person": subject}
    where = Where(kinds=CONTACT, direction=str(Direction.IN), **whose)  # type: ignore[arg-type]  # names of text fields
    view = desk.browse(where)
    days, hours = view.days(), view.hours()
    own = [one for one in found if one.subject == subject]
    weeks, left_out = _weeks(view, days.days)
    return Patterns(
        total=view.total,
        weeks=weeks,
        weeks_left_out=left_out,
        days=tuple((one.day, one.count) for one in days.days),
        hours=hours.counts,
        no_day=days.unplaced,
        no_hour=hours.unplaced,
        levels=_levels([one for one in own if one.detector == "change_of_level"]),
        pauses=tuple(_pause(one) for one in own if one.detector == "silence_return"),
    )


def _weeks(
    view: View, days: Sequence[DayCount]
) -> tuple[tuple[tuple[str, tuple[tuple[str, int], ...]], ...], int]:
    if not days:
        return (), 0
    start, last = _monday(days[0].day), _monday(days[-1].day)
    total = (last - start) // WEEK + 1
    left_out = max(0, total - MOST_WEEKS)
    start += WEEK * left_out
    lanes = view.lanes(total - left_out, _micros(start), _micros(last + WEEK))
    return tuple(
        (
            (start + WEEK * place).isoformat(),
            tuple((lane.channel, lane.counts[place]) for lane in lanes.lanes if lane.counts[place]),
        )
        for place in range(total - left_out)
    ), left_out


def _monday(iso: str) -> date:
    day = date.fromisoformat(iso)
    return day - DAY * day.weekday()


def _micros(day: date) -> int:
    return (day - NAIVE_EPOCH.date()) // DAY * 86_400_000_000


def _levels(changes: Iterable[Finding]) -> tuple[LevelPart, ...]:
    """Give the stretches before and after each change; one between two changes is there once."""
    found: dict[str, LevelPart] = {}
    for one in changes:
        numbers, day = one.numbers, str(one.numbers["date"])
        eve = (date.fromisoformat(day) - DAY).isoformat()
        for first, last, name in ((one.first, eve, "before"), (day, one.last, "after")):
            contacts, days = int(numbers[name]), int(numbers[f"{name}_days"])
            found[first] = LevelPart(first=first, last=last, contacts=contacts, days=days)
    return tuple(found[first] for first in sorted(found))


def _pause(finding: Finding) -> Pause:
    numbers = finding.numbers
    return Pause(
        last=str(numbers["last_before"]),
        days=int(numbers["days"]),
        returned=str(numbers["returned"]),
        channel=str(numbers["channel"]),
        incoming=int(numbers["incoming_week_after"]),
    )

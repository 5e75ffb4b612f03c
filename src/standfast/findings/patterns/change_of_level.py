# SPDX-License-Identifier: Apache-2.0
"""A lasting change in how much contact comes in.

Rules enforced here: days without contact count as zeros; a silence of more than `APART` days
splits the record, and each part is asked on its own; a part needs `FEWEST` contacts; the search is
`standfast.findings.change_point`, exact and in whole numbers; what is told are the true counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.findings.change_point import Change, changes
from standfast.i18n import _
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from standfast.findings import Settings

APART: Final = 366
FEWEST: Final = 20
LONGEST: Final = 20 * 366
"""Days of one part that are looked at, the last ones: keeps a wrong clock from costing hours."""
_BY_DAY: Final = """
SELECT subject, day, count(*) FROM contact WHERE incoming
GROUP BY subject, day ORDER BY subject, day
"""


class ChangeOfLevel:
    """The days from which more, or less, contact came."""

    id = "change_of_level"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding a change, in the order of subjects and days."""
        del settings
        with contact.contacts(events) as connection:
            subjects: dict[str, list[tuple[int, int]]] = {}
            for subject, day, count in connection.execute(_BY_DAY).fetchall():
                subjects.setdefault(subject, []).append((day, count))
            levels = [
                (subject, *level)
                for subject, days in subjects.items()
                for part in parts(days)
                for level in _levels(*part)
            ]
            half = contact.CITED // 2
            before = contact.quoted(
                connection,
                [(row[0], row[1], row[2] - 1) for row in levels],
                column="day",
                most=half,
            )
            after = contact.quoted(
                connection, [(row[0], row[2], row[3]) for row in levels], column="day", most=half
            )
        return [
            self._finding(row, subjects[row[0]], (*early, *late))
            for row, early, late in zip(levels, before, after, strict=True)
        ]

    def _finding(
        self,
        level: tuple[str, int, int, int, int, int],
        counts: list[tuple[int, int]],
        events: tuple[str, ...],
    ) -> Finding:
        subject, start, day, end, earliest, latest = level
        own = [(at, count) for at, count in counts if start <= at <= end]
        before = sum(count for at, count in own if at < day)
        after = sum(count for at, count in own if at >= day)
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.LIKELY,
            numbers={
                "date": contact.iso_day(day),
                "earliest": contact.iso_day(earliest),
                "latest": contact.iso_day(latest),
                "before": before,
                "before_days": day - start,
                "before_per_week": per_week(before, day - start),
                "after": after,
                "after_days": end - day + 1,
                "after_per_week": per_week(after, end - day + 1),
            },
            events=events,
            events_total=before + after,
            days=(start, end),
            series={"per_week": contact.by_week(own)},
        )

    def say(self, finding: Finding) -> Statement:
        """Word the change."""
        numbers = finding.numbers
        more = int(numbers["after"]) * int(numbers["before_days"]) > int(numbers["before"]) * int(
            numbers["after_days"]
        )
        return Statement(
            title=_("More contact than before") if more else _("Less contact than before"),
            seen=wording.about(finding) + _seen(finding),
            why=_why(more=more),
            otherwise=_(
                "Holidays, an illness, moving house, a change of app or phone, or a court date "
                "can change how much is written, and some people write in waves of weeks for no "
                "reason. If an export begins or ends near this date, the "
                "change may lie in what was exported and not in what happened."
            ),
            sure=_sure(finding),
            next_step=_(
                "Think about what happened around this date, and write it down as an incident if "
                "you want to. Check that the exports cover the time before and after."
            ),
            notice=wording.notice(),
        )


def parts(days: list[tuple[int, int]]) -> Iterator[tuple[int, list[int]]]:
    """Cut a record where it is silent for more than `APART` days; give first day and counts."""
    begin = 0
    for index in range(1, len(days) + 1):
        if index < len(days) and days[index][0] - days[index - 1][0] <= APART:
            continue
        known = dict(days[begin:index])
        last = days[index - 1][0]
        first = max(days[begin][0], last - LONGEST + 1)
        begin = index
        counts = [known.get(day, 0) for day in range(first, last + 1)]
        if sum(counts) >= FEWEST:
            yield first, counts


def _levels(first: int, counts: list[int]) -> Iterator[tuple[int, int, int, int, int]]:
    """Give for each change: start before, day, last day after, earliest and latest day."""
    found: Sequence[Change] = changes(counts)
    starts = [0, *(change.day for change in found), len(counts)]
    for index, change in enumerate(found):
        yield (
            first + starts[index],
            first + change.day,
            first + starts[index + 2] - 1,
            first + change.earliest,
            first + change.latest,
        )


def per_week(count: int, length: int) -> int:
    """Give the contacts a week, rounded to the nearest whole number, halves up."""
    return (14 * count + length) // (2 * length)


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    return _(
        "From {date} on, the amount of contact was different. Before: {before} {before_days}, "
        "{before_week}. After: {after} {after_days}, {after_week}."
    ).format(
        date=wording.spoken_date(str(numbers["date"])),
        before=wording.incoming(numbers["before"]),
        before_days=wording.in_days(numbers["before_days"]),
        before_week=wording.a_week(numbers["before_per_week"], numbers["before"]),
        after=wording.incoming(numbers["after"]),
        after_days=wording.in_days(numbers["after_days"]),
        after_week=wording.a_week(numbers["after_per_week"], numbers["after"]),
    )


def _sure(finding: Finding) -> str:
    earliest, latest = (str(finding.numbers[name]) for name in ("earliest", "latest"))
    told = _(
        "The counts are exact. The date is the best fit of a calculation that allows for lively "
        "and quiet days."
    )
    if earliest == latest:
        return f"{told} " + _("No other day fits nearly as well.")
    return f"{told} " + _("Every day from {earliest} to {latest} may fit nearly as well.").format(
        earliest=wording.spoken_date(earliest), latest=wording.spoken_date(latest)
    )


def _why(*, more: bool) -> str:
    if more:
        return _(
            "A clear rise with a date helps police and counsellors to see when the situation "
            "changed, and what came before it. Talk to a counselling centre if it worries you."
        )
    return _(
        "A fall is told as openly as a rise, so that the picture is complete. Less contact here "
        "does not say that it is over, or that it did not go elsewhere."
    )


DETECTOR: Final = ChangeOfLevel()

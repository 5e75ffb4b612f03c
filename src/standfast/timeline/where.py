# SPDX-License-Identifier: Apache-2.0
"""Which events are wanted.

Rules enforced here:

* values are handed to the database beside the question, never within it;
* an hour and a day of the week are those of the wall clock as it was written; an hour fits only
  where the source states the time more finely than by day;
* a time of two possible readings fits if either does; an unknown one fits no question about time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from standfast.timeline.folding import FOLDED

DAY: Final = 86_400_000_000
HOUR: Final = 3_600_000_000
HOURS: Final = 24
FINE: Final = ("min", "s", "ms")
"""Precisions finer than a day."""

OF_REFERENCES: Final = """
FROM (SELECT DISTINCT unnest(?::VARCHAR[]) AS wanted) a
LEFT JOIN hidden h ON h.event = a.wanted
JOIN events e ON e.event = coalesce(h.shown, a.wanted)
  AND e.n = try_cast(split_part(coalesce(h.shown, a.wanted), '-', -1) AS BIGINT)
"""
"""The number in a reference leads to few events, whose references are then compared."""


def since_midnight(wall: str) -> str:
    """Give the SQL for the microseconds since midnight, also before 1970."""
    return f"((({wall}) % {DAY} + {DAY}) % {DAY})"


def day_number(wall: str) -> str:
    """Give the SQL for the days since 1970-01-01, also before."""
    return f"((({wall}) - {since_midnight(wall)}) // {DAY})"


def weekday_number(wall: str) -> str:
    """Give the SQL for the day of the week: 0 is Monday, as in Python."""
    return f"(({day_number(wall)} % 7 + 10) % 7)"


HOUR_FITS: Final = (
    "precision IN ('min', 's', 'ms') AND ((("
    + since_midnight("wall")
    + f" // {HOUR}) - ? + {HOURS}) % {HOURS} < ? OR (("
    + since_midnight("wall_other")
    + f" // {HOUR}) - ? + {HOURS}) % {HOURS} < ?)"
)
WEEKDAY_FITS: Final = (
    f"list_contains(?::INTEGER[], {weekday_number('wall')}::INTEGER) "
    f"OR coalesce(list_contains(?::INTEGER[], {weekday_number('wall_other')}::INTEGER), false)"
)

LACKS: Final = {
    "moment": "ts IS NULL",
    "day": "wall IS NULL",
    "hour": "wall IS NULL OR precision NOT IN ('min', 's', 'ms')",
    "one_day": "wall IS NULL OR wall_other IS NOT NULL",
    "one_hour": "wall IS NULL OR wall_other IS NOT NULL OR precision NOT IN ('min', 's', 'ms')",
}


@dataclass(frozen=True, slots=True)
class Where:
    """Which events are wanted; empty means any, and an event has to fit everything that is said.

    Attributes:
        start: microseconds like ``ts``; ``end`` likewise, exclusive.
        wall_start: microseconds of the wall clock, for days as the person lived them;
            ``wall_end`` likewise, exclusive.
        channel: one channel; ``channels`` any of several. So for ``person`` and ``kind``.
        search: only events with this text in them (`standfast.timeline.folding`).
        dated: only events with a decided time, only those without, or both.
        hours: from which hour to which, of the wall clock; (22, 6) runs over midnight, and the
            same hour twice is the whole day.
        weekdays: 0 is Monday.
        attached: only events that name a file.
        events: only these references, also those of other places of an event.
        lacks: only events of which one of these is unknown: ``moment`` (the time in the order of
            all), ``day``, ``hour``; ``one_day`` and ``one_hour`` are also unknown where a time has
            two readings, as in what a view counts.
    """

    start: int | None = None
    end: int | None = None
    wall_start: int | None = None
    wall_end: int | None = None
    person: str = ""
    account: str = ""
    channel: str = ""
    kind: str = ""
    direction: str = ""
    search: str = ""
    item: str = ""
    dated: bool | None = None
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()
    attached: bool = False
    events: tuple[str, ...] | None = None
    lacks: tuple[str, ...] = ()

    def lacking(self) -> Where | None:
        """Ask for the events that a question about time leaves out because theirs is unknown.

        They fit everything else that is said; ``None`` when nothing is said about time.
        """
        asked = {
            "moment": self.start is not None or self.end is not None,
            "day": self.wall_start is not None or self.wall_end is not None or self.weekdays,
            "hour": self.hours is not None,
        }
        lacks = tuple(name for name, said in asked.items() if said)
        return replace(
            self, start=None, end=None, wall_start=None, wall_end=None, weekdays=(), hours=None,
            lacks=lacks,
        ) if lacks else None  # fmt: skip

    def clause(self) -> tuple[str, list[Any]]:
        """Give the SQL condition and its values."""
        tests = [*self._single(), *self._several()]
        words = [test for test, _values in tests]
        if self.dated is not None:
            words.append("ts IS NOT NULL" if self.dated else "ts IS NULL")
        if self.lacks:
            words.append(" OR ".join(LACKS[name] for name in self.lacks))
        if self.attached:
            words.append("attachments <> ''")
        values = [value for _test, given in tests for value in given]
        return " AND ".join(f"({test})" for test in words) or "true", values

    def _single(self) -> list[tuple[str, list[Any]]]:
        tests = [
            ("ts >= ?", self.start),
            ("ts < ?", self.end),
            ("greatest(wall, coalesce(wall_other, wall)) >= ?", self.wall_start),
            ("least(wall, coalesce(wall_other, wall)) < ?", self.wall_end),
            ("person = ?", self.person or None),
            ("account = ?", self.account or None),
            ("channel = ?", self.channel or None),
            ("kind = ?", self.kind or None),
            ("direction = ?", self.direction or None),
            (f"contains(folded, {FOLDED.format('?')})", self.search or None),
            ("item = ?", self.item or None),
        ]
        return [(test, [value]) for test, value in tests if value is not None]

    def _several(self) -> list[tuple[str, list[Any]]]:
        tests: list[tuple[str, list[Any]]] = [
            (f"list_contains(?::VARCHAR[], {column})", [list(wanted)])
            for column, wanted in (
                ("channel", self.channels),
                ("person", self.people),
                ("kind", self.kinds),
            )
            if wanted
        ]
        if self.hours is not None:
            first, last = self.hours
            stretch = [first, (last - first) % HOURS or HOURS]
            tests.append((HOUR_FITS, stretch * 2))
        if self.weekdays:
            tests.append((WEEKDAY_FITS, [list(self.weekdays)] * 2))
        if self.events is not None:
            tests.append((f"r IN (SELECT e.r {OF_REFERENCES})", [list(self.events)]))
        return tests

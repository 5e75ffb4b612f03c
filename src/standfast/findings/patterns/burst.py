# SPDX-License-Identifier: Apache-2.0
"""Many contacts in one hour: the densest windows of sixty minutes.

Rules enforced here: a window starts at an incoming contact and holds every incoming contact of
the next sixty minutes; it is told from `FEWEST` on and from `TIMES` the subject's own median
active hour on; the fullest window comes first (the earliest of equals), and no two overlap.
Events of which only the day is known are left out.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.i18n import _
from standfast.model.finding import Confidence, Finding, Statement
from standfast.model.times import iso_wall

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pyarrow as pa

    from standfast.findings import Settings

WINDOW: Final = contact.HOUR
FEWEST: Final = 8
TIMES: Final = 4
SHOWN: Final = 5

_TIMED: Final = """
CREATE OR REPLACE TEMP TABLE timed AS SELECT subject, event, ts, wall FROM contact
WHERE incoming AND precision NOT IN ('day', 'none')
"""
_DENSE: Final = f"""
CREATE OR REPLACE TEMP TABLE dense AS
WITH hours AS (
    SELECT subject, (ts - ((ts % {WINDOW}) + {WINDOW}) % {WINDOW}) // {WINDOW} AS hour,
        count(*) AS n
    FROM timed GROUP BY ALL),
usual AS (SELECT subject, quantile_disc(n, 0.5) AS median FROM hours GROUP BY subject),
counted AS (
    SELECT subject, event, ts, wall, count(*) OVER (
        PARTITION BY subject ORDER BY ts RANGE BETWEEN CURRENT ROW AND {WINDOW - 1} FOLLOWING) AS n
    FROM timed)
SELECT subject, event, ts, wall, n, median FROM counted JOIN usual USING (subject)
WHERE n >= {FEWEST} AND n >= {TIMES} * median
"""  # noqa: S608 - whole numbers of this file
_NOTHING_PICKED: Final = """
CREATE OR REPLACE TEMP TABLE picked AS SELECT * EXCLUDE (event) FROM dense LIMIT 0
"""
_PICK: Final = """
INSERT INTO picked
SELECT subject, ts, wall, n, median FROM dense
QUALIFY row_number() OVER (PARTITION BY subject ORDER BY n DESC, ts, event) = 1
"""
_DROP_NEIGHBOURS: Final = f"""
DELETE FROM dense USING picked
WHERE dense.subject = picked.subject AND abs(dense.ts - picked.ts) < {WINDOW}
"""  # noqa: S608 - a whole number of this file
_PICKED: Final = """
SELECT subject, ts, wall, n, median FROM picked ORDER BY subject, n DESC, ts
"""
Window = tuple[str, int, int, int, int]


class Burst:
    """The hours in which the most came at once."""

    id = "burst"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding for each subject with a window that is dense enough."""
        del settings
        with contact.contacts(events) as connection:
            windows = _windows(connection)
            spans = [(subject, ts, ts + WINDOW - 1) for subject, ts, _wall, _n, _m in windows]
            quoted = contact.quoted(
                connection,
                spans,
                column="ts",
                where="incoming AND precision NOT IN ('day', 'none')",
                most=contact.CITED // SHOWN,
            )
        pairs = zip(windows, quoted, strict=True)
        return [
            self._finding(subject, list(group))
            for subject, group in groupby(pairs, key=lambda pair: pair[0][0])
        ]

    def _finding(self, subject: str, windows: list[tuple[Window, tuple[str, ...]]]) -> Finding:
        (_subject, _ts, wall, most, median), _events = windows[0]
        in_time = sorted(windows, key=lambda pair: pair[0][1])
        days = [contact.day_of(window[2]) for window, _events in windows]
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.COUNTED,
            numbers={
                "most": most,
                "most_from": iso_wall(wall)[:16],
                "median_hour": median,
                "windows": len(windows),
            },
            events=[event for _window, events in in_time for event in events],
            events_total=sum(window[3] for window, _events in windows),
            days=(min(days), max(days)),
            series={
                "densest": tuple((iso_wall(window[2])[:16], window[3]) for window, _ in windows)
            },
        )

    def say(self, finding: Finding) -> Statement:
        """Word the densest windows."""
        return Statement(
            title=_("Many contacts within one hour"),
            seen=wording.about(finding) + _seen(finding),
            why=_(
                "Many contacts in a short time can feel overwhelming, and they block a phone for "
                "other things. For police, such an hour is a clear event with a date and a time."
            ),
            otherwise=_(
                "A lively talk of two, one thought sent in many pieces, a row of photos, or a "
                "phone that delivered everything late at once can look the same."
            ),
            sure=wording.counted(),
            next_step=_(
                "Open that hour in the timeline. If something happened that day, write it down "
                "as an incident while you remember it."
            ),
            notice=wording.notice(),
        )


def _windows(connection: duckdb.DuckDBPyConnection) -> list[Window]:
    """Pick the fullest window of every subject, drop what overlaps it, and again."""
    connection.execute(_TIMED)
    connection.execute(_DENSE)
    connection.execute(_NOTHING_PICKED)
    for _round in range(SHOWN):
        connection.execute(_PICK)
        connection.execute(_DROP_NEIGHBOURS)
    return connection.execute(_PICKED).fetchall()


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    first = _(
        "Within sixty minutes from {start}, {count} came in. In a usual hour with contact "
        "it is {median}."
    ).format(
        start=wording.spoken_time(str(numbers["most_from"])),
        count=wording.contacts(numbers["most"]),
        median=wording.spoken_number(numbers["median_hour"]),
    )
    if numbers["windows"] == 1:
        return first
    return f"{first} " + _("A table names the {n} densest such hours.").format(
        n=wording.spoken_number(numbers["windows"])
    )


DETECTOR: Final = Burst()

# SPDX-License-Identifier: Apache-2.0
"""Contact without a reply: runs of incoming contact with nothing outgoing in between.

Rules enforced here: a reply on any channel ends a run; a call back that nobody took is a reply;
of runs of equal length the earliest is shown; `MENTIONED` in a row is the least that is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.i18n import _, ngettext
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from standfast.findings import Settings

MENTIONED: Final = 5
LONG: Final = 10
RUNS_LISTED: Final = 10

_RUNS: Final = """
CREATE OR REPLACE TEMP TABLE runs AS
WITH numbered AS (
    SELECT subject, event, ts, day, incoming,
        sum(CASE WHEN incoming THEN 0 ELSE 1 END)
            OVER (PARTITION BY subject ORDER BY ts, event ROWS UNBOUNDED PRECEDING) AS run
    FROM contact)
SELECT subject, event, ts, day, run,
    count(*) OVER (PARTITION BY subject, run) AS length
FROM numbered WHERE incoming
"""
"""A filtered count over a growing window takes quadratic time in the database; a sum does not."""
_LENGTHS: Final = """
SELECT subject, length, min(day) AS first_day, max(day) AS last_day, run
FROM runs GROUP BY subject, run, length ORDER BY subject, length DESC, run
"""
_TOTALS: Final = """
SELECT subject, count(*) FILTER (incoming), count(*) FILTER (NOT incoming)
FROM contact GROUP BY subject ORDER BY subject
"""
_QUOTED: Final = f"""
WITH longest AS (
    SELECT subject, run FROM runs WHERE length >= {MENTIONED}
    GROUP BY subject, run, length
    QUALIFY row_number() OVER (PARTITION BY subject ORDER BY length DESC, run) = 1),
placed AS (
    SELECT subject, event, ts, length,
        row_number() OVER (PARTITION BY subject ORDER BY ts, event) AS place
    FROM runs JOIN longest USING (subject, run))
SELECT subject, event FROM placed
WHERE place <= {contact.CITED // 2} OR place > length - {contact.CITED // 2}
ORDER BY subject, ts, event
"""  # noqa: S608 - whole numbers of this file
Run = tuple[int, int, int]


class OneSided:
    """The runs of contact that had no reply."""

    id = "one_sided"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding for each subject with a run of `MENTIONED` or more."""
        del settings
        with contact.contacts(events) as connection:
            connection.execute(_RUNS)
            runs: dict[str, list[Run]] = {}
            for subject, length, first, last, _run in connection.execute(_LENGTHS).fetchall():
                runs.setdefault(subject, []).append((length, first, last))
            totals = connection.execute(_TOTALS).fetchall()
            quoted: dict[str, list[str]] = {}
            for subject, event in connection.execute(_QUOTED).fetchall():
                quoted.setdefault(subject, []).append(event)
        return [
            self._finding(subject, runs[subject], quoted[subject], incoming, outgoing)
            for subject, incoming, outgoing in totals
            if subject in quoted
        ]

    def _finding(
        self, subject: str, runs: list[Run], quoted: list[str], incoming: int, outgoing: int
    ) -> Finding:
        length, first, last = runs[0]
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.COUNTED,
            numbers={
                "longest": length,
                "longest_days": last - first + 1,
                "runs_of_5": sum(run[0] >= MENTIONED for run in runs),
                "runs_of_10": sum(run[0] >= LONG for run in runs),
                "incoming": incoming,
                "outgoing": outgoing,
                "share_permille": incoming * 1000 // (incoming + outgoing),
                "first_event": quoted[0],
                "last_event": quoted[-1],
            },
            events=quoted,
            events_total=length,
            days=(first, last),
            series={
                "longest_runs": tuple(
                    (contact.iso_day(run[1]), run[0])
                    for run in runs[:RUNS_LISTED]
                    if run[0] >= MENTIONED
                )
            },
        )

    def say(self, finding: Finding) -> Statement:
        """Word the longest run and how many there are."""
        return Statement(
            title=_("Contact without a reply"),
            seen=wording.about(finding) + _seen(finding),
            why=_(
                "Contact that goes on although no answer comes was not a conversation. Police "
                "often ask whether it was one-sided. You owe nobody a reply: contact is unwanted "
                "because you do not want it, answered or not."
            ),
            otherwise=_(
                "You may have answered by voice, in person, or in an app that was not added. "
                "Newsletters, reminders and other automatic messages never expect a reply. "
                "Several short messages in a row can be one thought."
            ),
            sure=wording.counted(),
            next_step=_(
                "Read the first and the last message of the longest row. If your replies are in "
                "another app or on another phone, add that too; then this is counted again."
            ),
            notice=wording.notice(),
        )


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    row = ngettext(
        "The longest row has {contacts} with no reply in between, within {n} day, "
        "from {first} to {last}.",
        "The longest row has {contacts} with no reply in between, within {n} days, "
        "from {first} to {last}.",
        int(numbers["longest_days"]),
    ).format(
        contacts=wording.incoming(numbers["longest"]),
        n=wording.spoken_number(numbers["longest_days"]),
        first=wording.spoken_date(finding.first),
        last=wording.spoken_date(finding.last),
    )
    rest = _(
        "Rows of 5 or more without a reply: {five}. Rows of 10 or more: {ten}. Altogether there "
        "are {incoming} and {outgoing}."
    ).format(
        five=wording.spoken_number(numbers["runs_of_5"]),
        ten=wording.spoken_number(numbers["runs_of_10"]),
        incoming=wording.incoming(numbers["incoming"]),
        outgoing=wording.outgoing(numbers["outgoing"]),
    )
    return f"{row} {rest}"


DETECTOR: Final = OneSided()

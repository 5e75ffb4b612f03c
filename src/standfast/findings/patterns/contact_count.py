# SPDX-License-Identifier: Apache-2.0
"""How much contact there was: by day, week, month and channel.

Rules enforced here: both directions are counted and shown; a day is a day of the wall clock; the
busiest day is the one with the most incoming contact, the earliest of equals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.i18n import _
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from standfast.findings import Settings

_BY_DAY: Final = """
SELECT subject, day, channel,
    count(*) FILTER (incoming) AS n_in, count(*) FILTER (NOT incoming) AS n_out,
    count(*) FILTER (incoming AND is_call) AS calls_in,
    count(*) FILTER (missed AND incoming) AS missed,
    count(*) FILTER (NOT incoming AND is_call) AS calls_out
FROM contact GROUP BY subject, day, channel ORDER BY subject, day, channel
"""
Row = tuple[int, str, int, int, int, int, int]


class ContactCount:
    """Counts of contact with one subject."""

    id = "contact_count"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding a subject, in the order of subjects."""
        del settings
        with contact.contacts(events) as connection:
            rows = connection.execute(_BY_DAY).fetchall()
            cited = contact.cited(connection, "true")
        subjects: dict[str, list[Row]] = {}
        for subject, *row in rows:
            subjects.setdefault(subject, []).append(tuple(row))
        return [self._finding(subject, days, cited) for subject, days in subjects.items()]

    def _finding(self, subject: str, rows: list[Row], cited: dict[str, tuple[str, ...]]) -> Finding:
        totals = [sum(row[column] for row in rows) for column in range(2, 7)]  # type: ignore[misc] # columns 2 to 6 are counts
        incoming, outgoing = _per_day(rows, 2), _per_day(rows, 3)
        busiest = max(incoming.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
        numbers: dict[str, int | str] = {
            "incoming": totals[0],
            "outgoing": totals[1],
            "incoming_calls": totals[2],
            "missed_calls": totals[3],
            "outgoing_calls": totals[4],
            "days_with_incoming": len(incoming),
            "channels": len({row[1] for row in rows}),
            "busiest_day": contact.iso_day(busiest[0]) if incoming else "",
            "busiest_day_incoming": busiest[1],
        }
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.COUNTED,
            numbers=numbers,
            events=cited.get(subject, ()),
            events_total=totals[0] + totals[1],
            days=(rows[0][0], rows[-1][0]),
            series=_series(rows, incoming, outgoing),
        )

    def say(self, finding: Finding) -> Statement:
        """Word the counts."""
        numbers = finding.numbers
        spread = (
            _("On {first}: {incoming} and {outgoing}.")
            if finding.first == finding.last
            else _("From {first} to {last}: {incoming} and {outgoing}.")
        )
        seen = spread.format(
            first=wording.spoken_date(finding.first),
            last=wording.spoken_date(finding.last),
            incoming=wording.incoming(numbers["incoming"]),
            outgoing=wording.outgoing(numbers["outgoing"]),
        )
        return Statement(
            title=_("How much contact there was"),
            seen=wording.about(finding) + seen + _calls(finding) + _busiest(finding),
            why=_(
                "How often contact came, and over how long, is what police and lawyers usually "
                "ask first. The numbers also show how much room it takes in your days."
            ),
            otherwise=_(
                "A high number alone does not say that the contact was unwanted: shared children, "
                "work or a conversation that both sides wanted bring many messages too. One "
                "thought sent in five pieces counts as five."
            ),
            sure=wording.counted(),
            next_step=_(
                "Open the busiest days in the timeline and look at what came. Confirm this finding "
                "if you want the numbers in your dossier."
            ),
            notice=wording.notice(),
        )


def _per_day(rows: list[Row], column: int) -> dict[int, int]:
    days: dict[int, int] = {}
    for row in rows:
        count = row[column]
        if isinstance(count, int) and count:
            days[row[0]] = days.get(row[0], 0) + count
    return days


def _series(
    rows: list[Row], incoming: dict[int, int], outgoing: dict[int, int]
) -> dict[str, tuple[tuple[str, int], ...]]:
    channels: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        if row[2]:
            channels.setdefault(row[1], []).append((row[0], row[2]))
    series = {
        "per_day": tuple((contact.iso_day(day), count) for day, count in incoming.items()),
        "per_week": contact.by_week(incoming.items()),
        "per_week_out": contact.by_week(outgoing.items()),
        "per_month": contact.by_month(incoming.items()),
        "per_channel": tuple(
            (name, sum(count for _day, count in days)) for name, days in sorted(channels.items())
        ),
    }
    return series | {
        f"per_week:{name}": contact.by_week(days) for name, days in sorted(channels.items())
    }


def _calls(finding: Finding) -> str:
    numbers = finding.numbers
    if not numbers["incoming_calls"]:
        return ""
    return " " + _("Incoming calls: {calls}, of these not answered: {missed}.").format(
        calls=wording.spoken_number(numbers["incoming_calls"]),
        missed=wording.spoken_number(numbers["missed_calls"]),
    )


def _busiest(finding: Finding) -> str:
    numbers = finding.numbers
    if not numbers["incoming"]:
        return ""
    return " " + _("Something came in {on_days}. The most came on {busiest}: {most}.").format(
        on_days=wording.on_days(numbers["days_with_incoming"]),
        busiest=wording.spoken_date(str(numbers["busiest_day"])),
        most=wording.incoming(numbers["busiest_day_incoming"]),
    )


DETECTOR: Final = ContactCount()

# SPDX-License-Identifier: Apache-2.0
"""Contact at night, by the wall clock.

Rules enforced here: the night is the person's own (`Settings.night`); only events whose time is
known more finely than the day are asked; a night that crosses midnight is one night, named by the
day on which it began; fewer than `MENTIONED` contacts are not told.
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
HOURS: Final = 24

_BY_HOUR: Final = """
SELECT subject, day, hour, count(*) FROM contact
WHERE incoming AND precision NOT IN ('day', 'none')
GROUP BY subject, day, hour ORDER BY subject, day, hour
"""
_UNTIMED: Final = """
SELECT subject, count(*) FROM contact
WHERE incoming AND precision IN ('day', 'none') GROUP BY subject
"""


class Night:
    """Incoming contact between two hours of the clock."""

    id = "night"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding for each subject with `MENTIONED` contacts at night or more."""
        start, end = (hour % HOURS for hour in settings.night)
        if start == end:
            return []
        hours = night_hours(start, end)
        listed = ", ".join(str(hour) for hour in hours)
        with contact.contacts(events) as connection:
            rows = connection.execute(_BY_HOUR).fetchall()
            untimed = dict(connection.execute(_UNTIMED).fetchall())
            cited = contact.cited(
                connection, f"incoming AND precision NOT IN ('day', 'none') AND hour IN ({listed})"
            )
        subjects: dict[str, list[tuple[int, int, int]]] = {}
        for subject, day, hour, count in rows:
            subjects.setdefault(subject, []).append((day, hour, count))
        found = []
        for subject, counts in subjects.items():
            nights = _nights(counts, hours, start)
            if sum(nights.values()) >= MENTIONED:
                totals = (start, end, untimed.get(subject, 0))
                found.append(self._finding(subject, counts, nights, totals, cited[subject]))
        return found

    def _finding(
        self,
        subject: str,
        counts: list[tuple[int, int, int]],
        nights: dict[int, int],
        totals: tuple[int, int, int],
        cited: tuple[str, ...],
    ) -> Finding:
        at_night = sum(nights.values())
        per_hour = [0] * HOURS
        for _day, hour, count in counts:
            per_hour[hour] += count
        worst = max(nights.items(), key=lambda item: (item[1], -item[0]))
        start, end, untimed = totals
        return contact.finding(
            self.id,
            self.version,
            subject,
            confidence=Confidence.COUNTED,
            numbers={
                "night_from": start,
                "night_to": end,
                "at_night": at_night,
                "incoming_with_clock": sum(per_hour),
                "incoming_without_clock": untimed,
                "share_permille": at_night * 1000 // sum(per_hour),
                "nights": len(nights),
                "busiest_night": contact.iso_day(worst[0]),
                "busiest_night_incoming": worst[1],
            },
            events=cited,
            events_total=at_night,
            days=(min(nights), max(nights)),
            series={
                "per_hour": tuple((f"{hour:02d}", per_hour[hour]) for hour in range(HOURS)),
                "per_week": contact.by_week(nights.items()),
            },
        )

    def say(self, finding: Finding) -> Statement:
        """Word the contacts at night."""
        return Statement(
            title=_("Contact at night"),
            seen=wording.about(finding) + _seen(finding),
            why=_(
                "Contact in hours of rest costs sleep and leaves no time off. If it weighs on "
                "you, that matters for your health, and police may ask about it."
            ),
            otherwise=_(
                "Shift work, another time zone, or a habit that both sides shared can explain "
                "hours like these. If the phone's clock or the export's zone was wrong, the hours "
                "are wrong too."
            ),
            sure=_(
                "This was counted by the clock as the app wrote it. Contacts of which only the day "
                "is known were left out: {untimed}. What was never added is not in it."
            ).format(untimed=wording.spoken_number(finding.numbers["incoming_without_clock"])),
            next_step=_("Check that the hours fit what you remember."),
            notice=wording.notice(),
        )


def night_hours(start: int, end: int) -> tuple[int, ...]:
    """List the hours of the clock from ``start`` up to, not with, ``end``."""
    return tuple(sorted((start + step) % HOURS for step in range((end - start) % HOURS)))


def _nights(
    counts: list[tuple[int, int, int]], hours: tuple[int, ...], start: int
) -> dict[int, int]:
    """Add up the contacts of each night; hours before ``start`` belong to the night before."""
    nights: dict[int, int] = {}
    for day, hour, count in counts:
        if hour in hours:
            evening = day if hour >= start else day - 1
            nights[evening] = nights.get(evening, 0) + count
    return nights


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    first = ngettext(
        "Between {start} and {end} o'clock, {at_night} came in during {n} night, out of {all} "
        "whose hour is known.",
        "Between {start} and {end} o'clock, {at_night} came in during {n} nights, out of {all} "
        "whose hour is known.",
        int(numbers["nights"]),
    ).format(
        start=numbers["night_from"],
        end=numbers["night_to"],
        at_night=wording.contacts(numbers["at_night"]),
        n=wording.spoken_number(numbers["nights"]),
        all=wording.spoken_number(numbers["incoming_with_clock"]),
    )
    most = _("The most came in the night that began on {date}: {count}.").format(
        date=wording.spoken_date(str(numbers["busiest_night"])),
        count=wording.spoken_number(numbers["busiest_night_incoming"]),
    )
    return f"{first} {most}"


DETECTOR: Final = Night()

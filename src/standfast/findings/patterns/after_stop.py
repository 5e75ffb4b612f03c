# SPDX-License-Identifier: Apache-2.0
"""Contact after a clear request to stop.

Rules enforced here: only requests that the person confirmed (`Settings.stops`) are asked, and
each by itself; contact counts when its time is later than the request's, never when it is the
same; the person's own contact afterwards is counted, cited and told as openly; an account is new
when nothing went in or out with it up to the request; nothing afterwards is told as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.i18n import _, ngettext
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pyarrow as pa

    from standfast.findings import Settings, StopRequest

NEVER: Final = (1 << 63) - 1
INCOMING_CITED: Final = 130
OUTGOING_CITED: Final = contact.CITED - INCOMING_CITED - 1  # one for the request itself

_DAYS: Final = """
SELECT day, channel, count(*) FILTER (incoming), count(*) FILTER (NOT incoming)
FROM contact WHERE subject = ? AND ts > ? GROUP BY day, channel ORDER BY day, channel
"""
_NEW_ACCOUNTS: Final = """
SELECT channel, account, count(*) FILTER (incoming) AS n FROM contact
WHERE subject = ? AND account <> '' GROUP BY channel, account
HAVING min(ts) > ? AND count(*) FILTER (incoming) > 0 ORDER BY channel, account
"""


@dataclass(frozen=True, slots=True)
class _After:
    """What came after one request."""

    days: list[tuple[int, str, int, int]]
    new_accounts: list[tuple[str, str, int]]
    events: tuple[tuple[str, int], ...]
    first_event: str
    last_event: str
    stop_day: int

    def channels(self) -> tuple[tuple[str, int], ...]:
        """Count the incoming contact by channel."""
        found: dict[str, int] = {}
        for _day, channel, count, _out in self.days:
            if count:
                found[channel] = found.get(channel, 0) + count
        return tuple(sorted(found.items()))


class AfterStop:
    """Contact after each confirmed request to stop."""

    id = "after_stop"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding a request, in the order of people and time."""
        stops = sorted(set(settings.stops), key=lambda stop: (stop.person, stop.ts, stop.event))
        if not stops:
            return []
        with contact.contacts(events) as connection:
            return [self._finding(stop, _after(connection, stop)) for stop in stops]

    def _finding(self, stop: StopRequest, after: _After) -> Finding:
        incoming = [(day, count) for day, _channel, count, _out in after.days if count]
        outgoing = [(day, count) for day, _channel, _in, count in after.days if count]
        days = sorted({day for day, _count in incoming})
        total_in, total_out = (sum(n for _day, n in side) for side in (incoming, outgoing))
        all_days = [after.stop_day, *(row[0] for row in after.days)]
        return contact.finding(
            self.id,
            self.version,
            stop.person,
            confidence=Confidence.COUNTED,
            numbers={
                "stop_date": contact.iso_day(after.stop_day),
                "stop_ts": stop.ts,
                "stop_event": stop.event,
                "incoming": total_in,
                "outgoing": total_out,
                "days": len(days),
                "channels": len(after.channels()),
                "new_accounts": len(after.new_accounts),
                "first_date": contact.iso_day(days[0]) if days else "",
                "last_date": contact.iso_day(days[-1]) if days else "",
                "first_event": after.first_event,
                "last_event": after.last_event,
            },
            events=[event for event, _day in after.events],
            events_total=total_in + total_out + any(e == stop.event for e, _ in after.events),
            days=(min(all_days), max(all_days)),
            series={
                "per_week": contact.by_week(incoming),
                "per_week_out": contact.by_week(outgoing),
                "per_channel": after.channels(),
                "new_accounts": tuple(
                    (f"{channel} {account[: contact.LONGEST_ADDRESS]}", count)
                    for channel, account, count in after.new_accounts
                ),
            },
        )

    def say(self, finding: Finding) -> Statement:
        """Word what came after the request."""
        return Statement(
            title=_("Contact after the request to stop"),
            seen=wording.about(finding) + _seen(finding) + _replies(finding),
            why=_(
                "Whether contact went on after a clear no is one of the first questions police "
                "and courts ask. What it means in law depends on the country; a lawyer or a "
                "counselling centre can tell you."
            ),
            otherwise=_(
                "The request may not have reached the other side, or may have been understood "
                "differently. Contact about children, work or a shared flat may have been agreed. "
                "Automatic messages can go on too."
            ),
            sure=wording.counted()
            + " "
            + _("Contact in the very same minute as the request may be left out."),
            next_step=_(
                "Check that the request is quoted exactly and that you can show it arrived. Then "
                "go through the contacts after it and leave out what had been agreed."
            ),
            notice=wording.notice(),
        )


def _after(connection: duckdb.DuckDBPyConnection, stop: StopRequest) -> _After:
    asked = [stop.person, stop.ts]
    span = [(stop.person, stop.ts + 1, NEVER)]
    (came,) = contact.quoted(connection, span, column="ts", most=INCOMING_CITED)
    (went,) = contact.quoted(
        connection, span, column="ts", where="NOT incoming", most=OUTGOING_CITED
    )
    events = contact.in_order(connection, [*came, *went, stop.event])
    return _After(
        days=connection.execute(_DAYS, asked).fetchall(),
        new_accounts=connection.execute(_NEW_ACCOUNTS, asked).fetchall(),
        events=events,
        first_event=came[0] if came else "",
        last_event=came[-1] if came else "",
        stop_day=dict(events).get(stop.event, contact.day_of(stop.ts)),
    )


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    asked = wording.spoken_date(str(numbers["stop_date"]))
    if not numbers["incoming"]:
        return _(
            "You asked for the contact to stop on {date}. In what you have added, nothing came in "
            "after that."
        ).format(date=asked)
    if numbers["incoming"] == 1:
        told = _(
            "You asked for the contact to stop on {date}. After that, one came in, on {first}."
        )
        return told.format(date=asked, first=wording.spoken_date(str(numbers["first_date"])))
    told = ngettext(
        "You asked for the contact to stop on {date}. After that, {contacts} came in on {n} day: "
        "the first on {first}, the last on {last}.",
        "You asked for the contact to stop on {date}. After that, {contacts} came in on {n} days: "
        "the first on {first}, the last on {last}.",
        int(numbers["days"]),
    ).format(
        date=asked,
        contacts=wording.contacts(numbers["incoming"]),
        n=wording.spoken_number(numbers["days"]),
        first=wording.spoken_date(str(numbers["first_date"])),
        last=wording.spoken_date(str(numbers["last_date"])),
    )
    ways = _("Channels used: {channels}. Accounts that were new: {accounts}.").format(
        channels=wording.spoken_number(numbers["channels"]),
        accounts=wording.spoken_number(numbers["new_accounts"]),
    )
    return f"{told} {ways}"


def _replies(finding: Finding) -> str:
    outgoing = finding.numbers["outgoing"]
    if not outgoing:
        return " " + _("From your side nothing went out after it.")
    return " " + _(
        "From your side: {outgoing} after it. That is shown as well, because the other side would "
        "show it; there can be many good reasons to answer."
    ).format(outgoing=wording.outgoing(outgoing))


DETECTOR: Final = AfterStop()

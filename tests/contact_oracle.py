# SPDX-License-Identifier: Apache-2.0
"""The patterns of contact counted again, slowly and plainly, from the definitions alone.

Nothing here shares code with the detectors: lists and loops instead of SQL.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from standfast.findings import Settings

HOUR = 3600 * 10**6
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall clocks are naive


@dataclass
class Contact:
    event: str
    ts: int
    at: datetime
    timed: bool
    call: bool
    missed: bool
    channel: str
    account: str
    incoming: bool


def moment(wall: int) -> datetime:
    return EPOCH + timedelta(microseconds=wall)


def is_contact(row: dict[str, Any]) -> bool:
    return (
        row["direction"] in {"in", "out"}
        and row["role"] != "third"
        and row["kind"] in {"message", "call", "mail", "incident"}
        and row["state"] not in {"draft", "failed"}
        and bool(row["person"] or row["account"])
    )


def contacts(events: pa.Table) -> dict[str, list[Contact]]:
    """Group contact by subject, in the order of time."""
    rows = sorted(events.to_pylist(), key=lambda one: (one["ts"], one["event"]))
    found: dict[str, list[Contact]] = {}
    for row in filter(is_contact, rows):
        subject = row["person"] or f"account:{row['channel']}:{row['account']}"
        call = row["kind"] == "call"
        found.setdefault(subject, []).append(
            Contact(
                row["event"],
                row["ts"],
                moment(row["wall"]),
                row["precision"] not in {"day", "none"},
                call,
                call and row["detail"] in {"missed", "missed_voice_call", "rejected"},
                row["channel"],
                row["account"],
                row["direction"] == "in",
            )
        )
    return {
        subject: own
        for subject, own in sorted(found.items())
        if not subject.startswith("account:") or any(one.incoming for one in own)
    }


def count(own: list[Contact]) -> dict[str, int | str]:
    came = [one for one in own if one.incoming]
    days = Counter(one.at.date() for one in came)
    most = max(days.values(), default=0)
    return {
        "incoming": len(came),
        "outgoing": len(own) - len(came),
        "incoming_calls": sum(one.call for one in came),
        "missed_calls": sum(one.missed for one in came),
        "outgoing_calls": sum(one.call for one in own if not one.incoming),
        "days_with_incoming": len(days),
        "channels": len({one.channel for one in own}),
        "busiest_day": min((str(d) for d, n in days.items() if n == most), default=""),
        "busiest_day_incoming": most,
    }


def by_week(own: list[Contact], *, incoming: bool) -> dict[str, int]:
    """Count by week, named by its Monday; weeks without contact are missing."""
    weeks = Counter(
        str(o.at.date() - timedelta(days=o.at.weekday())) for o in own if o.incoming is incoming
    )
    return dict(weeks)


def runs(own: list[Contact]) -> list[list[Contact]]:
    """List the runs of incoming contact, longest first, then earliest."""
    found: list[list[Contact]] = [[]]
    for one in own:
        if one.incoming:
            found[-1].append(one)
        elif found[-1]:
            found.append([])
    return sorted(
        (run for run in found if run), key=lambda run: (-len(run), run[0].ts, run[0].event)
    )


def nights(own: list[Contact], night: tuple[int, int]) -> Counter[str]:
    """Count by the evening on which a night began."""
    start, end = night
    found: Counter[str] = Counter()
    for one in own:
        if not (one.incoming and one.timed):
            continue
        hour = one.at.hour
        if start < end:
            if start <= hour < end:
                found[str(one.at.date())] += 1
        elif hour >= start:
            found[str(one.at.date())] += 1
        elif hour < end:
            found[str(one.at.date() - timedelta(days=1))] += 1
    return found


def bursts(own: list[Contact]) -> list[tuple[str, int]]:
    """List the densest windows of an hour that do not overlap."""
    came = [one for one in own if one.incoming and one.timed]
    hours = sorted(Counter(one.ts // HOUR for one in came).values())
    if not hours:
        return []
    usual = hours[(len(hours) - 1) // 2]
    tried = []
    for first in came:
        held = sum(first.ts <= one.ts < first.ts + HOUR for one in came)
        if held >= 8 and held >= 4 * usual:
            tried.append((-held, first.ts, first.event, first))
    picked: list[tuple[int, int, str, Contact]] = []
    for one in sorted(tried, key=lambda each: each[:3]):
        if len(picked) < 5 and all(abs(one[1] - other[1]) >= HOUR for other in picked):
            picked.append(one)
    return [(one[3].at.isoformat()[:16], -one[0]) for one in picked]


def pauses(own: list[Contact]) -> list[tuple[str, str, int, int, int]]:
    """List last and first event, days, what went out meanwhile, and what came in the week after."""
    came = [one for one in own if one.incoming]
    gaps = [later.ts - earlier.ts for earlier, later in pairwise(came)]
    if not gaps:
        return []
    usual = sorted(gaps)[(len(gaps) - 1) // 2]
    found = []
    for index, gap in enumerate(gaps):
        if gap < 14 * DAY or gap < 5 * usual:
            continue
        before, after = came[index], came[index + 1]
        went = sum(not one.incoming and before.ts <= one.ts <= after.ts for one in own)
        week = sum(one.ts < after.ts + 7 * DAY for one in came[index + 1 :])
        found.append((gap, before.event, after.event, gap // DAY, went, week))
    longest = sorted(found, key=lambda one: -one[0])[:20]
    return [one[1:] for one in found if one in longest]


def after(own: list[Contact], ts: int) -> dict[str, int | str]:
    later = [one for one in own if one.ts > ts]
    came = [one for one in later if one.incoming]
    known = {(one.channel, one.account) for one in own if one.ts <= ts}
    return {
        "incoming": len(came),
        "outgoing": len(later) - len(came),
        "days": len({one.at.date() for one in came}),
        "channels": len({one.channel for one in came}),
        "new_accounts": len({(o.channel, o.account) for o in came if o.account} - known),
        "first_event": came[0].event if came else "",
        "last_event": came[-1].event if came else "",
    }


def hops(events: pa.Table, settings: Settings) -> dict[tuple[str, str], tuple[str, int]]:
    """Give for each new account of a stated person the sort of mark before it, and the hours."""
    since: dict[tuple[str, str], int] = {}
    for row in events.to_pylist():
        key = (row["channel"], row["account"])
        since[key] = min(row["ts"], since.get(key, row["ts"]))
    found = {}
    for subject, own in contacts(events).items():
        if subject.startswith("account:"):
            continue
        marks = [
            (b.ts, "block", (b.channel, b.account)) for b in settings.blocks if b.person == subject
        ]
        marks += [(s.ts, "stop", ("", "")) for s in settings.stops if s.person == subject]
        keys = {(one.channel, one.account) for one in own if one.incoming and one.account}
        for key in sorted(keys):
            before = [mark for mark in marks if mark[0] < since[key]]
            if not before:
                continue
            last = max(before)
            known = any(since[other] <= last[0] for other in keys)
            if known or last[2] not in {("", ""), key}:
                first = min(o.ts for o in own if o.incoming and (o.channel, o.account) == key)
                found[key] = (last[1], (first - last[0]) // HOUR)
    return found

# SPDX-License-Identifier: Apache-2.0
"""A new channel or account after a block or after a request to stop.

Rules enforced here: an account is new when no event at all names it up to the block or request;
for an account that the person has already put down to somebody this is counted; for an account
of nobody it is a hint, only within `WITHIN` of a block, at most `HINTS` a block, and worded as a
lead with other explanations. Blocks are those stated (`Settings.blocks`) and lines of an app whose
detail is ``blocked``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.findings import contact, wording
from standfast.i18n import _
from standfast.model.finding import Confidence, Finding, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import pyarrow as pa

    from standfast.findings import Settings

WITHIN: Final = 72 * contact.HOUR
HINTS: Final = 10
IN_HOURS: Final = 72
"""A shorter time is told in hours, a longer one in days."""
CITED_OF_NEW: Final = 20

_ACCOUNTS: Final = """
WITH known AS (
    SELECT channel, account, min(ts) AS since FROM events
    WHERE account <> '' GROUP BY channel, account)
SELECT subject, stated, channel, account, since, ts, day, total FROM (
    SELECT subject, stated, channel, account, ts, event, day,
        row_number() OVER (PARTITION BY subject, channel, account ORDER BY ts, event) AS place,
        count(*) OVER (PARTITION BY subject, channel, account) AS total
    FROM contact WHERE incoming AND account <> '')
JOIN known USING (channel, account) WHERE place = 1
ORDER BY subject, since, ts, channel, account
"""
_BLOCKED: Final = """
SELECT person, channel, account, ts, event FROM events
WHERE direction = 'system' AND detail = 'blocked' AND role <> 'third'
"""
_OWNERS: Final = """
SELECT DISTINCT channel, account, person FROM events WHERE person <> '' AND account <> ''
"""
_FIRST: Final = """
SELECT event FROM contact WHERE subject = ? AND channel = ? AND account = ? AND incoming
ORDER BY ts, event LIMIT ?
"""


@dataclass(frozen=True, slots=True, order=True)
class _Mark:
    """A block or a request to stop: after it, a new account is worth telling."""

    ts: int
    event: str
    subject: str
    is_block: bool
    channel: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """An account with its subject, its first event at all and its first incoming contact."""

    subject: str
    stated: bool
    channel: str
    account: str
    since: int
    ts: int
    day: int
    total: int


class Hopping:
    """New accounts after a block or a request to stop."""

    id = "hopping"
    version = 1

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give one finding an account: those of stated people first, then the hints."""
        with contact.contacts(events) as connection:
            marks = _marks(connection, settings)
            if not marks:
                return []
            accounts = [_Known(*row) for row in connection.execute(_ACCOUNTS).fetchall()]
            people: dict[str, list[_Known]] = {}
            for account in accounts:
                if account.stated:
                    people.setdefault(account.subject, []).append(account)
            found = [
                (account, mark, tuple(own))
                for own in people.values()
                for account in own
                if (mark := _mark_before(account, own, marks)) is not None
            ]
            found += [(account, mark, ()) for account, mark in _hints(accounts, marks)]
            return [self._finding(connection, *hop) for hop in found]

    def _finding(
        self,
        connection: duckdb.DuckDBPyConnection,
        account: _Known,
        mark: _Mark,
        own: tuple[_Known, ...],
    ) -> Finding:
        key = [account.subject, account.channel, account.account, CITED_OF_NEW]
        first = [event for (event,) in connection.execute(_FIRST, key).fetchall()]
        events = contact.in_order(connection, [*first, mark.event])
        mark_day = dict(events).get(mark.event, contact.day_of(mark.ts))
        earlier = {other.channel for other in own if other.since < account.since}
        numbers: dict[str, int | str] = {
            "mark": "block" if mark.is_block else "stop",
            "mark_date": contact.iso_day(mark_day),
            "mark_ts": mark.ts,
            "mark_event": mark.event if len(events) > len(first) else "",
            "marked_person": mark.subject,
            "hours": (account.ts - mark.ts) // contact.HOUR,
            "first_date": contact.iso_day(account.day),
            "first_event": first[0],
            "new_channel": int(bool(own) and account.channel not in earlier),
            "incoming": account.total,
            "account": account.account[: contact.LONGEST_ADDRESS],
            "account_channel": account.channel,
        }
        return contact.finding(
            self.id,
            self.version,
            account.subject,
            confidence=Confidence.COUNTED if account.stated else Confidence.HINT,
            numbers=numbers,
            events=[event for event, _day in events],
            events_total=account.total + len(events) - len(first),
            days=(min(mark_day, account.day), max(mark_day, account.day)),
            series={"order": tuple(_place(other) for other in own)} if own else {},
        )

    def say(self, finding: Finding) -> Statement:
        """Word a new account, or the lead that one may be."""
        return _lead(finding) if finding.confidence is Confidence.HINT else _new(finding)


def _marks(connection: duckdb.DuckDBPyConnection, settings: Settings) -> list[_Mark]:
    """Gather blocks and requests; a block of a stated account is a block of its person."""
    owners = {
        (channel, account): person
        for channel, account, person in sorted(connection.execute(_OWNERS).fetchall())
    }
    blocks = [
        (block.person, block.channel, block.account, block.ts, block.event)
        for block in settings.blocks
    ]
    blocks += connection.execute(_BLOCKED).fetchall()
    marks = {
        _Mark(
            ts=ts,
            event=event,
            subject=person or owners.get((channel, account), ""),
            is_block=True,
            channel=channel,
            account=account,
        )
        for person, channel, account, ts, event in blocks
    } | {
        _Mark(ts=stop.ts, event=stop.event, subject=stop.person, is_block=False)
        for stop in settings.stops
    }
    return sorted(mark for mark in marks if mark.subject)


def _mark_before(account: _Known, own: list[_Known], marks: list[_Mark]) -> _Mark | None:
    """Give the last block or request before an account began, if the person had another one."""
    before = [m for m in marks if m.subject == account.subject and m.ts < account.since]
    if not before:
        return None
    others = any(other.since <= before[-1].ts for other in own)
    elsewhere = (before[-1].channel, before[-1].account)
    blocked_other = before[-1].is_block and elsewhere not in {
        ("", ""),
        (account.channel, account.account),
    }
    return before[-1] if others or blocked_other else None


def _hints(accounts: list[_Known], marks: list[_Mark]) -> list[tuple[_Known, _Mark]]:
    """Give accounts of nobody that began within `WITHIN` after a block, earliest first."""
    found: list[tuple[_Known, _Mark]] = []
    told: dict[_Mark, int] = {}
    for account in sorted(accounts, key=lambda known: (known.ts, known.channel, known.account)):
        if account.stated:
            continue
        before = [
            m
            for m in marks
            if m.is_block
            and m.ts < account.since
            and account.ts - m.ts <= WITHIN
            and (m.channel, m.account) != (account.channel, account.account)
        ]
        if before and told.get(before[-1], 0) < HINTS:
            told[before[-1]] = told.get(before[-1], 0) + 1
            found.append((account, before[-1]))
    return found


def _place(account: _Known) -> tuple[str, int]:
    address = account.account[: contact.LONGEST_ADDRESS]
    return f"{contact.iso_day(account.day)} {account.channel} {address}", account.total


def _latency(finding: Finding) -> str:
    hours = int(finding.numbers["hours"])
    return wording.hours_later(hours) if hours < IN_HOURS else wording.days_later(hours // 24)


def _parts(finding: Finding) -> dict[str, str]:
    numbers = finding.numbers
    return {
        "date": wording.spoken_date(str(numbers["mark_date"])),
        "first": wording.spoken_date(str(numbers["first_date"])),
        "later": _latency(finding),
        "account": str(numbers["account"]),
        "channel": wording.channel(str(numbers["account_channel"])),
        "incoming": wording.incoming(numbers["incoming"]),
    }


def _seen(finding: Finding) -> str:
    numbers = finding.numbers
    if numbers["mark"] == "block":
        seen = _(
            "On {date} you blocked the other person. {later}, on {first}, they were in contact "
            "from an account that had not been seen before: {account} ({channel}). From there: "
            "{incoming}."
        )
    else:
        seen = _(
            "On {date} you asked for the contact to stop. {later}, on {first}, the other person "
            "was in contact from an account that had not been seen before: {account} "
            "({channel}). From there: {incoming}."
        )
    told = seen.format(**_parts(finding))
    if numbers["new_channel"]:
        told += " " + _("This channel had not been used before.")
    return told


def _new(finding: Finding) -> Statement:
    after_block = finding.numbers["mark"] == "block"
    return Statement(
        title=_("A new account after a block")
        if after_block
        else _("A new account after the request to stop"),
        seen=_seen(finding),
        why=_(
            "Reaching you another way after a block or a clear no can show that the boundary was "
            "known and gone around. The order of dates is what police can check."
        ),
        otherwise=_(
            "A new phone, a lost account or a change of app happens for ordinary reasons. The "
            "account may have existed before without being in what you added. And the account "
            "counts as theirs because you said so here."
        ),
        sure=_(
            "The dates are counted. That the account is the other person's rests on your "
            "statement; nothing here proves who was typing."
        ),
        next_step=_(
            "Write down how you know whose account it is, for example from what was said there. "
            "Before you block again, talk to a counselling centre: it can be better to keep one "
            "way open and quiet, so that nothing escalates and evidence is kept."
        ),
        notice=wording.notice(),
    )


def _lead(finding: Finding) -> Statement:
    return Statement(
        title=_("A lead: an unknown account soon after a block"),
        seen=_(
            "On {date} you blocked somebody. {later}, on {first}, an account that had not been "
            "seen before was in contact for the first time: {account} ({channel}). From there: "
            "{incoming}. The two may have nothing to do with each other."
        ).format(**_parts(finding)),
        why=_(
            "People who are blocked sometimes write from elsewhere. It is worth one calm look, "
            "no more."
        ),
        otherwise=_(
            "Delivery services, new acquaintances, wrong numbers and advertising also write for "
            "the first time on some day. The time alone says nothing about who it is."
        ),
        sure=_(
            "This is only a hint. It rests on the order of times, not on what was written or by "
            "whom."
        ),
        next_step=_(
            "Look at the first message. If you know whose account it is, say so under people. If "
            "not, leave it open: nobody should be suspected because of a time. Do not answer in "
            "order to find out."
        ),
        notice=wording.notice(),
    )


DETECTOR: Final = Hopping()

# SPDX-License-Identifier: Apache-2.0
"""Whom a case meets: every account, how often and when, and who may be behind it.

Rules enforced here:

* an account is counted as it is met: what came in from it, what went out to it, and beside (its
  own sending, or standing among the recipients), so nobody who appears is left out;
* whose an account is comes from the statements alone; what looks alike is proposed as a question,
  and nothing is joined by itself;
* a time is one of the clock that wrote the event; what has none is counted all the same.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.event import Direction
from standfast.model.people import Account, Person, Role
from standfast.timeline.people import canonical
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from standfast.desk.case import Desk

SETTINGS = """
WITH counted AS (
  SELECT setting, count(*)::BIGINT AS count, min(wall)::BIGINT AS first, max(wall)::BIGINT AS last
  FROM facts GROUP BY setting)
SELECT s.channel, s.sender, s.recipients, s.direction, s.account, c.count, c.first, c.last
FROM counted c JOIN named s USING (setting)
WHERE s.kind <> 'incident' AND (s.account <> '' OR s.sender <> '' OR s.recipients <> '')
"""
ALIKE_DIGITS = 7
"""Two numbers of this many digits or more may be one, if one ends like the other."""
MOST_ALIKE = 40
MOST_COMPARED = 20
"""With so many of one name or ending each is compared at most, whoever made them."""
NUMBER = re.compile(r"\+?[\d\s()./-]{6,30}")


@dataclass(frozen=True, slots=True)
class Met:
    """An account that is met in a case.

    Attributes:
        address: in its one form; shown as it is.
        incoming: events that came in from it; for one of the person's own, that came in to it.
        outgoing: events that went out to it; for an own one, that went out from it.
        beside: events in which it stands otherwise, or whose direction nobody has said.
        first: first time, in microseconds of the wall clock; ``last`` likewise.
    """

    channel: str
    address: str
    incoming: int = 0
    outgoing: int = 0
    beside: int = 0
    first: int | None = None
    last: int | None = None

    @property
    def account(self) -> Account:
        """Give the account alone."""
        return Account(self.channel, self.address)

    @property
    def total(self) -> int:
        """Count every event it stands in."""
        return self.incoming + self.outgoing + self.beside


@dataclass(frozen=True, slots=True)
class Alike:
    """Two accounts that may belong to one person: a question, no answer.

    ``why`` is ``number`` (one number, written in two ways) or ``name`` (one name in two channels).
    """

    one: Account
    other: Account
    why: str


def accounts(desk: Desk) -> tuple[Met, ...]:
    """Give every account, the most met first; worked out once for the same events."""
    timeline = desk.timeline
    return desk.memory.once("accounts met", lambda: _counted(timeline.ask(SETTINGS)))


class _Tally:
    """The numbers of one account while they are counted."""

    __slots__ = ("counts", "first", "last")

    def __init__(self) -> None:
        self.counts = [0, 0, 0]
        self.first: int | None = None
        self.last: int | None = None

    def take(self, column: int, count: int, first: int | None, last: int | None) -> None:
        self.counts[column] += count
        if first is not None and (self.first is None or first < self.first):
            self.first = first
        if last is not None and (self.last is None or last > self.last):
            self.last = last


INCOMING, OUTGOING, BESIDE = range(3)


def _counted(rows: Iterable[tuple[Any, ...]]) -> tuple[Met, ...]:
    tallies: defaultdict[tuple[str, str], _Tally] = defaultdict(_Tally)
    for channel, sender, recipients, direction, account, count, first, last in rows:
        written = json.loads(recipients) if recipients else ()
        for address, column in _roles(channel, sender, written, direction, account):
            tallies[channel, address].take(column, count, first, last)
    found = [
        Met(
            channel, address, one.counts[INCOMING], one.counts[OUTGOING], one.counts[BESIDE],
            one.first, one.last,
        )
        for (channel, address), one in tallies.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (-one.total, one.channel, one.address)))


def _roles(
    channel: str, sender: str, recipients: Iterable[str], direction: str, account: str
) -> Iterator[tuple[str, int]]:
    """Give everybody in one kind of event, each once, and how they are counted."""
    mine = {Direction.IN: INCOMING, Direction.OUT: OUTGOING}.get(Direction(direction), BESIDE)
    met: dict[str, int] = {account: mine} if account else {}
    if sender:
        own = OUTGOING if direction == Direction.OUT else BESIDE
        met.setdefault(canonical(channel, sender), own)
    for one in recipients:
        if one:
            met.setdefault(canonical(channel, one), mine)
    yield from met.items()


def owners(desk: Desk) -> dict[Account, Person]:
    """Give who is behind each account, as stated."""
    return {account: one for one in desk.state.people.values() for account in one.accounts}


def may_be_me(desk: Desk, most: int) -> Mapping[str, tuple[Met, ...]]:
    """Give, for each channel in which no account is the person's own, the likeliest ones.

    The likeliest is who stands in most events: in an export from one's own phone, that is oneself
    or the one other side. It is a question in either case.
    """
    taken = owners(desk)
    settled = {account.channel for account, one in taken.items() if one.role is Role.ME}
    found: dict[str, list[Met]] = {}
    for one in accounts(desk):
        if one.channel not in settled and one.account not in taken:
            some = found.setdefault(one.channel, [])
            if len(some) < most:
                some.append(one)
    return {channel: tuple(some) for channel, some in sorted(found.items())}


def unstated(desk: Desk) -> tuple[Met, ...]:
    """Give the accounts of which nobody has said whose they are, the most met first."""
    taken = owners(desk)
    return tuple(one for one in accounts(desk) if one.account not in taken)


def add_person(desk: Desk, name: str, role: Role) -> None:
    """Enter a person who has no account yet.

    Raises:
        WrongUsage: there is no name, or somebody is called so already.
    """
    plain = " ".join(name.split())
    if not plain:
        raise WrongUsage(_("A name is needed."), hint=_("Any name that you recognise will do."))
    if plain in desk.state.people:
        raise WrongUsage(
            _("Somebody named {person} is entered already.").format(person=plain),
            hint=_("Choose another name for this person."),
        )
    body = {
        "action": "introduce", "person": plain, "label": plain, "role": str(role),
        "channel": "", "address": "",
    }  # fmt: skip
    desk.append(Draft(kinds.PERSON, body))


# -- what looks alike ------------------------------------------------------------------------


def alike(desk: Desk, account: Account | None = None) -> tuple[Alike, ...]:
    """Give pairs of accounts that look like one person's; with ``account``, only its own pairs.

    Pairs of which both are stated are left out: that question is answered.
    """
    taken = owners(desk)
    found = []
    known = accounts(desk)
    pairs = desk.memory.once("alike", lambda: tuple(_pairs([met.account for met in known])))
    for one in pairs:
        if account is not None and account not in (one.one, one.other):
            continue
        if one.one in taken and one.other in taken:
            continue
        found.append(one)
        if len(found) == MOST_ALIKE:
            break
    return tuple(found)


def _pairs(known: Iterable[Account]) -> Iterator[Alike]:
    names: dict[str, list[Account]] = {}
    numbers: dict[str, list[tuple[str, Account]]] = {}
    for one in known:
        digits = _digits(one.address)
        if digits:
            ending = digits[-ALIKE_DIGITS:]
            for other, there in numbers.setdefault(ending, []):
                if digits.endswith(other) or other.endswith(digits):
                    yield Alike(there, one, "number")
            if len(numbers[ending]) < MOST_COMPARED:
                numbers[ending].append((digits, one))
            continue
        for there in names.setdefault(_name(one.address), []):
            if there.channel != one.channel:
                yield Alike(there, one, "name")
        if len(names[_name(one.address)]) < MOST_COMPARED:
            names[_name(one.address)].append(one)


def _digits(address: str) -> str:
    """Give a telephone number's digits without what is dialled before them; none, if it is none."""
    if not NUMBER.fullmatch(address):
        return ""
    digits = "".join(c for c in address if c.isdigit()).lstrip("0")
    return digits if len(digits) >= ALIKE_DIGITS else ""


def _name(address: str) -> str:
    return " ".join(address.casefold().removeprefix("@").split())

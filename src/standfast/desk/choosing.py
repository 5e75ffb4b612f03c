# SPDX-License-Identifier: Apache-2.0
"""What is chosen to be shown, and that nothing else is told along with it.

Rules enforced here:

* choosing events alone gives no original away; an original that is given is given with all its
  events, for it holds them anyway;
* whatever is named must exist: a slip of the pen is an error, never a smaller bundle;
* of the other events nothing goes along: no text, no name, no account, no file's name, no small
  view, and no finding that counts them;
* private notes, decisions, what was said of third people and what was written down about who knew
  what stay in the case in any event.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.event import Kind
from standfast.model.people import Account, Person, Role
from standfast.timeline.people import canonical
from standfast.timeline.query import REF_DIGITS
from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from standfast.desk.case import Desk
    from standfast.desk.looking import FindingView
    from standfast.timeline.query import Row
    from standfast.timeline.state import Item
    from standfast.vault.entry import Entry


@dataclass(frozen=True, slots=True)
class Selection:
    """What is shown.

    Attributes:
        everything: nothing was left out by choice.
        whole: SHA-256 of the items whose originals are given, with all their events.
        numbers: of other items, the numbers of the events that are shown.
    """

    everything: bool
    whole: frozenset[str]
    numbers: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def has(self, item: str) -> bool:
        """Say whether anything of an item is shown."""
        return item in self.whole or item in self.numbers

    def shows(self, row: Row) -> bool:
        """Say whether an event is shown."""
        return row.item in self.whole or row.n in self.numbers.get(row.item, ())

    def shows_reference(self, desk: Desk, reference: str) -> bool:
        """Say whether the event of that reference is shown."""
        prefix, _dash, number = reference.partition("-")
        items = [item for item in desk.state.items if item[:REF_DIGITS] == prefix]
        return any(
            item in self.whole or (number.isdecimal() and int(number) in self.numbers.get(item, ()))
            for item in items
        )


def select(
    desk: Desk, originals: frozenset[int] | None, events: frozenset[str] | None
) -> Selection:
    """Choose originals by their numbers and events by their references; ``None`` is not asked.

    Raises:
        WrongUsage: something that was named does not exist in the case.
    """
    items = {item.number: item for item in desk.state.items.values()}
    present = frozenset(item.sha256 for item in items.values() if not item.erased)
    if originals is None and events is None:
        return Selection(everything=True, whole=present)
    wanted = [items.get(number) for number in sorted(originals or ())]
    for number, item in zip(sorted(originals or ()), wanted, strict=True):
        if item is None or item.erased:
            raise _not_there(_("There is no exhibit {number}.").format(number=number))
    whole = frozenset(item.sha256 for item in wanted if item is not None)
    numbers: dict[str, set[int]] = {}
    for reference in sorted(events or ()):
        item, number = _named(desk, items.values(), reference)
        if item.sha256 not in whole:
            numbers.setdefault(item.sha256, set()).add(number)
    if not whole and not numbers:
        raise _not_there(_("Nothing was chosen."))
    fixed = {item: frozenset(chosen) for item, chosen in numbers.items()}
    return Selection(everything=whole == present, whole=whole, numbers=fixed)


def _named(desk: Desk, items: Iterable[Item], reference: str) -> tuple[Item, int]:
    prefix, _dash, number = reference.partition("-")
    for item in items:
        reading = desk.state.readings.get(item.sha256)
        if reading is None or item.sha256[:REF_DIGITS] != prefix or not number.isdecimal():
            continue
        if int(number) < reading.events:
            return item, int(number)
    raise _not_there(_("There is no event {id}.").format(id=reference))


def _not_there(sentence: str) -> WrongUsage:
    hint = _("“standfast timeline” and the dossier show the numbers to choose from.")
    return WrongUsage(sentence + " " + _("Nothing was written."), hint=hint)


# -- accounts and people ---------------------------------------------------------------------


def accounts_in(rows: Iterable[Row]) -> frozenset[Account]:
    """Give every account that stands in these events."""
    found = set()
    for row in rows:
        written = [row.sender, *(json.loads(row.recipients) if row.recipients else ())]
        found |= {Account(row.channel, canonical(row.channel, one)) for one in written if one}
        if row.account:
            found.add(Account(row.channel, row.account))
    return frozenset(found)


def parties(desk: Desk, seen: frozenset[Account], *, everything: bool) -> tuple[Person, ...]:
    """Give the people a reader has to know, with the accounts that are shown.

    Third people are named only where something of theirs is shown.
    """
    found = []
    for person in desk.state.people.values():
        shown = tuple(one for one in person.accounts if one in seen)
        if person.role is Role.THIRD:
            if shown:
                found.append(Person(person.id, person.label, person.role, shown))
        elif everything:
            found.append(person)
        else:
            found.append(Person(person.id, person.label, person.role, shown))
    return tuple(found)


def supported(
    desk: Desk, chosen: Selection, findings: Sequence[FindingView]
) -> tuple[list[FindingView], int]:
    """Give the findings that count nothing but shown events, and how many were left out."""
    if chosen.everything:
        return list(findings), 0
    hidden = {
        row.person or f"account:{row.channel}:{row.account}"
        for row in desk.timeline.rows()
        if row.kind != Kind.INCIDENT and not chosen.shows(row)
    }
    kept = [one for one in findings if one.finding.subject not in hidden]
    return kept, len(findings) - len(kept)


# -- entries of the ledger -------------------------------------------------------------------


def entries_to_show(
    desk: Desk, chosen: Selection, seen: frozenset[Account], intact: Callable[[Entry], bool]
) -> list[Entry]:
    """Give the ledger entries that go into a bundle; all others are only counted.

    ``intact`` says of an anchor whether its files lie there as they were stored.
    """
    case = _Showing(desk, chosen, seen, intact)
    return [entry for entry in desk.vault.entries if case.shows(entry)]


@dataclass(frozen=True, slots=True)
class _Showing:
    desk: Desk
    chosen: Selection
    seen: frozenset[Account]
    intact: Callable[[Entry], bool]

    def shows(self, entry: Entry) -> bool:
        test = TESTS.get(entry.type)
        withdrawn = entry.seq in self.desk.state.withdrawn
        return test is not None and not withdrawn and test(self, entry)

    def harmless(self, _entry: Entry) -> bool:
        return True

    def item(self, entry: Entry) -> bool:
        item = self.desk.state.items[entry.body["sha256"]]
        shown = self.chosen.everything if item.erased else self.chosen.has(item.sha256)
        return shown and item.entry == entry.seq

    def of_item(self, entry: Entry) -> bool:
        item = self.desk.state.items[entry.body["item"]]
        return not item.erased and self.chosen.has(item.sha256)

    def account_of_reading(self, entry: Entry) -> bool:
        return self.of_item(entry) and entry.body["item"] in self.chosen.whole

    def erased(self, entry: Entry) -> bool:
        return self.chosen.everything and self.desk.state.items[entry.body["item"]].erased

    def person(self, entry: Entry) -> bool:
        body = entry.body
        known = self.desk.state.people.get(body["person"])
        roles = {body.get("role", ""), known.role if known else ""}
        account = Account(body.get("channel", ""), body.get("address", ""))
        return Role.THIRD not in roles and (self.chosen.everything or account in self.seen)

    def note(self, entry: Entry) -> bool:
        about = entry.body.get("about", "")
        return not entry.body["private"] and (not about or self.about(about))

    def about(self, what: str) -> bool:
        if self.chosen.everything or self.chosen.shows_reference(self.desk, what):
            return True
        items = self.desk.state.items.values()
        return any(str(item.number) == what and self.chosen.has(item.sha256) for item in items)

    def stop(self, entry: Entry) -> bool:
        event = entry.body.get("event", "")
        return not event or self.chosen.everything or self.about(event)

    def block(self, entry: Entry) -> bool:
        account = Account(entry.body["channel"], entry.body["account"])
        return self.chosen.everything or account in self.seen

    def anchor(self, entry: Entry) -> bool:
        return self.intact(entry)


TESTS: Mapping[str, Callable[[_Showing, Entry], bool]] = {
    kinds.CASE: _Showing.harmless,
    kinds.SLOTS: _Showing.harmless,
    kinds.CLOCK: _Showing.harmless,
    kinds.RECOVER: _Showing.harmless,
    kinds.EXPORT: _Showing.harmless,
    kinds.INCIDENT: _Showing.harmless,
    kinds.ITEM: _Showing.item,
    kinds.READING: _Showing.of_item,
    kinds.COVERAGE: _Showing.account_of_reading,
    kinds.ANSWER: _Showing.of_item,
    kinds.ERASE: _Showing.erased,
    kinds.PERSON: _Showing.person,
    kinds.NOTE: _Showing.note,
    kinds.STOP: _Showing.stop,
    kinds.BLOCK: _Showing.block,
    kinds.ANCHOR: _Showing.anchor,
}
"""Types that may be shown; decisions, who knew what, and types of later versions never are."""

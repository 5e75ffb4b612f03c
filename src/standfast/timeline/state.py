# SPDX-License-Identifier: Apache-2.0
"""What the ledger amounts to: items, readings, answers, people, incidents, decisions.

The ledger is the only truth; this is it, folded from the first entry to the last, at once or as
entries come. Nothing here is stored, and the newest entry on a matter holds.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from standfast.model.finding import Status
from standfast.model.people import Account, Person, Role
from standfast.sources import Options
from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from standfast.vault.entry import Entry

ME = "me"


@dataclass(frozen=True, slots=True)
class Item:
    """An original in the case.

    Attributes:
        number: 1 for the first that was added; exhibits carry it.
        name: the file's own name.
        folder: the folder it was added from, relative to what was added; may be empty.
        entry: the ledger entry that names it.
    """

    number: int
    sha256: str
    size: int
    name: str
    folder: str
    added: str
    entry: int
    erased: bool = False


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """What the ledger says of one reading of an item.

    ``coverage`` is the full account, names of participants and files among it; ``forced`` the
    format that was asked for, whatever recognition said.
    """

    id: str
    item: str
    entry: int
    format: str
    version: int
    events: int
    root: str
    options: Mapping[str, str]
    coverage: Mapping[str, Any]
    forced: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that left no file, written down by the person.

    ``when`` is a naive ISO time in ``zone``; ``precision`` says how exactly it is remembered.
    """

    entry: int
    written: str
    when: str
    zone: str
    precision: str
    text: str
    person: str = ""
    place: str = ""
    witnesses: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note; a private one never leaves the case unless chosen by itself."""

    entry: int
    written: str
    text: str
    about: str
    private: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """A stop request or a block that the person stated: about whom, when, resting on what."""

    entry: int
    person: str
    when: str
    zone: str
    event: str = ""
    channel: str = ""
    account: str = ""
    words: str = ""


@dataclass(slots=True)
class CaseState:
    """Everything the ledger says, folded."""

    opened: Mapping[str, Any] = field(default_factory=dict)
    zone: str = ""
    items: dict[str, Item] = field(default_factory=dict)
    readings: dict[str, ReadingFacts] = field(default_factory=dict)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    incidents: list[Incident] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    stops: list[Moment] = field(default_factory=list)
    blocks: list[Moment] = field(default_factory=list)
    knowledge: list[Entry] = field(default_factory=list)
    """What was written down about who knew what (`standfast.desk.knowing` reads it)."""
    decisions: dict[str, Status] = field(default_factory=dict)
    confirmed: dict[tuple[str, str], str] = field(default_factory=dict)
    """The finding last confirmed for a detector and subject; none once it was dismissed."""
    anchors: list[Mapping[str, Any]] = field(default_factory=list)
    withdrawn: set[int] = field(default_factory=set)
    accounts_of_readings: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def options(self, item: str) -> Options:
        """Give what the person has answered for an item, and for the case."""
        zone = self.answers.get((item, "zone"), "")
        return Options(
            zone=zone or self.zone,
            zone_basis="stated" if zone else "case",
            date_order=self.answers.get((item, "date_order"), ""),
            encoding=self.answers.get((item, "encoding"), ""),
        )

    @property
    def waiting(self) -> tuple[Mapping[str, Any], ...]:
        """Give the requests for a timestamp that nobody has answered yet."""
        done = {(one["size"], one["url"]) for one in self.anchors if one["state"] == "stamped"}
        return tuple(
            one
            for one in self.anchors
            if one["state"] == "queued" and (one["size"], one["url"]) not in done
        )

    def owner_of(self, account: Account) -> Person | None:
        """Give the person an account was said to belong to."""
        return next((one for one in self.people.values() if account in one.accounts), None)


def fold(entries: Iterable[Entry]) -> CaseState:
    """Fold a ledger."""
    return fold_on(CaseState(), entries)


def fold_on(state: CaseState, entries: Iterable[Entry]) -> CaseState:
    """Fold further entries into a state and give it: the same as folding all of them at once."""
    for entry in entries:
        step = STEPS.get(entry.type)
        if step is not None and not (entry.type in STATEMENTS and entry.seq in state.withdrawn):
            step(state, entry)
    return state


def copy_of(state: CaseState) -> CaseState:
    """Give a state that says the same and takes further entries by itself."""
    return CaseState(**{one.name: copy(getattr(state, one.name)) for one in fields(state)})


def _case(state: CaseState, entry: Entry) -> None:
    state.opened = {**entry.body, "at": entry.at}
    state.zone = entry.body.get("zone", "")


def _item(state: CaseState, entry: Entry) -> None:
    body = entry.body
    known = state.items.get(body["sha256"])
    number = known.number if known else len(state.items) + 1
    state.items[body["sha256"]] = Item(
        number, body["sha256"], body["size"], body["name"], body.get("folder", ""), entry.at,
        entry.seq,
    )  # fmt: skip


def _coverage(state: CaseState, entry: Entry) -> None:
    state.accounts_of_readings[entry.body["reading"]] = entry.body["coverage"]


def _reading(state: CaseState, entry: Entry) -> None:
    body = entry.body
    state.readings[body["item"]] = ReadingFacts(
        body["id"], body["item"], entry.seq, body["format"], body["version"], body["events"],
        body["root"], body["options"],
        state.accounts_of_readings.pop(body["id"], body["coverage"]), body.get("forced", ""),
    )  # fmt: skip


def _erase(state: CaseState, entry: Entry) -> None:
    item = state.items.get(entry.body["item"])
    if item is not None:
        state.items[item.sha256] = Item(
            item.number, item.sha256, item.size, item.name, item.folder, item.added, item.entry,
            erased=True,
        )  # fmt: skip
    state.readings.pop(entry.body["item"], None)


def _answer(state: CaseState, entry: Entry) -> None:
    body = entry.body
    if body["question"] == "case_zone":
        state.zone = body["value"]
    elif body["value"]:
        state.answers[body["item"], body["question"]] = body["value"]
    else:  # taken back: the question is open again
        state.answers.pop((body["item"], body["question"]), None)


def _person(state: CaseState, entry: Entry) -> None:
    body = entry.body
    account = Account(body["channel"], body["address"]) if body.get("address") else None
    for known in list(state.people.values()):
        if account in known.accounts:
            rest = tuple(one for one in known.accounts if one != account)
            state.people[known.id] = Person(known.id, known.label, known.role, rest)
    if body["action"] == "unlink":
        return
    known_one = state.people.get(body["person"])
    accounts = known_one.accounts if known_one else ()
    if account is not None:
        accounts = (*accounts, account)
    label = body.get("label") or (known_one.label if known_one else body["person"])
    state.people[body["person"]] = Person(body["person"], label, Role(body["role"]), accounts)


def _incident(state: CaseState, entry: Entry) -> None:
    body = entry.body
    state.incidents.append(
        Incident(
            entry.seq, entry.at, body["when"], body["zone"], body["precision"], body["text"],
            body.get("person", ""), body.get("place", ""), body.get("witnesses", ""),
        )
    )  # fmt: skip


def _note(state: CaseState, entry: Entry) -> None:
    body = entry.body
    state.notes.append(
        Note(entry.seq, entry.at, body["text"], body.get("about", ""), body["private"])
    )


def _moment(entry: Entry) -> Moment:
    body = entry.body
    return Moment(
        entry.seq, body["person"], body["when"], body["zone"], body.get("event", ""),
        body.get("channel", ""), body.get("account", ""), body.get("words", ""),
    )  # fmt: skip


def _stop(state: CaseState, entry: Entry) -> None:
    state.stops.append(_moment(entry))


def _block(state: CaseState, entry: Entry) -> None:
    state.blocks.append(_moment(entry))


def _knowledge(state: CaseState, entry: Entry) -> None:
    state.knowledge.append(entry)


def _decision(state: CaseState, entry: Entry) -> None:
    if "withdraw" in entry.body:
        _withdraw(state, entry.body["withdraw"])
    else:
        body = entry.body
        state.decisions[body["finding"]] = Status(body["status"])
        about = (body["detector"], body["subject"])
        if state.decisions[body["finding"]] is Status.CONFIRMED:
            state.confirmed[about] = body["finding"]
        else:
            state.confirmed.pop(about, None)


def _withdraw(state: CaseState, number: int) -> None:
    state.withdrawn.add(number)
    state.incidents = [one for one in state.incidents if one.entry != number]
    state.notes = [one for one in state.notes if one.entry != number]
    state.stops = [one for one in state.stops if one.entry != number]
    state.blocks = [one for one in state.blocks if one.entry != number]
    state.knowledge = [one for one in state.knowledge if one.seq != number]


def _anchor(state: CaseState, entry: Entry) -> None:
    state.anchors.append({**entry.body, "entry": entry.seq, "at": entry.at})


STATEMENTS = frozenset({kinds.INCIDENT, kinds.NOTE, kinds.STOP, kinds.BLOCK, kinds.KNOWLEDGE})
"""What can be taken back."""

STEPS = {
    kinds.CASE: _case,
    kinds.ITEM: _item,
    kinds.COVERAGE: _coverage,
    kinds.READING: _reading,
    kinds.ERASE: _erase,
    kinds.ANSWER: _answer,
    kinds.PERSON: _person,
    kinds.INCIDENT: _incident,
    kinds.NOTE: _note,
    kinds.STOP: _stop,
    kinds.BLOCK: _block,
    kinds.KNOWLEDGE: _knowledge,
    kinds.DECISION: _decision,
    kinds.ANCHOR: _anchor,
}

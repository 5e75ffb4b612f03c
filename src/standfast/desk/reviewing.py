# SPDX-License-Identifier: Apache-2.0
"""Reviewing findings: what waits for the person, in the order of what matters to them.

Rules enforced here:

* findings stand by person, what goes on against a clear no first, plain numbers last;
* a finding that reads otherwise than what was confirmed before says so, and one that was confirmed
  and is not found any more stays visible until the person takes it back;
* a decision, its reason and what is not right are the person's own: reason and correction are
  private notes about the finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.desk.finding_ahead import GRACE, found_by_now
from standfast.findings import say
from standfast.findings.contact import account_of
from standfast.findings.wording import channel as channel_words
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from standfast.desk.case import Desk
    from standfast.model.finding import Finding, Statement
    from standfast.timeline.state import Note

ORDER: Final = (
    "after_stop", "hopping", "", "change_of_level", "burst", "night", "silence_return",
    "one_sided", "contact_count",
)  # fmt: skip
"""Detectors in the order of what matters; the empty name stands for those not named here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom findings are about: a person as the case names them, or an account of nobody.

    ``label`` of an account is its address as it stands in the evidence.
    """

    id: str
    label: str
    stated: bool
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A finding as it is reviewed.

    Attributes:
        changed: another finding of this sort was confirmed before, and now it reads like this.
        notes: what the person wrote about it.
    """

    finding: Finding
    statement: Statement
    status: Status
    subject: Subject
    changed: bool
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A finding that was confirmed and is not found in what is there now."""

    id: str
    subject: Subject
    since: str
    """When it was confirmed, UTC."""


@dataclass(frozen=True, slots=True)
class Review:
    """Every finding, in the order in which it is shown."""

    cards: tuple[Card, ...]
    gone: tuple[Gone, ...]

    def of(self, status: Status) -> tuple[Card, ...]:
        """Give those of one status."""
        return tuple(card for card in self.cards if card.status is status)


def review(desk: Desk, *, patience: float = GRACE) -> Review | None:
    """Give every finding; ``None`` while they are being worked out (``patience`` in seconds)."""
    found = found_by_now(desk, patience=patience)
    if found is None:
        return None
    present = {one.id for one in found}
    cards = sorted((_card(desk, one, present) for one in found), key=lambda card: _rank(desk, card))
    waiting = {(card.finding.detector, card.finding.subject) for card in cards if card.changed}
    gone = tuple(
        _gone(desk, finding, subject)
        for (detector, subject), finding in desk.state.confirmed.items()
        if finding not in present and (detector, subject) not in waiting
    )
    return Review(tuple(cards), gone)


def _card(desk: Desk, finding: Finding, present: set[str]) -> Card:
    state = desk.state
    status = state.decisions.get(finding.id, Status.SUGGESTED)
    before = state.confirmed.get((finding.detector, finding.subject), "")
    return Card(
        finding=finding,
        statement=say(finding),
        status=status,
        subject=subject_of(desk, finding.subject),
        changed=status is Status.SUGGESTED and bool(before) and before not in present,
        notes=tuple(note for note in state.notes if note.about == finding.id),
    )


def subject_of(desk: Desk, subject: str) -> Subject:
    """Name whom a finding is about."""
    channel, address = account_of(subject)
    if address or channel:
        return Subject(id=subject, label=address, stated=False, channel=channel_words(channel))
    person = desk.state.people.get(subject)
    return Subject(id=subject, label=person.label if person else subject, stated=True)


def _rank(desk: Desk, card: Card) -> tuple[Any, ...]:
    finding, subject = card.finding, card.subject
    person = desk.state.people.get(subject.id)
    other = person is not None and person.role is Role.OTHER
    place = ORDER.index(finding.detector if finding.detector in ORDER else "")
    newest = tuple(-ord(digit) for digit in finding.last)
    return (not other, not subject.stated, subject.label, subject.id, place, newest, finding.id)


def _gone(desk: Desk, finding: str, subject: str) -> Gone:
    since = _decision(desk, finding)[0]
    return Gone(id=finding, subject=subject_of(desk, subject), since=since)


def _decision(desk: Desk, finding: str) -> tuple[str, Mapping[str, Any]]:
    """Give when the newest decision about a finding was made, and what it says."""
    for entry in reversed(desk.vault.entries):
        if entry.type == kinds.DECISION and entry.body.get("finding") == finding:
            return entry.at, entry.body
    return "", {}


# -- deciding --------------------------------------------------------------------------------


def settle(desk: Desk, finding: Finding, status: Status, reason: str = "") -> None:
    """Enter what the person says of a finding that they were shown, with a private reason."""
    body = {
        "finding": finding.id, "status": str(status), "detector": finding.detector,
        "version": finding.version, "subject": finding.subject,
        "numbers": dict(finding.numbers), "events": list(finding.events),
    }  # fmt: skip
    desk.append(Draft(kinds.DECISION, body), *_notes(finding.id, reason))


def _notes(finding: str, *texts: str) -> Iterable[Draft]:
    for text in texts:
        if text.strip():
            yield Draft(kinds.NOTE, {"text": text, "about": finding, "private": True})


def take_back_gone(desk: Desk, finding: str) -> None:
    """Take back that a finding is right which is not found any more."""
    _since, body = _decision(desk, finding)
    if finding in desk.state.confirmed.values():
        desk.append(Draft(kinds.DECISION, {**body, "status": str(Status.SUGGESTED)}))

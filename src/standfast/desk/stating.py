# SPDX-License-Identifier: Apache-2.0
"""Stating: what only the person can say, an entry each, and reversible."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.desk import looking, rebuilding
from standfast.desk.zones import check_zone
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.event import Direction
from standfast.model.people import Account, Role
from standfast.model.times import Precision, from_micros
from standfast.sources import Options, known_formats
from standfast.timeline.people import canonical
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.desk.case import Desk
    from standfast.desk.looking import FindingView, OpenQuestion
    from standfast.desk.progress import Progress
    from standfast.model.finding import Status
    from standfast.timeline.query import Row

ME = "me"
WHEN = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?", re.ASCII)
DAY_LENGTH = len("2024-03-04")
MINUTE_LENGTH = len("2024-03-04T09:05")
WITHDRAWABLE = (kinds.INCIDENT, kinds.NOTE, kinds.STOP, kinds.BLOCK, kinds.KNOWLEDGE)


def answer(desk: Desk, question: str, value: str, progress: Progress) -> None:
    """Answer an open question, and read the item again where that changes its events.

    Raises:
        WrongUsage: there is no such question, or the answer is none of its choices.
    """
    asked = _question(desk, question)
    if asked.question == ME:
        _answer_me(desk, asked, value)
        return
    if asked.question == "zone":
        check_zone(value)
    elif asked.choices and value not in asked.choices:
        _refuse_choice(value, asked.choices)
    body = {"item": asked.item, "question": asked.question, "value": value}
    known = asdict(desk.state.options(asked.item))
    basis = {"zone_basis": "stated"} if asked.question == "zone" else {}
    options = Options(**{**known, asked.question: value, **basis})
    drafts = rebuilding.read_with(desk, desk.state.items[asked.item], options, progress)
    desk.append(Draft(kinds.ANSWER, body), *drafts)  # an interruption leaves both out


def _question(desk: Desk, question: str) -> OpenQuestion:
    """Find a question that is open, or one that was answered: an answer can be changed."""
    for asked in (*desk.questions(), *looking.answered(desk)):
        if asked.id == question:
            return asked
    raise WrongUsage(
        _("There is no open question {id}.").format(id=question),
        hint=_("“standfast questions” lists the open ones."),
    )


def _refuse_choice(value: str, choices: tuple[str, ...]) -> None:
    raise WrongUsage(
        _("“{value}” is not one of the answers.").format(value=value),
        hint=_("Possible answers: {choices}.").format(choices=", ".join(choices)),
    )


def _answer_me(desk: Desk, asked: OpenQuestion, value: str) -> None:
    if value not in asked.choices:
        _refuse_choice(value, asked.choices)
    reading = desk.state.readings[asked.item]
    channel = known_formats()[reading.format].about.channel
    link(desk, ME, Role.ME, channel, value)


def link(desk: Desk, person: str, role: Role, channel: str, address: str) -> None:
    """State whose an account is; the newest statement about an account holds.

    Raises:
        WrongUsage: a part is empty, or a person would get two roles.
    """
    if not (person.strip() and channel.strip() and address.strip()):
        raise WrongUsage(
            _("A person, a channel and an address are needed."),
            hint=_("For example: standfast people CASE other Alex whatsapp:“Alex M.”"),
        )
    known = desk.state.people.get(person)
    if known is not None and known.role is not role and known.accounts:
        raise WrongUsage(
            _("{person} is already entered in another role.").format(person=person),
            hint=_("Choose another name for this person."),
        )
    body = {
        "action": "link", "person": person, "label": person, "role": str(role),
        "channel": channel, "address": canonical(channel, address), "written": address,
    }  # fmt: skip
    desk.append(Draft(kinds.PERSON, body))


def unlink(desk: Desk, channel: str, address: str) -> None:
    """Take back whose an account is.

    Raises:
        WrongUsage: nothing was said of that account.
    """
    plain = canonical(channel, address)
    owner = desk.state.owner_of(Account(channel, plain))
    if owner is None:
        raise WrongUsage(
            _("Nobody was linked to {address}.").format(address=address),
            hint=_("“standfast people” lists what was stated."),
        )
    body = {"action": "unlink", "person": owner.id, "channel": channel, "address": plain}
    desk.append(Draft(kinds.PERSON, body))


def stated_time(when: str) -> tuple[str, str]:
    """Check a time as a person writes it, and say how precise it is.

    ``2024-03-04`` is a day, ``2024-03-04 09:05`` a minute; nothing at all is unknown.

    Raises:
        WrongUsage: it is no date.
    """
    text = when.strip().replace(" ", "T")
    if not text:
        return "", str(Precision.NONE)
    if not WHEN.fullmatch(text):
        raise _no_time(when)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise _no_time(when) from problem
    precision = {DAY_LENGTH: Precision.DAY, MINUTE_LENGTH: Precision.MINUTE}
    return moment.isoformat(), str(precision.get(len(text), Precision.SECOND))


def _no_time(when: str) -> WrongUsage:
    return WrongUsage(
        _("“{when}” is not a date.").format(when=when),
        hint=_("Write the day like 2024-03-04, or with the time like 2024-03-04 21:30."),
    )


def incident(desk: Desk, text: str, when: str, facts: Mapping[str, str]) -> int:
    """Write down what left no file.

    Raises:
        WrongUsage: no text, or a time that is none.
    """
    if not text.strip():
        raise WrongUsage(_("What happened?"), hint=_("Write it in your own words."))
    wall, precision = stated_time(when)
    zone = facts.get("zone") or desk.state.zone
    if zone:
        check_zone(zone)
    body = {
        "text": text, "when": wall, "zone": zone, "precision": precision,
        **{name: facts.get(name, "") for name in ("person", "place", "witnesses")},
    }  # fmt: skip
    return _append(desk, kinds.INCIDENT, body)


def note(desk: Desk, text: str, *, about: str, private: bool) -> int:
    """Write a note."""
    if not text.strip():
        raise WrongUsage(_("The note is empty."), hint="")
    return _append(desk, kinds.NOTE, {"text": text, "about": about, "private": private})


def stop_request(desk: Desk, person: str, *, event: str, when: str, words: str) -> int:
    """Confirm a clear request to stop contact.

    Raises:
        WrongUsage: the person is not known, the event is not from the person whose case it is, or
            neither event nor time was given.
    """
    _must_know(desk, person)
    body: dict[str, Any] = {"person": person, "zone": desk.state.zone, "words": words}
    if event:
        row = _event(desk, event)
        if row.direction != Direction.OUT or row.ts is None:
            raise WrongUsage(
                _("That event is not a message from you with a decided time."),
                hint=_("Say first which accounts are yours: standfast people CASE me …"),
            )
        body |= {
            "event": event, "when": _wall_of(row), "zone": row.zone or desk.state.zone,
            "words": words or row.text,
        }  # fmt: skip
    else:
        wall, _precision = stated_time(when)
        if not wall:
            raise WrongUsage(
                _("When was it? An event or a time is needed."),
                hint=_("Give the message with --event, or the time with --at."),
            )
        body["when"] = wall
    return _append(desk, kinds.STOP, body)


def _wall_of(row: Row) -> str:
    return "" if row.wall is None else from_micros(row.wall).isoformat()


def block(desk: Desk, person: str, channel: str, account: str, when: str) -> int:
    """State when an account was blocked."""
    _must_know(desk, person)
    wall, _precision = stated_time(when)
    if not wall:
        raise WrongUsage(_("When was it?"), hint=_("Give the time with --at."))
    body = {
        "person": person, "channel": channel, "account": canonical(channel, account),
        "when": wall, "zone": desk.state.zone,
    }  # fmt: skip
    return _append(desk, kinds.BLOCK, body)


def withdraw(desk: Desk, entry: int) -> None:
    """Take back a statement; it stays in the ledger and no longer counts."""
    entries = desk.vault.entries
    if not 0 <= entry < len(entries) or entries[entry].type not in WITHDRAWABLE:
        raise WrongUsage(_("There is no such statement to take back."), hint="")
    desk.append(Draft(kinds.DECISION, {"withdraw": entry}))


def decide(desk: Desk, finding: str, status: Status) -> FindingView:
    """Confirm or dismiss a finding.

    Raises:
        WrongUsage: no detector finds that now.
    """
    for view in desk.findings():
        if view.finding.id == finding:
            one = view.finding
            body = {
                "finding": one.id, "status": str(status), "detector": one.detector,
                "version": one.version, "subject": one.subject, "numbers": dict(one.numbers),
                "events": list(one.events),
            }  # fmt: skip
            desk.append(Draft(kinds.DECISION, body))
            return type(view)(one, view.statement, status)
    raise WrongUsage(
        _("There is no finding {id}.").format(id=finding),
        hint=_("“standfast findings” lists them."),
    )


def erase(desk: Desk, number: int, reason: str) -> None:
    """Destroy an original and its events.

    Raises:
        WrongUsage: there is no such item, or no reason was given.
    """
    item = next((one for one in desk.state.items.values() if one.number == number), None)
    if item is None or item.erased or not reason.strip():
        raise WrongUsage(
            _("An item's number and a reason are needed."),
            hint=_("If there may be proceedings, ask a lawyer before erasing anything."),
        )
    desk.vault.erase(item.sha256, reason)
    desk.append()


def _append(desk: Desk, kind: str, body: Mapping[str, Any]) -> int:
    return desk.append(Draft(kind, body))[-1].seq


def _must_know(desk: Desk, person: str) -> None:
    if person not in desk.state.people:
        raise WrongUsage(
            _("Nobody named {person} is entered in this case.").format(person=person),
            hint=_("Enter them first: standfast people CASE other NAME CHANNEL:ADDRESS"),
        )


def _event(desk: Desk, event: str) -> Row:
    row = desk.timeline.by_reference([event]).get(event)
    if row is None:
        raise WrongUsage(
            _("There is no event {event}.").format(event=event),
            hint=_("“standfast timeline” shows each event with its reference."),
        )
    return row

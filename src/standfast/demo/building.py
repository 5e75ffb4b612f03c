# SPDX-License-Identifier: Apache-2.0
"""Going the whole road with the invented case, verb by verb.

Rules enforced here: only verbs of the desk are used, as a face uses them; the demo's case is
protected with the same work as anybody's; everything is written below the one folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.demo import exports, place
from standfast.demo.changing import Change, change_one_byte
from standfast.demo.story import ZONE, told
from standfast.desk import Desk, new_case
from standfast.desk.board import Held
from standfast.desk.stating import ME
from standfast.dossier.verifier import verify
from standfast.errors import Damaged
from standfast.i18n import _, language
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.model.times import iso_wall
from standfast.timeline.query import Where
from standfast.vault.opening import Unlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from standfast.desk import AddReport, FindingView, OpenQuestion, Progress
    from standfast.desk.bundling import BundleMade
    from standfast.desk.dossier import DossierMade
    from standfast.dossier.verifier.verify import Verdict
    from standfast.timeline.query import Row


@dataclass(frozen=True, slots=True)
class Answered:
    """A question that was open, and the answer that was given."""

    question: OpenQuestion
    answer: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Something Mira said in the case.

    Attributes:
        kind: ``me``, ``other``, ``third``, ``stop``, ``block``, ``incident``, ``note`` or
            ``knowledge``.
        about: the person it is about, if any.
        words: her words, or the accounts.
        when: as she said it; empty when it is no moment.
    """

    kind: str
    about: str
    words: str
    when: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the verifier says of a bundle, graded and in words."""

    verdict: str
    exit_code: int
    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Everything a demo made, found and showed."""

    out: str
    passphrase: str
    added: AddReport
    answered: tuple[Answered, ...]
    statements: tuple[Statement, ...]
    events: int
    findings: tuple[FindingView, ...]
    dossier: DossierMade
    bundle: BundleMade
    checked: Checked
    change: Change
    checked_changed: Checked


def build(out: Path, progress: Progress, *, again: bool = False) -> DemoReport:
    """Make the demo in a folder that is new, empty, or (with ``again``) an earlier demo's.

    The dossier, the findings' words and the verdicts are in the language in force.

    Raises:
        WrongUsage: the folder holds something else.
        StorageFailed: the disk refused.
    """
    story = told("case")
    passphrase = story["passphrase"]
    place.prepare(out, again=again, passphrase=passphrase)
    paths = exports.write(out / place.EXPORTS)
    case = out / place.CASE
    new_case(case, passphrase, title=_("Demo with invented people: Mira"), name="Mira", zone=ZONE)
    with Desk.open_case(case, Unlock(passphrase), write=True) as desk:
        added = desk.add(paths, progress)
        answered = _answer(desk, story["answers"], progress)
        statements = _state(desk, story)
        _decide(desk, progress)
        found, events = desk.findings(), desk.timeline.count()
        dossier = desk.make_dossier(out / place.DOSSIER, progress=progress)
        bundle = desk.make_bundle(out / place.BUNDLE, progress=progress)
    progress.start(_("Checking"), 0)
    change = change_one_byte(out / place.BUNDLE, out / place.CHANGED)
    return DemoReport(
        str(out), passphrase, added, answered, statements, events, found, dossier, bundle,
        _checked(out / place.BUNDLE), change, _checked(out / place.CHANGED),
    )  # fmt: skip


def _answer(desk: Desk, answers: Mapping[str, Any], progress: Progress) -> tuple[Answered, ...]:
    """Answer one question after the other; an answer may settle others."""
    given = []
    while asked := desk.questions():
        question = asked[0]
        fitting = answers[question.question]
        answer = fitting if isinstance(fitting, str) else _choice(question, fitting)
        desk.answer(question.id, answer, progress)
        given.append(Answered(question, answer))
    return tuple(given)


def _choice(question: OpenQuestion, names: list[str]) -> str:
    return next(name for name in names if name in question.choices)


def _state(desk: Desk, story: Mapping[str, Any]) -> tuple[Statement, ...]:
    """State people, the request, the blocks, the incident and the note."""
    said = [_person(desk, person) for person in story["people"]]
    stop = story["stop"]
    row = _event_of(desk, stop["words"], "out")
    desk.stop_request(stop["person"], event=row.event)
    said.append(Statement("stop", stop["person"], row.text, iso_wall(row.wall or 0)[:16]))
    for block in story["blocks"]:
        desk.block(block["person"], block["channel"], block["account"], block["when"])
        account = f"{block['channel']}:{block['account']}"
        said.append(Statement("block", block["person"], account, block["when"]))
    incident = dict(story["incident"])
    words, when = incident.pop("text").strip(), incident.pop("when")
    desk.incident(words, when, **incident)
    note = story["note"]["text"].strip()
    desk.note(note, private=True)
    about = incident["person"]
    said += [Statement("incident", about, words, when), Statement("note", "", note)]
    return (*said, *_board(desk, story))


def _board(desk: Desk, story: Mapping[str, Any]) -> Iterator[Statement]:
    """Write down what the other person showed to know, and what could have carried it."""
    moments = []
    for one in story["moments"]:
        row = _event_of(desk, one["words"], "in")
        moments.append(desk.knowledge_moment(one["knew"], event=row.event))
        yield Statement("knowledge", "", one["knew"], iso_wall(row.wall or 0)[:16])
    for one in story["carriers"]:
        carrier = desk.carrier(one["kind"], one["name"])
        for moment, held in zip(moments, one["held"], strict=True):
            desk.carried(moment, carrier, Held(held))


def _person(desk: Desk, person: Mapping[str, Any]) -> Statement:
    accounts = [(channel, address) for channel, address in person["accounts"]]
    for channel, address in accounts:
        desk.link(_id_of(person), Role(person["role"]), channel, address)
    words = ", ".join(f"{channel}:{address}" for channel, address in accounts)
    return Statement(person["role"], person["name"], words)


def _id_of(person: Mapping[str, Any]) -> str:
    """Give the name under which the case knows somebody; her own is always the same."""
    return ME if person["role"] == Role.ME else str(person["name"])


def _event_of(desk: Desk, words: str, direction: str) -> Row:
    """Find the first message with these words from that side.

    Raises:
        Damaged: it is not in the case.
    """
    for row in desk.events(Where(search=words, direction=direction), limit=1):
        return row
    raise Damaged(_("A message of the story is not in the case."), hint="")


def _decide(desk: Desk, progress: Progress) -> None:
    """Confirm what is about Jonas; dismiss the lead that points at the parcel service."""
    other = next(one["name"] for one in told("case")["people"] if one["role"] == Role.OTHER)
    found = desk.findings()
    progress.start(_("Deciding on the findings"), len(found))
    for view in found:
        if view.finding.subject == other:
            desk.decide(view.finding.id, Status.CONFIRMED)
        elif view.finding.detector == "hopping":
            desk.decide(view.finding.id, Status.DISMISSED)
        progress.step(1)


def _checked(bundle: Path) -> Checked:
    verdict: Verdict = verify.check_bundle(bundle)
    facts = verdict.as_json(language())
    return Checked(facts["verdict"], verdict.exit_code, verdict.text(language()), facts)

# SPDX-License-Identifier: Apache-2.0
"""Looking: the timeline, open questions, findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.desk.rebuilding import sound_batches
from standfast.findings import EVENTS, Block, Settings, StopRequest, look, say
from standfast.model.event import Event, Kind, Locator
from standfast.model.finding import Status
from standfast.model.people import Account, Role
from standfast.model.times import Precision, ZoneBasis, micros, wall_to_utc
from standfast.sources import known_formats
from standfast.sources.tables import batch_of_events
from standfast.timeline.people import canonical
from standfast.timeline.query import Timeline
from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import pyarrow as pa

    from standfast.desk.case import Desk
    from standfast.model.finding import Finding, Statement
    from standfast.timeline.state import Incident, Item, Moment, ReadingFacts

WRITTEN_DOWN = "entry"
"""What stands in an event's reference for the item when the person wrote it down."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Something that only the person can decide, about one item.

    ``id`` is ``<item number>.<question>``; ``choices`` with ``examples`` of what each would mean.
    """

    id: str
    item: str
    name: str
    question: str
    choices: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding with its words in the language in force and what the person said of it."""

    finding: Finding
    statement: Statement
    status: Status


def questions(desk: Desk) -> tuple[OpenQuestion, ...]:
    """Give the questions that are open."""
    found = []
    for reading in desk.state.readings.values():
        item = desk.state.items[reading.item]
        for asked in reading.coverage["questions"]:
            if _answered(desk, reading, asked["id"], asked["choices"]):
                continue
            found.append(_question(item, asked))
    return tuple(dict.fromkeys(found))


def answered(desk: Desk) -> tuple[OpenQuestion, ...]:
    """Give the questions that were answered by an entry: what was asked, as it was asked then."""
    found: dict[tuple[str, str], OpenQuestion] = {}
    for entry in desk.vault.entries:
        if entry.type != kinds.COVERAGE or entry.body["item"] not in desk.state.readings:
            continue
        item = desk.state.items[entry.body["item"]]
        for asked in entry.body["coverage"]["questions"]:
            if (item.sha256, asked["id"]) in desk.state.answers:
                found[item.sha256, asked["id"]] = _question(item, asked)
    return tuple(found.values())


def _question(item: Item, asked: Mapping[str, Any]) -> OpenQuestion:
    return OpenQuestion(
        f"{item.number}.{asked['id']}", item.sha256, item.name, asked["id"],
        tuple(asked["choices"]), tuple(asked["examples"]),
    )  # fmt: skip


def _answered(desk: Desk, reading: ReadingFacts, question: str, choices: list[str]) -> bool:
    if (reading.item, question) in desk.state.answers:
        return True
    if question == "zone":
        return bool(desk.state.zone)
    if question != "me":
        return False
    channel = known_formats()[reading.format].about.channel
    mine = {one for person in desk.state.people.values() if person.role is Role.ME
            for one in person.accounts}  # fmt: skip
    return any(Account(channel, canonical(channel, choice)) in mine for choice in choices)


def open_timeline(desk: Desk, only: Collection[str] | None = None) -> Timeline:
    """Load the events of the case, or of some of its items."""
    items = {item.number: item.sha256 for item in desk.state.items.values()}
    return Timeline(
        _batches(desk, desk.state.items if only is None else only),
        items={0: WRITTEN_DOWN, **items},
        people=list(desk.state.people.values()),
    )


def _batches(desk: Desk, only: Collection[str]) -> Iterator[tuple[int, int, pa.RecordBatch]]:
    for item in list(desk.state.items.values()):
        reading = desk.state.readings.get(item.sha256)
        if reading is None or not reading.events or item.sha256 not in only:
            continue
        first = 0
        for batch in sound_batches(desk, reading):
            if desk.memories.closed:
                return  # nobody will see it
            yield item.number, first, batch
            first += len(batch)
    for incident in desk.state.incidents:
        yield 0, incident.entry, batch_of_events([_event_of(incident)])


def _event_of(incident: Incident) -> Event:
    wall = datetime.fromisoformat(incident.when) if incident.when else None
    utc = wall_to_utc(wall, incident.zone)[0] if wall and incident.zone else None
    return Event(
        kind=Kind.INCIDENT,
        channel="incident",
        locator=Locator(row=incident.entry),
        wall=wall,
        zone=incident.zone,
        zone_basis=ZoneBasis.STATED if incident.zone else ZoneBasis.UNKNOWN,
        utc=utc,
        precision=Precision(incident.precision),
        text=incident.text,
        native={"place": incident.place, "witnesses": incident.witnesses},
    )


def settings(desk: Desk) -> Settings:
    """Give what the person stated that detectors need."""
    stops = [
        StopRequest(one.person, ts, one.event)
        for one in desk.state.stops
        if (ts := moment_ts(desk, one)) is not None
    ]
    blocks = [
        Block(one.person, one.channel, one.account, ts, one.event)
        for one in desk.state.blocks
        if (ts := moment_ts(desk, one)) is not None
    ]
    return Settings(tuple(stops), tuple(blocks))


def moment_ts(desk: Desk, moment: Moment) -> int | None:
    """Give the time of a stated moment as events count it: from its event, or as stated.

    An event that is no longer there (its original was erased), or has no decided time any more,
    leaves the time that it had when the person named it.
    """
    if moment.event:
        row = desk.timeline.by_reference([moment.event]).get(moment.event)
        if row is not None and row.ts is not None:
            return row.ts
    if not moment.when:
        return None
    wall = datetime.fromisoformat(moment.when)
    return micros(wall_to_utc(wall, moment.zone)[0]) if moment.zone else micros(wall)


def findings(desk: Desk) -> tuple[FindingView, ...]:
    """Give what the detectors find, in the words of the language in force."""
    decided = desk.state.decisions
    return tuple(
        FindingView(one, say(one), decided.get(one.id, Status.SUGGESTED)) for one in found(desk)
    )


def found(desk: Desk) -> tuple[Finding, ...]:
    """Give what the detectors find, before any words; they run once for the same events."""
    stated, timeline = settings(desk), desk.timeline

    def run() -> tuple[Finding, ...]:
        return look(timeline.arrow(EVENTS.names).cast(EVENTS), stated)

    return desk.memory.once(("findings", stated), run)


def outdated(desk: Desk, found: tuple[FindingView, ...]) -> int:
    """Count the findings that were confirmed and say something else now that events were added.

    Confirming or dismissing what is said now settles the matter.
    """
    present = {view.finding.id for view in found}
    return sum(1 for finding in desk.state.confirmed.values() if finding not in present)

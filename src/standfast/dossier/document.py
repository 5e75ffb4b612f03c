# SPDX-License-Identifier: Apache-2.0
"""What a dossier says, before anybody decides how it looks.

Rules enforced here:

* everything is a value that was decided elsewhere: nothing is counted, looked up or worded here;
* moments in UTC are ISO 8601 with ``Z``; local times are naive ISO 8601 beside their offset;
* texts, names and addresses are exactly as they were written: layout makes them printable.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from standfast.model.coverage import Coverage
from standfast.model.event import Direction, Kind, Locator
from standfast.model.times import ClockMark, Precision

if TYPE_CHECKING:
    from standfast.model.event import Attachment
    from standfast.model.finding import Confidence, Statement
    from standfast.model.people import Person


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as its source wrote it.

    Attributes:
        wall: naive ISO 8601; empty when unknown or ambiguous.
        offset: ``+01:00`` if the zone is known, else empty.
        precision: how much of ``wall`` the source stated.
        alternatives: both readings of an ambiguous time, naive ISO 8601.
        clock: set when that hour came twice or never on that clock.
    """

    wall: str = ""
    offset: str = ""
    precision: Precision = Precision.MINUTE
    alternatives: tuple[str, ...] = ()
    clock: ClockMark = ClockMark.PLAIN


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which exhibit something stands; ``exhibit`` is its number from 1, 0 for none."""

    exhibit: int = 0
    locator: Locator = field(default_factory=Locator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the chronology: an event with its number, from 1, in the order of time.

    Attributes:
        sender: as shown on the device, best with the address in it.
        after_stop: contact from the other side after a confirmed request to stop.
    """

    number: int
    moment: Moment
    kind: Kind = Kind.MESSAGE
    channel: str = ""
    detail: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    direction: Direction = Direction.UNKNOWN
    text: str = ""
    state: str = ""
    attachments: tuple[Attachment, ...] = ()
    place: Place = field(default_factory=Place)
    after_stop: bool = False


@dataclass(frozen=True, slots=True)
class ChannelCount:
    """Contacts on one channel, from the other side and from the person."""

    channel: str
    incoming: int
    outgoing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The numbers of page one.

    Attributes:
        incoming: contacts from the other side; ``outgoing``: from the person to that side.
        after_stop: contacts from the other side after the first confirmed request to stop.
        active_days: days with at least one contact from the other side; ``days``: days in all.
        undated: events whose time is unknown or ambiguous: listed, and in none of the charts.
    """

    incoming: int = 0
    outgoing: int = 0
    after_stop: int = 0
    active_days: int = 0
    days: int = 0
    undated: int = 0
    channels: tuple[ChannelCount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A request to stop contact that the person confirmed; ``row`` is its line, 0 for none."""

    person: str
    moment: Moment
    text: str = ""
    channel: str = ""
    place: Place = field(default_factory=Place)
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """An event that a finding cites; ``row`` is its line in the chronology, 0 for none."""

    moment: Moment
    sender: str
    text: str
    channel: str = ""
    place: Place = field(default_factory=Place)
    row: int = 0


@dataclass(frozen=True, slots=True)
class Series:
    """A named table of a finding's numbers; every row is as long as ``head``."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingBlock:
    """A finding that the person confirmed: its words, its quotes, its numbers.

    ``events_total`` is how many events it rests on; the quotes may be fewer.
    """

    statement: Statement
    confidence: Confidence
    quotes: tuple[Quote, ...] = ()
    events_total: int = 0
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that left no file: what the person wrote down, and when (``entered``, UTC)."""

    moment: Moment
    text: str
    entered: str
    where: str = ""
    witnesses: str = ""


class Kept(StrEnum):
    """What has become of an exhibit."""

    PRESENT = "present"
    WITHHELD = "withheld"
    """Kept in the case and on purpose not handed over."""
    ERASED = "erased"
    """Erased by the person; a tombstone stands in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An original as it was taken in.

    Attributes:
        number: from 1, as the dossier cites it.
        sha256: of the original bytes, 64 hexadecimal digits.
        added: when it was committed to the case by this computer's clock, UTC.
        format: what read it, empty when nothing could.
        shown: how many of its events stand in this dossier.
    """

    number: int
    name: str
    size: int
    sha256: str
    added: str
    format: str = ""
    coverage: Coverage = field(default_factory=Coverage)
    kept: Kept = Kept.PRESENT
    shown: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A small view of a picture: a PNG that standfast itself encoded, never the original bytes."""

    exhibit: int
    caption: str
    png: bytes
    width: int
    height: int
    description: str = ""


class Anchored(StrEnum):
    """How far an outside timestamp has come."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    """An answer is kept, but this program could not check its signature."""
    QUEUED = "queued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A timestamp over the first ``size`` entries; ``time`` (UTC) is empty while queued."""

    authority: str
    state: Anchored
    time: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Withheld:
    """Events kept back on purpose: how many of which exhibit, and why in the person's words."""

    exhibit: int
    count: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawNote:
    """A provision that may apply, from the guidance data, with where it was read and when."""

    title: str
    text: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPart:
    """A stretch of days between two changes: first and last ISO date, contacts and days."""

    first: str
    last: str
    contacts: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Contact from the other side, counted for the charts.

    Attributes:
        days: ISO date and count, in order; a day that is left out had none.
        weeks: ISO date of the Monday, and count by channel.
        hours: 24 counts by the hour of the local clock, of events whose hour is known.
        night: first hour and hour after the last, as in ``(22, 6)``.
        levels: stretches of a steady level, when a change was found.
    """

    days: tuple[tuple[str, int], ...] = ()
    weeks: tuple[tuple[str, tuple[tuple[str, int], ...]], ...] = ()
    hours: tuple[int, ...] = ()
    night: tuple[int, int] = (22, 6)
    levels: tuple[LevelPart, ...] = ()


@dataclass(frozen=True, slots=True)
class Attached:
    """A text file that travels inside the PDF (events as JSON Lines)."""

    name: str
    text: str
    media_type: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything a dossier says.

    Attributes:
        title: the case's title, chosen by the person.
        language: ``en`` or ``de``.
        created: when it was made, UTC; the same input gives the same bytes.
        first: first day of the period, ISO date; ``last`` likewise; empty when nothing is dated.
        parties: who is who, as the person stated it.
        request: what the person asks of the reader, in their own words; may be empty.
        missing: further whole sentences on what is missing, in the dossier's language.
        fingerprint: of the case's public key, in the form in which verifiers show it.
        head_root: root of the ledger's tree, hexadecimal; ``head_size`` its number of entries.
        zone: the zone that the case uses for times without one; empty when nobody has said.
        version: of standfast.
    """

    title: str
    language: str
    created: str
    first: str = ""
    last: str = ""
    parties: tuple[Person, ...] = ()
    request: str = ""
    counts: Counts = field(default_factory=Counts)
    stops: tuple[Stop, ...] = ()
    rows: tuple[Row, ...] = ()
    contacts: Contacts = field(default_factory=Contacts)
    findings: tuple[FindingBlock, ...] = ()
    incidents: tuple[Incident, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    pictures: tuple[Picture, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    missing: tuple[str, ...] = ()
    law: tuple[LawNote, ...] = ()
    attached: tuple[Attached, ...] = ()
    fingerprint: str = ""
    head_root: str = ""
    head_size: int = 0
    zone: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A finished dossier.

    Attributes:
        main: the PDF people read first.
        annexes: file name and PDF of each volume of a long chronology.
        standard: what the PDF was written to, as in ``PDF/A-3a, PDF/UA-1``.
    """

    main: bytes
    annexes: tuple[tuple[str, bytes], ...]
    standard: str

# SPDX-License-Identifier: Apache-2.0
"""What an original yields: events, what could not be read, and questions.

An `Event` is one thing that happened, exactly as its source tells it. Nothing in it is
repaired or guessed: an unknown is empty, an ambiguity is stated with its alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from standfast.model.times import Precision, ZoneBasis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class Kind(StrEnum):
    """What sort of thing happened."""

    MESSAGE = "message"
    CALL = "call"
    MAIL = "mail"
    PHOTO = "photo"
    SYSTEM = "system"
    """A line the app itself wrote (a number changed, somebody was added)."""
    INCIDENT = "incident"
    """Something that left no file: the person wrote it down."""


class Direction(StrEnum):
    """From whose side it came, seen from the person whose case it is."""

    IN = "in"
    OUT = "out"
    SYSTEM = "system"
    UNKNOWN = "unknown"
    """The source does not say; the person's statement about accounts decides later."""


class Accounting(StrEnum):
    """How a format proves that it lost nothing."""

    BYTES = "bytes"
    """Every byte belongs to an event, to framing or to an `Unreadable`."""
    ROWS = "rows"
    """Every row of the tables that are read is an event, `Rows` or an `Unreadable`.

    Rows do not lie in the file one after the other, so its bytes are one stretch of framing; an
    event says its table (``pointer``) and its row's number in it (``row``).
    """
    WHOLE = "whole"
    """The item is one thing (a picture)."""


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in the original an event stands, so that a court can be shown the bytes.

    Attributes:
        path: the member inside an archive (``a.zip!/b.txt`` nests), empty for the item itself.
        start: first byte of the span in that member; -1 when bytes are not the unit.
        end: byte after the span; -1 likewise.
        row: row number in a table, -1 when there is none.
        pointer: JSON pointer (RFC 6901), empty when there is none.
    """

    path: str = ""
    start: int = -1
    end: int = -1
    row: int = -1
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that an event names.

    ``state`` is ``present`` (``path`` or ``sha256`` say where), ``missing`` (named, and not in
    what was given), or ``omitted`` (the app left it out and named nothing).
    """

    name: str
    state: str
    media_type: str = ""
    path: str = ""
    sha256: str = ""
    size: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, as its source tells it.

    Attributes:
        wall: time as written, naive; ``None`` when unknown or ambiguous.
        alternatives: both readings of an ambiguous time, empty otherwise.
        zone: IANA name, ``UTC`` or ``+HH:MM``; empty when unknown.
        utc: the moment in UTC if the zone is known.
        sender: address or name as the source writes it; empty for the app itself.
        state: ``""``, ``deleted``, ``edited``, ``unsent``, ``view_once``, ``draft``, ``failed``.
        detail: finer sort of a kind, such as ``missed_voice_call`` or ``number_changed``.
        native: a few fields of the source, untouched, that have no place of their own.
    """

    kind: Kind
    channel: str
    locator: Locator
    conversation: str = ""
    wall: datetime | None = None
    alternatives: tuple[datetime, ...] = ()
    zone: str = ""
    zone_basis: ZoneBasis = ZoneBasis.UNKNOWN
    utc: datetime | None = None
    precision: Precision = Precision.NONE
    sender: str = ""
    recipients: tuple[str, ...] = ()
    direction: Direction = Direction.UNKNOWN
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    state: str = ""
    detail: str = ""
    native: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Many events at once, column by column, for formats that read in bulk.

    ``columns`` maps a column of `standfast.sources.tables.SCHEMA` to a list of ``rows`` values,
    or to one value that holds for every row. A column that is left out has its empty value.
    """

    rows: int
    columns: Mapping[str, Sequence[Any] | str | int | None]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stretch of an original that could not be read: shown, counted, never skipped.

    ``reason`` is a short stable code (``not_a_message``, ``bad_encoding``, ``too_large`` …);
    ``detail`` is one plain sentence.
    """

    reason: str
    detail: str
    locator: Locator


@dataclass(frozen=True, slots=True)
class Framing:
    """Bytes that hold no event by their nature: a header, a blank line, an XML declaration."""

    start: int
    end: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table that hold no event by their nature: people, chats, what joins them."""

    table: str
    rows: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the person can decide.

    Attributes:
        id: stable within an item: ``date_order``, ``zone``, ``me``.
        choices: the possible answers (``dmy``, ``mdy``; participants' names; empty for free text).
        examples: for each choice, what the first undecided time would then be.
        why: what evidence was looked for and not found, one code a reason.
    """

    id: str
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    why: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something true of the whole export that a reader must know (a cut start, one side only)."""

    code: str
    detail: str
    path: str = ""


Yield = Event | EventBatch | Unreadable | Framing | Rows | Question | Remark
"""What a format may yield."""

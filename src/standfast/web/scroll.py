# SPDX-License-Identifier: Apache-2.0
"""Events of the timeline as the pages show them: the way the app showed them, in words.

Rules enforced here:

* one form serves the page without scripts and the script: texts and numbers, never markup;
* every text from outside is made harmless here, and stays the reader's to judge: what was written
  is shown as written, what we say of it stands beside it;
* what is long is cut, and how much is counted; a hit is shown with what stands around it;
* a picture's address leads to one drawn anew, never to its own bytes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from standfast.desk.wording import channel as channel_words
from standfast.desk.wording import kind as kind_words
from standfast.i18n import _, ngettext
from standfast.model.event import Kind
from standfast.model.harmless import harmless
from standfast.model.people import Role
from standfast.model.times import Precision, ZoneBasis, iso_wall
from standfast.web.rendering import day as day_words
from standfast.web.rendering import number, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.desk import Desk, Row, View
    from standfast.web.visit import Visit

MOST_TEXT: Final = 1500
MOST_FILES: Final = 12
MOST_NAME: Final = 120
AROUND: Final = 160
MOST_HITS: Final = 12
"""Hits of one event that are shown with what stands around them."""
LONGEST_TELLING: Final = 60
"""Characters that an app writes around a file's name, as ``(file attached)``."""
CLOCK: Final = len("09:05:00")
MINUTE: Final = len("09:05")
DATE: Final = len("2024-03-04")
GAP: Final = 3
"""Days without events that are worth a word."""
OWN: Final = -1
"""The place of a picture that is the event itself."""
DRAWN: Final = ("image/",)
NOT_DRAWN: Final = ("image/svg",)
MINUTE_SECONDS: Final = 60

Part = tuple[str, str]
"""A piece of a text: ``hit``, ``cut`` (words of ours) or nothing, and the piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that an event names, in words; ``picture`` is the address of its safe view."""

    name: str
    told: str
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An event as it is shown.

    Attributes:
        event: its reference; ``href`` the address of its page; ``at`` its position.
        day: a heading before it, where a day begins; ``gap`` says how long nothing was before.
        look: ``bubble``, ``line`` (a call), ``middle`` (a line of the app), ``card`` (an incident).
        side: ``in``, ``out`` or nothing.
        who, account: whose it is as the person named them, and the address it came from.
        clock: the time as it was written; ``iso`` for a machine; ``zone`` only where it differs.
        told: what sort of event it is, and what became of it.
        parts: its text.
    """

    event: str
    href: str
    at: int
    day: str
    gap: str
    look: str
    side: str
    who: str
    account: str
    where: str
    clock: str
    iso: str
    zone: str
    told: tuple[str, ...]
    subject: str
    parts: tuple[Part, ...]
    files: tuple[File, ...]

    @property
    def value(self) -> dict[str, Any]:
        """Give it as JSON holds it, without what is empty."""
        return {name: one for name, one in asdict(self).items() if one not in ("", (), None)}


def shown(visit: Visit, view: View, start: int, count: int, *, mark: str = "") -> list[Shown]:
    """Give some events of a view, from a position on, as they are shown.

    Raises:
        StandfastError: the case was closed.
    """
    desk, before = visit.desk, 1 if start > 0 else 0
    rows = view.rows(start - before, count + before)
    earlier: Sequence[Row | None] = [None, *rows] if not before else rows
    pairs = pairwise(earlier)
    return [
        show(visit, desk, row, mark=mark, at=start + place, before=previous)
        for place, (previous, row) in enumerate(pairs)
        if row is not None
    ]


def show(  # noqa: PLR0913 - what surrounds an event, by name
    visit: Visit, desk: Desk, row: Row, *, mark: str = "", at: int = 0, before: Row | None = None
) -> Shown:
    """Give one event as it is shown; ``before`` is the one that stands before it."""
    who, account = _who(desk, row)
    clock, iso = clock_of(row)
    heading, gap = _heading(row, before, first=at == 0)
    named = files_of(visit, row)
    return Shown(
        event=row.event,
        href=visit.url("event", key=row.event),
        at=at,
        day=heading,
        gap=gap,
        look=_look(row.kind),
        side=row.direction if row.direction in {"in", "out"} else "",
        who=who,
        account=account,
        where=_where(row),
        clock=clock,
        iso=iso,
        zone=_zone(row, desk.state.zone),
        told=told_of(row),
        subject=_line(subject_of(row)),
        parts=parts_of(desk, row, mark),
        files=named,
    )


# -- whose and where -------------------------------------------------------------------------


def _line(text: str) -> str:
    """Put a text from outside on one harmless line of bounded length."""
    cut = text[:MOST_NAME]
    return harmless(" ".join(cut.split())) + ("…" if len(text) > MOST_NAME else "")


def _look(kind: str) -> str:
    looks: dict[str, str] = {
        Kind.CALL: "line", Kind.SYSTEM: "middle", Kind.INCIDENT: "card",
    }  # fmt: skip
    return looks.get(kind, "bubble")


def _who(desk: Desk, row: Row) -> tuple[str, str]:
    """Name whose event it is, and the address beside the name."""
    person = desk.state.people.get(row.person)
    label = person.label if person else ""
    address = row.sender or row.account
    if row.kind in {Kind.INCIDENT, Kind.SYSTEM}:
        return "", ""
    if row.direction == "out" or (person is not None and person.role is Role.ME):
        return _("You"), ""
    beside = address if label and address != label else ""
    return _line(label or address), _line(beside)


def _where(row: Row) -> str:
    """Say by what it came, and in which conversation where that is not the counterpart's."""
    if row.kind == Kind.INCIDENT:
        return ""
    name = channel_words(row.channel)
    other = row.conversation if row.kind in {Kind.MESSAGE, Kind.SYSTEM} else ""
    if row.direction == "out" and not other:
        other = row.account
    if row.kind == Kind.PHOTO or not other or other in {row.sender, name}:
        return name
    return f"{name} · {_line(other)}"


def subject_of(row: Row) -> str:
    """Give an e-mail's subject as it was written; from outside."""
    return str(native_of(row).get("subject", "")) if row.kind == Kind.MAIL else ""


def native_of(row: Row) -> dict[str, Any]:
    """Give the fields of a source that have no place of their own; from outside."""
    found = json.loads(row.native or "{}")
    return found if isinstance(found, dict) else {}


# -- times -----------------------------------------------------------------------------------


def clock_of(row: Row) -> tuple[str, str]:
    """Give the time of day as it was written, and the moment for a machine."""
    if row.wall is None:
        return _("time unknown"), ""
    iso = iso_wall(row.wall)
    if row.wall_other is not None:
        other = iso_wall(row.wall_other)
        return _("{one} or {other}").format(one=_either(iso), other=_either(other)), ""
    if row.precision in {Precision.DAY, Precision.NONE}:
        return _("time of day unknown"), iso[:DATE]
    length = MINUTE if row.precision == Precision.MINUTE else CLOCK
    return iso[DATE + 1 :][:length], iso[: DATE + 1 + length]


def _either(iso: str) -> str:
    return f"{day_words(iso[:DATE])}, {iso[DATE + 1 :][:MINUTE]}"


def _zone(row: Row, usual: str) -> str:
    """Say of which clock a time is, where it is not the one of the whole case."""
    if row.wall is None or (row.zone and row.zone == usual) or row.precision == Precision.DAY:
        return ""
    return zone_words(row)


def zone_words(row: Row) -> str:
    """Say of which clock a time is, and why."""
    zone = _line(row.zone)
    if not zone:
        return _("time zone not known")
    return {
        ZoneBasis.IN_FILE: _("{zone}, stated in the original"),
        ZoneBasis.EPOCH: _("{zone}, from the world time in the original"),
        ZoneBasis.STATED: _("{zone}, as you said for this"),
        ZoneBasis.CASE: _("{zone}, as you said for the whole case"),
    }.get(ZoneBasis(row.zone_basis), "{zone}").format(zone=zone)


def day_of(row: Row) -> str:
    """Give the ISO day an event stands under; empty without a certain one."""
    certain = row.ts is not None and row.wall is not None and row.wall_other is None
    return iso_wall(row.wall)[:DATE] if certain and row.wall is not None else ""


def _heading(row: Row, before: Row | None, *, first: bool) -> tuple[str, str]:
    iso, previous = day_of(row), day_of(before) if before is not None else None
    if iso == previous and not first:
        return "", ""
    heading = day_words(iso) if iso else _("Without a certain time")
    if not iso or not previous:
        return heading, ""
    nothing = (date.fromisoformat(iso) - date.fromisoformat(previous)).days - 1
    told = ngettext("No events for {n} day", "No events for {n} days", nothing)
    return heading, told.format(n=number(nothing)) if nothing >= GAP else ""


# -- what it is ------------------------------------------------------------------------------


def told_of(row: Row) -> tuple[str, ...]:
    """Say what sort of event it is and what became of it; empty for a plain message."""
    told = list(kind_words(Kind(row.kind), row.detail, row.state))
    if row.kind == Kind.SYSTEM:
        told = told[:1] if row.text else told
    if row.kind == Kind.CALL and len(told) > 1:
        told = told[1:]  # “missed call” says already that it is a call
    if row.kind == Kind.MAIL:
        told.insert(0, _("E-mail"))
    if row.kind == Kind.CALL:
        told += _length(row)
    return tuple(told)


def _length(row: Row) -> list[str]:
    """Say how long a call was, where the source counts its seconds."""
    seconds = str(native_of(row).get("duration_s", ""))
    if not (seconds.isascii() and seconds.isdecimal()) or int(seconds[:9]) == 0:
        return []
    minutes, rest = divmod(int(seconds[:9]), MINUTE_SECONDS)
    if not minutes:
        return [ngettext("{n} second long", "{n} seconds long", rest).format(n=rest)]
    return [_("{minutes}:{seconds} minutes long").format(minutes=minutes, seconds=f"{rest:02}")]


# -- text ------------------------------------------------------------------------------------


def parts_of(desk: Desk, row: Row, mark: str, *, most: int = MOST_TEXT) -> tuple[Part, ...]:
    """Cut a text into pieces: hits, what stands around them, and how much is left out."""
    spans = desk.hits(row.text, mark) if mark else ()
    text = row.text if spans else _without_file_line(row)
    if len(text) <= most or not spans:
        return _marked(text, [one for one in spans if one[1] <= most], 0, min(most, len(text)))
    found: list[Part] = []
    done = 0
    for start, end in _windows(spans[:MOST_HITS], len(text)):
        if start > done:
            found.append(("cut", _left(start - done)))
        inside = [one for one in spans if start <= one[0] and one[1] <= end]
        found += [one for one in _marked(text, inside, start, end) if one[0] != "cut"]
        done = end
    return tuple(found) + ((("cut", _left(len(text) - done)),) if done < len(text) else ())


def _marked(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> tuple[Part, ...]:
    found: list[Part] = []
    at = start
    for first, last in spans:
        found += [("", text[at:first]), ("hit", text[first:last])]
        at = last
    found.append(("", text[at:end]))
    pieces = [(sort, harmless(piece)) for sort, piece in found if piece]
    if end < len(text):
        pieces.append(("cut", _left(len(text) - end)))
    return tuple(pieces)


def _windows(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in spans:
        start, end = max(0, first - AROUND), min(length, last + AROUND)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _left(count: int) -> str:
    told = ngettext("… {n} more character …", "… {n} more characters …", count)
    return told.format(n=number(count))


def _without_file_line(row: Row) -> str:
    """Leave out the line in which an app only names the file that is shown below."""
    files = attachments_of(row)
    if not files:
        return row.text
    first, newline, rest = row.text.partition("\n")
    name = str(files[0].get("name", ""))
    only_names = name and name in first and len(first) - len(name) < LONGEST_TELLING
    return rest if only_names else first + newline + rest


# -- files -----------------------------------------------------------------------------------


def attachments_of(row: Row) -> list[dict[str, Any]]:
    """Give the files that an event names; from outside."""
    found = json.loads(row.attachments or "[]")
    return found if isinstance(found, list) else []


def files_of(visit: Visit, row: Row, *, most: int = MOST_FILES) -> tuple[File, ...]:
    """Give the files of an event in words, with the addresses of safe views."""
    named = attachments_of(row)
    found = [_file(visit, row, place, one) for place, one in enumerate(named[:most])]
    if row.kind == Kind.PHOTO:
        address = visit.url("picture", key=row.event, place="own")
        found.insert(0, File(name="", told="", picture=address))
    if len(named) > most:
        told = ngettext("{n} more file", "{n} more files", len(named) - most)
        found.append(File(name="", told=told.format(n=len(named) - most)))
    return tuple(found)


def _file(visit: Visit, row: Row, place: int, file: dict[str, Any]) -> File:
    state, sort = str(file.get("state", "")), str(file.get("media_type", ""))
    there = state == "present"
    drawn = there and sort.startswith(DRAWN) and not sort.startswith(NOT_DRAWN)
    address = visit.url("picture", key=row.event, place=str(place)) if drawn else ""
    count = file.get("size", -1)
    told = {
        "present": size(count) if isinstance(count, int) and count >= 0 else "",
        "missing": _("named, but not in what was added"),
        "omitted": _("left out of the export by the app"),
    }.get(state, _line(state))
    return File(name=_line(str(file.get("name", ""))), told=told, picture=address)

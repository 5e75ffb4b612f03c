# SPDX-License-Identifier: Apache-2.0
"""Messages of Discord as DiscordChatExporter writes them, made into events.

Rules enforced here:

* an account is its number (a *snowflake*), which never changes; names stand beside it;
* such a number also says when Discord gave it out: a time that nobody's clock has touched. It is
  kept beside every message, and counted where it differs from the time that is written;
* a date of numbers alone is read by what the person said of its order, or by a number above 12;
  else both readings are kept, and the person is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from standfast.model.times import iso_wall, micros
from standfast.sources.app_fields import code, first_text, text, thing, things, whole
from standfast.sources.app_rows import Said
from standfast.sources.app_times import (
    MILLI,
    UNKNOWN,
    Moment,
    at_wall,
    from_text,
    iso,
    milliseconds_of,
    snowflake,
)
from standfast.sources.json_native import file_beside, native_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour, Options

LEEWAY: Final = 2000
"""Milliseconds by which a stated time may differ from its number's: some exports cut them off."""
_PLAIN: Final = frozenset({
    "Default", "Reply", "ChatInputCommand", "ContextMenuCommand", "ThreadStarterMessage",
    "0", "19", "20", "21", "23", "",
})  # fmt: skip
_SORTS: Final = {
    "RecipientAdd": "member_added", "1": "member_added",
    "RecipientRemove": "member_removed", "2": "member_removed",
    "ChannelNameChange": "subject_changed", "4": "subject_changed",
    "ChannelIconChange": "icon_changed", "5": "icon_changed",
    "ChannelPinnedMessage": "pinned", "6": "pinned",
    "GuildMemberJoin": "member_added", "7": "member_added",
}  # fmt: skip
_CALLS: Final = frozenset({"Call", "3"})
_NATIVE: Final = {
    "id": "id",
    "timestampEdited": "edited_at",
    "callEndedTimestamp": "call_ended_at",
    "reference": "reply_to",
    "forwardedMessage": "forwarded",
    "embeds": "embeds",
    "stickers": "stickers",
    "reactions": "reactions",
    "mentions": "mentions",
    "interaction": "interaction",
}
_PLACED: Final = frozenset({
    "type", "timestamp", "content", "author", "attachments", "isPinned", "inlineEmojis",
})  # fmt: skip
_NUMBERS: Final = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d\d) (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AaPp])[Mm])?",
    re.ASCII,
)
_NAMED: Final = re.compile(
    r"(\d{1,2})-([A-Z][a-z]{2})-(\d{4}|\d\d) (\d{1,2}):(\d\d)(?: ([AaPp])[Mm])?", re.ASCII
)
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_NOON: Final = 12


@dataclass(slots=True)
class Checks:
    """What was noticed on the way: counted, and said at the end."""

    differing: int = 0
    zoneless: int = 0
    undecided: list[str] = field(default_factory=list)
    """The two readings of the first date whose order nothing decides."""


def channel_title(guild: dict[str, Any], channel: dict[str, Any]) -> str:
    """Say where messages were written: the server and the channel, or the people of a chat."""
    own = text(channel, "name") or text(channel, "id")
    server = "" if text(guild, "id") in {"", "0"} else text(guild, "name")
    parts = [server, first_text(channel, "category", "categoryName") if server else "", own]
    return " / ".join(part for part in parts if part)


def said_of(
    data: dict[str, Any],
    title: str,
    checks: Checks,
    options: Options,
    neighbours: Mapping[str, Neighbour],
) -> Said:
    """Make the event of one message of the JSON export."""
    author, sort = thing(data, "author"), text(data, "type")
    moment = from_text(text(data, "timestamp"), options.zone, options.zone_basis)
    checks.zoneless += not moment.zone and moment.wall is not None
    said = Said(
        conversation=title,
        moment=moment,
        sender=first_text(author, "id", "name"),
        text=text(data, "content"),
        native=native_of({k: v for k, v in data.items() if v not in (None, [])}, _NATIVE, _PLACED),
    )
    said.note("from", first_text(author, "nickname", "name"))
    said.note("username", _username(author))
    if moment.wall is None:
        said.note("timestamp", data.get("timestamp"))
    said.attachments = [_file(one, neighbours) for one in things(data, "attachments")]
    said.note("addresses", [url for one in things(data, "attachments") if (url := _link(one))])
    if data.get("isPinned") is True:
        said.note("pinned", "true")
    if text(data, "timestampEdited"):
        said.state = "edited"
    if not said.text and things(data, "stickers"):
        said.detail = "sticker"
    _sort(sort, data, said)
    check_time(said, whole(data, "id"), checks)
    return said


def _sort(sort: str, data: dict[str, Any], said: Said) -> None:
    if sort in _PLAIN:
        return
    if sort in _CALLS:
        said.kind, said.detail = "call", "call"
        ended = from_text(text(data, "callEndedTimestamp"))
        begun = said.moment
        if ended.utc is not None and begun.utc is not None and ended.utc >= begun.utc:
            said.note("duration_s", (ended.utc - begun.utc) // (MILLI * MILLI))
        return
    said.kind = said.direction = "system"
    said.detail = _SORTS.get(sort, code(sort) or "notice")
    said.note("sort", sort)


def _username(author: dict[str, Any]) -> str:
    name, number = text(author, "name"), text(author, "discriminator")
    return f"{name}#{number}" if number.strip("0") else name


def _link(one: dict[str, Any]) -> str:
    url = text(one, "url")
    return url if "://" in url else ""


def _file(one: dict[str, Any], neighbours: Mapping[str, Neighbour]) -> dict[str, Any]:
    """Describe a file: beside the export when it was downloaded, else only named."""
    shown = text(one, "fileName")
    path = "" if _link(one) else text(one, "url").replace("\\", "/")
    found = dict(file_beside(path or shown, neighbours if path else {}, "", shown))
    size = whole(one, "fileSizeBytes")
    return found if "size" in found or not size else found | {"size": size}


def check_time(said: Said, number: int | None, checks: Checks) -> None:
    """Hold the time that is written against the one in the message's number."""
    given = snowflake(number)
    stated = milliseconds_of(said.moment)
    if given is None:
        return
    said.note("time_in_id", iso(given))
    if stated is not None and abs(stated - given) > LEEWAY:
        checks.differing += 1
        said.note("time_differs_ms", str(stated - given))


def said_of_row(row: Mapping[str, str], title: str, checks: Checks, options: Options) -> Said:
    """Make the event of one row of the CSV export."""
    written = row.get("Date", "")
    moment = row_time(written, options, checks)
    said = Said(
        conversation=title,
        moment=moment,
        sender=row.get("AuthorID", "") or row.get("Author", ""),
        text=row.get("Content", ""),
    )
    said.note("from", row.get("Author", ""))
    said.note("reactions", row.get("Reactions", ""))
    if moment.wall is None:
        said.note("date", written)
    files = [url for url in row.get("Attachments", "").split(",") if url]
    said.attachments = [dict(file_beside(url.partition("?")[0], {})) for url in files]
    said.note("addresses", files)
    return said


def row_time(written: str, options: Options, checks: Checks) -> Moment:
    """Read the date of a row in any of the forms that versions of the program write."""
    moment = from_text(written, options.zone, options.zone_basis)
    if moment.wall is None:
        named, numbers = _NAMED.fullmatch(written), _NUMBERS.fullmatch(written)
        if named and named[2] in _MONTHS:
            clock = (named[4], named[5], "", named[6])
            wall = _wall(named[3], _MONTHS.index(named[2]) + 1, int(named[1]), clock)
            moment = _minute(wall, options)
        elif numbers:
            moment = _either(numbers, options, checks)
    checks.zoneless += not moment.zone and moment.wall is not None
    return moment


def _either(found: re.Match[str], options: Options, checks: Checks) -> Moment:
    clock = (found[4], found[5], found[6] or "", found[7])
    first, second = int(found[1]), int(found[2])
    day_first = _wall(found[3], second, first, clock)
    month_first = _wall(found[3], first, second, clock)
    wanted = {"dmy": day_first, "mdy": month_first}.get(options.date_order)
    if wanted or not (day_first and month_first) or day_first == month_first:
        return _minute(wanted or day_first or month_first, options)
    checks.undecided = checks.undecided or [
        iso_wall(micros(one))[:10] for one in (day_first, month_first)
    ]
    return Moment(micros(day_first), precision="min", other=micros(month_first))


def _wall(
    year: str, month: int, day: int, clock: tuple[str, str, str, str | None]
) -> datetime | None:
    hour, minute, second, half = int(clock[0]), int(clock[1]), int(clock[2] or 0), clock[3]
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half in "Pp" else 0)
    try:
        whole_year = int(year) + (2000 if len(year) == len("24") else 0)
        return datetime(whole_year, month, day, hour, minute, second)  # noqa: DTZ001 - a wall time is naive
    except ValueError:
        return None


def _minute(wall: datetime | None, options: Options) -> Moment:
    if wall is None:
        return UNKNOWN
    return at_wall(wall, options.zone, options.zone_basis, "min")

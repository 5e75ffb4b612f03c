# SPDX-License-Identifier: Apache-2.0
"""Snapchat's "My Data": chats, snaps and friends as JSON, in the new and the old layout.

Rules enforced here:

* times are in UTC. The field that is called microseconds holds milliseconds; it refines the time
  in words, and where the two contradict each other the words hold and it is counted;
* the file says which messages the person sent; nothing is asked;
* a message whose text nobody saved is an event all the same: that it was sent is in the file;
* who was added, blocked and deleted, and when, are lines of the app.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import code, first_text, text, whole
from standfast.sources.app_reading import Other, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import (
    MILLI,
    Moment,
    from_milliseconds,
    from_text,
    milliseconds_of,
)
from standfast.sources.json_native import file_beside
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Yield
    from standfast.sources import Neighbour
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Value

_BEGIN: Final = rb'(?:\xef\xbb\xbf)?\s*\{\s*"'
_OLD: Final = re.compile(
    _BEGIN + rb'(?:Received|Sent) (?:(?:Saved|Unsaved) Chat|Snap) History"\s*:\s*\['
)
_NEW: Final = re.compile(
    _BEGIN
    + rb'[^"]{0,200}+"\s*:\s*\[\s*\{(?>[^{}]{0,60000}?"Media Type"\s*+:)[^{}]{0,60000}?"Created"'
)
_FRIENDS: Final = re.compile(
    _BEGIN + rb'(?:Friends|Friend Requests Sent|Blocked Users|Deleted Friends)"\s*:\s*\[\s*'
    rb'(?:\{[^{}]{0,2000}?"Username"|\])'
)
_LISTS: Final = {
    "Friends": ("friend_added", "Creation Timestamp"),
    "Friend Requests Sent": ("friend_request_sent", "Creation Timestamp"),
    "Pending Requests": ("friend_request_received", "Creation Timestamp"),
    "Blocked Users": ("blocked", "Last Modified Timestamp"),
    "Deleted Friends": ("friend_deleted", "Last Modified Timestamp"),
    "Ignored Snapchatters": ("friend_request_ignored", "Last Modified Timestamp"),
    "Hidden Friend Suggestions": ("suggestion_hidden", "Last Modified Timestamp"),
}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MEDIA: Final = re.compile(r"\d{4}-\d\d-\d\d_(.+)\.\w{1,5}")
_PARTING: Final = re.compile(r"\s*[|,]\s*")
LEEWAY: Final = 1000
MICROSECONDS_FROM: Final = 10**14
"""A count above this is what its name says, should Snapchat ever mend it."""
MOST_FILES: Final = 100

ABOUT: Final = About(
    id="snapchat",
    version=1,
    title=N_("Snapchat data"),
    channel="snapchat",
    accounting=Accounting.BYTES,
    export=N_(
        "In Snapchat's settings open “My Data”, choose the JSON files and the chat media, and add "
        "the zip as it is."
    ),
    lacks=(
        N_("The text of messages that nobody saved is not in it, only that they were sent."),
        N_("Snaps are listed with sender and time, without their pictures."),
        N_("It does not say what the times of a blocked or deleted contact stand for."),
    ),
)


class _Lists:
    """What the entries of one file are: each stands in a list under a name."""

    def __init__(self, source: Source, options: Options) -> None:
        self._path = source.path
        self._zone = options.zone
        self._neighbours = source.neighbours
        self._media = _by_media_id(source.neighbours)
        self._unsaved = 0
        self._differing = 0

    def take(self, value: Value) -> Judgement:
        if len(value.path) < 2 or not isinstance(value.path[1], int):  # noqa: PLR2004 - a name and a number
            return Other.FRAMING if value.path else Other.NOT_OURS
        name, data = str(value.path[0]), value.data
        if not isinstance(data, dict):
            return Other.NOT_OURS
        if name == "Shortcuts":
            return Other.FRAMING
        if name in _LISTS and "Username" in data:
            return self._friend(name, data)
        if "Created" in data or "Media Type" in data:
            return self._message(name, data)
        return Other.NOT_OURS

    # -- chats and snaps ---------------------------------------------------------------------

    def _message(self, name: str, data: dict[str, Any]) -> Said:
        said = Said(moment=self._moment(data))
        if said.moment.wall is None:
            said.note("created", data.get("Created"))
        _sides(name, data, said)
        self._content(data, said)
        for field, key in (("IsSaved", "saved"), ("Conversation Title", "conversation_title")):
            said.note(key, data.get(field))
        return said

    def _moment(self, data: dict[str, Any]) -> Moment:
        told = milliseconds_of(from_text(text(data, "Created")))
        finer = whole(data, "Created(microseconds)") or None
        if finer is not None and finer >= MICROSECONDS_FROM:
            finer //= MILLI
        if told is not None and finer is not None and abs(told - finer) > LEEWAY:
            self._differing += 1
            finer = told
        return from_milliseconds(told if finer is None else finer, self._zone)

    def _content(self, data: dict[str, Any], said: Said) -> None:
        sort = text(data, "Media Type")
        written = first_text(data, "Content", "Text")
        said.text = html.unescape(written)
        said.note("written", written if said.text != written else "")
        _sort(sort, said)
        if not written and ("Content" in data or "Text" in data) and sort.upper() == "TEXT":
            self._unsaved += 1
            said.detail = "text_not_saved"
        ids = [one for one in _PARTING.split(text(data, "Media IDs")) if one][:MOST_FILES]
        said.attachments = [self._file(one) for one in ids]

    def _file(self, media_id: str) -> dict[str, Any]:
        name = self._media.get(media_id, media_id)
        return dict(file_beside(name, self._neighbours))

    # -- friends -----------------------------------------------------------------------------

    def _friend(self, name: str, data: dict[str, Any]) -> Said:
        detail, field = _LISTS[name]
        said = Said(
            kind="system",
            direction="system",
            detail=detail,
            conversation=text(data, "Username"),
            sender=text(data, "Username"),
            moment=from_text(text(data, field), self._zone),
        )
        said.note("display_name", data.get("Display Name"))
        said.note("source", data.get("Source"))
        said.note("created", data.get("Creation Timestamp"))
        said.note("last_modified", data.get("Last Modified Timestamp"))
        return said

    def remarks(self) -> Iterator[Yield]:
        if self._unsaved:
            sentence = _(
                "Messages whose text nobody saved: {count}. Snapchat only says who sent them, and "
                "when."
            )
            yield Remark("not_saved", sentence.format(count=self._unsaved), self._path)
        if self._differing:
            sentence = _(
                "Messages for which the file tells two different times: {count}. The time in words "
                "is used."
            )
            yield Remark("times_differ", sentence.format(count=self._differing), self._path)


def _sides(name: str, data: dict[str, Any], said: Said) -> None:
    """Say who wrote to whom: in the new layout a flag says it, in the old the list's name."""
    title = text(data, "Conversation Title")
    if name.startswith(("Received ", "Sent ")) and "IsSender" not in data:
        other = first_text(data, "From", "To")
        said.direction = "in" if name.startswith("Received ") else "out"
        said.conversation = title or other
    else:
        other = name
        side = data.get("IsSender", data.get("isSender"))
        said.direction = ("out" if side else "in") if isinstance(side, bool) else "unknown"
        said.conversation = title or name
    if said.direction != "out":
        said.sender = text(data, "From")
    elif not title and not _UUID.fullmatch(other):
        said.recipients = (other,)


def _sort(sort: str, said: Said) -> None:
    """Tell what is no plain text: media, calls, and what the app reports."""
    plain = sort.upper()
    if plain == "TEXT":
        return
    said.detail = code(sort)
    if not plain.startswith("STATUS"):
        return
    if "MISSED" in plain:
        said.kind = "call"
        said.detail = "missed_video_call" if "VIDEO" in plain else "missed_voice_call"
    elif "ERASED" in plain:
        said.state = said.detail = "deleted"
    else:
        said.kind = said.direction = "system"
        said.detail = "screenshot_taken" if "SCREENSHOT" in plain else code(sort)


def _by_media_id(neighbours: Mapping[str, Neighbour]) -> dict[str, str]:
    """Find the names of media files by the id that stands in them."""
    return {found[1]: name for name in neighbours if (found := _MEDIA.fullmatch(name))}


class Snapchat:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the first list, and for what its first entry says."""
        if _OLD.match(head.data):
            return Recognition(95, "Chat History")
        if _NEW.match(head.data):
            return Recognition(93, "Media Type, Created")
        return Recognition(92, "Friends") if _FRIENDS.match(head.data) else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            walk = JsonWalk(stream, lambda path: len(path) < 2, progress=source.progress)  # noqa: PLR2004 - lists within an object
            yield from read_values(walk.run(), _Lists(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = Snapchat()

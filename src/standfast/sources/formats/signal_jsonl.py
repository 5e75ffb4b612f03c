# SPDX-License-Identifier: Apache-2.0
"""Signal's own export of chats: ``main.jsonl``, one frame of its backup (version 2) a line.

Rules enforced here:

* the first line tells the version, then come the account, recipients and chats, then the items of
  all chats in the order in which they reached the phone;
* every item is an event with the bytes of its line; account, recipients and chats are framing;
* who somebody is stands in `standfast.sources.signal_people`, what an item means in
  `standfast.sources.signal_items`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import text, thing, whole
from standfast.sources.app_lines import lines
from standfast.sources.app_reading import Other, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import from_milliseconds
from standfast.sources.signal_items import Items
from standfast.sources.signal_people import People

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Yield
    from standfast.sources import Neighbour
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Value

_FIRST: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{(?>[^{}\n]*?"backupTimeMs"\s*+:)[^{}\n]*+\}[ \t\r]*+(?:\n|\Z)'
)
_FRAME: Final = re.compile(
    rb'^\{"(?:account|recipient|chat|chatItem)"\s*:\s*\{.*?"'
    rb'(?:givenName|profileKey|contact|self|group|recipientId|dateSent)"\s*:',
    re.MULTILINE,
)
_KNOWN: Final = frozenset({
    "account", "recipient", "chat", "stickerPack", "notificationProfile", "chatFolder",
})  # fmt: skip

ABOUT: Final = About(
    id="signal_jsonl",
    version=1,
    title=N_("Signal export"),
    channel="signal",
    accounting=Accounting.BYTES,
    export=N_(
        "In Signal's settings, open the chats section, choose to export chat history, and keep the "
        "whole folder: main.jsonl, metadata.json and the folder files."
    ),
    lacks=(
        N_("Messages that had disappeared or were deleted on this phone before are not in it."),
        N_("Pictures and videos that were to be viewed once are not in it once they were viewed."),
        N_("Replies to the stories of groups are not in it."),
    ),
)


class _Frames:
    """What the frames of one file are."""

    def __init__(self, zone: str, path: str, neighbours: Mapping[str, Neighbour]) -> None:
        self._people = People()
        self._items = Items(self._people, zone, neighbours)
        self._zone = zone
        self._path = path

    def take(self, value: Value) -> Judgement:
        frame = value.data
        if not isinstance(frame, dict):
            return Other.NOT_OURS
        item = thing(frame, "chatItem")
        if item:
            return self._items.said(item)
        if thing(frame, "adHocCall"):
            return self._call(thing(frame, "adHocCall"))
        self._people.meet(thing(frame, "recipient"))
        self._people.open(thing(frame, "chat"))
        known = not frame or _KNOWN & frame.keys() or "backupTimeMs" in frame
        return Other.FRAMING if known else Other.NOT_OURS

    def _call(self, call: dict[str, object]) -> Said:
        """Tell of a call that somebody joined by a link: nothing says who placed it."""
        moment = from_milliseconds(whole(call, "callTimestamp"), self._zone)
        link = self._people.who(call, "recipientId")
        said = Said(kind="call", detail="call_by_link", moment=moment, conversation=link.name)
        said.note("call_id", text(call, "callId"))
        return said

    def remarks(self) -> Iterator[Yield]:
        if self._items.disappearing:
            sentence = _(
                "Messages that were set to disappear: {count}. Others that had disappeared before "
                "this export was made are not in it."
            )
            told = sentence.format(count=self._items.disappearing)
            yield Remark("disappearing", told, self._path)
        if self._items.unknown_chats:
            sentence = _("Messages of chats that the file does not describe: {count}.")
            told = sentence.format(count=self._items.unknown_chats)
            yield Remark("unknown_chats", told, self._path)


class SignalExport:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the first line, or for frames where a file begins further on."""
        if _FIRST.match(head.data):
            return Recognition(97, "backupTimeMs")
        return Recognition(90, "frames") if _FRAME.match(head.data) else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        taker = _Frames(options.zone, source.path, source.neighbours)
        with source.open() as stream:
            frames = lines(stream, progress=source.progress)
            yield from read_values(frames, taker, source, ABOUT.channel)


FORMAT: Final[Format] = SignalExport()

# SPDX-License-Identifier: Apache-2.0
"""TikTok's data file: direct messages, and the accounts that were blocked.

Rules enforced here:

* the names of the sections changed twice; a chat is known by its own name, ``Chat History with``
  somebody, wherever it stands;
* the file writes times without a zone. TikTok counts them in UTC, which is said of every file;
* a chat's name says who the other side is: what is not from there is from the person;
* everything else in the file (videos watched, settings) is no conversation, and stays there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import first_text, text
from standfast.sources.app_reading import Other, Participants, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import from_text
from standfast.sources.json_native import native_of
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Path, Value

_CHAT: Final = re.compile(r"Chat History with (.*?):?\s*", re.DOTALL)
_SECTIONS: Final = re.compile(
    rb'"(?:Direct Messages?|Activity|Your Activity|App Settings|Profile(?: And Settings)?|Comment|'
    rb'Tiktok Shopping|TikTok Shop|Likes and Favorites|Post|Video)"\s*:\s*\{'
)
_MESSAGES: Final = re.compile(rb'"ChatHistory"\s*:\s*\{|"Chat History with ')
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_PLACED: Final = frozenset({"Date", "From", "Content"})
DEPTH: Final = 5
"""Sections, lists in them, chats, and their messages."""
ENOUGH: Final = 3

ABOUT: Final = About(
    id="tiktok",
    version=1,
    title=N_("TikTok data"),
    channel="tiktok",
    accounting=Accounting.BYTES,
    export=N_(
        "In TikTok's settings, under your account, download your data as JSON, and add the file or "
        "zip as it is."
    ),
    lacks=(
        N_("Videos and pictures that were shared are not in it, only their addresses."),
        N_("Messages that were deleted are not in it."),
        N_("Chats are named by user names, which can be changed."),
    ),
)


class _Sections:
    """What the values of one file are."""

    def __init__(self, source: Source, options: Options) -> None:
        self._path = source.path
        self._zone = options.zone
        self._people = Participants()
        self._messages = 0

    def take(self, value: Value) -> Judgement:
        path, data = value.path, value.data
        if not path:
            return Other.NOT_OURS
        if not isinstance(path[-1], int):
            return Other.FRAMING
        chat = next((str(step) for step in path if str(step).startswith("Chat History with")), "")
        grouped = any("Group Chat" in str(step) for step in path)
        if chat or grouped:
            return self._message(chat or str(path[-2]), data, known=bool(chat) and not grouped)
        if any(str(step).startswith("BlockList") for step in path) and isinstance(data, dict):
            return self._blocked(data)
        return Other.FRAMING

    def _message(self, chat: str, data: Any, *, known: bool) -> Judgement:
        if not isinstance(data, dict) or not ("Date" in data or "Content" in data):
            return Other.NOT_OURS
        found = _CHAT.fullmatch(chat)
        other = found[1] if found else chat.removesuffix(":")
        sender = text(data, "From")
        said = Said(conversation=other, sender=sender, text=text(data, "Content"))
        self._time(data, said)
        if known and sender:
            said.direction = "in" if sender == other else "out"
            said.recipients = () if sender == other else (other,)
        else:
            self._people.met(sender)
        self._messages += 1
        said.native |= native_of(data, {}, _PLACED)
        return said

    def _time(self, data: dict[str, Any], said: Said) -> None:
        written = text(data, "Date").removesuffix("UTC").strip()
        said.moment = from_text(f"{written}Z", self._zone)
        if said.moment.wall is None:
            said.note("date", data.get("Date"))

    def _blocked(self, data: dict[str, Any]) -> Said:
        name = first_text(data, "UserName", "Username")
        said = Said(kind="system", direction="system", detail="blocked", sender=name)
        said.conversation = name
        self._time(data, said)
        return said

    def remarks(self) -> Iterator[Yield]:
        yield from self._people.question(self._path)
        if self._messages:
            told = _("The file names no time zone; TikTok writes its times in UTC.")
            yield Remark("times_in_utc", told, self._path)


def _opens(path: Path) -> bool:
    """Take sections and lists apart, and no entry of a list."""
    return len(path) < DEPTH and not (path and isinstance(path[-1], int))


class TikTok:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for chats, or for several of the sections that such a file has."""
        if not _START.match(head.data):
            return None
        sections = set(_SECTIONS.findall(head.data))
        if sections and _MESSAGES.search(head.data):
            return Recognition(95, "ChatHistory")
        return Recognition(90, "sections") if len(sections) >= ENOUGH else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            walk = JsonWalk(stream, _opens, progress=source.progress)
            yield from read_values(walk.run(), _Sections(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = TikTok()

# SPDX-License-Identifier: Apache-2.0
"""The archive of X (Twitter): direct messages, blocked and muted accounts, as JavaScript files.

Rules enforced here:

* a file is ``window.YTD.<name>.part<n> =`` and a list; nothing of it is ever run;
* people are their numbers, which never change: the archive of messages tells no names;
* a message's own number also says when it was given out: a time that nobody's clock has touched;
* lists of headers repeat the messages without their text: beside the messages they are left to the
  original, alone they are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import code, text, thing, things, whole
from standfast.sources.app_reading import Other, Participants, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import from_text, iso, milliseconds_of, snowflake
from standfast.sources.json_native import file_beside
from standfast.sources.json_walk import Broken, JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Path, Value

_PREFIX: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*window\.YTD\.(direct_messages?(?:_group)?(?:_headers)?|block|mute)"
    rb"\.part\d{1,6}\s*=\s*(?=\[)"
)
LONGEST_PREFIX: Final = 300
LONGEST_END: Final = 64
LEEWAY: Final = 2000
_SORTS: Final = {
    "joinConversation": "member_added",
    "participantsJoin": "member_added",
    "participantsLeave": "member_left",
    "conversationNameUpdate": "subject_changed",
    "conversationAvatarUpdate": "icon_changed",
    "reactionCreate": "reaction",
}
_LISTS: Final = {"block": ("blocking", "blocked"), "mute": ("muting", "muted")}

ABOUT: Final = About(
    id="x_archive",
    version=1,
    title=N_("X (Twitter) archive"),
    channel="x",
    accounting=Accounting.BYTES,
    export=N_(
        "In the settings of X, under your account, request an archive of your data, and add the "
        "zip as it is."
    ),
    lacks=(
        N_("Messages that were deleted, or whose conversation you left, are not in it."),
        N_("People appear only by their account's number, without names."),
        N_("When an account was blocked or muted is not in it."),
    ),
)


class _Conversations:
    """What the values of one file are."""

    def __init__(self, name: str, source: Source, options: Options) -> None:
        self._list = _LISTS.get(name)
        self._path = source.path
        self._zone = options.zone
        self._neighbours = source.neighbours
        beside = any(near.startswith("direct-messages") for near in source.neighbours)
        self._repeats = name.endswith("_headers") and beside
        self._conversation = self._title = ""
        self._people = Participants()
        self._differing = 0

    def take(self, value: Value) -> Judgement:
        path, data = value.path, value.data
        if self._list:
            entry = thing(data, self._list[0])
            return self._listed(entry) if entry and len(path) > 0 else Other.NOT_OURS
        if len(path) == 4 and path[2] == "messages":  # noqa: PLR2004 - see `_opens`
            return self._entry(data)
        if len(path) == 3:  # noqa: PLR2004 - likewise
            if path[2] == "conversationId":
                self._conversation, self._title = text({"": data}, ""), ""
            elif path[2] == "name":
                self._title = text({"": data}, "")
        return Other.FRAMING if len(path) > 1 else Other.NOT_OURS

    def _listed(self, entry: dict[str, Any]) -> Said:
        """Tell of an account that is blocked or muted; the file says no time."""
        detail = self._list[1] if self._list else ""
        account = text(entry, "accountId")
        said = Said(kind="system", direction="system", detail=detail, sender=account)
        said.conversation = account
        said.note("address", entry.get("userLink"))
        return said

    def _entry(self, data: Any) -> Judgement:
        name, inner = next(iter(data.items())) if isinstance(data, dict) and data else ("", None)
        if not isinstance(inner, dict):
            return Other.NOT_OURS
        if self._repeats:
            return Other.FRAMING
        said = Said(
            conversation=self._title or self._conversation,
            moment=from_text(text(inner, "createdAt"), self._zone),
        )
        said.note("conversation_id", self._conversation if self._title else "")
        if said.moment.wall is None:
            said.note("created_at", inner.get("createdAt"))
        if name == "messageCreate":
            self._message(inner, said)
        else:
            _notice(name, inner, said)
        return said

    def _message(self, inner: dict[str, Any], said: Said) -> None:
        said.sender, said.text = text(inner, "senderId"), text(inner, "text")
        recipient = text(inner, "recipientId")
        said.recipients = (recipient,) if recipient else ()
        self._people.met(said.sender)
        if "text" not in inner:
            said.detail = "text_missing"
        number = whole(inner, "id")
        said.note("id", inner.get("id"))
        self._check(number, said)
        links = [text(one, "expanded") or text(one, "url") for one in things(inner, "urls")]
        said.note("links", links)
        said.note("reactions", inner.get("reactions"))
        media = inner.get("mediaUrls")
        urls = [one for one in media if isinstance(one, str)] if isinstance(media, list) else []
        said.note("addresses", urls)
        said.attachments = [self._file(number, url) for url in urls]
        if things(inner, "editHistory"):
            said.state = "edited"
            said.note("edits", inner["editHistory"])

    def _check(self, number: int | None, said: Said) -> None:
        given, stated = snowflake(number, x=True), milliseconds_of(said.moment)
        if given is None:
            return
        said.note("time_in_id", iso(given))
        if stated is not None and abs(stated - given) > LEEWAY:
            self._differing += 1
            said.note("time_differs_ms", str(stated - given))

    def _file(self, number: int | None, url: str) -> dict[str, Any]:
        """Look for a file as the archive names it: the message's number and the address's end."""
        own = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        return dict(file_beside(f"{number}-{own}", self._neighbours, "", own))

    def remarks(self) -> Iterator[Yield]:
        yield from self._people.question(self._path)
        if self._differing:
            sentence = _(
                "Messages whose time differs from the time in the number that X gave them: "
                "{count}. Both times stand with the message."
            )
            yield Remark("id_time_differs", sentence.format(count=self._differing), self._path)
        if self._repeats:
            told = _("This file repeats the messages of the archive without their text.")
            yield Remark("repeats", told, self._path)


def _notice(name: str, inner: dict[str, Any], said: Said) -> None:
    """Tell what happened to a conversation."""
    said.kind = said.direction = "system"
    said.detail = _SORTS.get(name, code(name))
    said.sender = text(inner, "initiatingUserId") or text(inner, "senderId")
    gone = inner.get("userIds")
    if name == "participantsLeave" and isinstance(gone, list) and len(gone) == 1:
        said.sender = text({"": gone[0]}, "")
    said.text = text(inner, "name") or text(inner, "reactionKey")
    for field, key in (("userIds", "users"), ("participantsSnapshot", "participants")):
        said.note(key, inner.get(field))
    said.note("about", inner.get("eventId"))


def _opens(path: Path) -> bool:
    """Take the list, its conversations and their messages apart."""
    inner = path[1:]
    return inner in {(), ("dmConversation",), ("dmConversation", "messages")}


def _opens_list(path: Path) -> bool:
    return not path


class XArchive:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the assignment that such a file begins with."""
        found = _PREFIX.match(head.data)
        return Recognition(98, f"window.YTD.{found[1].decode()}") if found else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            found = _PREFIX.match(stream.read(LONGEST_PREFIX))
            name = found[1].decode() if found else ""
            opens = _opens_list if name in _LISTS else _opens
            start = found.end() if found else 0
            walk = JsonWalk(stream, opens, start=start, progress=source.progress)
            taker = _Conversations(name, source, options)
            yield from read_values(_ended(walk, stream), taker, source, ABOUT.channel)


def _ended(walk: JsonWalk, stream: BinaryIO) -> Iterator[Value | Broken]:
    """Give the values; a semicolon behind the list is JavaScript's, and no damage."""
    for one in walk.run():
        short = isinstance(one, Broken) and one.end - one.start <= LONGEST_END and not one.path
        if short:
            place = stream.tell()
            stream.seek(one.start)
            end = stream.read(LONGEST_END)
            stream.seek(place)
            if end.strip() == b";":
                continue
        yield one


FORMAT: Final[Format] = XArchive()

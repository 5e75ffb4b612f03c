# SPDX-License-Identifier: Apache-2.0
"""Skype's own export (the service closed in 2025): ``messages.json``.

Rules enforced here:

* times are those at which Skype's servers took a message in, in UTC;
* content is markup: what a person saw of it is the text, and what was written stands beside it
  where the two differ. Nothing in it is ever followed;
* quoted words of somebody else are never the sender's text;
* the file says whose account made it; who wrote a message decides from which side it came.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_
from standfast.model.event import Accounting
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import code, text, thing
from standfast.sources.app_reading import Other, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import from_text
from standfast.sources.json_native import native_of
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Path, Value

_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")
_KEYS: Final = (
    re.compile(rb'"userId"\s*:\s*"'),
    re.compile(rb'"conversations"\s*:\s*\['),
    re.compile(rb'"exportDate"\s*:|"MessageList"\s*:'),
)
_TAG: Final = re.compile(r"<[^<>]{0,4000}>")
_BREAK: Final = re.compile(r"<br\s*/?>|</p>\s*<p>", re.IGNORECASE)
_EDIT: Final = re.compile(r"<e_m\b[^<>]*\bts(_ms)?=[\"'](\d{1,16})[\"'][^<>]*>(?:</e_m>)?")
_QUOTE: Final = re.compile(r"<quote\b([^<>]*)>(.*?)</quote>", re.DOTALL)
_AROUND: Final = re.compile(r"<legacyquote>.*?</legacyquote>", re.DOTALL)
_AUTHOR: Final = re.compile(r"\bauthor=[\"']([^\"']{1,300})[\"']")
_CALL: Final = re.compile(r"<partlist\b[^<>]*\btype=[\"'](\w{1,40})[\"']")
_DURATION: Final = re.compile(r"<duration>(\d{1,8})(?:\.\d+)?</duration>")
_FILE: Final = re.compile(r"<OriginalName\b[^<>]*\bv=[\"']([^\"'<>]{1,255})[\"']")
_NATIVE: Final = {
    "id": "id",
    "displayName": "from",
    "messagetype": "sort",
    "properties": "properties",
    "amsreferences": "files_at_skype",
    "isserversidegenerated": "made_by_server",
}
_PLACED: Final = frozenset({
    "originalarrivaltime", "content", "conversationid", "from", "version",
})  # fmt: skip
_SORTS: Final = {
    "ThreadActivity/AddMember": "member_added",
    "ThreadActivity/MemberJoined": "member_added",
    "ThreadActivity/DeleteMember": "member_removed",
    "ThreadActivity/MemberLeft": "member_left",
    "ThreadActivity/TopicUpdate": "subject_changed",
    "ThreadActivity/PictureUpdate": "icon_changed",
    "ThreadActivity/RoleUpdate": "admin_changed",
    "ThreadActivity/HistoryDisclosedUpdate": "settings_changed",
}
_PERSON: Final = re.compile(r"\d{1,2}:(?!.*@thread)")
MOST_CALLERS: Final = 100

ABOUT: Final = About(
    id="skype",
    version=1,
    title=N_("Skype export"),
    channel="skype",
    accounting=Accounting.BYTES,
    export=N_(
        "Skype closed in 2025. An export that was made before holds messages.json: add it, or the "
        "whole archive."
    ),
    lacks=(
        N_("Pictures and files are in it only if they were exported as well."),
        N_("Of deleted messages only a trace without text may be left."),
        N_("Calls before 2017 may be missing."),
    ),
)


class _Conversations:
    """What the values of one file are."""

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._me = ""
        self._id = self._title = ""

    def take(self, value: Value) -> Judgement:
        path, data = value.path, value.data
        if len(path) == 4 and path[2] == "MessageList":  # noqa: PLR2004 - see `_opens`
            return self._message(data) if isinstance(data, dict) and data else Other.NOT_OURS
        if path == ("userId",):
            self._me = _bare(text({"": data}, ""))
        elif len(path) == 3 and path[2] == "id":  # noqa: PLR2004 - likewise
            self._id, self._title = text({"": data}, ""), ""
        elif len(path) == 3 and path[2] == "displayName":  # noqa: PLR2004 - likewise
            self._title = text({"": data}, "")
        return Other.FRAMING if path and len(path) != 2 else Other.NOT_OURS  # noqa: PLR2004 - a conversation is opened

    def _message(self, data: dict[str, Any]) -> Said:
        sender, written = text(data, "from"), text(data, "content")
        said = Said(
            conversation=self._title or self._id or text(data, "conversationid"),
            moment=from_text(text(data, "originalarrivaltime"), self._zone),
            native=native_of(_said_something(data), _NATIVE, _PLACED),
        )
        self._sides(sender, said)
        if said.moment.wall is None:
            said.note("arrival_time", data.get("originalarrivaltime"))
        said.text = self._own_words(written, said)
        said.note("written", written if written != said.text else "")
        _states(data, written, said)
        _sort(text(data, "messagetype"), written, said)
        return said

    def _sides(self, sender: str, said: Said) -> None:
        if self._me and _bare(sender) == self._me:
            said.direction = "out"
            said.recipients = (self._id,) if _PERSON.match(self._id) else ()
            return
        said.sender = sender
        said.direction = "in" if self._me and sender else "unknown"

    @staticmethod
    def _own_words(written: str, said: Said) -> str:
        """Give what the sender wrote; words of somebody else that are quoted stand beside it."""
        quote = _QUOTE.search(written) if "</quote>" in written else None
        if quote is None:
            return _plain(written)
        author = _AUTHOR.search(quote[1])
        said.note("quote_author", author[1] if author else "")
        said.note("quote_text", _plain(_AROUND.sub("", quote[2])))
        return _plain(written[: quote.start()] + written[quote.end() :])

    def remarks(self) -> Iterator[Yield]:
        yield from ()


def _said_something(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def _bare(account: str) -> str:
    """Give an account without the number of its network: ``8:live:alex`` is ``live:alex``."""
    network, mark, rest = account.partition(":")
    return rest if mark and network.isdigit() else account


def _plain(written: str) -> str:
    """Give what a person saw: tags away, entities as characters, the edit's mark away."""
    if "<" not in written and "&" not in written:
        return written
    shown = _EDIT.sub("", written)
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", shown))).strip()


def _states(data: dict[str, Any], written: str, said: Said) -> None:
    properties, edited = thing(data, "properties"), _EDIT.search(written)
    if "deletetime" in properties and not said.text:
        said.state = said.detail = "deleted"
    elif edited or "edittime" in properties:
        said.state = "edited"
        said.note("edited_at", edited[2] if edited else text(properties, "edittime"))


def _sort(sort: str, written: str, said: Said) -> None:
    """Tell calls, lines of the app and files from what was written."""
    if sort == "Event/Call":
        _call(written, said)
    elif sort.startswith("ThreadActivity/") or sort in {"Notice", "PopCard"}:
        said.kind = said.direction = "system"
        said.detail = _SORTS.get(sort, code(sort.rpartition("/")[2]))
    elif sort.startswith("RichText/Media") or sort == "RichText/UriObject":
        said.detail = code(sort.rpartition("/")[2])
        name = _FILE.search(written)
        shown = html.unescape(name[1]) if name else ""
        said.attachments = [{"name": shown, "state": "missing" if shown else "omitted"}]
    elif sort not in {"RichText", "Text", "RichText/Html", ""}:
        said.detail = code(sort.rpartition("/")[2])


def _call(written: str, said: Said) -> None:
    """Tell of a call; its list says how it ended and how long each took part."""
    found = _CALL.search(written)
    end = found[1].lower() if found else ""
    said.kind, said.text = "call", ""
    ways = {"in": "incoming", "out": "outgoing"}
    missed = end == "missed" and said.direction == "in"
    said.detail = "missed_voice_call" if missed else ways.get(said.direction, "call")
    said.note("call_state", end)
    longest = max(map(int, _DURATION.findall(written)[:MOST_CALLERS]), default=0)
    if longest:
        said.note("duration_s", longest)


def _opens(path: Path) -> bool:
    """Take the conversations and their messages apart."""
    if len(path) == 3:  # noqa: PLR2004 - a conversation's own lists
        return path[2] == "MessageList"
    return path == () or (path[0] == "conversations" and len(path) < 3)  # noqa: PLR2004 - likewise


class Skype:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the keys that such an export begins with."""
        if _START.match(head.data) and all(key.search(head.data) for key in _KEYS):
            return Recognition(94, "userId, conversations")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            walk = JsonWalk(stream, _opens, progress=source.progress)
            taker = _Conversations(options.zone)
            yield from read_values(walk.run(), taker, source, ABOUT.channel)


FORMAT: Final[Format] = Skype()

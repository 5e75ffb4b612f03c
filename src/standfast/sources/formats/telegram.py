# SPDX-License-Identifier: Apache-2.0
"""Telegram Desktop's export as JSON: ``result.json``, of one chat or of the whole account.

Rules enforced here:

* one event a message, its span the very bytes of its object; everything between is framing;
* lists that are no conversations (contacts, sessions) stay in the original, and are counted;
* the file is walked through once, whatever its size; what is damaged costs itself.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.json_spans import JsonSpans
from standfast.sources.json_walk import Broken, JsonWalk, Value
from standfast.sources.telegram_rows import MOST_CHOICES, Chat, TelegramRows
from standfast.sources.telegram_words import CHAT_TYPES, CHATS, LISTS, MESSAGE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.json_walk import Path

SURE: Final = 95
LIKELY: Final = 92
PENDING: Final = 2048
"""So many stretches of framing are held at most before they are handed out."""

ABOUT: Final = About(
    id="telegram",
    version=1,
    title=N_("Telegram export (JSON)"),
    channel="telegram",
    accounting=Accounting.BYTES,
    export=N_(
        "In Telegram Desktop open the chat, click the three dots, choose “Export chat history” "
        "and the format JSON. Keep the whole folder."
    ),
    lacks=(
        N_("Secret chats are not in it."),
        N_("Messages that were deleted before the export are not in it, and leave no trace."),
        N_("Of an edited message only the last text is in it."),
        N_("The export of one chat does not say whose account made it."),
        N_("Pictures, videos and files are only in it if they were chosen for the export."),
    ),
)


class Telegram:
    """The format of ``result.json``."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look at the keys of the document, and at the first chat or message."""
        if not head.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return None
        chat, seen = Chat(""), set[str]()
        for one in JsonWalk(BytesIO(head.data), _opens).run():
            seen.add(str(one.path[0]) if one.path else "")
            if not isinstance(one, Value):
                continue
            if _place(one.path) is not None:
                return _sure_of(chat, one)
            if one.path and one.path[-1] in {"name", "type", "id"}:
                chat.know(str(one.path[-1]), one.data)
            if one.path == ("personal_information",) and _is_account(one.data):
                return Recognition(SURE, "personal_information")
        if chat.type in CHAT_TYPES and chat.id.isdigit():
            return Recognition(LIKELY, chat.type)
        return Recognition(LIKELY, "about, contacts") if _is_whole(seen) else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        yield from _Reading(source, options).run()


class _Reading:
    """One pass over one file."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._rows = TelegramRows(source, options)
        self._spans = JsonSpans(source.path)
        self._chats: dict[Path, Chat] = {}
        self._listed: dict[str, int] = {}
        self._owned = False

    def run(self) -> Iterator[Yield]:
        with self._source.open() as stream:
            walk = JsonWalk(stream, _opens, progress=self._source.progress)
            for one in walk.run():
                self._take(one)
                if self._rows.columns.full or len(self._spans.out) > PENDING:
                    yield from self._drain()
            self._spans.finish(walk.place)
        yield from self._drain()
        yield from self._questions()
        yield from self._remarks()

    def _take(self, one: Value | Broken) -> None:
        if isinstance(one, Broken):
            self._spans.broken(one)
            return
        place = _place(one.path)
        if place is None:
            self._aside(one)
        elif not _is_message(one.data):
            self._spans.unreadable(one.start, one.end, "not_a_message", _pointer(one.path))
        else:
            chat = self._chats.get(place) or self._chat(place)
            if not chat.title:
                self._rows.begin(chat)
            self._spans.take(one.start, one.end)
            self._rows.take(one, chat)

    def _aside(self, one: Value) -> None:
        """Take what is no message: facts of a chat, of the account, or what is only counted."""
        path = one.path
        if path == ("personal_information",) and _is_account(one.data):
            self._rows.me = f"user{one.data['user_id']}"
        elif len(path) > 1 and path[0] in LISTS:
            if isinstance(path[-1], int):
                self._listed[str(path[0])] = self._listed.get(str(path[0]), 0) + 1
        elif path and isinstance(path[-1], str):
            self._chat(path[:-1]).know(path[-1], one.data)

    def _chat(self, path: Path) -> Chat:
        if path not in self._chats:
            self._chats = {path: Chat(_pointer(path), left=path[:1] == ("left_chats",))}
        return self._chats[path]

    def _drain(self) -> Iterator[Yield]:
        batch = self._rows.columns.batch()
        if batch is not None:
            yield batch
        yield from self._spans.out
        self._spans.out = []

    def _questions(self) -> Iterator[Question]:
        path = self._source.path
        if self._rows.times.zone_missing:
            yield Question("zone", path=path, why="no_zone_in_file")
        people = list(self._rows.senders.items())[:MOST_CHOICES]
        if people and not self._rows.me:
            choices = tuple(address for address, _name in people)
            names = tuple(name for _address, name in people)
            yield Question("me", choices, names, "owner_not_in_file", path)

    def _remarks(self) -> Iterator[Remark]:
        times, rows, path = self._rows.times, self._rows, self._source.path
        if self._spans.cut:
            detail = _("The file ends before it is complete; what came after is not in it.")
            yield Remark("cut_off", detail, path)
        counts = {
            "undated": times.undated,
            "times_differ": times.contradicting,
            "replaced_characters": rows.replaced,
            **{f"listed_{name}": count for name, count in self._listed.items()},
        }
        for code, count in counts.items():
            if count:
                yield Remark(code, _counted(code).format(count=count), path)


def _counted(code: str) -> str:
    """Say what a count means, in the reader's language."""
    return {
        "undated": _("Entries without a date that can be read: {count}."),
        "times_differ": _(
            "Messages in which the two dates of the export contradict each other: {count}. The "
            "clock time is shown as it is written, and no zone is concluded."
        ),
        "replaced_characters": _("Messages with damaged characters: {count}."),
        "listed_contacts": _(
            "Contacts that the export also lists: {count}. They stay in the original and are no "
            "events."
        ),
        "listed_frequent_contacts": _(
            "Often used contacts that the export also lists: {count}. They stay in the original "
            "and are no events."
        ),
        "listed_sessions": _(
            "Devices logged in to the account that the export also lists: {count}. They stay in "
            "the original, with times and addresses, and are worth a look."
        ),
        "listed_web_sessions": _(
            "Websites logged in with the account that the export also lists: {count}. They stay "
            "in the original and are worth a look."
        ),
    }[code]


def _opens(path: Path) -> bool:
    """Say which containers are taken apart: those around messages and lists, no others."""
    depth = len(path)
    if depth <= 1:
        return not depth or path[0] in {"messages", *CHATS, *LISTS}
    if path[0] in CHATS:
        return _opens_in_chats(path, depth)
    return depth == 2 and path[0] in LISTS and path[1] == "list"  # noqa: PLR2004 - /contacts/list


def _opens_in_chats(path: Path, depth: int) -> bool:
    """Tell apart /chats/list/3/messages and what leads to it."""
    if path[1] != "list" or depth > 4:  # noqa: PLR2004 - as above
        return False
    return depth < 4 or path[3] == "messages"  # noqa: PLR2004 - as above


def _place(path: Path) -> Path | None:
    """Give the place of the chat that a message stands in; ``None`` for what is no message."""
    if len(path) < 2 or path[-2] != "messages":  # noqa: PLR2004 - /messages/0
        return None
    return path[:-2]


def _pointer(path: Path) -> str:
    return "".join(f"/{part}" for part in path)


def _is_message(data: object) -> bool:
    return isinstance(data, dict) and "id" in data and ("type" in data or "date" in data)


def _is_account(data: object) -> bool:
    return isinstance(data, dict) and type(data.get("user_id")) is int


def _is_whole(seen: set[str]) -> bool:
    return "about" in seen and bool(seen & {"contacts", "chats"}) and "messages" not in seen


def _sure_of(chat: Chat, one: Value) -> Recognition | None:
    """Claim a document by its first message: its chat's type and its own fields."""
    data = one.data
    if not _is_message(data) or data.get("type") not in MESSAGE_TYPES:
        return None
    if chat.type in CHAT_TYPES:
        return Recognition(SURE, f"{chat.type}, messages")
    known = "date_unixtime" in data and ("from_id" in data or "actor_id" in data)
    return Recognition(LIKELY, "date_unixtime, from_id") if known else None


FORMAT: Final[Format] = Telegram()

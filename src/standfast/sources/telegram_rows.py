# SPDX-License-Identifier: Apache-2.0
"""Messages of a Telegram export, made into event columns.

Rules enforced here:

* the text is the text as written, its parts put together; what a part points to or hides (the
  address behind a link, somebody mentioned) stands in ``native`` and is never followed;
* who sent it is the account's number (``user123``), which stays when a name changes; the name
  stands beside it. A name that is ``null`` is an account that was deleted;
* from whose side it came is known only when the export says whose account it is;
* every field without a place of its own is kept in ``native``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from standfast.sources.json_columns import Columns
from standfast.sources.json_native import file_beside, native_of, quoted_text, written
from standfast.sources.tables import compact
from standfast.sources.telegram_time import TelegramTimes, clock_of, count_of
from standfast.sources.telegram_words import (
    ACTIONS,
    CALLS,
    DETAILS,
    MEDIA_DETAILS,
    NATIVE,
    PLACED,
    PLAIN,
    TWO_SIDED,
    VIEW_ONCE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Options, Source
    from standfast.sources.json_walk import Value

FIRST_GROUP: Final = 1 << 32
"""Where the numbers of groups began while all kinds of accounts shared one range."""
MOST_NAMES: Final = 50_000
MOST_CHOICES: Final = 50
YEAR: Final = 31_536_000
"""Old exports write an edit in 1970 where there was none."""
COLUMNS: Final = (
    *("kind", "conversation", "wall", "zone", "zone_basis", "utc", "precision", "sender"),
    *("recipients", "direction", "text", "attachments", "state", "detail", "start", "end"),
    *("pointer", "native"),
)
_ABSENT: Final = re.compile(
    r"(?P<name>.*?) ?\((?:File|Photo|Video|Media) "
    r"(?P<why>not included|unavailable|exceeds maximum size)[^()]*\)",
    re.DOTALL,
)
_CODE: Final = re.compile(r"[a-z0-9_]{1,64}")
_PAIR: Final = 2
"""The fields of a part that is nothing but text: its type, and the text."""
_NOTHING_ELSE: Final = PLAIN | {"reply_to_message_id"}


@dataclass(slots=True)
class Chat:
    """A chat of the export, as far as it was read: its own facts stand before its messages."""

    pointer: str
    left: bool = False
    name: str = ""
    type: str = ""
    id: str = ""
    title: str = ""
    other: str = ""
    """The only other side, as the recipients of what was sent."""
    facts: dict[str, str] = field(default_factory=dict)
    prefix: str = ""
    """What every ``native`` of the chat begins with."""

    def know(self, key: str, value: object) -> None:
        """Take one of the chat's own facts."""
        if key in {"name", "type", "id"}:
            setattr(self, key, written(value) or "")


@dataclass(slots=True)
class _Said:
    """What a message is, besides when and where."""

    kind: str = "message"
    direction: str = "unknown"
    state: str = ""
    detail: str = ""
    files: str = ""


class TelegramRows:
    """Collects the rows of one file.

    Attributes:
        times: the times of the file.
        me: the address of whose export it is, empty while the file has not said.
        senders: who sent messages, and their names.
        replaced: messages with bytes that are no UTF-8.
        columns: the rows, as columns.
    """

    def __init__(self, source: Source, options: Options) -> None:
        """Collect rows of a source."""
        self.times = TelegramTimes(options)
        self.me = ""
        self.senders: dict[str, str] = {}
        self.replaced = 0
        self.columns = Columns(COLUMNS, {"channel": "telegram", "path": source.path})
        self._neighbours = source.neighbours
        self._titles: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def begin(self, chat: Chat) -> None:
        """Settle what a chat is called, before the first of its messages."""
        title = chat.name or chat.type if chat.type == "saved_messages" else chat.name or chat.id
        if self._titles.setdefault(title, chat.id) != chat.id:
            title = f"{title} ({chat.id})"
        chat.title = title
        if chat.type in TWO_SIDED and chat.id:
            chat.other = compact([f"user{chat.id}"])
        kind = ("left_" if chat.left else "") + chat.type
        given = {"chat_id": chat.id, "chat_type": kind if chat.type else ""}
        chat.facts = {name: fact for name, fact in given.items() if fact}
        chat.prefix = compact(chat.facts)[1:-1]

    def take(self, value: Value, chat: Chat) -> None:
        """Take one message."""
        data: dict[str, Any] = value.data
        strange: dict[str, str] = {}
        when = self.times.of(data, strange)
        plain = None
        if value.exact and not strange and when[0] and data.keys() <= _NOTHING_ELSE:
            plain = self._plain(data, chat)
        if plain is None:
            plain = self._whole(data, chat, strange, when[0], exact=value.exact)
        sender, direction, said, text, native = plain
        to = chat.other if direction == "out" else ""
        self.columns.add(
            (
                said.kind, chat.title, *when, sender, to, direction, text, said.files,
                said.state, said.detail, value.start, value.end,
                f"{chat.pointer}/messages/{value.path[-1]}", native,
            ),
            value.end - value.start,
        )  # fmt: skip

    # -- messages with nothing but text ----------------------------------------------------------

    def _plain(
        self, data: Mapping[str, Any], chat: Chat
    ) -> tuple[str, str, _Said, str, str] | None:
        """Take a message that is nothing but a text, as most are; ``None`` when it is more."""
        get = data.get
        if get("type") != "message" or not _untold(get("text_entities")):
            return None
        sender, name, number, text = get("from_id"), get("from"), get("id"), get("text")
        if type(sender) is not str or type(name) is not str or type(number) is not int:
            return None
        if type(text) is not str:
            return None
        if sender not in self.senders:
            self._meet(sender, name)
        shown = self._names.get(name) or self._shown(name)
        native = f'{chat.prefix},"from":{shown},"id":"{number}"'
        reply = data.get("reply_to_message_id")
        if reply is not None:
            if type(reply) is not int:
                return None
            native = f'{native},"reply_to":"{reply}"'
        side = self._side(sender)
        return (
            sender,
            side,
            _MESSAGES[side],
            text,
            "{" + native.lstrip(",") + "}",
        )

    def _shown(self, name: str) -> str:
        if len(self._names) >= MOST_NAMES:
            self._names.clear()
        self._names[name] = shown = quoted_text(name)
        return shown

    def _meet(self, sender: str, name: str) -> None:
        if len(self.senders) < MOST_NAMES:
            self.senders[sender] = name

    def _side(self, sender: str) -> str:
        if not self.me or not sender:
            return "unknown"
        return "out" if sender == self.me else "in"

    # -- all others ------------------------------------------------------------------------------

    def _whole(
        self, data: Mapping[str, Any], chat: Chat, strange: dict[str, str], wall: object,
        *, exact: bool,
    ) -> tuple[str, str, _Said, str, str]:  # fmt: skip
        service = data.get("type") == "service"
        role = "actor" if service and "from_id" not in data else "from"
        name, sender = written(data.get(role)) or "", _address(data.get(f"{role}_id"))
        native = native_of(data, NATIVE, PLACED) | strange
        self._facts(data, chat, native, wall)
        if name:
            native["from"] = name
        elif sender:
            native["account"] = "deleted"
        sender = sender or name
        if sender and not service and sender not in self.senders:
            self._meet(sender, name)
        text, told = _text_of(data)
        if told:
            native["entities"] = told
        if not exact:
            self.replaced += 1
            native["bytes"] = "invalid_utf8"
        side = self._side(sender)
        said = _service(data, side, name) if service else _message(data, side)
        said.files = self._files(data, native)
        return sender, said.direction, said, text, compact(native) if native else ""

    def _facts(
        self, data: Mapping[str, Any], chat: Chat, native: dict[str, str], wall: object
    ) -> None:
        number = written(data.get("id"))
        if number:
            native["id"] = number
        native |= chat.facts
        kind = data.get("type")
        if kind not in ("message", "service"):
            native["type"] = written(kind) or ""
        for key in ("date", "date_unixtime") if wall is None else ():
            if data.get(key) is not None:
                native[key] = written(data[key]) or ""

    def _files(self, data: Mapping[str, Any], native: dict[str, str]) -> str:
        found = []
        for key in ("photo", "file", "contact_vcard", "thumbnail"):
            value = data.get(key)
            if not isinstance(value, str) or not value:
                if value is not None and key in PLACED:
                    native[key] = written(value) or ""
                continue
            absent = _ABSENT.fullmatch(value)
            media_type = written(data.get("mime_type")) or "" if key == "file" else ""
            shown = written(data.get("file_name")) or "" if key == "file" else ""
            if absent is None:
                one = file_beside(value, self._neighbours, media_type, shown)
            else:
                one = file_beside("", {}, media_type, shown or absent["name"])
                native[f"{key}_state"] = absent["why"].replace(" ", "_")
            if key != "thumbnail" or one["state"] == "present":
                found.append(one)
        return compact(found) if found else ""


_MESSAGES: Final = {side: _Said(direction=side) for side in ("in", "out", "unknown")}


def _address(value: object) -> str:
    """Give an account's address; exports before 2021 wrote a user's bare number."""
    if type(value) is int and 0 < value < FIRST_GROUP:
        return f"user{value}"
    return written(value) or ""


def _untold(entities: object) -> bool:
    """Say whether the parts of a text hold nothing but the text."""
    if not entities:
        return True
    if not isinstance(entities, list):
        return False
    for part in entities:
        if type(part) is not dict or len(part) != _PAIR or part.get("type") in (None, "spoiler"):
            return False
        if "text" not in part:
            return False
    return True


def _text_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """Give the text, its parts put together, and the parts that hold more than text, as JSON."""
    text = data.get("text")
    parts = text if isinstance(text, list) else data.get("text_entities")
    pieces = parts if isinstance(parts, list) else []
    telling = [part for part in pieces if not isinstance(part, str) and not _untold([part])]
    if not isinstance(text, str):
        text = "".join(_piece(part) for part in pieces)
    if not text and isinstance(data.get("information_text"), str):
        text = data["information_text"]
    return text, (written(telling) or "") if telling else ""


def _piece(part: object) -> str:
    if isinstance(part, str):
        return part
    text = part.get("text") if isinstance(part, dict) else None
    return text if isinstance(text, str) else ""


def _message(data: Mapping[str, Any], side: str) -> _Said:
    said = _Said(direction=side)
    media = data.get("media_type")
    if data.get("type") == "unsupported":
        said.detail = "unsupported"
    elif isinstance(media, str) and media in MEDIA_DETAILS:
        said.detail = media
    else:
        said.detail = next((word for key, word in DETAILS.items() if key in data), "")
    edited = clock_of(data.get("edited")) or count_of(data.get("edited_unixtime")) or 0
    if edited > YEAR:
        said.state = "edited"
    if data.get("self_destruct_period_seconds") == VIEW_ONCE:
        said.state = "view_once"
    return said


def _service(data: Mapping[str, Any], side: str, actor: str) -> _Said:
    action = data.get("action")
    if not isinstance(action, str):
        return _Said(kind="system", direction="system")
    if action in CALLS:
        return _Said(kind="call", direction=side, detail=_call(data, side))
    detail = ACTIONS.get(action) or (action if _CODE.fullmatch(action) else "")
    if action == "remove_members" and data.get("members") == [actor]:
        detail = "member_left"
    return _Said(kind="system", direction="system", detail=detail)


def _call(data: Mapping[str, Any], side: str) -> str:
    """Say how a call went, in the words that phones use."""
    if data.get("action") != "phone_call":
        return str(data["action"])
    if side == "out":
        return "outgoing"
    ended = data.get("discard_reason")
    if ended in ("missed", "busy"):
        return "missed" if ended == "missed" else "rejected"
    return "incoming" if side == "in" else ""

# SPDX-License-Identifier: Apache-2.0
"""What messages refer to: addresses, chats, who is in them, files, and what was deleted lately.

Rules enforced here:

* a chat is called by the name people gave it, else by its address; two chats of one name that are
  not the same chat have their address beside it;
* what joins a message to something is kept as plain numbers, sorted, so that a million messages
  need few bytes each;
* a reference that leads nowhere is no error: rows are deleted one by one.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from standfast.sources.ios_times import apple_micros
from standfast.sources.json_native import file_beside
from standfast.sources.tables import compact, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from standfast.model.event import Rows, Unreadable
    from standfast.sources import Neighbour
    from standfast.sources.sqlite_reading import Database

HALF: Final = 1 << 31
LONGEST_TITLE: Final = 500
MOST_FILES: Final = 200
"""Files that one message may name."""
MEDIA: Final = "MediaDomain-"
HOME: Final = ("~/", "/var/mobile/")


def text_or_empty(value: object) -> str:
    """Give a stored text; anything else is none."""
    return value if type(value) is str else ""


def number_or_zero(value: object) -> int:
    """Give a stored whole number; anything else is 0."""
    return value if type(value) is int else 0


class Joined:
    """Pairs of numbers, to be asked for all partners of the first."""

    def __init__(self, pairs: Iterator[tuple[Any, ...]]) -> None:
        """Take rows of a joining table: its own number, then the two."""
        packed = [
            one << 31 | other
            for _row, one, other in pairs
            if type(one) is int and type(other) is int and 0 <= one < HALF and 0 <= other < HALF
        ]
        packed.sort()
        self._pairs = array("q", packed)

    def of(self, one: int) -> Sequence[int]:
        """Give the partners of a number, rising, at most `MOST_FILES`."""
        at = bisect_left(self._pairs, one << 31) if 0 <= one < HALF else len(self._pairs)
        found: list[int] = []
        while at < len(self._pairs) and self._pairs[at] >> 31 == one and len(found) < MOST_FILES:
            other = self._pairs[at] & (HALF - 1)
            if not found or found[-1] != other:
                found.append(other)
            at += 1
        return found

    def partners(self) -> set[int]:
        """Give every second number."""
        return {pair & (HALF - 1) for pair in self._pairs}


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat: its title, its address, and the others in it as the recipients of what is sent."""

    title: str
    address: str
    others: str


class People:
    """Everything beside the messages, read whole before them."""

    def __init__(self, database: Database) -> None:
        """Read the tables that messages refer to."""
        self.broken: list[Unreadable] = []
        self.rows: list[Rows] = []
        self._database = database
        self.handles = {
            row: spelled(text_or_empty(address)) for row, address in self._read("handle", "id")
        }
        members = Joined(self._read("chat_handle_join", "chat_id", "handle_id"))
        self._chats = self._titled(members)
        self.chats_of = Joined(self._read("chat_message_join", "message_id", "chat_id"))
        self.files_of = Joined(self._read("message_attachment_join", "message_id", "attachment_id"))
        self._files = {
            row[0]: row[1:]
            for row in self._read(
                "attachment", "filename", "transfer_name", "mime_type", "total_bytes"
            )
        }
        self.deleted = {
            message: (apple_micros(when), chat)
            for _row, message, when, chat in self._read(
                "chat_recoverable_message_join", "message_id", "delete_date", "chat_id"
            )
            if type(message) is int
        }
        self.left_files = len(self._files.keys() - self.files_of.partners())

    def _read(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        scan = self._database.scan(table, columns)
        yield from scan
        self.broken += scan.broken
        if self._database.has(table):
            self.rows.append(scan.framing())

    def _titled(self, members: Joined) -> dict[int, Chat]:
        taken: dict[str, str] = {}
        found = {}
        for row, name, address, room in self._read(
            "chat", "display_name", "chat_identifier", "room_name"
        ):
            own = spelled(text_or_empty(address) or text_or_empty(room))[:LONGEST_TITLE]
            title = spelled(text_or_empty(name))[:LONGEST_TITLE] or own
            if taken.setdefault(title, own) != own:
                title = f"{title} ({own})"
            others = [self.handles[one] for one in members.of(row) if self.handles.get(one)]
            found[row] = Chat(title, own, compact(others) if others else "")
        return found

    def chat_of(self, message: int) -> tuple[Chat | None, Sequence[str]]:
        """Give the chat of a message, and the titles of further ones it is in."""
        numbers = self.chats_of.of(message)
        if not numbers and message in self.deleted:
            numbers = [number_or_zero(self.deleted[message][1])]
        known = [self._chats[one] for one in numbers if one in self._chats]
        if not known:
            return None, ()
        return known[0], [chat.title for chat in known[1:] if chat.title != known[0].title]

    def attachments(self, message: int, neighbours: Mapping[str, Neighbour]) -> str:
        """Describe the files of a message as JSON, empty when it has none."""
        numbers = self.files_of.of(message)
        if not numbers:
            return ""
        return compact([_file(self._files.get(one), neighbours) for one in numbers])


def _file(
    stored: tuple[Any, ...] | None, neighbours: Mapping[str, Neighbour]
) -> dict[str, str | int]:
    if stored is None:
        return {"name": "", "state": "missing"}
    path, shown, media_type, size = stored
    path, shown = spelled(text_or_empty(path)), spelled(text_or_empty(shown))
    found = _in_backup(path, neighbours) or file_beside(
        path.removeprefix("~/Library/Messages/"), neighbours
    )
    kind = spelled(text_or_empty(media_type))[:255] or str(found.get("media_type", ""))
    described: dict[str, str | int] = {**found}
    described["name"] = (shown or path.rpartition("/")[2])[:255]
    if kind:
        described["media_type"] = kind
    if "size" not in described and type(size) is int and 0 < size < 1 << 62:
        described["size"] = size
    return described


def _in_backup(path: str, neighbours: Mapping[str, Neighbour]) -> dict[str, str | int] | None:
    """Find a file of an iPhone's backup, where it is named by the SHA-1 of its place."""
    for home in HOME:
        if path.startswith(home):
            place = MEDIA + path.removeprefix(home)
            name = hashlib.sha1(place.encode(), usedforsecurity=False).hexdigest()
            near = neighbours.get(name)
            if near is not None:
                return {"state": "present", "path": near.path, "size": near.size}
    return None

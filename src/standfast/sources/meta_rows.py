# SPDX-License-Identifier: Apache-2.0
"""Messages of Meta's downloads, made into event columns.

Rules enforced here:

* the download names people by the name they showed, nothing else; that is the sender. It does not
  say whose account it is: from whose side a message came is unknown until the person says it;
* times count milliseconds from 1970 in UTC; the wall clock is that of the zone the person named,
  else UTC;
* reactions have no time of their own and stay with their message, in ``native``;
* every field without a place of its own is kept in ``native``; links are never followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.model.times import micros, utc_from_micros, utc_to_wall
from standfast.sources.json_columns import Columns
from standfast.sources.json_native import file_beside, native_of, written
from standfast.sources.meta_text import all_repaired, repaired
from standfast.sources.meta_words import FLAGS, PLAIN_TYPES, TYPES, Dialect
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Options, Source
    from standfast.sources.json_walk import Value

MOST_NAMES: Final = 50_000
MOST_FILES: Final = 1000
END_OF_2100: Final = 4_133_980_800_000
LEAST_MILLISECONDS: Final = 10**11
"""Below this (March 1973), a count is one of seconds."""
COLUMNS: Final = (
    *("kind", "wall", "zone", "zone_basis", "utc", "precision", "sender"),
    *("direction", "text", "attachments", "state", "detail", "start", "end", "pointer", "native"),
)
Moment = tuple[int | None, str, str, int | None, str]
_NOTHING: Final[tuple[object, ...]] = (None, [], "")
_UNDATED: Final[Moment] = (None, "", "unknown", None, "none")


class MetaRows:
    """Collects the rows of one file.

    Attributes:
        undated: messages whose time says none.
        replaced: messages with bytes that are no UTF-8.
        senders: who sent messages, in the order met.
        columns: the rows, as columns.
    """

    def __init__(
        self, dialect: Dialect, source: Source, options: Options, fixed: Mapping[str, str]
    ) -> None:
        """Collect rows whose chat is the same for all; ``fixed`` are the chat's own columns."""
        self.undated = 0
        self.replaced = 0
        self.senders: dict[str, None] = {}
        self.columns = Columns(COLUMNS, {**fixed, "path": source.path})
        self._dialect = dialect
        self._neighbours = source.neighbours
        self._zone = options.zone or "UTC"
        self._facts: dict[str, str] = {}
        self._prefix = self._repaired = ""
        """What ``native`` is where nothing else is told, and where a text was repaired."""
        self._names: dict[str, str] = {}

    def know(self, facts: Mapping[str, str]) -> None:
        """Take the facts of the chat, which every message carries."""
        self._facts = dict(facts)
        self._prefix = compact(self._facts) if facts else ""
        self._repaired = compact({**self._facts, "mojibake": "repaired"})

    def take(self, value: Value) -> None:
        """Take one message."""
        data: dict[str, Any] = value.data
        when = self._moment(data.get(self._dialect.time))
        row = self._plain(data) if value.exact and when[0] is not None else None
        sender, said, native = row or self._whole(data, value, when)
        kind, side, text, files, state, detail = said
        self.columns.add(
            (
                kind, *when, sender, side, text, files, state, detail, value.start, value.end,
                f"/messages/{value.path[-1]}", native,
            ),
            value.end - value.start,
        )  # fmt: skip
        if sender and len(self.senders) < MOST_NAMES:
            self.senders[sender] = None

    def _moment(self, count: object) -> Moment:
        if type(count) is not int or not 0 < count < END_OF_2100:
            self.undated += 1
            return _UNDATED
        count *= 1 if count >= LEAST_MILLISECONDS else 1000
        utc = wall = count * 1000
        if self._zone != "UTC":
            wall = micros(utc_to_wall(utc_from_micros(utc), self._zone))
        return (wall, self._zone, "epoch", utc, "ms" if count % 1000 else "s")

    def _plain(self, data: Mapping[str, Any]) -> tuple[str, tuple[str, ...], str] | None:
        """Take a message that is nothing but a text, as most are; ``None`` when it is more."""
        dialect = self._dialect
        raw, text = data.get(dialect.sender), data.get(dialect.text)
        if type(raw) is not str or type(text) is not str:
            return None
        for name in data.keys() - dialect.plain:
            if not _says_nothing(name, data[name]):
                return None
        native, sender = self._prefix, raw
        if dialect.mojibake and not (text.isascii() and raw.isascii()):
            sender, meant = self._name(raw), repaired(text)
            if meant != text or sender != raw:
                native = self._repaired
            text = meant
        return sender, ("message", "unknown", text, "", "", ""), native

    def _name(self, raw: str) -> str:
        known = self._names.get(raw)
        if known is None:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            known = self._names[raw] = repaired(raw)
        return known

    def _whole(
        self, data: dict[str, Any], value: Value, when: Moment
    ) -> tuple[str, tuple[str, ...], str]:
        dialect, did = self._dialect, False
        if dialect.mojibake:
            try:
                data, did = all_repaired(data)
            except RecursionError:
                data = {
                    name: one for name, one in data.items() if not isinstance(one, (dict, list))
                }
        placed = frozenset({dialect.sender, dialect.time, dialect.text, dialect.unsent})
        telling = {name: one for name, one in data.items() if not _says_nothing(name, one)}
        native = native_of(telling, dialect.native, placed) | self._facts
        if when[0] is None and data.get(dialect.time) is not None:
            native[dialect.time] = written(data[dialect.time]) or ""
        if did:
            native["mojibake"] = "repaired"
        if not value.exact:
            self.replaced += 1
            native["bytes"] = "invalid_utf8"
        text = data.get(dialect.text)
        if not isinstance(text, str):
            if text is not None:
                native[dialect.text] = written(text) or ""
            text = ""
        sender = written(data.get(dialect.sender)) or ""
        files = self._files(data)
        kind, side, detail = _sort(data, sender)
        state = "unsent" if data.get(dialect.unsent) is True else ""
        said = (kind, side, text, files, state, detail)
        return sender, said, compact(native) if native else ""

    def _files(self, data: Mapping[str, Any]) -> str:
        found = []
        for name in self._dialect.media:
            listed = data.get(name)
            for one in listed[:MOST_FILES] if isinstance(listed, list) else [listed]:
                uri = one.get("uri") if isinstance(one, dict) else None
                if isinstance(uri, str) and uri:
                    found.append(file_beside(uri, self._neighbours))
        return compact(found) if found else ""


def _says_nothing(name: str, value: object) -> bool:
    """Say whether a field is there without saying anything."""
    if value is False:
        return name in FLAGS
    if name == "bumped_message_metadata":
        return isinstance(value, dict) and not any(value.values())
    return value in _NOTHING or (name == "type" and value in PLAIN_TYPES)


def _sort(data: Mapping[str, Any], sender: str) -> tuple[str, str, str]:
    """Say what sort of entry it is: kind, direction, detail."""
    kind = data.get("type")
    kind = kind.lower() if isinstance(kind, str) else ""
    if "call_duration" in data or kind == "call":
        return "call", "unknown", "missed" if data.get("missed") is True else "call"
    if kind in TYPES:
        users = data.get("users")
        left = kind == "unsubscribe" and users == [{"name": sender}]
        return "system", "system", "member_left" if left else TYPES[kind]
    if "sticker" in data:
        return "message", "unknown", "sticker"
    return "message", "unknown", "share" if data.get("share") else ""

# SPDX-License-Identifier: Apache-2.0
"""One pass over a file of Meta's downloads: the chat's facts, its messages, what is damaged.

Rules enforced here:

* the chat's own facts stand behind its messages: they are read from the file's end first, and only
  if that end is whole; of a file that was cut, the people who take part name the chat;
* several files of one chat carry the same title and the same mark, and are one conversation;
* the folder a chat lay in (requests, filtered, archived) is a fact of every message in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import _
from standfast.model.event import Question, Remark
from standfast.sources import HEAD_BYTES
from standfast.sources.json_native import written
from standfast.sources.json_spans import JsonSpans
from standfast.sources.json_walk import Broken, JsonWalk, Value
from standfast.sources.meta_rows import MetaRows
from standfast.sources.meta_text import all_repaired
from standfast.sources.meta_words import FOLDERS, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Yield
    from standfast.sources import Options, Source
    from standfast.sources.json_walk import Path

TAIL: Final = 1 << 16
"""So much of a file's end is looked at for the chat's facts."""
MOST_CHOICES: Final = 50
LONGEST_TITLE: Final = 500
PENDING: Final = 2048
_BEHIND_A_LIST: Final = re.compile(rb"\]\s*+,\s*+(?=\")")
_NUMBER: Final = re.compile(r"_\d{1,9}\Z")
_FOLDER_OF_FILES: Final = re.compile(
    rb"(?:\"uri\"\s*+:\s*+|(?:href|src)=)\"(?:\.\./){0,8}(your_[a-z]{1,20}_activity)/"
)
"""The folder that files lie in; within a text, its quotation marks would be escaped."""
_APPS: Final = ("instagram", "facebook", "messenger")


def opens(path: Path) -> bool:
    """Say which containers are taken apart: the document and its messages."""
    return not path or path == ("messages",)


def facts_at_end(source: Source) -> dict[str, Any]:
    """Give what stands behind the last list of a document that is whole to its end.

    Whatever parses there as the rest of an object, up to the end of the file, is the rest of the
    outermost one.
    """
    with source.open() as stream:
        stream.seek(max(0, source.size - TAIL))
        tail = stream.read(TAIL)
    for found in _BEHIND_A_LIST.finditer(tail):
        try:
            data = json.loads(b"{" + tail[found.end() :])
        except (ValueError, RecursionError):
            continue
        return dict(data)
    return {}


def app_of(source: Source, head: bytes) -> str:
    """Give the app that the folders of files name, or those around this file; else ``meta``."""
    found = _FOLDER_OF_FILES.search(head)
    named = found[1].decode() if found else ""
    for place in (named, source.path, source.container):
        parts = re.split(r"[^a-z]+", place.lower())
        app = next((word for word in _APPS if word in parts), "")
        if app:
            return "instagram" if app == "instagram" else "messenger"
    return "meta"


class MetaReading:
    """One pass over one file."""

    def __init__(self, dialect: Dialect, source: Source, options: Options) -> None:
        """Read a source in the words of one download."""
        self._dialect = dialect
        self._source = source
        self._options = options
        self._facts: dict[str, Any] = {}
        self._rows: MetaRows | None = None
        self._spans = JsonSpans(source.path)

    def run(self) -> Iterator[Yield]:
        """Yield everything in the file."""
        self._know(facts_at_end(self._source))
        with self._source.open() as stream:
            walk = JsonWalk(stream, opens, progress=self._source.progress)
            for one in walk.run():
                self._take(one)
                if (self._rows and self._rows.columns.full) or len(self._spans.out) > PENDING:
                    yield from self._drain()
            self._spans.finish(walk.place)
        yield from self._drain()
        yield from self._question()
        yield from self._remarks()

    def _take(self, one: Value | Broken) -> None:
        if isinstance(one, Broken):
            self._spans.broken(one)
        elif one.path[:1] == ("messages",) and len(one.path) > 1:
            if not self._is_message(one.data):
                pointer = f"/messages/{one.path[-1]}"
                self._spans.unreadable(one.start, one.end, "not_a_message", pointer)
                return
            self._spans.take(one.start, one.end)
            if self._rows is None:
                self._rows = self._begun()
            self._rows.take(one)
        elif len(one.path) == 1 and self._rows is None:
            self._know({str(one.path[0]): one.data})

    def _is_message(self, data: object) -> bool:
        dialect = self._dialect
        return isinstance(data, dict) and (dialect.time in data or dialect.sender in data)

    def _know(self, facts: Mapping[str, Any]) -> None:
        wanted = {"participants", "is_still_participant", self._dialect.title, self._dialect.thread}
        given = {name: value for name, value in facts.items() if name in wanted}
        if self._dialect.mojibake:
            try:
                given, _did = all_repaired(given)
            except RecursionError:
                given = {}
        self._facts |= given

    def _begun(self) -> MetaRows:
        """Settle what the chat is called and where it lay, before the first of its messages."""
        dialect = self._dialect
        thread = (written(self._facts.get(dialect.thread)) or "")[:LONGEST_TITLE]
        title = (written(self._facts.get(dialect.title)) or "")[:LONGEST_TITLE]
        if dialect.title == dialect.thread:
            title = _NUMBER.sub("", title)
        title = title or ", ".join(self._people()) or thread.rpartition("/")[2]
        fixed = {"channel": self._channel(), "conversation": title[:LONGEST_TITLE]}
        rows = MetaRows(dialect, self._source, self._options, fixed)
        facts = {"thread": thread, "folder": self._folder(thread)}
        if self._facts.get("is_still_participant") is False:
            facts["is_still_participant"] = "false"
        rows.know({name: value for name, value in facts.items() if value})
        return rows

    def _channel(self) -> str:
        if self._dialect.channel:
            return self._dialect.channel
        with self._source.open() as stream:
            return app_of(self._source, stream.read(HEAD_BYTES))

    def _folder(self, thread: str) -> str:
        parts = [*thread.split("/")[:1], *reversed(self._source.path.split("/")[:-1])]
        return next((part for part in parts if part in FOLDERS), "")

    def _people(self) -> list[str]:
        listed = self._facts.get("participants")
        names = []
        for one in listed[:MOST_CHOICES] if isinstance(listed, list) else ():
            name = one.get("name") if isinstance(one, dict) else one
            if isinstance(name, str) and name and name not in names:
                names.append(name)
        return names

    def _drain(self) -> Iterator[Yield]:
        batch = self._rows.columns.batch() if self._rows else None
        if batch is not None:
            yield batch
        yield from self._spans.out
        self._spans.out = []

    def _question(self) -> Iterator[Question]:
        senders = list(self._rows.senders) if self._rows else []
        people = tuple(dict.fromkeys((*self._people(), *senders)))[:MOST_CHOICES]
        if people and self._rows:
            yield Question("me", people, path=self._source.path, why="owner_not_in_file")

    def _remarks(self) -> Iterator[Remark]:
        path = self._source.path
        if self._spans.cut:
            detail = _("The file ends before it is complete; what came after is not in it.")
            yield Remark("cut_off", detail, path)
        undated = self._rows.undated if self._rows else 0
        replaced = self._rows.replaced if self._rows else 0
        if undated:
            detail = _("Entries without a date that can be read: {count}.").format(count=undated)
            yield Remark("undated", detail, path)
        if replaced:
            detail = _("Messages with damaged characters: {count}.").format(count=replaced)
            yield Remark("replaced_characters", detail, path)

# SPDX-License-Identifier: Apache-2.0
"""Chats of Discord as the program DiscordChatExporter writes them: JSON, or CSV.

Rules enforced here:

* one event a message, its span the bytes of its object or row;
* JSON says server and channel; CSV says neither, there the file's own name stands for
  them, or its folder's;
* the file does not say whose account made it: the person is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_csv import rows
from standfast.sources.app_fields import thing, whole
from standfast.sources.app_reading import Other, Participants, read_values
from standfast.sources.discord_rows import Checks, channel_title, said_of, said_of_row
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.app_rows import Said
    from standfast.sources.json_walk import Path, Value

_JSON: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"guild"\s*:\s*\{.{0,8000}?"channel"\s*:\s*\{', re.DOTALL
)
_CSV: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?AuthorID,Author,Date,Content,Attachments,Reactions\r?(?:\n|\Z)"
)
_ROW: Final = re.compile(rb'"\d{1,20}",')
_TITLE: Final = re.compile(r"(.+?) \[\d{5,20}\](?: \(.*\))?(?: \[part \d+\])?\.csv", re.IGNORECASE)
_LONGEST_TITLE: Final = 300

ABOUT: Final = About(
    id="discord",
    version=1,
    title=N_("Discord chat (DiscordChatExporter)"),
    channel="discord",
    accounting=Accounting.BYTES,
    export=N_(
        "With the program DiscordChatExporter, export the chat as JSON. Discord itself only gives "
        "out what you wrote yourself."
    ),
    lacks=(
        N_("Messages that were deleted before the export are not in it, and leave no trace."),
        N_("Of an edited message only the last text is in it."),
        N_("It does not say whose account made it."),
        N_("Pictures and files are only beside it if they were chosen for the export."),
        N_("CSV says less than JSON: no edits, no replies, no calls, no numbers of messages."),
    ),
)


class _Messages:
    """What the values of one file are."""

    def __init__(self, source: Source, options: Options) -> None:
        self.title = ""
        self._source = source
        self._options = options
        self._guild: dict[str, object] = {}
        self._declared: int | None = None
        self._total = 0
        self._checks = Checks()
        self._people = Participants()

    def take(self, value: Value) -> Judgement:
        if len(value.path) == 2 and value.path[0] == "messages":  # noqa: PLR2004 - a list and a number
            return self._message(value)
        name = value.path[-1] if value.path else ""
        if name == "guild":
            self._guild = thing({"guild": value.data}, "guild")
        elif name == "channel":
            self.title = channel_title(self._guild, thing({"channel": value.data}, "channel"))
        elif name == "messageCount":
            self._declared = whole({"count": value.data}, "count")
        return Other.FRAMING if value.path else Other.NOT_OURS

    def _message(self, value: Value) -> Judgement:
        data = value.data
        if not isinstance(data, dict) or not ("timestamp" in data or "author" in data):
            return Other.NOT_OURS
        beside = self._source.neighbours
        return self._met(said_of(data, self.title, self._checks, self._options, beside))

    def _met(self, said: Said) -> Said:
        self._total += 1
        self._people.met(said.sender, said.native.get("from", ""))
        return said

    def remarks(self) -> Iterator[Yield]:
        path, checks = self._source.path, self._checks
        if checks.undecided:
            yield Question("date_order", ("dmy", "mdy"), tuple(checks.undecided), "numbers", path)
        if checks.zoneless and not self._options.zone:
            yield Question("zone", path=path, why="no_zone_in_file")
        yield from self._people.question(path)
        if checks.differing:
            sentence = _(
                "Messages whose time differs from the time in the number that Discord gave them: "
                "{count}. Both times stand with the message."
            )
            yield Remark("id_time_differs", sentence.format(count=checks.differing), path)
        if self._declared not in {None, self._total}:
            sentence = _("The file says that it holds {declared} entries; {read} could be read.")
            told = sentence.format(declared=self._declared, read=self._total)
            yield Remark("count_differs", told, path)


class _Rows(_Messages):
    """What the rows of a CSV file are."""

    def take(self, value: Value) -> Judgement:
        if not isinstance(value.data, dict):
            return Other.NOT_OURS
        return self._met(said_of_row(value.data, self.title, self._checks, self._options))


class Discord:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the first keys of the JSON form, or the header of the table."""
        if _CSV.match(head.data):
            return Recognition(96, "AuthorID,Author,Date")
        return Recognition(95, "guild, channel") if _JSON.match(head.data) else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            table = _CSV.match(stream.read(256))
            stream.seek(0)
            if table:
                taker: _Messages = _Rows(source, options)
                found = _TITLE.fullmatch(source.name[:_LONGEST_TITLE])
                taker.title = found[1] if found else source.container
                values = rows(stream, _ROW, progress=source.progress)
            else:
                taker = _Messages(source, options)
                values = JsonWalk(stream, _opens, progress=source.progress).run()
            yield from read_values(values, taker, source, ABOUT.channel)


def _opens(path: Path) -> bool:
    return path in {(), ("messages",)}


FORMAT: Final[Format] = Discord()

# SPDX-License-Identifier: Apache-2.0
"""The data package that Discord gives out: what the person wrote, and nothing they received.

Rules enforced here:

* every file is one channel, a list of messages as JSON or, in older packages, CSV; the channel's
  number is that of its folder;
* a time without a zone is taken for UTC only where the message's own number says the same moment;
* that the other side is missing is said of every file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_csv import rows
from standfast.sources.app_fields import text, whole
from standfast.sources.app_reading import Other, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import Moment, from_text, milliseconds_of, snowflake
from standfast.sources.discord_rows import LEEWAY, Checks, check_time
from standfast.sources.json_native import file_beside
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Value

_JSON: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*"ID"\s*:\s*"?\d{5,20}"?\s*,\s*"Timestamp"\s*:\s*"'
)
_CSV: Final = re.compile(rb"(?:\xef\xbb\xbf)?ID,Timestamp,Contents,Attachments\r?(?:\n|\Z)")
_ROW: Final = re.compile(rb'"?\d{5,20}"?,"?\d{4}-\d\d-\d\d')
_FOLDER: Final = re.compile(r"(?:^|/)c?(\d{5,20})(?=/|$)")

ABOUT: Final = About(
    id="discord_package",
    version=1,
    title=N_("Discord data package"),
    channel="discord",
    accounting=Accounting.BYTES,
    export=N_(
        "In Discord's settings, under data and privacy, request your data, with messages. "
        "Add the zip as it is."
    ),
    lacks=(
        N_("It only holds what you wrote yourself: nothing that anybody sent to you."),
        N_("Messages that you deleted are not in it."),
        N_("Pictures and files are only named by their addresses at Discord."),
    ),
)


class _Own:
    """What the values of one file are: messages of the person's own."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._checks = Checks()
        found = _FOLDER.findall(source.path) or _FOLDER.findall(source.container)
        self._channel = found[-1] if found else ""

    def take(self, value: Value) -> Judgement:
        data = value.data
        if not isinstance(data, dict) or not ("ID" in data or "Timestamp" in data):
            return Other.NOT_OURS
        written = text(data, "Timestamp")
        said = Said(
            conversation=self._channel,
            moment=self._moment(written, snowflake(whole(data, "ID"))),
            direction="out",
            text=text(data, "Contents"),
        )
        said.note("id", text(data, "ID"))
        if said.moment.wall is None:
            said.note("timestamp", written)
        self._files(data, said)
        check_time(said, whole(data, "ID"), self._checks)
        return said

    def _moment(self, written: str, given: int | None) -> Moment:
        """Read a time; without a zone it is UTC when the message's number says so too."""
        as_utc = from_text(f"{written.removesuffix('+00:00')}Z", self._options.zone)
        stated = milliseconds_of(as_utc)
        if stated is not None and given is not None and abs(stated - given) <= LEEWAY:
            return as_utc
        moment = from_text(written, self._options.zone, self._options.zone_basis)
        self._checks.zoneless += not moment.zone and moment.wall is not None
        return moment

    def _files(self, data: dict[str, Any], said: Said) -> None:
        addresses = text(data, "Attachments").split()
        said.attachments = [dict(file_beside(one.partition("?")[0], {})) for one in addresses]
        said.note("addresses", addresses)

    def remarks(self) -> Iterator[Yield]:
        if self._checks.zoneless and not self._options.zone:
            yield Question("zone", path=self._source.path, why="no_zone_in_file")
        told = _(
            "Discord's data package only holds what you wrote yourself. What others wrote to you "
            "is missing: keep it with screenshots, or with an export of the chat."
        )
        yield Remark("one_side", told, self._source.path)
        if self._checks.differing:
            sentence = _(
                "Messages whose time differs from the time in the number that Discord gave them: "
                "{count}. Both times stand with the message."
            )
            told = sentence.format(count=self._checks.differing)
            yield Remark("id_time_differs", told, self._source.path)


class DiscordPackage:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the first message, or for the header of the table."""
        if _CSV.match(head.data):
            return Recognition(96, "ID,Timestamp,Contents")
        return Recognition(94, "ID, Timestamp") if _JSON.match(head.data) else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            table = _CSV.match(stream.read(256))
            stream.seek(0)
            if table:
                values = rows(stream, _ROW, unquoted=True, progress=source.progress)
            else:
                values = JsonWalk(stream, lambda path: not path, progress=source.progress).run()
            yield from read_values(values, _Own(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = DiscordPackage()

# SPDX-License-Identifier: Apache-2.0
"""What the program signal-export writes of one Signal chat: ``data.json``, or ``chat.md``.

Rules enforced here:

* ``data.json`` is one message a line; ``chat.md`` tells the same in words, to the second, and is
  left to the original where ``data.json`` lies beside it;
* in ``chat.md`` a line that begins with a date in brackets begins a message. Somebody can type
  such a line inside a message; nothing in the file tells the two apart;
* the owner is ``Me``; everybody else is a name, without number or account;
* the clock is that of the computer that made the export: its zone is asked where none is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Framing, Question, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import text, things
from standfast.sources.app_lines import lines
from standfast.sources.app_reading import LINE, Other, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import UNKNOWN, from_text
from standfast.sources.json_native import file_beside
from standfast.sources.json_walk import Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement

_JSON: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\{"date": "\d{4}-\d\d-\d\dT[^"]{5,40}", "sender": "[^"\n]{0,1000}", '
    rb'"body": "'
)
_HEADER: Final = re.compile(rb"\[(\d{4}-\d\d-\d\d,? \d\d:\d\d(?::\d\d)?)\] ([^\n]{0,300}?): ?")
_CLOSED: Final = re.compile(rb"  \r?\n\r?(?:\n|\Z)")
_FILE: Final = re.compile(r"!?\[([^\[\]\n]{0,255})\]\(\./([^()\n]{1,1000})\)  ")
_FOLDER: Final = re.compile(r"([^/]+)/[^/]+$")
_END: Final = "  "
"""The program ends what it writes with two spaces, so that Markdown begins a new line."""
_NO_TIME: Final = ("1969-12-31", "1970-01-01")
"""What the program writes where Signal knows no time."""
ME: Final = "Me"
NOBODY: Final = "No-Sender"
BESIDE: Final = "data.json"
LONGEST_LINE: Final = 1 << 18
MOST_BYTES: Final = 4 << 20

ABOUT: Final = About(
    id="signal_export",
    version=1,
    title=N_("Signal chat (signal-export)"),
    channel="signal",
    accounting=Accounting.BYTES,
    export=N_(
        "The program signal-export reads Signal on a computer and writes a folder for each chat. "
        "Add the whole folder."
    ),
    lacks=(
        N_("It names people without their numbers."),
        N_("Disappearing messages are left out unless they were asked for."),
        N_("Deleted messages, edits, missed calls and receipts are not in it."),
        N_("Times are those of the computer that made it, and it does not say where that was."),
    ),
)


class _Chat:
    """What the messages of one file are."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._options = options
        self._zoneless = 0
        found = _FOLDER.search(source.path.rpartition("!/")[2])
        self._title = found[1] if found else source.container

    def take(self, value: Value) -> Judgement:
        data = value.data
        if not isinstance(data, dict) or "date" not in data:
            return Other.NOT_OURS
        said = self._begun(text(data, "date"), text(data, "sender"))
        said.text = text(data, "body").removesuffix(_END)
        said.note("quote_text", text(data, "quote").strip().removeprefix("> "))
        said.note("reactions", data.get("reactions"))
        if text(data, "sticker"):
            said.detail = "sticker"
            said.text = said.text or text(data, "sticker")
        said.attachments = [self._file(one) for one in things(data, "attachments")]
        return said

    def _begun(self, written: str, sender: str) -> Said:
        options = self._options
        moment = UNKNOWN
        if not written.startswith(_NO_TIME):
            moment = from_text(written.replace(", ", " "), options.zone, options.zone_basis)
        self._zoneless += not moment.zone and moment.wall is not None
        said = Said(conversation=self._title, moment=moment)
        if moment.wall is None:
            said.note("date", written)
        if sender == ME:
            said.direction = "out"
            said.recipients = (self._title,) if self._title else ()
        elif sender not in {"", NOBODY}:
            said.direction, said.sender = "in", sender
        return said

    def _file(self, one: dict[str, Any]) -> dict[str, Any]:
        path = text(one, "path").replace("%20", " ")
        return dict(file_beside(path, self._source.neighbours, "", text(one, "name")))

    def remarks(self) -> Iterator[Yield]:
        if self._zoneless and not self._options.zone:
            yield Question("zone", path=self._source.path, why="no_zone_in_file")


class _Words(_Chat):
    """What the messages of a file in words are."""

    def take(self, value: Value) -> Judgement:
        if not value.data:
            return Other.NOT_OURS
        written, sender, body = value.data
        said = self._begun(_seconds(written), sender)
        found = _FILE.findall(body)
        said.attachments = [self._file({"name": name, "path": path}) for name, path in found]
        said.text = body.strip()
        if body.startswith("\n\n> "):
            quote, _gap, said.text = said.text.partition("\n\n")
            said.note("quote_text", quote.removeprefix("> ").replace("\n> ", "\n"))
        return said


def _seconds(written: str) -> str:
    """Put seconds to a clock that has none: older versions wrote minutes."""
    return written if written.count(":") > 1 else f"{written}:00"


def _pieces(stream: BinaryIO) -> Iterator[Value]:
    """Give each message of a file in words: when, who, what."""
    held, start, at, number, first = bytearray(), 0, 0, 0, 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if held and (_HEADER.match(line) or len(held) > MOST_BYTES):
            yield from _piece(bytes(held), start, first)
            held.clear()
        if not held:
            start, first = at, number
        held += line
        at += len(line)
    yield from _piece(bytes(held), start, first)


def _piece(data: bytes, start: int, number: int) -> Iterator[Value]:
    plain = data.rstrip(b" \t\r\n")
    if not plain:
        return
    found = _HEADER.match(data)
    body = data[found.end() :] if found else b""
    try:
        body.decode()
        exact = True
    except UnicodeDecodeError:
        exact = False
    told = None
    if found:
        words = (found[1], found[2], body.replace(b"\r\n", b"\n"))
        told = tuple(part.decode("utf-8", "replace") for part in words)
    end = start + max(len(plain), found.end() if found else 0)
    yield Value((LINE, number), start, end, told, exact)


class SignalExportProgram:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for a message as JSON, or for one in words that ends as the program ends it."""
        if _JSON.match(head.data):
            return Recognition(95, "date, sender, body")
        if _HEADER.match(head.data) and _CLOSED.search(head.data):
            return Recognition(92, "[date] name: text")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            words = _HEADER.match(stream.read(LONGEST_LINE)) is not None
            stream.seek(0)
            if words and BESIDE in source.neighbours and source.name != BESIDE:
                yield Framing(0, source.size, source.path)
                told = _("This file repeats the messages of data.json, which lies beside it.")
                yield Remark("repeats", told, source.path)
            elif words:
                taker = _Words(source, options)
                yield from read_values(_pieces(stream), taker, source, ABOUT.channel)
            else:
                values = lines(stream, progress=source.progress)
                yield from read_values(values, _Chat(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = SignalExportProgram()

# SPDX-License-Identifier: Apache-2.0
"""LINE's text export: a date a day, then a clock, a name and a text a line.

Rules enforced here:

* columns are parted by tabs. Some exports have spaces instead, where a name with a space cannot be
  told from the text: there the sender is only known when it is the one the header names, and the
  rest stays text;
* a text of several lines stands in quotation marks; what stands between them is one message, even
  where a line of it looks like another; one whose quotation marks do not pair is marked;
* the file names no time zone and does not say whose it is: both are asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.model.times import micros
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_reading import LINE, Other, Participants, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import Moment, at_wall
from standfast.sources.json_walk import Value
from standfast.sources.line_words import (
    OMITTED,
    SAVED,
    TITLES,
    Day,
    at,
    call_of,
    clock_of,
    day_of,
    notice_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from typing import BinaryIO

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement

LONGEST_LINE: Final = 1 << 18
MOST_LINES: Final = 2000
"""Lines of one message at most."""
MOST_BYTES: Final = 4 << 20
HEADER_LINES: Final = 6
LOOKED_AT: Final = 40
"""Lines at the beginning that are looked at to recognise a file."""
_MARK: Final = b"\xef\xbb\xbf"
TWO_LINES: Final = 2

ABOUT: Final = About(
    id="line",
    version=1,
    title=N_("LINE chat export"),
    channel="line",
    accounting=Accounting.BYTES,
    export=N_(
        "In LINE open the chat, its settings, choose to export the chat history, and save the text "
        "file."
    ),
    lacks=(
        N_("Pictures, videos and voice messages are not in it, only that there was one."),
        N_("It has no time zone: times are those of the phone that made the export."),
        N_("It does not say which of the people in the chat owns the phone."),
        N_("Seconds, reactions and the text of unsent messages are not in it."),
    ),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the file, without its end: where it stands, its text, whether it was UTF-8."""

    number: int
    start: int
    end: int
    text: str
    exact: bool


def _rows(stream: BinaryIO) -> Iterator[_Row]:
    at_byte = number = 0
    while data := stream.readline(LONGEST_LINE):
        start, at_byte = at_byte, at_byte + len(data)
        if start == 0 and data.startswith(_MARK):
            start, data = len(_MARK), data[len(_MARK) :]
        plain = data.rstrip(b"\r\n")
        try:
            text, exact = plain.decode(), True
        except UnicodeDecodeError:
            text, exact = plain.decode("utf-8", "replace"), False
        number += 1
        yield _Row(number, start, start + len(plain), text, exact)


def _pieces(rows: Iterator[_Row], order: str) -> Iterator[list[_Row]]:
    """Put lines together: one that begins nothing belongs to the message before it."""
    held: list[_Row] = []
    for row in rows:
        begins = clock_of(row.text) is not None or day_of(row.text, order) is not None
        if held and (_too_long(held) or (begins and not _inside(held))):
            yield held
            held = []
        held.append(row)
    if held:
        yield held


def _too_long(held: list[_Row]) -> bool:
    return len(held) >= MOST_LINES or held[-1].end - held[0].start >= MOST_BYTES


def _inside(held: list[_Row]) -> bool:
    """Say whether a line that looks like a beginning stands within quotation marks."""
    if len(held) < TWO_LINES:
        return False
    begun = clock_of(held[0].text)
    said = begun[1].split("\t")[-1] if begun else ""
    return said.startswith('"') and not held[-1].text.rstrip().endswith('"')


def _values(stream: BinaryIO, order: str) -> Iterator[Value]:
    for piece in _pieces(_rows(stream), order):
        kept = list(piece)
        while kept and not kept[-1].text.strip(" \t\0"):
            kept.pop()  # blank lines behind a message are framing
        while kept and not kept[0].text.strip(" \t\0"):
            kept.pop(0)
        if kept:
            exact = all(row.exact for row in kept)
            texts = [row.text for row in kept]
            path = (LINE, kept[0].number)
            yield Value(path, kept[0].start, kept[-1].end, texts, exact)


class _Chat:
    """What the pieces of one file are."""

    def __init__(self, source: Source, options: Options) -> None:
        self._path = source.path
        self._container = source.container
        self._options = options
        self._title = ""
        self._day: Day | None = None
        self._undecided: Day | None = None
        self._people = Participants()
        self._unnamed = self._unclosed = self._zoneless = 0

    def take(self, value: Value) -> Judgement:
        texts: list[str] = value.data
        day = day_of(texts[0], self._options.date_order)
        if day is not None:
            self._day = day
            self._undecided = self._undecided or (day if day.other else None)
            return Other.FRAMING if len(texts) == 1 else Other.NOT_OURS
        begun = clock_of(texts[0])
        if begun is None:
            return self._header(texts)
        if self._day is None:
            return Other.NOT_OURS
        said = Said(
            conversation=self._title or self._container, moment=self._moment(self._day, begun[0])
        )
        self._columns(begun[1], texts[1:], said)
        _words(said)
        self._people.met(said.sender)
        return said

    def _header(self, texts: list[str]) -> Other:
        """Take the lines before the first date: a title, and when it was saved."""
        for line in texts:
            found = TITLES.fullmatch(line)
            if found:
                self._title = self._title or found["title"].strip()
            elif line.strip() and not SAVED.fullmatch(line):
                return Other.NOT_OURS
        return Other.FRAMING

    def _moment(self, day: Day, clock: timedelta) -> Moment:
        wall = at(day.day, clock)
        if day.other is not None:
            return Moment(micros(wall), precision="min", other=micros(at(day.other, clock)))
        self._zoneless += not self._options.zone
        return at_wall(wall, self._options.zone, self._options.zone_basis, "min")

    def _columns(self, rest: str, more: list[str], said: Said) -> None:
        """Part name and text; a line with one column is the app's own."""
        name, tab, text = rest.removeprefix("\t").partition("\t")
        if not rest.startswith("\t"):
            text = rest.strip(" ")
            if self._title and text.startswith(f"{self._title} "):
                name, text = self._title, text[len(self._title) + 1 :]
            else:
                name = ""
                self._unnamed += 1
                said.note("sender", "unclear")
        elif not tab:
            name, text = "", name
            said.kind = said.direction = "system"
        said.sender, said.text = name.strip(), "\n".join([text, *more])
        if more and text.startswith('"'):
            self._unquote(said)
        elif text.endswith('"') and text.count('"') % 2:
            self._unclosed += 1
            said.note("quotation", "not opened")

    def _unquote(self, said: Said) -> None:
        plain = said.text.rstrip()
        if plain.endswith('"'):
            said.text = plain[1:-1]
        else:
            self._unclosed += 1
            said.note("quotation", "not closed")

    def remarks(self) -> Iterator[Yield]:
        path, open_ = self._path, self._undecided
        if open_ is not None and open_.other is not None:
            examples = (open_.day.isoformat(), open_.other.isoformat())
            yield Question("date_order", ("dmy", "mdy"), examples, "weekday_fits_both", path)
        if self._zoneless:
            yield Question("zone", path=path, why="no_zone_in_file")
        yield from self._people.question(path)
        counts = {"sender_unclear": self._unnamed, "quotation_open": self._unclosed}
        for code, count in counts.items():
            if count:
                yield Remark(code, _sentence(code).format(count=count), path)


def _words(said: Said) -> None:
    """Recognise what LINE writes itself: calls, what it left out, and lines of its own."""
    call = call_of(said.text)
    if call is not None:
        said.kind, said.detail = "call", call[0]
        said.direction = "unknown"
        said.note("duration_s", call[1] or None)
    elif said.kind == "system":
        said.detail = notice_of(said.text)
        said.state = "unsent" if said.detail == "unsent" else ""
    elif said.text in OMITTED:
        said.detail = OMITTED[said.text]
        said.attachments = [{"name": "", "state": "omitted"}]


def _sentence(code: str) -> str:
    """Say what a count means, in the reader's language."""
    return {
        "sender_unclear": _(
            "Messages in which nothing parts the name from the text: {count}. Their sender is left "
            "open."
        ),
        "quotation_open": _(
            "Messages whose quotation marks do not close: {count}. They, and the lines around "
            "them, may belong to one message of several lines."
        ),
    }[code]


class Line:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the header, or for a line with a date above one with a clock and a tab."""
        text = head.data.removeprefix(_MARK)[:8192].decode("utf-8", "replace")
        lines = [line for line in text.splitlines()[:LOOKED_AT] if line.strip()]
        dated = next((n for n, line in enumerate(lines) if day_of(line, "")), -1)
        if dated < 0 or dated > HEADER_LINES or dated + 1 >= len(lines):
            return None
        begun = clock_of(lines[dated + 1])
        if begun is None:
            return None
        if lines[0].startswith("[LINE]"):
            return Recognition(96, "[LINE]")
        if dated > 0:
            return None
        return Recognition(90 if begun[1].startswith("\t") else 60, "date, clock")

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            values = _values(stream, options.date_order)
            yield from read_values(values, _Chat(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = Line()

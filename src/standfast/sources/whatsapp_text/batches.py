# SPDX-License-Identifier: Apache-2.0
"""Columns of events from pieces of the file.

Rules enforced here:

* the span of an event runs from its header to the next one; spans are sums of the lengths of
  the parts a piece was cut into, so that they always add up to the piece;
* a header without a possible date or time makes its whole message `Unreadable`, never an event
  with another time;
* a column in which nothing differs is one value.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add, sub
from typing import TYPE_CHECKING, Any

from standfast.i18n import _
from standfast.model.event import EventBatch, Locator, Unreadable
from standfast.model.times import ClockMark
from standfast.sources.tables import compact
from standfast.sources.whatsapp_text import contents
from standfast.sources.whatsapp_text.characters import bare
from standfast.sources.whatsapp_text.clock import EARLIEST, Days, Offsets, times_of
from standfast.sources.whatsapp_text.dates import DAY
from standfast.sources.whatsapp_text.pieces import LONGEST_MESSAGE, character_start
from standfast.sources.whatsapp_text.shapes import message_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from standfast.model.event import Yield
    from standfast.sources import Neighbour, Options
    from standfast.sources.whatsapp_text.evidence import Decision
    from standfast.sources.whatsapp_text.pieces import Piece
    from standfast.sources.whatsapp_text.shapes import Shape

NEEDLES = (b"<", b"(", "\u200e".encode(), b"maps.google.com")
"""What stands in every placeholder, attachment, poll and place, but in few other messages."""
REPLACED = "\ufffd"
PARTICIPANTS = 50
CACHED = 50_000


class Senders(dict["bytes | None", str]):
    """Names as they are written, without the invisible marks at their ends."""

    def __init__(self, decode: Callable[[bytes], str]) -> None:
        """Decode names in the file's encoding."""
        super().__init__()
        self._decode = decode
        self.app_lines: set[bytes] = set()
        self.doubtful: set[bytes] = set()
        self.seen: dict[str, None] = {}

    def __missing__(self, raw: bytes | None) -> str:
        """Work out a name when it is first met."""
        if raw is None:
            return ""
        if len(self) >= CACHED:
            self.clear()
            self.app_lines.clear()
            self.doubtful.clear()
        self[raw] = name = bare(self._decode(raw))
        if REPLACED in name:
            self.doubtful.add(raw)
        if contents.opens_app_line(name):
            self.app_lines.add(raw)
        elif len(self.seen) < CACHED:
            self.seen[name] = None
        return name


def _terminator(data: bytes) -> int:
    """Count the bytes of the line break at the end."""
    return 2 if data.endswith(b"\r\n") else int(data.endswith((b"\n", b"\r")))


def _readable(raw: bytes | None, encoding: str) -> bool:
    try:
        (raw or b"").decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class Cut:
    """A piece, cut into columns of bytes, and the columns of events that are made of it."""

    data: bytes
    rows: int
    stamps: list[tuple[Shape, list[bytes], list[bytes]]]
    senders: list[bytes | None]
    texts: list[bytes]
    starts: list[int]
    ends: list[int]
    columns: dict[str, Any] = field(default_factory=dict)
    natives: dict[int, dict[str, str]] = field(default_factory=dict)

    def set(self, column: str, row: int, value: str, default: str) -> None:
        """Set one value of a column that holds a default for every other row."""
        values = self.columns.get(column)
        if not isinstance(values, list):
            self.columns[column] = values = [default] * self.rows
        values[row] = value


class Batches:
    """Makes event batches for one file."""

    def __init__(
        self,
        shapes: Sequence[tuple[Shape, bool]],
        decisions: Sequence[Decision],
        fixed: Mapping[str, str],
        options: Options,
        neighbours: Mapping[str, Neighbour],
    ) -> None:
        """Prepare the reading of stamps.

        Args:
            shapes: accepted shapes of the file, each with whether it needs the loose pattern.
            decisions: how each shape's dates are read.
            fixed: columns that hold one value for the whole file.
            options: the person's answers: zone and encoding.
            neighbours: files that an attachment may be found among.
        """
        self._shapes = [shape for shape, _loose in shapes]
        self._patterns = [message_pattern(shapes, returns=returns) for returns in (False, True)]
        self._days = [Days(decision) for decision in decisions]
        self._times = [times_of(shape, loose=loose) for shape, loose in shapes]
        self._offsets = Offsets(options.zone) if options.zone else None
        self._encoding = options.encoding or "utf-8"
        self._invalid = f"invalid_{self._encoding.replace('-', '')}"
        self._neighbours = neighbours
        self._fixed = dict(fixed)
        self.senders = Senders(lambda raw: raw.decode(self._encoding, "replace"))
        self.first_detail: str | None = None
        self.participants: dict[str, None] = {}

    def of(self, piece: Piece) -> Iterator[Yield]:
        """Yield a piece's events as one batch, then what in it could not be read."""
        cut = self._cut(piece)
        problems = self._too_large(cut)
        self._write_times(cut)
        self._write_texts(cut)
        if self.first_detail is None:
            details = cut.columns.get("detail", "")
            self.first_detail = details[0] if details else ""
        keep = self._possible(cut, problems)
        if len(keep) < cut.rows:
            for name, values in cut.columns.items():
                if isinstance(values, list):
                    cut.columns[name] = [values[row] for row in keep]
        if keep:
            yield EventBatch(len(keep), self._fixed | cut.columns)
        yield from sorted(problems, key=lambda problem: problem.locator.start)

    def _cut(self, piece: Piece) -> Cut:
        data = piece.data
        end = len(data) - _terminator(data)
        pattern = self._patterns[b"\r" in data]
        parts = pattern.split(b"\n" + data[:end])
        stride = pattern.groups + 1
        texts = parts[stride::stride]
        lengths = map(add, map(len, parts[1::stride]), map(len, texts))
        starts = list(accumulate(lengths, initial=piece.start))
        starts.pop()
        stamps = []
        for index, shape in enumerate(self._shapes):
            first, second = parts[2 * index + 2 :: stride], parts[2 * index + 3 :: stride]
            stamps.append((shape, second, first) if shape.time_first else (shape, first, second))
        if b"\r" in data:
            breaks = [*parts[1 + stride :: stride], b""]
            texts = [
                t[:-1] if t.endswith(b"\r") and after.startswith(b"\n") else t
                for t, after in zip(texts, breaks, strict=True)
            ]
        cut = Cut(
            data=data,
            rows=len(texts),
            stamps=stamps,
            senders=parts[stride - 1 :: stride],
            texts=texts,
            starts=starts,
            ends=[*starts[1:], piece.start + len(data)],
        )
        cut.columns |= {"start": cut.starts, "end": cut.ends}
        return cut

    def _too_large(self, cut: Cut) -> list[Unreadable]:
        problems: list[Unreadable] = []
        if max(map(sub, cut.ends, cut.starts)) <= LONGEST_MESSAGE:
            return problems
        for row in range(cut.rows):
            start, end = cut.starts[row], cut.ends[row]
            if end - start > LONGEST_MESSAGE:
                whole = cut.data[start - cut.starts[0] : end - cut.starts[0]]
                place = character_start(whole, LONGEST_MESSAGE)
                head = len(whole) - _terminator(whole) - len(cut.texts[row])
                cut.texts[row], cut.ends[row] = whole[head:place], start + place
                problems.append(self.too_large(start + place, end))
        return problems

    def too_large(self, start: int, end: int) -> Unreadable:
        """Say that the rest of a message goes over the limit."""
        detail = _("This message is longer than WhatsApp allows; the rest of it was not read.")
        return Unreadable("too_large", detail, self._locator(start, end))

    def _locator(self, start: int, end: int) -> Locator:
        return Locator(self._fixed["path"], start, end)

    def _write_times(self, cut: Cut) -> None:
        walls: list[int] = []
        others: list[int | None] | None = None
        if len(self._shapes) == 1:
            shape, dates, times = cut.stamps[0]
            days, clocks = self._days[0], self._times[0]
            walls = list(map(add, map(days.__getitem__, dates), clocks.of(times)))
            cut.columns["precision"] = "s" if shape.seconds else "min"
            if not days.decided:
                both = zip(dates, times, strict=True)
                others = [None if (o := days.other(d)) is None else o + clocks[t] for d, t in both]
        else:
            walls, others = self._mixed_times(cut)
        cut.columns["wall"] = walls
        if others is not None and any(other is not None for other in others):
            cut.columns["wall_other"] = others
        if self._offsets is not None:
            self._write_utc(cut, walls, others)

    def _mixed_times(self, cut: Cut) -> tuple[list[int], list[int | None]]:
        walls, others, precisions = [], [], []
        for row in range(cut.rows):
            index = next(i for i, stamp in enumerate(cut.stamps) if stamp[1][row] is not None)
            shape, dates, times = cut.stamps[index]
            time = self._times[index][times[row]]
            walls.append(self._days[index][dates[row]] + time)
            other = self._days[index].other(dates[row])
            others.append(None if other is None else other + time)
            precisions.append("s" if shape.seconds else "min")
        cut.columns["precision"] = precisions
        return walls, others

    def _write_utc(self, cut: Cut, walls: list[int], others: list[int | None] | None) -> None:
        offsets = self._offsets
        if offsets is None:
            return
        possible = walls
        if min(walls) <= EARLIEST:
            possible = [wall if wall > EARLIEST else 0 for wall in walls]
        utcs: list[int | None] = [wall + offsets[wall // DAY] for wall in possible]
        if min(filter(None, utcs), default=0) < EARLIEST:
            for row, utc in enumerate(utcs):
                if utc is not None and utc < EARLIEST:
                    utcs[row], mark = offsets.exact(possible[row])
                    if mark is not ClockMark.PLAIN:
                        cut.natives.setdefault(row, {})["clock"] = str(mark)
        if others is not None:
            utcs = [utc if o is None else None for utc, o in zip(utcs, others, strict=True)]
        cut.columns["utc"] = utcs

    def _write_texts(self, cut: Cut) -> None:
        names = list(map(self.senders.__getitem__, cut.senders))
        cut.columns["sender"] = names
        cut.columns["text"] = texts = self._decoded(cut)
        known = contents.placeholders()
        for row in self._closer(cut):
            raw = cut.senders[row]
            if raw is None or raw in self.senders.app_lines:
                self._app_line(cut, row, names, texts)
            else:
                content = known.get(cut.texts[row])
                if content is None and row == 0 and self.first_detail is None:
                    content = contents.notice(texts[row])
                if content is None:
                    content = contents.message(texts[row], names[row], self._neighbours)
                self._write_content(cut, row, content)
        self._take_part(cut, names)
        for row, raw in enumerate(cut.senders if self.senders.doubtful else ()):
            if raw in self.senders.doubtful and not _readable(raw, self._encoding):
                cut.natives.setdefault(row, {})["bytes"] = self._invalid
        if cut.natives:
            natives = (cut.natives.get(row) for row in range(cut.rows))
            cut.columns["native"] = [compact(native) if native else "" for native in natives]

    def _take_part(self, cut: Cut, names: list[str]) -> None:
        """Remember who takes part: whoever is named on anything but the app's own lines."""
        if len(self.participants) < PARTICIPANTS and not self.participants.keys() >= set(names):
            kinds = cut.columns.get("kind", ())
            own = {row for row, kind in enumerate(kinds) if kind == "system"}
            named = (name for row, name in enumerate(names) if row not in own)
            self.participants.update(dict.fromkeys(named))
            self.participants.pop("", None)

    def _closer(self, cut: Cut) -> list[int]:
        """Give the rows in which the app itself may have written something."""
        rows = set()
        for needle in NEEDLES:
            place = cut.data.find(needle)
            while place >= 0:
                row = bisect_right(cut.starts, cut.starts[0] + place) - 1
                rows.add(row)
                place = cut.data.find(needle, cut.ends[row] - cut.starts[0])
        wanted = contents.placeholders().keys() & cut.texts
        if wanted:
            rows.update(row for row, text in enumerate(cut.texts) if text in wanted)
        known = self.senders.app_lines | {None}
        if not known.isdisjoint(cut.senders):
            rows.update(row for row, raw in enumerate(cut.senders) if raw in known)
        return sorted(rows)

    def _decoded(self, cut: Cut) -> list[str]:
        encoding = self._encoding
        try:
            if encoding == "utf-8":
                return list(map(bytes.decode, cut.texts))
            return [text.decode(encoding) for text in cut.texts]
        except UnicodeDecodeError:
            pass
        texts = []
        for row, text in enumerate(cut.texts):
            try:
                texts.append(text.decode(encoding))
            except UnicodeDecodeError:
                texts.append(text.decode(encoding, "replace"))
                cut.natives.setdefault(row, {})["bytes"] = self._invalid
        return texts

    def _app_line(self, cut: Cut, row: int, names: list[str], texts: list[str]) -> None:
        if cut.senders[row] is not None:
            whole = f"{names[row]}: {texts[row]}"
            content = contents.app_line(whole)
            if not content.detail:
                self._write_content(
                    cut, row, contents.message(texts[row], names[row], self._neighbours)
                )
                return
            names[row], texts[row] = "", whole
        else:
            name, colon, rest = texts[row].partition(":")
            if colon and bare(name) in self.senders.seen:
                names[row], texts[row] = bare(name), rest
                return
            content = contents.app_line(texts[row])
        self._write_content(cut, row, content)

    @staticmethod
    def _write_content(cut: Cut, row: int, content: contents.Content) -> None:
        for column, value, default in contents.cells(content):
            cut.set(column, row, value, default)

    def _possible(self, cut: Cut, problems: list[Unreadable]) -> list[int]:
        """Give the rows with a possible time, and say why the others have none."""
        walls = cut.columns["wall"]
        if min(walls) > EARLIEST:
            return list(range(cut.rows))
        keep = []
        for row, wall in enumerate(walls):
            if wall > EARLIEST:
                keep.append(row)
            else:
                problems.append(self._impossible(cut, row))
        return keep

    def _impossible(self, cut: Cut, row: int) -> Unreadable:
        index = next(i for i, stamp in enumerate(cut.stamps) if stamp[1][row] is not None)
        days, raw = self._days[index], cut.stamps[index][1][row]
        if days[raw] > EARLIEST:
            reason, detail = "impossible_time", _("There is no such time of day.")
        elif days.unknown_calendar(raw):
            reason = "unknown_calendar"
            detail = _(
                "The year is written in a calendar that this version cannot read for certain."
            )
        else:
            reason = "impossible_date"
            detail = _("There is no such day in the order of day and month that this file uses.")
        return Unreadable(reason, detail, self._locator(cut.starts[row], cut.ends[row]))

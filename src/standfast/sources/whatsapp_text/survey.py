# SPDX-License-Identifier: Apache-2.0
"""The first pass through a file: its header shapes, and what its dates say.

Rules enforced here:

* the file's own shape is that of its first header-like line, if it comes again among the first
  two hundred, else the most common one of them;
* another shape is accepted as well (two exports glued together) only where its lines carry on
  the file's time line: runs of at least three headers, not earlier than the header before them
  and not later than the one after (half of its runs at least: overlapping exports begin again).
  A conversation that was copied into a message is earlier than the message, and stays in it;
* where no shape occurs twice, none is the file's own, and every header counts that differs from
  the first in year width, seconds and 12-hour marker only;
* at most four shapes.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from standfast.sources.whatsapp_text.characters import INVISIBLES
from standfast.sources.whatsapp_text.dates import (
    DAY,
    YMD,
    day_of,
    orders_of,
    time_of_day,
    written,
)
from standfast.sources.whatsapp_text.evidence import Evidence
from standfast.sources.whatsapp_text.pieces import BLOCK, filled
from standfast.sources.whatsapp_text.shapes import (
    HEADER_CHARACTERS,
    LONGEST_HEADER,
    Shape,
    dated_pattern,
    header_of,
    header_pattern,
    line_start,
    needs_loose,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import BinaryIO

LEARNED_LINES = 200
LEARNED_BYTES = 1 << 19
MOST_SHAPES = 4
MOST_STRANGERS = 50_000
"""How many header-like lines of another shape are looked at."""
SHORTEST_RUN = 3
MEDIA_SEEN = 2_000

_ANDROID_MEDIA = re.compile(rb"-WA\d")
_IOS_MEDIA = re.compile(rb"-(20\d\d-[01]\d-[0-3]\d)-")
_ANDROID_DAY = re.compile(rb"(?:IMG|VID|PTT|AUD|STK|DOC)-(20\d{6})$")
_STRANGER = INVISIBLES + rb"\S[^\r\n]{6,160}?(?:\]| (?:-|\xe2\x80\x93) )"
_STRANGER_BEGIN = rb"(?=[\[0-9RH\xd8-\xdb\xe0-\xef])"


@dataclass(slots=True)
class Run:
    """Neighbouring headers of one shape: the headers at its ends, and how many lines."""

    shape: Shape
    first: Stamp
    last: Stamp
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Patterns:
    """What the first pass looks for; pairs are without and with lone carriage returns.

    Attributes:
        own: a header of an accepted shape, two groups a shape.
        full: the same, or as the last group anything else that may be a header.
        quick: one group, the date of the only shape (behind its bracket) or something else;
            ``None`` where that is not enough.
    """

    own: re.Pattern[bytes]
    full: tuple[re.Pattern[bytes], ...]
    quick: tuple[re.Pattern[bytes], ...] | None

    @classmethod
    def of(cls, shapes: Sequence[tuple[Shape, bool]]) -> Patterns:
        """Compile the patterns for some shapes."""
        headers = b"|".join(header_pattern(shape, loose=loose) for shape, loose in shapes)
        strange = _STRANGER_BEGIN + _STRANGER
        full = b"(?:" + headers + b"|(" + strange + b"))"
        shape, loose = shapes[0]
        quick = None
        if len(shapes) == 1 and not shape.time_first and not loose:
            quick = INVISIBLES + b"(" + dated_pattern(shape) + b"|" + strange + b")"
        starts = [line_start(returns=returns) for returns in (False, True)]
        return cls(
            re.compile(rb"[\r\n](?:" + headers + b")"),
            tuple(re.compile(start + full) for start in starts),
            None if quick is None else tuple(re.compile(start + quick) for start in starts),
        )


@dataclass(slots=True)
class Survey:
    """What the first pass found.

    Attributes:
        shapes: accepted shapes, the file's own first, each with whether it needs the loose
            pattern.
        evidence: of each shape, in the same order.
        messages: lines with a header of an accepted shape.
    """

    shapes: list[tuple[Shape, bool]]
    evidence: list[Evidence]
    messages: int = 0
    runs: list[Run] = field(default_factory=list)
    strangers: dict[Shape, Evidence] = field(default_factory=dict)
    loose: set[Shape] = field(default_factory=set)
    _media: int = 0
    _seen: int = 0

    def block(self, data: bytes, patterns: Patterns) -> None:
        """Take note of the headers in some whole lines; ``data`` begins with a line break."""
        returns = b"\r" in data
        if patterns.quick is not None:
            hits = patterns.quick[returns].findall(data)
            strange = {hit for hit in set(hits) if hit[-1:] in {b"]", b" "}}
            if self._seen >= MOST_STRANGERS or not any(map(_is_header, strange)):
                self._quick_block(data, hits, strange, patterns)
                return
        for hit in patterns.full[returns].findall(data):
            self._hit(hit)

    def _quick_block(
        self, data: bytes, hits: list[bytes], strange: set[bytes], patterns: Patterns
    ) -> None:
        """Take note of headers that all have the file's one shape."""
        shape = self.shapes[0][0]
        add = self.evidence[0].add
        lines = len(hits)
        for raw, same in groupby(hits):
            if raw in strange:
                lines -= sum(1 for _ in same)
            else:
                add(raw[1:] if shape.bracket else raw)
        if lines:
            self.messages += lines
            first, last = _ends(data, patterns.own)
            self._note(shape, Stamp.of(shape, first))
            self._note(shape, Stamp.of(shape, last), lines - 1)

    def _hit(self, hit: tuple[bytes, ...]) -> None:
        for index, (shape, _) in enumerate(self.shapes):
            pair = hit[2 * index : 2 * index + 2]
            if pair[0]:
                stamp = Stamp.of(shape, pair)
                self.messages += 1
                self.evidence[index].add(stamp.date)
                self._note(shape, stamp)
                return
        self._stranger(hit[-1])

    def _stranger(self, raw: bytes) -> None:
        if self._seen >= MOST_STRANGERS:
            return
        self._seen += 1
        line = raw.decode("utf-8", "replace")
        found = header_of(line)
        if found is None:
            return
        shape = found[0]
        if needs_loose(line, found[1]):
            self.loose.add(shape)
        match = _alone(shape).match(raw)
        if match is not None:
            stamp = Stamp.of(shape, match.groups())
            self.strangers.setdefault(shape, Evidence(shape)).add(stamp.date)
            self._note(shape, stamp)

    def _note(self, shape: Shape, stamp: Stamp, lines: int = 1) -> None:
        if lines and self.runs and self.runs[-1].shape == shape:
            self.runs[-1].last = stamp
            self.runs[-1].lines += lines
        elif lines:
            self.runs.append(Run(shape, stamp, stamp, lines))

    def media(self, data: bytes, own: re.Pattern[bytes]) -> None:
        """Set the ISO dates in media names beside the dates of their own lines."""
        if self._media >= MEDIA_SEEN:
            return
        if b"-WA" in data:
            for found in _ANDROID_MEDIA.finditer(data):
                day = _ANDROID_DAY.search(data, found.start() - 12, found.start())
                if day is not None:
                    self._media_line(data, found.start(), day[1], own)
        if any(shape.bracket for shape, _ in self.shapes) and b"-20" in data:
            for found in _IOS_MEDIA.finditer(data):
                self._media_line(data, found.start(), found[1].replace(b"-", b""), own)

    def _media_line(self, data: bytes, place: int, day: bytes, own: re.Pattern[bytes]) -> None:
        begin = max(data.rfind(b"\n", 0, place), data.rfind(b"\r", 0, place))
        match = own.match(data, begin)
        if match is None or self._media >= MEDIA_SEEN:
            return
        self._media += 1
        for index, (shape, _) in enumerate(self.shapes):
            pair = match.groups()[2 * index : 2 * index + 2]
            if pair[0]:
                self.evidence[index].add_media(Stamp.of(shape, pair).date, day.decode())


def _is_header(raw: bytes) -> bool:
    return header_of(raw.decode("utf-8", "replace")) is not None


def _ends(data: bytes, own: re.Pattern[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Give the groups of the first and of the last header."""
    first = own.search(data)
    if first is None:
        return (), ()
    last = [first]
    for window in (1 << 14, len(data)):
        last = list(own.finditer(data, max(len(data) - window, 0)))[-1:]
        if last:
            break
    return first.groups(), last[-1].groups()


@dataclass(frozen=True, slots=True)
class Stamp:
    """The two parts of a header."""

    date: bytes
    time: bytes

    @classmethod
    def of(cls, shape: Shape, pair: Sequence[bytes]) -> Stamp:
        """Sort out which of two groups is which."""
        return cls(pair[1], pair[0]) if shape.time_first else cls(pair[0], pair[1])

    def moment(self, shape: Shape, order: str) -> int | None:
        """Give its microseconds under an order, or ``None``."""
        date_ = written(self.date)
        day = None if date_ is None else day_of(date_, order)
        time = time_of_day(self.time, shape)
        return None if day is None or time is None else day * DAY + time


@cache
def _alone(shape: Shape) -> re.Pattern[bytes]:
    return re.compile(header_pattern(shape, loose=True))


def lines_of(data: bytes) -> Iterator[str]:
    """Give the lines of some bytes as text, however they end."""
    for line in re.split(rb"\r\n|\r|\n", data):
        yield line[: HEADER_CHARACTERS * 4].decode("utf-8", "replace")


def learn(data: bytes) -> tuple[Shape, bool] | None:
    """Learn a file's own shape from its beginning: the first line's, or the most common one."""
    counted: Counter[Shape] = Counter()
    loose: set[Shape] = set()
    for line in lines_of(data):
        found = header_of(line)
        if found is not None:
            counted[found[0]] += 1
            if needs_loose(line, found[1]):
                loose.add(found[0])
            if counted.total() >= LEARNED_LINES:
                break
    if not counted:
        return None
    first = next(iter(counted))
    shape = first if counted[first] > 1 else counted.most_common(1)[0][0]
    return shape, shape in loose


def survey(open_: Callable[[], BinaryIO], begin: int) -> Survey | None:
    """Go through a file once (twice when it is glued together), or ``None`` without a header.

    Args:
        open_: opens the file's UTF-8 bytes.
        begin: the length of the byte order mark.
    """
    with open_() as stream:
        stream.read(begin)
        own = learn(filled(stream.read, LEARNED_BYTES))
    if own is None:
        return None
    shapes = [own]
    for _ in range(MOST_SHAPES):
        found = _scan(open_, begin, shapes)
        more = _accepted(found)
        if not more:
            break
        known = dict(shapes)
        known.update(more)
        shapes = list(known.items())[:MOST_SHAPES]
    return found


def _scan(open_: Callable[[], BinaryIO], begin: int, shapes: list[tuple[Shape, bool]]) -> Survey:
    found = Survey(shapes, [Evidence(shape) for shape, _ in shapes])
    patterns = Patterns.of(shapes)
    with open_() as stream:
        stream.read(begin)
        rest = b"\n"
        while block := filled(stream.read, BLOCK):
            data = rest + block
            end = max(data.rfind(b"\n"), data.rfind(b"\r"))
            end = len(data) if len(data) - end > LONGEST_HEADER else end
            data, rest = data[:end], data[end:]
            found.block(data, patterns)
            found.media(data, patterns.own)
        found.block(rest, patterns)
        found.media(rest, patterns.own)
    return found


def _accepted(found: Survey) -> dict[Shape, bool]:
    """Give the shapes that are headers too, and those that need the loose pattern."""
    own = dict(found.shapes)
    more = {shape: True for shape in found.loose if own.get(shape) is False}
    if len(found.shapes) >= MOST_SHAPES or not found.runs:
        return more
    if max(run.lines for run in found.runs) == 1 and _all_single(found.runs):
        kin = [run.shape for run in found.runs if _kin(run.shape, found.shapes[0][0])]
        return more | {shape: shape in found.loose for shape in kin if shape not in own}
    for shape in found.strangers:
        runs = [index for index, run in enumerate(found.runs) if run.shape == shape]
        good = [index for index in runs if _carries_on(found, index)]
        if good and len(good) * 2 >= len(runs):
            more[shape] = shape in found.loose
    return more


def _all_single(runs: list[Run]) -> bool:
    return len({run.shape for run in runs}) == len(runs)


def _kin(shape: Shape, own: Shape) -> bool:
    """Tell whether two shapes differ in year width, seconds and 12-hour marker at most."""
    return (shape.bracket, shape.separators, shape.joint, shape.clock, shape.time_first) == (
        own.bracket,
        own.separators,
        own.joint,
        own.clock,
        own.time_first,
    )


def _carries_on(found: Survey, index: int) -> bool:
    """Tell whether a run of another shape lies in the file's time line, under every reading."""
    run = found.runs[index]
    if run.lines < SHORTEST_RUN and index > 0:
        return False
    before = found.runs[index - 1] if index else None
    after = found.runs[index + 1] if index + 1 < len(found.runs) else None
    return _in_order(found, before, run) and _in_order(found, run, after)


def _in_order(found: Survey, earlier: Run | None, later: Run | None) -> bool:
    if earlier is None or later is None:
        return True
    for one in _orders(found, earlier.shape):
        for other in _orders(found, later.shape):
            left = earlier.last.moment(earlier.shape, one)
            right = later.first.moment(later.shape, other)
            if left is None or right is None or left > right:
                return False
    return True


def _orders(found: Survey, shape: Shape) -> tuple[str, ...]:
    known = [shape_ for shape_, _ in found.shapes]
    evidence = found.evidence[known.index(shape)] if shape in known else found.strangers[shape]
    order = evidence.decide("", several=True).order
    return (order,) if order else tuple(o for o in orders_of(shape) if o != YMD)

# SPDX-License-Identifier: Apache-2.0
"""A mailbox cut into mails, in one pass and in bounded memory.

Rules enforced here:

* a mail begins at a *separator*: a line ``From <something> <date>`` at the start of the file or
  after a blank line, followed by a header field or the end of the file; other lines that begin
  with ``From`` belong to the mail they stand in;
* a mailbox whose very first separator is a bare ``From`` (some programs write it so) may go on
  with bare ones;
* a ``Content-Length`` counts only if a separator or the end of the file stands where it points;
* of a mail longer than `MAIL_BYTES` only so much is given out; its span is always whole;
* the spans are contiguous and end at the end of the file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAIL_BYTES: Final = 64 << 20
CHUNK_BYTES: Final = 4 << 20
LINE_BYTES: Final = 1000
"""A separator's longest line."""
AHEAD: Final = 2 * LINE_BYTES + 2
"""How many bytes settle whether a line is a separator."""
LENGTH_HEADER_BYTES: Final = 65536
"""How much of a header is looked through for ``Content-Length``."""

DAY: Final = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
MONTH: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
CLOCK: Final = rb"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
ZONE: Final = rb"(?:[+-][0-9]{4}|[A-Z]{1,5}(?:[+-][0-9]{4})?)"
ASCTIME: Final = (
    DAY + rb",?[ ]+" + MONTH + rb"[ ]+[0-9]{1,2}[ ]+" + CLOCK
    + rb"(?:[ ]+" + ZONE + rb")*[ ]+[0-9]{4}(?:[ ]+" + ZONE + rb")?"
)  # fmt: skip
MAIL_DATE: Final = (
    rb"(?:" + DAY + rb",?[ ]+)?[0-9]{1,2}[ -]" + MONTH + rb"[ -][0-9]{4}[ ]+" + CLOCK
    + rb"(?:[ ]+" + ZONE + rb")?"
)  # fmt: skip
ISO: Final = (
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]" + CLOCK + rb"(?:\.[0-9]+)?(?:Z|[ ]?[+-][0-9:]{4,5})?"
)
DATE: Final = rb"(?:" + ASCTIME + rb"|" + MAIL_DATE + rb"|" + ISO + rb")"
NEXT: Final = rb"(?:\r?\n(?:>?From |[!-9;-~]{1,200}[ \t]*:|\Z)|\r?\Z)"
COMMON: Final = re.compile(rb"From [^\s]{1,900}[ ]+" + ASCTIME + rb"[ ]{0,20}" + NEXT)
ANY: Final = re.compile(
    rb"From [^\n]{1,900}?[ ]" + DATE + rb"(?:[ ]remote from [^\s]{1,200})?[ ]{0,20}" + NEXT
)
BARE: Final = re.compile(rb"From[ ]?-?[ ]*\r?\n[!-9;-~]{1,200}:")
AFTER_BLANK: Final = (b"\n", b"\n\r")
BLANK: Final = re.compile(rb"\n\r?\n")
LENGTH: Final = re.compile(
    rb"^[Cc]ontent-[Ll]ength[ \t]*:[ \t]*([0-9]{1,12})[ \t]*\r?$", re.MULTILINE
)
MOST_GAP: Final = 4
"""Bytes of line ends between a mail's stated end and the next separator."""
LINE_END: Final = ord("\n")
LENGTH_WORDS: Final = (b"ontent-Length", b"ontent-length")
LEAD: Final = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t\r]*\n)*")


def is_separator(data: bytes, at: int = 0, *, bare: bool = False) -> bool:
    """Say whether a separator stands there; the bytes must reach `AHEAD` further or to the end."""
    if COMMON.match(data, at) or ANY.match(data, at):
        return True
    return bare and BARE.match(data, at) is not None


class Slice(NamedTuple):
    """A stretch of a mailbox.

    Attributes:
        data: its bytes, `MAIL_BYTES` at most.
        mail: it begins with a separator; otherwise it is what stands before the first one.
        enclosing: how many lines inside look like separators and are covered by its length.
    """

    start: int
    end: int
    data: bytes
    mail: bool
    enclosing: int


class Mailbox:
    """Cuts a mailbox; ``progress`` hears how many bytes have been read."""

    def __init__(
        self, stream: BinaryIO, *, progress: Callable[[int], None], chunk: int = CHUNK_BYTES
    ) -> None:
        """Take a stream; it is read forward only, ``chunk`` bytes at a time."""
        self.stream = stream
        self.progress = progress
        self.chunk = chunk
        self.buffer = b""
        self.base = 0  # where in the file the buffer begins
        self.done = False  # the buffer reaches to the end of the file
        self.bare = False  # this mailbox writes bare separators
        self.start = 0  # where the slice in hand begins
        self.head = b""  # the kept beginning of a slice that is too long
        self.mail = False
        self.stated_end = -1  # where the mail in hand says it ends
        self.enclosing = 0
        self.lengths = False  # some mail so far may state its length

    def slices(self) -> Iterator[Slice]:
        """Yield every stretch of the file in order."""
        while not self.done and len(self.buffer) < LENGTH_HEADER_BYTES:
            self._read_on(0)
        first = self._first_separator()
        if first > 0:
            yield self._cut(first)
        if first >= 0:
            self._begin(first)
        look = max(first, 0) + 1  # where in the file to look on
        while True:
            look, found = self._next_separator(look)
            if found >= 0:
                if found > self.start:
                    yield self._cut(found)
                self._begin(found)
                look = found + 1
            elif self.done:
                break
            else:
                self._read_on(look)
        if self.base + len(self.buffer) > self.start:
            yield self._cut(self.base + len(self.buffer))

    def _next_separator(self, look: int) -> tuple[int, int]:
        """Give the next separator at or after a place, or -1 and from where to look on."""
        buffer, base = self.buffer, self.base
        last = len(buffer) if self.done else len(buffer) - AHEAD - 1
        at = buffer.find(b"\nFrom", look - 1 - base)
        while at >= 0:
            place = base + at + 1
            if at > last:
                return place, -1
            blank = buffer.endswith(AFTER_BLANK, 0, at) or place == self.stated_end
            if blank and is_separator(buffer, at + 1, bare=self.bare):
                if place >= self.stated_end:
                    return place, place
                self.enclosing += 1
            at = buffer.find(b"\nFrom", at + 1)
        return max(look, base + len(buffer) - len(b"\nFrom") + 1), -1

    def _first_separator(self) -> int:
        """Give where the file begins with a separator, blank lines aside, or -1."""
        lead = LEAD.match(self.buffer)
        at = 0 if lead is None else lead.end()
        line = self.buffer[at : at + AHEAD]
        self.bare = BARE.match(line) is not None
        return at if is_separator(line, bare=self.bare) else -1

    def _begin(self, place: int) -> None:
        self.start, self.mail, self.head, self.enclosing = place, True, b"", 0
        self._reach(place + LENGTH_HEADER_BYTES)
        self.stated_end = self._stated_end(place) if self.lengths else -1

    def _cut(self, end: int) -> Slice:
        data = self.head or self.buffer[self.start - self.base : end - self.base]
        return Slice(self.start, end, data[:MAIL_BYTES], self.mail, self.enclosing)

    def _reach(self, place: int) -> None:
        """Read on until the buffer holds what is before a place."""
        while not self.done and self.base + len(self.buffer) < place:
            self._read_on(self.start)

    def _read_on(self, look: int) -> None:
        """Read the next chunk; let go of what is behind the slice in hand, or too much of it."""
        keep = self.start
        if self.head or look - self.start > MAIL_BYTES:
            if not self.head:
                begin = self.start - self.base
                self.head = self.buffer[begin : begin + MAIL_BYTES]
            keep = max(look - AHEAD, self.base)
        kept = self.buffer[keep - self.base :]
        more = self.stream.read(self.chunk)
        self.base, self.done, self.buffer = keep, not more, kept + more
        fresh = max(len(kept) - len(LENGTH_WORDS[0]), 0)
        if not self.lengths:
            self.lengths = any(self.buffer.find(word, fresh) >= 0 for word in LENGTH_WORDS)
        self.progress(self.base + len(self.buffer))

    def _stated_end(self, place: int) -> int:
        """Give where the mail's ``Content-Length`` ends it, if a separator or the end is there."""
        begin = place - self.base
        blank = BLANK.search(self.buffer, begin, begin + LENGTH_HEADER_BYTES)
        if blank is None:
            return -1
        found = LENGTH.search(self.buffer, begin, blank.end())
        target = self.base + blank.end() + int(found.group(1)) if found is not None else -1
        if found is None or target - place > MAIL_BYTES:
            return -1
        self._reach(target + AHEAD + MOST_GAP)
        at = target - self.base
        there = self.buffer[at : at + AHEAD + MOST_GAP]
        rest = there[:MOST_GAP].lstrip(b"\r\n") + there[MOST_GAP:]
        gap = len(there) - len(rest)
        if is_separator(rest, bare=self.bare) and self.buffer[at + gap - 1] == LINE_END:
            return target + gap
        return target if not rest and at <= len(self.buffer) else -1

# SPDX-License-Identifier: Apache-2.0
"""The write-ahead log of a SQLite database, applied to a copy of its pages in memory.

A database in this mode keeps its newest pages in a second file, ``-wal``, until they are copied
back. Its layout is that of "WAL-mode File Format" in SQLite's own documentation. Rules enforced
here:

* only frames of a finished transaction are applied, and only while every checksum from the first
  frame on is right and both salts are those of the header: so much, and no more, SQLite itself
  would read;
* nothing is written but the copy, which never grows beyond the size that is allowed;
* a log that does not belong to the database's page size changes nothing, and that is said.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

HEADER: Final = struct.Struct(">8I")
FRAME: Final = struct.Struct(">6I")
MAGIC: Final = 0x377F0682
"""The last bit says in which order of bytes the checksums take the words."""
VERSION: Final = 3_007_000
SUMMED: Final = 8
"""The bytes of a frame's header that its checksum covers, before those of the page."""
SMALLEST_PAGE, LARGEST_PAGE = 512, 65536
MASK: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Applied:
    """What a log came to.

    Attributes:
        frames: pages taken over from finished transactions.
        left: bytes behind the last of them that were not taken: an unfinished transaction, an
            older round of the log, or damage.
        problem: why nothing could be taken: ``""``, ``no_log``, ``other_page_size``, ``too_large``.
    """

    frames: int = 0
    left: int = 0
    problem: str = ""


@dataclass(slots=True)
class _Log:
    """A log being read, with its running checksum."""

    stream: BinaryIO
    page_size: int
    order: str
    salts: tuple[int, int]
    sums: tuple[int, int]

    def frame(self) -> tuple[int, int, bytes] | None:
        """Give page number, size after a commit (0 for none) and page of the next good frame."""
        head = self.stream.read(FRAME.size)
        page = self.stream.read(self.page_size)
        if len(head) < FRAME.size or len(page) < self.page_size:
            return None
        number, size, *salts, first, second = FRAME.unpack(head)
        sums = checksum(page, checksum(head[:SUMMED], self.sums, self.order), self.order)
        if tuple(salts) != self.salts or sums != (first, second) or number == 0:
            return None
        self.sums = sums
        return number, size, page


def checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """Carry the log's checksum on over some bytes, a multiple of 8; ``order`` is < or >."""
    first, second = sums
    words = iter(struct.unpack(f"{order}{len(data) // 4}I", data))
    for one, other in zip(words, words, strict=True):
        first = (first + one + second) & MASK
        second = (second + other + first) & MASK
    return first, second


def apply_log(pages: bytearray, stream: BinaryIO, *, most: int) -> Applied:
    """Apply a log to the pages of its database, which may grow to ``most`` bytes or shrink."""
    log = _opened(stream)
    if log is None:
        return Applied(problem="no_log")
    if pages and page_size_of(pages) != log.page_size:
        return Applied(problem="other_page_size")
    frames, good = 0, HEADER.size
    waiting: dict[int, bytes] = {}
    while (frame := log.frame()) is not None:
        number, size, page = frame
        if max(number, size, len(waiting)) * log.page_size > most:
            return Applied(frames, _behind(stream, good), "too_large")
        waiting[number] = page
        if size:
            _commit(pages, waiting, size, log.page_size)
            frames += len(waiting)
            waiting = {}
            good = stream.tell()
    return Applied(frames, _behind(stream, good))


def _opened(stream: BinaryIO) -> _Log | None:
    head = stream.read(HEADER.size)
    if len(head) < HEADER.size:
        return None
    magic, version, page_size, _round, salt, other_salt, first, second = HEADER.unpack(head)
    fits = SMALLEST_PAGE <= page_size <= LARGEST_PAGE and not page_size & (page_size - 1)
    if magic & ~1 != MAGIC or version != VERSION or not fits:
        return None
    order = ">" if magic & 1 else "<"
    sums = checksum(head[: HEADER.size - 8], (0, 0), order)
    if sums != (first, second):
        return None
    return _Log(stream, page_size, order, (salt, other_salt), sums)


def _commit(pages: bytearray, waiting: dict[int, bytes], size: int, page_size: int) -> None:
    whole = size * page_size
    if len(pages) > whole:
        del pages[whole:]
    elif len(pages) < whole:
        pages.extend(bytes(whole - len(pages)))
    for number, page in waiting.items():
        if number <= size:
            pages[(number - 1) * page_size : number * page_size] = page


def _behind(stream: BinaryIO, good: int) -> int:
    return max(0, stream.seek(0, 2) - good)


def page_size_of(pages: bytes | bytearray) -> int:
    """Give the page size a database states in its header, 0 when it has none."""
    stated = int.from_bytes(pages[16:18])
    return LARGEST_PAGE if stated == 1 else stated

# SPDX-License-Identifier: Apache-2.0
"""A file cut into pieces that begin at a header, without ever holding much of it.

Rules enforced here:

* pieces, leads and excesses together are the file, byte for byte, in order;
* memory does not depend on the file: a message longer than `LONGEST_MESSAGE` is cut there (the
  app allows 65,536 characters, four times less), and the rest up to the next header is passed
  over as a stretch, not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.sources.whatsapp_text.shapes import LONGEST_HEADER

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

BLOCK = 1 << 18
LONGEST_MESSAGE = 1 << 20
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole messages: ``data`` begins with a header at byte ``start``."""

    start: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes without a header: before the first one, or the rest of a message that is too long.

    ``blank`` is true for nothing but white space.
    """

    start: int
    end: int
    too_large: bool
    blank: bool = True


def filled(read: Callable[[int], bytes], size: int) -> bytes:
    """Read as many bytes as asked for, or all that are left."""
    parts = []
    while size > 0:
        part = read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def character_start(data: bytes, place: int) -> int:
    """Move a place back to where a UTF-8 character begins."""
    for back in range(min(4, place)):
        if data[place - back] & 0xC0 != 0x80:  # noqa: PLR2004 - 10xxxxxx continues a character
            return place - back
    return place


def pieces(
    read: Callable[[int], bytes], header: re.Pattern[bytes], begin: int
) -> Iterator[Piece | Stretch]:
    """Cut a file at its headers.

    Args:
        read: reads on from ``begin``.
        header: finds the line break before a header.
        begin: offset of the first byte (after a byte order mark).
    """
    buffer, at = b"\n", begin - 1
    skipped: Stretch | None = Stretch(begin, begin, too_large=False)
    while True:
        block = filled(read, BLOCK)
        buffer += block
        if skipped is not None:
            found = header.search(buffer)
            cut = found.start() + 1 if found else len(buffer) if not block else -1
            keep = max(len(buffer) - LONGEST_HEADER, 0) if cut < 0 else cut
            blank = skipped.blank and not buffer[:keep].strip(_BLANK)
            skipped = Stretch(skipped.start, at + keep, skipped.too_large, blank)
            if cut < 0:
                buffer, at = buffer[keep:], at + keep
                continue
            if skipped.end > skipped.start:
                yield skipped
            buffer, at, skipped = buffer[cut:], at + cut, None
        if not block:
            if buffer:
                yield Piece(at, buffer)
            return
        cut = _last_header(buffer, header)
        if cut == 0 and len(buffer) > LONGEST_MESSAGE:
            cut = character_start(buffer, LONGEST_MESSAGE)
            skipped = Stretch(at + cut, at + cut, too_large=True)
        if cut:
            yield Piece(at, buffer[:cut])
        if skipped is not None:
            buffer, at = buffer[cut - 1 :], at + cut - 1
        else:
            buffer, at = buffer[cut:], at + cut


def _last_header(buffer: bytes, header: re.Pattern[bytes]) -> int:
    """Find where the last header begins, 0 when that is the first."""
    for window in (1 << 14, len(buffer)):
        last = 0
        for found in header.finditer(buffer, max(len(buffer) - window, 0)):
            last = found.start() + 1
        if last:
            return last
    return 0

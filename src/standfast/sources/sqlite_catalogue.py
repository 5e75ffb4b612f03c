# SPDX-License-Identifier: Apache-2.0
"""The pages of a SQLite database that list its tables, for recognising it by what is in it.

The list is a tree that begins on the first page and may lie anywhere in the file ("B-tree Pages"
in SQLite's own documentation). Rules enforced here:

* few pages are read, each once, whatever the tree says; nothing is interpreted but where they are;
* the text of a definition is given as far as it stands on the page itself.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from standfast.sources.sqlite_wal import SMALLEST_PAGE, page_size_of

if TYPE_CHECKING:
    from typing import BinaryIO

MAGIC: Final = b"SQLite format 3\0"
MOST_PAGES: Final = 64
FILE_HEADER: Final = 100
INTERIOR, LEAF = 5, 13
_HEAD: Final = 12
"""Bytes of an interior page's header; the last four point to its last child."""


def catalogue_of(head: bytes, stream: BinaryIO) -> bytes:
    """Give the leaf pages of the list of tables; nothing when the file is no such database.

    Raises:
        OSError: the stream cannot be read.
    """
    if not head.startswith(MAGIC) or len(head) < FILE_HEADER + _HEAD:
        return b""
    size = page_size_of(head)
    if size < SMALLEST_PAGE or size & (size - 1):
        return b""
    found: list[bytes] = []
    waiting, seen = [1], {1}
    while waiting and len(seen) <= MOST_PAGES:
        number = waiting.pop(0)
        stream.seek((number - 1) * size)
        page = stream.read(size)
        start = FILE_HEADER if number == 1 else 0
        kind = page[start] if len(page) == size else 0
        if kind == LEAF:
            found.append(page)
        elif kind == INTERIOR:
            children = [one for one in _children(page, start) if one > 1 and one not in seen]
            waiting += children[:MOST_PAGES]
            seen.update(children[:MOST_PAGES])
    return b"".join(found)


def _children(page: bytes, start: int) -> list[int]:
    (count,) = struct.unpack_from(">H", page, start + 3)
    places = start + _HEAD
    if places + 2 * count > len(page):
        return []
    cells = struct.unpack_from(f">{count}H", page, places)
    last = struct.unpack_from(">I", page, start + 8)
    inner = [struct.unpack_from(">I", page, cell)[0] for cell in cells if cell <= len(page) - 4]
    return [*inner, *last]

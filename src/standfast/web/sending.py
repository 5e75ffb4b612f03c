# SPDX-License-Identifier: Apache-2.0
"""Saving something large: part by part, and only while the case is open.

What is sent is never held whole, and never lies readable on a disk of ours: the browser writes it
where the person says. When the case is locked, or left, in the middle, the rest is not sent, and
the browser says that the file is not whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from starlette.responses import Response

    from standfast.web.room import Room
    from standfast.web.visit import Visit

PART = 1 << 18
SAVED = "application/octet-stream"


def send(
    visit: Visit, parts: Iterable[bytes], *, size: int, name: str, media_type: str = SAVED
) -> Response:
    """Have the browser save parts of bytes as a file of that name."""
    shape = visit.file(b"", media_type, name)
    answer = StreamingResponse(_while_open(visit.room, parts), media_type=media_type)
    for header in ("Content-Type", "Content-Security-Policy", "Content-Disposition"):
        answer.headers[header] = shape.headers[header]
    answer.headers["Content-Length"] = str(size)
    return answer


def parts_of(file: BinaryIO) -> Iterator[bytes]:
    """Read a file part by part, and close it."""
    with file:
        while part := file.read(PART):
            yield part


def _while_open(room: Room, parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        if not room.unlocked:
            return
        room.touch()
        yield part

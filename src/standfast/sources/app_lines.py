# SPDX-License-Identifier: Apache-2.0
"""Walking through a file of one JSON document a line, each with its bytes.

Rules enforced here:

* a line that is no JSON costs itself alone; so does one longer than ``limit``, which is stepped
  over without being held;
* line numbers count from 1, whatever the lines hold; blank lines are framing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO, Final

from standfast.sources.app_reading import LINE
from standfast.sources.json_walk import LIMIT, Broken, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK: Final = 1 << 20
_MARK: Final = b"\xef\xbb\xbf"
_SPACE: Final = b" \t\r\n"
_DECODE: Final = json.JSONDecoder(strict=False).decode
Stretch = tuple[int, int, bytes | None]


def lines(
    stream: BinaryIO, *, limit: int = LIMIT, progress: Callable[[int], None] = lambda _done: None
) -> Iterator[Value | Broken]:
    """Give the document of every line that is not blank, in the order of the file."""
    for number, (start, end, data) in enumerate(_stretches(stream, limit), 1):
        if number % 1000 == 0:
            progress(end)
        if data is None:
            yield Broken((LINE, number), start, end, "too_large")
            continue
        mark = len(_MARK) if number == 1 and data.startswith(_MARK) else 0
        rest = data[mark:].lstrip(_SPACE)
        if rest:
            yield _document(rest.rstrip(_SPACE), number, end - len(rest))


def _document(data: bytes, number: int, start: int) -> Value | Broken:
    path, end = (LINE, number), start + len(data)
    try:
        try:
            text, exact = data.decode(), True
        except UnicodeDecodeError:
            text, exact = data.decode("utf-8", "replace"), False
        return Value(path, start, end, _DECODE(text), exact)
    except RecursionError:
        return Broken(path, start, end, "too_deep")
    except ValueError:
        return Broken(path, start, end, "not_json")


def _stretches(stream: BinaryIO, limit: int) -> Iterator[Stretch]:
    """Give start, end and bytes of every line; ``None`` for the bytes of one that is too long."""
    start = 0
    while data := stream.readline(limit + 1):
        end = start + len(data)
        if len(data) <= limit or data.endswith(b"\n"):
            yield start, end, data
        else:
            while data and not data.endswith(b"\n"):
                data = stream.readline(BLOCK)
                end += len(data)
            yield start, end, None
        start = end

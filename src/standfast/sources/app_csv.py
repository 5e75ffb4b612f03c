# SPDX-License-Identifier: Apache-2.0
"""Walking through a table of comma-separated values, row by row, each with its bytes (RFC 4180).

Rules enforced here:

* a row begins where a line begins as the caller's pattern says; the lines up to the next belong
  to it, so that a damaged quotation mark costs its own row and no other;
* a row is only taken when its quotation marks close and it has as many fields as the header;
* no row is longer than `LONGEST`: the rest is stepped over, and told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from standfast.sources.app_reading import LINE
from standfast.sources.json_walk import Broken, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST: Final = 1 << 20
_MARK: Final = b"\xef\xbb\xbf"
_FIELD: Final = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",]*+))(,|\Z)')


@dataclass(slots=True)
class _Held:
    """The lines of the row that is being read."""

    start: int
    data: bytearray = field(default_factory=bytearray)
    open_quotes: bool = False

    def add(self, line: bytes) -> None:
        self.open_quotes ^= line.count(b'"') % 2 == 1
        if len(self.data) <= LONGEST:
            self.data += line


def rows(
    stream: BinaryIO,
    begins: re.Pattern[bytes],
    *,
    unquoted: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> Iterator[Value | Broken]:
    """Give every row below the header as a mapping of its fields, numbered from 1.

    ``unquoted`` says that a row may begin without a quotation mark: then a line within open
    quotation marks begins none, whatever it looks like.
    """
    header = stream.readline(LONGEST)
    names = _fields(header.removeprefix(_MARK).decode("utf-8", "replace").rstrip("\r\n"))
    at, number = len(header), 0
    held = _Held(at)
    while line := stream.readline(LONGEST):
        inside = unquoted and held.open_quotes and len(held.data) <= LONGEST
        if held.data and not inside and begins.match(line):
            number += 1
            yield _row(held, names, number, at)
            held = _Held(at)
            progress(at)
        held.add(line)
        at += len(line)
    if held.data:
        yield _row(held, names, number + 1, at)


def _row(held: _Held, names: list[str], number: int, end: int) -> Value | Broken:
    path = (LINE, number)
    if len(held.data) > LONGEST:
        return Broken(path, held.start, end, "too_large")
    plain = bytes(held.data).rstrip(b"\r\n")
    stop = held.start + len(plain)
    try:
        text, exact = plain.decode(), True
    except UnicodeDecodeError:
        text, exact = plain.decode("utf-8", "replace"), False
    fields = _fields(text)
    whole = fields and len(fields) == len(names)
    data = dict(zip(names, fields, strict=True)) if whole else None
    return Value(path, held.start, stop, data, exact)


def _fields(text: str) -> list[str]:
    """Take a row apart; nothing when it is not written as one."""
    found: list[str] = []
    at = 0
    while one := _FIELD.match(text, at):
        found.append(one[2] if one[1] is None else one[1].replace('""', '"'))
        if not one[3]:
            return found
        at = one.end()
    return []

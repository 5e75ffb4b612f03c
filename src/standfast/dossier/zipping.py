# SPDX-License-Identifier: Apache-2.0
"""The canonical zip: for one list of files there is exactly one sequence of bytes.

Rules enforced here:

* every file is stored, not packed; its checksum and size stand before it, never behind;
* date 1980-01-01, permissions 0644, UTF-8 names, no comment, no extra field except the one fixed
  zip64 form, which appears only where a number does not fit into 32 (or 16) bits;
* names are safe on every system: letters, digits, ``.``, ``_`` and ``-``; no part starts with a
  dot, ends with one, or is a device's name; no two names differ only in case.

``docs/reference/bundle.md`` gives the fields byte by byte.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDE = 0xFFFFFFFF
WIDE_COUNT = 0xFFFF
DATE = 0x0021
UTF8 = 0x0800
PLAIN, ZIP64 = 20, 45
UNIX = 3 << 8
ATTRIBUTES = 0o100644 << 16
LOCAL = struct.Struct("<4sHHHHHLLLHH")
RECORD = struct.Struct("<4sHHHHHHLLLHHHHHLL")
END64 = struct.Struct("<4sQHHLLQQQQ")
LOCATOR = struct.Struct("<4sLQL")
END = struct.Struct("<4sHHHHLLH")

MAX_PART = 120
MAX_NAME = 240
_PART = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the directory says about one file."""

    name: bytes
    size: int
    crc: int
    offset: int


def is_safe(name: str) -> bool:
    """Tell whether a name may stand in a bundle (see the rules above)."""
    return len(name) <= MAX_NAME and all(
        len(part) <= MAX_PART and _PART.fullmatch(part) and not _DEVICE.fullmatch(part)
        for part in name.split("/")
    )


def safe_part(untrusted_name: str, limit: int) -> str:
    """Make a file name from any text; what cannot stay becomes ``_``, the ending is kept.

    The real name is kept elsewhere (in the ledger and the table of contents).
    """
    last = re.split(r"[/\\]", untrusted_name)[-1]
    letters = unicodedata.normalize("NFKD", last)
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    stem, dot, ending = plain.rpartition(".")
    ending = re.sub(r"[^A-Za-z0-9]+", "", ending)
    if not dot or not ending or len(ending) > limit // 2:
        stem, ending = plain, ""
    room = limit - (len(ending) + 1 if ending else 0)
    stem = re.sub(r"[^A-Za-z0-9_-]*[^A-Za-z0-9._-][^A-Za-z0-9_-]*", "_", stem)
    stem = re.sub(r"\.+", ".", stem)[:room].strip("._-") or "file"
    return f"{stem}.{ending}" if ending else stem


class ZipWriter:
    """Writes the files one behind the other; the output need not be seekable."""

    def __init__(self, out: BinaryIO) -> None:
        """Start at the present position of ``out``."""
        self._out = out
        self._at = 0
        self._stored: list[Stored] = []

    def add(self, name: str, *, size: int, crc: int, parts: Iterable[bytes]) -> None:
        """Add one file; the caller answers for size and checksum."""
        stored = Stored(name.encode("ascii"), size, crc, self._at)
        self._write(local_header(stored))
        for part in parts:
            self._write(part)
        self._stored.append(stored)

    def finish(self) -> int:
        """Write the directory; gives the size of the whole zip."""
        start = self._at
        for stored in self._stored:
            self._write(directory_record(stored))
        self._write(ending(len(self._stored), start, self._at - start))
        return self._at

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def local_header(stored: Stored) -> bytes:
    """Give the bytes before a file's content."""
    wide = stored.size >= WIDE
    extra = struct.pack("<HHQQ", 1, 16, stored.size, stored.size) if wide else b""
    size = min(stored.size, WIDE)
    head = LOCAL.pack(
        b"PK\x03\x04",
        ZIP64 if wide else PLAIN,
        UTF8,
        0,  # stored
        0,  # time
        DATE,
        stored.crc,
        size,
        size,
        len(stored.name),
        len(extra),
    )
    return head + stored.name + extra


def directory_record(stored: Stored) -> bytes:
    """Give a file's record in the directory."""
    numbers = [stored.size, stored.size] if stored.size >= WIDE else []
    numbers += [stored.offset] if stored.offset >= WIDE else []
    extra = b"".join(struct.pack("<Q", number) for number in numbers)
    extra = struct.pack("<HH", 1, len(extra)) + extra if extra else b""
    version, size = ZIP64 if extra else PLAIN, min(stored.size, WIDE)
    head = RECORD.pack(
        b"PK\x01\x02",
        UNIX | version,
        version,
        UTF8,
        0,  # stored
        0,  # time
        DATE,
        stored.crc,
        size,
        size,
        len(stored.name),
        len(extra),
        0,  # comment
        0,  # disk
        0,  # internal attributes
        ATTRIBUTES,
        min(stored.offset, WIDE),
    )
    return head + stored.name + extra


def ending(count: int, start: int, length: int) -> bytes:
    """Give the end of the zip: zip64 records only where a number needs them."""
    wide = b""
    if count >= WIDE_COUNT or start >= WIDE or length >= WIDE:
        version = (UNIX | ZIP64, ZIP64)
        wide = END64.pack(b"PK\x06\x06", 44, *version, 0, 0, count, count, length, start)
        wide += LOCATOR.pack(b"PK\x06\x07", 0, start + length, 1)
    few = min(count, WIDE_COUNT)
    return wide + END.pack(b"PK\x05\x06", 0, 0, few, few, min(length, WIDE), min(start, WIDE), 0)

# SPDX-License-Identifier: Apache-2.0
"""The size and the EXIF data of a HEIC or AVIF picture, read from its boxes.

An iPhone writes HEIC. Its date and place stand in an item of type ``Exif`` that the ``meta`` box
points to (ISO/IEC 23008-12, annex A; the boxes are those of ISO/IEC 14496-12, 8.11). Rules enforced
here:

* only boxes are read, never the picture: no decoder is involved;
* the ``meta`` box and the EXIF data are at most `MAX_META` bytes, and at most `MAX_BOXES` boxes
  and items are looked at;
* anything that does not fit raises ``ValueError``, ``IndexError`` or ``struct.error``; the caller
  makes one error of them.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

MAX_META: Final = 4 << 20
MAX_BOXES: Final = 4096
HEADER: Final = 8
LARGE: Final = 16
FULL: Final = 4
"""Version and flags at the start of a full box."""


def read_heif(stream: BinaryIO) -> tuple[int, int, bytes]:
    """Give width, height (zero when they are not stated) and the EXIF data (empty likewise)."""
    meta = _meta(stream)
    width = height = 0
    exif = (0, 0)
    parts = dict(_boxes(meta[FULL:]))
    item = _exif_item(parts.get(b"iinf", b""))
    if item:
        exif = _places(parts.get(b"iloc", b"")).get(item, exif)
    for name, data in _boxes(dict(_boxes(parts.get(b"iprp", b""))).get(b"ipco", b"")):
        if name == b"ispe":
            size = struct.unpack(">II", data[FULL : FULL + 8])
            width, height = max((width, height), size, key=lambda pair: pair[0] * pair[1])
    return width, height, _exif(stream, *exif)


def _meta(stream: BinaryIO) -> bytes:
    """Find the ``meta`` box among the file's own boxes."""
    stream.seek(0)
    for _box in range(MAX_BOXES):
        start = stream.tell()
        head = stream.read(LARGE)
        length, name = struct.unpack(">I4s", head[:HEADER])
        begin = HEADER
        if length == 1:
            begin, (length,) = LARGE, struct.unpack(">Q", head[HEADER:])
        if name == b"meta":
            stream.seek(start + begin)
            return stream.read(min(length - begin, MAX_META) if length else MAX_META)
        if length < begin:
            break
        stream.seek(start + length)
    message = "no meta box"
    raise ValueError(message)


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Go through the boxes that lie one behind the other."""
    place = 0
    for _box in range(MAX_BOXES):
        if place + HEADER > len(data):
            return
        length, name = struct.unpack_from(">I4s", data, place)
        if length < HEADER:
            return
        yield name, data[place + HEADER : place + length]
        place += length


def _exif_item(data: bytes) -> int:
    """Find the number of the item of type ``Exif``; 0 when there is none."""
    start = FULL + (4 if data[:1] != b"\0" else 2)
    for name, entry in _boxes(data[start:]):
        wide = entry[:1] == b"\3"
        kind = FULL + (6 if wide else 4)
        if name == b"infe" and entry[kind : kind + 4] == b"Exif":
            return int.from_bytes(entry[FULL : kind - 2], "big")
    return 0


class _Fields:
    """Numbers of given widths, one behind the other."""

    def __init__(self, data: bytes, place: int) -> None:
        self._data = data
        self._place = place

    def take(self, width: int) -> int:
        begin = self._place
        self.skip(width)
        return int.from_bytes(self._data[begin : self._place], "big")

    def skip(self, width: int) -> None:
        self._place += width
        if self._place > len(self._data):
            message = "a box ends too early"
            raise ValueError(message)


def _places(data: bytes) -> dict[int, tuple[int, int]]:
    """Give offset and length of each item that lies in one piece in the file."""
    version = data[0] if data else 0
    fields = _Fields(data, FULL)
    sizes, bases = fields.take(1), fields.take(1)
    number = 4 if version > 1 else 2
    places = {}
    for _item in range(min(fields.take(number), MAX_BOXES)):
        item = fields.take(number)
        method = fields.take(2) & 0xF if version else 0
        fields.skip(2)  # which file: always this one
        base = fields.take(bases >> 4)
        pieces = fields.take(2)
        index = bases & 0xF if version else 0
        if pieces != 1:
            fields.skip(pieces * (index + (sizes >> 4) + (sizes & 0xF)))
            continue
        fields.skip(index)
        offset, length = fields.take(sizes >> 4), fields.take(sizes & 0xF)
        if method == 0:
            places[item] = (base + offset, length)
    return places


def _exif(stream: BinaryIO, offset: int, length: int) -> bytes:
    """Read EXIF data; the first four bytes tell how far its TIFF header is."""
    if not length:
        return b""
    stream.seek(offset)
    data = stream.read(min(length, MAX_META))
    return data[4 + int.from_bytes(data[:4], "big") :]

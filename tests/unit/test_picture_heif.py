# SPDX-License-Identifier: Apache-2.0
"""Pictures: the boxes of HEIC and AVIF."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest

from standfast.sources.picture_heif import read_heif

FIXTURES = Path(__file__).parents[1] / "fixtures" / "picture"
EXIF = b"MM\0*\0\0\0\x08\0\0\0\0\0\0"


def box(name: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, name) + data


def picture(iloc: bytes, infe: bytes, *, sizes: tuple[tuple[int, int], ...] = ((8, 6),)) -> bytes:
    """Make a file whose EXIF data begins at byte 24."""
    spaces = b"".join(box(b"ispe", struct.pack(">III", 0, *size)) for size in sizes)
    iinf = box(b"iinf", b"\0\0\0\0\0\1", box(b"infe", infe))
    meta = box(b"meta", b"\0\0\0\0", iinf, box(b"iloc", iloc), box(b"iprp", box(b"ipco", spaces)))
    free = struct.pack(">I4s", 8 + 4 + len(EXIF), b"free") + b"\0\0\0\0" + EXIF
    return box(b"ftyp", b"heic\0\0\0\0") + free + meta


def iloc(version: int, item: int, *, method: int = 0, pieces: int = 1) -> bytes:
    wide = ">I" if version > 1 else ">H"
    head = bytes([version, 0, 0, 0, 0x44, 0x40]) + struct.pack(wide, 1) + struct.pack(wide, item)
    if version:
        head += struct.pack(">H", method)
    return head + struct.pack(">HIH", 0, 20, pieces) + struct.pack(">II", 4, 4 + len(EXIF)) * pieces


INFE2 = b"\2\0\0\0\0\7\0\0Exif\0"
INFE3 = b"\3\0\0\0\0\1\0\7\0\0Exif\0"


@pytest.mark.parametrize(
    ("version", "item", "infe"), [(0, 7, INFE2), (1, 7, INFE2), (2, 0x10007, INFE3)]
)
def test_the_exif_data_is_found_in_every_version_of_the_boxes(
    version: int, item: int, infe: bytes
) -> None:
    data = picture(iloc(version, item), infe, sizes=((8, 6), (4000, 3000), (512, 512)))
    assert read_heif(io.BytesIO(data)) == (4000, 3000, EXIF)


@pytest.mark.parametrize(
    ("place", "infe"),
    [
        (iloc(1, 7, method=1), INFE2),
        (iloc(1, 7, pieces=2), INFE2),
        (iloc(1, 8), INFE2),
        (iloc(1, 7), b"\2\0\0\0\0\7\0\0hvc1\0"),
    ],
)
def test_data_that_lies_elsewhere_is_left(place: bytes, infe: bytes) -> None:
    assert read_heif(io.BytesIO(picture(place, infe))) == (8, 6, b"")


def test_a_large_box_and_a_box_up_to_the_end_are_followed() -> None:
    whole = picture(iloc(0, 7), INFE2)
    begin = whole.index(b"meta") - 4
    open_end = whole[:begin] + b"\0\0\0\0" + whole[begin + 4 :]
    assert read_heif(io.BytesIO(open_end)) == (8, 6, EXIF)
    large = struct.pack(">I4sQ", 1, b"free", 16)
    moved = whole[:begin] + large + whole[begin:]
    assert read_heif(io.BytesIO(moved)) == (8, 6, EXIF)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0\x08free" * 5000,
        b"\0\0\0\2free" + b"\0" * 20,
        b"\0\0\0\0free" + b"\0" * 20,
        picture(iloc(1, 7)[:-3], INFE2),
        picture(b"", INFE2),
    ],
)
def test_boxes_that_do_not_fit_are_an_error(data: bytes) -> None:
    with pytest.raises((ValueError, IndexError, struct.error)):
        read_heif(io.BytesIO(data))


@pytest.mark.parametrize("data", [b"\0\0\0\x0cfree\0\0\0\0" * 2, b"\0\0\0\1free"])
def test_boxes_inside_that_do_not_fit_are_left(data: bytes) -> None:
    meta = box(b"meta", b"\0\0\0\0", data, b"\0\0\0\0junk")
    assert read_heif(io.BytesIO(meta)) == (0, 0, b"")


def test_at_most_so_many_boxes_are_looked_at() -> None:
    meta = box(b"meta", b"\0\0\0\0", box(b"free") * 5000, box(b"iinf"))
    assert read_heif(io.BytesIO(meta)) == (0, 0, b"")

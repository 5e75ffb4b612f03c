# SPDX-License-Identifier: Apache-2.0
r"""What the header of a picture says, without decoding a pixel.

Rules enforced here:

* only the one reader that fits the first bytes is used, on at most `HEADER_BYTES` of the file
  (a TIFF may keep its directory at the end, so it is read where it points);
* a size that would fill the memory is a fact about the picture, not an error;
* whatever a damaged header makes the library raise is a `HeaderBroken`;
* texts out of the header are at most `MAX_TEXT` characters, and what does not print
  is written out (``\\u202e``), so that none of them can act on a reader's screen.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from standfast.sources.picture_heif import read_heif

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from PIL.Image import Image as Picture

HEADER_BYTES: Final = 16 << 20
MAX_TEXT: Final = 256
MAX_COMMENT: Final = 4096
MAX_CHUNKS: Final = 4096
READERS: Final = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF"}
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100

_EXIF_POINTER: Final = 0x8769
_GPS_POINTER: Final = 0x8825
_TEXTS: Final = {"make": 0x010F, "model": 0x0110, "software": 0x0131}
_LENS: Final = 0xA434
_COMMENT: Final = 0x9286
_TIMES: Final = ((0x9003, 0x9291, 0x9011), (0x9004, 0x9292, 0x9012))
"""Date, part of a second and offset: of the exposure, then of its digitisation (EXIF 2.32)."""
_DATE: Final = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"[+-](?:0\d|1[0-4]):[0-5]\d")
_CANVAS: Final = struct.Struct("<4xHBHB")


class HeaderBroken(Exception):
    """The header of a picture cannot be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says.

    Attributes:
        wall: when the picture was taken, naive, as written.
        fraction: whether a part of the second is written too.
        offset: ``+HH:MM`` as written; empty when it is not.
        wrong_date: a date is written that no calendar has.
        screenshot: the header calls the picture a screenshot.
        facts: what goes into the event's ``native``.
    """

    width: int = 0
    height: int = 0
    wall: datetime | None = None
    fraction: bool = False
    offset: str = ""
    wrong_date: bool = False
    screenshot: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)


def read_header(stream: BinaryIO, kind: str) -> Header:
    """Read the header of a picture of this kind.

    Raises:
        HeaderBroken: whatever is wrong with it.
    """
    try:
        with _undisturbed():
            own = {"webp": _read_webp, "heic": _read_heif, "avif": _read_heif}.get(kind)
            return own(stream) if own else _read_with_pillow(stream, kind)
    except Exception as problem:  # an image library fails in every way on hostile bytes
        raise HeaderBroken(type(problem).__name__) from problem


def plain(untrusted: object, limit: int = MAX_TEXT) -> str:
    """Make a short text out of a header's value, with nothing in it that acts."""
    if isinstance(untrusted, bytes):
        untrusted = untrusted[: limit * 4].decode("utf-8", "replace")
    text = str(untrusted)[: limit * 4].split("\0")[0].strip()[:limit]
    return "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let a picture's size be a fact: no warning, no refusal; nothing of it outlasts the block."""
    from PIL import Image  # noqa: PLC0415 - only pictures need the library

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _read_with_pillow(stream: BinaryIO, kind: str) -> Header:
    from PIL import Image  # noqa: PLC0415 - only pictures need the library

    seen = stream if kind == "tiff" else io.BytesIO(stream.read(HEADER_BYTES))
    with Image.open(seen, formats=[READERS[kind]]) as picture:
        width, height = picture.size
        exif = _exif_of(picture, kind)
        said = plain(picture.info.get("XML:com.adobe.xmp", ""), MAX_COMMENT)
        software = plain(picture.info.get("Software", ""))
    return _header(width, height, exif, said, {"software": software} if software else {})


def _exif_of(picture: Picture, kind: str) -> Any:
    """Give the EXIF directory without touching pixels (a PNG's own method would decode them)."""
    from PIL import Image  # noqa: PLC0415 - only pictures need the library

    if kind == "tiff":
        return picture.getexif()
    return _loaded(picture.info.get("exif", b""), Image.Exif())


def _loaded(data: bytes, exif: Any) -> Any:
    if data:
        exif.load(data)
    return exif


def _read_webp(stream: BinaryIO) -> Header:
    """Walk a WebP's chunks: its own reader would set up a canvas of the whole picture."""
    from PIL import Image  # noqa: PLC0415 - only pictures need the library

    stream.seek(12)
    width = height = 0
    exif = Image.Exif()
    for _chunk in range(MAX_CHUNKS):
        head = stream.read(8)
        if len(head) < 8:  # noqa: PLR2004 - a chunk's name and length
            break
        name, length = head[:4], int.from_bytes(head[4:], "little")
        start = stream.tell()
        if name == b"EXIF":
            exif = _loaded(stream.read(min(length, HEADER_BYTES)), exif)
        elif not width:
            width, height = _webp_size(name, stream.read(10))
        stream.seek(start + length + length % 2)
    if not width:
        message = "no picture"
        raise ValueError(message)
    return _header(width, height, exif, "", {})


def _read_heif(stream: BinaryIO) -> Header:
    from PIL import Image  # noqa: PLC0415 - only pictures need the library

    width, height, data = read_heif(stream)
    if not width and not data:
        message = "neither size nor data"
        raise ValueError(message)
    return _header(width, height, _loaded(data, Image.Exif()), "", {})


def _webp_size(name: bytes, data: bytes) -> tuple[int, int]:
    """Read the size as the three kinds of first chunk write it (RFC 9649, 2.5 to 2.7)."""
    if name == b"VP8X":
        low, high, low2, high2 = _CANVAS.unpack(data)
        return (low | high << 16) + 1, (low2 | high2 << 16) + 1
    if name == b"VP8L" and data[:1] == b"\x2f":
        bits = int.from_bytes(data[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _header(width: int, height: int, exif: Any, said: str, facts: dict[str, str]) -> Header:
    inner, gps = exif.get_ifd(_EXIF_POINTER), exif.get_ifd(_GPS_POINTER)
    if width:
        facts |= {"width": str(width), "height": str(height)}
    for name, tag in _TEXTS.items():
        facts |= _fact(name, plain(exif.get(tag, "")))
    facts |= _fact("lens", plain(inner.get(_LENS, "")))
    facts |= _fact("gps", _position(gps)) | _fact("gps_utc", _gps_time(gps))
    said += plain(_comment(inner.get(_COMMENT, b"")), MAX_COMMENT)
    wall, fraction, offset, wrong = _time(inner)
    return Header(
        width=width,
        height=height,
        wall=wall,
        fraction=fraction,
        offset=offset,
        wrong_date=wrong,
        screenshot="screenshot" in said.casefold(),
        facts=facts,
    )


def _fact(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}


def _comment(value: object) -> object:
    """Leave out the eight bytes that name a comment's character code."""
    if isinstance(value, bytes):
        return value[8:] if value[:5] in {b"ASCII", b"UNICO", b"\0\0\0\0\0"} else value
    return value


def _time(inner: Mapping[int, Any]) -> tuple[datetime | None, bool, str, bool]:
    wrong = False
    for date_tag, part_tag, offset_tag in _TIMES:
        written = plain(inner.get(date_tag, ""))
        if not written:
            continue
        wall = _date(written)
        if wall is None:
            wrong = True
            continue
        digits = plain(inner.get(part_tag, ""))[:6]
        fraction = bool(digits) and digits.isascii() and digits.isdigit()
        if fraction:
            wall += timedelta(microseconds=int(digits.ljust(6, "0")))
        offset = plain(inner.get(offset_tag, ""))
        return wall, fraction, offset if _OFFSET.fullmatch(offset) else "", wrong
    return None, False, "", wrong


def _date(written: str) -> datetime | None:
    found = _DATE.match(written)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    try:
        return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type] # noqa: DTZ001 - six whole numbers; a wall time is naive
    except ValueError:
        return None


def _position(gps: Mapping[int, Any]) -> str:
    """Give latitude and longitude in decimal degrees, six digits, north and east positive."""
    latitude, longitude = _degrees(gps.get(2)), _degrees(gps.get(4))
    if latitude is None or longitude is None or latitude > 90 or longitude > 180:  # noqa: PLR2004 - the globe's
        return ""
    south, west = plain(gps.get(1, "")) == "S", plain(gps.get(3, "")) == "W"
    return f"{_decimal(latitude, minus=south)},{_decimal(longitude, minus=west)}"


def _degrees(value: object) -> Fraction | None:
    if not isinstance(value, tuple) or len(value) != 3:  # noqa: PLR2004 - degrees, minutes, seconds
        return None
    parts = [_fraction(part) for part in value]
    degrees, minutes, seconds = parts
    if degrees is None or minutes is None or seconds is None:
        return None
    return degrees + minutes / 60 + seconds / 3600


def _fraction(value: Any) -> Fraction | None:
    upper, lower = getattr(value, "numerator", None), getattr(value, "denominator", None)
    if not isinstance(upper, int) or not isinstance(lower, int) or lower <= 0 or upper < 0:
        return None
    return Fraction(upper, lower)


def _decimal(value: Fraction, *, minus: bool) -> str:
    millionths = round(value * 1_000_000)
    sign = "-" if minus and millionths else ""
    return f"{sign}{millionths // 1_000_000}.{millionths % 1_000_000:06d}"


def _gps_time(gps: Mapping[int, Any]) -> str:
    """Give the satellites' time, which is UTC, to the second."""
    clock = gps.get(7)
    if not isinstance(clock, tuple) or len(clock) != 3:  # noqa: PLR2004 - hours, minutes, seconds
        return ""
    parts = [_fraction(part) for part in clock]
    hour, minute, second = (-1 if part is None else int(part) for part in parts)
    moment = _date(f"{plain(gps.get(29, ''))} {hour:02d}:{minute:02d}:{second:02d}")
    return f"{moment.isoformat()}Z" if moment else ""

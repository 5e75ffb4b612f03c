# SPDX-License-Identifier: Apache-2.0
"""Pictures: the fixtures' golden readings, and what happens to hostile ones."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from standfast.model.event import Event, Question, Remark, Unreadable
from standfast.sources import Head, Neighbour, Options
from standfast.sources.formats.picture import FORMAT
from standfast.sources.picture_header import HeaderBroken, plain, read_header
from standfast.sources.tables import batch_of_events

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

FIXTURES = Path(__file__).parents[1] / "fixtures" / "picture"
PICTURES = sorted(path.name for path in FIXTURES.iterdir() if path.suffix != ".json")


@dataclass
class Memory:
    """A source that lies in memory."""

    data: bytes
    name: str = "picture.jpg"
    path: str = ""
    container: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.data)

    def progress(self, done: int) -> None:
        pass


def read(data: bytes, name: str = "picture.jpg", options: Options | None = None) -> list[Any]:
    return list(FORMAT.read(Memory(data, name), options or Options()))


def told(name: str) -> dict[str, Any]:
    """Read a fixture into what its golden file holds."""
    event, *others = read((FIXTURES / name).read_bytes(), name)
    assert isinstance(event, Event)
    batch_of_events([event])
    empty = Event(kind=event.kind, channel="photo", locator=event.locator)
    shown = {k: v for k, v in asdict(event).items() if v != asdict(empty)[k]}
    shown["span"] = [event.locator.start, event.locator.end]
    shown["others"] = [
        f"{type(item).__name__}:{getattr(item, 'code', '')}{getattr(item, 'reason', '')}"
        for item in others
    ]
    return json.loads(json.dumps(shown, default=str))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", size) + b"".join(chunks)
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def with_exif(**tags: Any) -> bytes:
    exif = Image.Exif()
    inner = exif.get_ifd(0x8769)
    names = {
        "original": 0x9003,
        "part": 0x9291,
        "offset": 0x9011,
        "digitized": 0x9004,
        "comment": 0x9286,
    }
    for name, value in tags.items():
        inner[names[name]] = value
    out = io.BytesIO()
    Image.new("L", (2, 2)).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("name", PICTURES)
def test_a_fixture_reads_as_its_golden_file_says(name: str) -> None:
    golden = json.loads((FIXTURES / "golden.json").read_text(encoding="utf-8"))
    assert told(name) == golden[name]


@pytest.mark.parametrize("name", [name for name in PICTURES if name != "empty.png"])
def test_a_picture_is_recognised_by_its_first_bytes(name: str) -> None:
    data = (FIXTURES / name).read_bytes()
    claim = FORMAT.recognise(Head("x", data, len(data)))
    assert claim is not None
    assert claim.confidence >= 85


def test_an_ending_alone_is_a_weak_claim_and_nothing_is_none() -> None:
    claim = FORMAT.recognise(Head("a.JPG", b"", 0))
    assert claim is not None
    assert claim.confidence == 10
    assert FORMAT.recognise(Head("a.jpg.txt", b"BM is how this text begins", 26)) is None


def test_a_clock_without_a_zone_is_a_question_until_somebody_answers() -> None:
    data = with_exif(original="2024:07:01 12:00:00")
    event, question = read(data)
    assert (event.zone, event.utc) == ("", None)
    assert isinstance(question, Question)
    event, *rest = read(data, options=Options(zone="Europe/Berlin", zone_basis="case"))
    assert (event.zone, event.zone_basis, rest) == ("Europe/Berlin", "case", [])
    assert event.utc is not None
    assert event.utc.isoformat() == "2024-07-01T10:00:00+00:00"


def test_an_offset_in_the_file_counts_more_than_what_somebody_said() -> None:
    data = with_exif(original="2024:07:01 12:00:00", offset="-05:30")
    event = read(data, options=Options(zone="Europe/Berlin"))[0]
    assert (event.zone, event.zone_basis) == ("-05:30", "in_file")
    assert event.utc.isoformat() == "2024-07-01T17:30:00+00:00"


def test_the_hour_that_is_shown_twice_is_marked() -> None:
    data = with_exif(original="2024:10:27 02:30:00")
    assert read(data, options=Options(zone="Europe/Berlin"))[0].native["clock"] == "fold"


@pytest.mark.parametrize(
    ("part", "microsecond", "precision"),
    [("5", 500000, "ms"), ("123", 123000, "ms"), ("123456789", 123456, "ms"), ("x", 0, "s")],
)
def test_a_part_of_a_second_is_a_decimal_fraction(
    part: str, microsecond: int, precision: str
) -> None:
    event = read(with_exif(original="2024:07:01 12:00:00", part=part))[0]
    assert (event.wall.microsecond, event.precision) == (microsecond, precision)


@pytest.mark.parametrize(
    "date", ["0000:00:00 00:00:00", "2024:13:01 00:00:00", "1024:01:01 00:00:00", "yesterday"]
)
def test_a_wrong_date_is_told_and_the_name_is_used(date: str) -> None:
    event, *others = read(with_exif(original=date), "IMG_20240312_201530.jpg")
    assert (event.wall.isoformat(), event.native["time_from"]) == ("2024-03-12T20:15:30", "name")
    assert "wrong_date" in [item.code for item in others if isinstance(item, Remark)]


@pytest.mark.parametrize("comment", ["Screenshot", b"ASCII\0\0\0Screenshot", b"a screenshot"])
def test_a_header_may_call_the_picture_a_screenshot(comment: object) -> None:
    assert read(with_exif(comment=comment))[0].detail == "screenshot"


def test_the_time_of_digitisation_stands_in_for_a_missing_exposure_time() -> None:
    event = read(with_exif(digitized="2024:07:01 12:00:00"))[0]
    assert event.wall.isoformat() == "2024-07-01T12:00:00"


def test_a_picture_too_large_to_open_is_kept_and_told() -> None:
    event, *others = read(png(60000, 60000))
    assert (event.native["width"], event.native["height"]) == ("60000", "60000")
    assert [item.code for item in others] == ["very_large"]
    assert Image.MAX_IMAGE_PIXELS is not None


def test_a_webp_with_a_vast_canvas_is_not_set_up() -> None:
    canvas = b"VP8X" + struct.pack("<I", 10) + b"\0" * 4 + b"\xff\xff\xff\xff\xff\xff"
    data = b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas
    event, *others = read(data, "a.webp")
    assert event.native["width"] == str(1 << 24)
    assert [item.code for item in others] == ["very_large"]


@pytest.mark.parametrize("lossless", [True, False])
def test_the_size_of_every_webp_is_read(lossless: bool) -> None:  # noqa: FBT001 - a parameter
    out = io.BytesIO()
    Image.new("RGB", (37, 21)).save(out, "WEBP", lossless=lossless)
    native = read(out.getvalue())[0].native
    assert (native["width"], native["height"]) == ("37", "21")


def test_a_text_bomb_in_a_png_is_damage() -> None:
    bomb = b"Comment\0\0" + zlib.compress(b"\0" * (100 << 20))
    event, problem = read(png(2, 2, chunk(b"zTXt", bomb)))
    assert event.wall is None
    assert isinstance(problem, Unreadable)
    assert problem.reason == "picture_damaged"


def test_a_file_only_named_like_a_picture_is_kept_and_told() -> None:
    event, problem = read(b"<html>", "Screenshot.png")
    assert (event.detail, event.locator.end) == ("screenshot", 6)
    assert problem.reason == "picture_unknown"


def test_an_unreadable_picture_is_accounted_for_once() -> None:
    event, problem = read(b"\xff\xd8\xff")
    assert (event.locator.start, event.locator.end) == (0, 3)
    assert (problem.locator.start, problem.locator.end) == (-1, -1)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a\u202eb", "a\\u202eb"),
        ("a\x1b[31m", "a\\u001b[31m"),
        (b"Caf\xc3\xa9\0rest", "Café"),
        ("x" * 1000, "x" * 256),
        (12, "12"),
    ],
)
def test_a_text_out_of_a_header_cannot_act(written: object, shown: str) -> None:
    assert plain(written) == shown


def test_the_library_refuses_by_one_error_only() -> None:
    with pytest.raises(HeaderBroken):
        read_header(io.BytesIO(b"GIF89a"), "gif")


def test_the_image_library_is_not_loaded_before_a_picture_is_read() -> None:
    program = (
        "import sys; from standfast.sources import known_formats; known_formats();"
        "sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def with_place(**tags: Any) -> bytes:
    exif = Image.Exif()
    exif[0x10F] = "Fictional"
    place = exif.get_ifd(0x8825)
    names = {"ns": 1, "latitude": 2, "ew": 3, "longitude": 4, "clock": 7, "day": 29}
    for name, value in tags.items():
        place[names[name]] = value
    out = io.BytesIO()
    Image.new("L", (2, 2)).save(out, "JPEG", exif=exif)
    return out.getvalue()


DEGREES = (52.0, 30.0, 0.0)


@pytest.mark.parametrize(
    ("tags", "gps", "gps_utc"),
    [
        ({"latitude": DEGREES, "longitude": DEGREES, "ns": "S", "ew": "W"}, "-52.5,-52.5", None),
        ({"latitude": (0.0, 0.0, 0.0), "longitude": (0.0, 0.0, 0.0), "ns": "S"}, "0.0,0.0", None),
        ({"latitude": (91.0, 0.0, 0.0), "longitude": DEGREES}, None, None),
        ({"latitude": DEGREES}, None, None),
        ({"latitude": (1.0, 2.0), "longitude": DEGREES}, None, None),
        ({"latitude": (IFDRational(1, 0), 2.0, 0.0), "longitude": DEGREES}, None, None),
        ({"clock": (19.0, 15.0, 29.0), "day": "2024:03:12"}, None, "2024-03-12T19:15:29Z"),
        ({"clock": (25.0, 15.0, 29.0), "day": "2024:03:12"}, None, None),
        ({"clock": (19.0, 15.0, 29.0)}, None, None),
        ({"clock": (19.0, 15.0), "day": "2024:03:12"}, None, None),
    ],
)
def test_a_place_is_told_only_when_it_is_one(
    tags: dict[str, Any], gps: str | None, gps_utc: str | None
) -> None:
    native = read(with_place(**tags))[0].native
    place = native.get("gps")
    assert (place and ",".join(str(float(part)) for part in place.split(","))) == gps
    assert native.get("gps_utc") == gps_utc


def test_a_webp_of_endless_chunks_is_left_off() -> None:
    body = b"ABCD\0\0\0\0" * 10_000
    event, problem = read(b"RIFF\0\0\0\0WEBP" + body, "a.webp")
    assert event.native == {"format": "webp"}
    assert problem.reason == "picture_damaged"


def test_a_heif_without_a_size_may_still_have_a_date() -> None:
    data = (FIXTURES / "IMG_0043.avif").read_bytes().replace(b"ispe", b"free")
    event, *others = read(data, "a.avif")
    assert (event.native["time_from"], "width" in event.native, others) == ("exif", False, [])

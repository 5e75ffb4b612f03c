# SPDX-License-Identifier: Apache-2.0
"""Small views of pictures: only a plain picture of bounded size is taken from a worker."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from hostile_worker import (
    SIZE,
    frame,
    worker,
)
from standfast.sources.reading import Order, Reader, ReadingStopped
from standfast.sources.viewing import EDGE

if TYPE_CHECKING:
    from pathlib import Path


def png(width: int = 3, height: int = 2, **changes: Any) -> bytes:
    """Write a PNG by hand, with some part changed."""
    kind = changes.get("kind", (8, 2, 0, 0, 0))
    header = struct.pack(">II5B", *changes.get("stated", (width, height)), *kind)
    rows = changes.get("rows", (b"\0" + bytes(3 * width)) * height)
    chunks = [(b"IHDR", header), *changes.get("more", []), (b"IDAT", zlib.compress(rows)),
              (b"IEND", b"")]  # fmt: skip
    out = b"\x89PNG\r\n\x1a\n"
    for name, data in changes.get("chunks", chunks):
        check = zlib.crc32(name + data) ^ changes.get("wrong", 0)
        out += struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
    return out


VIEWS = {
    "nothing": b"",
    "no picture": b"\x89PNG\r\n\x1a\n",
    "a bomb": png(rows=bytes(50 << 20)),
    "too wide": png(EDGE + 1, 1),
    "no rows": png(rows=b""),
    "too few rows": png(rows=bytes(5)),
    "another size": png(stated=(2, 2)),
    "no size": png(stated=(0, 2)),
    "colours by number": png(kind=(8, 3, 0, 0, 0)),
    "sixteen bits": png(kind=(16, 2, 0, 0, 0)),
    "woven rows": png(kind=(8, 2, 0, 0, 1)),
    "a text beside": png(more=[(b"tEXt", b"Comment\0<script>")]),
    "a profile beside": png(more=[(b"iCCP", b"x")]),
    "wrong sums": png(wrong=1),
    "an unknown filter": png(rows=(b"\x09" + bytes(9)) * 2),
    "bytes behind": png() + b"GIF89a",
    "a head alone": png(chunks=[(b"IHDR", struct.pack(">II5B", 3, 2, 8, 2, 0, 0, 0))]),
    "no pixels that unpack": png(
        chunks=[
            (b"IHDR", struct.pack(">II5B", 3, 2, 8, 2, 0, 0, 0)),
            (b"IDAT", b"x"),
            (b"IEND", b""),
        ]
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_that_is_no_plain_picture_is_malformed(tmp_path: Path, name: str) -> None:
    with worker(tmp_path, frame(b"v", VIEWS[name]), "time.sleep(60)") as reader:
        with pytest.raises(ReadingStopped) as stopped:
            reader.view(Order("a.png", SIZE, "a.png"))
        assert stopped.value.reason == "malformed"
        assert reader.pid == 0


def test_a_plain_view_is_taken_and_a_refusal_is_told(tmp_path: Path) -> None:
    with worker(tmp_path, frame(b"v", png())) as reader:
        assert reader.view(Order("a.png", SIZE, "a.png")) == png()
    with worker(tmp_path, frame(b"e", {"reason": "not_viewable", "detail": "No."})) as reader:
        with pytest.raises(ReadingStopped) as stopped:
            reader.view(Order("a.png", SIZE, "a.png"))
        assert (stopped.value.reason, stopped.value.detail) == ("not_viewable", "No.")
    with worker(tmp_path, frame(b"p", 1)) as reader, pytest.raises(ReadingStopped):
        reader.view(Order("a.png", SIZE, "a.png"))


def test_a_real_picture_is_viewed_through_the_real_worker(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (2000, 1000), "red").save(path)
    with Reader() as reader:
        view = reader.view(Order(path.name, path.stat().st_size, str(path)))
        assert Image.open(io.BytesIO(view)).size == (EDGE, EDGE // 2)
        path.write_bytes(b"\x89PNG no")
        with pytest.raises(ReadingStopped):
            reader.view(Order(path.name, path.stat().st_size, str(path)))

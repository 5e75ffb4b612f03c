# SPDX-License-Identifier: Apache-2.0
"""Photos and screenshots, drawn when they are needed: plain shapes, and text as on a screen.

Rules enforced here: a photo carries the time of its taking inside, as a phone writes it; a
screenshot carries none and says it by its name; the same picture is always the same bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFont

from standfast.demo.story import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PHOTO = (480, 360)
SCREEN = (360, 640)
EXIF_IFD = 0x8769
TAKEN, OFFSET = 0x9003, 0x9011
QUALITY = 80
Draw = ImageDraw.ImageDraw


def pictures() -> dict[str, bytes]:
    """Draw the pictures of Mira's phone, by file name."""
    return {one["name"]: _picture(one) for one in told("pictures")["pictures"]}


def chat_picture(name: str) -> bytes:
    """Draw a picture that came through a messenger, which takes the date out of it."""
    return _photo(told("pictures")["scenes"][name], {})


def _picture(facts: Mapping[str, Any]) -> bytes:
    return _screenshot(facts["screen"]) if "screen" in facts else _photo(facts["scene"], facts)


def _photo(scene: str, facts: Mapping[str, Any]) -> bytes:
    image = Image.new("RGB", PHOTO)
    SCENES[scene](ImageDraw.Draw(image))
    exif = Image.Exif()
    if "taken" in facts:
        inside = exif.get_ifd(EXIF_IFD)
        inside[TAKEN] = f"{facts['taken']:%Y:%m:%d %H:%M:%S}"
        inside[OFFSET] = facts["offset"]
    sink = io.BytesIO()
    image.save(sink, "JPEG", quality=QUALITY, exif=exif)
    return sink.getvalue()


def _screenshot(rows: Sequence[str]) -> bytes:
    image = Image.new("RGB", SCREEN, "#f4f1ea")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(16)
    draw.rectangle((0, 0, SCREEN[0], 28), fill="#3c4a3e")
    for place, row in enumerate(rows):
        draw.text((18, 50 + 30 * place), row, fill="#222222", font=font)
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()


def _flowers(draw: Draw) -> None:
    """Tulips under the wiper of a car."""
    draw.rectangle((0, 0, 480, 360), fill="#8fa3ad")
    draw.polygon([(40, 330), (110, 90), (370, 90), (440, 330)], fill="#43525b")
    draw.line([(60, 320), (330, 200)], fill="#1b1b1b", width=9)
    for step in range(5):
        x = 170 + 26 * step
        draw.line([(x, 230), (150, 300)], fill="#3f7d3a", width=5)
        draw.ellipse((x - 14, 190, x + 14, 236), fill="#c23b4b")


def _box(draw: Draw) -> None:
    """A carton in front of a door."""
    draw.rectangle((0, 0, 480, 360), fill="#b9aa94")
    draw.rectangle((150, 20, 330, 320), fill="#5e4632")
    draw.ellipse((300, 165, 316, 181), fill="#d8c27a")
    draw.rectangle((185, 235, 315, 335), fill="#c79a5b")
    draw.line([(185, 262), (315, 262)], fill="#8d6a38", width=4)


def _letter(draw: Draw) -> None:
    """A sheet full of lines."""
    draw.rectangle((0, 0, 480, 360), fill="#6d5c4b")
    draw.polygon([(90, 30), (400, 50), (380, 340), (70, 320)], fill="#f6f3ea")
    for row in range(11):
        draw.line([(110, 80 + 21 * row), (360, 92 + 21 * row)], fill="#4a4f6b", width=3)


def _sofa(draw: Draw) -> None:
    """A sofa in an empty room."""
    draw.rectangle((0, 0, 480, 260), fill="#e6ded0")
    draw.rectangle((0, 260, 480, 360), fill="#a5835c")
    draw.rounded_rectangle((90, 130, 390, 290), 30, fill="#47687a")
    draw.rounded_rectangle((70, 200, 410, 300), 24, fill="#55798c")


def _window(draw: Draw) -> None:
    """One lit window in a dark house."""
    draw.rectangle((0, 0, 480, 360), fill="#11141c")
    draw.rectangle((60, 30, 420, 360), fill="#1e222c")
    for row in range(3):
        for column in range(4):
            lit = (row, column) == (1, 2)
            x, y = 95 + 82 * column, 60 + 95 * row
            draw.rectangle((x, y, x + 46, y + 62), fill="#f2cf73" if lit else "#2b303c")


def _bicycle(draw: Draw) -> None:
    """A bicycle at a stand."""
    draw.rectangle((0, 0, 480, 360), fill="#9aa39b")
    for x in (110, 280):
        draw.ellipse((x, 180, x + 110, 290), outline="#222222", width=7)
    frame = [(165, 235), (215, 150), (310, 150), (335, 235), (250, 235), (215, 150)]
    draw.line(frame, fill="#2f6f4f", width=9)
    draw.line([(310, 150), (320, 115), (350, 115)], fill="#2f6f4f", width=7)


def _lake(draw: Draw) -> None:
    """A lake with a jetty."""
    draw.rectangle((0, 0, 480, 170), fill="#bcd3e2")
    draw.rectangle((0, 170, 480, 360), fill="#4f7f93")
    draw.polygon([(0, 170), (120, 110), (260, 170)], fill="#567a52")
    draw.polygon([(210, 360), (250, 360), (242, 210), (226, 210)], fill="#7c5f3f")


SCENES: Mapping[str, Callable[[Draw], None]] = {
    "flowers": _flowers,
    "box": _box,
    "letter": _letter,
    "sofa": _sofa,
    "window": _window,
    "bicycle": _bicycle,
    "lake": _lake,
}

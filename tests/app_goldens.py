# SPDX-License-Identifier: Apache-2.0
"""The main pages look as they did when somebody last looked at them.

A golden is a small picture of what the window shows (``tests/fixtures/app``). Both pictures are
divided into fields and the fields' mean colours compared: another way of drawing letters changes a
field by a few hundredths, a part that moved, vanished or changed its colour by much more. A little
text that differs each time (a time, a fingerprint) is too small to count.

``STANDFAST_GOLDEN=write`` writes them anew. Look at each before you keep it.
"""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageChops, ImageStat

from app_case import DESK, PHONE, App

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from app_case import Server

GOLDENS = Path(__file__).parent / "fixtures" / "app"
LOOKS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESK, "color_scheme": "light"},
    "phone": {"viewport": PHONE, "color_scheme": "dark"},
}
WIDTH = {"desk": 640, "phone": 260}
FIELDS = {"desk": (32, 22), "phone": (16, 34)}
FAR = 22
"""How much a field's mean may differ, of 255 in each colour."""
MOST_FAR = 0.02
"""The part of all fields that may differ by more."""
SAME_FOLDER = """document.querySelectorAll("main .small.quiet bdi").forEach(
  (one) => { if (one.textContent.includes("/")) one.textContent = "/media/mira/Notes"; })"""
"""Where a test's case lies is different each time, and nobody's business."""
LARGEST = 60_000
SHOWN = (
    "home", "add", "timeline", "event", "findings", "patterns", "people", "question", "knowledge",
    "dossier", "settings", "guidance",
)  # fmt: skip
FIRST_SHOWN = ("start", "start_passphrase", "start_sheet")


def picture(browser: Browser, server: Server, path: str, look: str) -> bytes:
    """Give what the window shows, small."""
    app = App(browser, server, storage_state=server.state, **LOOKS[look])
    page = app.visit(path)
    page.wait_for_load_state("networkidle")
    page.evaluate(SAME_FOLDER)
    page.evaluate("document.fonts.ready.then(() => true)")
    shot = Image.open(io.BytesIO(page.screenshot(animations="disabled", caret="hide")))
    app.clean()
    width = WIDTH[look]
    small = shot.convert("RGB").resize(
        (width, shot.height * width // shot.width), Image.Resampling.LANCZOS
    )
    out = io.BytesIO()
    small.quantize(96, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def far_fields(one: bytes, other: bytes, fields: tuple[int, int]) -> float:
    """Give the part of the fields whose mean colours are far from each other."""
    means = [
        Image.open(io.BytesIO(data)).convert("RGB").resize(fields, Image.Resampling.BOX)
        for data in (one, other)
    ]
    apart = ImageChops.difference(*means).split()
    most = ImageChops.lighter(ImageChops.lighter(apart[0], apart[1]), apart[2])
    far = most.point(lambda value: 255 if value > FAR else 0)
    return float(ImageStat.Stat(far).mean[0]) / 255


def same(name: str, seen: bytes, look: str) -> None:
    """Compare with the golden, or write it."""
    golden = GOLDENS / f"{name}-{look}.png"
    assert len(seen) <= LARGEST
    if os.environ.get("STANDFAST_GOLDEN") == "write":
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_bytes(seen)
        return
    assert golden.exists(), f"{golden.name} is not there: STANDFAST_GOLDEN=write makes it"
    assert far_fields(golden.read_bytes(), seen, FIELDS[look]) <= MOST_FAR, golden.name

# SPDX-License-Identifier: Apache-2.0
"""Files of ours that pages need: styles, scripts, the icon, the typeface."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

from standfast.web.page import Page
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from standfast.web.visit import Visit

STATIC = Path(__file__).parent.parent / "static"
FONTS = "fontpkg_atkinson_hyperlegible"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ttf": "font/ttf",
}


@cache
def _ours() -> dict[str, Path]:
    return {one.name: one for one in STATIC.iterdir() if one.suffix in TYPES}


def _fonts() -> dict[str, Path]:
    folder = Path(str(resources.files(FONTS) / "files"))
    return {one.name.rpartition("-")[2]: one for one in folder.glob("*.ttf")}


def _give(found: Path | None) -> Response:
    if found is None:
        raise NotFound
    return Response(found.read_bytes(), media_type=TYPES[found.suffix])


def _static(visit: Visit) -> Response:
    return _give(_ours().get(visit.params["name"]))


def _font(visit: Visit) -> Response:
    return _give(_fonts().get(visit.params["name"]))


PAGES = (
    Page(name="static", path="/z/{name}", get=_static, locked=True, active=False),
    Page(name="font", path="/z/font/{name}", get=_font, locked=True, active=False),
)

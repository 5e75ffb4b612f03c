# SPDX-License-Identifier: Apache-2.0
"""The design system on one page: every part in every state, for whoever builds pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


def _show(visit: Visit) -> Response:
    from standfast.web import charts  # noqa: PLC0415 - the first page must come at once

    return visit.render("designs.html", charts=charts, nowhere=lambda *_spot: "#main")


PAGES = (Page(name="designs", path="/y", get=_show, locked=True, active=False),)

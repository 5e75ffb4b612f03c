# SPDX-License-Identifier: Apache-2.0
"""Where a person arrives: what there is, and the one next thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.i18n import N_
from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


def _home(visit: Visit) -> Response:
    state = visit.desk.state
    return visit.render(
        "home.html",
        items=len(state.items),
        questions=len(visit.desk.questions()),
        people=len(state.people),
    )


PAGES = (Page(name="home", path="/", get=_home, menu=(0, N_("Start"))),)

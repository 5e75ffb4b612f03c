# SPDX-License-Identifier: Apache-2.0
"""Coming back: the passphrase, or the recovery code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


def _ask(visit: Visit) -> Response:
    if visit.room.unlocked:
        return visit.go("home")
    return visit.render("unlock.html", problem=None)


def _open(visit: Visit) -> Response:
    from standfast.desk import Unlock  # noqa: PLC0415 - the first page must come at once

    how = Unlock(passphrase=visit.form.get("passphrase", ""))
    with visit.problems() as caught:
        visit.room.unlock(visit.room.folder, how)
        return visit.go("home")
    return visit.render("unlock.html", problem=caught.problem, status=423)


PAGES = (Page(name="unlock", path="/u", get=_ask, post=_open, locked=True),)

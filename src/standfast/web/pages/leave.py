# SPDX-License-Identifier: Apache-2.0
"""Leaving at once: lock, end the session, and an empty page in place of this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from standfast.web.page import Page
from standfast.web.security import EMPTY

if TYPE_CHECKING:
    from standfast.web.visit import Visit


def _leave(visit: Visit) -> Response:
    visit.room.leave()
    answer = HTMLResponse(EMPTY)
    answer.delete_cookie(visit.room.sessions.cookie, httponly=True, samesite="strict")
    return answer


def _lock(visit: Visit) -> Response:
    visit.room.lock()
    return visit.go("unlock")


PAGES = (
    Page(name="leave", path="/l", post=_leave, locked=True, urgent=True),
    Page(name="lock", path="/l/k", post=_lock, locked=True, urgent=True),
)

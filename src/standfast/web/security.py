# SPDX-License-Identifier: Apache-2.0
"""What stands between the network and the pages.

Rules enforced here, for every request, before a page sees it:

* its ``Host`` is this server's own address (a name that was made to point here is refused);
* it carries the session's cookie, or the one-time token; nobody else is told anything but an empty
  page;
* the browser says that it came from our own pages (``Sec-Fetch-Site``, ``Origin``), and that its
  answer is not for a frame or a plug-in of another page;
* what changes something names its origin correctly; forms also carry the session's token, which the
  pages' own layer checks (`visit`);
* a body comes in steadily or not at all;

and for every answer, whatever made it: nothing is cached, framed, guessed or told to others, no
script or style but our own files runs, and no text becomes code (Trusted Types).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response

from standfast.web.sessions import COOKIE, TokenSpent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from standfast.web.room import Room

TOKEN_PATH = "/o/"  # noqa: S105 - a place, not a secret
BODY_SECONDS = 30.0
"""How long the next part of a body may take."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
SAFE_METHODS = frozenset({"GET", "HEAD"})
METHODS = SAFE_METHODS | {"POST", "PUT"}
OWN_SITES = frozenset({"", "same-origin"})
TYPED = "none"
FRAMES = frozenset({"frame", "iframe", "object", "embed", "fencedframe", "portal"})

EMPTY = "<!doctype html><html lang=en><meta charset=utf-8><title>Notes</title><body></html>"
"""What everybody else is shown, and the person too after leaving."""


class Guard:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, room: Room, hosts: frozenset[str]) -> None:
        """Stand before an app; ``hosts`` are the addresses this server has, with its port."""
        self.app = app
        self.room = room
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the app answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _seal(MutableHeaders(scope=message))
            await send(message)

        refusal = self._look(scope)
        answer: ASGIApp = refusal if refusal is not None else self.app
        await answer(scope, _steady(receive), sealed)

    def _look(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if scope["method"] not in METHODS:
            return Response(status_code=405)
        if headers.getlist("host") not in ([one] for one in self.hosts):
            return Response(status_code=421)
        if not _ours(scope["method"], headers, self.hosts):
            return Response(status_code=403)
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        session = self.room.sessions.find(cookie)
        if scope["path"].startswith(TOKEN_PATH):
            return self._enter(scope["path"].removeprefix(TOKEN_PATH), known=session is not None)
        if session is None:
            return HTMLResponse(EMPTY, 200 if self.room.left_at is not None else 403)
        scope["session"] = session
        return None

    def _enter(self, token: str, *, known: bool) -> Response:
        if known:
            return RedirectResponse("/", 303)
        try:
            session = self.room.sessions.bring(token)
        except TokenSpent:
            self.room.leave()
            return HTMLResponse(EMPTY, 403)
        if session is None:
            return HTMLResponse(EMPTY, 403)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, session.secret, httponly=True, samesite="strict", path="/")
        return answer


def _ours(method: str, headers: Headers, hosts: frozenset[str]) -> bool:
    """Say whether the browser says that a request is our own pages' (or typed by the person)."""
    site = headers.get("sec-fetch-site", "")
    if site not in OWN_SITES and not (site == TYPED and method in SAFE_METHODS):
        return False
    if headers.get("sec-fetch-dest", "") in FRAMES:
        return False
    origin = headers.get("origin", "")
    unsaid = origin in {"", "null"}  # what a form without a referrer sends
    return unsaid or origin in {f"http://{host}" for host in hosts}


def _seal(headers: MutableHeaders) -> None:
    for name, value in HEADERS.items():
        if name == "Content-Security-Policy" and name in headers:
            continue  # a download says something stricter
        headers[name] = value


def _steady(receive: Receive) -> Receive:
    async def within_time() -> Message:
        try:
            return await asyncio.wait_for(receive(), BODY_SECONDS)
        except TimeoutError:
            return {"type": "http.disconnect"}

    return within_time

# SPDX-License-Identifier: Apache-2.0
"""What stands between the network and the pages.

Rules enforced here, for every request, before a page sees it:

* its ``Host`` is this server's own address (a name that was made to point here is refused), its
  target is a path, and its length is said in one way only;
* it carries the session's cookie, or the one-time token; nobody else is told anything but an empty
  page;
* the browser says that it came from our own pages (``Sec-Fetch-Site``, ``Origin``), and that its
  answer is not for a frame or a plug-in of another page;
* what changes something names its origin correctly; forms also carry the session's token, which the
  pages' own layer checks (`visit`);
* a body comes in steadily or not at all, and stops at once when the person leaves or the server
  ends;

and for every answer, whatever made it: nothing is cached, framed, guessed or told to others, no
script or style but our own files runs, and no text becomes code (Trusted Types). A page may add a
stricter policy, never a looser one.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from anyio import fail_after, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse, Response

from standfast.web.bugs import tell_bug
from standfast.web.sessions import COOKIE, TokenSpent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from standfast.web.room import Room

TOKEN_PATH = "/o/"  # noqa: S105 - a place, not a secret
BODY_SECONDS = 30.0
"""How long the next part of a body may take."""
LOOK_SECONDS = 0.5
"""How long a body may go on after the person left."""
TARGET_BYTES = 2048

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
        room.sessions.cookie = COOKIE + min(hosts).rpartition(":")[2]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the app answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        begun = False

        async def sealed(message: Message) -> None:
            nonlocal begun
            begun = True
            await _seal(message, send)

        try:
            answer: ASGIApp = await self._look(scope) or self.app
            await answer(scope, _Body(receive, self.room).next, sealed)
        except Exception as bug:  # noqa: BLE001 - nobody but us may word what goes wrong
            tell_bug(bug)
            if not begun:
                await Response(status_code=500)(scope, receive, sealed)

    async def _look(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        status = _refusal(scope, headers, self.hosts)
        if status:
            ending = {"Connection": "close"} if status == HTTPStatus.BAD_REQUEST else None
            return Response(status_code=status, headers=ending)
        if self.room.left_at is not None:
            return self._nothing(200)
        session = self.room.sessions.find(*_cookies(headers, self.room.sessions.cookie))
        if scope["path"].startswith(TOKEN_PATH) and scope["method"] == "GET":
            token = scope["path"].removeprefix(TOKEN_PATH)
            return await self._enter(token, known=session is not None)
        if session is None:
            return self._nothing(403)
        scope["session"] = session
        return None

    def _nothing(self, status: int) -> Response:
        answer = HTMLResponse(EMPTY, status)
        if status == HTTPStatus.OK:
            answer.delete_cookie(self.room.sessions.cookie, httponly=True, samesite="strict")
        return answer

    async def _enter(self, token: str, *, known: bool) -> Response:
        if known:
            return RedirectResponse("/", 303)
        try:
            session = self.room.sessions.bring(token)
        except TokenSpent:
            await to_thread.run_sync(self.room.leave)
            return self._nothing(403)
        if session is None:
            return self._nothing(403)
        name = self.room.sessions.cookie
        answer = RedirectResponse("/", 303)
        answer.set_cookie(name, session.secret, httponly=True, samesite="strict", path="/")
        return answer


class _Body:
    """What comes in with a request: steadily, and only as long as the person is there."""

    def __init__(self, receive: Receive, room: Room) -> None:
        self._receive = receive
        self._room = room
        self._whole = False

    async def next(self) -> Message:
        """Give the next part; as if the browser had gone, where it takes too long."""
        waited = 0.0
        while not self._room.ending and (self._whole or waited < BODY_SECONDS):
            try:
                with fail_after(LOOK_SECONDS):
                    message = await self._receive()
            except TimeoutError:
                waited += LOOK_SECONDS
                continue
            self._whole = not message.get("more_body", False)
            return message
        return {"type": "http.disconnect"}


async def too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when there are more connections than the server can hold."""
    answer = Response(status_code=503, headers={"Connection": "close", "Retry-After": "1"})
    await answer(scope, receive, partial(_seal, send=send))


def bare(status: int) -> bytes:
    """Give an answer without words, for what cannot be understood."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in HEADERS.items()]
    return "\r\n".join([*lines, "Content-Length: 0", "Connection: close", "", ""]).encode("ascii")


def _refusal(scope: Scope, headers: Headers, hosts: frozenset[str]) -> int:
    """Give the status a request is refused with, whoever sent it; 0 if it is not."""
    target = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    if scope["method"] not in METHODS:
        return 405
    if headers.getlist("host") not in ([one] for one in hosts):
        return 421
    if len(target) > TARGET_BYTES:
        return 414
    twice = "transfer-encoding" in headers and "content-length" in headers
    if twice or not target.startswith(b"/"):
        return 400
    return 0 if _ours(scope["method"], headers, hosts) else 403


def _cookies(headers: Headers, name: str) -> list[str]:
    """Give every cookie of a name: another program on this computer can have set one as well."""
    pairs = [one.partition("=") for one in ";".join(headers.getlist("cookie")).split(";")]
    return [value.strip() for key, _is, value in pairs if key.strip() == name]


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


async def _seal(message: Message, send: Send) -> None:
    if message["type"] == "http.response.start":
        headers = MutableHeaders(scope=message)
        own = headers.getlist("content-security-policy")
        for name, value in HEADERS.items():
            headers[name] = value
        for policy in own:  # a browser obeys every one of several policies
            headers.append("Content-Security-Policy", policy)
    await send(message)

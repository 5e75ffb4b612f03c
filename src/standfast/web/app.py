# SPDX-License-Identifier: Apache-2.0
"""The app: every page behind one guard.

Rules enforced here:

* whatever is sent to a page carries the session's token, in its form or in a header, before the
  page sees any of it;
* a form is small and there at once; only an upload may take its time;
* leaving and locking are answered even while every other page waits for slow work;
* an address that means nothing leads to the start, without a word about it.

A page's function is plain Python and runs in a thread; what streams in is given to it part by part.
What goes wrong becomes a calm page: an error of the desk with its own sentences, a bug of ours
without anything that was being worked on.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, Lock, create_task_group, fail_after, sleep, to_thread
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router

from standfast.errors import Damaged, InputUnreadable, StandfastError, WrongUsage
from standfast.errors import Locked as CaseLocked
from standfast.i18n import LANGUAGES, set_language
from standfast.web.bugs import tell_bug
from standfast.web.keys import Expired
from standfast.web.page import Page, first_pages, pages
from standfast.web.security import SAFE_METHODS, Guard
from standfast.web.streams import proven
from standfast.web.visit import FORM_BYTES, Locked, NotFound, Visit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from standfast.web.room import Room

SOON_SECONDS = 0.5
THREADS = 8
URGENT_THREADS = 2
FORM_SECONDS = 30.0
"""How long a form may take until it is there."""
STATUS = {WrongUsage: 400, InputUnreadable: 422, CaseLocked: 423, Damaged: 409}
"""What an error means to a browser; others are 500."""


def create_app(room: Room, hosts: frozenset[str]) -> ASGIApp:
    """Make the app for one room; ``hosts`` are its own addresses, with the port."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.threads = {False: CapacityLimiter(THREADS), True: CapacityLimiter(URGENT_THREADS)}
        async with create_task_group() as behind:
            behind.start_soon(rest.load_soon)
            yield
            behind.cancel_scope.cancel()
        await to_thread.run_sync(room.close)

    rest = _Rest(room)
    routes = _routes(first_pages(), room)
    handlers = {404: _nothing_there, 405: _nothing_there}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.router.default = rest
    return Guard(app, room, hosts)


def _routes(found: Iterable[Page], room: Room) -> list[Route]:
    return [Route(one.path, _endpoint(one, room), methods=one.methods) for one in found]


class _Rest:
    """The pages that nobody needs before a case is open: loaded behind the first, or when asked."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._router: Router | None = None
        self._loading = Lock()

    async def load_soon(self) -> None:
        """Load them once the first page had its time."""
        await sleep(SOON_SECONDS)
        await self.load()

    async def load(self) -> Router:
        """Load them, once."""
        async with self._loading:
            if self._router is None:
                made = await to_thread.run_sync(lambda: _routes(pages(), self._room))
                self._router = Router(made, redirect_slashes=False)
            return self._router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        router = await self.load()
        await router(scope, receive, send)


async def _nothing_there(_request: Request, _problem: Exception) -> Response:
    return RedirectResponse("/", 303)


def _endpoint(page: Page, room: Room) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if page.active and not _by_itself(request):
            room.touch()
        run = partial(to_thread.run_sync, limiter=request.app.state.threads[page.urgent])
        streams = page.receive is not None and (request.method == "PUT" or page.post is None)
        visit = _visit(page, room, request)
        if streams and request.method not in SAFE_METHODS:
            return await _receive(visit, request, run)
        body = await _small_body(request)
        if body is None:
            return _broken_off()
        visit.body = body
        return await run(partial(_answer, visit))

    return answer


def _by_itself(request: Request) -> bool:
    """Say whether a browser without scripts only shows a page again, as it was told to."""
    unseen: set[str] = request.scope["session"].unseen
    if request.method not in SAFE_METHODS or request.url.path not in unseen:
        return False
    unseen.discard(request.url.path)
    return True


def _visit(page: Page, room: Room, request: Request) -> Visit:
    return Visit(
        room=room,
        session=request.scope["session"],
        page=page,
        method=request.method,
        path=request.url.path,
        headers=request.headers,
        params={key: str(value) for key, value in request.path_params.items()},
    )


async def _small_body(request: Request) -> bytes | None:
    """Read a form, as much of it as a form may have; ``None`` if it does not come whole."""
    if request.method in SAFE_METHODS:
        return b""
    body = bytearray()
    try:
        with fail_after(FORM_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > FORM_BYTES:
                    break
    except (ClientDisconnect, TimeoutError):
        return None
    return bytes(body)


def _answer(visit: Visit) -> Response:
    """Have a page answer, in a thread."""
    _speak(visit)
    with visit.room.using() as sitting:
        visit._sitting = sitting  # noqa: SLF001 - a visit is made here
        if sitting is None and not visit.page.locked:
            return RedirectResponse(visit.url("unlock"), 303)
        return told(visit, partial(_act, visit))


def _act(visit: Visit) -> Response:
    page = visit.page
    if visit.method in SAFE_METHODS:
        return page.get(visit) if page.get else visit.go("home")
    if len(visit.body) > FORM_BYTES:
        return _not_ours(visit, 413)
    if not visit.token_fits:
        return _not_ours(visit, 403)
    return page.post(visit) if page.post else visit.go("home")


def _broken_off() -> Response:
    """Answer what did not come whole, and have the connection end."""
    return Response(status_code=400, headers={"Connection": "close"})


def _not_ours(visit: Visit, status: int) -> Response:
    return visit.render("problem.html", status=status, message="", hint="")


def told(visit: Visit, work: Callable[[], Response]) -> Response:
    """Run a page, and make a page of what goes wrong."""
    try:
        return work()
    except Locked:
        return RedirectResponse(visit.url("unlock"), 303)
    except (Expired, NotFound):
        return visit.render("expired.html", status=410)
    except StandfastError as problem:
        status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 500)
        facts = {"message": problem.message, "hint": problem.hint}
        return visit.render("problem.html", status=status, **facts)
    except Exception as bug:  # noqa: BLE001 - a bug of ours must not show what a case holds
        tell_bug(bug)
        return visit.render("bug.html", status=500)


def _speak(visit: Visit) -> None:
    """Speak the language that was chosen, or the browser's."""
    wanted = visit.room.language
    if not wanted:
        asked = visit.headers.get("accept-language", "").split(",")
        short = [one.split(";")[0].strip()[:2].lower() for one in asked]
        wanted = next((one for one in short if one in LANGUAGES), LANGUAGES[0])
    set_language(wanted)


async def _receive(
    visit: Visit, request: Request, run: Callable[..., Awaitable[Response]]
) -> Response:
    """Have a page take a stream that came from one of our pages."""
    _speak(visit)
    receive = visit.page.receive
    with visit.room.using() as sitting:
        visit._sitting = sitting  # noqa: SLF001 - as above
        if receive is None or (sitting is None and not visit.page.locked):
            return RedirectResponse(visit.url("unlock"), 303)
        try:
            stream = await proven(visit, request.stream())
            if stream is None:
                return await run(partial(told, visit, partial(_not_ours, visit, 403)))
            return await receive(visit, stream)
        except ClientDisconnect:
            return _broken_off()
        except Exception as problem:  # noqa: BLE001 - told like everything else
            failed = problem

            def again() -> Response:
                raise failed

            return await run(partial(told, visit, again))

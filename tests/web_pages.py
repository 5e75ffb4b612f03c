# SPDX-License-Identifier: Apache-2.0
"""A stand-in for an open case, and pages that misbehave, for attacks on the app's core."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.errors import WrongPassphrase
from standfast.vault.opening import Unlock
from standfast.web import page
from standfast.web.page import Page
from standfast.web.room import Room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.responses import Response

    from standfast.web.visit import Visit

SECRET = "what nobody must read anywhere"
PHRASE = "several quiet words"
BIG = 8 << 20


class StandIn:
    """A case that notices when it is used after it was closed."""

    folder = Path("somewhere")
    case_id = "case"
    behind = False
    as_of = ""

    def __init__(self) -> None:
        self.closed = False
        self.written = 0

    @classmethod
    def begin(cls, _folder: Path, how: Unlock) -> StandIn:
        if how.passphrase != PHRASE:
            raise WrongPassphrase(SECRET)
        return cls()

    def look(self) -> StandIn:
        assert not self.closed, "used after it was closed"
        return self

    def write(self, work: Callable[[Any], Any]) -> Any:
        return work(self.look())

    def close(self) -> None:
        assert not self.closed, "closed twice"
        self.closed = True


PLACE = Path("somewhere")


def open_room() -> Room:
    """Open the stand-in as a person does."""
    room = Room(PLACE, begin=StandIn.begin)
    room.unlock(PLACE, Unlock(PHRASE))
    return room


class Uploads:
    """What the streaming page was given."""

    def __init__(self) -> None:
        self.bytes = 0
        self.begun = threading.Event()
        self.whole = threading.Event()
        self.broken = threading.Event()


UPLOADS = Uploads()


async def _take(visit: Visit, parts: AsyncIterator[bytes]) -> Response:
    try:
        async for part in parts:
            UPLOADS.bytes += len(part)
            UPLOADS.begun.set()
            visit.desk.look()
    except BaseException:
        UPLOADS.broken.set()
        raise
    UPLOADS.whole.set()
    return visit.json({"bytes": UPLOADS.bytes})


def _bug(_visit: Visit) -> Response:
    raise ValueError(SECRET)


def _slow(visit: Visit) -> Response:
    """Use the case for a while, as a page does that draws a large chart."""
    for _turn in range(20):
        visit.desk.look()
        time.sleep(0.005)
    return visit.json({})


def _stuck(visit: Visit) -> Response:
    time.sleep(1.5)
    return visit.json({})


def _big(visit: Visit) -> Response:
    return visit.file(b"x" * BIG, "application/zip", "a.zip")


def _echo(visit: Visit) -> Response:
    return visit.json({key: visit.form.getlist(key) for key in visit.form})


def _job(visit: Visit) -> Response:
    def work(sitting: Any, progress: Any) -> str:
        progress.start("at work", 100)
        for _step in range(100):
            sitting.look()
            progress.step(1)
            time.sleep(0.02)
        return SECRET

    return visit.start("Work", work)


def _picture(visit: Visit) -> Response:
    return visit.file(b"<script>alert(1)</script>", "image/png")


def _saved(visit: Visit) -> Response:
    return visit.file(b"<script>alert(1)</script>", "text/html", "x\u202e/../..\r\nA: b.html")


MISBEHAVING = (
    Page(name="t_up", path="/test/u", receive=_take),
    Page(name="t_bug", path="/test/b", get=_bug, post=_bug),
    Page(name="t_slow", path="/test/s", get=_slow),
    Page(name="t_stuck", path="/test/w", get=_stuck),
    Page(name="t_big", path="/test/l", get=_big),
    Page(name="t_echo", path="/test/e", get=_slow, post=_echo),
    Page(name="t_job", path="/test/j", get=_slow, post=_job),
    Page(name="t_picture", path="/test/p", get=_picture),
    Page(name="t_saved", path="/test/d", get=_saved),
)


def misbehaving(set_to: Callable[[str, Any], None]) -> None:
    """Have the app serve them as well; ``set_to`` puts a value in a place."""
    everything = (*page.pages(), *MISBEHAVING)
    set_to("standfast.web.app.pages", lambda: everything)

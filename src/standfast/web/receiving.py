# SPDX-License-Identifier: Apache-2.0
"""Files that stream in, each kept while it comes.

Rules enforced here:

* what comes goes through memory, a few parts at a time, into the desk; nothing is put aside;
* names are those that were announced, or what a form says; both are text and lead nowhere;
* how much may come is bounded by the space where the case lies, and that is said before;
* a file that breaks off is not kept, and may be sent again.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread
from starlette.requests import ClientDisconnect

from standfast.errors import CaseBusy, InputUnreadable, StandfastError, TooLarge, WrongUsage
from standfast.i18n import _
from standfast.web import uploads
from standfast.web.intake import BrokenOff, taking
from standfast.web.multipart import Begins, Ends, Form, place_of
from standfast.web.rendering import size as size_words
from standfast.web.uploads import Sent, Upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from standfast.desk import Added, Desk
    from standfast.web.intake import Intake
    from standfast.web.visit import Visit

FILES: Final = 100_000
LIST_BYTES: Final = 32 << 20
STAMP: Final = 40
RESERVE: Final = 64 << 20
"""Bytes that stay free where the case lies."""
PATIENCE: Final = 600.0
"""Seconds one file waits until another is kept or read."""


# -- what will come ------------------------------------------------------------------------------


async def read_list(stream: AsyncIterator[bytes]) -> list[Sent]:
    """Read the list of files that a script says it will send.

    Raises:
        TooLarge: it is far too long. InputUnreadable: it is no such list.
    """
    data = bytearray()
    async for part in stream:
        data += part
        if len(data) > LIST_BYTES:
            raise _too_many()
    try:
        given = json.loads(data)["files"]
        found = [_announced(one) for one in given[: FILES + 1]]
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise InputUnreadable(
            _("The list of files could not be read. Nothing was added."),
            hint=_("Load the page again and choose the files once more."),
        ) from problem
    if len(found) > FILES:
        raise _too_many()
    return found


def _announced(one: Any) -> Sent:
    untrusted_name, size, modified = one["name"], one["size"], one.get("modified", "")
    if not isinstance(untrusted_name, str) or not isinstance(modified, str):
        raise TypeError
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise TypeError
    name, folder = place_of(untrusted_name)
    return Sent(name or "-", folder, size, modified[:STAMP])


def _too_many() -> TooLarge:
    return TooLarge(
        _("These are more than {count} files at once. Nothing was added.").format(count=FILES),
        hint=_("Add one folder after the other."),
    )


def must_fit(visit: Visit, size: int) -> None:
    """Refuse what the disk has no room for.

    Raises:
        TooLarge: nothing was added.
    """
    free = max(0, shutil.disk_usage(visit.sitting.folder).free - RESERVE)
    if size > free:
        raise TooLarge(
            _("There is not enough room: {needed} would come, and {free} is free.").format(
                needed=size_words(size), free=size_words(free)
            ),
            hint=_("Nothing was added. Choose fewer files, or make room where the case lies."),
        )


def length_of(visit: Visit) -> int:
    """Give how long the body says it is.

    Raises:
        InputUnreadable: it does not say.
    """
    told = visit.headers.get("content-length", "")
    if not told.isdecimal():
        raise InputUnreadable(
            _("The browser does not say how much it sends. Nothing was added."),
            hint=_("Choose the files again, or use another browser."),
        )
    return int(told)


# -- taking it -----------------------------------------------------------------------------------


async def take_one(visit: Visit, sent: Sent, stream: AsyncIterator[bytes]) -> None:
    """Keep one announced file; what became of it stands in ``sent``."""
    sent.state, sent.received, sent.reason = uploads.COMING, 0, ""
    try:
        must_fit(visit, length_of(visit))
        async with taking(partial(_keep, visit, sent)) as intake:
            async for part in stream:
                sent.received += len(part)
                visit.room.touch()  # who sends is there
                await intake.put(part)
            sent.settle(await intake.done())
    except CaseBusy as problem:
        sent.interrupt(problem.message)
    except StandfastError as problem:
        _leave_out(sent, problem)
    finally:
        if sent.state == uploads.COMING:
            sent.interrupt()
    _say_if_changed(sent)


def _keep(visit: Visit, sent: Sent, parts: Iterator[bytes]) -> Added:
    """Keep a file, in a thread."""

    def take(desk: Desk) -> Added:
        return desk.take(sent.name, sent.folder, parts, modified=sent.modified)

    return visit.sitting.write(take, patience=PATIENCE)


def _leave_out(sent: Sent, problem: StandfastError) -> None:
    sent.state = uploads.LEFT_OUT
    sent.reason = f"{problem.message} {problem.hint}".strip()


def _say_if_changed(sent: Sent) -> None:
    if sent.state == uploads.KEPT and sent.received != sent.size and not sent.reason:
        sent.reason = _("It changed while it was being taken in; what was read then is kept.")


async def take_form(visit: Visit, upload: Upload, stream: AsyncIterator[bytes]) -> None:
    """Keep every file of a form as it streams in.

    Raises:
        TooLarge, InputUnreadable, WrongUsage: the form as a whole; what was kept stays kept.
    """
    must_fit(visit, length_of(visit))
    form = Form(visit.headers.get("content-type", ""))
    pieces = _pieces(visit, form, stream)
    with suppress(BrokenOff):
        async for piece in pieces:
            if isinstance(piece, Begins):
                sent = Sent(piece.name, piece.folder, 0)
                upload.files.append(sent)
                await _take_part(visit, sent, pieces)
    if not form.whole:
        raise WrongUsage(
            _("The sending ended early. What came whole is kept."),
            hint=_("Add the missing files again; what is there already is not kept twice."),
        )


async def _pieces(
    visit: Visit, form: Form, stream: AsyncIterator[bytes]
) -> AsyncIterator[Begins | bytes | Ends]:
    async for data in stream:
        visit.room.touch()  # who sends is there
        for piece in form.feed(data):
            yield piece


async def _take_part(
    visit: Visit, sent: Sent, pieces: AsyncIterator[Begins | bytes | Ends]
) -> None:
    """Keep one file of a form; one that cannot be kept is passed over with its reason."""
    sent.state = uploads.COMING
    try:
        async with taking(partial(_keep, visit, sent)) as intake:
            await _feed(intake, sent, pieces)
            sent.settle(await intake.done())
    except (BrokenOff, ClientDisconnect):
        sent.interrupt()
        raise
    except StandfastError as problem:
        _leave_out(sent, problem)
        async for piece in pieces:
            if not isinstance(piece, bytes):
                break


async def _feed(
    intake: Intake[Added], sent: Sent, pieces: AsyncIterator[Begins | bytes | Ends]
) -> None:
    async for piece in pieces:
        if not isinstance(piece, bytes):
            return
        sent.size = sent.received = sent.received + len(piece)
        await intake.put(piece)
    raise BrokenOff


async def announce(visit: Visit, upload: Upload) -> None:
    """Have the case remember what will come, should the server be killed meanwhile."""
    must_fit(visit, upload.total)
    names = [(path_of(one), one.size) for one in upload.files]

    def work() -> None:
        visit.sitting.write(lambda desk: desk.announce(upload.id, names), patience=PATIENCE)

    await to_thread.run_sync(work)


def path_of(sent: Sent) -> str:
    """Give folder and name as one, as the desk does."""
    return f"{sent.folder}/{sent.name}" if sent.folder else sent.name

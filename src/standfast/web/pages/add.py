# SPDX-License-Identifier: Apache-2.0
"""Adding: files are sent, each is kept while it comes, then what is readable is read.

Without scripts one form does it all. With them every file is sent by itself, and its progress is
shown; either way the state is the server's, so a page that is loaded again knows it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from anyio import to_thread

from standfast.desk.outcomes import Added, became, outcomes
from standfast.desk.reading_on import read_on, unread_items
from standfast.errors import StandfastError
from standfast.i18n import N_, _
from standfast.web import receiving, uploads
from standfast.web.page import Page
from standfast.web.pages.questions import next_step
from standfast.web.uploads import Upload, uploads_of
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from standfast.desk import Desk
    from standfast.desk.progress import Progress
    from standfast.desk.sitting import Sitting
    from standfast.web.uploads import Sent
    from standfast.web.visit import Visit

SHOWN: Final = 200
"""Files a page lists; a person does not read more, and the rest is counted."""


# -- the page ------------------------------------------------------------------------------------


def _show(visit: Visit) -> Response:
    desk = visit.desk
    here = uploads_of(visit.sitting)
    return visit.render(
        "add/choose.html",
        unread=len(unread_items(desk)),
        items=len(desk.state.items),
        lost=_lost(visit),
        active=[(visit.key(one.id), one) for one in here.unfinished() if one.files],
    )


def _lost(visit: Visit) -> list[dict[str, Any]]:
    """Give the uploads that ended early: nobody sends them any more, and files are missing."""
    sending = {one.id for one in uploads_of(visit.sitting).unfinished()}
    lost = [one for one in visit.desk.pending() if one.upload not in sending and one.missing]
    return [
        {
            "key": visit.key(one.upload),
            "announced": one.announced,
            "names": [name for name, _size in one.missing[:SHOWN]],
            "missing": len(one.missing),
            "more": max(0, len(one.missing) - SHOWN),
            "arrived": len(one.names) - len(one.missing),
        }
        for one in lost
    ]


def _forget(visit: Visit) -> Response:
    """Forget what was announced and did not come."""
    upload = str(visit.value(visit.params["key"]))
    visit.write(lambda desk: desk.settled(upload))
    return visit.go("add")


# -- without scripts -----------------------------------------------------------------------------


async def _form(visit: Visit, stream: AsyncIterator[bytes]) -> Response:
    """Keep the files of a form."""
    upload = uploads_of(visit.sitting).begin()
    failed = None
    try:
        await receiving.take_form(visit, upload, stream)
    except StandfastError as problem:
        failed = problem
    if failed is not None:
        if not upload.files:
            upload.read = True
            raise failed
        upload.trouble = f"{failed.message} {failed.hint}".strip()
    if not upload.files:
        upload.read = True
        visit.say(_("No file was chosen."), tone="attention")
        return visit.go("add")
    return await to_thread.run_sync(partial(_begin_reading, visit, upload))


# -- with scripts --------------------------------------------------------------------------------


async def _announce(visit: Visit, stream: AsyncIterator[bytes]) -> Response:
    """Take notice of what a script will send."""
    try:
        upload = Upload(await receiving.read_list(stream))
        await receiving.announce(visit, upload)
    except StandfastError as problem:
        return visit.json({"problem": f"{problem.message} {problem.hint}".strip()}, status=422)
    uploads_of(visit.sitting).remember(upload)
    return visit.json({"address": visit.url("add_upload", key=visit.key(upload.id))})


def _upload_of(visit: Visit) -> Upload:
    found = uploads_of(visit.sitting).find(visit.value(visit.params["key"]))
    if found is None:
        raise NotFound
    return found


async def _put(visit: Visit, stream: AsyncIterator[bytes]) -> Response:
    """Keep one announced file; the header ``X-File`` says which."""
    upload, number = _upload_of(visit), visit.headers.get("x-file", "")
    if not number.isdecimal() or int(number) >= len(upload.files):
        raise NotFound
    sent = upload.files[int(number)]
    if sent.state == uploads.COMING:
        return visit.json(_row(int(number), sent), status=409)
    if sent.state not in (uploads.KEPT, uploads.KNOWN):
        await receiving.take_one(visit, sent, stream)
    return visit.json(_row(int(number), sent))


def _row(number: int, sent: Sent) -> dict[str, object]:
    return {"n": number, "state": sent.state, "percent": sent.percent, "words": state_words(sent)}


def _state(visit: Visit) -> Response:
    """Tell the page's script how far an upload is."""
    upload = _upload_of(visit)
    rows = [_row(number, sent) for number, sent in upload.notable(SHOWN)]
    return visit.json({"rows": rows, **_sums(upload)})


def _sums(upload: Upload) -> dict[str, object]:
    counts = upload.counts
    settled = sum(counts[one] for one in uploads.OVER)
    return {
        "done": upload.received,
        "total": upload.total,
        "told": _("{count} of {all} files").format(count=settled, all=len(upload.files)),
        "coming": counts[uploads.COMING],
    }


def _account(visit: Visit) -> Response:
    """Show how far an upload is, for a page that was loaded again."""
    upload = _upload_of(visit)
    rows = [(sent, state_words(sent)) for _number, sent in upload.notable(SHOWN)]
    more = max(0, len(upload.files) - SHOWN)
    key = visit.params["key"]
    return visit.render(
        "add/upload.html", upload=upload, rows=rows, more=more, key=key, sums=_sums(upload)
    )


def _finish(visit: Visit) -> Response:
    """Go on to reading, with what has come."""
    return _begin_reading(visit, _upload_of(visit))


# -- reading -------------------------------------------------------------------------------------


def _begin_reading(visit: Visit, upload: Upload) -> Response:
    upload.read = True
    again = {one.sha256 for one in upload.files if one.state == uploads.KNOWN}

    def work(sitting: Sitting, progress: Progress) -> None:
        sitting.write(_settle, patience=receiving.PATIENCE)
        read_on(sitting, progress, again)

    after = visit.url("add_result", key=visit.key(upload.id))
    return visit.start(_("Reading what you added"), work, after)


def _settle(desk: Desk) -> None:
    """Forget what was announced and has come whole."""
    for one in desk.pending():
        if not one.missing:
            desk.settled(one.upload)


def _read(visit: Visit) -> Response:
    """Read what is kept and was not read, because reading was stopped."""
    items = visit.desk.state.items
    files = [items[one] for one in unread_items(visit.desk)]
    upload = uploads_of(visit.sitting).begin(
        [
            uploads.Sent(one.name, one.folder, one.size, "", uploads.KEPT, one.size, one.sha256)
            for one in files
        ]
    )
    return _begin_reading(visit, upload)


def _result(visit: Visit) -> Response:
    """Say of each file what became of it, and what comes next."""
    upload, desk = _upload_of(visit), visit.desk
    told = outcomes(desk, [_added(desk, sent) for sent in upload.files])
    rows = [(one, became(one)) for one in sorted(told, key=_first_what_needs_words)[:SHOWN]]
    return visit.render(
        "add/result.html",
        trouble=upload.trouble,
        rows=rows,
        more=max(0, len(told) - SHOWN),
        files=len(told),
        events=sum(one.events for one in told),
        waiting=len(unread_items(desk)),
        open_questions=sum(one.questions for one in told),
        after=next_step(visit),
    )


def _added(desk: Desk, sent: Sent) -> Added:
    path = receiving.path_of(sent)
    if sent.sha256 and sent.sha256 in desk.state.items:
        return Added(path, sent.state, sent.sha256, sent.size, reason=sent.reason)
    reason = sent.reason or _("It did not come whole. Add it again.")
    return Added(path, "left_out", size=sent.size, reason=reason)


def _first_what_needs_words(one: Added) -> tuple[bool, bool, bool]:
    return (one.outcome != "left_out", not one.reason, not one.questions)


# -- words ---------------------------------------------------------------------------------------


def state_words(sent: Sent) -> str:
    """Word how far a file is."""
    if sent.state == uploads.LEFT_OUT:
        return _("Not taken in. {reason}").format(reason=sent.reason)
    if sent.state == uploads.KEPT:
        kept = _("Kept ({hash}).").format(hash=sent.short_hash)
        return f"{kept} {sent.reason}".strip()
    return {
        uploads.KNOWN: _("Already in the case."),
        uploads.COMING: _("{percent} %").format(percent=sent.percent),
        uploads.WAITING: sent.reason or _("Waiting."),
    }[sent.state]


PAGES = (
    Page(name="add", path="/a", get=_show, menu=(10, N_("Add"))),
    Page(name="add_form", path="/a/p", receive=_form),
    Page(name="add_list", path="/a/u", receive=_announce),
    Page(name="add_upload", path="/a/u/{key}", get=_account, post=_finish, receive=_put),
    Page(name="add_state", path="/a/u/{key}/s", get=_state, active=False),
    Page(name="add_result", path="/a/r/{key}", get=_result),
    Page(name="add_read", path="/a/g", post=_read),
    Page(name="add_forget", path="/a/o/{key}", post=_forget),
)

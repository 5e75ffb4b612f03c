# SPDX-License-Identifier: Apache-2.0
"""Verify: is a bundle, or this case, as it was left?

A bundle streams into a nameless encrypted file of the case folder and is gone when the case is
closed; nothing of it is added. The answer is the verifier's own, word for word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk import receiving
from standfast.errors import WrongUsage
from standfast.i18n import N_, _
from standfast.web.intake import taking
from standfast.web.multipart import Begins, Ends, Form
from standfast.web.page import Page
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from standfast.desk import Desk, Progress, Sitting
    from standfast.desk.receiving import Brought, Judged
    from standfast.web.intake import Intake
    from standfast.web.jobs import Job
    from standfast.web.visit import Visit

DROP = {"drop": "verify"}
"""What the key in the form's address stands for: only our own page can name it."""


def _ask(visit: Visit) -> Response:
    return visit.render("verify/ask.html", drop=visit.key(DROP))


# -- something is brought ----------------------------------------------------------------------


async def _drop(visit: Visit, body: AsyncIterator[bytes]) -> Response:
    if visit.value(visit.params["key"]) != DROP:
        raise NotFound
    form, desk = Form(visit.headers.get("content-type", "")), visit.desk
    async with taking(lambda parts: receiving.receive(desk, parts)) as intake:
        files = 0
        async for data in body:
            files = await _feed(form, data, intake, files)
        if not form.whole or not files:
            raise WrongUsage(
                _("No file arrived. Nothing was changed."),
                hint=_("Choose the bundle again."),
            )
        brought = await intake.done()
    return _look_at(visit, brought)


async def _feed(form: Form, data: bytes, intake: Intake[Brought], files: int) -> int:
    """Hand on the bytes of the first file; others are left aside."""
    for piece in form.feed(data):
        if isinstance(piece, Begins):
            files += 1
        elif not isinstance(piece, Ends) and files == 1:
            await intake.put(piece)
    return files


def _look_at(visit: Visit, brought: Brought) -> Response:
    if brought.kind == receiving.HEAD:
        return _compare(visit, brought)

    def work(sitting: Sitting, progress: Progress) -> tuple[Brought, Judged]:
        return brought, receiving.judge(sitting.look(), brought, progress)

    job = visit.room.start(_("Checking the bundle"), work, sitting=visit.sitting)
    job.then = visit.url("verify_bundle", key=job.key)
    return visit.go("job", key=job.key)


def _result(visit: Visit) -> tuple[Job, tuple[Brought, Judged]]:
    job = visit.job(visit.params["key"])
    if not isinstance(job.result, tuple):
        raise NotFound
    return job, job.result


def _bundle(visit: Visit) -> Response:
    job, (_brought, judged) = _result(visit)
    return visit.render("verify/bundle.html", judged=judged, key=job.key)


def _compare_with(visit: Visit) -> Response:
    """Check the case against the head of a bundle that was brought."""
    _job, (brought, _judged) = _result(visit)
    return _compare(visit, brought)


# -- this case ---------------------------------------------------------------------------------


def _case(visit: Visit) -> Response:
    return _check_case(visit, [])


def _compare(visit: Visit, brought: Brought) -> Response:
    return _check_case(visit, [receiving.head_of(brought)])


def _check_case(visit: Visit, heads: list[bytes]) -> Response:
    def work(sitting: Sitting, progress: Progress) -> receiving.CaseChecked:
        desk: Desk = sitting.look()
        return receiving.check_case(desk, heads, progress)

    job = visit.room.start(_("Checking this case"), work, sitting=visit.sitting)
    job.then = visit.url("verify_checked", key=job.key)
    return visit.go("job", key=job.key)


def _checked(visit: Visit) -> Response:
    checked = visit.job(visit.params["key"]).result
    if not isinstance(checked, receiving.CaseChecked):
        raise NotFound
    return visit.render(
        "verify/case.html", report=checked.report, fingerprint=checked.fingerprint,
    )  # fmt: skip


PAGES = (
    Page(name="verify", path="/v", get=_ask, menu=(90, N_("Verify"))),
    Page(name="verify_drop", path="/v/d/{key}", receive=_drop),
    Page(name="verify_bundle", path="/v/r/{key}", get=_bundle, post=_compare_with),
    Page(name="verify_case", path="/v/c", get=_ask, post=_case),
    Page(name="verify_checked", path="/v/c/{key}", get=_checked),
)

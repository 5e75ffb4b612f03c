# SPDX-License-Identifier: Apache-2.0
"""How far long work is, and stopping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from standfast.i18n import _
from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.jobs import Job
    from standfast.web.visit import Visit


def _show(visit: Visit) -> Response:
    job = visit.job(visit.params["key"])
    if job.state == "done" and job.then:
        return RedirectResponse(job.then, 303)
    return visit.render("job.html", job=job, told=told_words(job))


def _cancel(visit: Visit) -> Response:
    visit.job(visit.params["key"]).cancel()
    return visit.go("job", key=visit.params["key"])


def _state(visit: Visit) -> Response:
    """Tell the page's script how far it is."""
    return visit.json(_facts(visit.job(visit.params["key"])))


def _facts(job: Job) -> dict[str, object]:
    return {
        "state": job.state, "phase": job.phase or _("It begins in a moment."), "total": job.total,
        "done": job.done, "percent": job.percent, "told": told_words(job), "over": job.over,
    }  # fmt: skip


def told_words(job: Job) -> str:
    """Word how far it is; nothing while nobody knows how much there is."""
    return _("{percent} %").format(percent=job.percent) if job.total > 0 else ""


PAGES = (
    Page(name="job", path="/j/{key}", get=_show, post=_cancel),
    Page(name="job_state", path="/j/{key}/s", get=_state, active=False),
)

# SPDX-License-Identifier: Apache-2.0
"""The bundle: for whom, what goes along and what is kept back, its verdict, saving it.

A bundle is verified by the verifier that travels in it before anybody can save it. It lies
encrypted in the case folder until the browser saves it, and is forgotten when the case is locked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from babel import Locale

from standfast.desk import Choice, handing, verdict_words
from standfast.errors import WrongUsage
from standfast.i18n import _, language, speaking
from standfast.web.page import Page
from standfast.web.pages.dossier import chosen_originals, form_facts, range_of, spoken
from standfast.web.sending import SAVED, send
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk import Progress, Sitting
    from standfast.web.jobs import Job
    from standfast.web.visit import Visit

Made = handing.BundleSheet


def _form(visit: Visit, problem: WrongUsage | None = None) -> Response:
    return visit.render(
        "bundle/form.html", problem=problem, laws=_laws(), key=visit.params.get("key", ""),
        events=visit.form.get("events", "\n".join(_prefilled(visit))), **form_facts(visit),
    )  # fmt: skip


def _prefilled(visit: Visit) -> list[str]:
    """Give the events that a key in the address names: ``{"events": […]}``."""
    if "key" not in visit.params:
        return []
    return [str(one) for one in visit.value(visit.params["key"]).get("events", [])]


def _laws() -> list[tuple[str, str]]:
    territories = Locale(language()).territories
    names = [(code, territories.get(code.upper(), code)) for code in handing.laws()]
    return [("", _("a plain statement, for any country")), *sorted(names, key=lambda one: one[1])]


def _make(visit: Visit) -> Response:
    with visit.problems() as caught:
        choice, said = _choice(visit), spoken(visit)

        def work(sitting: Sitting, progress: Progress) -> Made:
            with speaking(said):
                return sitting.write(lambda desk: handing.prepare_bundle(desk, choice, progress))

        job = visit.room.start(_("Making the bundle"), work, sitting=visit.sitting)
        job.then = visit.url("bundle_made", key=job.key)
        return visit.go("job", key=job.key)
    if isinstance(caught.problem, WrongUsage):
        return _form(visit, caught.problem)
    raise caught.problem or NotFound


def _choice(visit: Visit) -> Choice:
    form = visit.form
    events = re.split(r"[\s,;]+", form.get("events", "").strip())
    wanted = frozenset(one for one in events if one)
    numbers = chosen_originals(visit)
    if numbers == frozenset() and not wanted:
        raise WrongUsage(
            _("Nothing was chosen."), hint=_("Choose originals, or name single events.")
        )
    return Choice(
        originals=numbers,
        events=wanted or None if numbers is not None else None,
        law=form.get("law", ""),
        within=range_of(visit),
        recipient=handing.recipient_of(form.get("recipient", "")),
    )


def _made(visit: Visit) -> tuple[Job, Made]:
    job = visit.job(visit.params["key"])
    if not isinstance(job.result, Made):
        raise NotFound
    return job, job.result


def _look(visit: Visit) -> Response:
    job, made = _made(visit)
    return visit.render(
        "bundle/made.html", made=made.facts, sheet=made.sheet, key=job.key,
        verdict=verdict_words(made.facts.verdict),
        sealed=made.facts.path.endswith(".age"),
    )  # fmt: skip


def _save(visit: Visit) -> Response:
    _job, made = _made(visit)
    return send(
        visit, made.sheet.parts(), size=made.sheet.size, name=made.facts.path,
        media_type="application/zip" if made.facts.path.endswith(".zip") else SAVED,
    )  # fmt: skip


PAGES = (
    Page(name="bundle", path="/d/b", get=_form, post=_make),
    Page(name="bundle_of", path="/d/b/{key}", get=_form, post=_make),
    Page(name="bundle_made", path="/d/r/{key}", get=_look, post=_save),
)

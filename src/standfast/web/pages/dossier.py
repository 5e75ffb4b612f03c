# SPDX-License-Identifier: Apache-2.0
"""The dossier: what should be known before, what goes in, looking at it, saving it.

The pages that are shown are pictures drawn here; no program for PDF files is needed. The PDF lies
encrypted in the case folder until the browser saves it, and is forgotten when the case is locked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from babel import Locale

from standfast.desk import Range, handing
from standfast.desk.inventory import originals
from standfast.desk.wording import channel
from standfast.errors import WrongUsage
from standfast.i18n import LANGUAGES, N_, _, language
from standfast.web.page import Page, pages
from standfast.web.sending import send
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk import Desk, Progress, Sitting
    from standfast.desk.handing import DossierSheets
    from standfast.web.jobs import Job
    from standfast.web.visit import Visit

NUMBERS = re.compile(r"[0-9]{1,7}(?:-[0-9]{1,7})?")
MOST_CHOSEN = 100_000
TICKED = 40
"""So many originals are offered one by one; of more, their numbers are written."""
ALL, SOME, NONE = "all", "some", "none"


def _overview(visit: Visit) -> Response:
    known = {one.name for one in pages()}
    links = {
        name: visit.url(name) if name in known else ""
        for name in ("findings", "questions", "people", "settings")
    }
    return visit.render(
        "dossier/overview.html", before=handing.before(visit.desk), links=links, channel=channel
    )


# -- the form ----------------------------------------------------------------------------------


def _form(visit: Visit, problem: WrongUsage | None = None) -> Response:
    return visit.render("dossier/form.html", problem=problem, **form_facts(visit))


def form_facts(visit: Visit) -> dict[str, Any]:
    """Give what the forms for dossier and bundle share."""
    desk, form = visit.desk, visit.form
    before = handing.before(desk)
    findings = [
        (visit.key({"finding": one.finding.id}), one.statement.title, one.statement.seen)
        for one in before.confirmed
    ]
    known = [one.item for one in originals(desk) if not one.item.erased]
    return {
        "before": before,
        "findings": findings,
        "found": form.getlist("finding") if form else [key for key, *_words in findings],
        "originals": [
            (str(item.number), _("Original {number}").format(number=item.number), item.name)
            for item in known
            if len(known) <= TICKED
        ],
        "chosen": form.getlist("original"),
        "languages": [(code, str(Locale(code).get_display_name(code))) for code in LANGUAGES],
        "form": form,
        "language": form.get("language", language()),
    }


def range_of(visit: Visit) -> Range:
    """Read days, request and findings from a form."""
    form = visit.form
    return Range(
        first=form.get("first", "").strip(),
        last=form.get("last", "").strip(),
        request=form.get("request", "").strip(),
        only=frozenset(str(visit.value(one)["finding"]) for one in form.getlist("finding")),
    )


def chosen_originals(visit: Visit) -> frozenset[int] | None:
    """Read which originals go in; ``None`` stands for all.

    Raises:
        WrongUsage: some were wanted and none was chosen, or a number is none.
    """
    which = visit.form.get("which", ALL)
    if which == ALL:
        _must_mean_all(visit)
        return None
    if which == NONE:
        return frozenset()
    numbers = {int(one) for one in visit.form.getlist("original") if NUMBERS.fullmatch(one)}
    written = visit.form.get("numbers", "")
    for part in re.split(r"[\s,;]+", written.strip()) if written.strip() else ():
        numbers |= _span(part)
    if not numbers:
        raise WrongUsage(_("No original was chosen."), hint=_("Choose some, or take all of them."))
    return frozenset(numbers)


def _must_mean_all(visit: Visit) -> None:
    """Ask again where single originals were ticked and all of them chosen as well.

    Raises:
        WrongUsage: both were; whoever ticked a few does not expect that everything goes.
    """
    if visit.form.getlist("original") or visit.form.get("numbers", "").strip():
        raise WrongUsage(
            _("Single originals are ticked, and all of them are chosen as well."),
            hint=_("Choose that only some go, or take the ticks away."),
        )


def _span(part: str) -> set[int]:
    first, _dash, last = part.partition("-")
    if not NUMBERS.fullmatch(part) or int(last or first) - int(first) > MOST_CHOSEN:
        raise WrongUsage(
            _("“{part}” is no exhibit number.").format(part=part),
            hint=_("Write numbers like 1,3-5."),
        )
    return set(range(int(first), int(last or first) + 1))


def spoken(visit: Visit) -> str:
    """Read the language that was chosen."""
    wanted = visit.form.get("language", "")
    return wanted if wanted in LANGUAGES else language()


def _make(visit: Visit) -> Response:
    with visit.problems() as caught:
        within, numbers, said = range_of(visit), chosen_originals(visit), spoken(visit)

        def work(sitting: Sitting, progress: Progress) -> DossierSheets:
            desk: Desk = sitting.look()
            return handing.prepare_dossier(desk, within, numbers, progress, spoken=said)

        job = visit.room.start(_("Making the dossier"), work, sitting=visit.sitting)
        job.then = visit.url("dossier_made", key=job.key)
        return visit.go("job", key=job.key)
    if isinstance(caught.problem, WrongUsage):
        return _form(visit, caught.problem)
    raise caught.problem or NotFound


# -- what was made -----------------------------------------------------------------------------


def _made(visit: Visit) -> tuple[Job, DossierSheets]:
    job = visit.job(visit.params["key"])
    if not isinstance(job.result, handing.DossierSheets):
        raise NotFound
    return job, job.result


def _look(visit: Visit) -> Response:
    job, made = _made(visit)
    return visit.render("dossier/made.html", made=made, key=job.key, timestamped=_stamped(visit))


def _stamped(visit: Visit) -> bool:
    return any(one["state"] == "stamped" for one in visit.desk.state.anchors)


def _page(visit: Visit) -> Response:
    _job, made = _made(visit)
    number = visit.params["number"]
    if not number.isdecimal() or not 1 <= int(number) <= len(made.pages):
        raise NotFound
    return visit.file(made.pages[int(number) - 1], "image/png")


def _save(visit: Visit) -> Response:
    _job, made = _made(visit)
    number = visit.form.get("file", "0")
    if not number.isdecimal() or int(number) >= len(made.files):
        raise NotFound
    name, sheet = made.files[int(number)]
    visit.write(lambda desk: handing.dossier_leaves(desk, made))
    return send(visit, sheet.parts(), size=sheet.size, name=name, media_type="application/pdf")


PAGES = (
    Page(name="dossier", path="/d", get=_overview, menu=(80, N_("Dossier"))),
    Page(name="dossier_new", path="/d/w", get=_form, post=_make),
    Page(name="dossier_made", path="/d/p/{key}", get=_look, post=_save),
    Page(name="dossier_page", path="/d/p/{key}/{number}", get=_page),
)

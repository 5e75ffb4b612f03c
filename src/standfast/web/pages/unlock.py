# SPDX-License-Identifier: Apache-2.0
"""Coming back: which case, and the passphrase, the recovery code or an age identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk import storing
from standfast.errors import Damaged, WrongPassphrase, WrongUsage
from standfast.i18n import LANGUAGES, _, set_language
from standfast.web.page import Page
from standfast.web.pages.settings import SHEET
from standfast.web.pages.start import CHOSE_LANGUAGE, OPENED

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response

    from standfast.desk import Unlock
    from standfast.errors import StandfastError
    from standfast.web.visit import Visit

START = "start"


def _ask(visit: Visit) -> Response:
    folder = visit.room.folder
    if visit.room.unlocked:
        return visit.go("home")
    if folder is None:
        return visit.go("choose" if storing.find_cases(storing.places()) else START)
    state = storing.what_is(folder)
    if state == storing.CASE:
        return _form(visit, folder)
    if state == storing.HEADLESS:
        raise Damaged(
            _("The key file (case.toml) of this case is missing. Nothing was changed."),
            hint=_("Without it nothing opens; look for an older copy of the folder."),
        )
    return visit.go(START if state == storing.NEW else "choose")


def _form(visit: Visit, folder: Path, problem: StandfastError | None = None, way: str = ""
          ) -> Response:  # fmt: skip
    return visit.render(
        "start/unlock.html",
        status=423 if problem else 200,
        problem=problem,
        way=way,
        folder=str(folder),
        name=folder.absolute().name,
        returning=OPENED in visit.session.kept,
        minutes=visit.room.idle_seconds // 60,
    )


def _open(visit: Visit) -> Response:
    folder = visit.room.folder
    if folder is None:
        return visit.go("choose")
    with visit.problems() as caught:
        visit.room.unlock(folder, _how(visit))
        visit.session.kept[OPENED] = True
        visit.session.kept.pop(SHEET, None)  # it was begun in another sitting
        _speak_as_the_case(visit)
        return visit.go("home")
    return _form(visit, folder, caught.problem, visit.form.get("way", ""))


def _speak_as_the_case(visit: Visit) -> None:
    """Speak the language that the case was made in, unless one was chosen here since."""
    with visit.room.using() as sitting:
        wanted = sitting.look().state.opened.get("language") if sitting is not None else None
    if wanted in LANGUAGES and not visit.session.kept.get(CHOSE_LANGUAGE):
        visit.room.language = wanted
        set_language(wanted)


def _how(visit: Visit) -> Unlock:
    """Give what was typed.

    Raises:
        WrongPassphrase: nothing was.
    """
    from standfast.desk import Unlock  # noqa: PLC0415 - the first page must come at once

    form = visit.form
    lines = [one.strip() for one in form.get("identity", "").splitlines()]
    identity = next((one for one in lines if one and not one.startswith("#")), "")
    how = Unlock(form.get("passphrase", ""), form.get("recovery", "").strip(), identity)
    if how == Unlock():
        raise WrongPassphrase(
            _("The field was empty. Nothing was changed."),
            hint=_("Type the passphrase, then press the button below it."),
        )
    return how


# -- which case ------------------------------------------------------------------------------------


def _choose(visit: Visit, problem: StandfastError | None = None) -> Response:
    if visit.room.unlocked:
        return visit.go("home")
    found = storing.find_cases(storing.places())
    facts = {"problem": problem, "found": found, "typed": visit.form.get("typed", "")}
    return visit.render("start/choose.html", status=422 if problem else 200, **facts)


def _take_choice(visit: Visit) -> Response:
    if visit.room.unlocked:
        return visit.go("home")
    with visit.problems() as caught:
        wanted = visit.form.get("folder", "") or visit.form.get("typed", "")
        folder = storing.typed_path(wanted)
        if storing.what_is(folder) not in {storing.CASE, storing.HEADLESS}:
            raise WrongUsage(
                _("There is no case in this folder."),
                hint=_("Check the path: it is the folder that holds a file named case.toml."),
            )
        visit.room.folder = folder
        visit.session.kept.pop(OPENED, None)
        return visit.go("unlock")
    return _choose(visit, caught.problem)


PAGES = (
    Page(name="unlock", path="/u", get=_ask, post=_open, locked=True),
    Page(name="choose", path="/u/c", get=_choose, post=_take_choice, locked=True),
)

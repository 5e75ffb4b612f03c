# SPDX-License-Identifier: Apache-2.0
"""The first run: from "is this device all right?" to a case, one question a page.

Rules enforced here:

* what is asked about the device is neither sent nor kept;
* nothing is written to any disk before the last page;
* what was typed lives in this session's memory; going back loses none of it but the passphrase.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, cast

from standfast.desk import passphrase as strength
from standfast.desk import storing
from standfast.desk.zones import check_zone, zone_of_this_computer, zones_to_choose
from standfast.errors import WrongUsage
from standfast.i18n import LANGUAGES, N_, _, language, set_language
from standfast.web.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.responses import Response

    from standfast.errors import StandfastError
    from standfast.web.visit import Visit

Handler = Callable[["Visit"], "Response"]

KEPT = "start"
OPENED = "opened"
"""Kept in the session: a case was open in it before."""
CHOSE_LANGUAGE = "chose language"
"""Kept in the session: the person chose a language in it."""
NAMED, TYPED = "named", "typed"
STEPS = (
    N_("Device"), N_("Language"), N_("Place"), N_("Passphrase"), N_("You"), N_("Sheet"),
)  # fmt: skip
NEUTRAL = N_("Notes")
LONGEST_NAME = 200
GROUPS = 9
"""On a sheet."""
SAME = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
"""How the sheet's letters are read when they are typed (Crockford's base 32)."""


@dataclass(slots=True)
class Beginning:
    """What was typed so far on the way to a case."""

    place: str = ""
    name: str = ""
    typed: str = ""
    folder: Path | None = None
    service_is_fine: bool = False
    passphrase: str = ""
    called: str = ""
    zone: str | None = None
    code: str = ""
    asked: tuple[int, int] = field(default_factory=lambda: two_of(GROUPS))
    at: float = field(default_factory=time.monotonic)


def two_of(count: int) -> tuple[int, int]:
    """Pick two of the groups on a sheet, in order."""
    first, second = sorted(secrets.SystemRandom().sample(range(count), 2))
    return first, second


def same_group(typed: str, group: str) -> bool:
    """Say whether a group was typed as it stands on the sheet."""
    return typed.strip().upper().translate(SAME) == group


def beginning_of(visit: Visit) -> Beginning:
    """Give what was typed so far."""
    found = cast("Beginning", visit.session.kept.setdefault(KEPT, Beginning()))
    now = time.monotonic()
    if now - found.at > visit.room.idle_seconds:
        found.passphrase = ""  # nobody was there for a while: it is asked for again
    found.at = now
    return found


def _locked_only(show: Handler) -> Handler:
    """Send somebody home whose case is open: a first run is over by then."""

    @wraps(show)
    def shown(visit: Visit) -> Response:
        return visit.go("home") if visit.room.unlocked else show(visit)

    return shown


def _page(visit: Visit, template: str, now: int, **facts: object) -> Response:
    """Show one step of the way; ``problem`` may be among the facts."""
    problem = facts.get("problem")
    shown = {"problem": None, "steps": [_(one) for one in STEPS], "now": now, **facts}
    return visit.render(f"start/{template}.html", status=422 if problem else 200, **shown)


# -- the device, the language --------------------------------------------------------------------


def _device(visit: Visit) -> Response:
    return _page(visit, "device", 1)


def _unsure(visit: Visit) -> Response:
    return _page(visit, "unsure", 1)


def _language(visit: Visit) -> Response:
    return _page(visit, "language", 2, chosen=language())


def speak(visit: Visit, wanted: str) -> None:
    """Speak a language that the person chose."""
    visit.session.kept[CHOSE_LANGUAGE] = True
    visit.room.language = wanted
    set_language(wanted)


def _take_language(visit: Visit) -> Response:
    wanted = visit.form.get("language", "")
    if wanted in LANGUAGES:
        speak(visit, wanted)
    return visit.go("start_place")


# -- the place -----------------------------------------------------------------------------------


def _place(visit: Visit, problem: StandfastError | None = None) -> Response:
    kept = beginning_of(visit)
    named = visit.room.folder if _is_new(visit.room.folder) else None
    places = storing.places()
    chosen = kept.place or (NAMED if named else str(places[0].folder) if places else TYPED)
    return _page(
        visit, "place", 3, problem=problem, places=places, named=named, chosen=chosen,
        name=kept.name or _(NEUTRAL), typed=kept.typed,
    )  # fmt: skip


def _is_new(folder: Path | None) -> bool:
    return folder is not None and storing.what_is(folder) == storing.NEW


def _take_place(visit: Visit) -> Response:
    kept = beginning_of(visit)
    kept.place = visit.form.get("place", "")
    kept.name = visit.form.get("name", "")
    kept.typed = visit.form.get("typed", "")
    kept.service_is_fine = False
    with visit.problems() as caught:
        kept.folder = _chosen(visit, kept)
        return _after_place(visit, kept)
    return _place(visit, caught.problem)


def _chosen(visit: Visit, kept: Beginning) -> Path:
    if kept.place == TYPED:
        return storing.typed_folder(kept.typed)
    if kept.place == NAMED and visit.room.folder is not None:
        return storing.checked(visit.room.folder.absolute())
    for one in storing.places():
        if str(one.folder) == kept.place:
            return storing.new_folder(one.folder, kept.name)
    raise WrongUsage(
        _("That place is not there any more."),
        hint=_("Check that the stick is plugged in, or choose another place."),
    )


def _after_place(visit: Visit, kept: Beginning) -> Response:
    copied = kept.folder is not None and storing.service_of(kept.folder)
    return visit.go("start_copied" if copied else "start_passphrase")


def _copied(visit: Visit) -> Response:
    kept = beginning_of(visit)
    if kept.folder is None:
        return visit.go("start_place")
    service = storing.service_of(kept.folder)
    return _page(visit, "copied", 3, service=service, folder=str(kept.folder))


def _take_copied(visit: Visit) -> Response:
    beginning_of(visit).service_is_fine = True
    return visit.go("start_passphrase")


# -- the passphrase ------------------------------------------------------------------------------


def _passphrase(visit: Visit, problem: StandfastError | None = None, *, easy: bool = False
                ) -> Response:  # fmt: skip
    kept = beginning_of(visit)
    if kept.folder is None:
        return visit.go("start_place")
    if storing.service_of(kept.folder) and not kept.service_is_fine:
        return visit.go("start_copied")
    return _page(
        visit, "passphrase", 4, problem=problem, easy=easy,
        **passphrase_facts(),
    )  # fmt: skip


def passphrase_facts() -> dict[str, object]:
    """Give what the parts for choosing a passphrase need."""
    return {
        "suggestion": strength.suggest(),
        "least": strength.LEAST,
        "often": " ".join(strength.often_chosen()),
        "levels": [_(one) for one in LEVEL_WORDS],
    }


LEVEL_WORDS = (
    N_("Easy to guess. More words would help, or less usual ones."),
    N_("Somebody who has the folder and much time could guess this. One more word would help."),
    N_("Hard to guess."),
    N_("Very hard to guess."),
)


def chosen_passphrase(visit: Visit) -> str:
    """Give the passphrase that was typed twice.

    Raises:
        WrongUsage: it is too short, differs, or is easily guessed and that was not accepted.
    """
    typed, again = visit.form.get("passphrase", ""), visit.form.get("again", "")
    found = strength.judge(typed)
    if found.too_short:
        raise WrongUsage(
            _("This passphrase is too short."),
            hint=_("Take several words. They need not make sense together."),
        )
    if typed != again:
        raise WrongUsage(
            _("The two are not the same."),
            hint=_("Type it twice, without hurry. “Show what I type” helps."),
        )
    if found.level == 0 and not visit.form.get("easy"):
        raise EasyToGuess(
            _("This passphrase is easy to guess."),
            hint=_("Whoever has the folder can try as often as they like. Take more words."),
        )
    return typed


class EasyToGuess(WrongUsage):
    """It can be taken all the same, if the person says so."""


def _take_passphrase(visit: Visit) -> Response:
    kept = beginning_of(visit)
    kept.passphrase = ""
    with visit.problems() as caught:
        kept.passphrase = chosen_passphrase(visit)
        return visit.go("start_you")
    return _passphrase(visit, caught.problem, easy=isinstance(caught.problem, EasyToGuess))


# -- the person ----------------------------------------------------------------------------------


def _you(visit: Visit, problem: StandfastError | None = None) -> Response:
    kept = beginning_of(visit)
    if not kept.passphrase:
        return visit.go("start_passphrase")
    here = zone_of_this_computer()
    zone = here if kept.zone is None else kept.zone
    zones = sorted({*zones_to_choose(), *([zone] if zone else [])})
    return _page(
        visit, "you", 5, problem=problem, called=kept.called, zone=zone, zones=zones, here=here
    )


def _take_you(visit: Visit) -> Response:
    kept = beginning_of(visit)
    kept.called = visit.form.get("called", "").strip()[:LONGEST_NAME]
    kept.zone = visit.form.get("zone", "").strip()
    with visit.problems() as caught:
        check_zone(kept.zone)
        return visit.go("start_sheet")
    return _you(visit, caught.problem)


# -- the sheet, and the case -----------------------------------------------------------------------


def _sheet(visit: Visit, problem: StandfastError | None = None) -> Response:
    from standfast.desk.beginning import groups_of, new_recovery_code  # noqa: PLC0415 - loads keys

    kept = beginning_of(visit)
    if not kept.passphrase or kept.zone is None:
        return visit.go("start_you")
    kept.code = kept.code or new_recovery_code()
    return _page(visit, "sheet", 6, problem=problem, groups=groups_of(kept.code), asked=kept.asked)


def _take_sheet(visit: Visit) -> Response:
    """Make the case: only now is something written."""
    from standfast.desk.beginning import begin_case  # noqa: PLC0415 - as above

    kept = beginning_of(visit)
    if not kept.passphrase or not kept.code or kept.folder is None:
        return visit.go("start_place")
    with visit.problems() as caught:
        confirm_groups(visit, kept.code, kept.asked)
        storing.checked(kept.folder)
        begin_case(kept.folder, kept.passphrase, kept.code, name=kept.called, zone=kept.zone or "")
        return _opened(visit, kept.folder, kept.passphrase)
    return _sheet(visit, caught.problem)


def confirm_groups(visit: Visit, code: str, asked: tuple[int, int]) -> None:
    """Compare two groups of a sheet with what was typed.

    Raises:
        WrongUsage: they differ.
    """
    from standfast.desk.beginning import groups_of  # noqa: PLC0415 - as above

    groups = groups_of(code)
    fields = ("first", "second")
    typed = [visit.form.get(one, "") for one in fields]
    if not all(same_group(one, groups[i]) for one, i in zip(typed, asked, strict=True)):
        raise WrongUsage(
            _("These are not the groups that stand on the sheet."),
            hint=_("Compare your sheet with the one shown here, one group after the other."),
        )


def _opened(visit: Visit, folder: Path, passphrase: str) -> Response:
    from standfast.desk import Unlock  # noqa: PLC0415 - as above

    visit.session.kept.pop(KEPT, None)
    visit.room.unlock(folder, Unlock(passphrase=passphrase))
    visit.session.kept[OPENED] = True
    visit.say(_("Your case is there, and only you can open it. Take your time."))
    return visit.go("home")


def _way(name: str, path: str, get: Handler, post: Handler | None = None) -> Page:
    taken = _locked_only(post) if post else None
    return Page(name=name, path=path, get=_locked_only(get), post=taken, locked=True)


PAGES = (
    _way("start", "/w", _device),
    _way("start_unsure", "/w/u", _unsure),
    _way("start_language", "/w/l", _language, _take_language),
    _way("start_place", "/w/p", _place, _take_place),
    _way("start_copied", "/w/c", _copied, _take_copied),
    _way("start_passphrase", "/w/k", _passphrase, _take_passphrase),
    _way("start_you", "/w/y", _you, _take_you),
    _way("start_sheet", "/w/s", _sheet, _take_sheet),
)

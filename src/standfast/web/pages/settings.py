# SPDX-License-Identifier: Apache-2.0
"""Settings: language, locking, ways to open the case, and stating its time from outside.

Rules enforced here:

* who changes a way to open the case shows first that they can open it: a computer left alone for a
  minute must not be enough;
* nothing is sent before a page said what, to whom, and who could notice, and a person agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.errors import WrongPassphrase, WrongUsage
from standfast.i18n import LANGUAGES, N_, _, language
from standfast.web.page import Page
from standfast.web.pages.start import (
    EasyToGuess,
    chosen_passphrase,
    confirm_groups,
    passphrase_facts,
    speak,
    two_of,
)

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk import Progress, Sitting
    from standfast.desk.anchoring import AnchorReport
    from standfast.errors import StandfastError
    from standfast.web.visit import Visit

MINUTES = (2, 5, 10, 20, 30, 60)
SHEET = "sheet"
GROUPS = 9
KINDS = {
    "passphrase": N_("Passphrase"),
    "recovery": N_("Recovery sheet"),
    "recipient": N_("Another person's key (age)"),
}


@dataclass(slots=True)
class Sheet:
    """A recovery code that is being written down and opens nothing yet."""

    code: str
    asked: tuple[int, int]


def _show(visit: Visit) -> Response:
    desk = visit.desk
    anchors = desk.state.anchors
    return visit.render(
        "settings/settings.html",
        chosen=language(),
        minutes=visit.room.idle_seconds // 60,
        choices=MINUTES,
        folder=str(desk.vault.folder),
        slots=len(desk.vault.slots),
        waiting=len(desk.state.waiting),
        stamped=sum(one["state"] == "stamped" for one in anchors),
    )


def _take_language(visit: Visit) -> Response:
    wanted = visit.form.get("language", "")
    if wanted in LANGUAGES:
        speak(visit, wanted)
        visit.say(_("From now on these pages are in English."))
    return visit.go("settings")


def _take_minutes(visit: Visit) -> Response:
    wanted = visit.form.get("minutes", "")
    if wanted in {str(one) for one in MINUTES}:
        visit.room.idle_seconds = int(wanted) * 60
        visit.say(_("The case now closes after {count} minutes.").format(count=wanted))
    return visit.go("settings")


def _other_case(visit: Visit) -> Response:
    visit.room.lock()
    visit.session.kept.clear()
    return visit.go("choose")


# -- ways to open ----------------------------------------------------------------------------------


def _must_know(visit: Visit) -> None:
    """See that whoever sits here can open the case.

    Raises:
        WrongPassphrase: they cannot, as far as was shown.
    """
    from standfast.desk.beginning import opens  # noqa: PLC0415 - loads keys

    if not opens(visit.sitting.folder, visit.form.get("present", "")):
        raise WrongPassphrase(
            _("This does not open the case. Nothing was changed."),
            hint=_("Type the passphrase as it is now, or the code of your recovery sheet."),
        )


def _shown(visit: Visit, template: str, problem: StandfastError | None, **facts: object
           ) -> Response:  # fmt: skip
    status = 422 if problem else 200
    return visit.render(f"settings/{template}.html", status=status, problem=problem, **facts)


def _passphrase(visit: Visit, problem: StandfastError | None = None) -> Response:
    easy = isinstance(problem, EasyToGuess)
    return _shown(visit, "passphrase", problem, easy=easy, **passphrase_facts())


def _take_passphrase(visit: Visit) -> Response:
    with visit.problems() as caught:
        _must_know(visit)
        fresh = chosen_passphrase(visit)
        visit.write(lambda desk: desk.change_passphrase(fresh))
        visit.say(_("The new passphrase opens the case. An older copy of the folder still opens "
                    "with the old one."))  # fmt: skip
        return visit.go("ways")
    return _passphrase(visit, caught.problem)


def _ways(visit: Visit, problem: StandfastError | None = None) -> Response:
    slots = [
        (one.id, _(KINDS[one.kind]), one.kind != "passphrase") for one in visit.desk.vault.slots
    ]
    links = {one: visit.url("way", key=visit.key(["slot", one])) for one, _kind, _may in slots}
    return _shown(
        visit, "ways", problem, slots=slots, links=links,
        recipient=visit.form.get("recipient", ""),
    )  # fmt: skip


def _add_way(visit: Visit) -> Response:
    recipient = visit.form.get("recipient", "").strip()
    with visit.problems() as caught:
        _must_know(visit)
        visit.write(lambda desk: desk.add_recipient(recipient))
        visit.say(_("The holder of that key can now open a copy of this case, all of it."))
        return visit.go("ways")
    return _ways(visit, caught.problem)


def _way(visit: Visit, problem: StandfastError | None = None) -> Response:
    slot = str(visit.value(visit.params["key"])[1])
    kind = next((one.kind for one in visit.desk.vault.slots if one.id == slot), "")
    if not kind or kind == "passphrase":
        return visit.go("ways")
    return _shown(visit, "way", problem, slot=slot, kind=_(KINDS[kind]), key=visit.params["key"])


def _remove_way(visit: Visit) -> Response:
    slot = str(visit.value(visit.params["key"])[1])
    with visit.problems() as caught:
        _must_know(visit)
        visit.write(lambda desk: desk.remove_slot(slot))
        visit.say(_("This way is closed from now on. A copy of the folder that was made before "
                    "can still be opened with it."))  # fmt: skip
        return visit.go("ways")
    return _way(visit, caught.problem)


# -- the recovery sheet ----------------------------------------------------------------------------


def _sheet(visit: Visit, problem: StandfastError | None = None) -> Response:
    """Ask who is there; then show the new sheet until it is on paper."""
    from standfast.desk.beginning import groups_of  # noqa: PLC0415 - loads keys

    sheet = visit.session.kept.get(SHEET)
    if sheet is None:
        return _shown(visit, "sheet_first", problem)
    return _shown(visit, "sheet", problem, groups=groups_of(sheet.code), asked=sheet.asked)


def _take_sheet(visit: Visit) -> Response:
    from standfast.desk.beginning import new_recovery_code, take_recovery_code  # noqa: PLC0415 - as above

    kept = visit.session.kept
    sheet = kept.get(SHEET)
    with visit.problems() as caught:
        if sheet is None:
            _must_know(visit)
            kept[SHEET] = Sheet(new_recovery_code(), two_of(GROUPS))
            return visit.go("sheet")
        confirm_groups(visit, sheet.code, sheet.asked)
        visit.write(lambda desk: take_recovery_code(desk, sheet.code))
        kept.pop(SHEET)
        visit.say(_("The new sheet opens the case. The old one no longer does; please tear it up."))
        return visit.go("ways")
    return _sheet(visit, caught.problem)


def _drop_sheet(visit: Visit) -> Response:
    visit.session.kept.pop(SHEET, None)
    return visit.go("ways")


# -- timestamps ------------------------------------------------------------------------------------


def _stamps(visit: Visit, problem: StandfastError | None = None) -> Response:
    from standfast.desk.anchoring import describe  # noqa: PLC0415 - loads certificates

    state = visit.desk.state
    done = [one for one in state.anchors if one["state"] == "stamped"]
    hosts: dict[str, tuple[str, int]] = {}
    for one in state.waiting:
        request = describe(one["url"])
        _url, count = hosts.get(request.host, ("", 0))
        key = visit.key({"url": one["url"], "waiting": True})
        hosts[request.host] = (visit.url("stamp", key=key), count + 1)
    return _shown(
        visit, "stamps", problem, done=done,
        waiting=[(host, *rest) for host, rest in hosts.items()],
        entries=len(visit.desk.vault.entries),
        known=sorted({one["url"] for one in state.anchors}),
        url_typed=visit.form.get("url", ""),
    )  # fmt: skip


def _ask_stamp(visit: Visit) -> Response:
    """Take the address of an authority, and only describe what would happen."""
    from standfast.desk.anchoring import describe  # noqa: PLC0415 - as above

    wanted = visit.form.get("url", "").strip()
    with visit.problems() as caught:
        describe(wanted)
        return visit.go("stamp", key=visit.key({"url": wanted, "waiting": False}))
    return _stamps(visit, caught.problem)


def _stamp(visit: Visit, problem: StandfastError | None = None) -> Response:
    from standfast.desk.anchoring import describe, what_will_happen  # noqa: PLC0415 - as above

    asked = visit.value(visit.params["key"])
    request = describe(asked["url"])
    return _shown(
        visit, "stamp", problem, host=request.host, url_asked=request.url,
        sentences=what_will_happen(request), waiting=asked["waiting"], key=visit.params["key"],
    )  # fmt: skip


def _take_stamp(visit: Visit) -> Response:
    asked = visit.value(visit.params["key"])
    url, waiting = asked["url"], bool(asked["waiting"])
    if visit.form.get("do") == "queue":
        visit.write(lambda desk: desk.anchor(url, None))
        visit.say(_("It is noted, and nothing was sent. You can send it another day, elsewhere."))
        return visit.go("stamps")
    if not visit.form.get("agreed"):
        return _stamp(
            visit,
            WrongUsage(
                _("Nothing was sent."),
                hint=_("If you want it to be sent, please tick that you have read what happens."),
            ),
        )
    return _send(visit, url, waiting=waiting)


def _send(visit: Visit, url: str, *, waiting: bool) -> Response:
    from standfast.desk.anchoring import agreed, describe, send_queued  # noqa: PLC0415 - as above

    consent = agreed(describe(url))

    def work(sitting: Sitting, progress: Progress) -> None:
        progress.start(_("Waiting for the answer"), 0)
        reports = sitting.write(
            lambda desk: send_queued(desk, consent) if waiting else (desk.anchor(url, consent),)
        )
        session.said.extend(_outcome(one) for one in reports)

    session = visit.session
    return visit.start(_("Asking for a timestamp"), work, visit.url("stamps"))


def _outcome(report: AnchorReport) -> tuple[str, str]:
    """Word what became of one request, with the tone it is said in."""
    if report.state == "stamped":
        told = _("{authority} states that the first {size} entries existed before {time}.")
        return "calm", told.format(authority=report.authority, size=report.size, time=report.time)
    if report.state == "queued":
        return "attention", report.trouble + " " + _("Nothing is lost: it waits here.")
    return "attention", report.trouble


PAGES = (
    Page(name="settings", path="/s", get=_show, menu=(100, N_("Settings"))),
    Page(name="settings_language", path="/s/l", post=_take_language),
    Page(name="settings_minutes", path="/s/i", post=_take_minutes),
    Page(name="other_case", path="/s/o", post=_other_case),
    Page(name="ways", path="/s/w", get=_ways, post=_add_way),
    Page(name="way", path="/s/w/{key}", get=_way, post=_remove_way),
    Page(name="passphrase", path="/s/p", get=_passphrase, post=_take_passphrase),
    Page(name="sheet", path="/s/r", get=_sheet, post=_take_sheet),
    Page(name="sheet_drop", path="/s/r/d", post=_drop_sheet),
    Page(name="stamps", path="/s/t", get=_stamps, post=_ask_stamp),
    Page(name="stamp", path="/s/t/{key}", get=_stamp, post=_take_stamp),
)

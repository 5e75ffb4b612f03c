# SPDX-License-Identifier: Apache-2.0
"""One person: accounts, requests to stop, blocks; each a statement that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk import meeting
from standfast.desk.wording import channel
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.web.page import Page, pages
from standfast.web.pages.people import (
    accounts_of,
    called,
    events_url,
    line_of,
    new_name,
    numbers_of,
    role_chosen,
    role_words,
)
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from standfast.desk import Desk
    from standfast.model.people import Person
    from standfast.web.visit import Visit

CHANNELS = ("whatsapp", "sms", "phone", "mail")
"""Offered besides those that the case already has, when an account is added by hand."""


def _person(visit: Visit, problem: WrongUsage | None = None) -> Response:
    desk = visit.desk
    person = _known(visit)
    found = accounts_of(desk, person)
    stops = [one for one in desk.state.stops if one.person == person.id]
    blocks = [one for one in desk.state.blocks if one.person == person.id]
    return visit.render(
        "people/person.html",
        person=person,
        name=called(person),
        role=role_words(person.role),
        key=visit.params["key"],
        numbers=numbers_of(found),
        lines=[line_of(visit, one, person) for one in found],
        stops=[(one, _undo(visit, one.entry)) for one in stops],
        blocks=[(one, _undo(visit, one.entry)) for one in blocks],
        events=events_url(visit, person=person.id),
        findings=_findings_url(visit),
        channels=_channels(desk),
        channel=channel,
        problem=problem,
        form=visit.form,
    )


def _known(visit: Visit) -> Person:
    person = visit.desk.state.people.get(visit.value(visit.params["key"])["person"])
    if person is None:
        raise NotFound
    return person


def _undo(visit: Visit, entry: int) -> str:
    return visit.key({"withdraw": entry})


def _findings_url(visit: Visit) -> str:
    return visit.url("findings") if any(one.name == "findings" for one in pages()) else ""


def _channels(desk: Desk) -> list[tuple[str, str]]:
    known = dict.fromkeys([*(one.channel for one in meeting.accounts(desk)), *CHANNELS])
    return [(one, channel(one)) for one in known]


def _about_person(visit: Visit) -> Response:
    """Take one of the small forms of a person's page."""
    acts: dict[str, Callable[[Visit, Person], str]] = {
        "stop": _state_stop, "block": _state_block, "account": _add_account,
    }  # fmt: skip
    person = _known(visit)
    with visit.problems() as caught:
        act = acts.get(visit.form.get("do", ""))
        if act is not None:
            visit.say(act(visit, person))
        return visit.go("person", key=visit.params["key"])
    if isinstance(caught.problem, WrongUsage):
        return _person(visit, caught.problem)
    raise caught.problem or NotFound


def _when(visit: Visit) -> str:
    """Read a day and, if it was given, a time."""
    day, time = visit.form.get("day", "").strip(), visit.form.get("time", "").strip()
    return f"{day}T{time}" if day and time else day


def _state_stop(visit: Visit, person: Person) -> str:
    words, when = visit.form.get("words", ""), _when(visit)
    visit.write(lambda desk: desk.stop_request(person.id, when=when, words=words))
    return _("Your request to stop is noted.")


def _state_block(visit: Visit, person: Person) -> str:
    on, address = visit.value(visit.form.get("account", ""))
    when = _when(visit)
    visit.write(lambda desk: desk.block(person.id, on, address, when))
    return _("It is noted when you blocked this account.")


def _add_account(visit: Visit, person: Person) -> str:
    on, address = visit.form.get("channel", ""), visit.form.get("address", "")
    visit.write(lambda desk: desk.link(person.id, person.role, on, address))
    return _("The account is noted.")


def _new(visit: Visit, problem: WrongUsage | None = None) -> Response:
    return visit.render("people/new.html", problem=problem, form=visit.form)


def _enter(visit: Visit) -> Response:
    with visit.problems() as caught:
        name, role = new_name(visit), role_chosen(visit)
        visit.write(lambda desk: meeting.add_person(desk, name, role))
        return visit.go("person", key=visit.key({"person": name}))
    if isinstance(caught.problem, WrongUsage):
        return _new(visit, caught.problem)
    raise caught.problem or NotFound


def _take_back(visit: Visit) -> Response:
    """Take back a statement: whose an account is, a request to stop, a block."""
    value = visit.value(visit.params["key"])
    if isinstance(value, list):
        visit.write(lambda desk: desk.unlink(*value))
        visit.say(_("It is open again whose account that is."))
    else:
        visit.write(lambda desk: desk.withdraw(int(value["withdraw"])))
        visit.say(_("That was taken back. The log keeps that it was said once."))
    back = visit.form.get("back", "")
    return visit.go("person", key=back) if back else visit.go("people")


PAGES = (
    Page(name="person", path="/p/p/{key}", get=_person, post=_about_person),
    Page(name="person_new", path="/p/n", get=_new, post=_enter),
    Page(name="people_undo", path="/p/u/{key}", post=_take_back),
)

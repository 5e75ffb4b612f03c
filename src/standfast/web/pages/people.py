# SPDX-License-Identifier: Apache-2.0
"""People: whose the accounts are, as the person says.

First “which of these are you?”, then one account after the other “who is this?”. Nothing is joined
by itself: what looks alike is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.desk import meeting
from standfast.desk.wording import channel
from standfast.errors import WrongUsage
from standfast.i18n import N_, _
from standfast.model.people import Account, Person, Role
from standfast.web.page import Page, pages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.responses import Response

    from standfast.desk import Desk
    from standfast.desk.meeting import Met
    from standfast.web.visit import Visit

ME = "me"
SHOWN = 50
CANDIDATES = 8
"""Accounts that are offered as one's own, in each channel."""
SAMPLES = 3
NEW = "new"


@dataclass(frozen=True, slots=True)
class Line:
    """An account as the pages show it; ``key`` stands for it in addresses and forms."""

    met: Met
    key: str
    person: Person | None
    person_key: str
    events: str


def line_of(visit: Visit, met: Met, person: Person | None) -> Line:
    """Give an account as the pages show it."""
    return Line(
        met,
        visit.key([met.channel, met.address]),
        person,
        visit.key({"person": person.id}) if person else "",
        events_url(visit, channel=met.channel, account=met.address),
    )


def events_url(visit: Visit, **where: str) -> str:
    """Give the address of the timeline with a filter; empty while it has none."""
    known = {one.name: one.path for one in pages()}
    if "{key}" in known.get("timeline_filtered", ""):
        return visit.url("timeline_filtered", key=visit.key(where))
    return ""


def called(person: Person) -> str:
    """Give what somebody is called on the pages."""
    return _("You") if person.role is Role.ME else person.label


def role_words(role: Role) -> str:
    """Say who somebody is, to the person whose case it is."""
    return {
        Role.ME: _("This is you."),
        Role.OTHER: _("You do not want contact from this person."),
        Role.THIRD: _("Somebody else: family, a friend, work, an office."),
    }[role]


# -- everybody -------------------------------------------------------------------------------


def _list(visit: Visit, start: int = 0) -> Response:
    desk = visit.desk
    owners, found = meeting.owners(desk), meeting.accounts(desk)
    known = {one.account: one for one in found}
    lines = [line_of(visit, one, owners.get(one.account)) for one in found[start : start + SHOWN]]
    return visit.render(
        "people/list.html",
        people=[_card(visit, one, accounts_of(desk, one, known)) for one in _in_order(desk)],
        lines=lines,
        total=len(found),
        start=start,
        newer=visit.key({"start": max(0, start - SHOWN)}) if start else "",
        older=visit.key({"start": start + SHOWN}) if start + SHOWN < len(found) else "",
        mine_open=bool(meeting.may_be_me(desk, 1)),
        unstated=len(found) - sum(1 for one in found if one.account in owners),
        undecided=desk.timeline.undecided_channels(),
        channel=channel,
        called=called,
    )


def _more(visit: Visit) -> Response:
    return _list(visit, int(visit.value(visit.params["key"])["start"]))


def _in_order(desk: Desk) -> list[Person]:
    order = {Role.ME: 0, Role.OTHER: 1, Role.THIRD: 2}
    return sorted(desk.state.people.values(), key=lambda one: (order[one.role], one.label))


def _card(visit: Visit, person: Person, found: list[Met]) -> dict[str, object]:
    numbers = numbers_of(found)
    return {
        "person": person, "name": called(person), "role": role_words(person.role),
        "href": visit.url("person", key=visit.key({"person": person.id})), **numbers,
    }  # fmt: skip


def accounts_of(
    desk: Desk, person: Person, known: Mapping[Account, Met] | None = None
) -> list[Met]:
    """Give somebody's accounts, also those that no event names."""
    known = known or {one.account: one for one in meeting.accounts(desk)}
    return [known.get(one) or meeting.Met(one.channel, one.address) for one in person.accounts]


def numbers_of(found: Iterable[Met]) -> dict[str, object]:
    """Sum up some accounts."""
    some = list(found)
    firsts = [one.first for one in some if one.first is not None]
    lasts = [one.last for one in some if one.last is not None]
    return {
        "accounts": len(some),
        "incoming": sum(one.incoming for one in some),
        "outgoing": sum(one.outgoing for one in some),
        "first": min(firsts, default=None),
        "last": max(lasts, default=None),
    }


# -- which of these are you? -----------------------------------------------------------------


def _me(visit: Visit, problem: WrongUsage | None = None) -> Response:
    found = meeting.may_be_me(visit.desk, CANDIDATES)
    groups = [
        (channel(name), f"c{number}", [line_of(visit, one, None) for one in some])
        for number, (name, some) in enumerate(found.items())
    ]
    return visit.render("people/me.html", groups=groups, problem=problem)


def _take_me(visit: Visit) -> Response:
    chosen = [visit.value(key) for name, key in visit.form.multi_items() if name != "form"]
    if not chosen:
        return _me(visit, WrongUsage(_("Nothing was chosen, so nothing was changed.")))

    def state(desk: Desk) -> None:
        for on, address in chosen:
            desk.link(ME, Role.ME, on, address)

    visit.write(state)
    visit.say(_("It is noted which accounts are yours. You can change that at any time."))
    return visit.go("people_next" if meeting.unstated(visit.desk) else "people")


# -- who is this? ----------------------------------------------------------------------------


def _next(visit: Visit) -> Response:
    """Ask about the account that is met most, of those nobody has named."""
    return _ask(visit, ())


def _after(visit: Visit) -> Response:
    """Ask about one account, or go on after those that were passed over."""
    value = visit.value(visit.params["key"])
    if isinstance(value, list):
        return _ask(visit, (), only=Account(*value))
    return _ask(visit, tuple(map(tuple, value["later"])))


def _ask(
    visit: Visit,
    later: tuple[tuple[str, ...], ...],
    *,
    only: Account | None = None,
    problem: WrongUsage | None = None,
) -> Response:
    desk = visit.desk
    met = _asked(desk, later, only)
    if met is None:
        return visit.go("people")
    passed = [*later, (met.channel, met.address)]
    return visit.render(
        "people/who.html",
        line=line_of(visit, met, meeting.owners(desk).get(met.account)),
        left=len(meeting.unstated(desk)),
        people=[one for one in _in_order(desk) if one.role is not Role.ME],
        keys={one: visit.key({"person": one}) for one in desk.state.people},
        called=called,
        channel=channel,
        alike=_alike(visit, desk, met.account),
        samples=_samples(desk, met),
        later=visit.key({"later": passed}) if only is None else "",
        one_only=only is not None,
        problem=problem,
        form=visit.form,
    )


def _asked(desk: Desk, later: tuple[tuple[str, ...], ...], only: Account | None) -> Met | None:
    if only is not None:
        known = (one for one in meeting.accounts(desk) if one.account == only)
        return next(known, meeting.Met(only.channel, only.address))
    passed = set(later)
    some = meeting.unstated(desk)
    return next((one for one in some if (one.channel, one.address) not in passed), None)


def _samples(desk: Desk, met: Met) -> list[object]:
    from standfast.desk import Where  # noqa: PLC0415 - loads the database

    wanted = Where(channel=met.channel, account=met.address)
    return [one for one in desk.events(wanted, limit=SAMPLES) if one.text]


def _alike(visit: Visit, desk: Desk, account: Account) -> list[dict[str, object]]:
    owners = meeting.owners(desk)
    found = []
    for one in meeting.alike(desk, account):
        there = one.other if one.one == account else one.one
        found.append(
            {
                "account": there, "channel": channel(there.channel), "why": one.why,
                "person": owners.get(there), "key": visit.key([there.channel, there.address]),
            }
        )  # fmt: skip
    return found


def _say_who(visit: Visit) -> Response:
    value = visit.value(visit.params["key"])
    account = Account(*value)
    later = visit.form.get("later", "")
    with visit.problems() as caught:
        name, role = _whom(visit)

        def state(desk: Desk) -> None:
            desk.link(name, role, account.channel, account.address)
            for key in visit.form.getlist("also"):
                desk.link(name, role, *visit.value(key))

        visit.write(state)
        visit.say(_("That is noted. You can take it back on the page “People”."))
        return visit.go("people_who", key=later) if later else visit.go("people")
    problem = caught.problem
    shown = problem if isinstance(problem, WrongUsage) else None
    if shown is None and problem is not None:
        raise problem
    return _ask(visit, (), only=None if later else account, problem=shown)


def _whom(visit: Visit) -> tuple[str, Role]:
    """Read from a form whom the person means."""
    chosen = visit.form.get("who", "")
    if chosen == ME:
        return ME, Role.ME
    if chosen.startswith("p:"):
        name = visit.value(chosen[2:])["person"]
        known = visit.desk.state.people.get(name)
        if known is not None:
            return known.id, known.role
    if chosen == NEW:
        return new_name(visit), role_chosen(visit)
    raise WrongUsage(_("Please choose who this is, or go on without saying."))


def new_name(visit: Visit) -> str:
    """Read the name of somebody new.

    Raises:
        WrongUsage: there is none.
    """
    name = " ".join(visit.form.get("name", "").split())
    if not name:
        raise WrongUsage(_("A name is needed."), hint=_("Any name that you recognise will do."))
    return name


def role_chosen(visit: Visit) -> Role:
    """Read who somebody new is; nothing is assumed, for what is wanted of a dossier hangs on it.

    Raises:
        WrongUsage: it was not said.
    """
    said = visit.form.get("role", "")
    if said not in {Role.OTHER, Role.THIRD}:
        raise WrongUsage(
            _("Who is that?"),
            hint=_("Choose whether you do not want contact from this person, or somebody else."),
        )
    return Role(said)


PAGES = (
    Page(name="people", path="/p", get=_list, menu=(40, N_("People"))),
    Page(name="people_more", path="/p/a/{key}", get=_more),
    Page(name="people_me", path="/p/m", get=_me, post=_take_me),
    Page(name="people_next", path="/p/w", get=_next),
    Page(name="people_who", path="/p/w/{key}", get=_after, post=_say_who),
)

# SPDX-License-Identifier: Apache-2.0
"""Notes and incidents: what left no file, and what the person wants to remember.

An incident must be written down in under a minute on a phone: what happened comes first, today
stands there already, and everything else may stay empty.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.desk.written import written
from standfast.errors import WrongUsage
from standfast.i18n import N_, _
from standfast.model.times import iso_wall, utc_to_wall
from standfast.web.page import Page
from standfast.web.pages.people import called
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from standfast.desk import Desk, Row
    from standfast.desk.written import Written
    from standfast.web.visit import Visit

DAY_LENGTH = len("2024-03-04")
MINUTE_LENGTH = len("2024-03-04T09:05")
KNOWN, UNKNOWN = "known", "unknown"
FACTS, PRIVATE = "facts", "private"
SHOWN = 100
FIELDS = ("text", "day", "time", "person", "place", "witnesses", "zone")


def _list(visit: Visit, start: int = 0) -> Response:
    found = written(visit.desk)
    some = found[start : start + SHOWN]
    return visit.render(
        "notes/list.html",
        lines=[(one, visit.key({"entry": one.entry})) for one in some],
        about={one.entry: _about_words(visit.desk, one) for one in some if one.about},
        total=len(found),
        older=visit.key({"start": start + SHOWN}) if start + SHOWN < len(found) else "",
        person_name=lambda name: _person_name(visit.desk, name),
    )


def _more(visit: Visit) -> Response:
    return _list(visit, int(visit.value(visit.params["key"])["start"]))


def _person_name(desk: Desk, name: str) -> str:
    person = desk.state.people.get(name)
    return called(person) if person is not None else name


def _about_words(desk: Desk, note: Written) -> str:
    """Say what a note is about."""
    kind, colon, name = note.about.partition(":")
    if colon and kind == "person":
        return _("About {name}").format(name=_person_name(desk, name))
    if colon and kind == "finding":
        return _("About a finding")
    if note.about.isdecimal():
        return _("About original {number}").format(number=note.about)
    return _("About a contact")


# -- what a key says ---------------------------------------------------------------------------


def _meant(visit: Visit) -> Mapping[str, Any]:
    """Give what a new entry is about: the value of the key in the address.

    The key holds an event's reference alone, or one of ``event``, ``person``, ``finding`` and
    ``item`` (its number) by name.
    """
    if "key" not in visit.params:
        return {}
    value = visit.value(visit.params["key"])
    return {"event": value} if isinstance(value, str) else dict(value)


def _event(desk: Desk, meant: Mapping[str, Any]) -> Row | None:
    reference = str(meant.get("event", ""))
    return desk.timeline.by_reference([reference]).get(reference) if reference else None


# -- incidents ---------------------------------------------------------------------------------


def _incident(visit: Visit, problem: WrongUsage | None = None) -> Response:
    meant = _meant(visit)
    row = _event(visit.desk, meant)
    given = {name: visit.form.get(name, "") for name in FIELDS} if problem else {}
    people = sorted(visit.desk.state.people.values(), key=lambda one: (one.role, one.label))
    return visit.render(
        "notes/incident.html",
        row=row,
        given=given or _first_guess(visit.desk, row, meant),
        known=visit.form.get("known", KNOWN),
        people=[("", _("nobody, or not known"))]
        + [(one.id, one.label) for one in people if one.role != "me"],
        case_zone=visit.desk.state.zone,
        key=visit.params.get("key", ""),
        problem=problem,
    )


def _first_guess(desk: Desk, row: Row | None, meant: Mapping[str, Any]) -> dict[str, str]:
    """Fill in what is likely: today, or the day and the person of what was looked at."""
    given = dict.fromkeys(FIELDS, "")
    given["day"] = _today(desk)
    given["person"] = str(meant.get("person", ""))
    if row is not None:
        given["person"] = row.person
        if row.wall is not None and row.wall_other is None:
            wall = iso_wall(row.wall)
            given["day"] = wall[:DAY_LENGTH]
            given["time"] = wall[DAY_LENGTH + 1 : MINUTE_LENGTH]
    return given


def _today(desk: Desk) -> str:
    now = datetime.now().astimezone()
    zone = desk.state.zone
    return (utc_to_wall(now, zone) if zone else now).date().isoformat()


def _write_incident(visit: Visit) -> Response:
    form = visit.form
    facts = {name: form.get(name, "").strip() for name in FIELDS[3:]}
    text, when = form.get("text", "").strip(), _when(visit)
    with visit.problems() as caught:
        if form.get("known", KNOWN) == KNOWN and not when:
            raise WrongUsage(
                _("On which day was it?"),
                hint=_("If you do not know any more, choose that below."),
            )
        visit.write(lambda desk: desk.incident(text, when, **facts))
        visit.say(_("It is written down, with the time at which you wrote it."))
        return visit.go("notes")
    if isinstance(caught.problem, WrongUsage):
        return _incident(visit, caught.problem)
    raise caught.problem or NotFound


def _when(visit: Visit) -> str:
    """Read the day, and the time if one was given; nothing where it is not known."""
    if visit.form.get("known", KNOWN) == UNKNOWN:
        return ""
    day, time = visit.form.get("day", "").strip(), visit.form.get("time", "").strip()
    return f"{day}T{time}" if day and time else day


# -- notes -------------------------------------------------------------------------------------


def _note(visit: Visit, problem: WrongUsage | None = None) -> Response:
    return visit.render(
        "notes/note.html",
        row=_event(visit.desk, _meant(visit)),
        key=visit.params.get("key", ""),
        text=visit.form.get("text", ""),
        kind=visit.form.get("kind", PRIVATE),
        problem=problem,
    )


def _write_note(visit: Visit) -> Response:
    text, private = visit.form.get("text", "").strip(), visit.form.get("kind") != FACTS
    about = _about(_meant(visit))
    with visit.problems() as caught:
        visit.write(lambda desk: desk.note(text, about=about, private=private))
        visit.say(
            _("Your private note is kept. It stays in this case.")
            if private
            else _("Your note is kept. It may be handed over.")
        )
        return visit.go("notes")
    if isinstance(caught.problem, WrongUsage):
        return _note(visit, caught.problem)
    raise caught.problem or NotFound


def _about(meant: Mapping[str, Any]) -> str:
    """Write what a note is about, as the log keeps it."""
    if "event" in meant:
        return str(meant["event"])
    if "item" in meant:
        return str(meant["item"])
    for name in ("person", "finding"):
        if name in meant:
            return f"{name}:{meant[name]}"
    return ""


# -- taking back -------------------------------------------------------------------------------


def _withdraw(visit: Visit) -> Response:
    entry = int(visit.value(visit.params["key"])["entry"])
    visit.write(lambda desk: desk.withdraw(entry))
    visit.say(_("That was taken back. It counts no more; the log keeps that it was written."))
    return visit.go("notes")


PAGES = (
    Page(name="notes", path="/n", get=_list, menu=(45, N_("Notes"))),
    Page(name="notes_more", path="/n/a/{key}", get=_more),
    Page(name="incident_new", path="/n/i", get=_incident, post=_write_incident),
    Page(name="incident_about", path="/n/i/{key}", get=_incident, post=_write_incident),
    Page(name="note_new", path="/n/w", get=_note, post=_write_note),
    Page(name="note_about", path="/n/w/{key}", get=_note, post=_write_note),
    Page(name="notes_undo", path="/n/u/{key}", post=_withdraw),
)

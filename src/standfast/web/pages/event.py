# SPDX-License-Identifier: Apache-2.0
"""One event: everything that is known of it, its original bytes, and what can be done from here.

Rules enforced here: what comes from the original is shown as text only; a picture is drawn anew,
and what cannot be drawn is said; nothing is stated for the person, every statement is one press of
theirs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.times import ClockMark, ZoneBasis, from_micros, iso_utc, iso_wall, wall_to_utc
from standfast.web.filters import Filter
from standfast.web.page import Page
from standfast.web.pages.people import called
from standfast.web.pages.timeline import loading, url_of, working
from standfast.web.rendering import day, moment, size
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from standfast.desk import Desk, OriginalView, Row, Stretch
    from standfast.web.visit import Visit

HEX_LINE = 16
HEX_BYTES = 640
MOST_FACTS = 40
MOST_FILES = 40
MOST_FINDINGS = 20
REFERENCE_DIGITS = 12
MOST_TEXT = 100_000


def _event(visit: Visit, problem: WrongUsage | None = None) -> Response:
    from standfast.web.scroll import native_of, parts_of, show, zone_words  # noqa: PLC0415 - the first page must come at once

    desk, reference = visit.desk, visit.params["key"]
    if loading(visit):
        return working(visit, Filter(event=reference), "timeline_filtered")
    row = _row(desk, reference)
    one = show(visit, desk, row)
    facts = [(str(name), str(told)) for name, told in native_of(row).items()]
    return visit.render(
        "event/event.html",
        one=one,
        row=row,
        parts_of_text=parts_of(desk, row, "", most=MOST_TEXT),
        when=_when(row),
        zone=zone_words(row) if row.wall is not None else "",
        utc=moment(iso_utc(row.utc)) if row.utc is not None else "",
        clock=_clock(row),
        recipients=[str(to) for to in json.loads(row.recipients or "[]")],
        facts=facts[:MOST_FACTS],
        problem=problem,
        **_original(visit, row),
        **_about(visit, row),
        **_ways(visit, row),
    )


def _row(desk: Desk, reference: str) -> Row:
    row = desk.timeline.by_reference([reference]).get(reference)
    if row is None:
        raise NotFound(reference)
    return row


def _when(row: Row) -> str:
    if row.wall is None:
        return _("time unknown")
    if row.wall_other is not None:
        either = _("{one} or {other}")
        return either.format(one=moment(row.wall), other=moment(row.wall_other))
    return day(iso_wall(row.wall)[:10]) if row.precision == "day" else _fine(row.wall)


def _fine(wall: int) -> str:
    """Write a wall time as finely as the source does."""
    iso = iso_wall(wall)
    return f"{day(iso[:10])}, {iso[11:]}"


def _clock(row: Row) -> str:
    """Say what is special about a wall time in its zone."""
    if row.wall is None or row.wall_other is not None or not row.zone:
        return ""
    if row.zone_basis not in {ZoneBasis.CASE, ZoneBasis.STATED}:
        return ""
    try:
        mark = wall_to_utc(from_micros(row.wall), row.zone)[1]
    except ValueError:
        return ""
    return {
        ClockMark.FOLD: _("The clock showed this hour twice; it is taken as the first time."),
        ClockMark.GAP: _("This hour was skipped on that clock."),
        ClockMark.PLAIN: "",
    }[mark]


# -- the original ----------------------------------------------------------------------------


def _original(visit: Visit, row: Row) -> dict[str, Any]:
    from standfast.desk.browsing_ahead import original_by_now  # noqa: PLC0415 - likewise

    desk = visit.desk
    view = original_by_now(desk, row.event, visit.sitting.peeker)
    reading = desk.state.readings.get(row.item)
    return {
        "original": view,
        "item": _item_url(visit, view.item) if view is not None and view.item else "",
        "bytes": _bytes(view) if view is not None and not view.sentence else [],
        "state": visit.url("event_state", key=row.event),
        "also": _also(visit, desk, row),
        "files": _files(visit, desk, row),
        "reading": reading,
        "options": _options(reading.options) if reading is not None else [],
    }


def _options(said: Mapping[str, str]) -> list[str]:
    """Word what was decided about how the original is read."""
    orders = {
        "dmy": _("dates are day, month, year"),
        "mdy": _("dates are month, day, year"),
        "ymd": _("dates are year, month, day"),
    }
    zone, encoding = said.get("zone", ""), said.get("encoding", "")
    found = [
        _("time zone: {zone}").format(zone=zone) if zone else "",
        orders.get(said.get("date_order", ""), ""),
        _("characters: {encoding}").format(encoding=encoding) if encoding else "",
    ]
    return [one for one in found if one]


def _item_url(visit: Visit, number: int) -> str:
    return visit.url("item", key=visit.key({"item": number}))


def _bytes(view: OriginalView) -> list[tuple[str, str, bool]]:
    """Give what stands before, what the event says, and what follows; the event's own is marked."""
    found = [(view.before, False), (view.own, True), (view.after, False)]
    return [("text" if one.exact else "hex", _shown(one), own) for one, own in found if one.data]


def _shown(stretch: Stretch) -> str:
    if stretch.exact:
        return stretch.text
    data = stretch.data[:HEX_BYTES]
    lines = [data[at : at + HEX_LINE] for at in range(0, len(data), HEX_LINE)]
    return "\n".join(f"{one.hex(' '):<{3 * HEX_LINE}} {_plain(one)}" for one in lines)


def _plain(data: bytes) -> str:
    return "".join(
        one if one.isascii() and one.isprintable() else "." for one in data.decode("latin-1")
    )


def _also(visit: Visit, desk: Desk, row: Row) -> list[tuple[str, str]]:
    """Give the other originals the event stands in, by name."""
    items = {one.sha256[:REFERENCE_DIGITS]: one for one in desk.state.items.values()}
    found = [items.get(one.rpartition("-")[0]) for one in desk.timeline.also(row.event)]
    return [(one.name, _item_url(visit, one.number)) for one in found if one is not None]


def _files(visit: Visit, desk: Desk, row: Row) -> list[tuple[str, str, str, str]]:
    """Give the files it names that are there: name, size, fingerprint, and the original's page."""
    from standfast.web.scroll import attachments_of  # noqa: PLC0415 - likewise

    holder = desk.state.items.get(row.item)
    folder = holder.folder if holder is not None else ""
    beside = {} if row.path else {(one.folder, one.name): one for one in desk.state.items.values()}
    found = []
    for file in attachments_of(row)[:MOST_FILES]:
        item = beside.get((folder, str(file.get("path", ""))))
        fingerprint = item.sha256 if item is not None else str(file.get("sha256", ""))
        count = file.get("size", -1)
        told = size(count) if isinstance(count, int) and count >= 0 else ""
        there = _item_url(visit, item.number) if item is not None else ""
        if fingerprint or there:
            found.append((str(file.get("name", "")), told, fingerprint, there))
    return found


def _state(visit: Visit) -> Response:
    """Tell the page's script whether the original bytes are there."""
    from standfast.desk.browsing_ahead import original_by_now  # noqa: PLC0415 - likewise

    view = original_by_now(visit.desk, visit.params["key"], visit.sitting.peeker)
    return visit.json({"over": view is not None})


# -- what else is known, and where to go from here -------------------------------------------


def _about(visit: Visit, row: Row) -> dict[str, Any]:
    from standfast.desk.reviewing import review  # noqa: PLC0415 - likewise

    desk = visit.desk
    reviewed = review(desk)
    cards = reviewed.cards if reviewed is not None else ()
    citing = [card for card in cards if row.event in card.finding.events][:MOST_FINDINGS]
    return {
        "citing": [
            (one.statement.title, visit.url("finding", key=visit.key({"finding": one.finding.id})))
            for one in citing
        ],
        "reviewed": reviewed is not None,
        "notes": [one for one in desk.state.notes if one.about == row.event],
        "stated": next((one for one in desk.state.stops if one.event == row.event), None),
    }


def _ways(visit: Visit, row: Row) -> dict[str, Any]:
    key = visit.key({"event": row.event})
    person = visit.desk.state.people.get(row.person)
    other = person is not None and person.role == "other"
    mine = (
        Filter(people=(row.person,)) if person else Filter(channel=row.channel, account=row.account)
    )
    return {
        "key": row.event,
        "place": url_of(visit, Filter(event=row.event)),
        "only": url_of(visit, Filter(**{**mine.value, "event": row.event}))
        if row.account or row.person
        else "",
        "person_name": called(person) if person else "",
        "person_url": visit.url("person", key=visit.key({"person": person.id})) if person else "",
        "who_url": visit.url("people_who", key=visit.key([row.channel, row.account]))
        if row.account and not person
        else "",
        "note": visit.url("note_about", key=key),
        "incident": visit.url("incident_about", key=key),
        "knowledge": visit.url("knowledge_moment_of", key=key),
        "may_stop": other and row.direction == "out" and row.ts is not None,
        "may_block": other and row.direction == "in",
    }


def _act(visit: Visit) -> Response:
    """Take the statement that this message was a clear request to stop."""
    row = _row(visit.desk, visit.params["key"])
    with visit.problems() as caught:
        if visit.form.get("do") == "stop":
            visit.write(lambda desk: desk.stop_request(row.person, event=row.event))
            visit.say(_("It is noted: with this message you asked for it to stop."))
        return visit.go("event", key=row.event)
    if isinstance(caught.problem, WrongUsage):
        return _event(visit, caught.problem)
    raise caught.problem or NotFound


# -- pictures --------------------------------------------------------------------------------


def _picture(visit: Visit) -> Response:
    from standfast.desk.browsing_ahead import picture_kept  # noqa: PLC0415 - likewise
    from standfast.web.scroll import OWN  # noqa: PLC0415 - likewise

    place = visit.params["place"]
    if place != "own" and not (place.isascii() and place.isdecimal() and len(place) < len("1000")):
        raise NotFound(place)
    number = OWN if place == "own" else int(place)
    view = picture_kept(visit.desk, visit.params["key"], number, visit.sitting.peeker)
    if not view.png:
        raise NotFound(place)
    return visit.file(view.png, "image/png")


PAGES = (
    Page(name="event_state", path="/e/w/{key}", get=_state, active=False),
    Page(name="picture", path="/e/p/{key}/{place}", get=_picture),
    Page(name="event", path="/e/{key}", get=_event, post=_act),
)

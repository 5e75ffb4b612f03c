# SPDX-License-Identifier: Apache-2.0
"""Narrowing the timeline down: one form for everything that can be asked of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from standfast.desk.wording import channel as channel_words
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.event import Kind
from standfast.web.filters import HOURS, Filter, directions, kind_name, weekday_name
from standfast.web.page import Page
from standfast.web.pages.people import called
from standfast.web.pages.timeline import asked_of, loading, url_of, working

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk import Desk
    from standfast.web.visit import Visit

WEEK = 7
MOST_FINDINGS = 200
DAY = len("2024-03-04")


def _form(visit: Visit, problem: WrongUsage | None = None) -> Response:
    asked = asked_of(visit).bare
    if loading(visit):
        return working(visit, asked, "timeline_narrow")
    desk = visit.desk
    findings, detectors = _findings(visit, desk)
    return visit.render(
        "timeline/narrow.html",
        asked=asked,
        key=visit.key(asked.value),
        back=url_of(visit, asked),
        problem=problem,
        people=[(visit.key({"person": one.id}), called(one)) for one in desk.state.people.values()],
        with_people=[visit.key({"person": one}) for one in asked.people],
        channels=[(one, channel_words(one)) for one in desk.timeline.ordered().channels],
        kinds=[(str(one), kind_name(one)) for one in Kind],
        directions=[("", _("Any")), *directions().items()],
        weekdays=[(str(one), weekday_name(one)) for one in range(WEEK)],
        with_weekdays=[str(one) for one in asked.weekdays],
        hours=[(str(one), f"{one:02}:00") for one in range(HOURS)],
        findings=findings,
        detectors=detectors,
        cited=_cited(visit, asked),
    )


def _cited(visit: Visit, asked: Filter) -> str:
    named = ("finding", asked.finding), ("detector", asked.detector)
    return next((visit.key({name: value}) for name, value in named if value), "")


def _findings(visit: Visit, desk: Desk) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Give the findings, and the sorts of findings, as choices; none while they are worked out."""
    from standfast.desk.reviewing import review  # noqa: PLC0415 - the first page must come at once

    reviewed = review(desk)
    cards = reviewed.cards if reviewed is not None else ()
    single = [
        (visit.key({"finding": one.finding.id}), one.statement.title)
        for one in cards[:MOST_FINDINGS]
        if one.finding.events
    ]
    sorts = {one.finding.detector: one.statement.title for one in reversed(cards)}
    several = [
        (visit.key({"detector": name}), _("All like: {title}").format(title=title))
        for name, title in sorts.items()
        if sum(one.finding.detector == name for one in cards) > 1
    ]
    return single, several


def _narrow(visit: Visit) -> Response:
    with visit.problems() as caught:
        asked = replace(asked_of(visit).bare, mark="", **_said(visit))
        if asked == Filter():
            return visit.go("timeline")
        return visit.go("timeline_filtered", key=visit.key(asked.value))
    if isinstance(caught.problem, WrongUsage):
        return _form(visit, caught.problem)
    raise caught.problem or WrongUsage("")


def _said(visit: Visit) -> dict[str, Any]:
    form = visit.form
    first, last = _day(form.get("first", "")), _day(form.get("last", ""))
    if first and last and last < first:
        raise WrongUsage(
            _("The last day lies before the first one."), hint=_("Please look at both days again.")
        )
    cited = visit.value(form["cited"]) if form.get("cited") else {}
    return {
        "people": tuple(str(visit.value(one)["person"]) for one in form.getlist("people")),
        "channels": tuple(form.getlist("channels")),
        "kinds": tuple(one for one in form.getlist("kinds") if one in set(Kind)),
        "direction": form.get("direction", "") if form.get("direction") in directions() else "",
        "weekdays": tuple(one for one in range(WEEK) if str(one) in form.getlist("weekdays")),
        "hours": _hours(form.get("from", ""), form.get("until", "")),
        "first": first,
        "last": last,
        "attached": form.get("attached") == "yes",
        "undated": form.get("undated") == "yes",
        "finding": str(cited.get("finding", "")),
        "detector": str(cited.get("detector", "")),
        "lacks": (),
    }


def _hours(first: str, last: str) -> tuple[int, int] | None:
    known = {str(one) for one in range(HOURS)}
    if first not in known and last not in known:
        return None
    start = int(first) if first in known else 0
    end = int(last) if last in known else HOURS
    return None if (start, end) == (0, HOURS) else (start, end)


def _day(text: str) -> str:
    from datetime import date  # noqa: PLC0415 - only here

    if not text.strip():
        return ""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as problem:
        raise WrongUsage(
            _("“{when}” is not a date.").format(when=text[:DAY]),
            hint=_("Write the day like 2024-03-04."),
        ) from problem


PAGES = (Page(name="timeline_narrow", path="/t/f/{key}", get=_form, post=_narrow),)

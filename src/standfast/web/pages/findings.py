# SPDX-License-Identifier: Apache-2.0
"""Findings: what stands out, with its reasons, for the person to confirm or to put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from standfast.i18n import N_, _
from standfast.model.finding import Confidence, Status
from standfast.web.page import Page
from standfast.web.quoting import Quote, quotes, timeline_url
from standfast.web.rendering import day
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from standfast.desk.patterns import Patterns
    from standfast.desk.reviewing import Card, Review, Subject
    from standfast.web.figure import Figure
    from standfast.web.visit import Visit

CARDS = 10
QUOTED = 3
PATIENCE = 20.0
"""Seconds that a decision waits for findings which are just being worked out."""
QUOTED_CLOSELY = 12
PAGES_OF = {
    Status.SUGGESTED: "findings",
    Status.CONFIRMED: "findings_confirmed",
    Status.DISMISSED: "findings_dismissed",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding on a page: its words, its first quotes, and where it is looked at closely."""

    card: Card
    sure: str
    span: str
    quoted: tuple[Quote, ...]
    more: int
    href: str
    events: str
    """The address of the timeline with the events it rests on."""


@dataclass(frozen=True, slots=True)
class Group:
    """The findings about one person or account."""

    subject: Subject
    cards: tuple[Shown, ...]


# -- the list --------------------------------------------------------------------------------


def _waiting(visit: Visit) -> Response:
    return _list(visit, Status.SUGGESTED, 0)


def _confirmed(visit: Visit) -> Response:
    return _list(visit, Status.CONFIRMED, 0)


def _dismissed(visit: Visit) -> Response:
    return _list(visit, Status.DISMISSED, 0)


def _further(visit: Visit) -> Response:
    place = visit.value(visit.params["key"])
    return _list(visit, Status(place["status"]), int(place["start"]))


def _list(visit: Visit, status: Status, start: int) -> Response:
    review = _review(visit)
    if review is None:
        return _not_yet(visit, PAGES_OF[status])
    cards = review.of(status)
    shown = [_shown(visit, card) for card in cards[start : start + CARDS]]
    following = start + CARDS
    return visit.render(
        "findings/list.html",
        shown_status=status,
        counts={one: len(review.of(one)) for one in Status},
        tabs=[(visit.url(PAGES_OF[one]), one) for one in PAGES_OF],
        groups=_grouped(shown),
        gone=[(one, visit.key({"finding": one.id})) for one in review.gone]
        if status is not Status.DISMISSED and not start
        else [],
        start=start,
        following=_further_url(visit, status, following) if following < len(cards) else "",
        before=_further_url(visit, status, max(0, start - CARDS)) if start else "",
        people=bool(visit.desk.state.people),
        events=bool(visit.desk.state.readings),
        here=_place(visit, status, start),
    )


def _review(visit: Visit) -> Review | None:
    from standfast.desk.reviewing import review  # noqa: PLC0415 - the first page must come at once

    return review(visit.desk)


def _further_url(visit: Visit, status: Status, start: int) -> str:
    return visit.url("findings_further", key=_place(visit, status, start))


def _place(visit: Visit, status: Status, start: int) -> str:
    return visit.key({"status": str(status), "start": start})


def _grouped(shown: Sequence[Shown]) -> list[Group]:
    groups: dict[str, list[Shown]] = {}
    for one in shown:
        groups.setdefault(one.card.subject.id, []).append(one)
    return [Group(cards[0].card.subject, tuple(cards)) for cards in groups.values()]


def _shown(visit: Visit, card: Card, most: int = QUOTED) -> Shown:
    finding = card.finding
    quoted = quotes(visit, finding.events[:most])
    key = visit.key({"finding": finding.id})
    return Shown(
        card, _sure(finding.confidence), _span(finding.first, finding.last), quoted,
        max(0, finding.events_total - len(quoted)), visit.url("finding", key=key),
        timeline_url(visit, {"finding": finding.id}),
    )  # fmt: skip


def _sure(confidence: Confidence) -> str:
    return {
        Confidence.COUNTED: _("counted"),
        Confidence.LIKELY: _("likely"),
        Confidence.HINT: _("a hint to look at"),
    }[confidence]


def _span(first: str, last: str) -> str:
    if first == last:
        return day(first)
    return _("{first} to {last}").format(first=day(first), last=day(last))


def _not_yet(visit: Visit, back: str, **keys: str) -> Response:
    return visit.render("findings/working.html", again=visit.url(back, **keys))


def _state(visit: Visit) -> Response:
    """Tell the page's script whether they are worked out."""
    return visit.json({"over": _review(visit) is not None})


# -- one finding -----------------------------------------------------------------------------


def _one(visit: Visit) -> Response:
    review = _review(visit)
    if review is None:
        return _not_yet(visit, "finding", key=visit.params["key"])
    card = _card(visit, review)
    return visit.render(
        "findings/one.html",
        shown=_shown(visit, card, QUOTED_CLOSELY),
        shown_status=card.status,
        patterns=visit.url("patterns_of", key=visit.key({"subject": card.subject.id})),
        back=visit.url(PAGES_OF[card.status]),
    )


def _card(visit: Visit, review: Review) -> Card:
    about = visit.value(visit.params["key"])
    for card in review.cards:
        if card.finding.id == about.get("finding"):
            return card
    raise NotFound(about)


def _decide(visit: Visit) -> Response:
    from standfast.desk.reviewing import review as reviewed  # noqa: PLC0415 - likewise
    from standfast.desk.reviewing import settle  # noqa: PLC0415 - likewise

    review = reviewed(visit.desk, patience=PATIENCE)
    if review is None:
        visit.say(_("That was not entered yet. Please say it again in a moment."), tone="attention")
        return _not_yet(visit, "finding", key=visit.params["key"])
    card = _card(visit, review)
    said, words = visit.form.get("say", ""), visit.form.get("words", "")
    if said == "note":
        finding = card.finding.id
        visit.write(lambda desk: desk.note(words, about=finding, private=True))
        visit.say(_("It is noted. Your note stays in this case."))
        return visit.go("finding", key=visit.params["key"])
    if said not in set(Status):
        return visit.go("finding", key=visit.params["key"])
    status = Status(said)
    visit.write(lambda desk: settle(desk, card.finding, status, words))
    visit.say(_told(status))
    return _back(visit)


def _told(status: Status) -> str:
    return {
        Status.CONFIRMED: _("Confirmed. It goes into the dossier when you make one."),
        Status.DISMISSED: _("Put aside. It goes into no dossier; you can change your mind."),
        Status.SUGGESTED: _("Taken back. It waits for you again."),
    }[status]


def _back(visit: Visit) -> Response:
    here = visit.form.get("here", "")
    if not here:
        return visit.go("finding", key=visit.params["key"])
    place = visit.value(here)
    if place["start"]:
        return visit.go("findings_further", key=here)
    return visit.go(PAGES_OF[Status(place["status"])])


def _forget(visit: Visit) -> Response:
    from standfast.desk.reviewing import take_back_gone  # noqa: PLC0415 - likewise

    finding = str(visit.value(visit.params["key"]).get("finding", ""))
    visit.write(lambda desk: take_back_gone(desk, finding))
    visit.say(_("Taken back. It is no longer counted as confirmed."))
    return visit.go("findings")


def _explained(visit: Visit) -> Response:
    return visit.render("findings/explained.html")


# -- patterns --------------------------------------------------------------------------------


def _patterns(visit: Visit) -> Response:
    from standfast.desk.charting import channel  # noqa: PLC0415 - likewise
    from standfast.desk.patterns import patterns_by_now  # noqa: PLC0415 - likewise

    review = _review(visit)
    if review is None:
        return _not_yet(visit, "patterns")
    subjects = {card.subject.id: card.subject for card in review.cards}
    asked = visit.value(visit.params["key"]) if "key" in visit.params else {}
    chosen = subjects.get(asked.get("subject", ""), next(iter(subjects.values()), None))
    found: dict[str, Any] = {"figures": [], "levels": None, "counted": None, "pauses": []}
    if chosen is not None:
        counted = patterns_by_now(visit.desk, chosen.id)
        if counted is None:
            return _not_yet(visit, "patterns_of", key=visit.key({"subject": chosen.id}))
        found = {
            "figures": _figures(visit, chosen, counted),
            "levels": _level(counted),
            "counted": counted,
            "pauses": [(one, channel(one.channel)) for one in counted.pauses],
        }
    return visit.render(
        "findings/patterns.html",
        subjects=[
            (one, visit.url("patterns_of", key=visit.key({"subject": one.id})))
            for one in list(subjects.values())[:MOST_SUBJECTS]
        ],
        chosen=chosen,
        **found,
    )


MOST_SUBJECTS = 40


def _figures(visit: Visit, subject: Subject, counted: Patterns) -> list[Figure]:
    from standfast.web import charts  # noqa: PLC0415 - likewise

    if not counted.days:
        return []
    whose: dict[str, Any] = {"people": [subject.id], "direction": "in"}
    if not subject.stated:
        _account, channel, address = subject.id.split(":", 2)
        whose = {"channel": channel, "account": address, "direction": "in"}

    def of_days(first: str, days: int = 1) -> str:
        last = (date.fromisoformat(first) + timedelta(days=days - 1)).isoformat()
        return timeline_url(visit, {**whose, "first": first, "last": last})

    def of_hour(weekday: int, hour: int) -> str:
        narrowed = {"weekdays": [weekday], "hours": [hour, (hour + 1) % 24]}
        return timeline_url(visit, {**whose, **narrowed})

    return [
        charts.weeks(counted.weeks, link=lambda monday: of_days(monday, 7), name="weeks"),
        charts.months(counted.days, link=of_days, name="months"),
        charts.week_hours(counted.hours, link=of_hour, name="hours"),
    ]


def _level(counted: Patterns) -> Figure | None:
    from standfast.desk.charting import Medium, level  # noqa: PLC0415 - likewise
    from standfast.web.figure import Figure, wide  # noqa: PLC0415 - likewise

    if not counted.levels:
        return None
    chart = level(counted.days, counted.levels, medium=Medium.WEB)
    return Figure(
        name="level", title=chart.title, description=chart.description,
        picture=wide(chart.svg, chart.title), head=chart.head, rows=chart.rows,
    )  # fmt: skip


PAGES = (
    Page(
        name="findings", path="/f", get=_waiting, menu=(30, N_("Findings")),
    ),
    Page(name="findings_confirmed", path="/f/c", get=_confirmed),
    Page(name="findings_dismissed", path="/f/d", get=_dismissed),
    Page(name="findings_further", path="/f/l/{key}", get=_further),
    Page(name="findings_explained", path="/f/h", get=_explained),
    Page(name="findings_state", path="/f/w", get=_state, active=False),
    Page(name="finding", path="/f/o/{key}", get=_one, post=_decide),
    Page(name="finding_gone", path="/f/g/{key}", post=_forget),
    Page(name="patterns", path="/f/p", get=_patterns),
    Page(name="patterns_of", path="/f/p/{key}", get=_patterns),
)  # fmt: skip

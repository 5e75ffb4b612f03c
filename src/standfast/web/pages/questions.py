# SPDX-License-Identifier: Apache-2.0
"""What only the person can decide, one question at a time, answered where it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel.dates import get_timezone_location

from standfast.desk import asking, zones
from standfast.errors import WrongUsage
from standfast.i18n import N_, _, language
from standfast.model.times import iso_wall
from standfast.web.page import Page, pages
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from standfast.desk import Desk
    from standfast.desk.asking import Asked, Sample
    from standfast.desk.progress import Progress
    from standfast.desk.sitting import Sitting
    from standfast.errors import StandfastError
    from standfast.web.visit import Visit

OTHER = "other"
LISTED = 100


def _next(visit: Visit) -> Response:
    """Show the first question that is open, and what was answered before."""
    waiting = asking.open_questions(visit.desk)
    if not waiting:
        return visit.render("questions/none.html", **_answered(visit))
    return _page(visit, waiting[0], waiting=waiting)


def _one(visit: Visit) -> Response:
    """Show one question, to answer it or to answer it again."""
    return _page(visit, _asked(visit), waiting=asking.open_questions(visit.desk))


def _asked(visit: Visit) -> Asked:
    found = asking.find_question(visit.desk, visit.value(visit.params["key"]))
    if found is None:
        raise NotFound
    return found


def _page(
    visit: Visit,
    asked: Asked,
    *,
    waiting: tuple[Asked, ...],
    problem: StandfastError | None = None,
) -> Response:
    facts: dict[str, Any] = {
        "asked": asked,
        "kind": asked.first.question,
        "key": visit.key(asked.first.id),
        "left": len(waiting),
        "others": [(visit.key(one.first.id), one) for one in waiting if one != asked][:LISTED],
        "problem": problem,
        "samples": asking.samples(visit.desk, asked),
    }
    facts |= _choices(visit.desk, asked, facts["samples"])
    status = 400 if problem else 200
    return visit.render("questions/ask.html", status=status, **facts, **_answered(visit))


def _choices(desk: Desk, asked: Asked, samples: tuple[Sample, ...]) -> dict[str, Any]:
    if asked.first.question == asking.ZONE:
        return {
            "likely": [(name, why, place_words(name)) for name, why in asking.likely_zones(desk)],
            "zones": [(name, place_words(name)) for name in zones.zones_to_choose()],
        }
    if asked.first.question == asking.ME:
        return {"by": asking.samples_by(desk, asked)}
    examples = dict(zip(asked.first.choices, asked.first.examples, strict=False))
    if asked.first.question == asking.DATE_ORDER:
        return {"orders": [_order(one, examples, samples) for one in asked.first.choices]}
    return {"options": [(one, one, "", examples.get(one, "")) for one in asked.first.choices]}


def _order(
    value: str, examples: Mapping[str, str], samples: tuple[Sample, ...]
) -> tuple[str, str, str, list[tuple[str, Sample]]]:
    """Give one order of a date: what it is called, and what the messages' days would be."""
    readings = [
        (iso_wall(wall), one) for one in samples for choice, wall in one.readings if choice == value
    ]
    return value, order_words().get(value, value), examples.get(value, ""), readings


def _answered(visit: Visit) -> dict[str, Any]:
    desk = visit.desk
    given = asking.answered_questions(desk)[:LISTED]
    return {
        "given": [(visit.key(one.first.id), one, answer_words(one)) for one in given],
        "mine": [(visit.key([one.channel, one.address]), one) for one in asking.my_accounts(desk)],
        "question_words": question_words,
    }


def _answer(visit: Visit) -> Response:
    """Take an answer; where the files are read again, that is long work."""
    asked = _asked(visit)
    value = visit.form.get("value", "").strip()
    if asked.first.question == asking.ZONE and value in {"", OTHER}:
        value = visit.form.get("zone", "").strip()
    with visit.problems() as caught:
        _must_fit(asked, value)
        return _take(visit, asked, value)
    waiting = asking.open_questions(visit.desk)
    return _page(visit, asked, waiting=waiting, problem=caught.problem)


def _must_fit(asked: Asked, value: str) -> None:
    if not value:
        raise WrongUsage(_("Choose one of the answers."), hint="")
    if asked.first.question == asking.ZONE:
        zones.check_zone(value)
    elif asked.first.choices and value not in asked.first.choices:
        raise WrongUsage(_("Choose one of the answers."), hint="")


def _take(visit: Visit, asked: Asked, value: str) -> Response:
    if asked.first.question == asking.ME:
        visit.write(lambda desk: desk.answer(asked.first.id, value))
        visit.say(_("Thank you. It is noted."))
        return visit.go("questions")
    ids = asked.ids if visit.form.get("all") else asked.ids[:1]

    def work(sitting: Sitting, progress: Progress) -> None:
        sitting.write(lambda desk: asking.answer_all(desk, ids, value, progress))

    return visit.start(_("Reading again, with your answer"), work, visit.url("questions"))


def _undo(visit: Visit) -> Response:
    """Take an answer back: the question is open again."""
    asked = _asked(visit)

    def work(sitting: Sitting, progress: Progress) -> None:
        sitting.write(lambda desk: asking.take_back(desk, asked.ids, progress))

    return visit.start(_("Taking the answer back"), work, visit.url("questions"))


def _not_me(visit: Visit) -> Response:
    """Take back that an account is the person's."""
    channel, address = visit.value(visit.params["key"])
    visit.write(lambda desk: desk.unlink(channel, address))
    visit.say(_("It is taken back. The question is open again."))
    return visit.go("questions")


def next_step(visit: Visit) -> str:
    """Give the address of what comes when nothing is left to decide: the timeline."""
    there = any(one.name == "timeline" for one in pages())
    return visit.url("timeline" if there else "home")


# -- words -----------------------------------------------------------------------------------


def question_words(asked: Asked) -> str:
    """Word a question in a few words, for lists."""
    return {
        asking.DATE_ORDER: _("Does the day or the month come first?"),
        asking.ZONE: _("In which time zone was the device?"),
        asking.ME: _("Which one is you?"),
        "encoding": _("In which writing was this text saved?"),
    }.get(asked.first.question, asked.first.question)


def answer_words(asked: Asked) -> str:
    """Word the answer that was given."""
    if asked.first.question == asking.DATE_ORDER:
        return order_words().get(asked.answer, asked.answer)
    if asked.first.question == asking.ZONE:
        return place_words(asked.answer)
    return asked.answer


def order_words() -> dict[str, str]:
    """Word the orders of a date."""
    return {
        "dmy": _("The day comes first"),
        "mdy": _("The month comes first"),
        "ymd": _("The year comes first"),
    }


def place_words(zone: str) -> str:
    """Name a zone by its place, in the language in force."""
    try:
        place = str(get_timezone_location(zone, locale=language()))
    except LookupError:
        place = ""
    return place if place and "Unknown" not in place else zone


PAGES = (
    Page(name="questions", path="/q", get=_next, menu=(50, N_("Questions"))),
    Page(name="question", path="/q/{key}", get=_one, post=_answer),
    Page(name="question_undo", path="/q/{key}/u", post=_undo),
    Page(name="question_not_me", path="/q/{key}/n", post=_not_me),
)

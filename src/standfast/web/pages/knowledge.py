# SPDX-License-Identifier: Apache-2.0
"""How do they know? The board: moments, what could have carried them, one question at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from standfast.i18n import N_, _
from standfast.web.page import Page
from standfast.web.quoting import quotes
from standfast.web.rendering import day, moment
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from standfast.desk import Board
    from standfast.desk.board import Carrier, Cell, Showing
    from standfast.errors import StandfastError
    from standfast.web.visit import Visit

T = TypeVar("T", "Showing", "Carrier")
MOMENT_FIELDS = ("knew", "shown", "day", "time", "own_day", "own_words")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the board: a moment, when it was, and a cell for each carrier."""

    moment: Showing
    when: str
    href: str
    cells: tuple[tuple[Carrier, Cell, str, str], ...]
    """Carrier, answer, the answer in words, the address of its question."""


# -- the board -------------------------------------------------------------------------------


def _board(visit: Visit) -> Response:
    from standfast.desk.board import (  # noqa: PLC0415 - the first page must come at once
        carrier_words,
        explain,
        unexplained_words,
    )

    board = visit.desk.board()
    return visit.render(
        "knowledge/board.html",
        board=board,
        lines=[_line(visit, board, place) for place in range(len(board.moments))],
        carriers=[
            (one.carrier, carrier_words(one.carrier.kind), explain(one), one,
             visit.url("knowledge_carrier_of", key=visit.key({"carrier": one.carrier.entry})))
            for one in board.tallies
        ],
        hints=unexplained_words(board),
        following=_question_url(visit, board.following),
        telling=_telling(visit, board),
        left=sum(cell.held is None for row in board.cells for cell in row),
    )  # fmt: skip


def _line(visit: Visit, board: Board, place: int) -> Line:
    from standfast.desk.board import held_words  # noqa: PLC0415 - likewise

    one = board.moments[place]
    cells = tuple(
        (carrier, cell, held_words(cell.held), _question_url(visit, cell))
        for carrier, cell in zip(board.carriers, board.cells[place], strict=True)
    )
    href = visit.url("knowledge_moment_of", key=visit.key({"moment": one.entry}))
    return Line(one, _when(one.when, one.precision), href, cells)


def _telling(visit: Visit, board: Board) -> dict[str, Any] | None:
    cell = board.telling
    if cell is None:
        return None
    carrier = _entry(board.carriers, cell.carrier)
    shown = _entry(board.moments, cell.moment)
    return {"carrier": carrier, "moment": shown, "href": _question_url(visit, cell)}


def _question_url(visit: Visit, cell: Cell | None) -> str:
    if cell is None:
        return ""
    pair = {"moment": cell.moment, "carrier": cell.carrier}
    return visit.url("knowledge_question", key=visit.key(pair))


def _when(iso: str, precision: str) -> str:
    if not iso:
        return _("no date")
    return day(iso) if precision == "day" else moment(iso)


def _entry(found: Sequence[T], entry: object) -> T:
    for one in found:
        if one.entry == entry:
            return one
    raise NotFound(entry)


# -- a moment --------------------------------------------------------------------------------


def _moment(visit: Visit) -> Response:
    about = _about(visit)
    if "moment" not in about:
        return _moment_form(visit, {}, about)
    one = _entry(visit.desk.board().moments, about["moment"])
    day_known = bool(one.when) and not one.event
    timed = day_known and one.precision != "day"
    given = {
        "knew": one.knew, "shown": one.shown, "own_words": one.own_words,
        "day": one.when[:10] if day_known else "", "time": one.when[11:16] if timed else "",
        "own_day": one.own_when[:10],
    }  # fmt: skip
    return _moment_form(visit, given, {"moment": one.entry, "event": one.event})


def _about(visit: Visit) -> dict[str, Any]:
    found = visit.value(visit.params["key"]) if "key" in visit.params else {}
    return found if isinstance(found, dict) else {}


def _moment_form(
    visit: Visit, given: dict[str, str], about: dict[str, Any],
    problem: StandfastError | None = None,
) -> Response:  # fmt: skip
    event = about.get("event", "")
    known = "moment" in about
    return visit.render(
        "knowledge/moment.html",
        status=400 if problem else 200,
        given={name: given.get(name, "") for name in MOMENT_FIELDS},
        problem=problem,
        known=known,
        event=event,
        citations=quotes(visit, [event]) if event else (),
        back=_back_url(visit, about["moment"]) if known else "",
    )


def _keep_moment(visit: Visit) -> Response:
    about = _about(visit)
    form = {name: visit.form.get(name, "") for name in MOMENT_FIELDS}
    event = "" if visit.form.get("without_event") else about.get("event", "")
    if "moment" in about:
        one = _entry(visit.desk.board().moments, about["moment"])
        event = "" if visit.form.get("without_event") else one.event
    facts = {
        "shown": form["shown"], "own_words": form["own_words"], "own_when": form["own_day"],
        "when": f"{form['day']} {form['time']}".strip(), "event": event,
        "replaces": str(about.get("moment", "")),
    }  # fmt: skip
    with visit.problems() as caught:
        visit.write(lambda desk: desk.knowledge_moment(form["knew"], **facts))
        visit.say(_("It is written down."))
        return visit.go("knowledge")
    return _moment_form(visit, form, {**about, "event": event}, caught.problem)


# -- a carrier -------------------------------------------------------------------------------


def _carrier(visit: Visit) -> Response:
    about = _about(visit)
    if "carrier" not in about:
        return _carrier_form(visit, "", "", about)
    one = _entry(visit.desk.board().carriers, about["carrier"])
    return _carrier_form(visit, one.kind, one.name, about)


def _carrier_form(
    visit: Visit, kind: str, name: str, about: dict[str, Any],
    problem: StandfastError | None = None,
) -> Response:  # fmt: skip
    from standfast.desk.board import carrier_words  # noqa: PLC0415 - likewise

    known = "carrier" in about
    return visit.render(
        "knowledge/carrier.html",
        status=400 if problem else 200,
        kind=kind,
        name=name,
        problem=problem,
        known=known,
        kinds=[(one, carrier_words(one), *words) for one, words in _kinds().items()],
        back=_back_url(visit, about["carrier"]) if known else "",
    )


def _kinds() -> dict[Any, tuple[str, str]]:
    """Explain each kind, with an example of a name."""
    from standfast.desk import CarrierKind  # noqa: PLC0415 - likewise

    return {
        CarrierKind.PHONE: (
            _("Somebody may read it, or have had it in their hands."), _("“My phone”")),
        CarrierKind.ACCOUNT: (
            _("An account that more than one person could open: cloud, calendar, maps, shopping."),
            _("“The family cloud account”")),
        CarrierKind.CHANNEL: (
            _("Where it was written about: a chat, a group, a mailbox."), _("“Our group chat”")),
        CarrierKind.CAR: (
            _("A car that reports where it is, or something in it."), _("“The blue car”")),
        CarrierKind.PHOTO: (
            _("A picture can hold the place and time, or show them."), _("“Photo from the lake”")),
        CarrierKind.POST: (
            _("Yours, or one by friends, a club, an employer."), _("“Kim's post on Sunday”")),
        CarrierKind.TOLD: (
            _("Somebody who knew, and may have passed it on without meaning harm."),
            _("“My cousin”")),
        CarrierKind.HOME: (
            _("A camera, a loudspeaker, a letterbox, a view from the street."),
            _("“The doorbell camera”")),
        CarrierKind.CHILD: (
            _("A tablet, phone, watch or toy that goes back and forth."), _("“The tablet”")),
        CarrierKind.OTHER: (_("A register, a club list, a receipt, a bag."), _("“The gym bag”")),
    }  # fmt: skip


def _keep_carrier(visit: Visit) -> Response:
    about = _about(visit)
    kind, name = visit.form.get("kind", ""), visit.form.get("name", "")
    replaces = about.get("carrier")
    with visit.problems() as caught:
        visit.write(lambda desk: desk.carrier(kind, name, replaces))
        visit.say(_("It is on the board."))
        return visit.go("knowledge")
    return _carrier_form(visit, kind, name, about, caught.problem)


# -- a question ------------------------------------------------------------------------------


def _question(visit: Visit) -> Response:
    from standfast.desk import Held  # noqa: PLC0415 - likewise
    from standfast.desk.board import carrier_words  # noqa: PLC0415 - likewise

    pair = _about(visit)
    board = visit.desk.board()
    shown, carrier = (
        _entry(board.moments, pair.get("moment")), _entry(board.carriers, pair.get("carrier")),
    )  # fmt: skip
    row = board.cells[board.moments.index(shown)]
    cell = row[board.carriers.index(carrier)]
    flat = [one for cells in board.cells for one in cells]
    return visit.render(
        "knowledge/question.html",
        moment=shown,
        when=_when(shown.when, shown.precision),
        own_when=_when(shown.own_when, shown.own_precision) if shown.own_when else "",
        carrier=carrier,
        carrier_kind=carrier_words(carrier.kind),
        cell=cell,
        held=Held,
        citations=quotes(visit, [shown.event]) if shown.event else (),
        answered=sum(one.held is not None for one in flat),
        total=len(flat),
    )


def _keep_answer(visit: Visit) -> Response:
    from standfast.desk import Held  # noqa: PLC0415 - likewise

    pair = _about(visit)
    said = visit.form.get("held", "")
    if said not in set(Held) or not {"moment", "carrier"} <= set(pair):
        return visit.go("knowledge_question", key=visit.params["key"])
    words = visit.form.get("words", "")
    visit.write(lambda desk: desk.carried(pair["moment"], pair["carrier"], Held(said), words))
    following = visit.desk.board().following
    if following is None or visit.form.get("then") == "board":
        return visit.go("knowledge")
    key = visit.key({"moment": following.moment, "carrier": following.carrier})
    return visit.go("knowledge_question", key=key)


# -- taking back -----------------------------------------------------------------------------


def _back_url(visit: Visit, entry: int) -> str:
    return visit.url("knowledge_back", key=visit.key({"entry": entry}))


def _ask_back(visit: Visit) -> Response:
    board, entry = visit.desk.board(), _about(visit).get("entry")
    named = {one.entry: one.knew for one in board.moments}
    named |= {one.entry: one.name for one in board.carriers}
    if entry not in named:
        raise NotFound(entry)
    return visit.render("knowledge/back.html", name=named[entry])


def _take_back(visit: Visit) -> Response:
    board, entry = visit.desk.board(), _about(visit).get("entry")
    found: list[Showing | Carrier] = [*board.moments, *board.carriers]
    if entry in {one.entry for one in found}:
        visit.write(lambda desk: desk.withdraw(int(str(entry))))
        visit.say(_("It is taken back and no longer on the board."))
    return visit.go("knowledge")


PAGES = (
    Page(name="knowledge", path="/k", get=_board, menu=(35, N_("How do they know?"))),
    Page(name="knowledge_moment", path="/k/m", get=_moment, post=_keep_moment),
    Page(name="knowledge_moment_of", path="/k/m/{key}", get=_moment, post=_keep_moment),
    Page(name="knowledge_carrier", path="/k/c", get=_carrier, post=_keep_carrier),
    Page(name="knowledge_carrier_of", path="/k/c/{key}", get=_carrier, post=_keep_carrier),
    Page(name="knowledge_question", path="/k/q/{key}", get=_question, post=_keep_answer),
    Page(name="knowledge_back", path="/k/t/{key}", get=_ask_back, post=_take_back),
)

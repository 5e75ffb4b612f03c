# SPDX-License-Identifier: Apache-2.0
"""The board of "How do they know?": what was written down, folded and counted.

A *moment* is one at which the other person showed that they knew something. A *carrier* is what
could have held it: a phone, a shared account, a car, a person who was told. For each pair the
person says whether the carrier held it before that moment.

Rules enforced here:

* the board counts answers and nothing else: no verdict, no accusation, no likelihood;
* an open answer is never counted on either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from standfast.i18n import _, ngettext
from standfast.model.times import Precision

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from standfast.timeline.state import CaseState
    from standfast.vault.entry import Entry

MOMENT = "moment"
CARRIER = "carrier"
HELD = "held"
DAY_LENGTH = len("2024-03-04")
FEWEST = 2
"""Moments and carriers from which on one answer can tell more than another."""


class Held(StrEnum):
    """Whether a carrier held what was known before the other person showed it."""

    BEFORE = "before"
    NOT = "not"
    UNKNOWN = "unknown"


class CarrierKind(StrEnum):
    """What sort of thing could have carried knowledge."""

    PHONE = "phone"
    ACCOUNT = "account"
    CHANNEL = "channel"
    CAR = "car"
    PHOTO = "photo"
    POST = "post"
    TOLD = "told"
    HOME = "home"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """A moment at which the other person showed that they knew something.

    Attributes:
        entry: the ledger entry that names it; a correction keeps it.
        number: its place on the board, by time, from 1.
        knew: what they knew, in the person's words; ``shown``: how they showed it.
        when: naive ISO time in ``zone``, may be empty; ``precision`` as it was stated.
        event: reference of the event it rests on, may be empty.
        own_when: since when the person knew or planned it themself, may be empty.
        early: by the times given, it was shown before the person knew it themself.
    """

    entry: int
    number: int
    written: str
    knew: str
    shown: str = ""
    when: str = ""
    zone: str = ""
    precision: str = ""
    event: str = ""
    own_when: str = ""
    own_precision: str = ""
    own_words: str = ""
    early: bool = False


@dataclass(frozen=True, slots=True)
class Carrier:
    """What could have carried knowledge, under the name the person gave it."""

    entry: int
    kind: CarrierKind
    name: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What the person says of a moment and a carrier; ``held`` is ``None`` until they said it."""

    moment: int
    carrier: int
    held: Held | None = None
    words: str = ""

    @property
    def open(self) -> bool:
        """Say whether it is not known."""
        return self.held in {None, Held.UNKNOWN}


@dataclass(frozen=True, slots=True)
class Tally:
    """Which moments a carrier could explain, by their numbers on the board."""

    carrier: Carrier
    could: tuple[int, ...]
    could_not: tuple[int, ...]
    open: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that was written down, and what follows from it by counting.

    Attributes:
        cells: a row a moment, in the order of ``carriers``.
        unexplained: numbers of the moments that no carrier held, by answers that are all given.
        following: the first pair of which nothing was said yet.
        telling: the open pair whose answer would tell most, where that can be said.
    """

    moments: tuple[Showing, ...]
    carriers: tuple[Carrier, ...]
    cells: tuple[tuple[Cell, ...], ...]
    tallies: tuple[Tally, ...]
    unexplained: tuple[int, ...]
    following: Cell | None
    telling: Cell | None


# -- the board -------------------------------------------------------------------------------


def fold_board(state: CaseState) -> Board:
    """Fold what was written down into the board."""
    moments, carriers = moments_of(state), carriers_of(state)
    said = {
        (one.body["moment"], one.body["carrier"]): one.body
        for one in state.knowledge
        if one.body["about"] == HELD
    }
    cells = tuple(
        tuple(_cell(said, moment.entry, carrier.entry) for carrier in carriers)
        for moment in moments
    )
    tallies = tuple(
        _tally(carrier, moments, [row[place] for row in cells])
        for place, carrier in enumerate(carriers)
    )
    return Board(
        moments, carriers, cells, tallies,
        unexplained=tuple(
            moment.number for moment, row in zip(moments, cells, strict=True)
            if row and all(cell.held is Held.NOT for cell in row)
        ),
        following=next((cell for row in cells for cell in row if cell.held is None), None),
        telling=most_telling(cells),
    )  # fmt: skip


def _cell(said: Mapping[tuple[int, int], Any], moment: int, carrier: int) -> Cell:
    body = said.get((moment, carrier))
    if body is None:
        return Cell(moment, carrier)
    return Cell(moment, carrier, Held(body["held"]), body["words"])


def _tally(carrier: Carrier, moments: Sequence[Showing], column: Sequence[Cell]) -> Tally:
    pairs = list(zip(moments, column, strict=True))
    return Tally(
        carrier,
        could=tuple(moment.number for moment, cell in pairs if cell.held is Held.BEFORE),
        could_not=tuple(moment.number for moment, cell in pairs if cell.held is Held.NOT),
        open=tuple(moment.number for moment, cell in pairs if cell.open),
    )


def most_telling(cells: Sequence[Sequence[Cell]]) -> Cell | None:
    """Give the open pair whose answer would tell most about a single carrier behind it all.

    A carrier that did not hold one of the moments cannot explain all of them, so the answers
    about the others are worth more; and an answer tells most where few carriers held what was
    known (the share that did is estimated from the answers of that moment). With a single carrier
    behind everything, each as likely as the other, this is the open pair with the most expected
    information. Where no carrier is left, a moment that nothing explains yet goes first.
    """
    if len(cells) < FEWEST or len(cells[0]) < FEWEST:
        return None
    if not any(not cell.open for row in cells for cell in row):
        return None
    ruled_out = {cell.carrier for row in cells for cell in row if cell.held is Held.NOT}
    explained = {cell.moment for row in cells for cell in row if cell.held is Held.BEFORE}
    waiting = [cell for row in cells for cell in row if cell.open]
    choice = (
        [cell for cell in waiting if cell.carrier not in ruled_out]
        or [cell for cell in waiting if cell.moment not in explained]
        or waiting
    )
    share = {row[0].moment: _share(row) for row in cells}
    could = [cell.carrier for row in cells for cell in row if cell.held is Held.BEFORE]
    return min(
        choice, key=lambda cell: (share[cell.moment], -could.count(cell.carrier)), default=None
    )


def _share(row: Sequence[Cell]) -> Fraction:
    """Estimate which share of carriers held what was known, by the rule of succession."""
    before = sum(1 for cell in row if cell.held is Held.BEFORE)
    answered = sum(1 for cell in row if not cell.open)
    return Fraction(before + 1, answered + 2)


def explain(tally: Tally) -> tuple[str, ...]:
    """Word a tally: what the carrier could explain, what it could not, and what is open."""
    total = len(tally.could) + len(tally.could_not) + len(tally.open)
    sentences = [
        ngettext(
            "It could explain {n} of {total} moment.", "It could explain {n} of {total} moments.",
            total,
        ).format(n=len(tally.could), total=total)
    ]  # fmt: skip
    if tally.could_not:
        sentences.append(
            ngettext(
                "It does not explain moment {numbers}, because you wrote that it did not hold "
                "this before.",
                "It does not explain moments {numbers}, because you wrote that it did not hold "
                "them before.",
                len(tally.could_not),
            ).format(numbers=_listed(tally.could_not))
        )
    if tally.open:
        sentences.append(
            ngettext(
                "Moment {numbers} is open.", "Moments {numbers} are open.", len(tally.open)
            ).format(numbers=_listed(tally.open))
        )
    return tuple(sentences)


def unexplained_words(board: Board) -> tuple[str, ...]:
    """Say which moments nothing on the board explains, and which dates do not fit together."""
    found = []
    if board.unexplained:
        found.append(
            ngettext(
                "Nothing on the board explains moment {numbers} so far. Something may be missing "
                "from it; a guess, a habit or chance can explain a moment too.",
                "Nothing on the board explains moments {numbers} so far. Something may be missing "
                "from it; a guess, a habit or chance can explain a moment too.",
                len(board.unexplained),
            ).format(numbers=_listed(board.unexplained))
        )
    early = tuple(one.number for one in board.moments if one.early)
    if early:
        found.append(
            ngettext(
                "By the times you gave, moment {numbers} was shown before you knew it yourself. "
                "Please look at the two times again.",
                "By the times you gave, moments {numbers} were shown before you knew it yourself. "
                "Please look at the two times of each again.",
                len(early),
            ).format(numbers=_listed(early))
        )
    return tuple(found)


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def carrier_words(kind: CarrierKind) -> str:
    """Name a kind of carrier."""
    return {
        CarrierKind.PHONE: _("Phone or computer"),
        CarrierKind.ACCOUNT: _("Shared account"),
        CarrierKind.CHANNEL: _("Chat or mailbox"),
        CarrierKind.CAR: _("Car"),
        CarrierKind.PHOTO: _("Photo and its place"),
        CarrierKind.POST: _("Post online"),
        CarrierKind.TOLD: _("Person who was told"),
        CarrierKind.HOME: _("Place or device at home"),
        CarrierKind.CHILD: _("Child's device"),
        CarrierKind.OTHER: _("Something else"),
    }[kind]


def held_words(held: Held | None) -> str:
    """Word an answer."""
    if held is None:
        return _("Not asked yet")
    return {
        Held.BEFORE: _("Held it before"),
        Held.NOT: _("Did not hold it"),
        Held.UNKNOWN: _("Not known"),
    }[held]


# -- folding ---------------------------------------------------------------------------------


def _newest(state: CaseState, about: str) -> list[tuple[Entry, Mapping[str, Any]]]:
    """Give the first entry of each matter, with the body that holds now."""
    found: dict[int, tuple[Entry, Mapping[str, Any]]] = {}
    for one in state.knowledge:
        if one.body["about"] != about:
            continue
        first = one.body.get("replaces")
        if first is None:
            found[one.seq] = (one, one.body)
        elif first in found:
            found[first] = (found[first][0], one.body)
    return list(found.values())


def moments_of(state: CaseState) -> tuple[Showing, ...]:
    """Give the moments as they were last written down, in the order of their times."""
    found = sorted(
        _newest(state, MOMENT), key=lambda one: (not one[1]["when"], one[1]["when"], one[0].seq)
    )
    names = (
        "knew", "shown", "when", "zone", "precision", "event", "own_when", "own_precision",
        "own_words",
    )  # fmt: skip
    return tuple(
        Showing(
            entry=first.seq, number=number, written=first.at, early=_early(body),
            **{name: body[name] for name in names},
        )
        for number, (first, body) in enumerate(found, 1)
    )  # fmt: skip


def _early(body: Mapping[str, Any]) -> bool:
    shown, own = body["when"], body["own_when"]
    if not shown or not own:
        return False
    if Precision.DAY in {body["precision"], body["own_precision"]}:
        return bool(shown[:DAY_LENGTH] < own[:DAY_LENGTH])
    return bool(shown < own)


def carriers_of(state: CaseState) -> tuple[Carrier, ...]:
    """Give the carriers, in the order in which they were named."""
    return tuple(
        Carrier(first.seq, CarrierKind(body["kind"]), body["name"])
        for first, body in _newest(state, CARRIER)
    )

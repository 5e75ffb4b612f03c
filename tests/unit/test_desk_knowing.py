# SPDX-License-Identifier: Apache-2.0
"""How do they know? What is written down, corrected, taken back, counted, and never given away."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from math import log2
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from desk_case import PHRASE, entries_in, found, make, open_desk, told_case, whole_text
from standfast.cli.commands.knowledge import COMMAND
from standfast.desk.board import (
    Board,
    CarrierKind,
    Cell,
    Held,
    carrier_words,
    explain,
    held_words,
    most_telling,
    unexplained_words,
)
from standfast.desk.bundling import Choice
from standfast.errors import WrongUsage
from standfast.i18n import speaking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from click.testing import Result

    from standfast.desk import Desk

MARKER = "persimmon-quietly"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with told_case(tmp_path_factory.mktemp("knowing")) as desk:
        yield desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with make(tmp_path / "case") as desk:
        yield desk


def filled(desk: Desk) -> tuple[list[int], list[int]]:
    moments = [
        desk.knowledge_moment("the new address", when="2024-03-10", shown="a letter came"),
        desk.knowledge_moment("where I parked", when="2024-03-04 18:00"),
        desk.knowledge_moment("my cousin's name"),
    ]
    carriers = [desk.carrier("phone", "My phone"), desk.carrier("told", "Sam")]
    return moments, carriers


def test_an_empty_board_has_nothing_to_ask(desk: Desk) -> None:
    assert desk.board() == Board((), (), (), (), (), None, None)


def test_moments_stand_in_the_order_of_their_times_and_those_without_one_at_the_end(
    desk: Desk,
) -> None:
    filled(desk)
    board = desk.board()
    assert [(one.number, one.knew) for one in board.moments] == [
        (1, "where I parked"), (2, "the new address"), (3, "my cousin's name"),
    ]  # fmt: skip
    assert [one.precision for one in board.moments] == ["min", "day", "none"]
    assert board.following == Cell(board.moments[0].entry, board.carriers[0].entry)


def test_answers_are_counted_and_the_newest_holds(desk: Desk) -> None:
    (address, parked, cousin), (phone, sam) = filled(desk)
    desk.carried(address, phone, Held.NOT)
    desk.carried(address, phone, Held.BEFORE, "I had typed it into the map.")
    desk.carried(parked, phone, Held.BEFORE)
    desk.carried(cousin, phone, Held.UNKNOWN)
    desk.carried(address, sam, Held.NOT, "Sam never knew.")
    first, second = desk.board().tallies
    assert (first.could, first.could_not, first.open) == ((1, 2), (), (3,))
    assert (second.could, second.could_not, second.open) == ((), (2,), (1, 3))
    assert explain(first) == ("It could explain 2 of 3 moments.", "Moment 3 is open.")
    assert explain(second)[1].startswith("It does not explain moment 2, because you wrote")
    assert desk.board().cells[1][0].words == "I had typed it into the map."


def test_a_correction_keeps_the_answers_and_taking_it_back_restores_what_was_written(
    desk: Desk,
) -> None:
    (address, _parked, _cousin), (phone, _sam) = filled(desk)
    desk.carried(address, phone, Held.BEFORE)
    again = desk.knowledge_moment("the new street", when="2024-03-01", replaces=str(address))
    renamed = desk.carrier("account", "The shared account", phone)
    first = desk.board().moments[0]
    assert (first.entry, first.number, first.knew) == (address, 1, "the new street")
    assert desk.board().cells[0][0].held is Held.BEFORE
    assert desk.board().carriers[0].kind is CarrierKind.ACCOUNT
    desk.withdraw(again)
    desk.withdraw(renamed)
    assert [one.knew for one in desk.board().moments][1] == "the new address"
    assert desk.board().carriers[0].name == "My phone"


def test_what_is_taken_back_takes_its_answers_and_corrections_along(desk: Desk) -> None:
    (address, parked, _cousin), (phone, sam) = filled(desk)
    desk.carried(address, phone, Held.BEFORE)
    desk.knowledge_moment("the new street", when="2024-03-01", replaces=str(address))
    desk.withdraw(address)
    desk.withdraw(sam)
    board = desk.board()
    assert address not in {one.entry for one in board.moments}
    assert [one.entry for one in board.carriers] == [phone]
    assert all(cell.held is None for row in board.cells for cell in row)
    with pytest.raises(WrongUsage):
        desk.carried(address, phone, Held.BEFORE)
    with pytest.raises(WrongUsage):
        desk.carried(parked, sam, Held.BEFORE)


def test_a_moment_rests_on_an_event_with_its_time_and_zone(told: Desk) -> None:
    row = told.events()[3]
    entry = told.knowledge_moment("that I was reading", event=row.event, when="1999-01-01")
    one = next(one for one in told.board().moments if one.entry == entry)
    assert (one.event, one.when, one.zone) == (row.event, "2024-03-15T23:40:00", "Europe/Berlin")
    with pytest.raises(WrongUsage):
        told.knowledge_moment("anything", event="000000000000-0")


@pytest.mark.parametrize(
    ("knew", "facts"),
    [
        (" ", {}),
        ("x", {"when": "soon"}),
        ("x", {"own_when": "2024-13-01"}),
        ("x", {"replaces": "0"}),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    desk: Desk, knew: str, facts: dict[str, str]
) -> None:
    before = len(desk.vault.entries)
    with pytest.raises(WrongUsage):
        desk.knowledge_moment(knew, **facts)
    for kind, name in (("spy", "x"), ("phone", "  ")):
        with pytest.raises(WrongUsage):
            desk.carrier(kind, name)
    assert len(desk.vault.entries) == before


@pytest.mark.parametrize(
    ("when", "own"),
    [("2024-03-04", "2024-03-05"), ("2024-03-04 20:00", "2024-03-04 20:01")],
)
def test_times_that_do_not_fit_together_are_asked_about(desk: Desk, when: str, own: str) -> None:
    desk.knowledge_moment("a plan", when=when, own_when=own)
    assert desk.board().moments[0].early
    (sentence,) = unexplained_words(desk.board())
    assert "moment 1" in sentence


@pytest.mark.parametrize(
    ("when", "own"),
    [
        ("2024-03-04", "2024-03-04 23:00"),
        ("2024-03-04 20:00", "2024-03-04"),
        ("2024-03-04 20:00", ""),
        ("", "2024-03-05"),
    ],
)
def test_times_that_may_fit_together_are_left_alone(desk: Desk, when: str, own: str) -> None:
    desk.knowledge_moment("a plan", when=when, own_when=own)
    assert unexplained_words(desk.board()) == ()


def test_a_moment_that_nothing_explains_is_said_so_and_an_open_one_is_not(desk: Desk) -> None:
    (address, parked, _cousin), (phone, sam) = filled(desk)
    desk.carried(address, phone, Held.NOT)
    desk.carried(address, sam, Held.NOT)
    desk.carried(parked, phone, Held.NOT)
    assert desk.board().unexplained == (2,)
    (sentence,) = unexplained_words(desk.board())
    assert "moment 2" in sentence
    assert "chance" in sentence


# -- what to ask -----------------------------------------------------------------------------

STATES = (None, Held.BEFORE, Held.NOT, Held.UNKNOWN)
grids = st.tuples(st.integers(2, 5), st.integers(2, 5)).flatmap(
    lambda size: st.lists(
        st.lists(st.sampled_from(STATES), min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)


def table(grid: list[list[Held | None]]) -> list[list[Cell]]:
    return [
        [Cell(moment, 100 + place, held) for place, held in enumerate(row)]
        for moment, row in enumerate(grid)
    ]


def worth(share: Fraction, carriers: int) -> float:
    """Bits that an answer tells of which one of so many carriers is behind everything."""

    def bits(p: float) -> float:
        return -sum(x * log2(x) for x in (p, 1 - p) if x > 0)

    prior = 1 / carriers
    yes = prior + (1 - prior) * float(share)
    return bits(yes) - (1 - prior) * bits(float(share))


@given(grids)
def test_the_pair_that_is_proposed_tells_the_most(grid: list[list[Held | None]]) -> None:
    cells = table(grid)
    asked = most_telling(cells)
    flat = [cell for row in cells for cell in row]
    if all(cell.open for cell in flat):
        assert asked is None
        return
    if not any(cell.open for cell in flat):
        assert asked is None
        return
    assert asked is not None
    assert asked.open
    left = {cell.carrier for cell in flat} - {
        cell.carrier for cell in flat if cell.held is Held.NOT
    }
    candidates = [cell for cell in flat if cell.open and cell.carrier in left]
    if not candidates:
        return
    assert asked.carrier in left

    def share(cell: Cell) -> Fraction:
        row = cells[cell.moment]
        yes = sum(one.held is Held.BEFORE for one in row)
        return Fraction(yes + 1, yes + sum(one.held is Held.NOT for one in row) + 2)

    best = max(worth(share(cell), len(left)) for cell in candidates)
    assert worth(share(asked), len(left)) == pytest.approx(best)


def test_the_carrier_that_leads_is_asked_about_first() -> None:
    cells = table(
        [
            [Held.BEFORE, Held.BEFORE, Held.NOT],
            [Held.BEFORE, Held.UNKNOWN, Held.BEFORE],
            [None, None, None],
            [None, None, Held.NOT],
        ]
    )
    assert most_telling(cells) == Cell(3, 100)


def test_when_no_single_carrier_is_left_what_nothing_explains_is_asked_about() -> None:
    cells = table([[Held.NOT, Held.BEFORE], [Held.BEFORE, Held.NOT], [None, Held.NOT]])
    assert most_telling(cells) == Cell(2, 100)
    explained = table([[Held.NOT, Held.BEFORE], [None, Held.NOT], [Held.BEFORE, Held.BEFORE]])
    assert most_telling(explained) == Cell(1, 100)


def test_one_moment_or_one_carrier_has_no_best_question() -> None:
    assert most_telling(table([[Held.BEFORE, None]])) is None
    assert most_telling(table([[Held.BEFORE], [None]])) is None


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_and_answer_has_words(language: str) -> None:
    with speaking(language):
        assert len({carrier_words(kind) for kind in CarrierKind}) == len(CarrierKind)
        assert len({held_words(held) for held in (None, *Held)}) == len(Held) + 1


@given(grids)
def test_every_moment_is_counted_once_for_every_carrier(grid: list[list[Held | None]]) -> None:
    for row, column in product(range(len(grid)), range(len(grid[0]))):
        cell = table(grid)[row][column]
        assert cell.open is (grid[row][column] in {None, Held.UNKNOWN})


# -- staying in the case ---------------------------------------------------------------------


def test_a_bundle_of_everything_holds_none_of_it_and_is_genuine(tmp_path: Path) -> None:
    with told_case(tmp_path) as desk:
        moment = desk.knowledge_moment(
            f"{MARKER} 1", event=desk.events()[1].event, shown=f"{MARKER} 2", own_words=MARKER
        )
        carrier = desk.carrier("told", f"{MARKER} 3")
        desk.carried(moment, carrier, Held.BEFORE, f"{MARKER} 4")
        desk.withdraw(desk.carrier("car", f"{MARKER} 5"))
        whole, part = tmp_path / "whole.zip", tmp_path / "part.zip"
        desk.make_bundle(whole)
        desk.make_bundle(part, Choice(originals=frozenset({1})))
    for path in (whole, part):
        assert found(path)["verdict"] in {"genuine", "genuine_partial"}
        assert MARKER.encode() not in whole_text(path)
        assert "knowledge" not in {one["type"] for one in entries_in(path)}
    with open_desk(tmp_path / "case") as desk:
        assert desk.verify().whole


# -- the command -----------------------------------------------------------------------------


def run(case: Path, *words: str) -> Result:
    phrase = case.parent / "phrase"
    phrase.write_text(PHRASE)
    with phrase.open("rb") as file:
        return CliRunner().invoke(
            COMMAND, [str(case), *words, "--passphrase-fd", str(file.fileno()), "--lang", "en"]
        )


def test_the_command_writes_and_shows_the_board(tmp_path: Path) -> None:
    case = tmp_path / "case"
    make(case).close()
    assert "Nothing is written down yet" in run(case).stdout
    moments = [
        json.loads(run(case, "add", name, "--at", "2024-03-04", "--json").stdout)["entry"]
        for name in ("the address", "the\x1b[31m car")
    ]
    carriers = [
        json.loads(run(case, "carrier", *words, "--json").stdout)["entry"]
        for words in (("phone", "My phone"), ("told", "Sam"))
    ]
    done = run(case, "held", str(moments[0]), str(carriers[0]), "before", "--words", "typed it")
    assert done.exit_code == 0
    assert "My phone: Held it before (typed it)" in done.stdout
    assert "It could explain 1 of 2 moments." in done.stdout
    assert "Worth finding out next: did “" in done.stdout
    assert "\x1b" not in done.stdout
    board = json.loads(run(case, "--json").stdout)["board"]
    assert [one["could"] for one in board["tallies"]] == [[1], []]
    renamed = run(case, "carrier", "phone", "Old phone", "--replaces", str(carriers[0]))
    assert "Old phone" in renamed.stdout
    assert "Sam" not in run(case, "withdraw", str(carriers[1])).stdout


@pytest.mark.parametrize(
    "words",
    [
        ("sing",), ("add",), ("held", "1", "2"), ("held", "a", "2", "not"), ("withdraw", "x"),
        ("held", "1", "2", "maybe"), ("add", "x", "--replaces", "y"), ("board", "more"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_said_and_nothing_is_written(
    told_folder: Path, words: tuple[str, ...]
) -> None:
    assert run(told_folder, *words).exit_code == 2


@pytest.fixture(scope="module")
def told_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("slips") / "case"
    make(case).close()
    return case

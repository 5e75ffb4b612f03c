# SPDX-License-Identifier: Apache-2.0
"""What only the person can decide about a file, and what an answer changes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from desk_case import CHAT, make, open_desk, put
from standfast.desk.progress import Silent
from standfast.errors import WrongUsage
from standfast.model.times import iso_utc, iso_wall
from standfast.timeline.query import Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk

OPEN_DATES = """\
04/03/2024, 09:05 - Alex: first
05/03/2024, 09:06 - Mira: second
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two cases, made once."""
    folder = tmp_path_factory.mktemp("prepared")
    with make(folder / "open" / "case") as desk:
        desk.add([put(folder / "open", "chat.txt", OPEN_DATES)])
    make(folder / "empty" / "case").close()
    return folder


def copied(prepared: Path, name: str, tmp_path: Path) -> Desk:
    shutil.copytree(prepared / name, tmp_path, dirs_exist_ok=True)
    return open_desk(tmp_path / "case")


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "empty", tmp_path) as made:
        yield made


@pytest.fixture
def undecided(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(prepared, "open", tmp_path) as made:
        yield made


def texts(desk: Desk, **where: str) -> list[str]:
    return [row.text for row in desk.events(Where(**where))]  # type: ignore[arg-type]  # names of Where


def days(desk: Desk) -> list[str]:
    return [iso_wall(row.wall)[:10] for row in desk.events() if row.wall and not row.wall_other]


def test_the_order_of_dates_is_asked_and_each_answer_gives_other_days(
    undecided: Desk,
) -> None:
    assert {one.id for one in undecided.questions()} == {"1.date_order", "1.me"}
    assert days(undecided) == []
    assert all(row.ts is None for row in undecided.events())
    undecided.answer("1.date_order", "dmy")
    assert days(undecided) == ["2024-03-04", "2024-03-05"]
    assert {one.id for one in undecided.questions()} == {"1.me"}
    undecided.answer("1.date_order", "mdy")  # a slip of the pen can be put right
    assert days(undecided) == ["2024-04-03", "2024-05-03"]


def test_an_answer_holds_after_opening_again_and_the_question_does_not_come_back(
    undecided: Desk, tmp_path: Path
) -> None:
    undecided.answer("1.date_order", "mdy")
    undecided.answer("1.me", "Mira")
    undecided.close()
    with open_desk(tmp_path / "case") as again:
        assert again.questions() == ()
        again.add([tmp_path / "chat.txt"])
        assert again.questions() == ()
        assert days(again) == ["2024-04-03", "2024-05-03"]
        assert again.verify().whole


def test_the_zone_is_asked_only_where_the_case_has_none_and_decides_utc(tmp_path: Path) -> None:
    with made_without_zone(tmp_path) as desk:
        asked = {one.question: one for one in desk.questions()}
        assert "zone" in asked
        assert all(row.utc is None for row in desk.events())
        for value, hour in (("America/New_York", 13), ("+02:00", 7)):
            desk.answer(asked["zone"].id, value)
            first = desk.events()[1]
            assert first.utc is not None
            assert iso_utc(first.utc) == f"2024-03-14T{hour:02d}:05:00Z"
            assert (first.zone, first.zone_basis) == (value, "stated")


def made_without_zone(folder: Path) -> Desk:
    desk = make(folder / "case", zone="")
    desk.add([put(folder, "chat.txt", CHAT)])
    return desk


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("1.me", "Nobody"),
        ("1.me", ""),
        ("1.date_order", "DMY"),
        ("1.zone", "Europe/Berlin"),
        ("2.me", "Mira"),
        ("", "x"),
        ("me", "Mira"),
    ],
)
def test_a_wrong_answer_is_refused_and_enters_nothing(
    undecided: Desk, question: str, value: str
) -> None:
    before = len(undecided.vault.entries)
    with pytest.raises(WrongUsage):
        undecided.answer(question, value)
    assert len(undecided.vault.entries) == before


def test_an_unknown_zone_is_no_answer(tmp_path: Path) -> None:
    with made_without_zone(tmp_path) as desk:
        (asked,) = [one for one in desk.questions() if one.question == "zone"]
        with pytest.raises(WrongUsage):
            desk.answer(asked.id, "Middle/Earth")


def test_an_answer_that_is_interrupted_is_not_given(undecided: Desk) -> None:
    class Impatient(Silent):
        def step(self, _done: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        undecided.answer("1.date_order", "dmy", Impatient())
    assert "1.date_order" in {one.id for one in undecided.questions()}
    undecided.answer("1.date_order", "dmy")
    assert days(undecided) == ["2024-03-04", "2024-03-05"]


def test_who_is_me_is_asked_again_once_it_was_taken_back(desk: Desk, tmp_path: Path) -> None:
    desk.add([put(tmp_path, "chat.txt", CHAT)])
    desk.answer("1.me", "Alex")
    assert desk.questions() == ()
    desk.unlink("whatsapp", "Alex")
    desk.answer("1.me", "Mira")
    assert texts(desk, direction="out") == ["please do not write to me any more"]

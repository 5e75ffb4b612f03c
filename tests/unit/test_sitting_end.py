# SPDX-License-Identifier: Apache-2.0
"""A sitting: what goes wrong in it, its keys, what it remembers, and its end."""

from __future__ import annotations

import shutil
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from desk_case import FLOOR, LETTER, PHRASE, open_desk, put, told_case
from standfast.desk import Desk, looking
from standfast.desk import sitting as sittings
from standfast.desk.sitting import Sitting
from standfast.errors import Damaged, StandfastError, WrongPassphrase
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.vault import keys
from standfast.vault.opening import Unlock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER = "another quiet phrase"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with told_case(tmp_path_factory.mktemp("told")) as desk:
        return desk.vault.folder


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    shutil.copytree(made, folder)
    return folder


@pytest.fixture
def sitting(case: Path) -> Iterator[Sitting]:
    sitting = Sitting.begin(case, Unlock(PHRASE))
    sitting.catch_up()
    yield sitting
    sitting.close()


# -- what goes wrong -------------------------------------------------------------------------


def test_a_piece_of_work_that_fails_leaves_what_it_committed(sitting: Sitting) -> None:
    def work(desk: Desk) -> None:
        desk.note("first")
        message = "a slip"
        raise ValueError(message)

    with pytest.raises(ValueError, match="a slip"):
        sitting.write(work)
    assert [one.text for one in sitting.look().state.notes] == ["first"]
    assert sitting.write(lambda desk: len(desk.state.notes)) == 1


def test_what_an_interrupted_run_left_is_put_in_order_at_the_next_write(sitting: Sitting) -> None:
    sitting.write(lambda desk: desk.note("before"))
    stray = sitting.folder / "tmp" / "0123456789abcdef"
    stray.write_bytes(b"half a file")
    ledger = sitting.folder / "ledger" / "000000.frames"
    with ledger.open("ab") as file:
        file.write(b"\x00\x00\x01\x00torn")
    assert len(sitting.look().state.notes) == 1
    recovered = sitting.write(lambda desk: dict(desk.vault.recovered))
    assert recovered["torn_bytes"] == 8
    assert recovered["unfinished"] == 1
    assert not stray.exists()
    assert sitting.look().verify().whole


def test_a_case_damaged_while_it_is_open_is_shown_and_takes_nothing(sitting: Sitting) -> None:
    ledger = sitting.folder / "ledger" / "000000.frames"
    data = bytearray(ledger.read_bytes())
    data[len(data) // 2] ^= 1
    ledger.write_bytes(data)
    desk = sitting.look()
    assert desk.vault.problems
    with pytest.raises(Damaged):
        sitting.write(lambda desk: desk.note("x"))
    assert ledger.read_bytes() == data


def test_a_damaged_case_opens_for_looking(case: Path) -> None:
    (case / "checkpoints" / "head.note").unlink()
    sitting = Sitting.begin(case, Unlock(PHRASE))
    sitting.catch_up()
    assert sitting.look().timeline.count() == 8
    with pytest.raises(Damaged):
        sitting.write(lambda _desk: None)
    sitting.close()


# -- keys and the end ------------------------------------------------------------------------


def test_the_passphrase_in_force_is_checked_and_no_other(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sitting.check_passphrase(PHRASE)
    assert not sitting.check_passphrase(OTHER)
    monkeypatch.setattr(keys, "Work", lambda: FLOOR)
    with open_desk(sitting.folder) as desk:
        desk.vault.change_passphrase(OTHER, FLOOR)
    assert sitting.check_passphrase(OTHER)
    assert not sitting.check_passphrase(PHRASE)
    sitting.write(lambda desk: desk.note("the keys are known"))


def test_writing_asks_for_no_work_of_the_passphrase(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_stretch", None)
    sitting.write(lambda desk: desk.note("x"))
    with pytest.raises(TypeError):
        sitting.check_passphrase(PHRASE)


def test_a_wrong_passphrase_begins_nothing(case: Path) -> None:
    with pytest.raises(WrongPassphrase):
        Sitting.begin(case, Unlock(OTHER))


def test_a_sitting_that_is_over_gives_nothing_any_more(sitting: Sitting) -> None:
    desk = sitting.look()
    sitting.close()
    sitting.close()
    for ask in (
        sitting.look,
        sitting.catch_up,
        lambda: sitting.write(lambda desk: desk.note("x")),
        lambda: sitting.check_passphrase(PHRASE),
        desk.events,
    ):
        with pytest.raises(StandfastError):
            ask()


def test_a_sitting_closed_while_its_timeline_is_made_forgets_it(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()
    real, made = looking.open_timeline, []

    def slowly(desk: Desk) -> object:
        begun.set()
        go.wait(10)
        made.append(real(desk))
        return made[0]

    monkeypatch.setattr(looking, "open_timeline", slowly)
    sitting = Sitting.begin(case, Unlock(PHRASE))
    maker = sitting._maker
    assert maker is not None
    begun.wait(10)
    sitting.close()
    go.set()
    maker.join(10)
    assert not maker.is_alive()
    with pytest.raises(StandfastError, match="closed"):
        made[0].count()


def test_a_decision_does_not_run_the_detectors_again(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [one.finding.id for one in sitting.look().findings()]
    monkeypatch.setattr(looking, "look", None)
    for finding in ids:
        sitting.write(partial(Desk.decide, finding=finding, status=Status.CONFIRMED))
    assert {one.status for one in sitting.look().findings()} == {Status.CONFIRMED}


def test_a_stop_request_changes_the_findings_and_not_the_timeline(sitting: Sitting) -> None:
    before = sitting.look()
    asked = next(one for one in before.events() if "write to me" in one.text)
    sitting.write(lambda desk: desk.stop_request("Alex", event=asked.event))
    desk = sitting.look()
    assert desk.timeline is before.timeline
    found = {one.finding.detector for one in desk.findings()}
    assert found > {one.finding.detector for one in before.findings()}


def test_a_long_add_can_be_watched(case: Path, tmp_path: Path) -> None:
    sitting = Sitting.begin(case, Unlock(PHRASE))
    seen: list[int] = []

    class Watching:
        def start(self, _what: str, _total: int) -> None:
            seen.append(len(sitting.look().state.items))

        def step(self, _done: int) -> None:
            seen.append(len(sitting.look().state.items))

    files = [put(tmp_path / "many", f"{n}.eml", LETTER + bytes([n])) for n in range(3)]
    sitting.write(lambda desk: desk.add(files, Watching()))
    assert (seen[0], seen[-1]) == (2, 5)
    sitting.write(lambda desk: desk.link("Kim", Role.THIRD, "mail", "kim@example.org"))
    sitting.catch_up()
    assert len(sitting.look().state.items) == 5
    assert sittings.PATIENCE == 5.0
    sitting.close()

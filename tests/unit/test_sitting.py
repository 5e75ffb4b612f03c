# SPDX-License-Identifier: Apache-2.0
"""A sitting: one case open for hours, beside other windows and the command line."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from desk_case import CHAT, PHRASE, make, open_desk, put, told_case
from sitting_case import noting, until
from standfast.desk import Desk, looking
from standfast.desk.sitting import Sitting
from standfast.errors import CaseBusy, StorageFailed
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


# -- looking ---------------------------------------------------------------------------------


def test_before_its_timeline_is_made_a_sitting_says_that_it_is_behind(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = looking.open_timeline
    monkeypatch.setattr(looking, "open_timeline", lambda desk: (go.wait(10), real(desk))[1])
    sitting = Sitting.begin(case, Unlock(PHRASE))
    desk = sitting.look()
    assert (sitting.behind, sitting.as_of, desk.timeline.count()) == (True, "", 0)
    assert len(desk.state.items) == 2
    go.set()
    until(lambda: not sitting.behind)
    assert sitting.look().timeline.count() == 8
    assert desk.timeline.count() == 0, "what was given once stays as it was"
    assert sitting.as_of == desk.vault.entries[-1].at
    sitting.close()


def test_an_empty_case_is_never_behind(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    sitting = Sitting.begin(tmp_path / "case", Unlock(PHRASE))
    assert not sitting.behind
    assert sitting.look().events() == []
    sitting.close()


def test_looking_again_gives_the_same_desk_while_nothing_changed(sitting: Sitting) -> None:
    assert sitting.look() is sitting.look()


def test_a_note_is_seen_at_once_and_the_timeline_is_the_one_before(sitting: Sitting) -> None:
    before = sitting.look()
    number = sitting.write(lambda desk: desk.note("She called."))
    desk = sitting.look()
    assert [one.text for one in desk.state.notes] == ["She called."]
    assert before.state.notes == []
    assert desk.timeline is before.timeline
    assert not sitting.behind
    assert sitting.as_of == desk.vault.entries[number].at


def test_an_incident_makes_a_new_timeline_and_the_old_one_is_shown_until_then(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = looking.open_timeline
    monkeypatch.setattr(looking, "open_timeline", lambda desk: (go.wait(10), real(desk))[1])
    was = sitting.as_of
    sitting.write(lambda desk: desk.incident("He stood there.", "2024-03-18"))
    desk = sitting.look()
    assert (sitting.behind, sitting.as_of, desk.timeline.count()) == (True, was, 8)
    go.set()
    until(lambda: not sitting.behind)
    assert sitting.look().timeline.count() == 9
    assert sitting.as_of > was


def test_entries_that_come_while_a_timeline_is_made_are_not_lost(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    real = looking.open_timeline
    monkeypatch.setattr(looking, "open_timeline", lambda desk: (go.wait(10), real(desk))[1])
    sitting.write(lambda desk: desk.incident("One.", "2024-03-18"))
    sitting.write(lambda desk: desk.incident("Two.", "2024-03-19"))
    go.set()
    until(lambda: not sitting.behind)
    assert sitting.look().timeline.count() == 10


def test_a_timeline_that_cannot_be_made_is_said_and_tried_again_with_the_next_entry(
    sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_desk: Desk) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(looking, "open_timeline", fails)
        sitting.write(lambda desk: desk.incident("One.", "2024-03-18"))
        until(lambda: sitting.trouble)
        assert sitting.behind
        assert sitting.look().timeline.count() == 8
    sitting.write(lambda desk: desk.note("later"))
    until(lambda: not sitting.behind)
    assert (sitting.trouble, sitting.look().timeline.count()) == ("", 9)


def test_a_case_folder_that_is_gone_is_said(sitting: Sitting, tmp_path: Path) -> None:
    sitting.folder.rename(tmp_path / "elsewhere")
    with pytest.raises(StorageFailed):
        sitting.look()
    (tmp_path / "elsewhere").rename(sitting.folder)
    assert len(sitting.look().state.items) == 2


# -- beside others ---------------------------------------------------------------------------


def test_what_the_command_line_adds_is_seen(sitting: Sitting, tmp_path: Path) -> None:
    with open_desk(sitting.folder) as desk:
        desk.add([put(tmp_path, "more.txt", CHAT.replace("2024", "2023"))])
    assert len(sitting.look().state.items) == 3
    sitting.catch_up()
    assert (sitting.behind, sitting.look().timeline.count()) == (False, 15)


def through(sitting: Sitting, name: str) -> None:
    for number in range(8):
        sitting.write(noting(f"{name} {number}"), patience=30)


def by_hand(folder: Path, name: str) -> None:
    number = 0
    while number < 8:
        try:
            with open_desk(folder) as desk:
                desk.note(f"{name} {number}")
            number += 1
        except CaseBusy:
            time.sleep(0.01)


def test_two_sittings_and_the_command_line_lose_nothing(sitting: Sitting) -> None:
    other = Sitting.begin(sitting.folder, Unlock(PHRASE))
    with ThreadPoolExecutor() as pool:
        at_work = [
            pool.submit(through, sitting, "a"),
            pool.submit(through, sitting, "b"),
            pool.submit(through, other, "c"),
            pool.submit(by_hand, sitting.folder, "d"),
        ]
        for one in at_work:
            one.result(60)
    wanted = sorted(f"{name} {number}" for name in "abcd" for number in range(8))
    assert sorted(note.text for note in sitting.look().state.notes) == wanted
    assert sorted(note.text for note in other.look().state.notes) == wanted
    other.close()
    with open_desk(sitting.folder) as desk:
        assert desk.verify().whole
        assert not desk.vault.recovered


def test_between_two_writes_the_case_is_free_and_during_one_it_is_not(sitting: Sitting) -> None:
    def busy(_desk: Desk) -> None:
        with pytest.raises(CaseBusy):
            open_desk(sitting.folder)

    sitting.write(busy)
    with open_desk(sitting.folder) as desk:
        desk.note("by hand")
        with pytest.raises(CaseBusy):
            sitting.write(lambda desk: desk.note("too soon"), patience=0.1)
    sitting.write(lambda desk: desk.note("now"))
    assert [one.text for one in sitting.look().state.notes] == ["by hand", "now"]


def test_a_write_waits_for_another_program_with_patience(sitting: Sitting) -> None:
    desk = open_desk(sitting.folder)
    threading.Timer(0.3, desk.close).start()
    sitting.write(lambda desk: desk.note("patient"), patience=10)
    assert [one.text for one in sitting.look().state.notes] == ["patient"]


def test_a_second_thread_waits_for_its_turn_and_is_told_when_it_takes_too_long(
    sitting: Sitting,
) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(_desk: Desk) -> None:
        begun.set()
        go.wait(10)

    long = threading.Thread(target=sitting.write, args=(slow,))
    long.start()
    begun.wait(10)
    with pytest.raises(CaseBusy):
        sitting.write(lambda desk: desk.note("x"), patience=0.1)
    assert len(sitting.look().state.items) == 2, "looking waits for nobody"
    go.set()
    long.join()


def test_a_desk_may_be_asked_by_many_threads_at_once(sitting: Sitting) -> None:
    answers: list[tuple[int, int]] = []

    def ask() -> None:
        for _time in range(20):
            desk = sitting.look()
            answers.append((len(desk.events()), len(desk.findings())))

    threads = [threading.Thread(target=ask) for _number in range(8)]
    for thread in threads:
        thread.start()
    for number in range(5):
        sitting.write(noting(str(number)))
    for thread in threads:
        thread.join(60)
    assert set(answers) == {answers[0]}
    assert len(answers) == 160

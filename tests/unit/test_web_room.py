# SPDX-License-Identifier: Apache-2.0
"""The room: its clock, its lock, and who still uses a case that was locked."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from standfast.errors import Locked, WrongPassphrase
from standfast.vault.opening import Unlock
from standfast.web import room as room_module
from standfast.web.keys import Expired
from standfast.web.room import FREE_ATTEMPTS, Room, clock
from web_pages import PHRASE, PLACE, StandIn, open_room
from web_server import until as wait_for


def test_the_room_locks_itself_after_the_idle_time_and_not_before() -> None:
    room = open_room()
    room.idle_seconds = 60
    assert not room.tick(room.seen_at + 60)
    assert room.unlocked
    sitting: Any = room._sitting
    assert not room.tick(room.seen_at + 60.1)
    assert not room.unlocked
    assert sitting.closed


def test_somebody_who_is_there_keeps_the_room_open() -> None:
    room = open_room()
    room.idle_seconds = 60
    room.seen_at = clock() - 59
    room.touch()
    room.tick(clock() + 59)
    assert room.unlocked


def test_locking_forgets_keys_words_and_results() -> None:
    room = open_room()
    session = room.sessions.bring(room.sessions.token)
    assert session is not None
    key = room.keys.key({"person": "Alex"})
    session.say("calm", "Alex was added.")
    session.kept.update(typed="a note", opened=True)
    room.lock()
    with pytest.raises(Expired):
        room.keys.value(key)
    assert session.take() == []
    assert session.kept == {"opened": True}


def test_the_case_stays_open_for_the_page_that_uses_it() -> None:
    room = open_room()
    with room.using() as sitting:
        room.lock()
        assert sitting is not None
        sitting.look()
        with room.using() as other:
            assert other is None
    assert sitting.closed


def test_a_job_goes_on_while_the_room_is_locked_and_the_case_closes_after_it() -> None:
    room = open_room()
    go_on = threading.Event()

    def work(sitting: Any, _progress: Any) -> str:
        assert go_on.wait(5)
        sitting.look()
        return "result"

    with room.using() as sitting:
        assert sitting is not None
        job = room.start("Work", work, sitting=sitting)
    room.lock()
    assert not sitting.closed
    go_on.set()
    wait_for(lambda: sitting.closed)
    assert job.state == "done"
    assert room.jobs.find(job.key) is None, "its result was kept"


def test_unlocking_again_shares_the_case_that_a_job_works_on() -> None:
    room = open_room()
    go_on = threading.Event()
    with room.using() as first:
        assert first is not None
        room.start("Work", lambda *_facts: go_on.wait(5), sitting=first)
    room.lock()
    room.unlock(PLACE, Unlock(PHRASE))
    with room.using() as again:
        assert again is first
    room.unlock(Path("elsewhere"), Unlock(PHRASE))
    with room.using() as other:
        assert other is not first
    go_on.set()
    wait_for(lambda: first.closed)


def test_whoever_left_while_it_was_being_unlocked_finds_it_locked() -> None:
    made = StandIn()

    def begin(_folder: Path, _how: Unlock) -> Any:
        room.leave()
        return made

    room = Room(PLACE, begin=begin)
    room.unlock(PLACE, Unlock(PHRASE))
    assert not room.unlocked
    assert made.closed


def test_attempts_to_unlock_are_made_one_at_a_time() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def begin(_folder: Path, _how: Unlock) -> Any:
        inside.set()
        assert go_on.wait(5)
        return StandIn()

    room = Room(PLACE, begin=begin)
    first = threading.Thread(target=room.unlock, args=(PLACE, Unlock(PHRASE)))
    first.start()
    assert inside.wait(5)
    with pytest.raises(Locked, match="still under way"):
        room.unlock(PLACE, Unlock(PHRASE))
    go_on.set()
    first.join()
    assert room.unlocked


def test_the_next_attempt_waits_longer_the_more_did_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(room_module, "clock", lambda: now[0])
    room = Room(PLACE, begin=StandIn.begin)
    waited = []
    for _turn in range(FREE_ATTEMPTS + 10):
        with pytest.raises(WrongPassphrase):
            room.unlock(PLACE, Unlock("wrong"))
        waited.append(room._not_before - now[0])
        if waited[-1] > 0:
            with pytest.raises(Locked, match="did not fit"):
                room.unlock(PLACE, Unlock(PHRASE))
            now[0] += waited[-1]
    assert waited[: FREE_ATTEMPTS - 1] == [0] * (FREE_ATTEMPTS - 1)
    assert waited == sorted(waited)
    assert waited[-1] == room_module.MOST_WAITING
    room.unlock(PLACE, Unlock(PHRASE))
    assert room.unlocked

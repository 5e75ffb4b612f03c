# SPDX-License-Identifier: Apache-2.0
"""The app's core: the room and its clock, jobs, keys, sessions, bodies, names of files."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from standfast.errors import Locked, WrongPassphrase
from standfast.vault.opening import Unlock
from standfast.web import jobs as jobs_module
from standfast.web import keys as keys_module
from standfast.web import room as room_module
from standfast.web.app import create_app
from standfast.web.connection import Peers, owner_of
from standfast.web.jobs import Jobs
from standfast.web.keys import Expired, Keys
from standfast.web.page import first_pages, pages
from standfast.web.room import FREE_ATTEMPTS, Room, clock
from standfast.web.sessions import Session, Sessions
from standfast.web.streams import FIRST_BYTES, proven
from standfast.web.visit import _file_name, _is_within
from web_pages import PHRASE, StandIn, misbehaving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

PLACE = Path("somewhere")
HOST = "127.0.0.1:50000"


def open_room() -> Room:
    room = Room(PLACE, begin=StandIn.begin)  # type: ignore[arg-type]
    room.unlock(PLACE, Unlock(PHRASE))
    return room


# -- the room --------------------------------------------------------------------------------------


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
    assert sitting.closed  # type: ignore[attr-defined]


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
    assert not sitting.closed  # type: ignore[attr-defined]
    go_on.set()
    wait_for(lambda: sitting.closed)  # type: ignore[attr-defined]
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
    wait_for(lambda: first.closed)  # type: ignore[attr-defined]


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
    room = Room(PLACE, begin=StandIn.begin)  # type: ignore[arg-type]
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


def wait_for(holds: Any) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


# -- jobs, keys, sessions --------------------------------------------------------------------------


def test_old_jobs_are_forgotten_and_new_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_module, "MOST", 20)
    jobs = Jobs()
    keys = [jobs.start("Work", lambda _job: None).key for _turn in range(15)]
    wait_for(lambda: not jobs.busy)
    assert all(jobs.find(key) for key in keys)
    jobs = Jobs()
    for _turn in range(60):
        newest = jobs.start("Work", lambda _job: None)
        wait_for(lambda: not jobs.busy)
    assert len(jobs._jobs) <= 21
    assert jobs.find(newest.key) is newest


def test_after_the_end_no_job_begins() -> None:
    jobs = Jobs()
    over: list[int] = []
    jobs.end()
    late = jobs.start("Work", lambda _job: over.append(0), over=lambda: over.append(1))
    wait_for(lambda: late.over)
    assert jobs.wait(5)
    later = jobs.start("Work", lambda _job: over.append(0), over=lambda: over.append(1))
    wait_for(lambda: len(over) == 2)
    assert (late.state, later.state, over) == ("cancelled", "cancelled", [1, 1])


def test_a_job_that_does_not_notice_its_end_is_not_waited_for_for_ever() -> None:
    jobs = Jobs()
    go_on = threading.Event()
    job = jobs.start("Work", lambda _job: go_on.wait(5))
    wait_for(lambda: job.state == "running")
    assert not jobs.wait(0.05)
    go_on.set()
    assert jobs.wait(5)


def test_keys_are_bounded_by_number_and_by_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "MOST", 10)
    monkeypatch.setattr(keys_module, "MOST_TEXT", 1000)
    keys = Keys()
    small = [keys.key(number) for number in range(12)]
    assert [keys.value(key) for key in small[2:]] == list(range(2, 12))
    with pytest.raises(Expired):
        keys.value(small[0])
    large = [keys.key("x" * 400 + str(number)) for number in range(5)]
    assert len(keys._values) <= 3
    assert keys.value(large[-1]).endswith("4")
    assert keys._size == sum(map(len, keys._values.values()))
    assert keys.key("y" * 5000)
    assert len(keys._values) == 1


def test_no_message_is_lost_or_said_twice_in_two_windows() -> None:
    session = Session()
    heard: list[str] = []
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            heard.extend(sentence for _tone, sentence in session.take())
            time.sleep(0.0002)

    listeners = [threading.Thread(target=listen) for _turn in range(2)]
    for one in listeners:
        one.start()
    for number in range(300):
        session.say("calm", str(number))
        time.sleep(0.0001)
    done.set()
    for one in listeners:
        one.join()
    heard.extend(sentence for _tone, sentence in session.take())
    assert sorted(map(int, heard)) == list(range(300))


@given(st.text())
def test_only_the_token_is_the_token(guess: str) -> None:
    sessions = Sessions()
    assert sessions.bring(guess) is None
    assert sessions.find(guess) is None
    assert not Session().fits(guess)


# -- whose a connection is -------------------------------------------------------------------------

TABLE = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 1
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 2
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 3
   3: 0100007F:C351 0100007F:1F90 05 00000000:00000000 00:00000000 00000000     0        0 4
   4: 0000000000000000FFFF00000100007F:C352 0000000000000000FFFF00000100007F:1F90 01 0 0 0 1002
"""


@pytest.mark.parametrize(
    ("port", "owner"), [(50000, 1001), (50001, None), (50002, 1002), (50003, None)]
)
def test_the_owner_is_the_one_of_the_other_end_while_it_is_open(
    port: int, owner: int | None
) -> None:
    assert owner_of(TABLE, ("127.0.0.1", port), ("127.0.0.1", 8080)) == owner


@given(st.integers(0, len(TABLE)), st.text(alphabet="0123456789ABCDEF: \n", max_size=200))
def test_a_table_that_is_cut_off_names_an_owner_or_none(end: int, rest: str) -> None:
    found = owner_of(TABLE[:end] + "\n" + rest, ("127.0.0.1", 50000), ("127.0.0.1", 8080))
    assert found in {None, 1, 10, 100, 1001}


def test_where_the_system_tells_nothing_nobody_is_refused_for_it(tmp_path: Path) -> None:
    empty = tmp_path / "tcp"
    empty.write_text("  sl  local_address\n")
    assert not Peers((empty,)).can_tell
    assert not Peers((tmp_path / "missing",)).can_tell


# -- bodies ----------------------------------------------------------------------------------------


def taken(session: Session, parts: list[bytes], method: str, header: str) -> bytes | None:
    """Give what a page would be given of a body."""

    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    async def take() -> bytes | None:
        visit: Any = SimpleNamespace(session=session, method=method, headers={"x-form": header})
        found = await proven(visit, stream())
        return None if found is None else b"".join([part async for part in found])

    return asyncio.run(take())


def form_of(token: str, boundary: str = "b") -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="form"\r\n\r\n'
    return (head + token + "\r\n").encode()


@settings(max_examples=60)
@given(st.binary(max_size=3 * FIRST_BYTES), st.lists(st.integers(0, 4000), max_size=4))
def test_a_body_that_is_ours_arrives_whole_however_it_is_cut(rest: bytes, cuts: list[int]) -> None:
    session = Session()
    body = form_of(session.form_token) + rest
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    parts = [body[a:b] for a, b in pairwise(places)]
    assert taken(session, parts, "POST", "") == body
    assert taken(session, parts, "PUT", session.form_token) == body
    assert taken(session, parts, "PUT", "") is None
    assert taken(Session(), parts, "POST", "") is None


@settings(max_examples=60)
@given(st.binary(max_size=2000))
def test_a_body_that_is_not_ours_is_not_taken(body: bytes) -> None:
    assert taken(Session(), [body], "POST", "") is None


# -- names and pages -------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_a_name_to_save_under_leads_nowhere_and_hides_nothing(name: str) -> None:
    made = _file_name(name)
    assert 0 < len(made) <= 301
    assert made not in {".", ".."}
    assert made.isprintable()
    assert not re.search(r'[/\\:*?"<>|\n\r]', made)
    assert unquote(made.encode().decode()) is not None


@pytest.mark.parametrize(
    ("path", "place", "within"),
    [("/", "/", True), ("/t", "/", False), ("/t", "/t", True), ("/t/{key}", "/t", True),
     ("/tt", "/t", False), ("/f", "/t", False)],
)  # fmt: skip
def test_the_navigation_marks_where_one_is(path: str, place: str, *, within: bool) -> None:
    assert _is_within(path, place) is within


def test_what_is_needed_before_a_case_is_open_is_loaded_first() -> None:
    assert set(first_pages()) < set(pages())
    assert {"unlock", "leave", "lock", "static"} < {one.name for one in first_pages()}
    assert len({one.name for one in pages()}) == len(pages())
    assert len({one.path for one in pages()}) == len(pages())


# -- a browser without scripts ---------------------------------------------------------------------


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TestClient, Room]]:
    misbehaving(monkeypatch.setattr)
    room = open_room()
    app = create_app(room, frozenset({HOST}))
    with TestClient(app, base_url=f"http://{HOST}", follow_redirects=False) as client:
        client.get(f"/o/{room.sessions.token}")
        yield client, room


def away(page: str) -> tuple[int, str]:
    """Give when and where a page goes by itself where there are no scripts."""
    found = re.search(
        r'<noscript><meta http-equiv="refresh" content="(\d+); url=([^"]+)"></noscript>', page
    )
    assert found
    return int(found[1]), found[2]


def test_without_scripts_a_page_goes_away_once_the_case_is_locked(
    browser: tuple[TestClient, Room],
) -> None:
    client, room = browser
    room.idle_seconds = 300
    seconds, address = away(client.get("/j/none").text)
    assert 300 < seconds <= 306
    room.tick(clock() + 301)
    assert client.get(address).headers["location"] == "/u"


def test_without_scripts_a_page_shows_itself_again_while_somebody_is_there(
    browser: tuple[TestClient, Room],
) -> None:
    client, room = browser
    room.idle_seconds = 300
    _seconds, address = away(client.get("/j/none").text)
    room.seen_at = seen = clock() - 100  # another window was used since
    answer = client.get(address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/j/none")
    seconds, _address = away(client.get("/j/none").text)
    assert room.seen_at == seen, "a browser is no person"
    assert seconds <= 206
    client.get("/j/none")
    assert room.seen_at > seen

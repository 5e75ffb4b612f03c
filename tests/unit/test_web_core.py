# SPDX-License-Identifier: Apache-2.0
"""The app's core: jobs, keys, sessions, bodies, names of files."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from standfast.web import jobs as jobs_module
from standfast.web import keys as keys_module
from standfast.web.app import create_app
from standfast.web.connection import Peers, owner_of
from standfast.web.jobs import Jobs
from standfast.web.keys import Expired, Keys
from standfast.web.page import first_pages, pages
from standfast.web.room import clock
from standfast.web.sessions import Session, Sessions
from standfast.web.streams import FIRST_BYTES, proven
from standfast.web.visit import _file_name, _is_within
from web_pages import misbehaving, open_room
from web_server import until as wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from standfast.web.room import Room

HOST = "127.0.0.1:50000"


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

# SPDX-License-Identifier: Apache-2.0
"""Leaving, locking and ending: in the middle of uploads, jobs and pages, and however it comes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from standfast.web.room import LINGER_SECONDS, Room, clock
from standfast.web.security import EMPTY
from web_pages import PHRASE, SECRET, StandIn
from web_server import Server, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

QUICK = {"LOOK_SECONDS": 0.1, "TICK_SECONDS": 0.1}
NEW = """
from pathlib import Path
import sys
from standfast.desk import new_case
from standfast.vault.keys import Work
new_case(Path(sys.argv[1]), sys.argv[2], title="Mira", zone="Europe/Berlin", work=Work(65536, 3, 4))
"""


@pytest.fixture(autouse=True)
def hang_ups_are_heard() -> Iterator[None]:
    """Undo what a run in the background sets, which the programs started here would inherit."""
    if sys.platform == "win32":
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(**QUICK) as server:
        server.enter()
        yield server


# -- leaving ---------------------------------------------------------------------------------------


def test_after_leaving_every_address_is_an_empty_page(server: Server) -> None:
    answer = server.post("/l", f"form={server.form}".encode(), X_Form="")
    assert (answer.status, answer.body.decode()) == (200, EMPTY)
    name = server.cookie.partition("=")[0]
    assert re.match(
        name + r'="?"?; .*(Max-Age=0|expires)', answer.headers["set-cookie"], re.IGNORECASE
    )
    for path in ("/", "/u", "/t", "/z/icon.svg", f"/o/{server.token}", "/test/s", "/nothing"):
        again = server.get(path)
        assert (again.status, again.body.decode()) == (200, EMPTY)
        assert again.headers["set-cookie"].startswith(name + "=")
    assert server.post("/l").body.decode() == EMPTY


def test_leaving_cuts_an_upload_at_once(server: Server) -> None:
    head = server.head("PUT", "/test/u", Content_Length="1000000", X_Form=server.form)
    with server.connect() as ours:
        ours.sendall(head + b"x" * 10_000)
        time.sleep(0.3)
        assert server.post("/l").body.decode() == EMPTY
        began = time.monotonic()
        ours.settimeout(5)
        assert read_answer(ours).status in {0, 400}
        assert time.monotonic() - began < 3
    assert server.end() == (0, "closed", "")


def test_leaving_stops_a_job_and_lets_go(server: Server) -> None:
    assert server.post("/test/j").status == 303
    began = time.monotonic()
    server.post("/l")
    code, out, err = server.end()
    assert (code, out, err) == (0, "closed", "")
    assert time.monotonic() - began < 2.5, "the job went on to its end"


def test_leaving_is_answered_while_every_page_is_slow(server: Server) -> None:
    with ExitStack() as stack:
        for _turn in range(24):
            stack.enter_context(server.connect()).sendall(server.head("GET", "/test/w"))
        time.sleep(0.3)
        began = time.monotonic()
        assert server.post("/l").body.decode() == EMPTY
        assert time.monotonic() - began < 1.0


def test_the_server_ends_by_itself_after_leaving() -> None:
    with Server(**QUICK, LINGER_SECONDS=0.3) as server:
        server.enter()
        server.post("/l")
        out, err = server.process.communicate(timeout=10)
        assert (server.process.returncode, out.strip(), err) == (0, "closed", "")


def test_the_server_ends_by_itself_when_nobody_comes() -> None:
    with Server(**QUICK, IDLE_SECONDS=0.2, FORSAKEN_SECONDS=1.5) as server:
        out, err = server.process.communicate(timeout=10)
        assert (server.process.returncode, out.strip(), err) == (0, "closed", "")


def test_leaving_again_does_not_keep_the_server_up() -> None:
    room = Room()
    room.leave()
    left = room.left_at
    assert left is not None
    time.sleep(0.01)
    room.leave()
    assert room.left_at == left
    assert room.tick(left + LINGER_SECONDS + 1)


# -- the end, however it comes ---------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="other signals there")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_to_end_lets_go_of_keys_and_ends_well(sign: int) -> None:
    with Server() as server:
        server.enter()
        with server.connect() as idle, server.connect() as busy:
            busy.sendall(server.head("PUT", "/test/u", Content_Length="99", X_Form=server.form))
            server.post("/test/j")
            idle.sendall(b"GET")
            assert server.end(sign) == (0, "closed", "")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("app") / "case"
    subprocess.run([sys.executable, "-c", NEW, folder, PHRASE], check=True)
    return folder


COMMAND = [sys.executable, "-c", "from standfast.cli import main; main()", "open"]


def first_page(case: Path) -> tuple[float, float]:
    """Start the program and get the first page; gives its seconds, by the wall and of work."""
    began = time.monotonic()
    with Server(*COMMAND, case, "--no-browser") as server:
        server.cookie = server.get(f"/o/{server.token}").headers["set-cookie"].partition(";")[0]
        assert server.get("/u").status == 200
        took = time.monotonic() - began
        stat = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        assert server.end(signal.SIGINT)[0] == 0
    return took, (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(sys.platform != "linux", reason="the work of a process is read from /proc")
def test_the_first_page_is_there_within_a_second(case: Path) -> None:
    """Others may keep this computer busy, so that the work counts when the wall says more."""
    took = min(min(first_page(case)) for _turn in range(2))
    assert took <= 1.0


def test_a_case_is_opened_and_no_secret_is_written_anywhere(case: Path) -> None:
    with Server(*COMMAND, case, "--no-browser") as server:
        server.enter()
        for phrase in ("a wrong " + SECRET, PHRASE):
            body = f"form={server.form}&passphrase={phrase.replace(' ', '+')}".encode()
            answer = server.post("/u", body, X_Form="")
        assert answer.status == 303
        place = Path(f"/proc/{server.process.pid}")
        words = b"".join((place / one).read_bytes() for one in ("cmdline", "environ"))
        code, out, err = server.end()
    assert code == 0
    for secret in (SECRET, PHRASE, server.cookie.partition("=")[2], server.form, server.token):
        assert secret not in out + err
        assert secret.encode() not in words


def test_the_address_is_printed_when_no_browser_can_be_started(case: Path) -> None:
    env = os.environ | {"BROWSER": "/nowhere/browser", "PATH": "/nowhere", "DISPLAY": ""}
    env.pop("WAYLAND_DISPLAY", None)
    with Server(*COMMAND, case, "--lang", "en", env=env) as server:
        server.enter()
        assert server.get("/u").status == 200
        time.sleep(0.3)
        _code, _out, err = server.end()
    assert "No browser could be started" in err


def test_a_browser_that_takes_its_time_keeps_nothing_waiting(case: Path, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\nexec sleep 4 >/dev/null 2>&1\n")
    browser.chmod(0o755)
    with Server(*COMMAND, case, env=os.environ | {"BROWSER": str(browser)}) as server:
        server.enter()
        assert server.get("/u").status == 200
        assert server.end()[0] == 0


def test_a_port_that_is_taken_is_said_so(case: Path) -> None:
    with Server() as server:
        for port in (server.port, 99999):
            words = ["--no-browser", "--port", str(port), "--lang", "en"]
            done = subprocess.run([*COMMAND, case, *words], capture_output=True, check=False)
            assert done.returncode == 2
            assert f"Port {port} cannot be used" in done.stderr.decode()
            assert b"Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no terminal to be closed")
def test_a_closed_terminal_ends_it_well(case: Path) -> None:
    reading, writing = os.pipe()
    process = subprocess.Popen([*COMMAND, case, "--no-browser"], stdout=writing, stderr=writing)
    os.close(writing)
    told = b""
    while b"/o/" not in told or not told.endswith(b"\n"):
        told += os.read(reading, 1000)
    os.close(reading)  # what is written from now on cannot be
    process.send_signal(signal.SIGHUP)
    assert process.wait(20) == 0


# -- races -----------------------------------------------------------------------------------------


class Reader(threading.Thread):
    """A page that uses the case again and again."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.room = room
        self.stop = threading.Event()
        self.failures: list[BaseException] = []
        self.used = 0

    def run(self) -> None:
        while not self.stop.is_set():
            with self.room.using() as sitting:
                if sitting is not None:
                    self.look(sitting)

    def look(self, sitting: Any) -> None:
        try:
            for _turn in range(3):
                sitting.look()
                time.sleep(0.0005)
            self.used += 1
        except AssertionError as problem:
            self.failures.append(problem)


def some_work(sitting: Any, progress: Any) -> None:
    for _step in range(5):
        sitting.look()
        progress.step(1)
        time.sleep(0.001)


def test_no_page_and_no_job_ever_uses_a_case_that_was_closed() -> None:
    room = Room(begin=StandIn.begin)
    readers = [Reader(room) for _turn in range(6)]
    for one in readers:
        one.start()
    for turn in range(60):
        room._show(Path(f"case-{turn % 2}"), StandIn())
        with room.using() as sitting:
            if sitting is not None and turn % 3 == 0:
                room.start("Work", some_work, sitting=sitting)
        time.sleep(0.002)
        if turn % 2:
            room.lock()
    for one in readers:
        one.stop.set()
        one.join()
    assert room.close()
    assert [one.failures for one in readers if one.failures] == []
    assert sum(one.used for one in readers) > 20
    assert room._sitting is None
    assert not [one for one in room.jobs._jobs.values() if one.state == "failed"]


def test_the_clock_goes_on_while_the_computer_sleeps() -> None:
    if hasattr(time, "CLOCK_BOOTTIME"):
        assert abs(clock() - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1
    begun = clock()
    time.sleep(0.01)
    assert 0 < clock() - begun < 5

# SPDX-License-Identifier: Apache-2.0
"""Attacks through real connections: slow, huge, malformed, too many, and from another account."""

from __future__ import annotations

import os
import resource
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

import pytest

from standfast.web.security import HEADERS
from web_pages import BIG
from web_server import Answer, Server, read_answer, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOBODY = 65534
QUICK = {
    "HEAD_SECONDS": 0.6, "BODY_SECONDS": 1.0, "READING_SECONDS": 0.8, "LOOK_SECONDS": 0.1,
    "TICK_SECONDS": 0.2,
}  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        server.enter()
        yield server


@pytest.fixture(scope="module")
def hasty() -> Iterator[Server]:
    """A server whose clocks run faster."""
    with Server(**QUICK) as server:
        server.enter()
        yield server


def sealed(answer: Answer) -> bool:
    return all(answer.headers.get(name.lower()) == value for name, value in HEADERS.items())


def hung_up(ours: socket.socket, patience: float) -> bool:
    """Say whether the other end hangs up in time, whatever it says before."""
    ours.settimeout(patience)
    try:
        while ours.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


def hung_up_while_sending(ours: socket.socket, parts: Iterable[bytes], pause: float) -> bool:
    """Send part after part until the other end hangs up; gives whether it did."""
    ours.settimeout(pause)
    for part in parts:
        try:
            ours.sendall(part)
            if not ours.recv(1 << 16):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


# -- what is no request ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting \r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nName : space\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"A" * 200_000,
        b"GET / HTTP/1.1\r\nX: " + b"A" * 200_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
    ],
)
def test_what_is_no_request_is_answered_without_words(server: Server, raw: bytes) -> None:
    answer = server.ask(raw)
    if answer.status:  # a head that goes on for ever may find nobody to read the answer
        assert (answer.status, answer.body) == (400, b"")
        assert sealed(answer)
    assert server.get("/j/none").status == 410


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"GET / HTTP/9.9\r\n\r\n", 421), (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 405),
     (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
     (b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405), (b"GET / HTTP/1.0\r\n\r\n", 421)],
)  # fmt: skip
def test_what_no_browser_sends_is_refused_without_words(
    server: Server, raw: bytes, status: int
) -> None:
    with server.connect() as ours:
        ours.sendall(raw)
        answer = read_answer(ours)
    assert (answer.status, answer.body) == (status, b"")
    assert sealed(answer)


def test_a_length_that_is_said_in_two_ways_is_refused(server: Server) -> None:
    body = b"0\r\n\r\nGET /test/b HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    head = server.head("POST", "/test/e", Content_Length="5", Transfer_Encoding="chunked")
    answer = server.ask(head + body)
    assert (answer.status, answer.body) == (400, b"")
    assert sealed(answer)


def test_a_broken_chunk_ends_the_connection(server: Server) -> None:
    head = server.head("POST", "/test/e", Transfer_Encoding="chunked", X_Form=server.form)
    with server.connect() as ours:
        ours.sendall(head + b"4\r\nabcd\r\nZZZ\r\n")
        assert hung_up(ours, 5)
    assert server.get("/j/none").status == 410


@pytest.mark.parametrize("target", ["http://127.0.0.1/", "//evil.example/", "*", "evil", "/%ff%00"])
def test_a_target_that_is_no_path_of_ours_leads_nowhere(server: Server, target: str) -> None:
    answer = server.get(target)
    assert answer.status in {303, 400}
    assert answer.headers.get("location", "/") == "/"
    assert sealed(answer)


@pytest.mark.parametrize(
    "target", ["/z/../app.py", "/z/..", "/z/./../../app.py", "/z/font/../../app.py"]
)
def test_a_path_that_no_browser_put_in_order_leads_nowhere(server: Server, target: str) -> None:
    answer = server.get(target)
    assert answer.status in {303, 410}
    assert answer.headers.get("location", "/") == "/"
    assert b"import" not in answer.body


def test_an_address_without_end_is_refused(server: Server) -> None:
    answer = server.get("/" + "a" * 5000)
    assert (answer.status, answer.body) == (414, b"")
    assert sealed(answer)


def test_pipelined_requests_are_answered_one_after_the_other(server: Server) -> None:
    with server.connect() as ours:
        ours.settimeout(10)
        ours.sendall(server.head("GET", "/z/icon.svg") * 3)
        seen = b""
        while seen.count(b"HTTP/1.1 200") < 3:
            part = ours.recv(1 << 16)
            assert part, seen[-200:]
            seen += part


# -- whose connection ------------------------------------------------------------------------------

STRANGER = """
import os, socket, sys
port, mode = int(sys.argv[1]), sys.argv[2]
raw = sys.stdin.buffer.read()
os.setgroups([]); os.setgid({user}); os.setuid({user})
family = socket.AF_INET6 if mode == "six" else socket.AF_INET
ours = socket.socket(family)
ours.settimeout(10)
ours.connect(("::ffff:127.0.0.1" if mode == "six" else "127.0.0.1", port))
try:
    ours.sendall(raw)
    if mode == "gone":
        ours.close()
        sys.exit()
    got = ours.recv(1 << 16)
except OSError:
    got = b""
sys.stdout.buffer.write(got)
"""


def as_somebody(server: Server, raw: bytes, mode: str = "", user: int = NOBODY) -> bytes:
    """Send bytes from another account; gives what came back."""
    command = [sys.executable, "-I", "-c", STRANGER.format(user=user), str(server.port), mode]
    return subprocess.run(command, input=raw, capture_output=True, check=True).stdout


other_accounts = pytest.mark.skipif(
    sys.platform != "linux" or os.getuid() != 0, reason="only root can become somebody else"
)


@other_accounts
@pytest.mark.parametrize("mode", ["", "six"])
def test_another_account_is_hung_up_on_even_with_a_stolen_cookie(server: Server, mode: str) -> None:
    raw = server.head("GET", "/j/none", Connection="close")
    assert as_somebody(server, raw, mode, user=os.getuid()).startswith(b"HTTP/1.1 410")
    assert as_somebody(server, raw, mode) == b""


@other_accounts
def test_another_account_cannot_act_and_be_gone_before_anybody_looks() -> None:
    with Server(**QUICK) as server:
        server.enter()
        raw = server.head("POST", "/l", Content_Length="0", X_Form=server.form)
        os.kill(server.process.pid, 19)  # it is busy
        try:
            as_somebody(server, raw, "gone")  # closed already: the kernel's table says owner 0
        finally:
            os.kill(server.process.pid, 18)
        time.sleep(0.5)
        assert server.get("/j/none").status == 410, "it left"


@other_accounts
def test_another_account_cannot_bring_the_token() -> None:
    with Server() as server:
        raw = server.head("GET", f"/o/{server.token}", Connection="close")
        assert as_somebody(server, raw) == b""
        server.enter()
        assert server.get("/j/none").status == 410


# -- slow ------------------------------------------------------------------------------------------


def test_a_connection_that_says_nothing_is_hung_up_on(hasty: Server) -> None:
    with hasty.connect() as ours:
        assert hung_up(ours, 5)


def test_a_head_that_trickles_in_is_hung_up_on(hasty: Server) -> None:
    with hasty.connect() as ours:
        assert hung_up_while_sending(ours, (bytes([one]) for one in hasty.head()[:60]), 0.05)


def test_the_clock_begins_again_for_every_head(hasty: Server) -> None:
    with hasty.connect() as ours:
        for _turn in range(3):  # longer together than one head may take
            ours.sendall(hasty.head("GET", "/z/icon.svg"))
            assert read_answer(ours).status == 200
            time.sleep(0.4)
        ours.sendall(b"GET / HT")
        assert hung_up(ours, 5)


def test_a_form_that_trickles_in_is_given_up(hasty: Server) -> None:
    head = hasty.head("POST", "/test/e", Content_Length="1000", X_Form=hasty.form)
    with hasty.connect() as ours:
        ours.sendall(head + b"a=b")
        assert read_answer(ours).status in {0, 400}
        assert hung_up(ours, 5)


def test_what_is_sent_on_after_a_refusal_does_not_keep_the_connection(hasty: Server) -> None:
    head = hasty.head("POST", "/test/e", Content_Length="100000000", Origin="http://evil.example")
    with hasty.connect() as ours:
        ours.sendall(head)
        assert read_answer(ours).status == 403
        assert hung_up_while_sending(ours, [b"x" * 1000] * 150, 0.02)


def held(ours: socket.socket) -> int:
    """Count the bytes that still come."""
    ours.settimeout(5)
    count = 0
    with suppress(ConnectionError):
        while part := ours.recv(1 << 20):
            count += len(part)
    return count


def test_an_answer_that_nobody_reads_is_not_kept_for_ever(hasty: Server) -> None:
    with ExitStack() as stack:
        ours = [stack.enter_context(hasty.connect()) for _turn in range(12)]
        for one in ours:
            one.sendall(hasty.head("GET", "/test/l"))
        time.sleep(2.0)
        got = [held(one) for one in ours]
    assert max(got) < BIG, "all of it was sent"
    assert hasty.get("/j/none").status == 410


# -- going away, and too many ----------------------------------------------------------------------


def test_a_client_that_goes_away_in_the_middle_costs_nothing(server: Server) -> None:
    for raw in (
        server.head()[:40],
        server.head("POST", "/test/e", Content_Length="100") + b"a=",
        server.head("GET", "/test/s"),
        server.head("GET", "/test/l"),
    ):
        for at_once in (False, True):
            ours = server.connect()
            if at_once:  # a reset instead of a goodbye
                linger = struct.pack("ii", 1, 0)
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            ours.sendall(raw)
            ours.close()
    assert server.get("/j/none").status == 410


def test_half_open_connections_are_ended(server: Server) -> None:
    with server.connect() as ours:
        ours.sendall(server.head()[:40])
        ours.shutdown(socket.SHUT_WR)
        assert hung_up(ours, 5)


def test_a_thousand_requests_at_once_are_all_answered(server: Server) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1500:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    before = server.memory()
    found: list[int] = []

    def ask(count: int) -> None:
        with ExitStack() as stack:
            ours = [stack.enter_context(server.connect()) for _turn in range(count)]
            for one in ours:
                one.sendall(server.head("GET", "/j/none", Connection="close"))
            found.extend(read_answer(one).status for one in ours)

    threads = [threading.Thread(target=ask, args=(125,)) for _turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1000
    assert set(found) <= {410, 503}
    assert found.count(410) > 500
    assert server.memory() - before < (200 << 20)
    assert server.get("/j/none").status == 410


def test_more_connections_than_there_is_room_for_are_refused_politely() -> None:
    with Server(CONNECTIONS=20, HEAD_SECONDS=30) as server:
        server.enter()
        with ExitStack() as stack:
            for _turn in range(25):
                stack.enter_context(server.connect())
            answer = server.get("/j/none")
        assert (answer.status, answer.body) == (503, b"")
        assert sealed(answer)
        until(lambda: server.get("/j/none").status == 410)

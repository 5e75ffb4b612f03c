# SPDX-License-Identifier: Apache-2.0
"""The server is killed in the middle of an upload: the case is whole, what is missing is named."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urlsplit

import pytest

from app_case import Server
from desk_case import CHAT, PHRASE, make, open_desk

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 8 << 20


class Person:
    """Somebody at a running server, by plain requests."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.host = urlsplit(server.address).netloc
        self.cookie = self.token = ""

    def __enter__(self) -> Self:
        answer = self.ask("GET", urlsplit(self.server.address).path)
        self.cookie = str(answer.getheader("set-cookie")).partition(";")[0]
        self.take(self.ask("GET", "/u"))
        body = urlencode({"form": self.token, "passphrase": PHRASE}).encode()
        form = "application/x-www-form-urlencoded"
        self.ask("POST", "/u", body, **{"Content-Type": form})
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.__exit__()

    def ask(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection(self.host, timeout=60)
        line.request(method, path, body or None, {"Cookie": self.cookie, **headers})
        answer = line.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]  # kept for the caller
        line.close()
        return answer

    def take(self, answer: Any) -> str:
        html: str = answer.body.decode()
        found = re.search(r'name="form" value="([0-9a-f]+)"', html)
        self.token = found[1] if found else self.token
        return html

    def get(self, path: str) -> str:
        return self.take(self.ask("GET", path))

    def announce(self, *files: tuple[str, int]) -> str:
        told = {"files": [{"name": name, "size": size} for name, size in files]}
        answer: Any = self.ask("PUT", "/a/u", json.dumps(told).encode(), **{"X-Form": self.token})
        return str(json.loads(answer.body)["address"])

    def put(self, address: str, number: int, data: bytes) -> dict[str, Any]:
        headers = {"X-Form": self.token, "X-File": str(number)}
        answer: Any = self.ask("PUT", address, data, **headers)
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def begin(self, address: str, number: int, size: int, data: bytes) -> socket.socket:
        """Send the beginning of a file and leave the line open."""
        host, port = self.host.split(":")
        line = socket.create_connection((host, int(port)), 60)
        head = (
            f"PUT {address} HTTP/1.1\r\nHost: {self.host}\r\nCookie: {self.cookie}\r\n"
            f"X-Form: {self.token}\r\nX-File: {number}\r\nContent-Length: {size}\r\n\r\n"
        )
        line.sendall(head.encode() + data)
        return line

    def wait_for(self, address: str, state: str) -> None:
        """Wait until a file of the upload is in a state."""
        deadline = time.monotonic() + 30
        while f'"state": "{state}"' not in self.get(address + "/s"):
            assert time.monotonic() < deadline

    def finish(self, address: str) -> str:
        """Go on to reading, wait for it, and give the page that says what became of it."""
        body = urlencode({"form": self.token}).encode()
        form = "application/x-www-form-urlencoded"
        answer = self.ask("POST", address, body, **{"Content-Type": form})
        job = str(answer.getheader("location"))
        for _ in range(600):
            answer = self.ask("GET", job)
            if answer.getheader("location"):
                return self.get(str(answer.getheader("location")))
            time.sleep(0.1)
        pytest.fail("reading did not end")


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture(autouse=True)
def _quick() -> None:
    """Let the passphrase be stretched as it is: another process opens the case as well."""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    make(tmp_path / "case").close()
    return tmp_path / "case"


def test_a_server_killed_in_the_middle_of_a_file_leaves_a_whole_case_and_a_list_of_the_rest(
    case: Path,
) -> None:
    data, large = CHAT.encode(), b"L" * LARGE
    files = (("phone/chat.txt", len(data)), ("phone/large.bin", LARGE), ("phone/last.bin", 3))
    with Person(Server(case)) as person:
        address = person.announce(*files)
        assert person.put(address, 0, data)["state"] == "kept"
        line = person.begin(address, 1, LARGE, large[: LARGE // 2])
        person.wait_for(address, "coming")
        person.server.process.send_signal(signal.SIGKILL)
        person.server.process.wait(30)
        line.close()

    with open_desk(case, write=False) as desk:
        assert [one.name for one in desk.state.items.values()] == ["chat.txt"]

    with Person(Server(case)) as person:
        page = words(person.get("/a"))
        assert "2 files did not arrive" in page
        assert "Arrived and kept whole: 1." in page
        assert "phone/large.bin" in page
        assert "phone/last.bin" in page
        assert "phone/chat.txt" not in page
        address = person.announce(*files)
        states = [
            person.put(address, n, one)["state"] for n, one in enumerate((data, large, b"end"))
        ]
        assert states == ["known", "kept", "kept"]
        assert "It holds 7 events." in words(person.finish(address))
        assert "did not arrive" not in words(person.get("/a"))

    with open_desk(case) as desk:
        report = desk.verify()
        assert report.whole
        assert {one.name for one in desk.state.items.values()} == {
            "chat.txt", "large.bin", "last.bin",
        }  # fmt: skip
        assert desk.pending() == ()


def test_a_browser_that_goes_away_in_the_middle_of_a_file_leaves_nothing_of_it(case: Path) -> None:
    with Person(Server(case)) as person:
        address = person.announce(("large.bin", LARGE))
        line = person.begin(address, 0, LARGE, b"L" * (LARGE // 2))
        person.wait_for(address, "coming")
        line.close()
        person.wait_for(address, "waiting")
        assert person.put(address, 0, b"L" * LARGE)["state"] == "kept"
    with open_desk(case) as desk:
        assert desk.verify().whole
        assert len(desk.state.items) == 1

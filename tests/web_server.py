# SPDX-License-Identifier: Apache-2.0
"""A really running server with misbehaving pages, to be attacked through real connections.

As a program it serves until it is ended; ``Server`` starts it in a process of its own.
"""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent
PATIENCE = 20.0


class Server:
    """A server in another process. Use as a context manager.

    With a command it is that one, which prints its address; else `main`, and ``facts`` change its
    constants.
    """

    def __init__(self, *command: Any, env: Any = None, **facts: Any) -> None:
        own = (sys.executable, __file__, json.dumps(facts))
        words = [str(one) for one in command or own]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(words, text=True, cwd=HERE, env=env, **pipes)
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.host = self.address.split("/")[2] if self.address else ""
        self.port = int(self.host.rpartition(":")[2]) if self.address else 0
        self.token = self.address.rpartition("/")[2]
        self.cookie = ""
        self.form = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def end(self, sign: int = signal.SIGTERM) -> tuple[int, str, str]:
        """End it by a signal; gives its exit code and what it wrote."""
        self.process.send_signal(sign)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out.strip(), err

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def head(self, method: str = "GET", path: str = "/", **headers: str) -> bytes:
        """Write a request's head as a browser of the person would."""
        facts = {"Host": self.host, "Cookie": self.cookie} | headers
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in facts.items() if value]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode("latin-1")

    def ask(self, raw: bytes, patience: float = PATIENCE) -> Answer:
        """Send bytes on a connection of its own and give the first answer."""
        with self.connect() as ours:
            ours.settimeout(patience)
            with suppress(ConnectionError, TimeoutError):
                ours.sendall(raw)
            return read_answer(ours)

    def get(self, path: str = "/", **headers: str) -> Answer:
        return self.ask(self.head("GET", path, Connection="close", **headers))

    def post(self, path: str, body: bytes = b"", **headers: str) -> Answer:
        facts = {
            "Content_Length": str(len(body)), "X_Form": self.form, "Connection": "close",
            "Content_Type": "application/x-www-form-urlencoded",
        } | headers  # fmt: skip
        return self.ask(self.head("POST", path, **facts) + body)

    def enter(self) -> None:
        """Bring the token, as the person's browser does, and look at a form."""
        answer = self.get(f"/o/{self.token}")
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        page = self.get("/u").body + self.get("/j/none").body
        found = re.search(rb'name="form" value="([0-9a-f]+)"', page)
        assert found
        self.form = found[1].decode()

    def memory(self) -> int:
        """Give the bytes of memory it holds (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024


class Answer:
    """One answer: its status, headers and body; status 0 when there was none."""

    def __init__(self, raw: bytes) -> None:
        head, _gap, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if raw else 0
        pairs = [line.partition(": ") for line in lines[1:]]
        self.headers = {name.lower(): value for name, _colon, value in pairs}


def read_answer(ours: socket.socket) -> Answer:
    """Read one answer to its end, or what there is of it; an answer behind it is not its own."""
    raw = b""
    try:
        while not _is_whole(raw):
            part = ours.recv(1 << 16)
            if not part:
                break
            raw += part
    except (ConnectionError, TimeoutError):
        pass
    return Answer(raw[: _end(raw)])


def _is_whole(raw: bytes) -> bool:
    return len(raw) >= (_end(raw) or len(raw) + 1)


def _end(raw: bytes) -> int | None:
    """Give where an answer ends by its own account; nothing when it does not say."""
    head, gap, _body = raw.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: (\d+)", head)
    return len(head) + len(gap) + int(length[1]) if gap and length else None


def until(holds: Any, patience: float = PATIENCE) -> None:
    """Wait for something to become true."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < patience
        time.sleep(0.02)


def put(place: str, value: Any) -> None:
    """Set a name in a module."""
    module, _dot, name = place.rpartition(".")
    setattr(sys.modules[module], name, value)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve an open stand-in, with the constants that were asked for."""
    from standfast.web import connection, room, security, server  # noqa: PLC0415 - the program's part
    from web_pages import StandIn, misbehaving  # noqa: PLC0415 - likewise

    misbehaving(put)
    for name, value in json.loads(sys.argv[1]).items():
        place = next(one for one in (connection, room, security, server) if hasattr(one, name))
        setattr(place, name, value)
    made = room.Room(Path("somewhere"))
    made._show(Path("somewhere"), StandIn())  # a stand-in needs no passphrase
    server.Room = lambda *_told, **_more: made
    server.serve(None, ready=say)
    say("closed" if made._sitting is None else "open")


if __name__ == "__main__":
    main()

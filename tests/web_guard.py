# SPDX-License-Identifier: Apache-2.0
"""Runs the app with a guard in its process: loopback only, no writing but below one folder.

``python web_guard.py FOLDER REPORT WORD…`` runs ``standfast WORD…``; what the guard refused stands
in REPORT, a line each, and at the end how often it saw what it watches, so that a deaf guard is
noticed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from demo_guard import PROCESSES, WORKER, inside, places_of

NAMES = ("socket.getaddrinfo", "socket.gethostby", "socket.getnameinfo")
ADDRESSED = {"socket.connect": 1, "socket.bind": 1, "socket.sendto": 1}
OWN = "127.0.0.1"


class Guard:
    """Sees every event of the process; what is refused is noted and raised."""

    def __init__(self, below: Path, out: int) -> None:
        self.below, self.out = below, out
        self.seen = {"open": 0, "socket.bind": 0, "socket.connect": 0, "subprocess.Popen": 0}

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:
        if event in self.seen:
            self.seen[event] += 1
        if event in ADDRESSED and not _is_own(told[ADDRESSED[event]]):
            self.refuse(event, told[ADDRESSED[event]])
        if event.startswith(NAMES) and told[0] != OWN:
            self.refuse(event, told)
        if event in PROCESSES or (event == "subprocess.Popen" and list(told[1]) != WORKER):
            self.refuse(event, told)
        for place in places_of(event, told):
            if not inside(place, self.below):
                self.refuse(event, place)

    def refuse(self, event: str, what: object) -> None:
        os.write(self.out, f"REFUSED {event} {what}\n".encode("utf-8", "backslashreplace"))
        raise PermissionError(event)


def _is_own(address: object) -> bool:
    return isinstance(address, tuple) and address[0] == OWN


def main() -> None:
    """Run the program under the guard."""
    folder, report, *words = sys.argv[1:]
    guard = Guard(Path(folder).resolve(), os.open(report, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    sys.addaudithook(guard)
    sys.argv = ["standfast", *words]
    from standfast.cli import main as standfast  # noqa: PLC0415 - the guard stands before it

    try:
        standfast()
    finally:
        os.write(guard.out, f"SEEN {guard.seen}\n".encode())


if __name__ == "__main__":
    main()

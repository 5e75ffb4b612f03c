# SPDX-License-Identifier: Apache-2.0
"""Runs standfast with a guard in its process: no connection, no writing but below one folder.

``python demo_guard.py FOLDER REPORT WORD…`` runs ``standfast WORD…``; what the guard refused stands
in REPORT, a line each, and what it saw of its own kind (so that a deaf guard is noticed).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

NETWORK = ("socket.", "ssl.", "urllib.", "http.", "ftplib.", "smtplib.", "asyncio.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PLACES = {
    "os.mkdir": (0,), "os.rename": (0, 1), "os.link": (1,), "os.symlink": (1,), "os.remove": (0,),
    "os.rmdir": (0,), "os.truncate": (0,), "os.utime": (0,), "os.chmod": (0,),
    "tempfile.mkstemp": (0,), "tempfile.mkdtemp": (0,), "shutil.rmtree": (0,),
}  # fmt: skip
PROCESSES = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile")
WORKER = [sys.executable, "-I", "-m", "standfast.sources.worker"]


def inside(path: object, below: Path) -> bool:
    """Say whether a path is below the folder; descriptors were opened before."""
    if isinstance(path, int) or path is None:
        return True
    place = Path(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - no link is followed
    return place in {Path(os.devnull), below} or below in place.parents


def places_of(event: str, told: tuple) -> list[object]:
    """Give the paths that an event would write to."""
    if event == "open":
        path, mode, flags = told
        writes = any(letter in (mode or "") for letter in "wax+") or (flags or 0) & WRITING
        return [path] if writes else []
    return [told[place] for place in PLACES.get(event, ())]


class Guard:
    """Sees every event of the process; what is refused is noted and raised."""

    def __init__(self, below: Path, out: int) -> None:
        self.below, self.out = below, out
        self.seen = {"open": 0, "subprocess.Popen": 0}

    def __call__(self, event: str, told: tuple) -> None:
        if event in self.seen:
            self.seen[event] += 1
        if event.startswith(NETWORK) or event in PROCESSES:
            self.refuse(event, told)
        if event == "subprocess.Popen" and list(told[1]) != WORKER:
            self.refuse(event, told[1])
        for place in places_of(event, told):
            if not inside(place, self.below):
                self.refuse(event, place)

    def refuse(self, event: str, what: object) -> None:
        os.write(self.out, f"REFUSED {event} {what}\n".encode("utf-8", "backslashreplace"))
        raise PermissionError(event)


def main() -> None:
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

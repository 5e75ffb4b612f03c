# SPDX-License-Identifier: Apache-2.0
"""The work of standfast that is measured, one verb a process; it prints what it found as JSON.

Usage: ``python our_work.py VERB ARGUMENTS…``

* ``read FILE`` reads as ``standfast read --summary`` does;
* ``keep FOLDER FILE…`` makes a case, adds files and asks one question of the timeline;
* ``media FOLDER FILE…`` makes a case and adds files, without asking;
* ``state FOLDER`` says of the first two accounts who they are;
* ``open FOLDER`` opens the timeline; ``search FOLDER WORDS`` also searches it; ``verify FOLDER``
  verifies the case.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

PASSPHRASE = "ginkgo-marble-tram-oboe"
SHOWN = 50
SEARCHES = 5


def read(path: str) -> dict[str, Any]:
    from standfast.cli import main  # noqa: PLC0415 - a process measures what it uses, no more

    sys.argv = ["standfast", "read", "--summary", path]
    out = StringIO()
    out.buffer = open("/dev/null", "wb")  # type: ignore[attr-defined]  # noqa: PTH123, SIM115 - what is printed is not wanted
    with redirect_stdout(out), suppress(SystemExit):
        main()
    return {}


def _unlock() -> Any:
    from standfast.vault.opening import Unlock  # noqa: PLC0415 - as above

    return Unlock(passphrase=PASSPHRASE)


def _new(folder: str) -> Any:
    from standfast.desk.case import Desk, new_case  # noqa: PLC0415 - as above
    from standfast.vault.keys import Work  # noqa: PLC0415 - as above

    shutil.rmtree(folder, ignore_errors=True)
    new_case(Path(folder), PASSPHRASE, zone="Europe/Berlin", work=Work(65536, 3, 4))
    return Desk.open_case(Path(folder), _unlock(), write=True)


def keep(folder: str, *files: str) -> dict[str, Any]:
    with _new(folder) as desk:
        wall, cpu = time.perf_counter(), _processor()
        desk.add([Path(file) for file in files])
        events, first = desk.timeline.count(), desk.events(limit=SHOWN)[0].event
        return _clocks(wall, cpu) | {"events": events, "first": first}


def media(folder: str, *files: str) -> dict[str, Any]:
    with _new(folder) as desk:
        wall, cpu = time.perf_counter(), _processor()
        desk.add([Path(file) for file in files])
        return _clocks(wall, cpu) | {"items": len(desk.state.items)}


def _desk(folder: str) -> Any:
    from standfast.desk.case import Desk  # noqa: PLC0415 - as above

    return Desk.open_case(Path(folder), _unlock())


def open_(folder: str) -> dict[str, Any]:
    with _desk(folder) as desk:
        wall, cpu = time.perf_counter(), _processor()
        events = desk.timeline.count()
        return _clocks(wall, cpu) | {"events": events}


def search(folder: str, words: str) -> dict[str, Any]:
    from standfast.timeline.query import Where  # noqa: PLC0415 - as above

    found: list[dict[str, Any]] = []
    with _desk(folder) as desk:
        desk.timeline.count()
        for _again in range(SEARCHES):
            wall, cpu = time.perf_counter(), _processor()
            where = Where(search=words)
            hits = desk.timeline.count(where)
            rows = desk.timeline.rows(where, limit=SHOWN)
            found.append(_clocks(wall, cpu) | {"hits": hits, "rows": len(rows)})
    return min(found, key=lambda one: one["cpu"])


def verify(folder: str) -> dict[str, Any]:
    with _desk(folder) as desk:
        wall, cpu = time.perf_counter(), _processor()
        report = desk.verify()
        return _clocks(wall, cpu) | {"problems": len(report.problems)}


def state(folder: str) -> dict[str, Any]:
    from standfast.desk import Desk, Role  # noqa: PLC0415 - as above

    with Desk.open_case(Path(folder), _unlock(), write=True) as desk:
        me, other = desk.timeline.accounts()[:2]
        desk.link("me", Role.ME, *me[:2])
        desk.link("Kim", Role.OTHER, *other[:2])
        return {"people": len(desk.state.people)}


def _clocks(wall: float, cpu: float) -> dict[str, Any]:
    return {"wall": time.perf_counter() - wall, "cpu": _processor() - cpu}


def _processor() -> float:
    """Give the processor seconds of this process and of the workers that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


VERBS = {
    "read": read, "keep": keep, "media": media, "open": open_, "search": search, "state": state,
    "verify": verify,
}  # fmt: skip


def main() -> None:
    said = VERBS[sys.argv[1]](*sys.argv[2:])
    self, workers = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    sys.stdout.write("\n" + json.dumps(said | {"peak_mb": self + workers}) + "\n")


if __name__ == "__main__":
    main()

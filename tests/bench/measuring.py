# SPDX-License-Identifier: Apache-2.0
"""What a benchmark measures: a process with everything it starts, beside a peer's.

Every measure is a process of its own. Processor time is that of the process and of everything it
waited for, start of the program included; memory is its peak, for a program of two processes the
sum of their two peaks. A short measure is repeated and its best run counts, as what else the
machine does can only add to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REPEATS = 3
SHORT = 20.0
"""Seconds after which a measure is not repeated any more."""
PEER_LIMIT = 900.0
"""Seconds after which a peer's run is ended and said to be too long."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one run cost: seconds and megabytes; ``problem`` says why there is no figure."""

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    ``bar`` is what the design asks for, as a factor of the peer's time (or, with ``unit`` "s",
    "ms" or "MB", as a plain number); ``value`` is what was reached in the same unit.
    """

    work: str
    size: str
    ours: Spent
    peer: str = ""
    theirs: Spent | None = None
    value: float | None = None
    bar: float | None = None
    unit: str = "×"

    @property
    def held(self) -> str:
        """Say whether the bar is kept, or nothing when there is none."""
        if self.bar is None or self.value is None:
            return ""
        return "yes" if self.value <= self.bar else "no"


@dataclass(frozen=True, slots=True)
class Bench:
    """What is to be measured: sizes, a folder for files, and whether long peers run too."""

    folder: Path
    sizes: tuple[int, ...]
    everything: bool = False

    @property
    def quick(self) -> bool:
        """Say whether only the small size is measured."""
        return max(self.sizes) < 1_000_000


def ratio(ours: Spent, theirs: Spent, clock: str = "cpu") -> float | None:
    """Give how much of the peer's time ours is."""
    if ours.problem or theirs.problem or not getattr(theirs, clock):
        return None
    return float(getattr(ours, clock) / getattr(theirs, clock))


def against(  # noqa: PLR0913 - a line of the table has as many columns
    work: str, size: str, ours: Spent, peer: str, theirs: Spent, *, bar: float | None = None,
    clock: str = "cpu",
) -> Row:  # fmt: skip
    """Make the line of a measure beside a peer's."""
    return Row(work, size, ours, peer, theirs, ratio(ours, theirs, clock), bar)


def run(*command: str | Path, limit: float | None = None) -> Spent:
    """Run a command and measure it; a last line of JSON on its output is what it said.

    A process begins with the peak of the one that starts it (Linux), so this one must stay small.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        try:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        except OSError as problem:
            return Spent(problem=problem.strerror or "cannot be started")
        status, usage = _waited(process, began + limit if limit else None)
        wall = time.perf_counter() - began
        if status is None:
            return Spent(problem=f"ended after {limit:.0f} s")
        out.seek(0)
        err.seek(0)
        said = _said(out.read())
        if status:
            return Spent(problem=_last_line(err.read()) or f"exit code {status}")
    peak = max(usage.ru_maxrss // 1024, said.get("peak_mb", 0))
    return Spent(wall, usage.ru_utime + usage.ru_stime, peak, said)


def _waited(process: subprocess.Popen[bytes], until: float | None) -> tuple[int | None, Any]:
    while until is not None and not _ended(process.pid):
        if time.perf_counter() > until:
            process.kill()
            process.wait()
            return None, None
        time.sleep(0.05)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _said(output: bytes) -> dict[str, Any]:
    try:
        said = json.loads(output.strip().rsplit(b"\n", 1)[-1])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _last_line(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    return lines[-1][:120] if lines else ""


def best(*command: str | Path, limit: float | None = None) -> Spent:
    """Run a command up to three times and give the run that cost least processor time."""
    found = run(*command, limit=limit)
    spent, runs = found.wall, 1
    while runs < REPEATS and spent + found.wall < SHORT and not found.problem:
        again = run(*command, limit=limit)
        spent, runs = spent + again.wall, runs + 1
        if not again.problem and again.cpu < found.cpu:
            found = again
    return found


def ours(verb: str, *arguments: str | Path) -> Spent:
    """Run one of `our_work`'s verbs, at its best."""
    return best(sys.executable, HERE / "our_work.py", verb, *arguments)


def inside(spent: Spent) -> Spent:
    """Take the time of the work itself, its workers included: the case was open before it began."""
    if spent.problem:
        return spent
    return replace(spent, wall=spent.said["wall"], cpu=spent.said["cpu"])


def bare(script: str, *arguments: str | Path) -> Spent:
    """Run one of the peers that are scripts in this folder, at its best."""
    return best(sys.executable, HERE / script, *arguments)


def thousands(count: int) -> str:
    """Write a number of things with commas."""
    return f"{count:,}"

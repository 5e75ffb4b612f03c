# SPDX-License-Identifier: Apache-2.0
"""A case that is there: opening its timeline, searching it, verifying it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from bench_whatsapp import LARGEST, export
from measuring import HERE, Row, Spent, against, best, inside, ours, run, thousands
from peers import missing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measuring import Bench

WORDS = "nobody said"
SEARCH = 2.0
OPENED = "open the timeline"


def rows(bench: Bench) -> Iterator[Row]:
    """Measure every size on the cases that the WhatsApp benchmark keeps, or makes them."""
    for count in bench.sizes:
        path, folder = export(bench, count), bench.folder / f"case-{count}"
        if not folder.exists():
            run(sys.executable, HERE / "our_work.py", "keep", folder, path)
        size = thousands(count)
        opened = inside(ours("open", folder))
        yield Row(OPENED, size, opened, value=opened.cpu, unit="s")
        found = inside(ours("search", folder, WORDS))
        theirs = _grep(path)
        bar = SEARCH if count == LARGEST else None
        for what, clock in (("processor", "cpu"), ("clock", "wall")):
            work = f"search, 50 shown: {what}"
            yield against(work, size, found, "rg -ci", theirs, bar=bar, clock=clock)
        checked = inside(ours("verify", folder))
        yield Row("verify the case", size, checked, value=checked.cpu, unit="s")


def _grep(path: Path) -> Spent:
    problem = missing("rg")
    return Spent(problem=problem) if problem else best("rg", "-c", "-i", WORDS, path)

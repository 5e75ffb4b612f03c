# SPDX-License-Identifier: Apache-2.0
"""Measure standfast beside its peers: ``python3 dev.py bench [--quick] [--all] [--only NAME]…``.

It prints a table of ratios, each to a peer measured in the same run, and never fails by a time.

Options:
  --quick        10,000 messages only, and less media
  --all          also the peers that take many minutes
  --only NAME    one of: whatsapp, json, case, pages, mail, phone, media, dossier (repeat)
  --write        also write docs/reference/benchmarks.md
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from measuring import Bench, Row, Spent  # noqa: E402 - found through the path above

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("whatsapp", "json", "case", "pages", "mail", "phone", "media", "dossier")
SIZES = (10_000, 100_000, 1_000_000)
PAGE = HERE.parent.parent / "docs" / "reference" / "benchmarks.md"
TITLES = ("work", "size", "ours", "peer", "theirs", "ratio", "asked", "kept")
HEAD = """# Benchmarks

What standfast's work costs, each beside another program's doing the same or less of it, measured
in the same run by `make bench`. Times differ between machines; the ratios hardly do.

A cell reads *processor seconds / seconds by the clock / peak memory*. Reading is measured as the
whole program, from its start. Keeping, asking, searching and verifying are measured in a case that
is open: without the start of the program and the deliberate slowness of a passphrase. Everything a
measure starts counts with it; the memory of two processes is the sum of both peaks. A line without
a ratio says why there is none.
"""


def main() -> int:
    """Measure, print, and write the page if asked."""
    asked = _asked()
    sizes = SIZES[:1] if asked.quick else SIZES
    rows: list[Row] = []
    _print([*TITLES])
    with tempfile.TemporaryDirectory(prefix="standfast-bench-") as folder:
        bench = Bench(Path(folder), sizes, asked.all)
        for name in asked.only or NAMES:
            for row in importlib.import_module(f"bench_{name}").rows(bench):
                _print(_cells(row))
                rows.append(row)
    if asked.write:
        PAGE.write_text(_page(rows), encoding="utf-8")
    return 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n")[0])
    for name in ("--quick", "--all", "--write"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--only", action="append", choices=NAMES)
    return parser.parse_args()


def _cells(row: Row) -> list[str]:
    theirs = "" if row.theirs is None else _cost(row.theirs)
    asked = "≤ " + _number(row.bar, row.unit) if row.bar else ""
    return [
        row.work, row.size, _cost(row.ours), row.peer, theirs,
        _number(row.value, row.unit), asked, row.held,
    ]  # fmt: skip


def _cost(spent: Spent) -> str:
    if not spent.cpu and not spent.problem:  # a clock's figure, or memory alone
        return f"{spent.peak_mb:,} MB" if spent.peak_mb else f"{spent.wall:.3f} s"
    return spent.problem or f"{spent.cpu:.2f} s / {spent.wall:.2f} s / {spent.peak_mb:,} MB"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f"{value:,.0f} {unit}" if unit == "MB" else f"{value:.2f} {unit}"


def _print(cells: Sequence[str]) -> None:
    widths = (26, 14, 28, 29, 34, 9, 9, 4)
    line = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def _page(rows: Sequence[Row]) -> str:
    lines = [TITLES, ["---"] * len(TITLES), *map(_cells, rows)]
    table = "\n".join(
        "| " + " | ".join(cell.replace("|", "/") for cell in one) + " |" for one in lines
    )
    machine = (
        f"Measured with Python {platform.python_version()} on {os.cpu_count()} cores "
        f"({platform.machine()}, {platform.system()})."
    )
    return f"{HEAD}\n{machine}\n\n{table}\n"


if __name__ == "__main__":
    sys.exit(main())

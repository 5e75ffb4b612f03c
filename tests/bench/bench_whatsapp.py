# SPDX-License-Identifier: Apache-2.0
"""A WhatsApp export: read, and kept, beside a bare loop and the other readers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from make_whatsapp import write
from measuring import Row, Spent, against, bare, inside, ours, thousands
from peers import EXPORTER, MINER, WHATSTK, peer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measuring import Bench

READ, KEEP = 3.0, 8.0
"""The bars, as factors of the bare loop's time at the largest size."""
MEMORY_MB = 150
LARGEST = 1_000_000
LOOP = "a bare loop"
DATED = re.compile(rb"[0-9]{2}/2024 - that month\n")
"""Lines that make WhatsApp-Chat-Exporter stop with an error; it gets a file without them."""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure every size."""
    for count in bench.sizes:
        path = export(bench, count)
        loop = bare("bare_loop.py", path, "android")
        size = thousands(count)
        read = ours("read", path)
        bar = READ if count == LARGEST else None
        yield against("read a WhatsApp export", size, read, LOOP, loop, bar=bar)
        most = MEMORY_MB if count == LARGEST else None
        yield Row("… its memory", size, read, LOOP, loop, read.peak_mb, most, "MB")
        for name in (EXPORTER, WHATSTK, MINER):
            yield against("read a WhatsApp export", size, read, name, _peer(name, bench, path))
        kept = inside(ours("keep", bench.folder / f"case-{count}", path))
        bar = KEEP if count == LARGEST else None
        yield against("the same, kept and asked", size, kept, LOOP, loop, bar=bar)


def export(bench: Bench, count: int) -> Path:
    """Give an export of so many messages."""
    path = bench.folder / f"WhatsApp Chat with Kim {count}.txt"
    if not path.exists():
        write(path, count, "android")
    return path


def _peer(name: str, bench: Bench, path: Path) -> Spent:
    if name == MINER and path.stat().st_size > 20_000_000 and not bench.everything:
        return Spent(problem="takes minutes: only with --all")
    if name == EXPORTER:
        plain = path.with_name("plain " + path.name)
        with path.open("rb") as lines, plain.open("wb") as kept:  # line by line: see `run`
            kept.writelines(line for line in lines if not DATED.match(line))
        path = plain
    return peer(name, bench.folder, path)

# SPDX-License-Identifier: Apache-2.0
"""Chat exports in JSON beside `json.load` alone: time, and memory that does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from make_json import write
from measuring import Row, against, bare, ours, thousands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Bench

KINDS = {"telegram": "Telegram's JSON", "meta": "Meta's JSON"}
BAR = 3.0
MOST_MB = 200
LARGE = 100_000
"""From here on the start of the program weighs little beside the work."""


def rows(bench: Bench) -> Iterator[Row]:
    """Measure each size that is asked for."""
    for kind, name in KINDS.items():
        for count in bench.sizes:
            path = bench.folder / f"{kind}-{count}.json"
            if not path.exists():
                write(kind, count, path)
            theirs = bare("bare_json.py", path)
            read = ours("read", path)
            bar = BAR if count >= LARGE else None
            yield against(f"read {name}", thousands(count), read, "json.load", theirs, bar=bar)
            yield Row(
                "… its memory", thousands(count), read, "json.load", theirs, read.peak_mb,
                MOST_MB if bar else None, "MB",
            )  # fmt: skip
            path.unlink()

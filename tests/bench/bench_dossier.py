# SPDX-License-Identifier: Apache-2.0
"""How long a dossier takes, and how much memory, as its chronology grows.

The design asks for 10,000 events in at most 12 s and 500 MB. Every size runs in a process of its
own: ``python bench_dossier.py N``.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import Row, best, thousands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Bench

SIZES = (100, 1_000, 10_000)
SECONDS, MEMORY_MB = 12.0, 500
TESTS = Path(__file__).parent.parent


def one(count: int) -> dict[str, float]:
    """Make one dossier and measure it."""
    sys.path.insert(0, str(TESTS))
    from dossier_case import sample  # noqa: PLC0415 - found through the path above
    from standfast.dossier.layout import make_pdf  # noqa: PLC0415 - imported in the child only

    dossier = sample(count=count)
    start = time.perf_counter()
    made = make_pdf(dossier)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "events": len(dossier.rows),
        "seconds": round(seconds, 2),
        "peak_mb": peak // 1024,
        "volumes": len(made.annexes),
        "bytes": len(made.main) + sum(len(data) for _name, data in made.annexes),
    }


def rows(bench: Bench) -> Iterator[Row]:
    """Measure every size, each in its own process."""
    for count in SIZES[:2] if bench.quick else SIZES:
        spent = best(sys.executable, __file__, str(count))
        seconds = float(spent.said.get("seconds", 0.0))
        asked = (SECONDS, MEMORY_MB) if count == max(SIZES) else (None, None)
        size = thousands(count)
        yield Row("make a dossier: clock", size, spent, value=seconds, bar=asked[0], unit="s")
        peak = spent.peak_mb
        yield Row("make a dossier: memory", size, spent, value=peak, bar=asked[1], unit="MB")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(one(int(sys.argv[1]))) + "\n")

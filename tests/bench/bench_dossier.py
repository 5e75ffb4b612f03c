# SPDX-License-Identifier: Apache-2.0
"""How long a dossier takes, and how much memory, as its chronology grows.

Run by itself: ``python tests/bench/bench_dossier.py``. It prints one line a size; the design asks
for 10,000 events in at most 12 s and 500 MB. Every size runs in a process of its own, because
memory is measured as that process's peak.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

SIZES = (100, 1_000, 10_000)
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


def bench() -> list[dict[str, float]]:
    """Measure every size, each in its own process."""
    told = []
    for count in SIZES:
        command = [sys.executable, __file__, str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told.append(json.loads(done.stdout))
    return told


if __name__ == "__main__":
    lines = [one(int(sys.argv[1]))] if len(sys.argv) > 1 else bench()
    for line in lines:
        sys.stdout.write(json.dumps(line) + "\n")

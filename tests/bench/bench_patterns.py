# SPDX-License-Identifier: Apache-2.0
"""How long the patterns of contact take: one change point, and all detectors over a case.

Run by itself: ``python tests/bench/bench_patterns.py``. It prints one line a measurement. The
change point stands beside the plain search over every segmentation, whose optimum is the same.
Every size of case runs in a process of its own, because memory is that process's peak.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

YEARS = (1, 5, 20)
SIZES = (10_000, 100_000, 1_000_000)
SUBJECTS = 50
TESTS = Path(__file__).parent.parent


def lumpy_days(dice: random.Random, years: int) -> list[int]:
    """Give days of a lumpy habit that triples in the last quarter."""
    means = [(15.0 if 4 * day > 3 * 365 * years else 5.0) for day in range(365 * years)]
    return [int(dice.expovariate(1 / mean)) for mean in means]


def change_point(years: int) -> dict[str, object]:
    """Measure the exact change point, and the plain search where that is bearable."""
    sys.path[:0] = [str(TESTS), str(TESTS / "unit")]
    from test_patterns_change_point import reference  # noqa: PLC0415 - found through the path above

    from standfast.findings import change_point as ours  # noqa: PLC0415 - as above

    days = lumpy_days(random.Random(years), years)
    start = time.process_time()
    found = ours.changes(days)
    told: dict[str, object] = {
        "change_point_years": years,
        "cpu_ms": round((time.process_time() - start) * 1000, 1),
        "changes": len(found),
    }
    if years == 1:
        cut = ours.cut(days)
        start = time.process_time()
        _cost, starts = reference(cut, ours.ladder_for(cut, ours.spread(cut)), ours.penalty(cut))
        told["plain_cpu_ms"] = round((time.process_time() - start) * 1000, 1)
        told["same"] = starts[1:] == [change.day for change in found]
    return told


def all_detectors(count: int) -> dict[str, object]:
    """Measure every detector over a case of that many events with `SUBJECTS` counterparts."""
    sys.path.insert(0, str(TESTS))
    from contact_case import campaign_table  # noqa: PLC0415 - found through the path above
    from standfast.findings import Settings, StopRequest, look  # noqa: PLC0415 - as above

    events = campaign_table(count, SUBJECTS)
    stated = Settings(stops=(StopRequest("p1", events["ts"][count // 2].as_py()),))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = look(events, stated)
    return {
        "events": count,
        "cpu_s": round(time.process_time() - start, 2),
        "findings": len(found),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_before_mb": before // 1024,
        "table_mb": events.nbytes >> 20,
    }


def bench() -> list[dict[str, object]]:
    """Measure everything, every size of case in its own process."""
    told = [change_point(years) for years in YEARS]
    for count in SIZES:
        command = [sys.executable, __file__, str(count)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told.append(json.loads(done.stdout))
    return told


if __name__ == "__main__":
    lines = [all_detectors(int(sys.argv[1]))] if len(sys.argv) > 1 else bench()
    for line in lines:
        sys.stdout.write(json.dumps(line) + "\n")

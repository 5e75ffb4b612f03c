# SPDX-License-Identifier: Apache-2.0
"""How fast the timeline is leafed through and counted, at 100,000 and 1,000,000 events.

Run by itself: ``python tests/bench/bench_browsing.py [SIZE…]``. It prints one line of JSON a
question: the median and the 95th percentile in milliseconds by the clock, and the median of
processor time (of all threads together), each time from scratch where an answer would be kept. The
files' times lie in each other's, so that a page comes from all over the memory. Every size runs in
a process of its own, because memory is that process's peak; ``first`` is the very first question,
which works out the order of all events.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from standfast.model.event import EventBatch
from standfast.sources.tables import batch_of
from standfast.timeline.query import Timeline, View, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

SIZES = (100_000, 1_000_000)
BATCH = 20_000
TIMES = 40
DAY = 86_400_000_000
START = 1_577_836_800_000_000
"""Midnight of the first day of 2020."""
YEARS = 5
CHANNELS = ("whatsapp", "sms", "mail")
FILES = ("",) * 29 + ('[{"state":"omitted"}]',)
SAID = (
    "where are you answer me i only want to talk why did you go home late tonight nobody said"
    " that please stop writing \u00dcber Stra\u00dfe caf\u00e9"
)
WORDS = SAID.split()


def batches(count: int) -> Iterator[tuple[int, int, pa.RecordBatch]]:
    """Give years of contact over three files."""
    dice = random.Random(count)
    for first in range(0, count, BATCH):
        item = 1 + first * len(CHANNELS) // count
        span = YEARS * 365 * DAY // 1000
        walls = sorted(START + dice.randrange(span) * 1000 for _ in range(BATCH))
        columns = {
            "kind": "message",
            "channel": CHANNELS[item - 1],
            "conversation": f"c{first // BATCH % 7}",
            "wall": walls,
            "utc": [wall - DAY // 24 for wall in walls],
            "zone": "Europe/Berlin",
            "zone_basis": "case",
            "precision": "s",
            "sender": [f"s{dice.randrange(20)}" for _ in range(BATCH)],
            "direction": ["in" if dice.randrange(4) else "out" for _ in range(BATCH)],
            "text": [" ".join(dice.choices(WORDS, k=dice.randrange(3, 25))) for _ in range(BATCH)],
            "attachments": [dice.choice(FILES) for _ in range(BATCH)],
        }
        yield item, first, batch_of(EventBatch(BATCH, columns))


FILTERS = {
    "all": Where(),
    "two channels": Where(channels=("sms", "mail")),
    "night": Where(hours=(22, 6)),
    "weekend": Where(weekdays=(5, 6)),
    "a rare search": Where(search="nobody said that please"),
    "a common search": Where(search="ME"),
    "everything at once": Where(
        search="tonight", hours=(22, 6), weekdays=(0, 4), channels=("sms",), kinds=("message",)
    ),
}


def measure(count: int) -> Iterator[dict[str, Any]]:
    """Ask every question of one timeline."""
    given = list(batches(count))
    before, began = _peak(), time.perf_counter()
    items = {number: f"{number:012x}" + "0" * 52 for number in range(len(CHANNELS) + 1)}
    with Timeline(iter(given), items=items, people=()) as timeline:
        loaded = time.perf_counter() - began
        began, after = time.perf_counter(), _peak()
        timeline.view()
        first = 1000 * (time.perf_counter() - began)
        yield {
            "events": count, "load_s": round(loaded, 2), "load_mb": after - before,
            "first_ms": round(first, 1),
        }  # fmt: skip
        for name, where in FILTERS.items():
            yield {"view": name, **_clocked(lambda n, w=where: _fresh(timeline, w, n))}  # type: ignore[misc]  # mypy cannot type a default
        cited = tuple(row.event for row in timeline.view().rows(count // 2, 300))
        yield {"view": "300 cited", **_clocked(lambda n: _fresh(timeline, Where(events=cited), n))}
        for name in ("all", "a common search"):
            yield from _of_view(timeline.view(FILTERS[name]), name)
        yield {"events": count, "peak_mb": _peak(), "peak_before_mb": before}


def _of_view(view: View, name: str) -> Iterator[dict[str, Any]]:
    dice = random.Random(1)
    events = [view.rows(dice.randrange(view.total), 1)[0].event for _ in range(TIMES)]
    middle = START + YEARS * 365 * DAY // 2
    questions: dict[str, Callable[[int], object]] = {
        "a page of 100": lambda _n: view.rows(dice.randrange(view.total), 100),
        "where is an event": lambda n: view.position_of(events[n % TIMES]),
        "jump to a day": lambda n: view.position_at(view.days().days[n].day),
        "days": lambda _n: (view.__dict__.pop("_days", None), view.days()),
        "hours": lambda _n: (view.__dict__.pop("_hours", None), view.hours()),
        "400 buckets of all": lambda n: view.lanes(400, START - n),
        "300 buckets of a month": lambda n: view.lanes(300, middle - n, middle + 30 * DAY),
    }
    for what, ask in questions.items():
        yield {"of": name, "rows": view.total, "question": what, **_clocked(ask)}


def _fresh(timeline: Timeline, where: Where, number: int) -> View:
    """Ask for a view that was not asked for before: the same events, by another question."""
    return timeline.view(replace(where, start=START - DAY - number))


def _clocked(ask: Callable[[int], object]) -> dict[str, float]:
    walls, cpus = [], []
    for number in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        ask(number)
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return {
        "p50_ms": round(sorted(walls)[TIMES // 2], 1),
        "p95_ms": round(sorted(walls)[TIMES * 95 // 100], 1),
        "cpu_p50_ms": round(sorted(cpus)[TIMES // 2], 1),
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure one size here, or every size in a process of its own."""
    sizes = [int(word) for word in sys.argv[1:]]
    if len(sizes) == 1:
        for told in measure(sizes[0]):
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
        return
    for size in sizes or SIZES:
        subprocess.run([sys.executable, __file__, str(size)], check=True)


if __name__ == "__main__":
    main()

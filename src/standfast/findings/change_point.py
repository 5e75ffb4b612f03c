# SPDX-License-Identifier: Apache-2.0
"""Where the level of a daily count changes: an exact optimum in whole numbers.

Rules enforced here:

* Chats are lumpy: the days of an unchanged habit vary far more than a Poisson count would. So a
  day is charged by a negative binomial, whose spread is estimated from neighbouring days (a
  change of level hardly touches it) and never below what people's days show (`TIGHTEST`).
* A level is a rung of a fixed ladder (eight rungs an octave). With the level on a rung, the
  cost of a day is ``count * a + b`` with two integers a rung, so the cheapest segmentation over
  *all* dates and *all* rungs is found exactly, in time proportional to days, by one pass.
* Costs are integers in units of ``1 / SCALE`` nat. Their only logarithms come from `decimal`,
  which rounds correctly by its specification: every machine gets the same integers, and so the
  same dates. Ties go to the earlier start.
* A level holds for `SHORTEST` days at least, and one loud day is not a level: before the search
  a day is cut to `CUT_TIMES` the upper quartile of the days around it, plus `CUT_PLUS`.
* A change must pay `penalty`, which grows with the length of the series and with how much more
  the weeks vary than their days explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SCALE: Final = 1 << 20
"""Units of cost in one nat."""
SHORTEST: Final = 7
"""Days a level has to hold."""
CUT_TIMES: Final = 4
CUT_PLUS: Final = 8
CUT_DAYS: Final = 15
WEEK: Final = 7
THOUSAND: Final = 1000
TIGHTEST: Final = 4000
"""Largest size of the negative binomial, in thousandths: variance >= mean + mean^2 / 4."""
LOOSEST: Final = 50
"""Smallest size, in thousandths: below it every series is noise."""
PENALTY_PLAIN: Final = 4 * SCALE
PENALTY_PER_LOG: Final = 1 * SCALE
"""A change pays ``PENALTY_PLAIN + PENALTY_PER_LOG * ln(days)``; set by simulation, see the docs."""
NEARLY: Final = 3 * SCALE
"""A date fits nearly as well when it costs at most this more: odds of 1 to 20."""
FEWEST_WEEK_PAIRS: Final = 8
"""Neighbouring weeks needed before the weeks' own spread can be told."""

TRIMMED_SHARE: Final = 561
"""Share of a chi-square of one degree below its 90 % point, in thousandths."""

_OCTAVE: Final = (1024, 1117, 1218, 1328, 1448, 1579, 1722, 1878)  # 1024 * 2 ** (i / 8)
_LOWEST_OCTAVE: Final = -10  # about one contact in three years
_FINE_FROM: Final = -4  # below one contact in 16 days, one rung an octave is enough
_DECIMAL: Final = Context(prec=24)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The levels that a segment may have.

    A day with ``x`` contacts costs ``x * per_contact[k] + per_day[k]`` on rung ``k``.
    """

    per_contact: tuple[int, ...]
    per_day: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The first day of a new level, as an index, and the range of days that fit nearly as well."""

    day: int
    earliest: int
    latest: int


def changes(counts: Sequence[int]) -> tuple[Change, ...]:
    """Find the changes of level in counts of consecutive days, zeros included."""
    days = cut(counts)
    if len(days) < 2 * SHORTEST or not any(days):
        return ()
    ladder = ladder_for(days, spread(days))
    starts = cheapest(days, ladder, penalty(days))
    return tuple(_ranges(days, ladder, starts))


def cut(counts: Sequence[int]) -> list[int]:
    """Cut each day to what the `CUT_DAYS` days around it allow.

    The limit is `CUT_TIMES` their upper quartile plus `CUT_PLUS`.
    """
    half = CUT_DAYS // 2
    out = []
    for index, count in enumerate(counts):
        around = sorted(counts[max(0, index - half) : index + half + 1])
        out.append(min(count, CUT_TIMES * around[len(around) * 3 // 4] + CUT_PLUS))
    return out


def spread(days: Sequence[int]) -> int:
    """Estimate the size of the negative binomial, in thousandths, from neighbouring days.

    For two days of one level ``(a - b)^2 - a - b`` has the mean ``2 level^2 / size``, and
    ``a * b`` the mean ``level^2``; the sums over all neighbours give the size as one ratio.
    """
    pairs = list(pairwise(days))
    product = sum(a * b for a, b in pairs)
    excess = sum((a - b) ** 2 - a - b for a, b in pairs)
    if excess <= 0:
        return TIGHTEST
    return max(LOOSEST, min(TIGHTEST, 2 * product * THOUSAND // excess))


def penalty(days: Sequence[int]) -> int:
    """Give what one change has to pay, in units of cost."""
    base = PENALTY_PLAIN + PENALTY_PER_LOG * _log(Decimal(len(days))) // SCALE
    return base * lumpiness(days) // THOUSAND


def lumpiness(days: Sequence[int]) -> int:
    """Say how much more the weeks vary than independent days would, in thousandths, >= 1000.

    The tenth of the steps between weeks that is largest is left out, so that a change of level
    does not count as lumpiness; `TRIMMED_SHARE` is what the rest holds of a normal variance.
    """
    weeks = [sum(days[i : i + WEEK]) for i in range(0, len(days) - WEEK + 1, WEEK)]
    steps = sorted((a - b) ** 2 for a, b in pairwise(weeks))
    if len(steps) < FEWEST_WEEK_PAIRS:
        return THOUSAND
    trimmed = sum(steps[: len(steps) * 9 // 10])
    by_week = trimmed * THOUSAND * (len(days) - 1)
    by_day = sum((a - b) ** 2 for a, b in pairwise(days))
    by_day *= WEEK * len(steps) * TRIMMED_SHARE
    return THOUSAND if by_day == 0 else max(THOUSAND, THOUSAND * by_week // by_day)


def ladder_for(days: Sequence[int], size: int) -> Ladder:
    """Build the rungs between the quietest and the loudest week of a series.

    Args:
        days: counts of consecutive days.
        size: size of the negative binomial in thousandths.
    """
    sums = [sum(days[i : i + SHORTEST]) for i in range(len(days) - SHORTEST + 1)]
    rungs = _rungs(min(sums), max(sums))
    shape = _DECIMAL.divide(Decimal(size), Decimal(THOUSAND))
    return Ladder(
        tuple(_log((shape + rung) / rung) for rung in rungs),
        tuple(int((shape * _log((shape + rung) / shape)).to_integral_value()) for rung in rungs),
    )


def _rungs(least: int, most: int) -> list[Decimal]:
    """Give the levels a day from one rung below ``least`` a week to one above ``most``."""
    rungs: list[Decimal] = []
    octave = _LOWEST_OCTAVE
    while not rungs or rungs[-1] * SHORTEST < most:
        steps = _OCTAVE if octave >= _FINE_FROM else _OCTAVE[:1]
        rungs += [Decimal(step) * Decimal(2) ** octave / _OCTAVE[0] for step in steps]
        octave += 1
    first = sum(1 for rung in rungs if rung * SHORTEST < least)
    last = sum(1 for rung in rungs if rung * SHORTEST < most)
    return rungs[max(0, first - 1) : last + 1]


def _log(value: Decimal) -> int:
    """Give the natural logarithm in units of cost, correctly rounded everywhere."""
    return int((_DECIMAL.ln(value) * SCALE).to_integral_value())


def cheapest(days: Sequence[int], ladder: Ladder, price: int) -> list[int]:
    """Find the starts of the cheapest segmentation; the first is always 0.

    Exact: minimises the days' costs plus ``price`` a segment over every segmentation whose
    segments last `SHORTEST` days or more and every choice of rungs. Each running value is
    ``cost << bits | start of its last segment``, so one comparison settles cost and ties.
    """
    bits = len(days).bit_length()
    rungs = list(zip(ladder.per_contact, ladder.per_day, strict=True))
    one: dict[int, list[int]] = {}
    best: list[int | None] = [0] + [None] * len(days)
    window = sum(days[: SHORTEST - 1])
    running: list[int] = []
    for end in range(SHORTEST, len(days) + 1):
        count = days[end - 1]
        window += count
        entry, start = best[end - SHORTEST], end - SHORTEST
        if running:
            row = one.get(count)
            if row is None:
                row = one[count] = [(count * a + b) << bits for a, b in rungs]
            running = [was + cost for was, cost in zip(running, row, strict=True)]
        if entry is not None:
            base = ((entry >> bits) + price << bits) + start
            fresh = [base + (window * a + SHORTEST * b << bits) for a, b in rungs]
            running = list(map(min, running, fresh)) if running else fresh
        best[end] = min(running)
        window -= days[start]
    return _starts(best, bits)


def _starts(best: Sequence[int | None], bits: int) -> list[int]:
    """Walk back from the last day to the start of each segment."""
    starts: list[int] = []
    end = len(best) - 1
    while end > 0:
        end = (best[end] or 0) & ((1 << bits) - 1)
        starts.append(end)
    return starts[::-1]


def _ranges(days: Sequence[int], ladder: Ladder, starts: Sequence[int]) -> list[Change]:
    """Say for each change which other days, with the same two levels, fit nearly as well."""
    found = []
    for before, start, after in zip(starts, starts[1:], [*starts[2:], len(days)], strict=False):
        low, high = _rung(days[before:start], ladder), _rung(days[start:after], ladder)
        early = _reach(days[before:start][::-1], ladder, low, high)
        late = _reach(days[start:after], ladder, high, low)
        found.append(Change(start, start - early, start + late))
    return found


def _rung(days: Sequence[int], ladder: Ladder) -> int:
    """Give the cheapest rung of a segment."""
    total, length = sum(days), len(days)
    costs = [
        total * a + length * b for a, b in zip(ladder.per_contact, ladder.per_day, strict=True)
    ]
    return costs.index(min(costs))


def _reach(days: Sequence[int], ladder: Ladder, own: int, other: int) -> int:
    """Count the days that could go to the other level for at most `NEARLY` more."""
    a = ladder.per_contact[other] - ladder.per_contact[own]
    b = ladder.per_day[other] - ladder.per_day[own]
    cost, reach = 0, 0
    for index, count in enumerate(days, 1):
        cost += count * a + b
        if cost <= NEARLY:
            reach = index
    return reach

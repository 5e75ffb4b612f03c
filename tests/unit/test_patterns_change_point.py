# SPDX-License-Identifier: Apache-2.0
"""The change point is the exact optimum, finds what was planted, and does not cry wolf."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from standfast.findings.change_point import (
    SCALE,
    SHORTEST,
    Ladder,
    changes,
    cheapest,
    cut,
    ladder_for,
    lumpiness,
    penalty,
    spread,
)


def poisson(dice: random.Random, mean: float) -> int:
    if mean > 30:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, dice.random()
    while product >= limit:
        count, product = count + 1, product * dice.random()
    return count


def lumpy(dice: random.Random, mean: float, size: float) -> int:
    """Draw from a negative binomial: variance ``mean + mean^2 / size``."""
    return poisson(dice, dice.gammavariate(size, mean / size))


def cost(days: list[int], ladder: Ladder) -> int:
    total, length = sum(days), len(days)
    return min(
        total * a + length * b for a, b in zip(ladder.per_contact, ladder.per_day, strict=True)
    )


def reference(days: list[int], ladder: Ladder, price: int) -> tuple[int, list[int]]:
    """Every start of a last segment against every end, by the definition: slow and plain."""
    best: list[tuple[int, list[int]] | None] = [None] * (len(days) + 1)
    for end in range(SHORTEST, len(days) + 1):
        tried = [(cost(days[:end], ladder), [0])]
        for start in range(SHORTEST, end - SHORTEST + 1):
            before = best[start]
            if before is not None:
                whole = before[0] + price + cost(days[start:end], ladder)
                tried.append((whole, [*before[1], start]))
        best[end] = min(tried, key=lambda one: (one[0], one[1][-1]))
    return best[-1] or (0, [])


def price_of(days: list[int], ladder: Ladder, starts: list[int], price: int) -> int:
    bounds = [*starts, len(days)]
    return sum(cost(days[a:b], ladder) for a, b in pairwise(bounds)) + price * (len(starts) - 1)


@pytest.mark.parametrize("seed", range(300))
def test_the_search_finds_the_same_optimum_as_trying_everything(seed: int) -> None:
    dice = random.Random(seed)
    days: list[int] = []
    while len(days) < dice.randrange(15, 70):
        mean, size = dice.choice([0.1, 1, 3, 10, 40]), dice.choice([0.3, 1, 4])
        days += [lumpy(dice, mean, size) for _ in range(dice.randrange(3, 30))]
    ladder = ladder_for(days, dice.choice([100, 700, 4000]))
    price = dice.choice([0, SCALE // 2, 3 * SCALE, penalty(days)])
    expected, starts = reference(days, ladder, price)
    found = cheapest(days, ladder, price)
    assert price_of(days, ladder, found, price) == expected
    assert found == starts
    assert all(b - a >= SHORTEST for a, b in pairwise([*found, len(days)]))


def test_the_costs_are_the_negative_binomials() -> None:
    ladder = ladder_for([3] * 10 + [5] * 10, 2000)
    for a, b in zip(ladder.per_contact, ladder.per_day, strict=True):
        mean = 2 / (math.exp(a / SCALE) - 1)
        for count in (0, 1, 7):
            dense = count * math.log(mean / (2 + mean)) + 2 * math.log(2 / (2 + mean))
            assert (count * a + b) / SCALE == pytest.approx(-dense, abs=1e-4)


def test_the_costs_are_these_integers_on_every_machine() -> None:
    ladder = ladder_for([1] * 20 + [2] * 20, 1500)
    assert list(zip(ladder.per_contact, ladder.per_day, strict=True))[:3] == [
        (1016259, 750348),
        (960800, 803458),
        (907065, 859586),
    ]


def rate_of_alarms(mean: float, size: float, length: int, times: int) -> float:
    dice = random.Random(f"{mean} {size} {length}")
    series = ([lumpy(dice, mean, size) for _ in range(length)] for _ in range(times))
    return sum(bool(changes(one)) for one in series) / times


@pytest.mark.parametrize(
    ("mean", "size", "length"),
    [(0.5, 0.5, 365), (3, 0.5, 365), (3, 1, 120), (10, 0.5, 365), (10, 1, 730), (30, 2, 365)],
)
def test_an_unchanged_lumpy_habit_is_called_a_change_in_at_most_one_of_twenty(
    mean: float, size: float, length: int
) -> None:
    assert rate_of_alarms(mean, size, length, 100) <= 0.05


@pytest.mark.parametrize(("base", "size", "after"), [(6, 4, 60), (10, 3, 60), (10, 3, 14)])
def test_three_times_the_contact_is_dated_within_three_days(
    base: float, size: float, after: int
) -> None:
    dice = random.Random(f"{base} {size} {after}")
    near = 0
    for _ in range(100):
        before = dice.randrange(90, 300)
        days = [lumpy(dice, base, size) for _ in range(before)]
        days += [lumpy(dice, 3 * base, size) for _ in range(after)]
        near += any(abs(change.day - before) <= 3 for change in changes(days))
    assert near >= 90


def test_the_planted_date_lies_in_the_range_that_is_told() -> None:
    dice = random.Random(11)
    inside = told = 0
    for _ in range(100):
        days = [lumpy(dice, 4, 1.5) for _ in range(120)]
        days += [lumpy(dice, 14, 1.5) for _ in range(120)]
        for change in changes(days):
            assert change.earliest <= change.day <= change.latest
            told += 1
            inside += change.earliest <= 120 <= change.latest
    assert told >= 95
    assert inside >= 0.9 * told


def test_a_single_loud_day_is_no_change_of_level() -> None:
    dice = random.Random(5)
    days = [lumpy(dice, 5, 1.5) for _ in range(200)]
    days[90] = 900
    assert changes(days) == ()


def test_working_days_and_weekends_are_no_change_of_level() -> None:
    dice = random.Random(8)
    week = [1.4, 1.3, 1.2, 1.2, 1.0, 0.4, 0.3]
    for _ in range(20):
        assert changes([lumpy(dice, 6 * week[day % 7], 1.5) for day in range(365)]) == ()


def test_a_silence_of_two_months_is_found_to_the_day() -> None:
    days = [4, 6, 5] * 40 + [0] * 60 + [5, 4, 6] * 20
    found = changes(days)
    assert [change.day for change in found] == [120, 180]
    assert all(change.earliest >= change.day - 1 for change in found)


@pytest.mark.parametrize("days", [[], [3], [0] * 400, [5] * 13, [1] * 2000, [7, 0] * 500])
def test_nothing_is_found_where_nothing_changes(days: list[int]) -> None:
    assert changes(days) == ()


def test_an_even_rise_is_found_however_large_the_counts_are() -> None:
    assert [change.day for change in changes([10**6] * 30 + [3 * 10**6] * 30)] == [30]


def test_the_spread_is_that_of_the_days_and_a_step_hardly_touches_it() -> None:
    dice = random.Random(2)
    days = [lumpy(dice, 10, 2) for _ in range(4000)]
    assert 1700 <= spread(days) <= 2300
    stepped = days[:2000] + [lumpy(dice, 30, 2) for _ in range(2000)]
    assert 1600 <= spread(stepped) <= 2400
    assert spread([3, 3, 3]) == 4000
    assert spread([0, 50, 0, 50]) == 50


def test_weeks_that_swing_together_make_a_change_dearer() -> None:
    dice = random.Random(3)
    still = [lumpy(dice, 10, 2) for _ in range(400)]
    moods = [dice.choice([4, 16]) for _ in range(58)]
    swinging = [lumpy(dice, moods[day // 7], 20) for day in range(400)]
    assert lumpiness(still) < 1500 < lumpiness(swinging)
    assert penalty(swinging) > penalty(still)


def test_cutting_touches_loud_days_alone() -> None:
    assert cut([2] * 10 + [500] + [2] * 10) == [2] * 10 + [16] + [2] * 10
    assert cut([1, 2, 3, 10, 4]) == [1, 2, 3, 10, 4]


def test_the_rungs_bound_the_series() -> None:
    ladder = ladder_for([0] * 7 + [20] * 7, 1000)
    means = [1 / (math.exp(a / SCALE) - 1) for a in ladder.per_contact]
    assert means[0] < 0.01
    assert means[-1] >= 20
    assert sorted(means) == means

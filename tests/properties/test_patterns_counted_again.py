# SPDX-License-Identifier: Apache-2.0
"""Every number of a detector is what a plain recount of the same table gives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

import contact_oracle as oracle
from contact_case import DAY, HOUR, MINUTE, START, row, table
from standfast.findings import Block, Settings, StopRequest, detectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from standfast.model.finding import Finding

GAPS = st.one_of(
    st.integers(0, 5).map(lambda n: n * MINUTE),
    st.integers(0, 48).map(lambda n: n * HOUR),
    st.integers(1, 90).map(lambda n: n * DAY),
)
WHO = st.sampled_from(
    [
        {"person": "p1", "account": "+44 7700 900123"},
        {"person": "p1", "account": "+44 7700 900124", "channel": "sms"},
        {"person": "p1", "account": "robin@example.org", "channel": "mail", "kind": "mail"},
        {"person": "p2", "account": "+44 7700 900200"},
        {"person": "", "account": "+44 7700 900300", "role": ""},
        {"person": "", "account": "", "role": ""},
        {"person": "p3", "account": "+44 7700 900400", "role": "third"},
    ]
)
WHAT = st.sampled_from(
    [
        {},
        {},
        {},
        {},
        {"direction": "out"},
        {"direction": "out", "state": "draft"},
        {"direction": "out", "state": "failed"},
        {"direction": "system", "kind": "system"},
        {"direction": "unknown"},
        {"kind": "call", "detail": "missed_voice_call"},
        {"kind": "call", "detail": "incoming"},
        {"kind": "call", "direction": "out"},
        {"precision": "day"},
        {"state": "deleted"},
        {"kind": "photo"},
    ]
)
ROWS = st.lists(st.tuples(GAPS, WHO, WHAT, st.integers(-14, 14)), max_size=90)


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    ts, rows = START, []
    for number, (gap, who, what, zone) in enumerate(draw(ROWS)):
        ts += gap
        rows.append(row(number, ts, **{**who, **what, "wall": ts + zone * HOUR}))
    return table(rows, shuffled=draw(st.integers(0, 9)))


def campaign(seed: int) -> pa.Table:
    """Give months of contact of several people with rows, bursts, pauses and late accounts."""
    dice = random.Random(seed)
    rows: list[dict[str, Any]] = []
    ts = START
    accounts = [("p1", f"+44 7700 90012{n}") for n in range(4)] + [("p2", "+44 7700 900200")]
    accounts.append(("", "+44 7700 900300"))
    for _ in range(dice.randrange(5, 40)):
        ts += dice.choice([HOUR, 6 * HOUR, DAY, 3 * DAY, 40 * DAY]) + dice.randrange(HOUR)
        person, account = accounts[min(len(rows) // 60 + dice.randrange(2), 5)]
        for _ in range(dice.choice([1, 1, 3, 8, 30])):
            ts += dice.randrange(dice.choice([1, 3, 9, 200]) * MINUTE)
            way = dice.choice(["in", "in", "in", "in", "in", "in", "in", "out"])
            rows.append(row(len(rows), ts, person=person, account=account, direction=way))
    return table(rows, shuffled=seed)


TABLES = st.one_of(tables(), st.integers(0, 10**6).map(campaign))


def look(name: str, events: pa.Table, stated: Settings) -> Sequence[Finding]:
    return detectors()[name].look(events, stated)


def ends(events: list[str]) -> tuple[str, ...]:
    return tuple(events if len(events) <= 200 else events[:100] + events[-100:])


def stated_for(events: pa.Table, place: float) -> Settings:
    times = sorted(events["ts"].to_pylist()) or [START]
    ts = times[int(place * (len(times) - 1))]
    blocked = Block("p1", "whatsapp", "+44 7700 900123", ts + 1)
    return Settings(stops=(StopRequest("p1", ts), StopRequest("p2", ts + DAY)), blocks=(blocked,))


@given(TABLES)
@settings(max_examples=30, deadline=None)
def test_contact_is_counted_as_by_hand(events: pa.Table) -> None:
    own = oracle.contacts(events)
    found = {finding.subject: finding for finding in look("contact_count", events, Settings())}
    assert set(found) == set(own)
    for subject, finding in found.items():
        expected = oracle.count(own[subject])
        assert {name: finding.numbers[name] for name in expected} == expected
        for name, incoming in (("per_week", True), ("per_week_out", False)):
            weeks = {label: n for label, n in finding.series[name] if n}
            assert weeks == oracle.by_week(own[subject], incoming=incoming)
        for name in ("per_day", "per_month", "per_channel"):
            assert sum(n for _label, n in finding.series[name]) == expected["incoming"]
        assert finding.events_total == len(own[subject])
        assert finding.events == ends([one.event for one in own[subject]])


@given(TABLES)
@settings(max_examples=30, deadline=None)
def test_runs_without_a_reply_are_counted_as_by_hand(events: pa.Table) -> None:
    expected = {subject: oracle.runs(own) for subject, own in oracle.contacts(events).items()}
    told = {subject: runs for subject, runs in expected.items() if runs and len(runs[0]) >= 5}
    found = {finding.subject: finding for finding in look("one_sided", events, Settings())}
    assert set(found) == set(told)
    for subject, finding in found.items():
        runs = told[subject]
        assert finding.events == ends([one.event for one in runs[0]])
        assert finding.numbers["longest"] == finding.events_total == len(runs[0])
        assert finding.numbers["runs_of_5"] == sum(len(run) >= 5 for run in runs)
        assert finding.numbers["runs_of_10"] == sum(len(run) >= 10 for run in runs)


@given(TABLES, st.tuples(st.integers(0, 23), st.integers(0, 23)))
@settings(max_examples=30, deadline=None)
def test_nights_are_counted_as_by_hand(events: pa.Table, night: tuple[int, int]) -> None:
    expected = {
        subject: nights
        for subject, own in oracle.contacts(events).items()
        if night[0] != night[1] and (nights := oracle.nights(own, night)).total() >= 5
    }
    found = {finding.subject: finding for finding in look("night", events, Settings(night=night))}
    assert set(found) == set(expected)
    for subject, finding in found.items():
        nights = expected[subject]
        most = max(nights.values())
        assert finding.numbers["at_night"] == finding.events_total == nights.total()
        assert finding.numbers["nights"] == len(nights)
        assert finding.numbers["busiest_night"] == min(d for d, n in nights.items() if n == most)
        assert (finding.first, finding.last) == (min(nights), max(nights))


@given(TABLES)
@settings(max_examples=30, deadline=None)
def test_the_densest_hours_are_those_found_by_hand(events: pa.Table) -> None:
    expected = {subject: oracle.bursts(own) for subject, own in oracle.contacts(events).items()}
    found = {f.subject: list(f.series["densest"]) for f in look("burst", events, Settings())}
    assert found == {subject: windows for subject, windows in expected.items() if windows}


@given(TABLES)
@settings(max_examples=30, deadline=None)
def test_pauses_are_those_found_by_hand(events: pa.Table) -> None:
    expected = [
        (subject, *pause)
        for subject, own in oracle.contacts(events).items()
        for pause in oracle.pauses(own)
    ]
    names = ("last_event", "first_event", "days", "outgoing_meanwhile", "incoming_week_after")
    found = [
        (finding.subject, *(finding.numbers[name] for name in names))
        for finding in look("silence_return", events, Settings())
    ]
    assert found == expected


@given(TABLES, st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_contact_after_a_stop_is_counted_as_by_hand(events: pa.Table, place: float) -> None:
    stated = stated_for(events, place)
    own = oracle.contacts(events)
    found = look("after_stop", events, stated)
    assert [finding.subject for finding in found] == ["p1", "p2"]
    for stop, finding in zip(stated.stops, found, strict=True):
        expected = oracle.after(own.get(stop.person, []), stop.ts)
        assert {name: finding.numbers[name] for name in expected} == expected
        assert sum(n for _l, n in finding.series["per_week"]) == expected["incoming"]
        assert sum(n for _l, n in finding.series["per_week_out"]) == expected["outgoing"]
        assert finding.events_total == expected["incoming"] + expected["outgoing"]
        assert len(finding.events) == finding.events_total or finding.events_total > 69


@given(TABLES, st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_new_accounts_are_those_found_by_hand(events: pa.Table, place: float) -> None:
    stated = stated_for(events, place)
    found = {
        (str(f.numbers["account_channel"]), str(f.numbers["account"])): (
            f.numbers["mark"],
            f.numbers["hours"],
        )
        for f in look("hopping", events, stated)
        if not f.subject.startswith("account:")
    }
    assert found == oracle.hops(events, stated)

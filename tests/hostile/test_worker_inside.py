# SPDX-License-Identifier: Apache-2.0
"""The worker seen from within, with formats that misbehave: what it tells, and what it refuses."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from hostile_case import GOOD, GOOD_NAME
from inside_worker import behaving, event, of, served
from standfast.errors import Damaged
from standfast.model.event import (
    Attachment,
    EventBatch,
    Framing,
    Locator,
    Question,
    Remark,
    Unreadable,
)
from standfast.sources import worker
from standfast.sources.originals import (
    MemberBroken,
)
from standfast.sources.tables import compact
from standfast.sources.told import LONGEST_CHOICE, MOST_CHOICES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.model.event import Yield
    from standfast.sources import Source


def test_everything_a_format_yields_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def what(source: Source) -> Iterator[Yield]:
        with source.open() as stream:
            stream.read()
        source.progress(source.size)
        yield event("one", 0, 10, wall=datetime(2024, 3, 14), recipients=("b",))  # noqa: DTZ001 - a wall clock
        yield EventBatch(0, {})
        yield EventBatch(1, {"channel": "whatsapp", "start": [10], "end": [20]})
        yield Framing(20, 30)
        yield Unreadable("odd", "Odd.", Locator(start=30, end=source.size))
        yield Question("me", ("a" * 5000, "b"), (), "why not")
        yield Remark("note", "Note.")

    told = behaving(monkeypatch, tmp_path, what)
    assert [kind for kind, _value in told] == [b"f", b"p", b"b", b"b", b"u", b"q", b"r", b"d"]
    account = told[-1][1]
    assert (account["events"], account["framing"], account["unreadable"]) == (2, 1, 1)
    assert account["bytes"] == account["accounted"] == len(GOOD)
    assert [len(choice) for choice in of(b"q", told)[0]["choices"]] == [LONGEST_CHOICE, 1]


def test_events_are_sent_before_they_are_too_many_or_too_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def many(_source: Source) -> Iterator[Yield]:
        yield from (event(str(at)) for at in range(worker.SINGLE_EVENTS + 5))

    sizes = [len(rows) for rows in of(b"b", behaving(monkeypatch, tmp_path, many))]
    assert sizes == [worker.SINGLE_EVENTS, 5]

    def long(_source: Source) -> Iterator[Yield]:
        yield from (event("x" * (5 << 20)) for _at in range(3))

    sizes = [len(rows) for rows in of(b"b", behaving(monkeypatch, tmp_path, long))]
    assert sizes == [2, 1]


def test_a_large_batch_is_cut_and_each_part_carries_only_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def large(_source: Source) -> Iterator[Yield]:
        senders = [f"{at}" + "s" * 2000 for at in range(20_000)]
        spans: dict[str, Any] = {"start": [0] * 20_000, "end": [1] * 20_000}
        yield EventBatch(20_000, {"channel": "whatsapp", "sender": senders, **spans})

    parts = of(b"b", behaving(monkeypatch, tmp_path, large))
    assert len(parts) == 4
    assert [row["sender"][:5] for part in parts for row in part][::9999] == [
        "0ssss",
        "9999s",
        "19998",
    ]


def test_half_characters_are_spelled_everywhere(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    half = "a\udcff"

    def what(_source: Source) -> Iterator[Yield]:
        files = (Attachment(half, "missing"),)
        yield event(half, sender=half, attachments=files, native={half: half}, recipients=(half,))
        constants = {"channel": "whatsapp", "sender": half, "pointer": half, "text": [half]}
        yield EventBatch(1, constants)
        yield Question("me", (half,))
        yield Remark("note", half)

    told = behaving(monkeypatch, tmp_path, what)
    assert "\\udcff" in json.dumps(told, default=str).replace("\\\\", "\\")
    (one,), (two,) = of(b"b", told)
    assert one["text"] == one["sender"] == two["sender"] == two["pointer"] == "a\\udcff"
    assert json.loads(one["native"]) == {"a\\udcff": "a\\udcff"}
    assert of(b"q", told)[0]["choices"] == ["a\\udcff"]
    assert compact({"a": [half, 1]}) == '{"a":["a\\\\udcff",1]}'


def test_choices_without_end_are_cut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def what(_source: Source) -> Iterator[Yield]:
        yield Question("me", tuple(map(str, range(10_000))))

    assert len(of(b"q", behaving(monkeypatch, tmp_path, what))[0]["choices"]) == MOST_CHOICES


def test_unreadable_stretches_are_all_counted_and_the_first_ones_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def what(_source: Source) -> Iterator[Yield]:
        yield from (Unreadable("odd", "Odd.", Locator(start=0, end=0)) for _at in range(1500))

    told = behaving(monkeypatch, tmp_path, what)
    assert (len(of(b"u", told)), of(b"d", told)[0]["unreadable"]) == (worker.MANY, 1500)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (KeyError("x"), "reader_failed"),
        (RecursionError(), "reader_failed"),
        (OSError("gone"), "unread"),
        (MemberBroken(), "broken_member"),
    ],
)
def test_a_reader_that_breaks_off_keeps_what_it_had_and_accounts_for_the_rest(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problem: Exception, reason: str
) -> None:
    def what(_source: Source) -> Iterator[Yield]:
        yield event("kept", 0, 10)
        raise problem

    told = behaving(monkeypatch, tmp_path, what)
    assert [row["text"] for row in of(b"b", told)[0]] == ["kept"]
    (trouble,) = of(b"u", told)
    assert (trouble["reason"], trouble["locator"]["start"]) == (reason, 10)
    (account,) = of(b"d", told)
    assert account["bytes"] == account["accounted"]


@pytest.mark.parametrize(
    ("problem", "reason"), [(MemoryError(), "too_large"), (Damaged("x"), "original_damaged")]
)
def test_what_concerns_the_whole_original_ends_the_reading(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problem: Exception, reason: str
) -> None:
    def what(_source: Source) -> Iterator[Yield]:
        yield event("lost", 0, 10)
        raise problem

    told = behaving(monkeypatch, tmp_path, what)
    assert told[-1][0] == b"e"
    assert told[-1][1]["reason"] == reason


def test_a_frame_that_no_pipe_takes_ends_the_reading(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "FRAME_LIMIT", 10_000)

    def what(_source: Source) -> Iterator[Yield]:
        yield event("x" * 20_000)

    assert behaving(monkeypatch, tmp_path, what)[-1][1]["reason"] == "too_large"


def test_a_request_for_a_format_that_is_none_ends_only_itself(tmp_path: Path) -> None:
    path = tmp_path / GOOD_NAME
    path.write_bytes(GOOD)
    ((kind, value),) = served(path, format="nonsense")
    assert (kind, value["reason"]) == (b"e", "reader_failed")


def test_a_file_that_cannot_be_opened_is_accounted_for(tmp_path: Path) -> None:
    path = tmp_path / GOOD_NAME
    path.write_bytes(GOOD)
    told = served(path, path=str(tmp_path / "gone"))
    assert [kind for kind, _value in told] == [b"u", b"d"]
    assert told[1][1]["bytes"] == told[1][1]["accounted"] == len(GOOD)

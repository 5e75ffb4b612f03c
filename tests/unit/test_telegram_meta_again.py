# SPDX-License-Identifier: Apache-2.0
"""Telegram's and Meta's exports added twice: nothing is there twice, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat_exports import BERLIN, yields
from standfast.model.event import Event, EventBatch
from standfast.sources.tables import batch_of, batch_of_events
from standfast.timeline.query import Timeline

if TYPE_CHECKING:
    import pyarrow as pa

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPORTS = [
    ("telegram", "single.export"), ("telegram", "whole.export"),
    ("telegram_html", "messages.html"), ("meta", "facebook_inbox.export"),
    ("messenger_e2ee", "chat.export"), ("meta_html", "instagram_en.html"),
]  # fmt: skip


def batches(name: str, file: str) -> list[pa.RecordBatch]:
    found = yields(name, (FIXTURES / name / file).read_bytes(), BERLIN)
    single = [one for one in found if isinstance(one, Event)]
    many = [batch_of(one) for one in found if isinstance(one, EventBatch)]
    return [*many, batch_of_events(single)] if single else many


def shown(*items: list[pa.RecordBatch]) -> list[tuple[str, str, str]]:
    """Give the dated messages that the timeline shows of some originals."""
    given, first = [], {}
    for number, parts in enumerate(items, 1):
        first[number] = 0
        for part in parts:
            given.append((number, first[number], part))
            first[number] += len(part)
    hashes = {number: f"{number:012x}" + "0" * 52 for number in first}
    with Timeline(iter(given), items=hashes, people=[]) as timeline:
        rows = timeline.rows(limit=10_000)
    return [(str(row.ts), row.sender, row.text) for row in rows if row.ts is not None]


@pytest.mark.parametrize(("name", "file"), EXPORTS, ids=str)
def test_the_same_export_twice_adds_nothing(name: str, file: str) -> None:
    once = shown(batches(name, file))
    assert once
    assert shown(batches(name, file), batches(name, file)) == once


def test_two_files_of_one_chat_are_one_conversation() -> None:
    parts = [batches("meta", f"instagram_message_{number}.export") for number in (1, 2)]
    both = shown(*parts)
    assert len(both) == sum(len(shown(part)) for part in parts)
    names = {row["conversation"] for part in parts for one in part for row in one.to_pylist()}
    assert names == {"alex.w"}

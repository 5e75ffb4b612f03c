# SPDX-License-Identifier: Apache-2.0
"""Telegram's result.json: what holds for every file, however it was damaged or made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_exports import BERLIN, as_json, is_complete, rows_of, yields

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"
FILES = {path.stem: path.read_bytes() for path in FIXTURES.iterdir() if path.suffix != ".json"}
KEYS = st.sampled_from(
    [
        *("id", "type", "date", "date_unixtime", "from", "from_id", "text", "text_entities"),
        *("actor", "actor_id", "action", "photo", "file", "edited", "members", "media_type"),
        *("self_destruct_period_seconds", "reply_to_message_id", "poll", "clock", "mime_type"),
    ]
)
PARTS = st.sampled_from(["type", "text", "href"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats()
    | st.sampled_from(["message", "service", "phone_call", "2024-03-12T09:00:00", "1710230400",
                       "remove_members", "(File not included. x)", "\ud83d", "photos/a.jpg"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(PARTS | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MESSAGES = st.dictionaries(KEYS, VALUES, max_size=10)


def check(data: bytes) -> list[Any]:
    found = yields("telegram", data, BERLIN)
    assert is_complete(found, len(data))
    return rows_of(found)


@given(
    messages=st.lists(MESSAGES | VALUES, max_size=4),
    facts=st.dictionaries(
        st.sampled_from(["name", "type", "id", "personal_information"]), VALUES, max_size=3
    ),
)
@settings(deadline=None)
def test_any_document_of_this_shape_is_read_whole(messages: list[Any], facts: Any) -> None:
    data = json.dumps({**facts, "messages": messages}).encode()
    rows = check(data)
    meant = [
        one
        for one in messages
        if isinstance(one, dict) and "id" in one and {"type", "date"} & one.keys()
    ]
    assert len(rows) == len(meant)
    for row, one in zip(rows, meant, strict=True):
        there = json.loads(data[row["start"] : row["end"]])
        assert json.dumps(there) == json.dumps(one)


@given(
    data=st.binary(max_size=200) | st.text('{}[]",:messages0id type', max_size=80).map(str.encode)
)
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_loses_only_what_was_cut(name: str) -> None:
    whole = check(FILES[name])
    for cut in range(0, len(FILES[name]), 61):
        rows = check(FILES[name][:cut])
        assert rows == [row for row in whole if row["end"] <= cut]


@given(name=st.sampled_from(sorted(FILES)), place=st.integers(0, 1 << 20), flip=st.integers(1, 255))
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_makes_no_event_without_its_bytes(name: str, place: int, flip: int) -> None:
    data = bytearray(FILES[name])
    data[place % len(data)] ^= flip
    for row in check(bytes(data)):
        assert data[row["start"]] == ord("{")
        assert data[row["end"] - 1] == ord("}")


@pytest.mark.parametrize("name", FILES)
def test_two_readings_are_one(name: str) -> None:
    first, second = (as_json(yields("telegram", FILES[name])) for _ in range(2))
    assert first == second

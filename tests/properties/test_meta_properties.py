# SPDX-License-Identifier: Apache-2.0
"""Meta's downloads: what holds for every file, however it was damaged or made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_exports import BERLIN, as_json, is_complete, rows_of, yields
from standfast.sources.meta_text import repaired

FIXTURES = Path(__file__).parents[1] / "fixtures"
FORMATS = ("meta", "messenger_e2ee")
FILES = {
    (name, path.stem): path.read_bytes()
    for name in FORMATS
    for path in (FIXTURES / name).iterdir()
    if path.suffix != ".json"
}
KEYS = st.sampled_from(
    [
        *("sender_name", "timestamp_ms", "content", "photos", "share", "sticker", "type", "users"),
        *("call_duration", "missed", "is_unsent", "reactions", "bumped_message_metadata", "gifs"),
        *("senderName", "timestamp", "text", "isUnsent", "media", "clock"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats()
    | st.sampled_from(["Call", "Unsubscribe", 1710230400123, "\u00c3\u00a9", "\ud83d"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["uri", "name"]) | st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
MESSAGES = st.dictionaries(KEYS, VALUES, max_size=8)
FACTS = st.sampled_from(["title", "thread_path", "threadName", "participants", "x"])


def check(name: str, data: bytes) -> list[Any]:
    found = yields(name, data, BERLIN)
    assert is_complete(found, len(data))
    return rows_of(found)


@given(
    name=st.sampled_from(FORMATS),
    messages=st.lists(MESSAGES | VALUES, max_size=4),
    facts=st.dictionaries(FACTS, VALUES, max_size=3),
)
@settings(deadline=None)
def test_any_document_of_this_shape_is_read_whole(
    name: str, messages: list[Any], facts: Any
) -> None:
    data = json.dumps({"messages": messages, **facts}).encode()
    asked = {"sender_name", "timestamp_ms"} if name == "meta" else {"senderName", "timestamp"}
    meant = [one for one in messages if isinstance(one, dict) and asked & one.keys()]
    rows = check(name, data)
    assert len(rows) == len(meant)
    for row, one in zip(rows, meant, strict=True):
        assert json.dumps(json.loads(data[row["start"] : row["end"]])) == json.dumps(one)


@given(
    name=st.sampled_from(FORMATS),
    data=st.binary(max_size=200) | st.text('{}[]",:messages0', max_size=80).map(str.encode),
)
def test_any_bytes_are_accounted_for(name: str, data: bytes) -> None:
    check(name, data)


def without_title(rows: list[Any]) -> list[Any]:
    """Leave out what stands behind the messages of a whole file only."""
    left_out = {"conversation", "native"}
    return [{key: value for key, value in row.items() if key not in left_out} for row in rows]


@pytest.mark.parametrize("which", FILES, ids="/".join)
def test_a_file_cut_anywhere_loses_only_what_was_cut(which: tuple[str, str]) -> None:
    whole = check(which[0], FILES[which])
    for cut in range(0, len(FILES[which]), 67):
        kept = [row for row in whole if row["end"] <= cut]
        for before, after in zip(
            without_title(kept), without_title(check(which[0], FILES[which][:cut])), strict=True
        ):
            assert {**before, "channel": ""} == {**after, "channel": ""}


@given(
    which=st.sampled_from(sorted(FILES)), place=st.integers(0, 1 << 20), flip=st.integers(1, 255)
)
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_makes_no_event_without_its_bytes(
    which: tuple[str, str], place: int, flip: int
) -> None:
    data = bytearray(FILES[which])
    data[place % len(data)] ^= flip
    for row in check(which[0], bytes(data)):
        assert data[row["start"]] == ord("{")
        assert data[row["end"] - 1] == ord("}")


@given(text=st.text())
def test_a_repair_undoes_exactly_what_the_download_does(text: str) -> None:
    written = text.encode("utf-8", "surrogatepass").decode("latin-1")
    if text.isascii() or not any(0xD800 <= ord(character) < 0xE000 for character in text):
        assert repaired(written) == text


@pytest.mark.parametrize("which", FILES, ids="/".join)
def test_two_readings_are_one(which: tuple[str, str]) -> None:
    first, second = (as_json(yields(which[0], FILES[which])) for _ in range(2))
    assert first == second

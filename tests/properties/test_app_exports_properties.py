# SPDX-License-Identifier: Apache-2.0
"""Exports of apps: what holds for every file, however it was cut, flipped or made up."""

from __future__ import annotations

import html
import json
import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app_exports import ZONE, fixtures_of, read
from held_bytes import Held
from standfast.model.event import EventBatch, Unreadable
from standfast.sources import Options, known_formats
from standfast.sources.tables import batch_of
from standfast.timeline.query import Timeline

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [
    *("signal_jsonl", "signal_export", "discord", "discord_package", "snapchat"),
    *("x_archive", "tiktok", "google_chat", "skype", "line"),
]
ALL = [(name, path) for name in NAMES for path in fixtures_of(name)]
each_name = pytest.mark.parametrize("name", NAMES)
each = pytest.mark.parametrize(
    ("name", "path"), ALL, ids=[f"{name}/{path.stem}" for name, path in ALL]
)
TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*+"|-?\d++(?:\.\d+)?|true|false|null')
STRANGE = [
    *(b"null", b"true", b"-1", b"0", b"1e400", b"1" * 400, b"[]", b"{}", b"[[]]", b'""', b'"x"'),
    *(b'"\\ud800"', b'"\\u0000"', b'"' + b"y" * 2000 + b'"', b'[{"a":[{}]}]', b'{"a":null}'),
    *(b'"99999-01-01T00:00:00Z"', b'"2024-02-30 25:61:61 UTC"', b"99999999999999999999999"),
    *(b"NaN", b"[" * 50, b"}", b"\xff", b'"2024-03-31T02:30:00"', b'"+491713920001"'),
]
WORD = re.compile(r"\w+")
PIECES = [b'{"', b'"}', b"[", b"]", b",", b"\n", b"\t", b'"', b"12:00", b"2024/03/04(Mon)", b"\xff"]


def rows_of(name: str, data: bytes) -> list[dict[str, Any]]:
    return read(name, data, zone=ZONE).rows


@each_name
@given(data=st.binary(max_size=400) | st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_accounted_for(name: str, data: bytes) -> None:
    read(name, data)


@each
def test_a_file_cut_anywhere_keeps_every_event_before_the_cut(name: str, path: Path) -> None:
    data = path.read_bytes()
    whole = {row["end"]: row for row in rows_of(name, data)}
    for cut in range(0, len(data), max(1, len(data) // 150)):
        for row in rows_of(name, data[:cut])[:-1]:
            assert row == whole[row["end"]]


@each
@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=40, deadline=None)
def test_values_of_any_other_kind_never_stop_a_reading(name: str, path: Path, seed: int) -> None:
    chance, data = random.Random(seed), path.read_bytes()
    places = [found.span() for found in TOKEN.finditer(data)]
    for start, end in sorted(chance.sample(places, min(3, len(places))), reverse=True):
        data = data[:start] + chance.choice(STRANGE) + data[end:]
    first, second = rows_of(name, data), rows_of(name, data)
    assert first == second
    for row in first:
        json.dumps(row, ensure_ascii=False).encode()


@each
def test_what_stands_in_an_event_stands_in_its_bytes(name: str, path: Path) -> None:
    data = path.read_bytes()
    for row in rows_of(name, data):
        assert 0 <= row["start"] < row["end"] <= len(data)
        held = html.unescape(data[row["start"] : row["end"]].decode("utf-8", "replace"))
        for word in WORD.findall(row.get("text", ""))[:20]:
            assert word in held or json.dumps(word)[1:-1] in held


@each
def test_the_same_file_twice_adds_nothing(name: str, path: Path) -> None:
    batches = []
    source_rows = 0
    if not any("wall" in row for row in rows_of(name, path.read_bytes())):
        pytest.skip("what has no time is never taken for the same")
    for item in (1, 2):
        first, source = 0, Held(path.read_bytes(), path.name, container="c123456789012345678")
        for one in known_formats()[name].read(source, Options(zone=ZONE)):
            if isinstance(one, EventBatch):
                batches.append((item, first, batch_of(one)))
                first += one.rows
            elif isinstance(one, Unreadable):
                assert one.detail
        source_rows = first
    items = {item: f"{item:012x}" + "0" * 52 for item in (1, 2)}
    with Timeline(iter(batches), items=items, people=[]) as opened:
        assert len(opened.rows()) == source_rows

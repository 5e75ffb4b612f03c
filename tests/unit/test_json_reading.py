# SPDX-License-Identifier: Apache-2.0
"""The parts that JSON exports are read with: fields kept, files beside, columns, odd documents."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from standfast.sources import Neighbour, json_native
from standfast.sources.json_columns import BATCH, Columns
from standfast.sources.json_native import file_beside, native_of, written
from standfast.sources.json_walk import Broken, JsonWalk, Value
from standfast.sources.tables import batch_of


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


def test_a_field_is_a_text_or_json_or_left_out() -> None:
    assert written("x\ud83d") == "x\ud83d"
    assert written({"b": 1, "a": [None, True]}) == '{"a":[null,true],"b":1}'
    assert written(None) == ""
    assert written(nested(100_000)) is None
    assert written("x" * (json_native.LONGEST + 1)) is None


def test_what_is_left_out_is_named_and_unknown_names_stay_within_more() -> None:
    long = "x" * (json_native.LONGEST + 1)
    found = native_of({"a": long, "b": 1, "c": 2}, {"a": "a", "b": "bee"}, frozenset())
    assert found == {"bee": "1", "more": '{"c":2}', "left_out": "a"}
    assert native_of({"z": long}, {}, frozenset()) == {"left_out": "more"}
    assert native_of({"z": long}, {}, frozenset({"z"})) == {}


@pytest.mark.parametrize(
    ("name", "path", "there"),
    [
        ("photos/1.jpg", "a.zip!/export/photos/1.jpg", True),
        ("photos/1.jpg", "1.jpg", True),
        ("./media/1.jpg", "media/1.jpg", True),
        ("deep/photos/1.jpg", "photos/1.jpg", True),
        ("photos/1.jpg", "videos/1.jpg", False),
        ("photos/1.jpg", "a.zip!/myphotos/1.jpg", False),
        ("../../1.jpg", "x/1.jpg", False),
        ("photos/", "photos/", False),
        ("", "", False),
    ],
)
def test_a_file_is_there_only_in_its_own_folder(name: str, path: str, *, there: bool) -> None:
    found = file_beside(name, {"1.jpg": Neighbour(path, 3), "": Neighbour("", 0)})
    assert (found["state"] == "present") == there


def test_columns_that_do_not_differ_are_one_value() -> None:
    columns = Columns(("text", "start", "wall"), {"channel": "x"})
    assert columns.batch() is None
    for number in range(3):
        columns.add(("same", number, None), 10)
    assert not columns.full
    batch = columns.batch()
    assert batch is not None
    assert batch.columns == {"text": "same", "start": [0, 1, 2], "wall": None, "channel": "x"}
    assert [row["start"] for row in batch_of(batch).to_pylist()] == [0, 1, 2]
    for _number in range(BATCH):
        columns.add(("a", 1, 1), 1)
    assert columns.full
    assert columns.batch() is not None
    columns.add(("a", 1, 1), 1 << 30)
    assert columns.full


def walk(data: bytes) -> list[Value | Broken]:
    return list(JsonWalk(BytesIO(data), lambda path: len(path) < 2).run())


def test_a_name_that_is_no_text_and_a_number_without_end_do_no_harm() -> None:
    (one,) = walk(b'{"\\x": 1, "a": 2}')
    assert isinstance(one, Broken)
    assert (one.reason, one.end) == ("not_json", 17)
    found = walk(b'[{"a": ' + b"9" * 5000 + b'}, {"b": 1}]')
    assert [one.reason if isinstance(one, Broken) else one.data for one in found] == ["not_json", 1]


def test_bytes_that_are_no_text_are_replaced_and_told_and_the_places_stay() -> None:
    data = '{"ä": [1, {"x": "é@@😀"}, 2], "@@": 3}'.encode().replace(b"@@", b"\xff\xed\xa0\x80")
    found = walk(data)
    assert [one.exact for one in found if isinstance(one, Value)] == [True, False, True, True]
    inner = found[1]
    assert isinstance(inner, Value)
    assert data[inner.start : inner.end].startswith(b'{"x"')
    assert inner.data == {"x": "é\ufffd\ufffd\ufffd\ufffd😀"}
    assert json.loads(data[found[2].start : found[2].end]) == 2

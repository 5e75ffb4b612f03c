# SPDX-License-Identifier: Apache-2.0
"""Walking through JSON: every value with its bytes, whatever the file and wherever it is cut."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from standfast.sources import json_walk
from standfast.sources.json_walk import Broken, JsonWalk, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.sources.json_walk import Path

SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=25,
)


@pytest.fixture(autouse=True, params=[1, 7, 1 << 20])
def window(request: pytest.FixtureRequest) -> Iterator[int]:
    kept, json_walk.WINDOW = json_walk.WINDOW, request.param
    yield request.param
    json_walk.WINDOW = kept


def walk(data: bytes, deepest: int = 2, limit: int = 1 << 20) -> list[Value | Broken]:
    return list(JsonWalk(BytesIO(data), lambda path: len(path) < deepest, limit=limit).run())


def put_together(found: list[Value | Broken]) -> Any:
    """Build the document again from its values; empty containers that were opened are lost."""
    whole: dict[Path, Any] = {one.path: one.data for one in found if isinstance(one, Value)}
    return whole


def taken_apart(tree: Any, deepest: int, path: Path = ()) -> dict[Path, Any]:
    if len(path) < deepest and isinstance(tree, dict):
        pairs = list(tree.items())
    elif len(path) < deepest and isinstance(tree, list):
        pairs = list(enumerate(tree))
    else:
        return {path: tree}
    return {
        key: one
        for name, inner in pairs
        for key, one in taken_apart(inner, deepest, (*path, name)).items()
    }


PLAIN: dict[str, Any] = {}
SPREAD: dict[str, Any] = {"ensure_ascii": False, "indent": 1}


@given(tree=TREES, deepest=st.integers(0, 4), how=st.sampled_from([PLAIN, SPREAD]))
@example(tree=[12345], deepest=1, how=PLAIN)
@example(tree="abc", deepest=0, how=PLAIN)
def test_every_value_comes_with_its_very_bytes(
    tree: Any, deepest: int, how: dict[str, Any]
) -> None:
    text = json.dumps(tree, **how)
    data = text.encode("utf-8", "surrogatepass")
    found = walk(data, deepest)
    assert put_together(found) == taken_apart(tree, deepest)
    for one in found:
        assert isinstance(one, Value)
        if one.exact:
            assert json.loads(data[one.start : one.end]) == one.data


@given(tree=TREES, cut=st.integers(0, 400), deepest=st.integers(0, 3))
def test_a_cut_file_costs_its_end_and_says_so(tree: Any, cut: int, deepest: int) -> None:
    data = json.dumps({"list": tree, "more": [1, {"a": "b"}]}).encode()
    whole, found = walk(data, deepest), walk(data[:cut], deepest)
    values = [one for one in found if isinstance(one, Value)]
    first = [(one.path, one.start, one.end) for one in whole][: len(values)]
    if cut < len(data):
        assert [one for one in found if isinstance(one, Broken)]
        values = values[:-1]  # a number at the very end may have gone on
        first = first[: len(values)]
    assert [(one.path, one.start, one.end) for one in values] == first


@given(
    data=st.binary(max_size=300) | st.text('[]{}",:\\ 0eE+-.ntrue', max_size=120).map(str.encode)
)
@example(data=b"\xef\xbb\xbf[1]")
@example(data=b'[{"a":tru}, {"b":1}]')
@example(data=b'["\\')
@example(data=b"[1,]")
@example(data=b'{"a" 1}')
def test_any_bytes_are_walked_in_order_and_to_the_end(data: bytes) -> None:
    for limit in (8, 1 << 20):
        place = 0
        for one in walk(data, 3, limit):
            assert place <= one.start <= one.end <= len(data)
            place = one.end


FLAT = st.dictionaries(st.text(max_size=5), SCALARS, max_size=3)
JUNK = (b"tru", b'{"a":}', b"[1,,2]", b"nul", b"+1")


@given(
    tree=st.lists(FLAT, min_size=2, max_size=6), which=st.integers(0, 5), junk=st.sampled_from(JUNK)
)
def test_a_broken_value_costs_itself_alone(tree: list[Any], which: int, junk: bytes) -> None:
    parts = [json.dumps(one).encode() for one in tree]
    parts[which % len(parts)] = junk
    found = walk(b"[" + b",".join(parts) + b"]", 1)
    assert len(found) == len(parts)
    for number, (one, part) in enumerate(zip(found, parts, strict=True)):
        if number == which % len(parts):
            assert isinstance(one, Broken)
        else:
            assert isinstance(one, Value)
            assert one.data == json.loads(part)


def test_a_value_over_the_limit_is_stepped_over(window: int) -> None:
    data = json.dumps([{"a": 1}, {"long": "x" * 5000 + '\\"]}'}, ["y"] * 900, {"b": 2}]).encode()
    found = walk(data, 1, limit=1000)
    if window > len(data):  # it was read anyway
        assert all(isinstance(one, Value) for one in found)
        return
    assert [type(one) for one in found] == [Value, Broken, Broken, Value]
    assert [one.reason for one in found if isinstance(one, Broken)] == ["too_large"] * 2


def test_nesting_without_end_is_stepped_over() -> None:
    data = b'[{"a":1},' + b"[" * 60_000 + b"]" * 60_000 + b',{"b":2}]'
    found = walk(data, 1)
    assert [one.reason if isinstance(one, Broken) else one.data for one in found] == [
        {"a": 1},
        "too_deep",
        {"b": 2},
    ]

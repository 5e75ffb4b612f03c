# SPDX-License-Identifier: Apache-2.0
"""An event's line is what plain JSON writing makes of its columns, byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from standfast.model.event import EventBatch
from standfast.sources import lines
from standfast.sources.lines import lines_of
from standfast.sources.tables import SCHEMA, batch_of

ITEM = "ab" * 32
JSON_COLUMNS = {
    "recipients": st.sampled_from(["", '["a","b"]']),
    "attachments": st.sampled_from(["", '[{"name":"ä\\"","state":"missing"}]']),
    "native": st.sampled_from(["", '{"x":"\\n"}', '{"y":"z"}']),
}
ODD = st.sampled_from(["", 'a"b', "\\", "\n", "\x7f", "\x00", "😀", "\u2028", "\u202e"])
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
WHOLE = st.integers(-(10**9), 10**10).map(lambda second: second * 10**6)
TIMES = st.none() | WHOLE | st.integers(-(10**15), 10**16)


def _column(field: pa.Field) -> st.SearchStrategy[Any]:
    if field.name in {"wall", "wall_other", "utc"}:
        return TIMES
    if pa.types.is_int64(field.type):
        return st.integers(-1, 10**6)
    return JSON_COLUMNS.get(field.name, TEXTS)


ROWS = st.lists(
    st.fixed_dictionaries({field.name: _column(field) for field in SCHEMA}), min_size=1, max_size=6
)
SAME = st.sets(st.sampled_from(SCHEMA.names))


def _moment(micros: int | None, suffix: str) -> str | None:
    if micros is None:
        return None
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    whole = "auto" if micros % 1000 or not micros % 1_000_000 else "milliseconds"
    return at.replace(tzinfo=None).isoformat(timespec=whole) + suffix


def _plainly(row: dict[str, Any], *, simple: bool) -> bytes:
    """Write a row as JSON; ``simple`` says that the whole batch has neither rows nor pointers."""
    words = ("kind", "channel", "conversation")
    told: dict[str, Any] = {"schema": 1} | {name: row[name] for name in words}
    other = row["wall_other"]
    told["at"] = None if other is not None else _moment(row["wall"], "")
    told["utc"] = _moment(row["utc"], "Z")
    words = ("zone", "zone_basis", "precision", "sender", "recipients", "direction", "text")
    told |= {name: row[name] for name in (*words, "attachments", "state", "detail", "native")}
    for name, nothing in (("recipients", "[]"), ("attachments", "[]"), ("native", "{}")):
        told[name] = json.loads(row[name] or nothing)
    if other is not None:
        told["alternatives"] = [_moment(row["wall"], ""), _moment(other, "")]
    place: dict[str, Any] = {"item": ITEM, "path": row["path"]}
    if simple or row["start"] >= 0:
        place["span"] = [row["start"], row["end"]]
    place |= {"row": row["row"]} if row["row"] >= 0 else {}
    place |= {"pointer": row["pointer"]} if row["pointer"] else {}
    whole = told | {"locator": place}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


@given(rows=ROWS, same=SAME, placed=st.booleans())
def test_a_line_is_what_plain_writing_makes_of_an_event(
    rows: list[dict[str, Any]], same: set[str], *, placed: bool
) -> None:
    for row in rows:
        row.update({name: rows[0][name] for name in same})
        row.update({"row": -1, "pointer": ""} if placed else {})
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    batch = batch_of(EventBatch(len(rows), columns))
    simple = all(row["row"] == -1 and not row["pointer"] for row in rows)
    wanted = [_plainly(row, simple=simple) for row in rows]
    assert lines_of(batch, ITEM) == wanted
    assert all(json.loads(line)["schema"] == 1 for line in wanted)


def test_a_batch_too_large_for_one_go_is_written_in_halves(monkeypatch: Any) -> None:
    batch = batch_of(EventBatch(5, {"text": ["a", "b", "c", "d", "e"]}))
    wanted, whole = lines_of(batch, ITEM), lines._joined

    def limited(part: pa.RecordBatch, item: str) -> pa.Array:
        if len(part) > 2:
            raise pa.ArrowCapacityError
        return whole(part, item)

    monkeypatch.setattr(lines, "_joined", limited)
    assert lines_of(batch, ITEM) == wanted

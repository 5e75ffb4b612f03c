# SPDX-License-Identifier: Apache-2.0
"""Events as columns: the one table shape that segments, the timeline and proofs share.

Times are whole microseconds since 1970-01-01: ``wall`` of the naive wall clock, ``utc`` of UTC.
Texts that repeat are dictionary-encoded. A missing value is null for numbers and empty for text,
so that a text is never two kinds of nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from standfast.model.times import micros

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.model.event import Event, EventBatch

WORD = pa.dictionary(pa.int32(), pa.string())
"""A text that repeats."""

SCHEMA = pa.schema(
    [
        pa.field("kind", WORD),
        pa.field("channel", WORD),
        pa.field("conversation", WORD),
        pa.field("wall", pa.int64()),
        pa.field("wall_other", pa.int64()),  # the second reading of an ambiguous date
        pa.field("zone", WORD),
        pa.field("zone_basis", WORD),
        pa.field("utc", pa.int64()),
        pa.field("precision", WORD),
        pa.field("sender", WORD),
        pa.field("recipients", WORD),  # JSON list, "" when empty
        pa.field("direction", WORD),
        pa.field("text", pa.string()),
        pa.field("attachments", pa.string()),  # JSON list of objects, "" when empty
        pa.field("state", WORD),
        pa.field("detail", WORD),
        pa.field("path", WORD),
        pa.field("start", pa.int64()),
        pa.field("end", pa.int64()),
        pa.field("row", pa.int64()),
        pa.field("pointer", pa.string()),
        pa.field("native", pa.string()),  # JSON object, "" when empty
    ]
)
"""An ambiguous time has both readings in ``wall`` and ``wall_other``, and ``utc`` null."""

NUMBERS = frozenset(f.name for f in SCHEMA if pa.types.is_int64(f.type))
DEFAULTS: dict[str, Any] = {
    f.name: None if f.name in {"wall", "wall_other", "utc"} else -1 if f.name in NUMBERS else ""
    for f in SCHEMA
} | {"kind": "message", "direction": "unknown", "zone_basis": "unknown", "precision": "none"}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def compact(value: object) -> str:
    """Write JSON the one way: no spaces, keys sorted, every character as itself."""
    text = _ENCODER.encode(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _ENCODER.encode(_all_spelled(value))
    return text


def _all_spelled(value: Any) -> Any:
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, dict):
        return {_all_spelled(name): _all_spelled(one) for name, one in value.items()}
    return [_all_spelled(one) for one in value] if isinstance(value, (list, tuple)) else value


def spelled(text: str) -> str:
    """Spell halves of characters, which are no text, by their number; whole ones stay."""
    try:
        text.encode()
    except UnicodeEncodeError:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return joined.encode("utf-8", "backslashreplace").decode()
    return text


def batch_of(columns: EventBatch) -> pa.RecordBatch:
    """Make the record batch of a column batch."""
    arrays = []
    for field in SCHEMA:
        value = columns.columns.get(field.name, DEFAULTS[field.name])
        arrays.append(_column(field, value, columns.rows))
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _column(field: pa.Field, value: Any, rows: int) -> pa.Array:
    if not isinstance(value, (list, tuple)):
        if pa.types.is_dictionary(field.type):
            indices = pa.repeat(pa.scalar(0, pa.int32()), rows)
            return pa.DictionaryArray.from_arrays(indices, _array([value], pa.string()))
        return pa.repeat(_array([value], field.type)[0], rows)
    if len(value) != rows:
        message = f"column {field.name} has {len(value)} of {rows} values"
        raise ValueError(message)
    if pa.types.is_dictionary(field.type):
        return _array(value, pa.string()).dictionary_encode()
    return _array(value, field.type)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([spelled(text) for text in values], kind)


def batch_of_events(events: Sequence[Event]) -> pa.RecordBatch:
    """Make the record batch of single events."""
    rows = [_row(event) for event in events]
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    arrays = [_column(field, columns[field.name], len(rows)) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _row(event: Event) -> dict[str, Any]:
    wall, other = event.wall, None
    if event.alternatives:
        wall, other = event.alternatives[0], event.alternatives[1]
    files = [
        {key: value for key, value in _attachment(file).items() if value not in {"", -1}}
        for file in event.attachments
    ]
    return {
        "kind": str(event.kind),
        "channel": event.channel,
        "conversation": event.conversation,
        "wall": None if wall is None else micros(wall),
        "wall_other": None if other is None else micros(other),
        "zone": event.zone,
        "zone_basis": str(event.zone_basis),
        "utc": None if event.utc is None else micros(event.utc),
        "precision": str(event.precision),
        "sender": event.sender,
        "recipients": compact(list(event.recipients)) if event.recipients else "",
        "direction": str(event.direction),
        "text": event.text,
        "attachments": compact(files) if files else "",
        "state": event.state,
        "detail": event.detail,
        "path": event.locator.path,
        "start": event.locator.start,
        "end": event.locator.end,
        "row": event.locator.row,
        "pointer": event.locator.pointer,
        "native": compact(dict(event.native)) if event.native else "",
    }


def _attachment(file: Any) -> dict[str, Any]:
    return {name: getattr(file, name) for name in file.__slots__}

# SPDX-License-Identifier: Apache-2.0
"""iMessage: what holds for every text, every history and every damaged byte."""

from __future__ import annotations

import json
import plistlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apple_messages import START, Messages, attributed, summary
from held_bytes import Held
from standfast.model.event import EventBatch
from standfast.sources import Options, imessage_typedstream
from standfast.sources.formats.imessage import FORMAT
from standfast.sources.imessage_edits import NoSummary, history_of
from standfast.sources.imessage_typedstream import NotDecoded, read, text_of
from standfast.sources.ios_times import Clock, apple_micros
from standfast.sources.tables import batch_of

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def rows(data: bytes) -> list[dict[str, Any]]:
    found = FORMAT.read(Held(data, "sms.db"), Options())
    return [
        row for one in found if isinstance(one, EventBatch) for row in batch_of(one).to_pylist()
    ]


@given(TEXTS, st.booleans())
def test_a_text_comes_out_as_it_went_in_by_both_roads(text: str, mutable: bool) -> None:  # noqa: FBT001 - given
    data = attributed(text, mutable=mutable)
    assert text_of(data) == text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imessage_typedstream, "_PLAIN", ())
        assert text_of(data) == text


@pytest.mark.parametrize("length", [0, 1, 0x7F, 0x80, 0x81, 0x92, 0xFF, 0x100, 40_000, 70_000])
def test_a_length_of_any_form_is_read(length: int) -> None:
    assert text_of(attributed("x" * length)) == "x" * length


@given(st.binary(max_size=400))
def test_any_bytes_are_a_text_or_refused(data: bytes) -> None:
    for begin in (b"", attributed("")[:16], attributed("")[:90]):
        try:
            assert isinstance(text_of(begin + data), str)
        except NotDecoded:
            continue


@settings(max_examples=300)
@given(TEXTS, st.data())
def test_a_flipped_or_cut_stream_is_a_text_or_refused(text: str, given_: st.DataObject) -> None:
    data = bytearray(attributed(text))
    data[given_.draw(st.integers(0, len(data) - 1))] = given_.draw(st.integers(0, 255))
    data = data[: given_.draw(st.integers(0, len(data)))]
    for one in (text_of, read):
        try:
            one(bytes(data))
        except NotDecoded:
            continue


@pytest.mark.parametrize(
    "body",
    [
        b"\x84\x02@@" + b"\x84\x84\x84\x01A\x00\x85" * 60,  # deep within one another
        b"\x84\x0a[99999999i]" + b"\x01" * 40,
        b"\x84\x0b[100000000@" + b"\x85" * 40,
        b"\x84" + bytes([120]) + b"{" * 120,
        b"\x84" + bytes([120]) + b"[9" * 60,
        b"\x84\x01?" + b"\x00",
        b"\x84\x01@\x92",
        b"\x84\x01@\x84\x92\x86",
        b"\x85",
    ],
)
def test_a_stream_made_to_be_endless_is_refused(body: bytes) -> None:
    with pytest.raises(NotDecoded):
        read(b"\x04\x0bstreamtyped\x81\xe8\x03" + body)


@given(st.lists(st.tuples(st.floats(1, 10**9), TEXTS), max_size=6), st.lists(st.integers(0, 99)))
def test_every_version_of_a_message_is_kept(
    versions: list[tuple[float, str]], withdrawn: list[int]
) -> None:
    found = history_of(summary(versions, withdrawn))
    assert [one.text for one in found.versions] == [text for _when, text in versions]
    assert [one.utc for one in found.versions] == [apple_micros(when) for when, _text in versions]
    assert found.withdrawn == tuple(map(str, withdrawn))


@given(st.binary(max_size=300), st.integers(0, 200))
def test_any_summary_is_a_history_or_refused(data: bytes, cut: int) -> None:
    whole = summary([(1.0, "a"), (2.0, "b")], [0])
    for one in (data, b"bplist00" + data, whole[:cut] + data, whole[:cut]):
        try:
            history_of(one)
        except NoSummary:
            continue


@given(
    st.recursive(
        st.none() | st.integers(-5, 5) | st.binary(max_size=5) | st.text(max_size=3).filter(
            lambda text: text.isascii() and text.isprintable()
        ),
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["0", "ec", "d", "t"]), inner, max_size=3),
    )
)  # fmt: skip
def test_a_summary_of_any_shape_is_survived(value: Any) -> None:
    if value is None or "None" in repr(value):
        return
    history_of(plistlib.dumps({"ec": value, "rp": value}, fmt=plistlib.FMT_BINARY))


@given(st.integers(-(1 << 63), (1 << 63) - 1) | st.floats() | st.binary() | st.none())
def test_a_time_is_right_or_unknown(value: object) -> None:
    utc = apple_micros(value)
    if utc is not None:
        assert 978_307_200_000_000 < utc < 4_133_980_800_000_000
        wall, zone, basis, again, _precision = Clock("Europe/London").columns(utc)
        assert (zone, basis, again) == ("Europe/London", "epoch", utc)
        assert wall is not None
        assert wall - utc in {0, 3_600_000_000}


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | TEXTS, st.none() | TEXTS, st.integers(-3, 4000), st.integers(-1, 9),
            st.integers(-1, 9), st.none() | st.binary(max_size=9),
        ),
        max_size=8,
    )
)  # fmt: skip
def test_every_row_is_one_event_whatever_it_holds(found: list[tuple[Any, ...]]) -> None:
    made = Messages("ios17")
    chat = made.chat("+447700900123", "+447700900123")
    for at, (text, body, relation, item, action, info) in enumerate(found):
        made.message(
            text, at=at, who="+447700900123", chat=chat, item_type=item, group_action_type=action,
            associated_message_type=relation, message_summary_info=info,
            attributedBody=None if body is None else attributed(body),
        )  # fmt: skip
    read_ = rows(made.bytes())
    assert [row["row"] for row in read_] == list(range(1, len(found) + 1))
    for row, (text, body, *_rest) in zip(read_, found, strict=True):
        assert row["text"] == (text or body or "").replace("\ufffc", "")
        assert row["wall"] == (START + 978_307_200 + row["row"] - 1) * 1_000_000
        json.loads(row["native"])

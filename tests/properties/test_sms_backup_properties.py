# SPDX-License-Identifier: Apache-2.0
"""SMS Backup & Restore: what holds for every file, however it was damaged."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phone_backups import FIXTURES, Memory
from standfast.model.event import EventBatch, Framing, Unreadable
from standfast.sources import Options, xml_window
from standfast.sources.formats.sms_backup import FORMAT

NAMES = ["messages", "calls", "damaged"]
FILES = {name: (FIXTURES / f"{name}.xml").read_bytes() for name in NAMES}


def read(data: bytes, chunk: int = 1 << 18) -> tuple[list[tuple[Any, ...]], list[Any]]:
    """Give the events as rows, and everything else; the account must come out to the byte."""
    rows: list[tuple[Any, ...]] = []
    others: list[Any] = []
    spans: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xml_window, "CHUNK", chunk)
        for found in FORMAT.read(Memory(data), Options()):
            if isinstance(found, EventBatch):
                columns = [v for v in found.columns.values() if isinstance(v, list)]
                rows += zip(*columns, strict=True)
                spans += zip(found.columns["start"], found.columns["end"], strict=True)
            elif isinstance(found, Framing):
                spans.append((found.start, found.end))
            else:
                others.append(found)
                if isinstance(found, Unreadable):
                    spans.append((found.locator.start, found.locator.end))
    position = 0
    for start, end in sorted(spans):
        assert start == position
        assert end > start
        position = end
    assert position == len(data)
    for row in rows:
        for value in row:
            if isinstance(value, str):
                value.encode()
    return rows, others


MARKUP = st.sampled_from(
    [
        *(
            b"<smses>",
            b"</smses>",
            b"<sms ",
            b"<mms ",
            b"<mms>",
            b"</mms>",
            b"<call ",
            b"<part ",
            b"/>",
        ),
        *(
            b"<addr ",
            b">",
            b'"',
            b"'",
            b"=",
            b"<!--",
            b"-->",
            b"<?",
            b"?>",
            b"<!DOCTYPE",
            b"[",
            b"]",
        ),
        *(
            b' body="a"',
            b" data='AAAA'",
            b' date="1709593625123"',
            b"&#55357;",
            b"&",
            b"\0",
            b"\xff",
        ),
    ]
)


@given(st.lists(MARKUP | st.binary(max_size=4), max_size=40).map(b"".join), st.integers(1, 40))
@settings(max_examples=600, deadline=None)
def test_any_bytes_are_accounted_for_and_read_the_same_in_any_pieces(
    data: bytes, chunk: int
) -> None:
    assert read(data) == read(data)
    whole, pieces = read(data), read(data, chunk)
    assert whole[0] == pieces[0]
    assert whole[1] == pieces[1]


@given(st.binary(max_size=200), st.sampled_from([b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"]))
@settings(max_examples=200, deadline=None)
def test_any_wide_bytes_are_accounted_for(data: bytes, start: bytes) -> None:
    assert read(start + data) == read(start + data, 5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("chunk", [1, 2, 3, 17, 100, 1000])
def test_a_fixture_reads_the_same_in_any_pieces(name: str, chunk: int) -> None:
    assert read(FILES[name], chunk) == read(FILES[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_loses_at_most_its_last_event(name: str) -> None:
    whole, others = read(FILES[name])
    hidden = [other.locator for other in others if getattr(other, "reason", "") == "commented_out"]
    for cut in range(len(FILES[name])):
        rows, _ = read(FILES[name][:cut])
        shown = [row for row in rows if not any(it.start < row[15] < it.end for it in hidden)]
        assert shown == [row for row in whole if row[16] <= cut]


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=400, deadline=None)
def test_a_changed_byte_costs_at_most_its_neighbours(name: str, data: st.DataObject) -> None:
    original = FILES[name]
    place = data.draw(st.integers(0, len(original) - 1))
    changed = bytearray(original)
    changed[place] ^= data.draw(st.integers(1, 255))
    rows, _ = read(bytes(changed))
    whole, _ = read(original)
    assert len(rows) >= len(whole) - 2


def _written(character: str, way: int) -> str:
    code = ord(character)
    if character in "&<\"'" or way == 1:
        return f"&#{code};"
    if way == 2 or code < 0x20:
        return f"&#x{code:X};"
    if way == 3 and code > 0xFFFF:
        high, low = 0xD800 + ((code - 0x10000) >> 10), 0xDC00 + ((code - 0x10000) & 0x3FF)
        return f"&#{high};&#{low};"
    return character


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from(
    "😀👩‍👩‍👧&<>\"';\n\t =/~"
)
TEXTS = st.lists(st.tuples(CHARACTERS, st.integers(0, 3)), max_size=30)


@given(st.lists(TEXTS, min_size=1, max_size=6), st.sampled_from("\"'"), st.integers(1, 60))
@settings(max_examples=300, deadline=None)
def test_what_was_written_is_what_is_read(
    texts: list[list[tuple[str, int]]], quote: str, chunk: int
) -> None:
    meant = ["".join(character for character, _ in text) for text in texts]
    bodies = ["".join(_written(*pair) for pair in text) for text in texts]
    elements = [f"<sms date={quote}1{quote}\n body={quote}{body}{quote} />" for body in bodies]
    data = ("<smses>" + "\n ".join(elements) + "</smses>").encode()
    rows, others = read(data, chunk)
    assert [row[11] for row in rows] == ["" if text == "null" else text for text in meant]
    assert [data[row[15] : row[16]].decode() for row in rows] == elements
    assert not [other for other in others if isinstance(other, Unreadable)]

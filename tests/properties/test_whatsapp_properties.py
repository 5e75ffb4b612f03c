# SPDX-License-Identifier: Apache-2.0
"""What holds for any bytes whatever: nothing raises, nothing is lost, nothing is read twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.sources.formats.whatsapp import FORMAT
from standfast.sources.whatsapp_text import pieces
from whatsapp_source import Held, accounted, read, recognised

FIXTURES = Path(__file__).parents[1] / "fixtures" / "whatsapp"
EXPORTS = sorted(FIXTURES.glob("*.txt"))
HEADS = [
    "12/03/2024, 09:05 - ",
    "1/5/24, 9:05\u202fPM - ",
    "[05.01.24, 09:05:01] ",
    "\u200e[05.01.24, 09:05:02] ",
    "[09:05:01, 05/01/2024] ",
    "2024-03-05 09:05 - ",
    "[٥\u200f/١\u200f/٢٠٢٤، ٩:٠٥:٠١ ص] ",
    "31/02/2024, 25:61 - ",
]
BODIES = [
    "Kim: hello",
    "Robin: \u200e<attached: a.jpg>",
    "IMG-20240304-WA0001.jpg (file attached)",
    "Kim: ",
    "You left",
    "12/2024 - x",
    "Kim: \u200eMissed voice call",
    "\ufeff",
    "\x00",
    "Robin: a\r\nb",
    "Kim: <x> (y) <z",
    "::: ",
]
LINES = st.builds(
    lambda head, body, end: (head + body + end).encode(),
    st.sampled_from([*HEADS, ""]),
    st.one_of(st.sampled_from(BODIES), st.text(max_size=40)),
    st.sampled_from(["\n", "\r\n", "\r", "\n\n", ""]),
)
EXPORT = st.lists(st.one_of(LINES, st.binary(max_size=20)), max_size=25).map(b"".join)


def holds(data: bytes, **answers: str) -> None:
    original = Held(data)
    reading = read(original, **answers)
    assert accounted(original, reading)
    again = read(original, **answers)
    assert again == reading
    starts = [row["start"] for row in reading.rows]
    assert starts == sorted(starts)
    for row in reading.rows:
        assert row["wall"] is not None
        assert (row["utc"] is None) is (not answers.get("zone") or row["wall_other"] is not None)
    recognised(data)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@settings(max_examples=300, deadline=None)
@given(EXPORT, st.sampled_from(["", "dmy", "mdy", "ymd"]), st.sampled_from(["", "Europe/Berlin"]))
def test_any_lines_are_accounted_for(data: bytes, order: str, zone: str) -> None:
    holds(data, date_order=order, zone=zone)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    holds(data)


@settings(max_examples=100, deadline=None)
@given(EXPORT, st.integers(40, 200))
def test_the_size_of_blocks_changes_nothing(data: bytes, block: int) -> None:
    whole = read(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "BLOCK", block)
        patch.setattr("standfast.sources.whatsapp_text.survey.BLOCK", block)
        parts = read(data)
    assert parts.spans() == whole.spans()
    assert parts.rows == whole.rows


@pytest.mark.parametrize("place", EXPORTS, ids=lambda place: place.stem)
def test_a_slice_of_the_original_is_the_message(place: Path) -> None:
    data = place.read_bytes()
    encoding = "utf-16-le" if data[:2] == b"\xff\xfe" else "utf-8"
    for row in read(data).rows:
        cut = data[row["start"] : row["end"]].decode(encoding, "replace")
        assert cut.rstrip("\r\n").endswith(row["text"].rstrip("\r\n"))
        assert row["sender"] in cut


@pytest.mark.parametrize("place", EXPORTS, ids=lambda place: place.stem)
def test_a_cut_anywhere_loses_nothing_before_it(place: Path) -> None:
    data = place.read_bytes()
    for end in range(0, len(data), max(len(data) // 60, 1)):
        original = Held(data[:end])
        assert accounted(original, read(original))


@pytest.mark.parametrize("place", EXPORTS, ids=lambda place: place.stem)
def test_a_flipped_bit_anywhere_raises_nothing(place: Path) -> None:
    data = bytearray(place.read_bytes())
    step = max(len(data) // 60, 1)
    for at in range(0, len(data), step):
        bit = 1 << (at // step % 8)
        data[at] ^= bit
        original = Held(bytes(data))
        assert accounted(original, read(original))
        data[at] ^= bit


@pytest.mark.parametrize(
    "place", [p for p in EXPORTS if is_utf8(p.read_bytes())], ids=lambda p: p.stem
)
def test_the_same_export_twice_in_a_row_is_every_message_twice(place: Path) -> None:
    data = place.read_bytes()
    once, twice = read(data), read(data + data)
    lead = sum(each.reason == "not_a_message" for each in once.unreadable)
    assert len(twice.rows) == 2 * len(once.rows)
    assert len(twice.unreadable) == 2 * len(once.unreadable) - lead
    assert FORMAT.about.accounting == "bytes"

# SPDX-License-Identifier: Apache-2.0
"""Meta's downloads as pages: what holds for every page, however it was damaged or made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_exports import BERLIN, as_json, is_complete, rows_of, yields
from standfast.sources.meta_dates import DMY, MDY, Order, written

FIXTURES = Path(__file__).parents[1] / "fixtures" / "meta_html"
FILES = {path.stem: path.read_bytes() for path in FIXTURES.iterdir() if path.suffix != ".json"}
MARKUP = st.sampled_from(
    [
        '<div class="_3-95 _a6-g">', '<section class="_a6-g">', "</div>", "</section>", "<div>",
        '<h2 class="_a6-h">', "</h2>", '<div class="_a6-p">', '<div class="_3-94 _a6-o">', "x",
        "Mar 12, 2024 9:00 pm", "04/03/2024 09:00", "28/03/2024 09:00", "<br/>", "<", '"', "&lt;",
    ]
)  # fmt: skip


def check(data: bytes) -> list[Any]:
    found = yields("meta_html", data, BERLIN)
    assert is_complete(found, len(data))
    return rows_of(found)


@given(data=st.lists(MARKUP | st.text(max_size=4), max_size=30).map("".join))
@settings(deadline=None)
def test_any_page_is_accounted_for(data: str) -> None:
    check(data.encode("utf-8", "replace"))


@given(data=st.binary(max_size=200))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    check(data)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_page_cut_anywhere_loses_only_what_was_cut(name: str) -> None:
    whole = check(FILES[name])
    for cut in range(0, len(FILES[name]), 53):
        spans = [(row["start"], row["end"]) for row in check(FILES[name][:cut])]
        assert spans == [(row["start"], row["end"]) for row in whole if row["end"] <= cut]


@given(name=st.sampled_from(sorted(FILES)), place=st.integers(0, 1 << 20), flip=st.integers(1, 255))
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_makes_no_event_without_its_bytes(name: str, place: int, flip: int) -> None:
    data = bytearray(FILES[name])
    data[place % len(data)] ^= flip
    for row in check(bytes(data)):
        assert data[row["start"] : row["start"] + 1] == b"<"
        assert data[row["end"] - 1 : row["end"]] == b">"


@given(text=st.text(max_size=90) | st.text("0123456789:/., amp", max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    one = written(text)
    order = Order("")
    order.see(text)
    if one is not None:
        assert set(order.readings(one)) <= {one.at(DMY), one.at(MDY)}


@given(day=st.integers(1, 31), month=st.integers(1, 12), year=st.integers(1970, 2100))
def test_a_date_of_numbers_is_never_guessed(day: int, month: int, year: int) -> None:
    text = f"{day:02}/{month:02}/{year} 09:00"
    order = Order("")
    order.see(text)
    one = written(text)
    assert one is not None
    both = {moment for moment in (one.at(DMY), one.at(MDY)) if moment}
    assert set(order.readings(one)) == both


def test_two_readings_are_one() -> None:
    for data in FILES.values():
        first, second = (as_json(yields("meta_html", data)) for _ in range(2))
        assert first == second

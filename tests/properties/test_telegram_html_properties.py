# SPDX-License-Identifier: Apache-2.0
"""Telegram's export as pages: what holds for every page, however it was damaged or made."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_exports import BERLIN, as_json, is_complete, rows_of, yields
from standfast.sources import html_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram_html"
FILES = {path.stem: path.read_bytes() for path in FIXTURES.iterdir() if path.suffix != ".json"}
MARKUP = st.sampled_from(
    [
        '<div class="history">', '<div class="message service" id="message1">', "</div>", "<div>",
        '<div class="message default clearfix" id="message2">', '<div class="text">', "x", "<br>",
        '<div class="from_name">', '<a href="', '">', "<", "&lt;", '<div class="body details">',
    ]
)  # fmt: skip


@pytest.fixture(autouse=True, params=[97, 1 << 20])
def piece(request: pytest.FixtureRequest) -> Iterator[None]:
    kept, html_blocks.PIECE = html_blocks.PIECE, request.param
    yield
    html_blocks.PIECE = kept


def check(data: bytes) -> list[Any]:
    found = yields("telegram_html", data, BERLIN)
    assert is_complete(found, len(data))
    return rows_of(found)


@given(data=st.lists(MARKUP | st.text(max_size=4), max_size=30).map("".join))
@settings(deadline=None)
def test_any_page_is_accounted_for(data: str) -> None:
    check(data.encode("utf-8", "replace"))


@given(data=st.binary(max_size=200))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    check(data)


def test_a_page_cut_anywhere_loses_only_what_was_cut() -> None:
    whole = check(FILES["messages"])
    for cut in range(0, len(FILES["messages"]), 151):
        rows = check(FILES["messages"][:cut])
        assert rows == [row for row in whole if row["end"] <= cut]


@given(name=st.sampled_from(sorted(FILES)), place=st.integers(0, 1 << 20), flip=st.integers(1, 255))
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_makes_no_event_without_its_bytes(name: str, place: int, flip: int) -> None:
    data = bytearray(FILES[name])
    data[place % len(data)] ^= flip
    for row in check(bytes(data)):
        assert data[row["start"] : row["start"] + 11] == b"<div class="
        assert data[row["end"] - 6 : row["end"]] == b"</div>"


@given(
    words=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), max_size=30)
)
def test_what_was_written_is_what_is_read(words: str) -> None:
    shown = html.escape(words).replace("\n", "<br>")
    data = (
        '<div class="history"><div class="message default clearfix" id="message1">'
        f'<div class="text">\n{shown}\n  </div></div></div>'
    ).encode()
    (row,) = check(data)
    assert row.get("text", "") == words


def test_two_readings_are_one() -> None:
    first, second = (as_json(yields("telegram_html", FILES["messages"])) for _ in range(2))
    assert first == second

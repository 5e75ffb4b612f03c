# SPDX-License-Identifier: Apache-2.0
"""Printable text: every character is shown or named, whatever somebody writes."""

from __future__ import annotations

import struct
import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.dossier import fonts
from standfast.dossier.legible import (
    MOST_MARKS,
    ZERO_WIDTH_SPACE,
    legible,
    one_line,
    runs_right_to_left,
)

if TYPE_CHECKING:
    from pathlib import Path

ANYTHING = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Co", "Cn", "Cf", "Cc", "Mn", "Me"]),
        st.sampled_from(
            "\u200d\ufe0f\u20e3\U0001f1e9\U0001f3fb\U0001f469\U0001f3f4\U000e007f[]\n "
        ),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, ça va? €5 …",
        "👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️‍🔥 🏳️‍🌈",
        "مرحبا بالعالم",
        "שלום",
        "Привет",
        "สวัสดี",
        "नमस्ते क्ष",
        "می‌خواهم",
        "ሰላም გამარჯობა բարեւ",
        "a\n\nb",
    ],
)
def test_what_people_write_is_shown_as_it_is(text: str) -> None:
    assert legible(text).text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("a\u200bb", "a[U+200B]b"),
        ("\x00\x07\x1b[2J", "[U+0000][U+0007][U+001B][2J"),
        ("\ue000", "[U+E000]"),
        ("\U000fe4e5", "[U+FE4E5]"),
        ("\u0378\ufffe\U0010ffff", "[U+0378][U+FFFE][U+10FFFF]"),
        ("\ud800", "[U+D800]"),
        ("\u0301", "[COMBINING ACUTE ACCENT U+0301]"),
        ("a\r\nb\rc\td", "a\nb[U+000D]c    d"),
        ("\u2028", "[U+2028]"),
        ("x\ufe05", "x[U+FE05]"),
        ("\U00010000", "[LINEAR B SYLLABLE B008 A U+10000]"),
    ],
)
def test_what_hides_or_has_no_font_is_named(text: str, shown: str) -> None:
    assert legible(text).text.replace(ZERO_WIDTH_SPACE, "") == shown


def test_marks_around_a_phone_number_are_left_out_only_where_they_change_nothing() -> None:
    assert legible("\u202a+49 30 23125 001\u202c").text == "+49 30 23125 001"
    assert legible("\u202aשלום\u202c").text == "[U+202A]שלום[U+202C]"
    assert legible("\u200fa").text == "[U+200F]a"


def test_stacked_marks_are_counted_instead_of_stacked() -> None:
    shown = legible("z" + "\u0336" * 500 + "y").text
    assert shown.count("\u0336") == MOST_MARKS
    assert shown.endswith("[494 more combining marks]y")


def test_a_long_text_is_shown_up_to_its_bound_and_the_rest_is_counted() -> None:
    shown = legible("x " * 500_000)
    assert len(shown.text) == 4_000
    assert shown.left == 996_000
    lines = legible("\n" * 10_000)
    assert lines.text.count("\n") < 80
    assert lines.left + len(lines.text) == 10_000


def test_named_characters_cannot_make_a_text_endless() -> None:
    shown = legible("\ue000" * 1_000_000)
    assert len(shown.text) < 10_000
    assert shown.left > 990_000


def test_a_long_word_may_break_and_loses_nothing() -> None:
    word = "https://example.org/" + "a1" * 500
    shown = legible(word).text
    assert ZERO_WIDTH_SPACE in shown
    assert shown.replace(ZERO_WIDTH_SPACE, "") == word
    assert max(map(len, shown.split(ZERO_WIDTH_SPACE))) <= 24


def test_a_name_stays_on_one_line() -> None:
    assert one_line("a\nb") == "a[U+000A]b"
    assert one_line("x" * 20, most=10) == "x" * 10 + "…"


def test_the_direction_is_that_of_the_first_letter() -> None:
    assert runs_right_to_left("12: שלום abc")
    assert not runs_right_to_left("abc שלום")
    assert not runs_right_to_left("12 …")


@given(ANYTHING)
@settings(deadline=None)
def test_only_printable_characters_come_out(text: str) -> None:
    shown = legible(text).text.replace(ZERO_WIDTH_SPACE, "")
    known = fonts.coverage()
    for character in shown:
        assert character in "\n \u200c\u200d\ufe0e\ufe0f" or (
            ord(character) in known or 0xE0020 <= ord(character) <= 0xE007F
        )
        assert unicodedata.category(character) not in {"Cc", "Cs", "Co"} or character == "\n"


@given(st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po", "So"]), max_size=80))
def test_nothing_is_dropped(text: str) -> None:
    shown = legible(text).text.replace(ZERO_WIDTH_SPACE, "")
    place = 0
    for character in text:
        spelled = f"U+{ord(character):04X}]"
        direct, named = shown.find(character, place), shown.find(spelled, place)
        found = [at for at in (direct, named) if at >= 0]
        assert found
        place = min(found)


def test_every_script_that_is_promised_has_a_font() -> None:
    known = fonts.coverage()
    promised = "aßЖΩאبกनক\u0a95தతಕമ" + "සລខကაաአ😀🇩🫠€“”–…→"
    assert [character for character in promised if ord(character) not in known] == []


def test_fonts_come_from_packages_and_are_found_in_a_fixed_order() -> None:
    assert fonts.files() == fonts.files()
    packages = {package for package, _inner in fonts.PACKAGES}
    assert all(packages & set(path.parts) for path in fonts.files())


def _short_map(first: int, last: int) -> bytes:
    segments = struct.pack(">HHHH", 4, 4, 1, 0)
    ends, starts = struct.pack(">HH", last, 0xFFFF), struct.pack(">HH", first, 0xFFFF)
    deltas, skips = struct.pack(">HH", (1 - first) & 0xFFFF, 1), struct.pack(">HH", 0, 0)
    body = segments + ends + b"\0\0" + starts + deltas + skips
    return struct.pack(">HHHHL", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, 6 + len(body), 0) + body


def test_a_short_character_map_is_read() -> None:
    assert list(fonts.read_map(_short_map(0x41, 0x5A))) == list(range(0x41, 0x5B))


def test_a_full_character_map_is_read_and_wins() -> None:
    group = struct.pack(">LLL", 0x1F600, 0x1F602, 7)
    table = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + struct.pack(">HHLLL", 12, 0, 28, 0, 1) + group
    assert list(fonts.read_map(table)) == [0x1F600, 0x1F601, 0x1F602]


@given(st.binary(max_size=200))
def test_a_damaged_character_map_ends_in_an_error_that_is_caught(noise: bytes) -> None:
    for table in (noise, b"\0\0\0\1\0\3\0\1\0\0\0\x0c" + noise):
        try:
            found = list(fonts.read_map(table))
        except struct.error:
            continue
        assert all(0 <= code <= 0x10FFFF for code in found)


@pytest.mark.parametrize("content", [b"", b"OTTO", b"\0" * 40, b"\xff" * 4_000])
def test_a_damaged_font_file_shows_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(content)
    assert fonts.code_points(path) == frozenset()
    assert fonts.code_points(tmp_path / "absent.ttf") == frozenset()

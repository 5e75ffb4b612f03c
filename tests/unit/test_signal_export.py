# SPDX-License-Identifier: Apache-2.0
"""signal-export: the same chat as JSON and in words, and never both at once."""

from __future__ import annotations

from typing import Any

import pytest

from app_exports import check_golden, claimed, fixtures_of, read
from standfast.sources import Neighbour

NAME = "signal_export"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
WORDS = next(path for path in FIXTURES if path.suffix == ".md")


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_an_export_is_recognised_by_its_content_alone(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) >= 90


@pytest.mark.parametrize(
    "data",
    [
        b'{"date": "2024-03-05T00:00:00"}', b"[2024-03-05 00:00:00] Alex: hello\n",
        b"[2024-03-05] diary  \n\n", b'{"date": "yesterday", "sender": "x", "body": "y"}',
    ],
)  # fmt: skip
def test_other_files_are_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "data.json")


def test_the_owner_is_me_and_everybody_else_a_name() -> None:
    rows = read(NAME, WORDS.read_bytes(), container="Alex").rows
    assert {(row["direction"], row.get("sender")) for row in rows} == {
        ("in", "Alex Muster"),
        ("out", None),
    }
    assert rows[3]["recipients"] == ["Alex"]


def test_quoted_words_are_not_those_of_the_sender() -> None:
    row = read(NAME, WORDS.read_bytes()).rows[3]
    assert row["text"] == "Bitte schreib mir\nnicht mehr."
    assert row["native"]["quote_text"] == "Antworte!\nJetzt!"


def test_a_chat_in_words_is_left_alone_beside_the_same_as_json() -> None:
    beside = {"data.json": Neighbour("Alex/data.json", 5)}
    found = read(NAME, WORDS.read_bytes(), file="chat.md", neighbours=beside)
    assert found.rows == []
    assert [remark.code for remark in found.remarks] == ["repeats"]


def test_the_zone_is_asked_because_the_computer_is_unknown() -> None:
    asked = [question.id for question in read(NAME, WORDS.read_bytes()).questions]
    assert asked == ["zone"]


def test_a_file_with_a_space_in_its_name_is_found() -> None:
    beside = {"haus bild.jpg": Neighbour("Alex/media/haus bild.jpg", 5)}
    for path in FIXTURES:
        rows = read(NAME, path.read_bytes(), neighbours=beside).rows
        files = [file for row in rows for file in row.get("attachments", [])]
        assert [file["state"] for file in files] == ["present"]

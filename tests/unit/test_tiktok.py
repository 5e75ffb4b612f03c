# SPDX-License-Identifier: Apache-2.0
"""TikTok: chats under any of the names that sections had, and whom the person blocked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read

NAME = "tiktok"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
MESSAGE = {"Date": "2024-03-04 23:00:00", "From": "alex", "Content": "hello"}


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_every_span_is_exactly_one_entry(path: Any) -> None:
    check_values(path, read(NAME, path.read_bytes()))


@each
def test_an_export_is_recognised_by_its_content_alone(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) >= 90


@pytest.mark.parametrize(
    "data",
    [b"{}", b'{"Activity":{}}', b'{"ChatHistory":{}}', b'["Direct Messages"]', b'{"Post":1}'],
)
def test_other_json_is_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "user_data.json")


@pytest.mark.parametrize(
    "sections",
    [
        ("Direct Messages", "Chat History", "ChatHistory"),
        ("Direct Message", "Direct Messages", "ChatHistory"),
        ("Something", "Else", "Entirely"),
    ],
)
def test_a_chat_is_known_by_its_own_name_whatever_the_sections_are_called(
    sections: tuple[str, ...],
) -> None:
    data: Any = {"Chat History with alex:": [MESSAGE, {**MESSAGE, "From": "robin"}]}
    for name in reversed(sections):
        data = {name: data}
    first, second = read(NAME, json.dumps(data).encode()).rows
    assert (first["conversation"], first["direction"]) == ("alex", "in")
    assert (second["direction"], second["recipients"]) == ("out", ["alex"])
    assert first["utc"] == "2024-03-04T23:00:00"


def test_in_a_group_nobody_is_taken_for_the_person() -> None:
    data = {"Direct Message": {"Group Chat": {"GroupChat": {"Neighbours": [MESSAGE]}}}}
    found = read(NAME, json.dumps(data).encode())
    assert found.rows[0]["direction"] == "unknown"
    assert [question.id for question in found.questions] == ["me"]


def test_whom_the_person_blocked_and_when_is_a_line_of_the_app() -> None:
    path = next(path for path in FIXTURES if path.stem == "user_data")
    (row,) = [row for row in read(NAME, path.read_bytes()).rows if row["kind"] == "system"]
    assert (row["detail"], row["sender"], row["utc"]) == (
        "blocked",
        "alex.m",
        "2024-03-06T08:00:00",
    )

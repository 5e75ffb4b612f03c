# SPDX-License-Identifier: Apache-2.0
"""Skype: markup made into text, calls, edits, deleted messages, whose account it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read

NAME = "skype"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)


def one(**message: Any) -> dict[str, Any]:
    whole = {
        "originalarrivaltime": "2024-03-04T23:00:00.5Z",
        "messagetype": "RichText",
        "from": "8:live:alex",
        "content": "x",
        **message,
    }
    conversation = {"id": "8:live:alex", "displayName": "Alex", "MessageList": [whole]}
    document = {"userId": "8:live:robin", "exportDate": "x", "conversations": [conversation]}
    (row,) = read(NAME, json.dumps(document).encode()).rows
    return row


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_every_span_is_exactly_one_message(path: Any) -> None:
    check_values(path, read(NAME, path.read_bytes()))


@each
def test_an_export_is_recognised_by_its_content_alone(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) >= 90


@pytest.mark.parametrize(
    "data", [b'{"userId":"x"}', b'{"conversations":[]}', b'["userId","conversations"]', b"{}"]
)
def test_other_json_is_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "messages.json")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("plain", "plain"),
        ("a &amp; b &lt;3", "a & b <3"),
        ('<b raw_pre="*">bold</b> <a href="https://example.org">link</a>', "bold link"),
        ("one<br/>two", "one\ntwo"),
        ('x<e_m ts_ms="5" a="y"></e_m>', "x"),
        ("a < b", "a < b"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_the_text_is_what_a_person_saw(content: str, text: str) -> None:
    row = one(content=content)
    assert row["text"] == text
    assert row["native"].get("written", text) == content


@pytest.mark.parametrize(
    ("end", "sender", "detail"),
    [
        ("missed", "8:live:alex", "missed_voice_call"),
        ("missed", "8:live:robin", "outgoing"),
        ("ended", "8:live:alex", "incoming"),
    ],
)
def test_a_call_is_missed_only_when_the_other_side_placed_it(
    end: str, sender: str, detail: str
) -> None:
    content = f'<partlist type="{end}"><part><duration>61.4</duration></part></partlist>'
    row = one(messagetype="Event/Call", content=content, **{"from": sender})
    assert (row["kind"], row["detail"], row["native"]["duration_s"]) == ("call", detail, "61")


def test_the_owner_is_known_with_and_without_the_number_of_the_network() -> None:
    assert one(**{"from": "live:robin"})["direction"] == "out"
    assert one(**{"from": "8:live:robin"})["recipients"] == ["8:live:alex"]
    assert one()["direction"] == "in"


def test_a_deleted_message_leaves_its_trace() -> None:
    row = one(content="", properties={"deletetime": "5"})
    assert (row["state"], row["detail"]) == ("deleted", "deleted")


def test_quoted_words_are_not_those_of_the_sender() -> None:
    quote = '<quote author="alex"><legacyquote>[1] Alex: </legacyquote>you will pay</quote>no'
    row = one(content=quote)
    assert row["text"] == "no"
    assert (row["native"]["quote_author"], row["native"]["quote_text"]) == ("alex", "you will pay")

# SPDX-License-Identifier: Apache-2.0
"""The archive of X: messages alone and in groups, headers, blocked and muted accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read
from standfast.sources import Neighbour
from standfast.sources.app_times import iso, snowflake

NAME = "x_archive"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
PREFIX = b"window.YTD.direct_messages.part0 = "


def archive(**message: Any) -> bytes:
    whole = {"id": "7", "senderId": "1", "recipientId": "2", "text": "x",
             "createdAt": "2024-03-04T23:00:00.500Z", **message}  # fmt: skip
    conversation = {"conversationId": "1-2", "messages": [{"messageCreate": whole}]}
    return PREFIX + json.dumps([{"dmConversation": conversation}]).encode()


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_every_span_is_exactly_one_entry(path: Any) -> None:
    check_values(path, read(NAME, path.read_bytes()))


@each
def test_a_file_is_recognised_by_its_assignment(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) == 98


@pytest.mark.parametrize(
    "data", [b"window.YTD.tweets.part0 = []", b"var x = []", b"window.YTD.block.part0 = {}"]
)
def test_other_scripts_are_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "direct-messages.js")


def test_a_number_of_x_says_when_it_was_given_out() -> None:
    assert iso(snowflake(1764761938245337118, x=True) or 0).startswith("2024-03-04T21:")


def test_a_semicolon_behind_the_list_is_no_damage_and_anything_else_is() -> None:
    assert not read(NAME, archive() + b";\n").unreadable
    assert [one.reason for one in read(NAME, archive() + b"; alert(1)").unreadable] == ["not_json"]


def test_headers_are_left_alone_only_where_the_messages_lie_beside() -> None:
    path = next(path for path in FIXTURES if path.stem == "direct-message-headers")
    assert len(read(NAME, path.read_bytes()).rows) == 1
    beside = {"direct-messages.js": Neighbour("data/direct-messages.js", 5)}
    found = read(NAME, path.read_bytes(), neighbours=beside)
    assert found.rows == []
    assert [remark.code for remark in found.remarks] == ["repeats"]


def test_a_picture_is_found_by_the_number_of_its_message() -> None:
    beside = {"7-a.jpg": Neighbour("direct_messages_media/7-a.jpg", 5)}
    data = archive(mediaUrls=["https://example.org/dm/a.jpg?x=1", 5])
    (row,) = read(NAME, data, neighbours=beside).rows
    assert row["attachments"] == [
        {
            "media_type": "image/jpeg",
            "name": "a.jpg",
            "path": "direct_messages_media/7-a.jpg",
            "size": 5,
            "state": "present",
        }
    ]


def test_the_person_is_asked_which_number_is_theirs() -> None:
    found = read(NAME, archive())
    assert [(question.id, question.choices) for question in found.questions] == [("me", ("1",))]

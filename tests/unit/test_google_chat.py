# SPDX-License-Identifier: Apache-2.0
"""Google Chat: the English date and no other, deleted and edited messages, files beside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read
from standfast.model.times import iso_utc
from standfast.sources import Neighbour
from standfast.sources.formats.google_chat import english_time

NAME = "google_chat"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)


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
    "data",
    [
        b'{"messages":[]}', b'{"messages":[{"sender_name":"Kim","timestamp_ms":1}]}',
        b'{"messages":[{"created_date":"x"}]}', b'{"messages":"created_date"}',
    ],
)  # fmt: skip
def test_other_json_is_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "messages.json")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Monday, March 4, 2024 at 11:00:01\u202fPM UTC", "2024-03-04T23:00:01Z"),
        ("Tuesday, March 5, 2024 at 12:00:00 AM UTC", "2024-03-05T00:00:00Z"),
        ("Tuesday, March 5, 2024 at 12:00:00 PM UTC", "2024-03-05T12:00:00Z"),
        ("Sunday, March 4, 2024 at 11:00:01 PM UTC", ""),
        ("Monday, March 4, 2024 at 13:00:01 PM UTC", ""),
        ("Monday, March 4, 2024 at 0:00:01 PM UTC", ""),
        ("Monday, March 4, 2024 at 11:00:01 PM", ""),
        ("Monday, March 4, 2024 at 11:00:01 PM CET", ""),
        ("Friday, February 30, 2024 at 11:00:01 PM UTC", ""),
        ("Montag, 4. März 2024 um 23:00:01 UTC", ""),
        ("lundi 4 mars 2024 à 23:00:01 UTC", ""),
        ("", ""),
    ],
)
def test_the_english_date_is_read_and_nothing_else_is_guessed(written: str, moment: str) -> None:
    found = english_time(written, "")
    assert ("" if found.utc is None else iso_utc(found.utc)) == moment


def test_a_conversation_is_called_by_its_folder_else_by_its_space() -> None:
    data = json.dumps({"messages": [{"text": "x", "message_id": "space1/a/b"}]}).encode()
    assert read(NAME, data).rows[0]["conversation"] == "space1"
    assert read(NAME, data, container="DM abc").rows[0]["conversation"] == "DM abc"


def test_a_file_is_found_under_the_name_it_was_exported_with() -> None:
    file = {"original_name": "a.jpg", "export_name": "File-a.jpg"}
    data = json.dumps({"messages": [{"text": "x", "attached_files": [file]}]}).encode()
    beside = {"File-a.jpg": Neighbour("DM abc/File-a.jpg", 5)}
    (row,) = read(NAME, data, neighbours=beside).rows
    assert (row["attachments"][0]["name"], row["attachments"][0]["path"]) == (
        "a.jpg",
        "DM abc/File-a.jpg",
    )

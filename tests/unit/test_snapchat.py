# SPDX-License-Identifier: Apache-2.0
"""Snapchat: both layouts, what nobody saved, two times of one message, friends and their times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read
from standfast.sources import Neighbour

NAME = "snapchat"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)


def one(**entry: Any) -> dict[str, Any]:
    whole = {
        "From": "alex",
        "Media Type": "TEXT",
        "Created": "2024-03-04 23:00:00 UTC",
        "Content": "hello",
        "IsSender": False,
        "Created(microseconds)": 1709593200456,
        **entry,
    }
    (row,) = read(NAME, json.dumps({"alex": [whole]}).encode()).rows
    return row


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
    [
        b'{"Friends":"many"}', b'{"x":[{"a":1}]}', b'{"Friends":[{"name":"Kim"}]}', b"{}",
        b'[{"Media Type":"TEXT","Created":"x"}]', b'{"x":[{"Created":"x"}]}',
    ],
)  # fmt: skip
def test_other_json_is_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "chat_history.json")


def test_what_is_called_microseconds_holds_milliseconds() -> None:
    row = one()
    assert (row["utc"], row["precision"]) == ("2024-03-04T23:00:00.456", "ms")
    assert one(**{"Created(microseconds)": 1709593200456789})["utc"] == row["utc"]


def test_where_the_two_times_contradict_each_other_the_words_hold_and_it_is_said() -> None:
    entry = {"From": "a", "Media Type": "TEXT", "Created": "2024-03-04 23:00:00 UTC"}
    data = json.dumps({"a": [{**entry, "Created(microseconds)": 1709593300456}]}).encode()
    found = read(NAME, data)
    assert found.rows[0]["utc"] == "2024-03-04T23:00:00"
    assert [remark.code for remark in found.remarks] == ["times_differ"]


def test_a_message_whose_text_nobody_saved_is_an_event_all_the_same() -> None:
    assert one(Content=None)["detail"] == "text_not_saved"


def test_media_are_found_by_the_id_in_their_names() -> None:
    beside = {"2024-03-04_b~abc.jpg": Neighbour("chat_media/2024-03-04_b~abc.jpg", 7)}
    entry = {"Media Type": "MEDIA", "Created": "2024-03-04 23:00:00 UTC", "Media IDs": "b~abc"}
    (row,) = read(NAME, json.dumps({"a": [entry]}).encode(), neighbours=beside).rows
    assert row["attachments"][0]["path"] == "chat_media/2024-03-04_b~abc.jpg"


@pytest.mark.parametrize(
    ("sort", "kind", "detail"),
    [
        ("STATUSCALLMISSEDAUDIO", "call", "missed_voice_call"),
        ("STATUSCALLMISSEDVIDEO", "call", "missed_video_call"),
        ("STATUSERASEDMESSAGE", "message", "deleted"),
        ("STATUSCONVERSATIONCAPTURESCREENSHOT", "system", "screenshot_taken"),
        ("STICKER", "message", "sticker"),
        ("", "message", None),
    ],
)
def test_every_sort_has_its_kind(sort: str, kind: str, detail: str | None) -> None:
    row = one(**{"Media Type": sort})
    assert (row["kind"], row.get("detail")) == (kind, detail)


def test_the_flag_says_whose_message_it_is_and_nothing_else_does() -> None:
    assert one(IsSender=True)["direction"] == "out"
    assert one(IsSender=True)["recipients"] == ["alex"]
    assert one(IsSender="yes")["direction"] == "unknown"
    assert one(IsSender=True, **{"Conversation Title": "group"}).get("recipients") is None

# SPDX-License-Identifier: Apache-2.0
"""Signal's export: every sort of item, who somebody is, and what becomes of files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read
from standfast.sources import Neighbour

NAME = "signal_jsonl"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
FRAMES = [
    {"version": "1", "backupTimeMs": "1709850000000"},
    {"recipient": {"id": "1", "self": {}}},
    {"recipient": {"id": "2", "contact": {"e164": "447700900123", "profileGivenName": "Alex"}}},
    {"chat": {"id": "1", "recipientId": "2"}},
]


def export(*frames: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(frame).encode() for frame in (*FRAMES, *frames))


def one(**item: Any) -> dict[str, Any]:
    whole = {"chatId": "1", "authorId": "2", "dateSent": "1709593200123", "incoming": {}, **item}
    (row,) = read(NAME, export({"chatItem": whole})).rows
    return row


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_every_span_is_exactly_one_line(path: Any) -> None:
    found = read(NAME, path.read_bytes())
    check_values(path, found)
    lines = path.read_bytes().split(b"\n")
    for row in found.rows:
        line = lines[row["row"] - 1].strip().removeprefix(b"\xef\xbb\xbf")
        assert path.read_bytes()[row["start"] : row["end"]] == line


@each
def test_an_export_is_recognised_by_its_content_alone(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) >= 90


def test_frames_are_recognised_where_the_first_line_is_gone() -> None:
    data = next(path for path in FIXTURES if path.stem == "main").read_bytes()
    assert claimed(NAME, data.partition(b"\n")[2]) == 90


@pytest.mark.parametrize(
    "data",
    [
        b'{"version":1,"settings":{"backupTimeMs":5}}',
        b'{"chat":"hello"}',
        b"backupTimeMs",
        b'{"account":{"name":"x"}}',
    ],
)
def test_other_json_is_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "main.jsonl")


def test_an_incoming_message_names_its_sender_by_number() -> None:
    row = one(standardMessage={"text": {"body": "hello"}})
    assert row["sender"] == "+447700900123"
    assert row["native"]["contact_name"] == "Alex"
    assert row["direction"] == "in"
    assert row["conversation"] == "Alex"
    assert (row["precision"], row["zone_basis"]) == ("ms", "epoch")


def test_an_outgoing_message_names_whom_it_went_to_and_no_sender() -> None:
    item = {"chatId": "1", "authorId": "1", "dateSent": "1709593200000", "outgoing": {}}
    (row,) = read(NAME, export({"chatItem": {**item, "standardMessage": {}}})).rows
    assert "sender" not in row
    assert row["recipients"] == ["+447700900123"]
    assert row["direction"] == "out"


def test_two_chats_of_one_name_are_told_apart_by_account() -> None:
    second = {
        "recipient": {"id": "3", "contact": {"username": "alex.7", "profileGivenName": "Alex"}}
    }
    chat = {"chat": {"id": "2", "recipientId": "3"}}
    item = {"chatItem": {"chatId": "2", "authorId": "3", "dateSent": "1", "incoming": {}}}
    (row,) = read(NAME, export(second, chat, item)).rows
    assert row["conversation"] == "Alex (alex.7)"


def test_a_file_beside_the_export_is_found_by_its_content_hash() -> None:
    pointer = {
        "contentType": "image/jpeg",
        "fileName": "house.jpg",
        "locatorInfo": {"plaintextHash": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=", "size": 9},
    }
    stem = "ab" * 32
    beside = {f"{stem}.jpg": Neighbour(f"export/files/{stem}.jpg", 9)}
    message = {"standardMessage": {"attachments": [{"pointer": pointer}]}}
    item = {"chatId": "1", "authorId": "2", "dateSent": "1709593200123", "incoming": {}, **message}
    (row,) = read(NAME, export({"chatItem": item}), neighbours=beside).rows
    assert row["attachments"] == [
        {
            "media_type": "image/jpeg",
            "name": "house.jpg",
            "path": f"export/files/{stem}.jpg",
            "size": 9,
            "state": "present",
        }
    ]
    assert one(**message)["attachments"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("call", "direction", "detail"),
    [
        (
            {"direction": "INCOMING", "state": "MISSED", "type": "AUDIO_CALL"},
            "in",
            "missed_voice_call",
        ),
        (
            {"direction": "INCOMING", "state": "MISSED_NOTIFICATION_PROFILE"},
            "in",
            "missed_voice_call",
        ),
        (
            {"direction": "INCOMING", "state": "MISSED", "type": "VIDEO_CALL"},
            "in",
            "missed_video_call",
        ),
        ({"direction": "INCOMING", "state": "ACCEPTED"}, "in", "incoming"),
        ({"direction": "INCOMING", "state": "NOT_ACCEPTED"}, "in", "rejected"),
        ({"direction": "OUTGOING", "state": "NOT_ACCEPTED"}, "out", "outgoing"),
        ({"state": "ACCEPTED"}, None, "call"),
    ],
)
def test_a_call_has_its_side_and_what_became_of_it(
    call: dict[str, str], direction: str | None, detail: str
) -> None:
    row = one(directionless={}, updateMessage={"individualCall": call})
    assert row["kind"] == "call"
    assert row["direction"] == (direction or "unknown")
    assert row["detail"] == detail


@pytest.mark.parametrize(
    ("update", "detail"),
    [
        ({"simpleUpdate": {"type": "CHANGE_NUMBER"}}, "number_changed"),
        ({"simpleUpdate": {"type": "IDENTITY_UPDATE"}}, "security_code_changed"),
        ({"simpleUpdate": {"type": "BLOCKED"}}, "blocked"),
        ({"simpleUpdate": {"type": "SOMETHING_NEW"}}, "something_new"),
        ({"expirationTimerChange": {"expiresInMs": "1000"}}, "disappearing_changed"),
        ({"profileChange": {"previousName": "A", "newName": "B"}}, "profile_changed"),
        ({"groupChange": {"updates": [{"groupMemberLeftUpdate": {"aci": "AA=="}}]}}, "member_left"),
        ({"groupChange": {"updates": [{"someNewUpdate": {}}]}}, "some_new_update"),
        ({"someNewUpdate": {}}, "some_new_update"),
        ({}, "update"),
    ],
)
def test_what_the_app_wrote_is_a_line_of_the_app(update: dict[str, Any], detail: str) -> None:
    row = one(directionless={}, updateMessage=update)
    assert (row["kind"], row["direction"], row["detail"]) == ("system", "system", detail)


def test_earlier_versions_of_an_edited_message_stay() -> None:
    before = {"dateSent": "1709593100000", "standardMessage": {"text": {"body": "now"}}}
    row = one(revisions=[before], standardMessage={"text": {"body": "tomorrow"}})
    assert (row["state"], row["text"]) == ("edited", "tomorrow")
    assert json.loads(row["native"]["revisions"]) == [{"at": "1709593100000", "text": "now"}]


def test_a_field_of_any_other_kind_is_as_good_as_absent() -> None:
    for strange in (None, [], [[]], 5, "x", {"body": []}, {"body": {}}, True, 1.5):
        for name in ("standardMessage", "updateMessage", "poll", "stickerMessage", "revisions"):
            assert one(**{name: strange})["kind"] in {"message", "system"}
        for name in ("chatId", "authorId", "dateSent", "incoming", "expiresInMs"):
            assert one(**{name: strange})["start"] > 0


def test_a_time_that_is_none_is_kept_as_written_and_said() -> None:
    item = {"chatItem": {"chatId": "1", "dateSent": "99999999999999999", "incoming": {}}}
    found = read(NAME, export(item))
    assert found.rows[0]["native"]["date_sent"] == "99999999999999999"
    assert [remark.code for remark in found.remarks] == ["undated"]


def test_a_field_too_long_to_keep_is_named() -> None:
    row = one(standardMessage={"linkPreview": [{"url": "x" * 200_000}]})
    assert row["native"]["left_out"] == "links"

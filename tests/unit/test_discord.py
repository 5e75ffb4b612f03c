# SPDX-License-Identifier: Apache-2.0
"""Discord, from DiscordChatExporter and from its own data package: messages, times, numbers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app_exports import check_golden, check_values, claimed, fixtures_of, read
from standfast.sources import Neighbour
from standfast.sources.app_times import iso, snowflake

ALL = [(name, path) for name in ("discord", "discord_package") for path in fixtures_of(name)]
each = pytest.mark.parametrize(("name", "path"), ALL, ids=[f"{n}/{p.stem[:12]}" for n, p in ALL])


def chat(**message: Any) -> bytes:
    author = {"id": "42", "name": "alex"}
    whole = {"id": "7", "timestamp": "2024-03-05T00:00:00+01:00", "author": author, **message}
    head = {"guild": {"id": "0"}, "channel": {"id": "1", "name": "alex"}}
    return json.dumps({**head, "messages": [whole]}).encode()


def one(**message: Any) -> dict[str, Any]:
    (row,) = read("discord", chat(**message)).rows
    return row


@each
def test_a_fixture_reads_as_its_golden_file_says(name: str, path: Any) -> None:
    check_golden(name, path)


@each
def test_an_export_is_recognised_by_its_content_alone(name: str, path: Any) -> None:
    assert claimed(name, path.read_bytes()) >= 90


@pytest.mark.parametrize("name", ["direct", "old_damaged"])
def test_every_span_is_exactly_one_message(name: str) -> None:
    path = next(path for path in fixtures_of("discord") if path.stem == name)
    check_values(path, read("discord", path.read_bytes()))


@pytest.mark.parametrize(
    "data",
    [
        b'{"guild":"x","channel":"y"}', b'[{"ID":"x","Timestamp":"2024"}]', b"ID,Timestamp\n1,2\n",
        b'{"channel":{},"messages":[]}', b"AuthorID,Author\n", b'{"messages":[]}',
    ],
)  # fmt: skip
def test_other_files_are_not_claimed(data: bytes) -> None:
    assert not claimed("discord", data)
    assert not claimed("discord_package", data)


def test_a_number_of_discord_says_when_it_was_given_out() -> None:
    assert iso(snowflake(175928847299117063) or 0) == "2016-04-30T11:18:25.796000Z"
    assert snowflake(1001) is None


def test_a_time_that_differs_from_the_number_is_counted_and_both_stand() -> None:
    found = read("discord", chat(id="175928847299117063"))
    assert found.rows[0]["native"]["time_in_id"] == "2016-04-30T11:18:25.796000Z"
    assert "time_differs_ms" in found.rows[0]["native"]
    assert "id_time_differs" in [remark.code for remark in found.remarks]


def test_an_offset_in_the_file_is_the_zone_and_an_answer_changes_nothing() -> None:
    (row,) = read("discord", chat(), zone="America/New_York").rows
    assert (row["wall"], row["zone"], row["zone_basis"]) == (
        "2024-03-05T00:00:00",
        "+01:00",
        "in_file",
    )
    assert row["utc"] == "2024-03-04T23:00:00"


def test_a_file_that_was_downloaded_is_found_beside_the_export() -> None:
    beside = {"a-1.jpg": Neighbour("chat_Files/a-1.jpg", 5)}
    file = {"url": "chat_Files/a-1.jpg", "fileName": "a.jpg", "fileSizeBytes": 5}
    (row,) = read("discord", chat(attachments=[file]), neighbours=beside).rows
    assert row["attachments"][0]["path"] == "chat_Files/a-1.jpg"
    assert row["attachments"][0]["name"] == "a.jpg"
    assert one(attachments=[file])["attachments"][0]["state"] == "missing"


def test_an_address_on_the_network_is_never_taken_for_a_file_beside() -> None:
    beside = {"a.jpg": Neighbour("a.jpg", 5)}
    file = {"url": "https://example.org/a.jpg", "fileName": "a.jpg"}
    (row,) = read("discord", chat(attachments=[file]), neighbours=beside).rows
    assert row["attachments"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("sort", "kind", "detail"),
    [
        ("Default", "message", None), ("Reply", "message", None), ("Call", "call", "call"),
        ("RecipientRemove", "system", "member_removed"), ("GuildBoost", "system", "guild_boost"),
        ("ChannelNameChange", "system", "subject_changed"), (7, "system", "member_added"),
    ],
)  # fmt: skip
def test_every_sort_of_message_has_its_kind(sort: Any, kind: str, detail: str | None) -> None:
    row = one(type=sort)
    assert (row["kind"], row.get("detail")) == (kind, detail)


def test_the_order_of_a_date_is_asked_and_then_as_answered() -> None:
    head = b"AuthorID,Author,Date,Content,Attachments,Reactions\n"
    table = head + b'"1","a","03/04/2024 9:05 PM","x","",""\n'
    found = read("discord", table)
    assert found.rows[0]["wall"] == "2024-04-03T21:05:00"
    assert found.rows[0]["wall_other"] == "2024-03-04T21:05:00"
    asked = {question.id: question for question in found.questions}
    assert asked["date_order"].examples == ("2024-04-03", "2024-03-04")
    (row,) = read("discord", table, date_order="mdy", zone="Europe/Berlin").rows
    assert row["utc"] == "2024-03-04T20:05:00"


def test_a_damaged_quotation_mark_costs_its_own_row_alone() -> None:
    path = next(path for path in fixtures_of("discord") if path.name.startswith("Direct"))
    data = path.read_bytes()
    whole = {row["text"] + str(row["start"]) for row in read("discord", data).rows}
    for place in (data.index(b'Wo bist du?"') + 11, data.index(b'"robin')):
        found = read("discord", data[:place] + b"#" + data[place + 1 :])
        kept = {row["text"] + str(row["start"]) for row in found.rows}
        assert len(kept & whole) == len(whole) - 1


def test_a_package_is_the_persons_own_and_says_that_the_other_side_is_missing() -> None:
    path = next(path for path in fixtures_of("discord_package") if path.stem == "messages")
    found = read("discord_package", path.read_bytes())
    assert {row["direction"] for row in found.rows} == {"out"}
    assert found.remarks[0].code == "one_side"


def test_a_channel_is_the_number_of_its_folder() -> None:
    path = next(path for path in fixtures_of("discord_package") if path.stem == "messages")
    found = read("discord_package", path.read_bytes(), container="c123456789012345678")
    assert found.rows[0]["conversation"] == "123456789012345678"


def test_a_line_within_a_message_is_no_message_of_its_own() -> None:
    path = next(path for path in fixtures_of("discord_package") if path.suffix == ".csv")
    found = read("discord_package", path.read_bytes())
    assert sum("gefälscht" in row.get("text", "") for row in found.rows) == 1
    assert all(row["wall"].startswith("2023") for row in found.rows)

# SPDX-License-Identifier: Apache-2.0
"""iPhone backups: calls, voicemail, what the backup lists; and Android's own stores."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from held_bytes import Held
from phone_databases import (
    ALEX,
    BUILT,
    FIXTURES,
    SAM,
    android_calls,
    android_list,
    android_messages,
    apple_calls,
    apple_voicemail,
    manifest,
    settings,
)
from standfast.desk.files import shelf
from standfast.model.event import EventBatch, Remark, Unreadable
from standfast.sources import Head, Neighbour, Options, known_formats, recognise
from standfast.sources.tables import batch_of

if TYPE_CHECKING:
    from standfast.model.event import Yield


def read(data: bytes, format_: str = "ios_backup", **more: Any) -> list[Yield]:
    return list(known_formats()[format_].read(Held(data, "file", **more), Options()))


def rows(found: list[Yield]) -> list[dict[str, Any]]:
    return [
        {**row, "native": json.loads(row["native"] or "{}")}
        for one in found
        if isinstance(one, EventBatch)
        for row in batch_of(one).to_pylist()
    ]


def codes(found: list[Yield]) -> list[str]:
    return [one.code for one in found if isinstance(one, Remark)]


@pytest.mark.parametrize("name", BUILT)
def test_a_fixture_is_what_its_builder_makes(name: str) -> None:
    def content(data: bytes) -> object:
        if not data.startswith(b"SQLite"):
            return zlib.decompress(data) if data[:1] == b"\x78" else data
        made = sqlite3.connect(":memory:")
        made.deserialize(data)
        return list(made.iterdump())

    data = (FIXTURES / name).read_bytes()
    assert content(data) == content(BUILT[name]())
    claim = recognise(Head("file", data, len(data)))
    assert claim is not None
    assert claim.format == name.partition("/")[0]


def test_calls_are_told_as_the_phone_tells_them() -> None:
    found = rows(read(apple_calls()))
    assert [(row["direction"], row["detail"], row["channel"]) for row in found] == [
        ("in", "missed", "phone"), ("in", "missed", "phone"), ("in", "incoming", "phone"),
        ("out", "outgoing", "phone"), ("in", "missed", "facetime"), ("in", "incoming", "whatsapp"),
        ("in", "missed", "phone"), ("unknown", "", "phone"),
    ]  # fmt: skip
    assert [row["sender"] for row in found[:3]] == [ALEX] * 3
    assert json.loads(found[3]["recipients"]) == [SAM]
    assert found[3]["native"]["duration_s"] == "12.25"
    assert found[-1]["utc"] is None


def test_voicemail_names_its_recording_and_says_what_was_thrown_away() -> None:
    name = hashlib.sha1(b"HomeDomain-Library/Voicemail/1.amr", usedforsecurity=False).hexdigest()
    found = rows(read(apple_voicemail(), neighbours={name: Neighbour(f"{name}", 900)}))
    assert [(row["row"], row["pointer"], row["state"]) for row in found] == [
        (1, "voicemail", ""), (2, "voicemail", "deleted"), (1, "deleted", "deleted"),
    ]  # fmt: skip
    states = [json.loads(row["attachments"])[0]["state"] for row in found[:2]]
    assert states == ["present", "missing"]
    assert not found[2]["attachments"]


def test_a_backup_says_what_it_lists_and_nobody_gave() -> None:
    calls = "5a4935c78a5255723f707230a451d79c540d2741"
    found = read(manifest(), neighbours={calls: Neighbour(calls, 1)})
    assert not rows(found)
    assert codes(found) == ["messages_not_given"]
    assert codes(read(manifest())) == []  # it lies alone: nobody can say what is missing


def test_a_locked_backup_says_so() -> None:
    assert codes(read(settings(locked=True))) == ["encrypted"]
    assert codes(read(settings(locked=False))) == []


def test_folders_of_a_backup_count_as_one() -> None:
    assert shelf("backup/3d") == shelf("backup/ab") == "backup"
    assert shelf("backup") == "backup"
    assert shelf("backup/3d0") == "backup/3d0"
    assert shelf("3d") == "3d"


def test_messages_of_android_are_told_as_in_its_backups() -> None:
    found = rows(read(android_messages(), "android_telephony"))
    texts = [row for row in found if row["pointer"] == "sms"]
    assert [(row["direction"], row["state"]) for row in texts] == [
        ("in", ""), ("in", ""), ("out", ""), ("out", "draft"), ("out", "failed"), ("unknown", ""),
        ("in", ""),
    ]  # fmt: skip
    (group,) = [row for row in found if row["pointer"] == "pdu"]
    assert (group["sender"], group["text"]) == (ALEX, "This is your door")
    (picture,) = json.loads(group["attachments"])
    assert (picture["name"], picture["state"]) == ("door.jpg", "missing")


def test_calls_of_android_are_told_as_in_its_backups() -> None:
    found = rows(read(android_calls(), "android_telephony"))
    assert [row["detail"] for row in found] == [
        "incoming", "outgoing", "missed", "voicemail", "rejected", "blocked", "answered_elsewhere",
        "",
    ]  # fmt: skip
    assert found[0]["native"]["contact_name"] == "Alex"


def test_a_packed_list_gives_each_entry_with_its_place() -> None:
    found = read(android_list(), "android_telephony")
    told = rows(found)
    assert [(row["row"], row["pointer"], row["text"]) for row in told] == [
        (0, "/0", "I see you"), (1, "/1", "I see you"), (2, "/2", "To all"),
    ]  # fmt: skip
    (broken,) = [one for one in found if isinstance(one, Unreadable)]
    assert broken.locator.pointer == "/3"


@pytest.mark.parametrize(
    "data",
    [
        zlib.compress(b"[" * 100_000),
        zlib.compress(b'[{"address":1}'),
        zlib.compress(b"{}"),
        zlib.compress(b" " * (70 << 20)),
        zlib.compress(b"[]")[:-1],
        zlib.compress(b"[]") + b"more",
        b"\x78",
    ],
)
def test_a_packed_list_that_is_none_is_one_unreadable_stretch(data: bytes) -> None:
    (only,) = read(data, "android_telephony")
    assert isinstance(only, Unreadable)
    assert (only.locator.start, only.locator.end) == (0, len(data))

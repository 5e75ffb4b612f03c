# SPDX-License-Identifier: Apache-2.0
"""Telegram's result.json: golden readings, times, sides, calls, files, and what is no message."""

from __future__ import annotations

import io
import itertools
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from chat_exports import BERLIN, as_json, golden, is_complete, rows_of, yields
from held_bytes import Held
from standfast.model.event import Question, Remark
from standfast.sources import Head, Neighbour, Options, known_formats, recognise
from standfast.sources.telegram_rows import TelegramRows

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram"
EXPORTS = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".json")
ALEX, SAM = "user1000000101", "user1000000202"


def message(**fields: Any) -> dict[str, Any]:
    plain = {
        "id": 1, "type": "message", "date": "2024-03-12T09:00:00", "date_unixtime": "1710230400",
        "from": "Alex", "from_id": ALEX, "text": "hello",
    }  # fmt: skip
    return {name: value for name, value in {**plain, **fields}.items() if value is not ...}


def export(*messages: Any, **facts: Any) -> bytes:
    chat = {"name": "Alex", "type": "personal_chat", "id": 1000000101, **facts}
    return json.dumps({**chat, "messages": list(messages)}).encode()


def whole(*messages: Any) -> bytes:
    chat = {"name": "Alex", "type": "personal_chat", "id": 1000000101, "messages": list(messages)}
    me = {"user_id": 1000000202, "first_name": "Sam"}
    return json.dumps({"personal_information": me, "chats": {"list": [chat]}}).encode()


def one(data: bytes, options: Options | None = None, **more: Any) -> dict[str, Any]:
    (row,) = rows_of(yields("telegram", data, options, **more))
    return row


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_an_export_comes_out_as_its_golden_file_says(path: Path) -> None:
    found = yields("telegram", path.read_bytes(), BERLIN)
    assert as_json(found) == golden(path, as_json(found))
    assert is_complete(found, path.stat().st_size)


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_every_span_and_every_pointer_lead_to_the_message(path: Path) -> None:
    data = path.read_bytes()
    for row in rows_of(yields("telegram", data)):
        there = json.loads(data[row["start"] : row["end"]].decode("utf-8", "replace"))
        assert str(there["id"]) == row["native"]["id"]
        if path.stem != "damaged":
            value = json.loads(data)
            for part in row["pointer"].split("/")[1:]:
                value = value[int(part) if part.isdigit() else part]
            assert value == there


def test_both_dates_together_tell_the_zone_and_nobody_is_asked() -> None:
    row = one(export(message()), BERLIN)
    assert (row["wall"], row["utc"]) == ("2024-03-12T09:00:00", "2024-03-12T08:00:00")
    assert (row["zone"], row["zone_basis"]) == ("+01:00", "in_file")
    asked = [o.id for o in yields("telegram", export(message())) if isinstance(o, Question)]
    assert asked == ["me"]


@pytest.mark.parametrize("apart", [11, 3600 * 15, -3600 * 14, 60])
def test_dates_that_contradict_each_other_give_no_zone(apart: int) -> None:
    found = yields("telegram", export(message(date_unixtime=str(1710230400 + apart))), BERLIN)
    (row,) = rows_of(found)
    assert row["wall"] == "2024-03-12T09:00:00"
    assert "utc" not in row
    assert "zone" not in row
    assert [o.code for o in found if isinstance(o, Remark)] == ["times_differ"]


def test_a_clock_alone_is_asked_about_and_then_read_in_that_zone() -> None:
    data = export(message(date_unixtime=...))
    assert "utc" not in one(data)
    assert {o.id for o in yields("telegram", data) if isinstance(o, Question)} == {"zone", "me"}
    assert one(data, BERLIN)["utc"] == "2024-03-12T08:00:00"


def test_a_count_alone_is_utc() -> None:
    row = one(export(message(date=...)))
    assert (row["utc"], row["zone"], row["zone_basis"]) == ("2024-03-12T08:00:00", "UTC", "epoch")
    assert one(export(message(date=...)), BERLIN)["wall"] == "2024-03-12T09:00:00"


@pytest.mark.parametrize(
    "date", ["", "2024-03-12", "2024-03-12T09:00+01:00", "2024-03-12T25:00:00", 17, None, "9" * 19,
             "0001-01-01T00:00:00", "9999-12-31T23:59:59"],
)  # fmt: skip
@pytest.mark.parametrize("count", ["", "-1", "0", "1e9", "9" * 12, 1.5, True, None, "１"])
def test_what_is_no_date_gives_no_time_and_is_kept(date: Any, count: Any) -> None:
    row = one(export(message(date=date, date_unixtime=count)), BERLIN)
    assert "wall" not in row
    assert "utc" not in row
    if isinstance(date, str) and date:
        assert row["native"]["date"] == date


def test_the_account_of_the_export_decides_the_side() -> None:
    assert one(whole(message()))["direction"] == "in"
    row = one(whole(message(from_id=SAM)))
    assert (row["direction"], row["recipients"]) == ("out", [ALEX])
    assert "direction" not in one(export(message(from_id=SAM)))


@pytest.mark.parametrize(
    ("actor", "reason", "side", "detail"),
    [
        (ALEX, "missed", "in", "missed"), (ALEX, "busy", "in", "rejected"),
        (ALEX, "hangup", "in", "incoming"), (ALEX, "disconnect", "in", "incoming"),
        (SAM, "missed", "out", "outgoing"), (SAM, "busy", "out", "outgoing"),
        (SAM, "hangup", "out", "outgoing"),
    ],
)  # fmt: skip
def test_a_call_says_how_it_went(actor: str, reason: str, side: str, detail: str) -> None:
    call = {
        "id": 1, "type": "service", "date": "2024-03-12T09:00:00", "date_unixtime": "1710230400",
        "actor": "x", "actor_id": actor, "action": "phone_call", "discard_reason": reason,
        "duration_seconds": 12, "text": "",
    }  # fmt: skip
    row = one(whole(call))
    assert (row["kind"], row["direction"], row["detail"]) == ("call", side, detail)
    assert row["native"]["duration_s"] == "12"


def test_a_text_in_parts_is_put_together_exactly() -> None:
    parts = [
        "a ",
        {"type": "bold", "text": "b\n"},
        {"type": "text_link", "text": "c", "href": "x:"},
    ]
    row = one(export(message(text=parts)))
    assert row["text"] == "a b\nc"
    assert json.loads(row["native"]["entities"]) == [parts[2]]
    assert one(export(message(text=..., text_entities=parts[1:])))["text"] == "b\nc"


@pytest.mark.parametrize("text", [None, 17, {}, [1, None, {}, {"text": 3}]])
def test_a_text_that_is_none_does_no_harm(text: Any) -> None:
    assert "text" not in one(export(message(text=text)))


def test_files_are_there_only_when_they_lie_beside() -> None:
    photo = "photos/photo_1@12-03-2024.jpg"
    beside = {"photo_1@12-03-2024.jpg": Neighbour(f"x.zip!/ChatExport/{photo}", 17)}
    (file,) = one(export(message(photo=photo)), neighbours=beside)["attachments"]
    assert file == {
        "name": "photo_1@12-03-2024.jpg", "state": "present", "media_type": "image/jpeg",
        "path": f"x.zip!/ChatExport/{photo}", "size": 17,
    }  # fmt: skip
    elsewhere = {"photo_1@12-03-2024.jpg": Neighbour("other/photo_1@12-03-2024.jpg", 17)}
    (file,) = one(export(message(photo=photo)), neighbours=elsewhere)["attachments"]
    assert file["state"] == "missing"
    (file,) = one(export(message(photo="(File not included. Change x to download.)")))[
        "attachments"
    ]
    assert file == {"name": "", "state": "missing"}


@pytest.mark.parametrize("odd", [[], {}, ["message"], 17, None, 1.5, True])
@pytest.mark.parametrize("name", ["type", "from", "from_id", "text_entities", "action", "id"])
def test_a_field_of_another_kind_does_no_harm(name: str, odd: Any) -> None:
    plain, service = message(**{name: odd}), message(type="service", action="phone_call")
    for data in (
        export(plain),
        whole(plain),
        export({**service, "discard_reason": odd, name: odd}),
    ):
        known_formats()["telegram"].recognise(Head("x", data, len(data)))
        assert len(rows_of(yields("telegram", data))) == 1
    (row,) = rows_of(yields("telegram", export(message(text=[{"type": odd, "text": "x"}]))))
    assert row["text"] == "x"


def test_names_from_the_file_never_become_names_of_ours() -> None:
    row = one(export(message(clock="fold", left_out="x", subject="y")))
    assert row["native"].keys() == {"chat_id", "chat_type", "from", "id", "more"}
    assert json.loads(row["native"]["more"]) == {"clock": "fold", "left_out": "x", "subject": "y"}


def test_what_is_too_long_for_a_fact_is_named_and_left_in_the_original() -> None:
    row = one(export(message(poll={"question": "x" * 200_000})))
    assert row["native"]["left_out"] == "poll"
    assert row["detail"] == "poll"


def test_two_chats_of_one_name_are_two_conversations() -> None:
    chats = [
        {"name": "Alex", "type": "personal_chat", "id": n, "messages": [message()]} for n in (1, 2)
    ]
    rows = rows_of(yields("telegram", json.dumps({"chats": {"list": chats}}).encode()))
    assert [row["conversation"] for row in rows] == ["Alex", "Alex (2)"]


class Long(io.RawIOBase):
    """An export of one chat, its messages again and again, never held at once."""

    def __init__(self, times: int) -> None:
        begin, end = export().split(b"[]")
        middle = b",".join(json.dumps(message(text="x" * 300)).encode() for _ in range(2000))
        self.parts = itertools.chain([begin, b"[", middle], [b",", middle] * times, [b"]", end])
        self.left = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, _whence: int = 0) -> int:
        assert offset == 0
        return 0

    def readinto(self, buffer: Any) -> int:
        self.left = self.left or next(self.parts, b"")
        part, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.long
def test_memory_does_not_grow_with_the_file() -> None:
    def peak(times: int) -> int:
        source = Held(b"", "result.json")
        source.open = lambda: io.BufferedReader(Long(times))  # type: ignore[method-assign]  # longer than memory
        tracemalloc.start()
        try:
            for one in known_formats()["telegram"].read(source, Options()):
                del one
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(10), peak(200)
    assert large < small * 1.2 + (1 << 20)


def test_identical_messages_in_a_row_stay_two() -> None:
    rows = rows_of(yields("telegram", export(message(), message())))
    assert len({(row["start"], row["end"], row["pointer"]) for row in rows}) == 2


@pytest.mark.parametrize(
    "document",
    [
        {"messages": [{"id": 1, "type": "message"}]},
        {"name": "x", "type": "group", "id": 3, "messages": []},
        {"type": "personal_chat", "id": "x"},
        {"participants": [], "messages": [{"sender_name": "personal_chat", "timestamp_ms": 1}]},
        {"about": "x", "messages": [], "contacts": []},
        [{"name": "x", "type": "personal_chat", "id": 3, "messages": []}],
        {"personal_information": {"email": "a@example.org"}},
    ],
)  # fmt: skip
def test_what_only_looks_like_an_export_is_not_claimed(document: Any) -> None:
    data = json.dumps(document).encode()
    assert known_formats()["telegram"].recognise(Head("result.json", data, len(data))) is None


def test_an_export_is_claimed_without_its_name_and_before_its_messages_came() -> None:
    many = [{"user_id": n, "first_name": "x" * 90} for n in range(1500)]
    me = {"user_id": 5}
    documents: list[Any] = [
        {"about": "x", "contacts": {"about": "y", "list": many}},
        {"about": "x", "personal_information": me, "contacts": {"list": many}},
        {"name": None, "type": "private_channel", "id": 7, "messages": []},
        {"name": "x" * 70_000, "messages": []},
    ]
    claims = [recognise(Head("notes", json.dumps(d).encode()[:65536], 10**6)) for d in documents]
    assert [claim.format if claim else "" for claim in claims] == ["telegram"] * 3 + [""]


def test_many_messages_are_handed_out_as_they_come() -> None:
    data = export(*(message(id=number) for number in range(5000)))
    found = yields("telegram", data)
    assert is_complete(found, len(data))
    assert [row["native"]["id"] for row in rows_of(found)] == [
        str(number) for number in range(5000)
    ]


def test_more_names_than_are_remembered_do_no_harm() -> None:
    rows = TelegramRows(Held(b"", "x"), Options())
    for number in range(50_001):
        rows._shown(str(number))
        rows._meet(str(number), "")
    assert (len(rows._names), len(rows.senders)) == (1, 50_000)


def test_a_reply_and_a_part_that_are_odd_are_kept_as_they_are() -> None:
    assert one(export(message(reply_to_message_id="x")))["native"]["reply_to"] == "x"
    row = one(export(message(text_entities=[{"type": "bold", "href": "y"}])))
    assert json.loads(row["native"]["entities"]) == [{"type": "bold", "href": "y"}]

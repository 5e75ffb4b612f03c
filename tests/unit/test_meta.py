# SPDX-License-Identifier: Apache-2.0
"""Meta's downloads, of the account and of encrypted chats: golden readings and every field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chat_exports import BERLIN, as_json, golden, is_complete, rows_of, yields
from held_bytes import Held
from standfast.model.event import Question, Remark
from standfast.sources import Head, Neighbour, Options, known_formats, recognise
from standfast.sources.meta_rows import MetaRows
from standfast.sources.meta_text import all_repaired, repaired
from standfast.sources.meta_words import ACCOUNT

FIXTURES = Path(__file__).parents[1] / "fixtures"
EXPORTS = [
    (name, path)
    for name in ("meta", "messenger_e2ee")
    for path in sorted((FIXTURES / name).iterdir())
    if path.suffix != ".json"
]
each = pytest.mark.parametrize(
    ("name", "path"), EXPORTS, ids=[f"{name}/{path.stem}" for name, path in EXPORTS]
)


def wrong(text: str) -> str:
    """Give a text as these downloads write it."""
    return text.encode().decode("latin-1")


def message(**fields: Any) -> dict[str, Any]:
    return {"sender_name": "Zoe", "timestamp_ms": 1710230400123, **fields}


def export(*messages: Any, **facts: Any) -> bytes:
    people = [{"name": "Zoe"}, {"name": "Sam"}]
    around = {"title": "Zoe", "thread_path": "inbox/zoe_1", **facts}
    return json.dumps({"participants": people, "messages": list(messages), **around}).encode()


def one(data: bytes, options: Options | None = None, **more: Any) -> dict[str, Any]:
    (row,) = rows_of(yields("meta", data, options, **more))
    return row


@each
def test_an_export_comes_out_as_its_golden_file_says(name: str, path: Path) -> None:
    found = yields(name, path.read_bytes(), BERLIN)
    assert as_json(found) == golden(path, as_json(found))
    assert is_complete(found, path.stat().st_size)


@each
def test_every_span_and_every_pointer_lead_to_the_message(name: str, path: Path) -> None:
    data = path.read_bytes()
    for row in rows_of(yields(name, data)):
        there = json.loads(data[row["start"] : row["end"]].decode("utf-8", "replace"))
        assert {"sender_name", "senderName"} & there.keys()
        if path.stem != "damaged":
            assert json.loads(data)["messages"][int(row["pointer"].split("/")[2])] == there


@pytest.mark.parametrize(
    "text", ["Zoë", "weiß 😡", "“quotes”", "Привет", "日本", "plain", "", "a\u0000b", "😀" * 9]
)
def test_a_text_is_repaired_exactly(text: str) -> None:
    assert repaired(wrong(text)) == text
    assert all_repaired({"a": [wrong(text)]})[0] == {"a": [text]}


@pytest.mark.parametrize("text", ["café", "ð\u009f\u0098", "“x” é", "\ud83d", "Ã", "plain"])
def test_a_text_that_is_no_such_thing_stays_as_it_is(text: str) -> None:
    assert repaired(text) is text
    assert all_repaired([text]) == ([text], False)


def test_each_text_of_a_message_is_repaired_by_itself() -> None:
    row = one(export(message(content="real “é”", share={"share_text": wrong("Grüße")})))
    assert row["text"] == "real “é”"
    assert row["native"]["mojibake"] == "repaired"
    assert json.loads(row["native"]["share"]) == {"share_text": "Grüße"}


def test_milliseconds_are_utc_and_shown_in_the_zone_the_person_named() -> None:
    row = one(export(message(content="x")), BERLIN)
    assert (row["wall"], row["utc"]) == ("2024-03-12T09:00:00.123", "2024-03-12T08:00:00.123")
    assert (row["zone_basis"], row["precision"]) == ("epoch", "ms")
    assert one(export(message(timestamp_ms=1710230400000)))["precision"] == "s"


@pytest.mark.parametrize("count", [0, -1, True, "x", None, 1.5, 10**15, [], {}])
def test_what_is_no_time_gives_none(count: Any) -> None:
    found = yields("meta", export(message(timestamp_ms=count, content="x")), BERLIN)
    assert "wall" not in rows_of(found)[0]
    assert [o.code for o in found if isinstance(o, Remark)] == ["undated"]


def test_the_chats_facts_behind_its_messages_are_known_from_the_first_on() -> None:
    many = [message(content="x", number=n) for n in range(5000)]
    found = rows_of(yields("meta", export(*many, thread_path="message_requests/z_1", title="Kim")))
    assert {row["conversation"] for row in found} == {"Kim"}
    assert {row["native"]["folder"] for row in found} == {"message_requests"}


def test_a_title_within_a_message_is_not_the_chats() -> None:
    data = export(message(content="x", list=[1], title="not this"), title="Zoe")
    assert one(data)["conversation"] == "Zoe"
    cut = data[: data.rindex(b'"title"')]
    assert one(cut)["conversation"] == "Zoe, Sam"
    tricked = export(message(content='],"title":"evil"}'), title="Zoe")
    assert one(tricked)["conversation"] == "Zoe"


@pytest.mark.parametrize(
    ("uri", "more", "channel"),
    [
        ("your_instagram_activity/messages/inbox/z/1.jpg", {}, "instagram"),
        ("your_facebook_activity/messages/inbox/z/1.jpg", {}, "messenger"),
        ("messages/inbox/z/1.jpg", {"container": "instagram-sam-2024"}, "instagram"),
        ("messages/inbox/z/1.jpg", {"path": "facebook-sam.zip!/messages/m.json"}, "messenger"),
        ("messages/inbox/z/1.jpg", {}, "meta"),
    ],
)
def test_the_app_is_the_one_that_the_folders_name(
    uri: str, more: dict[str, str], channel: str
) -> None:
    found = yields("meta", export(message(photos=[{"uri": uri}])), **more)
    assert rows_of(found)[0]["channel"] == channel


def test_a_text_cannot_choose_the_app() -> None:
    row = one(export(message(content='"uri": "your_instagram_activity/x"')))
    assert row["channel"] == "meta"


def test_a_picture_is_there_when_it_lies_in_its_folder() -> None:
    uri = "messages/inbox/zoe_1/photos/1.jpg"
    data = export(message(photos=[{"uri": uri, "creation_timestamp": 17}]))
    beside = {"1.jpg": Neighbour("a.zip!/your_instagram_activity/" + uri, 9)}
    (file,) = one(data, neighbours=beside)["attachments"]
    assert (file["state"], file["size"]) == ("present", 9)
    other = {"1.jpg": Neighbour("a.zip!/messages/inbox/kim_2/photos/1.jpg", 9)}
    assert one(data, neighbours=other)["attachments"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("fields", "kind", "detail", "state"),
    [
        ({"call_duration": 3}, "call", "call", ""),
        ({"call_duration": 0, "missed": True}, "call", "missed", ""),
        ({"type": "Call"}, "call", "call", ""),
        ({"type": "Subscribe", "users": [{"name": "Kim"}]}, "system", "member_added", ""),
        ({"type": "Unsubscribe", "users": [{"name": "Zoe"}]}, "system", "member_left", ""),
        ({"type": "Unsubscribe", "users": [{"name": "Kim"}]}, "system", "member_removed", ""),
        ({"is_unsent": True}, "message", "", "unsent"),
        ({"sticker": {"uri": "a/b.png"}}, "message", "sticker", ""),
        ({"share": {"link": "https://example.org"}}, "message", "share", ""),
        ({"content": "x", "missed": False, "is_unsent": False}, "message", "", ""),
    ],
)
def test_an_entry_is_typed(fields: dict[str, Any], kind: str, detail: str, state: str) -> None:
    row = one(export(message(**fields)))
    told = (row.get("kind", "message"), row.get("detail", ""), row.get("state", ""))
    assert told == (kind, detail, state)


def test_who_the_person_is_is_asked_with_everybody_in_the_chat() -> None:
    found = yields("meta", export(message(sender_name="Kim", content="x")))
    (asked,) = [each for each in found if isinstance(each, Question)]
    assert (asked.id, asked.choices) == ("me", ("Zoe", "Sam", "Kim"))


def test_names_from_the_file_never_become_names_of_ours() -> None:
    row = one(export(message(content="x", clock="fold", folder="y")))
    assert row["native"]["folder"] == "inbox"
    assert json.loads(row["native"]["more"]) == {"clock": "fold", "folder": "y"}


def test_both_downloads_are_told_apart_and_others_are_left() -> None:
    encrypted = {"participants": ["Zoe"], "threadName": "Zoe_1", "messages": []}
    documents: list[tuple[str, Any]] = [
        ("meta", json.loads(export(message()))),
        ("meta", json.loads(export())),
        ("messenger_e2ee", encrypted),
        ("messenger_e2ee", {"messages": [{"senderName": "x", "timestamp": 1, "text": "y"}]}),
        ("", {"messages": [{"sender": "x", "timestamp": 1}]}),
        ("", {"messages": [{"text": '"sender_name", "timestamp_ms"'}]}),
        ("", {"participants": [], "title": "x"}),
        ("", [message()]),
    ]
    for name, document in documents:
        data = json.dumps(document).encode()
        claim = recognise(Head("file", data, len(data)))
        assert (claim.format if claim else "") == name
        for other in ("meta", "messenger_e2ee"):
            if other != name:
                assert known_formats()[other].recognise(Head("x", data, len(data))) is None


def test_what_nests_too_deep_is_left_and_the_message_stays() -> None:
    text = json.dumps(message(content=wrong("é"), share="@@")).replace(
        '"@@"', "[" * 900 + "]" * 900
    )
    data = export().replace(b'"messages": []', b'"messages": [' + text.encode() + b"]")
    deep = f'"participants": {"[" * 900}{"]" * 900}'
    for document in (
        data,
        data.replace(b'"participants": [{"name": "Zoe"}, {"name": "Sam"}]', deep.encode()),
    ):
        (row,) = rows_of(yields("meta", document))
        assert row["sender"] == "Zoe"
        assert is_complete(yields("meta", document), len(document))


def test_a_text_that_is_none_and_many_names_do_no_harm() -> None:
    assert json.loads(one(export(message(content=[1])))["native"]["content"]) == [1]
    assert "content" not in one(export(message(content=None))).get("native", {})
    rows = MetaRows(ACCOUNT, Held(b"", "x"), Options(), {})
    for number in range(50_001):
        rows._name(str(number))
    assert len(rows._names) == 1


def test_an_export_is_claimed_by_its_first_whole_message() -> None:
    for name, plain in (
        ("meta", message(content="x")), ("messenger_e2ee", {"senderName": "x", "timestamp": 1}),
    ):  # fmt: skip
        data = json.dumps({"messages": ["@@", {"x": 1}, plain]}).encode()
        data = data.replace(b'"@@"', b"tru, 17")
        claim = known_formats()[name].recognise(Head("x", data, len(data)))
        assert claim is not None

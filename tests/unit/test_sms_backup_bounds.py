# SPDX-License-Identifier: Apache-2.0
"""SMS Backup & Restore: damaged and hostile files, and what they may cost."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
import tracemalloc

import pytest

from phone_backups import FIXTURES, Memory, one, read
from standfast.model.event import EventBatch, Unreadable
from standfast.sources import Options, xml_window
from standfast.sources.formats.sms_backup import FORMAT


def test_declared_entities_are_refused_and_never_expanded() -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 30))
    data = f'<!DOCTYPE smses [<!ENTITY l0 "lol">{levels}]><smses><sms body="&l29;"/></smses>'
    rows = read(data.encode())
    assert rows[0]["unreadable"] == "forbidden_xml"
    assert rows[1]["text"] == "&l29;"


def test_a_message_inside_a_declaration_is_no_message() -> None:
    rows = read(b"<!DOCTYPE x [<!ENTITY a '<sms body=\"x\"/>'>]><smses></smses>")
    assert [row["unreadable"] for row in rows] == ["forbidden_xml"]


def test_an_unfinished_declaration_does_not_cost_the_messages() -> None:
    rows = read(b'<!DOCTYPE smses [ <!ENTITY <smses><sms body="kept"/></smses>')
    assert rows[0]["unreadable"] == "forbidden_xml"
    assert rows[1]["text"] == "kept"


def test_an_attachment_is_hashed_while_it_streams_by(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytes(range(256)) * 4096 * 8
    digits = base64.b64encode(data)
    xml = b'<smses><mms date="1709594000" msg_box="1"><parts><part ct="video/mp4" cl="v.mp4" data="'
    xml += digits + b'" /></parts></mms></smses>'
    monkeypatch.setattr(xml_window, "CHUNK", 1 << 16)
    tracemalloc.start()
    rows = read(xml)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    file = json.loads(rows[0]["attachments"])[0]
    assert (file["size"], file["name"]) == (len(data), "v.mp4")
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    assert peak < 2 << 20


@pytest.mark.parametrize("chunk", [7, 64, 1 << 18])
def test_line_breaks_within_base64_are_no_damage(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_window, "CHUNK", chunk)
    row = one('<mms date="1709594000"><part ct="a/b" data="QU&#10;JD&#xA;RA\n=="/></mms>')
    assert json.loads(row["attachments"])[0]["sha256"] == hashlib.sha256(b"ABCD").hexdigest()


@pytest.mark.parametrize("digits", ["AAA", "A===", "AA==AAAA", "AA&lt;A", "AAAA&", "AA*A"])
def test_damaged_base64_is_no_attachment_and_is_told(digits: str) -> None:
    rows = read(
        f'<smses><mms date="1709594000"><part ct="a/b" data="{digits}"/></mms></smses>'.encode()
    )
    assert json.loads(rows[0]["attachments"]) == [{"media_type": "a/b", "state": "missing"}]
    assert rows[1]["remark"] == "damaged_attachment"


@pytest.mark.parametrize("size", [9 << 20, 40 << 20])
def test_an_attribute_longer_than_the_limit_costs_only_its_element(size: int) -> None:
    data = b'<smses><sms body="' + b"a" * size + b'"/><sms body="next"/></smses>'
    rows = read(data)
    assert rows[0]["unreadable"] == "too_large"
    assert rows[1]["text"] == "next"


def test_a_long_text_within_the_limit_is_read() -> None:
    assert (
        len(read(b'<smses><sms body="' + b"a" * (7 << 20) + b'"/></smses>')[0]["text"]) == 7 << 20
    )


def test_more_parts_than_the_limit_cost_only_their_message() -> None:
    data = b'<smses><mms date="1">' + b"<part/>" * 10_001 + b'</mms><sms body="next"/></smses>'
    rows = read(data)
    assert rows[0]["unreadable"] == "too_large"
    assert rows[1]["text"] == "next"


def test_more_attributes_than_the_limit_cost_only_their_element() -> None:
    run = " ".join(f'a{i}="1"' for i in range(300))
    rows = read(f'<smses><sms {run}/><sms body="next"/></smses>'.encode())
    assert rows[0]["unreadable"] == "broken_xml"
    assert rows[1]["text"] == "next"


def test_deep_nesting_of_unknown_elements_is_one_unreadable_stretch() -> None:
    rows = read(b"<smses>" + b"<a>" * 100_000 + b'<sms body="next"/></smses>')
    assert [row.get("unreadable") for row in rows[:2]] == ["unknown_entry", None]
    assert rows[1]["text"] == "next"


def test_a_file_cut_between_two_messages_is_told() -> None:
    rows = read(b'<smses><sms body="a"/>\n')
    assert [row.get("remark") for row in rows] == [None, "cut_off", "undated"]


def test_locators_name_the_member_of_an_archive() -> None:
    data = b'<smses>x<sms body="a"/></smses>'
    found = list(FORMAT.read(Memory(data, path="b.zip!/sms.xml"), Options()))
    paths = {
        item.columns["path"]
        if isinstance(item, EventBatch)
        else item.locator.path
        if isinstance(item, Unreadable)
        else item.path
        for item in found
    }
    assert paths == {"b.zip!/sms.xml"}


def test_an_empty_file_has_nothing_in_it() -> None:
    assert read(b"") == []


def test_many_messages_come_in_bounded_batches() -> None:
    data = b"<smses>" + b'<sms body="a"/>' * 10_000 + b"</smses>"
    rows = [
        found.rows
        for found in FORMAT.read(Memory(data), Options())
        if isinstance(found, EventBatch)
    ]
    assert (sum(rows), max(rows)) == (10_000, 4096)
    data = b"<smses>" + (b'<sms body="' + b"a" * (3 << 20) + b'"/>') * 12 + b"</smses>"
    rows = [
        found.rows
        for found in FORMAT.read(Memory(data), Options())
        if isinstance(found, EventBatch)
    ]
    assert (sum(rows), max(rows)) == (12, 3)


def test_another_closing_tag_breaks_a_message() -> None:
    rows = read(b'<smses><sms body="a"></call><sms body="b"/></smses>')
    assert [row.get("unreadable", row.get("text")) for row in rows[:2]] == ["broken_xml", "b"]


def test_a_comment_inside_a_multimedia_message_changes_nothing() -> None:
    row = one('<mms date="1709594000"><!-- <part/> --><part ct="text/plain" text="a"/></mms>')
    assert row["text"] == "a"


@pytest.mark.parametrize("end", [b"", b'<sms body="kept"/>'])
def test_an_attachment_that_never_ends_costs_only_its_message(end: bytes) -> None:
    rows = read(b'<smses><mms><part data="' + b"A" * 200_000 + end)
    assert rows[0]["unreadable"] == ("broken_xml" if end else "cut_off")
    assert [row["text"] for row in rows if "text" in row] == (["kept"] if end else [])


def test_what_follows_a_long_attachment_is_read_too() -> None:
    data = b"A" * 200_000
    row = one(f'<mms date="1709594000"><part ct="a/b" data="{data.decode()}" cl="n"/><addr/></mms>')
    assert json.loads(row["attachments"])[0]["name"] == "n"
    rows = read(b'<smses><mms><part data="' + data + b'" data="A"/></mms><sms body="b"/></smses>')
    assert rows[0]["unreadable"] == "broken_xml"


def test_a_long_text_part_is_no_attachment() -> None:
    text = "a" * 200_000
    assert one(f'<mms date="1"><part ct="text/plain" text="{text}"/></mms>')["text"] == text


def test_a_part_longer_than_the_limit_costs_only_its_message() -> None:
    rows = read(
        b'<smses><mms><part text="' + b"a" * (9 << 20) + b'"/></mms><sms body="b"/></smses>'
    )
    assert [row.get("unreadable", row.get("text")) for row in rows[:2]] == ["too_large", "b"]


def test_more_orders_of_attributes_than_are_remembered_are_read_all_the_same() -> None:
    data = "".join(f'<sms a{i}="1" body="{i}"/>' for i in range(300))
    rows = read(f"<smses>{data}</smses>".encode())
    assert [row["text"] for row in rows if "text" in row] == [str(i) for i in range(300)]


def test_a_replacement_sign_that_is_written_is_not_counted_as_damage() -> None:
    pair = "\ud83d\ude00".encode("utf-8", "surrogatepass")
    rows = read(b'<smses><sms body="' + pair + "\ufffd &#65;".encode() + b'"/></smses>')
    assert rows[0]["text"] == "😀\ufffd A"
    assert "replaced_characters" not in [row.get("remark") for row in rows]


@pytest.mark.parametrize(
    "piece",
    [
        *(
            b"<!--",
            b"<sms/><!--",
            b"<?",
            b"<!DOCTYPE[",
            b'<sms a="',
            b"<mms><part ",
            b"<mms>",
            b"<",
        ),
        *(b"<sms", b"<sms body='&#", b"<mms><part data='A", b"\0", b" ", b"<a b=''>", b"</mms>"),
        *(b"<!--<sms ", b"<smses count='9'>", b"</smses>", b"<!DOCTYPE x><!--"),
    ],
)
def test_reading_takes_time_in_step_with_the_size(piece: bytes) -> None:
    began = time.process_time()
    read(b"<smses>" + piece * ((1 << 18) // len(piece)))
    assert time.process_time() - began < 4


class Slow(io.BytesIO):
    """A stream that gives a few bytes at a time, as a pipe may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 100))


def test_a_stream_may_give_fewer_bytes_than_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (FIXTURES / "messages.xml").read_bytes()
    whole = read(data)
    monkeypatch.setattr(Memory, "open", lambda source: Slow(source.data))
    assert read(data) == whole


def test_an_encoding_nobody_knows_is_read_as_utf8() -> None:
    rows = read(b'<?xml version="1.0" encoding="x-none"?><smses><sms body="\xc3\xbc"/></smses>')
    assert rows[0]["text"] == "\u00fc"
    rows = read(b'<smses><sms body="\xc3\xbc"/></smses>', Options(encoding="rot13"))
    assert rows[0]["text"] == "\u00fc"


def test_a_pair_and_a_reference_in_one_tag_are_both_read() -> None:
    lone = "\ud83d".encode("utf-8", "surrogatepass")
    rows = read(b'<smses><sms body="' + lone + b'"/></smses>')
    assert rows[0]["text"] == "\ufffd"
    assert "replaced_characters" in [row.get("remark") for row in rows]


def test_half_a_character_at_the_end_is_unreadable() -> None:
    rows = read("<smses></smses>".encode("utf-16-le") + b" ")
    assert rows == [{"unreadable": "cut_off", "span": [30, 31]}]


@pytest.mark.parametrize("chunk", [2, 6, 1 << 18])
def test_loose_words_in_a_wide_file_are_unreadable_to_the_byte(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xml_window, "CHUNK", chunk)
    data = ("\ufeff" + "жя😀a" * 300 + '<sms body="ж"/>').encode("utf-16-le")
    rows = read(data)
    assert rows[0] == {"unreadable": "broken_xml", "span": [2, 2 + 300 * 10]}
    assert (rows[1]["text"], rows[1]["start"]) == ("ж", 2 + 300 * 10)


def test_white_space_may_be_as_long_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_window, "CHUNK", 100)
    assert read(b" \n" * 1000 + b'<smses><sms body="a"/></smses>')[0]["start"] == 2007


def test_a_byte_that_is_in_no_table_is_replaced() -> None:
    rows = read(b'<smses><sms body="a\x81"/></smses>', Options(encoding="cp1252"))
    assert rows[0]["text"] == "a\ufffd"

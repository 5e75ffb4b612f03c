# SPDX-License-Identifier: Apache-2.0
"""SMS Backup & Restore: the fixtures' golden readings, and every field of the format."""

from __future__ import annotations

import hashlib
import json

import pytest

from phone_backups import FIXTURES, native, one, read, sms
from standfast.sources import Head, Options
from standfast.sources.formats.sms_backup import FORMAT
from standfast.sources.phone_rows import COLUMNS
from standfast.sources.tables import SCHEMA, compact


@pytest.mark.parametrize("name", ["messages", "calls", "damaged"])
def test_a_fixture_reads_as_its_golden_file_says(name: str) -> None:
    golden = FIXTURES / f"{name}.json"
    rows = read((FIXTURES / f"{name}.xml").read_bytes(), Options(zone="Europe/Berlin"))
    assert rows == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["messages", "calls", "damaged"])
def test_every_span_is_exactly_its_element(name: str) -> None:
    data = (FIXTURES / f"{name}.xml").read_bytes()
    for row in read(data):
        if "start" in row:
            element = data[row["start"] : row["end"]]
            assert element.startswith((b"<sms ", b"<mms ", b"<call "))
            assert element.endswith((b"/>", b"</mms>", b"</sms>", b"</call>"))


@pytest.mark.parametrize("name", ["messages", "calls"])
def test_a_backup_is_recognised_by_its_root(name: str) -> None:
    data = (FIXTURES / f"{name}.xml").read_bytes()
    claim = FORMAT.recognise(Head("anything.txt", data, len(data)))
    assert claim is not None
    assert claim.confidence == 95


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_backup_is_recognised_in_every_encoding(encoding: str) -> None:
    data = "<?xml version='1.0'?><!-- a --><smses count='0'/>".encode(encoding)
    assert FORMAT.recognise(Head("x", data, len(data))) is not None


@pytest.mark.parametrize(
    "data", [b"", b"<html><smses>", b"a chat about <smses count", b"<smsesx>", b"<!-- <smses> -->"]
)
def test_what_only_mentions_a_backup_is_not_recognised(data: bytes) -> None:
    assert FORMAT.recognise(Head("sms.xml", data, len(data))) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xDE00;", "😀"),
        ("&#128512; &#x1F600;", "😀 😀"),
        ("&#55357;", "\ufffd"),
        ("&#56832;&#55357;", "\ufffd\ufffd"),
        ("a&#0;b", "a\ufffdb"),
        ("&#1114112;", "\ufffd"),
        ("&amp;lt; &amp;#65;", "&lt; &#65;"),
        ("&lol; &nbsp;", "&lol; &nbsp;"),
        ("AT&T > x", "AT&T > x"),
        ("two&#10;lines", "two\nlines"),
        ("raw\nline\ttab", "raw\nline\ttab"),
        ("\x01\x1b[31m", "\x01\x1b[31m"),
        ("null", None),
        ("", None),
    ],
)
def test_a_text_is_the_characters_it_stands_for(written: str, meant: str | None) -> None:
    assert sms(body=written).get("text") == meant


def test_the_same_bytes_of_other_makers_are_read_too() -> None:
    cesu = "a😀".encode("utf-16-le").decode("utf-16-le")
    pair = "".join(chr(0xD800 + i) for i in (0x3D, 0x600)).encode("utf-8", "surrogatepass")
    data = b'<smses><sms date="1709593625123" type="1" body="a' + pair + b'"/></smses>'
    assert read(data)[0]["text"] == cesu


def test_bytes_that_are_no_utf8_are_replaced_and_counted() -> None:
    rows = read(b'<smses><sms date="1709593625123" type="1" body="M\xfcde\x00"/></smses>')
    assert rows[0]["text"] == "M\ufffdde\ufffd"
    assert rows[1]["remark"] == "replaced_characters"


def test_a_declared_single_byte_encoding_is_used() -> None:
    data = (
        b'<?xml version="1.0" encoding="ISO-8859-1"?><smses><sms type="1" body="M\xfcde"/></smses>'
    )
    assert read(data)[0]["text"] == "Müde"
    assert read(data[43:], Options(encoding="cp1252"))[0]["text"] == "Müde"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf16_reads_the_same_and_its_spans_are_those_of_the_original(
    encoding: str, mark: str
) -> None:
    text = (FIXTURES / "messages.xml").read_text(encoding="utf-8").replace("know", "😀ж")
    data = (mark + text).encode(encoding)
    plain, wide = read(text.encode()), read(data)
    assert len(plain) == len(wide)
    for one_, other in zip(plain, wide, strict=True):
        if "start" in one_:
            element = data[other["start"] : other["end"]].decode(encoding)
            assert element.encode() == text.encode()[one_["start"] : one_["end"]]
        assert {**one_, "start": 0, "end": 0} == {**other, "start": 0, "end": 0}


def test_a_wall_clock_is_utc_until_somebody_names_a_zone() -> None:
    row = sms()
    assert (row["wall"], row["zone"], row["zone_basis"]) == (row["utc"], "UTC", "epoch")
    assert row["utc"] == 1709593625123000


@pytest.mark.parametrize(
    "date", ["0", "-5", "", "null", "soon", "4133980800000", "1_000", "9" * 40]
)
def test_an_impossible_date_leaves_the_message_and_is_told(date: str) -> None:
    rows = read(f'<smses><sms address="a" date="{date}" type="1" body="b"/></smses>'.encode())
    assert "wall" not in rows[0]
    assert "utc" not in rows[0]
    assert rows[0]["precision"] == "none"
    assert native(rows[0])["date"] == date
    assert rows[1]["remark"] == "undated"


@pytest.mark.parametrize(
    ("date", "utc", "precision"),
    [
        ("1709594000", 1709594000000000, "s"),
        ("1709594000123", 1709594000123000, "ms"),
        ("1709594000000", 1709594000000000, "s"),
    ],
)
def test_a_multimedia_date_may_count_seconds(date: str, utc: int, precision: str) -> None:
    row = one(f'<mms date="{date}" msg_box="1" address="a"/>')
    assert (row["utc"], row["precision"]) == (utc, precision)


@pytest.mark.parametrize(
    ("box", "direction", "state", "detail"),
    [
        ("1", "in", None, None),
        ("2", "out", None, None),
        ("3", "out", "draft", None),
        ("4", "out", None, "outbox"),
        ("5", "out", "failed", None),
        ("6", "out", None, "queued"),
        ("7", "unknown", None, None),
    ],
)
def test_each_box_says_direction_and_state(
    box: str, direction: str, state: str | None, detail: str | None
) -> None:
    for row in (sms(type=box), one(f'<mms date="1709594000" msg_box="{box}" address="a"/>')):
        assert (row["direction"], row.get("state"), row.get("detail")) == (direction, state, detail)


def test_an_unknown_type_stays_as_it_is_written() -> None:
    assert native(sms(type="77"))["type"] == "77"


def test_a_message_from_the_place_holder_is_ones_own() -> None:
    row = one(
        '<mms date="1709594000" msg_box="9" address="a~b"><addrs>'
        '<addr address="insert-address-token" type="137"/></addrs></mms>'
    )
    assert (row["direction"], row["recipients"]) == ("out", '["a","b"]')


def test_native_is_written_as_json_is_written_everywhere() -> None:
    row = sms(
        contact_name="R &quot;V&quot; \u00fc\u2028", sub_id="2", date_sent="5", type="x", date="0"
    )
    assert row["native"] == compact(native(row))
    assert native(row)["contact_name"] == 'R "V" \u00fc\u2028'


def test_the_columns_are_those_of_the_one_table() -> None:
    assert set(COLUMNS) <= set(SCHEMA.names)


def test_a_count_that_is_not_true_is_told() -> None:
    rows = read(b'<smses count="5"><sms date="1709593625123" type="1"/></smses>')
    assert rows[1]["remark"] == "count_differs"
    assert "5" in rows[1]["detail"]
    assert "1" in rows[1]["detail"]


def test_a_card_written_as_text_is_an_attachment_with_its_hash() -> None:
    row = one('<mms date="1709594000"><part ct="text/x-vCard" name="r.vcf" text="BEGIN"/></mms>')
    assert json.loads(row["attachments"])[0] == {
        "name": "r.vcf",
        "state": "present",
        "media_type": "text/x-vcard",
        "sha256": hashlib.sha256(b"BEGIN").hexdigest(),
        "size": 5,
    }

# SPDX-License-Identifier: Apache-2.0
"""The original bytes of an event of every format, and the pictures it names, drawn anew."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from desk_case import CHAT, LETTER, make, put
from standfast.desk import originals
from standfast.desk.originals import AROUND, MOST_BYTES, Peeker, original
from standfast.desk.picturing import picture
from standfast.errors import WrongUsage

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import Desk
    from standfast.timeline.query import Row


def drawing(colour: str = "red", size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


PHOTO = drawing()
DIGITS = base64.b64encode(PHOTO).decode()
SENT = f"<attached: {'00000012-PHOTO-2024-03-14-09-07-00.jpg'}>"
IOS = f"""\
[14/03/2024, 09:05:00] Mira: hello
[14/03/2024, 09:06:00] Alex: there you are
[14/03/2024, 09:07:00] Alex: \u200e{SENT}
[15/03/2024, 23:40:00] Alex: look at it
[16/03/2024, 23:40:00] Alex: \u200eimage omitted
[17/03/2024, 23:40:00] Alex: \u200e<attached: 00000013-PHOTO-2024-03-17-09-07-00.jpg>
"""
SMS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<smses count="2">\n'
    '  <sms address="+447700900123" date="1710407100000" type="1" body="caf\u00e9 at nine?" />\n'
    '  <mms address="+447700900123" date="1710407200000" msg_box="1" ct_t="x">\n'
    f'    <parts><part seq="0" ct="image/jpeg" cl="door.jpg" data="{DIGITS}" /></parts>\n'
    '    <addrs><addr address="+447700900123" type="137" /></addrs>\n  </mms>\n</smses>\n'
)
WITH_FILE = b"""\
From: Alex <alex@example.org>
To: mira@example.net
Subject: a picture
Date: Sat, 16 Mar 2024 11:00:00 +0100
Message-ID: <2@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="x"

--x
Content-Type: text/plain

See what I found.
--x
Content-Type: image/jpeg; name="found.jpg"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="found.jpg"

%s
--x--
""" % base64.encodebytes(PHOTO)
MBOX = b"".join(
    b"From alex@example.org Sat Mar 16 10:00:00 2024\n" + mail + b"\n"
    for mail in (LETTER, WITH_FILE)
)


def zipped(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def case(folder: Path, *files: tuple[str, str | bytes]) -> Desk:
    desk = make(folder / "case")
    desk.add([put(folder, name, data) for name, data in files])
    return desk


def with_text(desk: Desk, text: str) -> Row:
    (row,) = [row for row in desk.events() if text in row.text]
    return row


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("chat.txt", CHAT.encode(), "please do not write"),
        ("chat.txt", b"\xef\xbb\xbf" + CHAT.encode(), "I know you read this"),
        ("chat.txt", CHAT.encode("utf-16"), "please do not write"),
        ("sms.xml", SMS.encode(), "at nine?"),
        ("sms.xml", SMS.encode("utf-16"), "at nine?"),
        ("letter.eml", LETTER, "I will wait"),
        ("mails.mbox", MBOX, "I will wait"),
        ("mails.mbox", MBOX, "See what I found"),
    ],
)
def test_the_bytes_of_an_event_are_those_of_its_span(
    tmp_path: Path, name: str, data: bytes, text: str
) -> None:
    with case(tmp_path, (name, data)) as desk:
        view = original(desk, with_text(desk, text).event)
        start, end = view.locator.start, view.locator.end
        assert (view.item, view.name, view.size) == (1, name, len(data))
        assert view.sha256 == hashlib.sha256(data).hexdigest()
        assert view.own.data == data[start:end]
        assert view.before.data == data[max(0, start - AROUND) : start]
        assert view.after.data == data[end : end + AROUND]
        assert text in view.own.text
        assert (view.own.exact, view.left, view.sentence) == (True, 0, "")


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_of_an_archive_is_opened_in_the_worker(tmp_path: Path, compression: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("a/_chat.txt", IOS)
    inner, data = out.getvalue(), zipped({"x.bin": b"x", "deep.zip": out.getvalue()})
    with case(tmp_path, ("chat.zip", inner), ("outer.zip", data)) as desk, Peeker() as peeker:
        for event in [with_text(desk, "there you are").event]:
            view = original(desk, event, peeker)
            assert view.own.data.decode().endswith("Alex: there you are\n")
            assert view.before.data == b"[14/03/2024, 09:05:00] Mira: hello\n"
            assert (view.locator.path, view.media_type) == ("a/_chat.txt", "text/plain")
            assert view.also == (f"{hashlib.sha256(data).hexdigest()[:12]}-1",)
            assert original(desk, event) == view
            assert original(desk, view.also[0]) == view
        desk.erase(1, "wrong file")
        view = original(desk, view.also[0], peeker)
        assert view.locator.path == "deep.zip!/a/_chat.txt"
        assert "there you are" in view.own.text


def test_what_hides_is_spelled_and_what_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    chat = CHAT.replace("answer me\n", "answ\u202eer me\n", 1).encode()
    chat = chat.replace(b"I can wait", b"I c\xffn wait")
    with case(tmp_path, ("chat.txt", chat)) as desk:
        turned = original(desk, with_text(desk, "\u202e").event)
        assert "answ[U+202E]er me" in turned.own.text
        assert turned.own.exact
        broken = next(row for row in desk.events() if "n wait" in row.text)
        view = original(desk, broken.event)
        assert (view.own.exact, "I c\\xffn wait" in view.own.text) == (False, True)


def test_a_character_cut_by_the_window_is_no_broken_one(tmp_path: Path) -> None:
    long = "\u20ac" * AROUND
    chat = CHAT.replace("answer me\n", f"{long}\n", 1).replace("I can wait", f"wait {long} end")
    with case(tmp_path, ("chat.txt", chat)) as desk:
        for text in ("answer me", "I know you read this"):
            view = original(desk, with_text(desk, text).event)
            assert len(view.before.data) == AROUND
            assert view.before.exact
            assert view.after.exact


def test_of_a_very_long_event_the_beginning_is_shown_and_the_rest_counted(tmp_path: Path) -> None:
    long = "\u20ac" * MOST_BYTES
    with case(tmp_path, ("chat.txt", CHAT.replace("I can wait", long))) as desk:
        view = original(desk, with_text(desk, long[:100]).event)
        assert (len(view.own.data), view.own.exact) == (MOST_BYTES, True)
        assert view.left == view.locator.end - view.locator.start - MOST_BYTES > 0
        assert view.after.data == b""


def test_a_picture_is_the_whole_original_and_is_drawn_anew(tmp_path: Path) -> None:
    with case(tmp_path, ("IMG_1.jpg", PHOTO)) as desk, Peeker() as peeker:
        (row,) = desk.events()
        view = desk.original(row.event)
        assert (view.own.data, view.own.exact, view.media_type) == (PHOTO, False, "image/jpeg")
        for found in (
            desk.picture(row.event),
            picture(desk, item=1, peeker=peeker),
            picture(desk, row.event, peeker=peeker),
        ):
            assert (found.name, found.width, found.height) == ("IMG_1.jpg", 40, 20)
            assert found.png.startswith(b"\x89PNG")
            assert found.sentence == ""


def test_what_a_person_wrote_down_has_no_original(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        number = desk.incident("He stood at the gate.", "2024-03-14")
        view = original(desk, f"entry-{number}")
        assert (view.item, view.own.data, bool(view.sentence)) == (0, b"", True)
        assert picture(desk, f"entry-{number}").sentence == view.sentence
        for odd in ("entry-999", "nonsense"):
            with pytest.raises(WrongUsage):
                original(desk, odd)
        with pytest.raises(WrongUsage):
            picture(desk, item=7)
        with pytest.raises(WrongUsage):
            picture(desk, f"entry-{number}", attachment=0)


def test_a_picture_that_an_event_names_is_found_in_its_archive(tmp_path: Path) -> None:
    files = {"_chat.txt": IOS, "00000012-PHOTO-2024-03-14-09-07-00.jpg": PHOTO}
    with case(tmp_path, ("chat.zip", zipped(files))) as desk, Peeker() as peeker:
        rows = {
            json.loads(row.attachments)[0]["state"]: row for row in desk.events() if row.attachments
        }
        assert set(rows) == {"present", "omitted", "missing"}
        found = picture(desk, rows["present"].event, attachment=0, peeker=peeker)
        assert (found.name, found.width) == ("00000012-PHOTO-2024-03-14-09-07-00.jpg", 40)
        for state in ("omitted", "missing"):
            found = picture(desk, rows[state].event, attachment=0, peeker=peeker)
            assert (found.png, bool(found.sentence)) == (b"", True)
        with pytest.raises(WrongUsage):
            picture(desk, rows["present"].event, attachment=1)
        chat = picture(desk, rows["present"].event, peeker=peeker)
        assert "cannot be shown as a picture" in chat.sentence
        again = picture(desk, rows["present"].event, attachment=0, peeker=peeker)
        assert again.png


def test_a_picture_that_an_event_names_is_found_in_its_folder(tmp_path: Path) -> None:
    name = "00000012-PHOTO-2024-03-14-09-07-00.jpg"
    put(tmp_path / "chat", "_chat.txt", IOS)
    put(tmp_path / "chat", name, PHOTO)
    put(tmp_path / "other", name, drawing("blue", (5, 5)))
    with make(tmp_path / "case") as desk:
        desk.add([tmp_path / "other", tmp_path / "chat"])
        row = next(row for row in desk.events() if name in row.attachments)
        found = picture(desk, row.event, attachment=0)
        assert (found.width, found.height) == (40, 20)
        there = next(
            item
            for item in desk.state.items.values()
            if item.folder == "chat" and item.name == name
        )
        desk.erase(there.number, "not mine")
        assert "erased" in picture(desk, row.event, attachment=0).sentence
        assert "erased" in picture(desk, item=there.number).sentence


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("sms.xml", SMS.encode(), "door.jpg"),
        ("sms.xml", SMS.encode("utf-16"), "door.jpg"),
        ("mails.mbox", MBOX, "found.jpg"),
        ("mail.eml", WITH_FILE, "found.jpg"),
        ("mails.zip", zipped({"a.mbox": MBOX}), "found.jpg"),
    ],
)
def test_a_picture_within_an_event_is_found_by_its_digest(
    tmp_path: Path, name: str, data: bytes, text: str
) -> None:
    with case(tmp_path, (name, data)) as desk:
        (row,) = [row for row in desk.events() if row.attachments]
        found = picture(desk, row.event, attachment=0)
        assert (found.name, found.width, found.height) == (text, 40, 20)


def test_an_original_that_is_gone_or_broken_is_said_to_be(tmp_path: Path) -> None:
    files = (("chat.txt", CHAT), ("chat.zip", zipped({"_chat.txt": IOS})))
    with case(tmp_path, *files) as desk, Peeker() as peeker:
        plain, packed = with_text(desk, "I can wait").event, with_text(desk, "look at it").event
        blobs = [
            path
            for path in (tmp_path / "case").rglob("*")
            if path.is_file() and path.stat().st_size
        ]
        for path in blobs:
            if "blobs" in path.parts or "items" in path.parts or "originals" in path.parts:
                path.write_bytes(path.read_bytes()[:-1] + b"\0")
        assert "standfast verify" in original(desk, plain, peeker).sentence
        assert original(desk, packed, peeker).own.data == b""
        assert original(desk, packed, peeker).sentence


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"pointer": "/messages/3"}, "/messages/3"),
        ({"row": 7}, "row 7 of a table"),
        ({}, "as a whole"),
    ],
)
def test_an_event_that_is_no_run_of_bytes_is_told_by_its_row_or_pointer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: dict[str, Any], told: str
) -> None:
    with case(tmp_path, ("chat.txt", CHAT)) as desk:
        row = replace(desk.events()[0], start=-1, end=-1, **place)
        monkeypatch.setattr(originals, "row_of", lambda _desk, _event: row)
        view = original(desk, row.event)
        assert (view.own.data, told in view.sentence, view.item) == (b"", True, 1)


@pytest.mark.parametrize(
    ("stated", "data", "read_as"),
    [
        ("cp1252", CHAT.replace("wait", "w\u00e4it").encode("cp1252"), "cp1252"),
        ("UTF-16", CHAT.replace("wait", "w\u00e4it").encode("utf-16-le"), "utf-16-le"),
        ("no such", CHAT.replace("wait", "w\u00e4it").encode(), "utf-8"),
    ],
)
def test_a_text_is_read_in_the_encoding_that_was_stated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: str, data: bytes, read_as: str
) -> None:
    with case(tmp_path, ("chat.txt", data), ("other.txt", CHAT)) as desk:
        item = next(iter(desk.state.items.values()))
        wanted = replace(with_text(desk, "I can wait"), item=item.sha256, start=0, end=len(data))
        monkeypatch.setattr(originals, "row_of", lambda _desk, _event: wanted)
        reading = replace(desk.state.readings[item.sha256], options={"encoding": stated})
        monkeypatch.setitem(desk.state.readings, item.sha256, reading)
        view = original(desk, wanted.event)
        assert (view.encoding, view.own.exact) == (read_as, True)
        assert "I can w\u00e4it" in view.own.text

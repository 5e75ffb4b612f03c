# SPDX-License-Identifier: Apache-2.0
"""What the WhatsApp format decides, what it leaves open, and what it refuses."""

from __future__ import annotations

import io
import json
from typing import Any, BinaryIO

import pytest

from standfast.model.times import iso_utc, iso_wall
from standfast.sources import Head, Neighbour, Options, known_formats
from standfast.sources.formats.whatsapp import FORMAT
from standfast.sources.whatsapp_text.pieces import LONGEST_MESSAGE
from standfast.sources.whatsapp_text.recognition import title_of
from standfast.sources.whatsapp_text.words import clock
from whatsapp_source import Held, accounted, read, recognised

LRM = "\u200e"


def days(text: str, **answers: str) -> list[str]:
    return [iso_wall(row["wall"])[:10] for row in read(text, **answers).rows]


def dated(*dates: str) -> str:
    return "".join(f"{date}, 09:05 - Robin Sample: one\n" for date in dates)


def test_the_format_is_found_by_its_id() -> None:
    assert known_formats()["whatsapp"] is FORMAT


def test_a_date_with_two_readings_keeps_both_and_asks() -> None:
    reading = read(dated("03/04/24", "05/04/24"), zone="Europe/Berlin")
    assert [iso_wall(row["wall_other"])[:10] for row in reading.rows] == [
        "2024-03-04",
        "2024-05-04",
    ]
    assert [row["utc"] for row in reading.rows] == [None, None]
    question = reading.questions["date_order"]
    assert question.choices == ("dmy", "mdy")
    assert question.examples == ("2024-04-03", "2024-03-04")


def test_both_readings_are_kept_however_many_dates_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = dated("03/04/24", "05/05/24", "05/06/24", "07/07/24", "08/09/24")
    whole = read(text)
    monkeypatch.setattr("standfast.sources.whatsapp_text.clock.CACHED", 1)
    assert read(text).rows == whole.rows
    assert sum(row["wall_other"] is not None for row in whole.rows) == 3


@pytest.mark.parametrize(
    ("order", "expected"),
    [("dmy", ["2024-04-03"]), ("mdy", ["2024-03-04"]), ("ymd", ["2003-04-24"])],
)
def test_the_answer_decides(order: str, expected: list[str]) -> None:
    reading = read(dated("03/04/24"), date_order=order)
    assert days(dated("03/04/24"), date_order=order) == expected
    assert "date_order" not in reading.questions


def test_the_answer_never_makes_a_day_that_does_not_exist() -> None:
    reading = read(dated("25/04/24", "03/04/24"), date_order="mdy")
    assert [each.reason for each in reading.unreadable] == ["impossible_date"]
    assert [iso_wall(row["wall"])[:10] for row in reading.rows] == ["2024-03-04"]


def test_dots_and_german_words_decide_nothing() -> None:
    assert "date_order" in read("03.04.24, 09:05 - Robin Muster: Guten Morgen\n" * 3).questions


def test_consecutive_days_in_both_orders_decide_nothing() -> None:
    assert "date_order" in read(dated("3/4/24", "3/5/24", "3/6/24", "3/7/24")).questions


def test_one_step_back_is_not_clear_evidence() -> None:
    assert "date_order" in read(dated("05/01/24", "02/02/24")).questions


def test_a_media_name_outweighs_what_the_components_say() -> None:
    text = dated("03/04/24", "13/04/24").replace(": one", ": IMG-20240304-WA0001.jpg (attached)", 1)
    reading = read(text)
    assert iso_wall(reading.rows[0]["wall"])[:10] == "2024-03-04"
    assert [each.reason for each in reading.unreadable] == ["impossible_date"]


def test_two_digit_years_that_stand_first_are_found_out() -> None:
    assert days(dated("24/3/5", "24/3/6", "24/3/17")) == ["2024-03-05", "2024-03-06", "2024-03-17"]


def test_two_digit_buddhist_years() -> None:
    assert days(dated("25/03/67")) == ["2024-03-25"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12:00 AM", "00:00:00"), ("12:00 PM", "12:00:00"), ("1:05 p. m.", "13:05:00"),
        ("1:05\u202fp.\u00a0m.", "13:05:00"), ("1:05 nachm.", "13:05:00"),
        ("0:08 a. m.", "00:08:00"),
        ("13:05 pm", "13:05:00"), ("下午1:05", "13:05:00"),
        ("晚上11:05", "23:05:00"),
        ("凌晨12:05", "00:05:00"), ("中午12:05", "12:05:00"), ("中午1:05", "13:05:00"),
        ("오전 9:05", "09:05:00"), ("午後0:05", "12:05:00"), ("9.05", "09:05:00"),
        ("٩:٠٥ م", "21:05:00"),
        ("9:05 μ.μ.", "21:05:00"), ("9:05 ÖS", "21:05:00"), ("14:05 ч.", "14:05:00"),
    ],
)  # fmt: skip
def test_clocks_of_many_languages(written: str, expected: str) -> None:
    reading = read(f"25/03/2024, {written} - Robin Sample: one\n")
    assert [iso_wall(row["wall"])[11:] for row in reading.rows] == [expected]


@pytest.mark.parametrize("written", ["25:00", "10:61", "24:00", "13:05 am"])
def test_a_time_that_does_not_exist_is_not_read(written: str) -> None:
    reading = read(f"25/03/2024, {written} - Robin Sample: one\n")
    assert [each.reason for each in reading.unreadable] == ["impossible_time"]
    assert not reading.rows


@pytest.mark.parametrize(
    ("zone", "wall", "utc", "mark"),
    [
        ("Europe/Berlin", "27/10/2024, 02:30", "2024-10-27T00:30:00Z", "fold"),
        ("Europe/Berlin", "31/03/2024, 02:30", "2024-03-31T01:30:00Z", "gap"),
        ("Europe/Berlin", "31/03/2024, 03:30", "2024-03-31T01:30:00Z", ""),
        ("Europe/Berlin", "30/03/2024, 12:00", "2024-03-30T11:00:00Z", ""),
        ("America/New_York", "03/11/2024, 01:30", "2024-11-03T05:30:00Z", "fold"),
        ("America/New_York", "10/03/2024, 02:30", "2024-03-10T07:30:00Z", "gap"),
        ("+05:30", "10/03/2024, 02:30", "2024-03-09T21:00:00Z", ""),
    ],
)
def test_the_hours_in_which_clocks_change(zone: str, wall: str, utc: str, mark: str) -> None:
    reading = read(f"{wall} - Robin Sample: one\n", zone=zone, date_order="dmy")
    row = reading.rows[0]
    assert iso_utc(row["utc"]) == utc
    assert row["native"] == (f'{{"clock":"{mark}"}}' if mark else "")
    assert (row["zone"], row["zone_basis"]) == (zone, "stated")
    assert "zone" not in reading.questions


def test_without_a_zone_there_is_no_utc_and_a_question() -> None:
    reading = read(dated("25/03/2024"))
    assert (reading.rows[0]["utc"], reading.rows[0]["zone_basis"]) == (None, "unknown")
    assert "zone" in reading.questions


def test_an_attachment_beside_the_export_is_found() -> None:
    text = "25/03/2024, 09:05 - Robin Sample: IMG-20240325-WA0001.jpg (file attached)\n"
    beside = {"IMG-20240325-WA0001.jpg": Neighbour("chat/IMG-20240325-WA0001.jpg", 9)}
    files: list[dict[str, Any]] = json.loads(
        read(Held(text.encode(), neighbours=beside)).rows[0]["attachments"]
    )
    assert files == [
        {
            "media_type": "image/jpeg",
            "name": "IMG-20240325-WA0001.jpg",
            "path": "chat/IMG-20240325-WA0001.jpg",
            "size": 9,
            "state": "present",
        }
    ]


@pytest.mark.parametrize(
    ("said", "attached"),
    [
        ("Brief.pdf (Datei angehängt)", True), ("IMG-20240325-WA0001.jpg (ein Wort)", True),
        (f"{LRM}Brief.pdf (noch ein Wort)", True),
        ("<Anhang: 00000001-PHOTO-2024-03-25-09-05-01.jpg>", True),
        (f"{LRM}<irgendwas: Brief.pdf>", True), ("Brief.pdf (finde ich gut)", False),
        ("<b: Brief.pdf>", False), ("see (this)", False),
    ],
)  # fmt: skip
def test_attachments_are_known_by_the_rule_for_any_language(said: str, *, attached: bool) -> None:
    row = read(f"25/03/2024, 09:05 - Robin Sample: {said}\n").rows[0]
    assert bool(row["attachments"]) is attached
    assert row["text"] == said


def test_a_threat_dressed_as_a_notice_stays_a_message() -> None:
    said = f"{LRM}You added nothing to my life and I will find you"
    row = read(f"[25/03/2024, 09:05:01] Robin Sample: {said}\n").rows[0]
    assert (row["kind"], row["sender"], row["text"]) == ("message", "Robin Sample", said)


def test_a_name_keeps_what_is_inside_and_loses_marks_at_its_ends() -> None:
    text = "25/03/2024, 09:05 - \u202a+1 202-555-\u200f0143\u202c: one\n"
    assert read(text).rows[0]["sender"] == "+1 202-555-\u200f0143"


def test_a_conversation_that_was_copied_into_a_message_stays_there() -> None:
    text = dated("25/03/2024") + "[25/03/24, 08:00:01] Kim Example: two\n" * 5 + dated("25/03/2024")
    assert [row["text"].count("Kim Example") for row in read(text).rows] == [5, 0]


def test_who_takes_part_is_asked_in_order_of_appearance() -> None:
    text = "".join(f"25/03/2024, 09:05 - Person {n}: hello\n" for n in range(60))
    people = read(text).questions["me"].choices
    assert people == tuple(f"Person {n}" for n in range(50))


@pytest.mark.parametrize("count", [39_999, 40_000, 40_001, 10_000, 10_001])
@pytest.mark.parametrize("notice", [True, False])
def test_an_export_at_the_cap_without_its_first_notice_was_cut(count: int, *, notice: bool) -> None:
    first = "25/03/2024, 09:05 - Messages and calls are end-to-end encrypted. Tap to learn more.\n"
    first = first.replace(
        "Tap to", "Only people in this chat can read, listen to, or share them. Tap to"
    )
    body = dated("25/03/2024") * (count - notice)
    found = [each.code for each in read((first if notice else "") + body).remarks]
    assert found == (["cut_start"] if not notice and (count >= 40_000 or count == 10_000) else [])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("WhatsApp Chat with Kim Example.txt", "Kim Example"), ("WhatsApp Chat - Kim.zip", "Kim"),
        ("WhatsApp-Chat mit Kim (2).txt", "Kim"), ("Chat de WhatsApp con Kim.txt", "Kim"),
        ("Чат WhatsApp с контактом Ким.txt", "Ким"), ("Chat WhatsApp s uživatelem Kim.txt", "Kim"),
        ("Discussion WhatsApp avec Kim.txt", "Kim"), ("_chat.txt", ""), ("notes.txt", ""),
    ],
)  # fmt: skip
def test_the_title_comes_from_the_name_of_the_file(name: str, title: str) -> None:
    assert title_of(name) == title


def test_the_title_of_a_bare_chat_comes_from_its_archive() -> None:
    original = Held(
        dated("25/03/2024").encode(), container="WhatsApp Chat - Kim.zip", path="_chat.txt"
    )
    row = read(original).rows[0]
    assert (row["conversation"], row["path"]) == ("Kim", "_chat.txt")


@pytest.mark.parametrize(
    "text",
    [
        "[12/03/24, 10:00:01] INFO: x\n[12/03/24, 10:00:02] ERROR: y\n",
        "[2024-03-12 10:00:01] local.ERROR: x\n[2024-03-12 10:00:02] local.INFO: y\n",
        "2024-03-12 10:00:01 - root - INFO - x\n2024-03-12 10:00:02 - root - INFO - y\n",
        "2024-03-12 10:00:01,123 - root - INFO - x\n" * 2,
        "12/03/24,10:00,Kim,hello\n13/03/24,10:00,Kim,hello\n",
        "12/03/24, 10:00 - 11:00, Dentist: bring card\n13/03/24, 10:00 - 11:00, Work: x\n",
        "From kim@example.org Tue Mar 12 10:00:00 2024\nDate: Tue, 12 Mar 2024\n\nhello\n" * 2,
        '<?xml version="1.0"?>\n<smses count="1"><sms date="1710234000000"/></smses>\n',
        "10/2024 - a month\n11/2024 - another\n",
        "12/03/24, 10:00 - one line alone: hello\n",
        "",
    ],
)
def test_what_only_looks_like_a_chat_is_not_claimed(text: str) -> None:
    assert recognised(text) is None


def test_one_line_is_enough_with_the_right_name() -> None:
    claim = recognised("12/03/24, 10:00 - Kim: hi\n", "WhatsApp Chat with Kim.txt")
    assert claim is not None
    assert claim.confidence == 99


def test_a_message_longer_than_any_is_cut_and_its_rest_is_accounted_for() -> None:
    head = "25/03/2024, 09:05 - Robin Sample: "
    text = head + "ü" * (3 * LONGEST_MESSAGE) + "\n" + dated("26/03/2024")
    reading = read(text)
    assert [each.reason for each in reading.unreadable] == ["too_large"]
    assert reading.rows[0]["end"] <= LONGEST_MESSAGE
    assert reading.rows[0]["text"] == "ü" * len(reading.rows[0]["text"])
    assert accounted(text, reading)


@pytest.mark.parametrize("excess", [-1, 0, 1, 2, 3, 50, 262_143, 262_144, 262_145, 2_000_000])
@pytest.mark.parametrize("letter", ["x", "ü", "😀"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
def test_the_limit_is_the_same_wherever_a_message_lies(
    excess: int, letter: str, line_break: str
) -> None:
    head = f"25/03/2024, 09:05 - Robin Sample: first{line_break}25/03/2024, 09:05 - Kim: "
    room = LONGEST_MESSAGE + excess - len("25/03/2024, 09:05 - Kim: " + line_break)
    body = letter * (room // len(letter.encode()))
    text = head + body + line_break + f"26/03/2024, 09:05 - Kim: last{line_break}"
    reading = read(text)
    assert accounted(text, reading)
    first, long, last = reading.rows
    assert (first["text"], last["text"]) == ("first", "last")
    size = len((head + body + line_break).encode()) - first["end"]
    whole = size <= LONGEST_MESSAGE
    assert [each.reason for each in reading.unreadable] == ([] if whole else ["too_large"])
    assert long["end"] - long["start"] <= LONGEST_MESSAGE
    cut = text.encode()[long["start"] : long["end"]].decode().removesuffix(line_break)
    assert cut.removeprefix("25/03/2024, 09:05 - Kim: ").rstrip("\r\n") == long["text"].rstrip("\r")


def test_only_the_line_break_is_taken_off_a_text() -> None:
    texts = [
        [
            row["text"]
            for row in read(f"25/03/2024, 09:05 - Kim: a{two}25/03/2024, 09:05 - Kim: b").rows
        ]
        for two in ("\n\n", "\r\r", "\r\n\r\n", "\n\r", "\r\n", "\r", "\n", " \n")
    ]
    assert [text[0] for text in texts] == ["a\n", "a\r", "a\r\n", "a\n", "a", "a", "a", "a "]


class Endless(io.RawIOBase):
    """One header and a line without an end, made while it is read."""

    def __init__(self, size: int) -> None:
        self.left, self.at = size, 0
        self.head = b"25/03/2024, 09:05 - Robin Sample: "

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, place: int, whence: int = 0) -> int:
        assert (place, whence) == (0, 0)
        self.at = 0
        return 0

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left - self.at)
        start, self.at = self.at, self.at + size
        return (self.head[start:] + b"x" * size)[:size]


def test_a_line_of_a_hundred_megabytes_is_passed_over() -> None:
    size = 100 << 20

    class Huge(Held):
        @property
        def size(self) -> int:
            return size

        def open(self) -> BinaryIO:
            return Endless(size)  # type: ignore[return-value] - a raw stream reads like a binary one

        def progress(self, done: int) -> None:
            assert done <= size

    reading = read(Huge(b""))
    assert reading.spans() == [(0, LONGEST_MESSAGE), (LONGEST_MESSAGE, size)]


def test_a_utf16_file_that_is_too_large_is_refused_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("standfast.sources.whatsapp_text.wide.LARGEST", 10)
    original = Held(("\ufeff" + dated("25/03/2024")).encode("utf-16-le"))
    reading = read(original)
    assert [each.reason for each in reading.unreadable] == ["bad_encoding"]
    assert accounted(original, reading)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_spans_of_a_utf16_file_cut_out_its_messages(encoding: str) -> None:
    text = "\ufeff" + "".join(f"25/03/2024, 09:05 - Kim: n {n} 😀é\n" for n in range(300))
    original = Held(text.encode(encoding) + b"\x00")
    reading = read(original)
    assert accounted(original, reading)
    for number, row in enumerate(reading.rows):
        cut = original.data[row["start"] : row["end"]].decode(encoding)
        assert cut == f"25/03/2024, 09:05 - Kim: n {number} 😀é\n"
        assert row["text"] == f"n {number} 😀é"


def test_a_stated_encoding_is_used() -> None:
    original = Held("25/03/2024, 09:05 - Kim: café\n".encode("latin-1"))
    assert read(original, encoding="latin-1").rows[0]["text"] == "café"
    assert read(original).rows[0]["native"] == '{"bytes":"invalid_utf8"}'


def test_empty_and_blank_files_hold_nothing_and_say_so() -> None:
    assert not read("").spans()
    assert [(each.start, each.end) for each in read("\n \r\n").framing] == [(0, 4)]
    assert [each.reason for each in read("hello\n").unreadable] == ["not_a_message"]


def test_every_marker_of_the_clock_is_known_to_one_language_only() -> None:
    known = [word for markers in clock().markers for word in markers.halves]
    assert len(known) == len(set(known))


def test_the_head_alone_decides_recognition() -> None:
    text = dated("25/03/2024") * 5_000
    head = Head("notes.txt", text.encode()[:65536], len(text))
    assert FORMAT.recognise(head) is not None
    assert list(FORMAT.read(Held(b""), Options())) == []

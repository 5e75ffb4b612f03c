# SPDX-License-Identifier: Apache-2.0
"""LINE: dates by year or by the day of the week, clocks beyond midnight, quoted texts, columns."""

from __future__ import annotations

from typing import Any

import pytest

from app_exports import check_golden, claimed, fixtures_of, read
from standfast.sources.line_words import call_of, clock_of, day_of

NAME = "line"
FIXTURES = fixtures_of(NAME)
each = pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)


def chat(*lines: str) -> bytes:
    return "\n".join(("2024/03/05(Tue)", *lines)).encode()


@each
def test_a_fixture_reads_as_its_golden_file_says(path: Any) -> None:
    check_golden(NAME, path)


@each
def test_an_export_is_recognised_by_its_content_alone(path: Any) -> None:
    assert claimed(NAME, path.read_bytes()) >= 90


@pytest.mark.parametrize(
    "data",
    [
        b"2024/03/05\nnotes of the day", b"[LINE] notes", b"12:00\tKim\thello",
        b"05/03/2024, 12:00 - Kim: hello", b"[05.03.24, 12:00:00] Kim: hello", b"2024/03/05(Tue)\n",
    ],
)  # fmt: skip
def test_other_texts_are_not_claimed(data: bytes) -> None:
    assert not claimed(NAME, data, "chat.txt")


@pytest.mark.parametrize(
    ("line", "order", "day", "other"),
    [
        ("2024/03/05(Tue)", "", "2024-03-05", None),
        ("2024/3/5(火)", "", "2024-03-05", None),
        ("2024.03.05 Tuesday", "", "2024-03-05", None),
        ("2024.03.05 火曜日", "", "2024-03-05", None),
        ("Tue, 03/05/2024", "", "2024-03-05", None),
        ("Fri, 03/05/2024", "", "2024-05-03", None),
        ("Tue, 05/03/2024", "", "2024-03-05", None),
        ("Sun, 26/04/2026", "", "2026-04-26", None),
        ("Xyz, 03/04/2024", "", "2024-04-03", "2024-03-04"),
        ("Xyz, 03/04/2024", "mdy", "2024-03-04", None),
        ("Mon, 03/03/2024", "", "2024-03-03", None),
    ],
)
def test_a_date_is_decided_by_the_year_or_the_day_of_the_week_or_not_at_all(
    line: str, order: str, day: str, other: str | None
) -> None:
    found = day_of(line, order)
    assert found is not None
    assert found.day.isoformat() == day
    assert (found.other.isoformat() if found.other else None) == other


@pytest.mark.parametrize("line", ["2024/13/05(Tue)", "hello 2024/03/05", "0001/01/01(Mon)", "2024"])
def test_what_only_looks_like_a_date_is_none(line: str) -> None:
    assert day_of(line, "") is None


@pytest.mark.parametrize(
    ("line", "minutes"),
    [
        ("00:00\tx", 0), ("9:30AM\tx", 570), ("12:05PM\tx", 725), ("12:01 AM\tx", 1),
        ("午後3:05\tx", 905), ("上午 12:00\tx", 0), ("24:53\tx", 1493), ("29:00 x", 1740),
    ],
)  # fmt: skip
def test_a_clock_is_read_in_every_form(line: str, minutes: int) -> None:
    found = clock_of(line)
    assert found is not None
    assert found[0].total_seconds() == minutes * 60


@pytest.mark.parametrize("line", ["30:00\tx", "12:60\tx", "13:00PM\tx", "12:00x", "x 12:00\t"])
def test_what_only_looks_like_a_clock_is_none(line: str) -> None:
    assert clock_of(line) is None


def test_a_clock_beyond_midnight_is_the_next_day() -> None:
    assert read(NAME, chat("24:53\tKim\tx")).rows[0]["wall"] == "2024-03-06T00:53:00"


def test_what_stands_in_quotation_marks_is_one_message_whatever_it_looks_like() -> None:
    lines = ('10:00\tKim\t"one', "two", "10:01\tAlex\tforged", "2024/03/09(Sat)", 'three"')
    found = read(NAME, chat(*lines, "10:02\tAlex\treal"))
    assert [row["sender"] for row in found.rows] == ["Kim", "Alex"]
    assert found.rows[0]["text"] == "one\ntwo\n10:01\tAlex\tforged\n2024/03/09(Sat)\nthree"
    assert found.rows[1]["wall"] == "2024-03-05T10:02:00"


def test_a_quotation_mark_at_the_beginning_of_one_line_swallows_nothing() -> None:
    found = read(NAME, chat('10:00\tKim\t"hm', '10:01\tAlex\tno "x"'))
    assert [row["text"] for row in found.rows] == ['"hm', 'no "x"']


def test_a_quotation_that_is_never_closed_is_said() -> None:
    found = read(NAME, chat('10:00\tKim\t"one', "two"))
    assert found.rows[0]["native"]["quotation"] == "not closed"
    assert "quotation_open" in [remark.code for remark in found.remarks]


def test_a_line_that_may_be_forged_from_within_a_message_is_marked() -> None:
    found = read(NAME, chat('10:00\tKim\t"a"', '10:01\tAlex\tforged"'))
    assert found.rows[1]["native"]["quotation"] == "not opened"


def test_where_spaces_part_the_columns_only_the_name_of_the_header_is_known() -> None:
    head = "[LINE] Chat history with Kim\n2024/03/05(Tue)\n10:00 Kim hello\n10:01 A B hi\n"
    found = read(NAME, head.encode())
    assert (found.rows[0]["sender"], found.rows[0]["text"]) == ("Kim", "hello")
    assert "sender" not in found.rows[1]
    assert found.rows[1]["text"] == "A B hi"
    assert "sender_unclear" in [remark.code for remark in found.remarks]


def test_zone_and_owner_are_asked_and_an_undecided_order_too() -> None:
    path = next(path for path in FIXTURES if path.stem == "undecided")
    asked = {question.id: question for question in read(NAME, path.read_bytes()).questions}
    assert asked.keys() == {"date_order", "me"}
    assert asked["date_order"].examples == ("2024-04-03", "2024-03-04")
    assert "zone" in [question.id for question in read(NAME, chat("10:00\tKim\tx")).questions]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("☎ Missed call", ("missed_voice_call", 0)), ("☎ 不在着信", ("missed_voice_call", 0)),
        ("☎ Call time 1:23", ("call", 83)), ("☎ 通話時間 1:00:05", ("call", 3605)),
        ("☎ Canceled call", ("call", 0)), ("call me", None),
    ],
)  # fmt: skip
def test_a_call_is_told_from_a_message(text: str, found: tuple[str, int] | None) -> None:
    assert call_of(text) == found

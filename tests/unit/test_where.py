# SPDX-License-Identifier: Apache-2.0
"""Which events fit a question, filter by filter; and where a search stands in a text."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from browsing_case import DAY, HOUR, MONDAY, event, fold, opened
from standfast.timeline.folding import JOINED, MOST_HITS, folded, hits
from standfast.timeline.memory import memory
from standfast.timeline.query import Where


def shown(where: Where, *rows: dict[str, object]) -> list[str]:
    """Give the texts of the events that fit."""
    with opened(rows) as timeline:
        view = timeline.view(where)
        assert view.total == timeline.count(where)
        return [row.text for row in view.rows(0, 100)]


ROWS = (
    event(channel="whatsapp", sender="a", text="a"),
    event(channel="sms", sender="a", text="b", kind="call"),
    event(channel="mail", sender="b", text="c", kind="mail"),
    event(channel="mail", sender="x", text="d", kind="mail"),
)


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        (Where(), "abcd"),
        (Where(channels=("sms", "mail")), "bcd"),
        (Where(channels=("nothing",)), ""),
        (Where(people=("Alex", "Kim")), "abc"),
        (Where(people=("Kim",), channels=("mail", "sms")), "c"),
        (Where(kinds=("call", "mail")), "bcd"),
        (Where(kinds=("call", "mail"), channel="sms"), "b"),
        (Where(person="Alex", people=("Kim",)), ""),
    ],
)
def test_several_channels_people_and_kinds(where: Where, wanted: str) -> None:
    assert shown(where, *ROWS) == list(wanted)


CLOCKS = tuple(event(wall=MONDAY + hour * HOUR, text=str(hour)) for hour in range(24))


@pytest.mark.parametrize(
    ("hours", "wanted"),
    [
        ((9, 11), [9, 10]),
        ((22, 2), [0, 1, 22, 23]),
        ((23, 24), [23]),
        ((0, 24), range(24)),
        ((6, 6), range(24)),
        ((0, 1), [0]),
    ],
)
def test_hours_run_over_midnight(hours: tuple[int, int], wanted: list[int]) -> None:
    assert shown(Where(hours=hours), *CLOCKS) == [str(hour) for hour in wanted]


def test_an_hour_is_asked_only_of_times_that_state_one() -> None:
    rows = [
        event(wall=MONDAY, precision=precision, text=precision)
        for precision in ("ms", "s", "min", "day", "none")
    ]
    unknown = event(wall=None, precision="none", text="unknown")
    assert shown(Where(hours=(0, 1)), *rows, unknown) == ["ms", "s", "min"]
    assert shown(Where(hours=(1, 24)), *rows, unknown) == []
    assert shown(Where(hours=(0, 24)), *rows, unknown) == ["ms", "s", "min"]


def test_an_ambiguous_time_fits_if_either_reading_does() -> None:
    either = event(wall=MONDAY + HOUR, wall_other=MONDAY + 2 * DAY + 5 * HOUR)
    for hour in range(24):
        assert len(shown(Where(hours=(hour, hour + 1)), either)) == (hour in {1, 5})
    for weekday in range(7):
        assert len(shown(Where(weekdays=(weekday,)), either)) == (weekday in {0, 2})


@pytest.mark.parametrize("week", [-3000, -1, 0, 1, 3000])
def test_a_weekday_is_that_of_the_wall_clock_in_every_century(week: int) -> None:
    rows = [event(wall=MONDAY + (7 * week + n) * DAY + 23 * HOUR, text=str(n)) for n in range(7)]
    assert shown(Where(weekdays=(0,)), *rows) == ["0"]
    assert shown(Where(weekdays=(6, 5)), *rows) == ["5", "6"]
    assert shown(Where(weekdays=(2,)), event(wall=None, precision="none")) == []


def test_only_with_files_only_undated() -> None:
    rows = (
        event(text="a", attachments='[{"name":"x.jpg","state":"missing"}]'),
        event(text="b", attachments=""),
        event(text="c", wall=None, attachments=""),
    )
    assert shown(Where(attached=True), *rows) == ["a"]
    assert shown(Where(dated=False), *rows) == ["c"]


def test_what_a_question_about_time_leaves_out_can_be_asked_for() -> None:
    rows = (
        event(text="a"),
        event(text="b", precision="day"),
        event(text="c", wall=None, precision="none"),
        event(text="d", wall_other=MONDAY + 30 * DAY),
        event(text="e", wall=None, precision="none", channel="sms"),
    )
    here = ("whatsapp",)
    for where, wanted in (
        (Where(channels=here, hours=(0, 1)), "bc"),
        (Where(channels=here, weekdays=(0,)), "c"),
        (Where(channels=here, wall_end=MONDAY + DAY), "c"),
        (Where(channels=here, start=MONDAY), "cd"),
        (Where(channels=here, start=MONDAY, hours=(0, 1)), "bcd"),
    ):
        lacking = where.lacking()
        assert lacking is not None
        assert shown(lacking, *rows) == sorted(wanted)
    assert Where(channels=here, dated=False, search="x").lacking() is None


# -- searching -------------------------------------------------------------------------------


def test_what_stands_behind_a_nul_is_found() -> None:
    text = "\u00e9t\u00e9\0I know where you live"
    assert shown(Where(search="KNOW where"), event(text=text)) == [text]
    assert hits(text, "KNOW where") == ((6, 16),)


@pytest.mark.parametrize(
    ("text", "search", "found"),
    [
        ("Tonight, toNIGHT", "tonight", ["Tonight", "toNIGHT"]),
        ("aaaa", "aa", ["aa", "aa"]),
        ("nothing", "", []),
        ("", "x", []),
        ("\u0130stanbul \u0130", "i", ["\u0130", "\u0130"]),
        ("STRASSE Stra\u00dfe", "stra\u00dfe", ["Stra\u00dfe"]),
        ("\u1e9e", "\u00df", ["\u1e9e"]),
        ("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c3", ["\u039f\u0394\u039f\u03a3"]),
        ("cafe\u0301 CAF\u00c9", "caf\u00e9", ["cafe\u0301", "CAF\u00c9"]),
        ("cafe\u0301", "cafe", []),
        ("cafe\u0301 x", "x", ["x"]),
        ("q\u0307q", "q", ["q\u0307", "q"]),
        ("a\u0323\u0307b", "\u0307", ["a\u0323\u0307"]),
        ("a\u0307\u0323b", "\u0307", ["a\u0307\u0323"]),
        ("\u1100\u1161\u11a8!", "\uac01", ["\u1100\u1161\u11a8"]),
        ("\uac00\u11a8!", "!", ["!"]),
        ("q\u0323\u0307", "\u0307", ["q\u0323\u0307"]),
        ("e\u0301\u0323\u0323", "\u0323", ["e\u0301\u0323\u0323"]),
        ("\u212bngstr\u00f6m", "\u00e5", ["\u212b"]),
    ],
)
def test_a_hit_is_a_span_of_the_text_as_it_was_written(
    text: str, search: str, found: list[str]
) -> None:
    assert [text[start:end] for start, end in hits(text, search)] == found
    if search:
        assert bool(shown(Where(search=search), event(text=text))) == bool(found)


def test_of_endless_hits_the_first_ones_are_given() -> None:
    assert len(hits("x" * 5 * MOST_HITS, "x")) == MOST_HITS


def test_every_character_is_folded_as_the_database_does() -> None:
    every = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    connection = memory()
    question = "SELECT list_transform(?::VARCHAR[], lambda x: lower(nfc_normalize(x)))"
    (found,) = connection.execute(question, [every]).fetchone() or ([],)
    connection.close()
    known = [one for one in every if unicodedata.category(one) != "Cn"]
    theirs = dict(zip(every, found, strict=True))
    assert [one for one in known if theirs[one] != folded(one)] == []
    assert [one for one in known if fold(one) != folded(one)] == []


def test_no_character_is_composed_with_what_is_before_it_unless_we_know_it() -> None:
    every = [chr(code) for code in range(0x80, sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    joined: set[str] = set()
    for one in every:
        parts = unicodedata.normalize("NFD", one)
        if len(parts) > 1 and unicodedata.normalize("NFC", parts) == one:
            joined.update(part for part in parts[1:] if not unicodedata.combining(part))
        if unicodedata.combining(parts[0]) and not unicodedata.combining(one):
            joined.add(one)
    assert joined - JOINED == set()

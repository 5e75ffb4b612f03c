# SPDX-License-Identifier: Apache-2.0
"""Meta's downloads as pages: golden readings, dates in many languages, and damaged pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chat_exports import BERLIN, as_json, golden, is_complete, rows_of, yields
from standfast.model.event import Question, Unreadable
from standfast.sources import Head, Neighbour, Options, recognise
from standfast.sources.meta_dates import DMY, MDY, written

FIXTURES = Path(__file__).parents[1] / "fixtures" / "meta_html"
PAGES = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".json")


def message(words: str = "x", date: str = "Mar 12, 2024 9:00 pm", name: str = "Alex") -> str:
    return (
        '<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">'
        f'<h2 class="_2pim _a6-h">{name}</h2>'
        f'<div class="_3-95 _a6-p"><div><div></div><div>{words}</div></div></div>'
        f'<div class="_3-94 _a6-o">{date}</div></div>'
    )


def page(*messages: str) -> bytes:
    return f"<html><title>Alex</title><body>{''.join(messages)}</body></html>".encode()


def rows(*messages: str, options: Options = BERLIN, **more: Any) -> list[dict[str, Any]]:
    return rows_of(yields("meta_html", page(*messages), options, **more))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_comes_out_as_its_golden_file_says(path: Path) -> None:
    found = yields("meta_html", path.read_bytes(), BERLIN)
    assert as_json(found) == golden(path, as_json(found))
    assert is_complete(found, path.stat().st_size)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mar 12, 2024 9:00 pm", "2024-03-12T21:00:00"),
        ("Mar 12, 2024, 9:00:05 AM", "2024-03-12T09:00:05"),
        ("Mar 12, 2024 9:00:05am", "2024-03-12T09:00:05"),
        ("Mar 12, 2024, 9:00\u202fPM", "2024-03-12T21:00:00"),
        ("March 12, 2024 at 12:00 AM", "2024-03-12T00:00:00"),
        ("12. März 2024 um 21:00 Uhr", "2024-03-12T21:00:00"),
        ("12.03.2024", None),
        ("12 mars 2024 à 08:00", "2024-03-12T08:00:00"),
        ("12 de marzo de 2024 a las 8:00", "2024-03-12T08:00:00"),
        ("12 mar 2024, 08:00", "2024-03-12T08:00:00"),
        ("12 maart 2024 om 08:00", "2024-03-12T08:00:00"),
        ("2024-03-12 08:00", "2024-03-12T08:00:00"),
        ("12 foo 2024 08:00", None),
        ("Mar Apr 2024 08:00", None),
        ("Mar 12, 2024 13:00 pm", None),
        ("Mar 12, 2024 08:00 tomorrow", None),
        ("Mar 12, 24 08:00", None),
        ("03 2024 04 08:00", None),
        ("Mar 32, 2024 08:00", None),
        ("Feb 29, 2023 08:00", None),
        ("12/03/24 08:00", None),
        ("", None),
        ("x" * 5000, None),
    ],
)  # fmt: skip
def test_a_date_with_a_word_or_a_year_first_says_itself_what_it_is(
    text: str, meant: str | None
) -> None:
    one = written(text)
    moment = one.at(DMY) if one and one.month else None
    assert (moment.isoformat() if moment else None) == meant


def test_a_date_of_numbers_alone_is_both_until_something_decides() -> None:
    one = written("04/03/2024 09:00")
    assert one is not None
    assert str(one.at(DMY)) == "2024-03-04 09:00:00"
    assert str(one.at(MDY)) == "2024-04-03 09:00:00"
    (row,) = rows(message(date="04/03/2024 09:00"))
    assert (row["wall"], row["wall_other"]) == ("2024-03-04T09:00:00", "2024-04-03T09:00:00")
    assert "utc" not in row


@pytest.mark.parametrize(
    ("other", "wall"), [("28/03/2024 09:00", "2024-03-04"), ("03/28/2024 09:00", "2024-04-03")]
)
def test_a_number_above_twelve_decides_for_the_page(other: str, wall: str) -> None:
    found = rows(message(date="04/03/2024 09:00"), message(date=other))
    assert found[0]["wall"][:10] == wall
    assert "wall_other" not in found[0]


def test_the_persons_answer_decides() -> None:
    (row,) = rows(message(date="04/03/2024 09:00"), options=Options(date_order="mdy"))
    assert row["wall"] == "2024-04-03T09:00:00"


def test_what_is_open_is_asked() -> None:
    found = yields("meta_html", page(message(date="04/03/2024 09:00"), message(name="Sam")))
    asked = {one.id: one.choices for one in found if isinstance(one, Question)}
    assert asked == {"date_order": ("dmy", "mdy"), "zone": (), "me": ("Alex", "Sam")}


def test_text_outside_of_messages_is_shown_as_unreadable() -> None:
    damaged = message("hidden").replace('<div class="pam', '<div klass="pam')
    for data in (page(damaged, message()), page(message(), damaged), page(message(), damaged[:-6])):
        found = yields("meta_html", data)
        assert [o.reason for o in found if isinstance(o, Unreadable)] == ["not_a_message"]
        assert len(rows_of(found)) == 1
        assert is_complete(found, len(data))


def test_a_text_cannot_open_a_message() -> None:
    (row,) = rows(message("&lt;div class=&quot;_a6-g&quot;&gt;<br/>y"))
    assert row["text"] == '<div class="_a6-g">\ny'


def test_a_file_beside_is_found_and_a_link_is_only_kept() -> None:
    place = "your_facebook_activity/messages/inbox/a_1/photos/1.jpg"
    inner = f'x</div><div><a href="../../../{place}"><img src="../../../{place}"/></a>'
    beside = {"1.jpg": Neighbour("f.zip!/" + place, 5)}
    (row,) = rows(message(inner), neighbours=beside)
    assert [(one["name"], one["state"]) for one in row["attachments"]] == [("1.jpg", "present")]
    assert row["channel"] == "messenger"
    (row,) = rows(message('x</div><div><a href="https://example.org/?a=1&amp;b=2">y</a>'))
    assert row["native"]["links"] == '["https://example.org/?a=1&b=2"]'


def test_a_page_is_known_by_its_boxes_and_other_pages_are_left() -> None:
    data = page(message())
    claim = recognise(Head("notes", data, len(data)))
    assert claim is not None
    assert claim.format == "meta_html"
    for other in (page(), page('<div class="_a6-g">x</div>'), b'<div class="_3-94 _a6-o">x</div>'):
        assert recognise(Head("message_1.html", other, len(other))) is None


def test_an_hour_that_a_clock_shows_twice_is_marked() -> None:
    (row,) = rows(message(date="Oct 27, 2024 2:30 am"))
    assert row["native"]["clock"] == "fold"


def test_a_box_built_in_another_way_gives_all_of_its_text() -> None:
    box = message().replace("<div><div></div><div>x</div></div>", "<p>a</p> b<ul class='q'></ul>")
    (row,) = rows(box, message().replace("<div></div>", '<ul class="_a6-q"></ul><div></div>'))[:1]
    assert row["text"] == "a b"


def test_a_message_without_a_date_stays_a_message() -> None:
    found = yields("meta_html", page(message().replace("_a6-o", "x"), message()))
    assert [row.get("wall", "") for row in rows_of(found)] == ["", "2024-03-12T21:00:00"]

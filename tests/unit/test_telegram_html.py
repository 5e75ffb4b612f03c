# SPDX-License-Identifier: Apache-2.0
"""Telegram's export as pages: golden readings, dates, senders, and hostile pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chat_exports import BERLIN, as_json, golden, is_complete, rows_of, yields
from standfast.model.event import Question, Unreadable
from standfast.sources import Head, Neighbour, recognise

FIXTURES = Path(__file__).parents[1] / "fixtures" / "telegram_html"
PAGES = sorted(path for path in FIXTURES.iterdir() if path.suffix != ".json")
WHEN = "12.03.2024 09:00:00 UTC+01:00"


def message(inner: str = "", *, when: str = WHEN, name: str = "Alex", number: int = 1) -> str:
    who = f'<div class="from_name">\n{name} \n</div>' if name else ""
    joined = "" if name else " joined"
    return (
        f'<div class="message default clearfix{joined}" id="message{number}">\n<div class="body">\n'
        f'<div class="pull_right date details" title="{when}">\n09:00\n</div>\n{who}{inner}</div>\n'
        "</div>\n"
    )


def text(words: str) -> str:
    return f'<div class="text">\n{words}\n       </div>\n'


def page(*messages: str) -> bytes:
    head = '<div class="page_header"><div class="text bold">\nAlex\n</div></div>'
    return f'{head}<div class="history">\n{"".join(messages)}</div></div>'.encode()


def rows(*messages: str, **more: Any) -> list[dict[str, Any]]:
    return rows_of(yields("telegram_html", page(*messages), BERLIN, **more))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_comes_out_as_its_golden_file_says(path: Path) -> None:
    found = yields("telegram_html", path.read_bytes(), BERLIN)
    assert as_json(found) == golden(path, as_json(found))
    assert is_complete(found, path.stat().st_size)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_span_is_the_whole_message(path: Path) -> None:
    data = path.read_bytes()
    for row in rows_of(yields("telegram_html", data)):
        block = data[row["start"] : row["end"]]
        assert block.startswith(b'<div class="message ')
        assert block.endswith(b"</div>")
        assert f'id="message{row["native"]["id"]}"'.encode() in block
        assert block.count(b"<div") == block.count(b"</div>")


def test_the_day_stands_before_the_month() -> None:
    (row,) = rows(message(text("x"), when="03.04.2024 09:00:00"))
    assert row["wall"] == "2024-04-03T09:00:00"
    assert row["zone"] == "Europe/Berlin"


def test_a_page_without_offsets_asks_for_the_zone_and_one_with_them_does_not() -> None:
    for when, asked in (("12.03.2024 09:00:00", ["zone", "me"]), (WHEN, ["me"])):
        found = yields("telegram_html", page(message(text("x"), when=when)))
        assert [one.id for one in found if isinstance(one, Question)] == asked


@pytest.mark.parametrize(
    "when", ["", "12.03.2024", "32.03.2024 09:00:00", "12.03.0001 09:00:00", "x" * 9000,
             "12.03.2024 09:00:00 UTC+99:99"],
)  # fmt: skip
def test_what_is_no_date_gives_no_time(when: str) -> None:
    (row,) = rows(message(text("x"), when=when))
    assert "utc" not in row


def test_a_joined_message_is_by_the_one_above_but_not_across_damage() -> None:
    broken = '<div class="from_name">Kim</div> said something'
    found = rows(
        message(text("a")), message(text("b"), name=""), broken, message(text("c"), name="")
    )
    assert [row.get("sender", "") for row in found] == ["Alex", "Alex", ""]


def test_text_outside_of_messages_is_shown_as_unreadable() -> None:
    damaged = message(text("hidden")).replace('class="message', 'klass="message')
    for data in (page(damaged), page(message(), damaged), page(damaged, message())):
        found = yields("telegram_html", data)
        assert [o.reason for o in found if isinstance(o, Unreadable)] == ["not_a_message"]
        assert is_complete(found, len(data))


def test_a_text_cannot_open_a_message_or_an_element() -> None:
    words = '&lt;div class="message service" id="message9"&gt;\nx&lt;/div&gt;'
    (row,) = rows(message(text(words)))
    assert row["text"] == '<div class="message service" id="message9">\nx</div>'


def test_a_text_keeps_its_own_lines_and_spaces() -> None:
    (row,) = rows(message(text("  a<br>b  &amp;amp;<br>")))
    assert row["text"] == "  a\nb  &amp;\n"


def test_files_beside_are_found_and_links_are_only_kept() -> None:
    picture = '<img class="photo" src="photos/1_thumb.jpg"/>'
    inner = f'<a class="photo_wrap clearfix pull_left" href="photos/1.jpg">{picture}</a>'
    beside = {name: Neighbour(f"x/photos/{name}", 5) for name in ("1.jpg", "1_thumb.jpg")}
    (row,) = rows(message(inner), neighbours=beside)
    assert [(file["name"], file["state"]) for file in row["attachments"]] == [
        ("1.jpg", "present"), ("1_thumb.jpg", "present"),
    ]  # fmt: skip
    (row,) = rows(message('<a class="media media_location" href="https://example.org"></a>'))
    assert row["native"]["link"] == "https://example.org"
    assert "attachments" not in row


def test_endless_nesting_and_endless_messages_end() -> None:
    deep = message("<div>" * 50_000 + "x" + "</div>" * 50_000)
    (row,) = rows(deep)
    assert row["sender"] == "Alex"
    huge = message(text("x" * (9 << 20)))
    found = yields("telegram_html", page(huge, message(text("after"))))
    assert [row["text"] for row in rows_of(found)] == ["after"]
    assert next(o.reason for o in found if isinstance(o, Unreadable)) == "too_large"
    assert is_complete(found, len(page(huge, message(text("after")))))


def test_a_page_is_known_by_its_history_and_other_pages_are_left() -> None:
    data = page(message(text("x")))
    claim = recognise(Head("notes.txt", data, len(data)))
    assert claim is not None
    assert (claim.format, claim.confidence) == ("telegram_html", 95)
    for other in (page(), b'<div class="history">', message().encode()):
        found = recognise(Head("messages.html", other, len(other)))
        assert found is None or found.format != "telegram_html"


def test_a_line_that_is_no_day_takes_the_day_away() -> None:
    def line(number: int, words: str) -> str:
        inside = f'<div class="body details">\n{words}\n</div>'
        return f'<div class="message service" id="message{number}">{inside}</div>'

    found = rows(line(-1, "12 March 2024"), line(1, "a"), line(-2, "some day"), line(2, "b"),
                 line(-3, "12 Foo 2024"), line(3, "c"))  # fmt: skip
    assert [row.get("wall", "")[:10] for row in found] == ["2024-03-12", "", "", ""]
    assert found[0]["precision"] == "day"


def test_a_joined_forward_says_that_it_was_forwarded() -> None:
    inner = '<div class="forwarded body"><div class="text">\nx\n</div></div>'
    (row,) = rows(message(inner))
    assert (row["native"]["forwarded"], row["text"]) == ("yes", "x")
    inner = '<div class="forwarded body"><div class="from_name">\nKim\n</div></div>'
    assert rows(message(inner))[0]["native"]["forwarded_from"] == "Kim"


def test_many_messages_are_handed_out_as_they_come() -> None:
    data = page(*(message(text("x"), number=number) for number in range(1, 1200)))
    found = yields("telegram_html", data)
    assert is_complete(found, len(data))
    assert len(rows_of(found)) == 1199

# SPDX-License-Identifier: Apache-2.0
"""The timeline and an event's page, without scripts, and the answers that the script gets."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from desk_case import make, open_desk, put, told_case
from standfast.web.filters import Filter, chips, filter_of, where_of
from standfast.web.scroll import parts_of
from timeline_pages import JSON, asked, key, opened, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from web_case import Browser

LINK = re.compile(r'href="([^"]+)"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that nothing is written to."""
    place = tmp_path_factory.mktemp("told")
    with told_case(place):
        return place / "case"


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with opened(folder) as browser:
        yield browser


# -- the page --------------------------------------------------------------------------------


def test_everything_stands_in_one_order_with_days_and_sides(page: Browser) -> None:
    words = shown(page)
    assert "8 events, Thursday, 14 March 2024 to Sunday, 17 March 2024" in words
    order = ["end-to-end encrypted", "are you there", "please do not", "answer me", "I can wait",
             "I will wait for you", "I know you read this"]  # fmt: skip
    places = [words.index(one) for one in order]
    assert places == sorted(places)
    assert page.html.count('class="event-day"') == 4
    assert page.html.count("event-out") == 1
    assert "event-middle" in page.html
    assert "Alex" in words
    assert "alex@example.org" in words  # the account beside the name
    assert "please" in words  # the letter's subject


def test_a_long_pause_is_named(tmp_path: Path) -> None:
    chat = "14/03/2024, 09:05 - Alex: one\n27/03/2024, 09:05 - Alex: two\n"
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "chat.txt", chat)])
    with opened(tmp_path / "case") as page:
        assert "No events for 12 days" in shown(page)


def test_without_scripts_pages_of_a_hundred_lead_to_each_other(tmp_path: Path) -> None:
    lines = [f"14/03/2024, {n // 60:02}:{n % 60:02} - Alex: number {n}." for n in range(250)]
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "chat.txt", "\n".join(lines) + "\n")])
    with opened(tmp_path / "case") as page:
        for name in ("timeline_filtered", "timeline_pages"):
            shown(page, name)
            for label, first, last in (("Later", 101, 200), ("Last", 151, 250), ("First", 1, 100)):
                page.get(unescape(re.findall(rf'href="([^"]+)">{label}<', page.html)[0]))
                assert f"{first} to {last} of 250" in page.words
                assert f"number {first - 1}." in page.words
                assert f"number {last - 1}." in page.words


def test_a_day_is_jumped_to_and_a_wrong_one_is_said(page: Browser) -> None:
    shown(page)
    page.post(page.url("timeline_jump", key=key(page)), day="2024-03-16")
    assert "6 to 8 of 8" in page.words
    assert "I can wait" in page.words
    assert "are you there" not in page.words
    page.post(page.url("timeline_jump", key=key(page)), day="2024-02-31")
    assert "is not a date" in page.words


def test_nothing_yet_leads_to_adding(tmp_path: Path) -> None:
    with make(tmp_path / "case"):
        pass
    with opened(tmp_path / "case") as page:
        assert "There is nothing here yet." in shown(page)


def test_while_the_events_are_put_in_order_the_page_says_so(page: Browser) -> None:
    with page.room.using() as sitting:
        assert sitting is not None
        sitting._behind, sitting._as_of = True, ""
        page.get("/t")
        assert "Your events are being put in order." in page.words
        state = page.client.get(page.url("timeline_state", key=key(page)), headers=JSON)
        assert state.json() == {"over": False}
        sitting._behind, sitting._as_of = False, "2024-01-01T00:00:00Z"
    shown(page)
    assert "8 events" in page.words


# -- narrowing down --------------------------------------------------------------------------


def test_the_form_narrows_down_and_chips_take_it_off_again(page: Browser) -> None:
    shown(page, "timeline_narrow")
    alex = key(page, person="Alex")
    page.post(
        page.url("timeline_narrow", key=key(page)),
        people=alex, channels="whatsapp", kinds="message", direction="in", weekdays="4",
        first="2024-03-01", last="2024-03-31", **{"from": "22", "until": "6"},
    )  # fmt: skip
    assert page.path.startswith("/t/")
    path = page.url("timeline_filtered", key=key(page, **Filter(
        people=("Alex",), channels=("whatsapp",), kinds=("message",), direction="in",
        weekdays=(4,), first="2024-03-01", last="2024-03-31", hours=(22, 6),
    ).value))  # fmt: skip
    assert page.path == path
    page.get(path)
    for chip in ("With: Alex", "WhatsApp", "Messages", "From others", "Fri", "From 22:00 to 06:00"):
        assert chip in page.words
    assert "2 events" in page.words
    assert page.words.count("answer me") == 2
    page.get(unescape(re.findall(r'class="chip-all" href="([^"]+)"', page.html)[0]))
    assert "8 events" in page.words


def test_days_in_the_wrong_order_are_asked_about_again(page: Browser) -> None:
    shown(page)
    page.post(page.url("timeline_narrow", key=key(page)), first="2024-03-20", last="2024-03-01")
    assert "The last day lies before the first one." in page.words


def test_what_another_page_asks_for_is_understood(page: Browser, folder: Path) -> None:
    assert "5 events" in shown(page, channel="whatsapp", account="Alex", direction="in")
    assert "With: Alex" in shown(page, person="Alex")
    with open_desk(folder, write=False) as desk:
        letter = next(one.sha256 for one in desk.state.items.values() if "letter" in one.name)
    assert "1 event" in shown(page, item=letter)
    assert "letter.eml" in page.words
    assert "8 events" in shown(page, nonsense="x", hours=[99, 3])


def test_nothing_that_fits_says_how_to_go_on(page: Browser) -> None:
    words = shown(page, search="no such words")
    assert "No event fits." in words
    assert "Show everything again" in words


def test_a_filter_becomes_a_question_and_words() -> None:
    everything = Filter(
        people=("Alex",), channels=("sms",), kinds=("call",), channel="sms", account="1",
        direction="in", hours=(22, 6), weekdays=(0,), first="2024-03-01", last="2024-03-02",
        attached=True, undated=True, lacks=("one_day",), item="x", search="s",
    )  # fmt: skip
    assert filter_of(everything.value) == everything

    class Case:
        state = type("State", (), {"people": {}, "items": {}})()

    where = where_of(Case(), everything)  # type: ignore[arg-type]  # no finding is asked for
    assert where is not None
    assert where.wall_end is not None
    assert where.wall_start is not None
    assert where.wall_end - where.wall_start == 2 * 86_400_000_000
    assert (where.hours, where.dated, where.attached) == ((22, 6), False, True)
    found = chips(Case(), everything)  # type: ignore[arg-type]  # likewise
    rest = everything
    for one in found:
        rest = Filter(
            **{name: value for name, value in one.without.value.items() if name in rest.value}
        )
    taken = {name for one in found for name in everything.value if name not in one.without.value}
    assert taken == set(everything.value)  # every part can be taken off by itself


# -- searching -------------------------------------------------------------------------------


def test_a_search_without_scripts_shows_the_hits_marked(page: Browser) -> None:
    shown(page)
    page.post(page.url("timeline_search", key=key(page)), search="ANSWER")
    shown(page, search="ANSWER")
    assert page.html.count("<mark>answer</mark>") == 2
    assert "With the words: ANSWER" in page.words
    assert "answer" not in page.path.lower()


def test_the_script_is_told_how_many_hits_and_where(page: Browser) -> None:
    shown(page)
    found = asked(page, page.url("timeline_search", key=key(page)), search="wait")
    assert found["hits"] == 2
    rows = asked(page, found["feed"] + "0")["rows"]
    marked = [one["at"] for one in rows if any(sort == "hit" for sort, _text in one["parts"])]
    assert [asked(page, f"{found['hit']}{number}")["at"] for number in (0, 1)] == marked
    assert asked(page, f"{found['from']}{marked[1]}") == {"number": 1, "at": marked[1]}
    assert asked(page, f"{found['from']}{marked[1] + 1}") == {"number": 0, "at": marked[0]}
    assert asked(page, page.url("timeline_search", key=key(page)), search=" ")["words"] is False


def test_a_script_without_the_token_is_refused(page: Browser) -> None:
    shown(page)
    answer = page.client.post(
        page.url("timeline_search", key=key(page)), data={"search": "x"}, headers=JSON
    )
    assert answer.status_code == 403


def test_rows_say_where_they_are_and_days_where_they_begin(page: Browser) -> None:
    shown(page)
    feed = page.url("timeline_rows", key=key(page), at="5")
    found = asked(page, feed)
    assert [one["at"] for one in found["rows"]] == [5, 6, 7]
    assert found["total"] == 8
    days = asked(page, page.url("timeline_days", key=key(page)))
    assert days["firsts"] == [0, 3, 5, 7]
    assert days["days"][0] == "Thursday, 14 March 2024"
    for wrong in ("-1", "x", "9" * 30):
        assert page.client.get(feed[:-1] + wrong).status_code == 410


def test_long_texts_are_cut_around_their_hits(folder: Path) -> None:
    text = "a" * 5000 + " needle " + "b" * 5000
    with open_desk(folder, write=False) as desk:
        row = desk.events()[0]
        long = type(row)(**{name: getattr(row, name) for name in row.__slots__} | {"text": text})
        plain, marked = parts_of(desk, long, ""), parts_of(desk, long, "needle")
    assert [sort for sort, _piece in plain] == ["", "cut"]
    assert [sort for sort, _piece in marked] == ["cut", "", "hit", "", "cut"]
    assert sum(len(piece) for sort, piece in marked if sort != "cut") < 500
    assert "… 4,841 more characters …" in marked[0][1]


# -- zooming ---------------------------------------------------------------------------------


def test_from_years_one_comes_to_minutes_by_cells_alone(page: Browser) -> None:
    shown(page, "timeline_zoom", zoom="")
    for title in ("2024-03", "2024-03-15", "2024-03-15T23"):
        wanted = page.url("timeline_zoom", key=key(page, zoom=title))
        assert wanted in map(unescape, LINK.findall(page.html)), title
        shown(page, "timeline_zoom", zoom=title)
    assert "Friday, 15 March 2024, 23:00" in page.words
    assert "2 events" in page.words
    there = unescape(re.findall(r'<svg.*?href="([^"]+)"', page.html, re.DOTALL)[0])
    page.get(there)
    assert "answer me" in page.words


def test_what_no_picture_can_place_is_said_with_the_way_to_it(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.incident("somebody at the door", "2024-03-04")
        desk.incident("and once more", "")
    with opened(tmp_path / "case") as page:
        shown(page, "timeline_zoom", zoom="")
        assert "1 event has no certain day" in page.words
        assert "Of 2 events the hour is not known." in page.words
        assert "2 events" in shown(page, lacks=["one_hour"])
        assert "1 event" in shown(page, lacks=["one_day"])
        assert "and once more" in page.words


def test_a_stretch_that_is_none_is_everything(page: Browser) -> None:
    for wrong in ("2024-13", "9999", "abc", "2024-02-30", "0000"):
        shown(page, "timeline_zoom", zoom=wrong)
        assert page.status == 200


def test_german_is_spoken(folder: Path) -> None:
    with opened(folder, "de") as page:
        shown(page)
        assert "Donnerstag, 14. März 2024" in page.words

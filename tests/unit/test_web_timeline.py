# SPDX-License-Identifier: Apache-2.0
"""The timeline and an event's page, without scripts, and the answers that the script gets."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from desk_case import PHRASE, make, open_desk, put, told_case
from standfast.desk import Where
from standfast.desk.browsing_ahead import hit_from, picture_kept, place_of_hit, view_by_now
from standfast.model.people import Role
from standfast.web.filters import Filter, chips, filter_of, where_of
from standfast.web.scroll import parts_of
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOSTILE = "<img src=x onerror=alert(1)>\"'\u202e\u0007</script>{{7*7}}"
LINK = re.compile(r'href="([^"]+)"')
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case that nothing is written to."""
    place = tmp_path_factory.mktemp("told")
    with told_case(place):
        return place / "case"


def opened(folder: Path, language: str = "en") -> Browser:
    """Open the app, with everything that was read in view."""
    browser = Browser(folder, PHRASE, language)
    with browser.room.using() as sitting:
        assert sitting is not None
        sitting.catch_up()
    return browser


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with opened(folder) as browser:
        yield browser


def key(page: Browser, **value: object) -> str:
    return page.room.keys.key(value)


def shown(page: Browser, name: str = "timeline_filtered", **value: object) -> str:
    """Look at a page until it is worked out."""
    path = page.url(name, key=key(page, **value))
    for _again in range(200):
        page.get(path)
        if "data-waiting" not in page.html:
            break
    return page.words


def asked(page: Browser, path: str, **fields: str) -> dict[str, Any]:
    """Ask as the script does, until there is an answer."""
    for _again in range(200):
        if fields:
            token = page.room.sessions._open[0].form_token
            answer = page.client.post(path, data=fields, headers={**JSON, "x-form": token})
        else:
            answer = page.client.get(path, headers=JSON)
        found: dict[str, Any] = answer.json()
        if "wait" not in found:
            return found
    raise AssertionError(path)


def reference(folder: Path, text: str) -> str:
    with open_desk(folder, write=False) as desk:
        return next(one.event for one in desk.events() if text in one.text)


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


# -- one event -------------------------------------------------------------------------------


def test_an_event_shows_all_that_is_known_and_its_original(page: Browser, folder: Path) -> None:
    event = reference(folder, "please do not write")
    shown(page)
    page.get(page.url("event", key=event))
    for told in ("It came from you.", "14 Mar 2024, 08:06:00 UTC", "Europe/Berlin, as you said",
                 "chat.txt", "Write a note about it", event):  # fmt: skip
        assert told in page.words
    with open_desk(folder, write=False) as desk:
        assert desk.original(event).sha256 in page.words
    marked = re.findall(r"<mark>(.*?)</mark>", page.html, re.DOTALL)
    assert "please do not write to me any more" in marked[0]
    place = unescape(re.findall(r'href="([^"]+)">Back to its place', page.html)[0])
    page.get(place)
    assert "event-chosen" in page.html


def test_a_message_can_be_stated_as_the_request_to_stop(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    with told_case(tmp_path) as desk:
        desk.link("Alex", Role.OTHER, "sms", "1")
    event = reference(folder, "please do not write")
    with open_desk(folder) as desk:
        desk.unlink("whatsapp", "Alex")
    with opened(folder) as page:
        shown(page)
        page.get(page.url("event", key=event))
        assert "request to stop" not in page.words  # nobody is known to have got it
        with page.room.using() as sitting:
            assert sitting is not None
            sitting.write(lambda desk: desk.link("Alex", Role.OTHER, "whatsapp", "Alex"))
            sitting.catch_up()
        page.get(page.url("event", key=event))
        assert "Yes, this was my request to stop" in page.words
        page.post(page.url("event", key=event), do="stop")
        assert "It is noted" in page.words
    with open_desk(folder, write=False) as desk:
        assert [one.event for one in desk.state.stops] == [event]


def test_there_is_no_such_event(page: Browser) -> None:
    shown(page)
    for path in ("/e/nonsense-1", "/e/p/nonsense-1/0", "/e/p/nonsense-1/x"):
        page.get(path)
        assert page.status in {400, 410}, path


# -- the desk beneath ------------------------------------------------------------------------


def test_hits_are_found_from_any_place(folder: Path) -> None:
    with open_desk(folder, write=False) as desk:
        base = view_by_now(desk, Where(), patience=20)
        hits = view_by_now(desk, Where(search="wait"), patience=20)
        assert base is not None
        assert hits is not None
        places = [place_of_hit(base, hits, number) for number in range(hits.total)]
        for at in range(base.total + 2):
            wanted = sum(place is not None and place < at for place in places)
            if at < base.total:
                assert hit_from(base, hits, at) == wanted
            else:
                assert hit_from(base, hits, at) == hits.total
        assert place_of_hit(base, hits, 99) is None


def test_what_failed_is_raised_once_and_tried_again(folder: Path) -> None:
    with open_desk(folder, write=False) as desk:
        browse = desk.browse
        object.__setattr__(desk, "browse", _failing)
        with pytest.raises(ZeroDivisionError):
            view_by_now(desk, Where(search="x"), patience=20)
        object.__setattr__(desk, "browse", browse)
        assert view_by_now(desk, Where(search="x"), patience=20) is not None


def _failing(_where: Where) -> object:
    raise ZeroDivisionError


def test_a_picture_is_drawn_once(demo_case: Path) -> None:
    from standfast.demo.story import told  # noqa: PLC0415 - only here
    from standfast.desk import Desk, Peeker, Unlock  # noqa: PLC0415 - only here

    with Desk.open_case(demo_case, Unlock(told("case")["passphrase"])) as desk, Peeker() as peeker:
        row = next(one for one in desk.events() if '"sha256"' in one.attachments)
        first = picture_kept(desk, row.event, 0, peeker)
        assert first.png.startswith(b"\x89PNG")
        assert picture_kept(desk, row.event, 0, peeker) is first


# -- hostile content -------------------------------------------------------------------------


def test_no_field_of_an_event_becomes_markup(tmp_path: Path) -> None:
    chat = (
        f"14/03/2024, 09:05 - {HOSTILE.replace(':', '')}: hello {HOSTILE}\n"
        f"14/03/2024, 09:06 - Alex: {HOSTILE}\n"
    )
    letter = (
        f"From: {HOSTILE.encode('ascii', 'ignore').decode()} <x@example.org>\nTo: y@example.org\n"
        f"Subject: <b onclick=x>{{{{7*7}}}}</b>\nDate: Sat, 16 Mar 2024 10:00:00 +0100\n"
        f"Message-ID: <svg/onload=1@example.org>\n\n<script>alert(1)</script>\n"
    )
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "<svg onload=x>.txt", chat), put(tmp_path, "l.eml", letter)])
        events = [one.event for one in desk.events()]
    with opened(tmp_path / "case") as page:
        seen = [shown(page), shown(page, "timeline_pages"), shown(page, search="<img")]
        pages = [page.html]
        for event in events:
            page.get(page.url("event", key=event))
            pages.append(page.html)
            seen.append(page.words)
        shown(page)
        pages.append(page.html)
        for html in pages:
            assert not re.search(r"<(img src=x|svg onload|svg/onload|b onclick|script>)", html)
            assert "\u202e" not in html
            assert "\u0007" not in html
            assert "49" not in re.findall(r"<mark>.*?</mark>", html)
        assert any("[U+202E]" in one for one in seen)


def test_german_is_spoken(folder: Path) -> None:
    with opened(folder, "de") as page:
        shown(page)
        assert "Donnerstag, 14. März 2024" in page.words

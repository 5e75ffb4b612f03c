# SPDX-License-Identifier: Apache-2.0
"""An event's page, what the desk works out for it, and hostile content on all of them."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from desk_case import make, open_desk, put, told_case
from standfast.desk import Where
from standfast.desk.browsing_ahead import hit_from, picture_kept, place_of_hit, view_by_now
from standfast.model.people import Role
from timeline_pages import opened, reference, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from web_case import Browser

HOSTILE = "<img src=x onerror=alert(1)>\"'\u202e\u0007</script>{{7*7}}"


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

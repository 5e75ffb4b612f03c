# SPDX-License-Identifier: Apache-2.0
"""Notes and incidents: written down on pages without scripts, and taken back."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, open_desk, told_case
from standfast.desk.written import written
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the case once; every test gets a copy."""
    top = tmp_path_factory.mktemp("made")
    told_case(top).close()
    return top / "case"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "case"))


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with Browser(folder, PHRASE) as browser:
        with browser.room.using() as sitting:
            assert sitting is not None
            sitting.catch_up()
        yield browser


def event_key(page: Browser, folder: Path, text: str) -> str:
    with open_desk(folder, write=False) as desk:
        row = next(one for one in desk.events() if one.text == text)
    return page.room.keys.key({"event": row.event})


def test_an_incident_needs_what_happened_and_nothing_else(page: Browser, folder: Path) -> None:
    page.get("/n/i")
    today = re.search(
        r'name="day"[^>]*value="([0-9-]+)"|value="([0-9-]+)"[^>]*name="day"', page.html
    )
    assert today is not None
    page.post("/n/i", text="He stood across the street.", day=today[1] or today[2])
    assert page.path == "/n"
    assert "He stood across the street." in page.words
    with open_desk(folder, write=False) as desk:
        (incident,) = desk.state.incidents
    assert (incident.precision, incident.zone) == ("day", "Europe/Berlin")


def test_an_incident_keeps_its_time_place_and_witnesses(page: Browser, folder: Path) -> None:
    page.post(
        "/n/i", text="A call.", day="2024-03-20", time="18:20", person="Alex", place="at work",
        witnesses="Sam", zone="+01:00",
    )  # fmt: skip
    with open_desk(folder, write=False) as desk:
        (one,) = desk.state.incidents
    assert (one.when, one.precision, one.zone) == ("2024-03-20T18:20:00", "min", "+01:00")
    assert (one.person, one.place, one.witnesses) == ("Alex", "at work", "Sam")


def test_a_day_nobody_knows_any_more_is_no_day(page: Browser, folder: Path) -> None:
    page.post("/n/i", text="A letter.", day="2024-03-20", known="unknown")
    with open_desk(folder, write=False) as desk:
        assert desk.state.incidents[0].when == ""
    assert "time not known any more" in page.words


def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(page: Browser, folder: Path) -> None:
    for fields, said in (
        ({"text": " ", "day": "2024-03-20"}, "What happened?"),
        ({"text": "kept words", "day": ""}, "On which day was it?"),
        ({"text": "kept words", "day": "2024-13-40"}, "is not a date"),
        ({"text": "kept words", "day": "2024-03-20", "zone": "Nowhere/At"}, "no time zone"),
    ):
        page.post("/n/i", **fields)
        assert said in page.words
        assert fields["text"].strip() in page.html
    with open_desk(folder, write=False) as desk:
        assert desk.state.incidents == []


def test_from_an_event_day_time_and_person_are_filled_in(page: Browser, folder: Path) -> None:
    page.get(f"/n/i/{event_key(page, folder, 'I can wait')}")
    assert "I can wait" in page.words
    assert 'value="2024-03-16"' in page.html
    assert 'value="00:30"' in page.html
    assert '<option value="Alex" selected>' in page.html


def test_a_note_is_private_unless_it_is_called_facts(page: Browser, folder: Path) -> None:
    page.post("/n/w", text="I slept badly.")
    page.post("/n/w", text="Sam took the photo.", kind="facts")
    with open_desk(folder, write=False) as desk:
        assert [(one.text, one.private) for one in desk.state.notes] == [
            ("I slept badly.", True),
            ("Sam took the photo.", False),
        ]
    assert "Private note" in page.words
    assert "Note of facts" in page.words


def test_a_note_says_what_it_is_about(page: Browser, folder: Path) -> None:
    key = page.room.keys.key
    page.post(f"/n/w/{event_key(page, folder, 'answer me')}", text="about an event")
    page.post(f"/n/w/{key({'person': 'Alex'})}", text="about a person")
    page.post(f"/n/w/{key({'item': 1})}", text="about a file")
    page.post(f"/n/w/{key({'finding': 'night:1'})}", text="about a finding")
    for said in ("About a contact", "About Alex", "About original 1", "About a finding"):
        assert said in page.words
    with open_desk(folder, write=False) as desk:
        assert [one.about for one in desk.state.notes][1:] == [
            "person:Alex",
            "1",
            "finding:night:1",
        ]


def test_an_empty_note_is_said(page: Browser) -> None:
    page.post("/n/w", text="  ")
    assert "The note is empty." in page.words


def test_what_is_taken_back_stays_in_the_list_and_says_so(page: Browser, folder: Path) -> None:
    page.post("/n/i", text="A mistake.", day="2024-03-20")
    with open_desk(folder, write=False) as desk:
        entry = desk.state.incidents[0].entry
    page.post(f"/n/u/{page.room.keys.key({'entry': entry})}")
    assert "A mistake." in page.words
    assert "Taken back" in page.words
    with open_desk(folder, write=False) as desk:
        assert desk.state.incidents == []
        (told,) = written(desk)
        assert told.withdrawn
        assert desk.verify().whole


def test_words_cannot_become_markup(page: Browser) -> None:
    page.post("/n/w", text="<script>alert(1)</script>\u202eevil")
    assert "<script>alert(1)" not in page.html
    assert "\u202e" not in page.html


def test_many_entries_come_a_page_at_a_time(page: Browser, folder: Path) -> None:
    with open_desk(folder) as desk:
        for number in range(105):
            desk.note(f"note {number}")
    page.get("/n")
    assert "note 104" in page.words
    assert "note 3 " not in page.words
    link = re.search(r'href="(/n/a/[0-9a-f]+)"', page.html)
    assert link is not None
    page.get(link[1])
    assert "note 3 " in page.words

# SPDX-License-Identifier: Apache-2.0
"""What only the person can decide, asked and answered on the pages, without scripts."""

from __future__ import annotations

import re
import shutil
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from desk_case import PHRASE, make, put
from standfast.desk import asking
from standfast.desk.progress import Silent
from standfast.errors import WrongUsage
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.timeline.state import CaseState

OPEN_DATES = """\
04/03/2024, 09:05 - Alex: first <b>bold</b>
05/03/2024, 09:06 - Mira: second
05/03/2024, 09:07 - Alex: third
"""


def picture(shade: int) -> bytes:
    """A picture that knows its time and no zone."""
    image, out = Image.new("RGB", (8, 8), (shade, 0, 0)), BytesIO()
    exif = image.getexif()
    exif.get_ifd(0x8769)[0x9003] = "2024:03:12 20:15:30"
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


def settle(page: Browser) -> CaseState:
    """Wait for the timeline, and give what the ledger says."""
    with page.room.using() as sitting:
        assert sitting is not None
        sitting.catch_up()
        return sitting.look().state


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    with make(folder / "dates") as desk:
        desk.add([put(folder, "chat.txt", OPEN_DATES)])
    album = folder / "album"
    album.mkdir()
    for shade in range(3):
        (album / f"IMG_{shade}.jpg").write_bytes(picture(shade * 40))
    with make(folder / "zones", zone="") as desk:
        desk.add([album])
    return folder


@pytest.fixture
def dates(prepared: Path, tmp_path: Path) -> Iterator[Browser]:
    shutil.copytree(prepared / "dates", tmp_path / "case")
    with Browser(tmp_path / "case", PHRASE) as page:
        settle(page)
        yield page


@pytest.fixture
def zones(prepared: Path, tmp_path: Path) -> Iterator[Browser]:
    shutil.copytree(prepared / "zones", tmp_path / "case")
    with Browser(tmp_path / "case", PHRASE) as page:
        settle(page)
        yield page


def form_of(page: Browser, name: str = "/q/") -> str:
    found = re.search(rf'<form method="post" action="({name}[^"]+)" class="stack"', page.html)
    assert found, page.html
    return found[1]


def answers(page: Browser) -> dict[str, str]:
    state = settle(page)
    return {question: value for (_item, question), value in state.answers.items()}


def test_the_order_of_dates_is_asked_with_both_readings_of_real_messages(dates: Browser) -> None:
    dates.get("/q")
    assert "Does the day or the month come first?" in dates.words
    assert "Monday, 4 March 2024, 09:05" in dates.words
    assert "Wednesday, 3 April 2024, 09:05" in dates.words
    assert "second" in dates.words
    assert "<b>bold</b>" not in dates.html, "evidence is never markup"
    assert dates.html.count("<h1>") == 1


def test_the_reading_shown_beside_an_answer_is_the_one_it_leads_to(dates: Browser) -> None:
    dates.get("/q")
    card = re.search(r'value="dmy".*?</label>', dates.html, re.DOTALL)
    assert card
    assert "Monday, 4 March 2024, 09:05" in re.sub(r"<[^>]+>", "", card[0])
    assert "Wednesday, 3 April 2024, 09:05" not in re.sub(r"<[^>]+>", "", card[0])


def test_an_answer_reads_the_file_again_and_the_next_question_is_asked(dates: Browser) -> None:
    dates.get("/q")
    dates.post(form_of(dates), value="dmy")
    dates.wait()
    assert answers(dates) == {"date_order": "dmy"}
    assert "Which one is you?" in dates.words
    assert "The day comes first" in dates.words, "what was answered is listed"


def test_who_one_is_is_asked_with_messages_by_each(dates: Browser) -> None:
    dates.get("/q")
    dates.post(form_of(dates), value="dmy")
    dates.wait()
    mira = re.search(r'value="Mira".*?</label>', dates.html, re.DOTALL)
    assert mira
    assert "second" in mira[0]
    assert "third" not in mira[0]
    dates.post(form_of(dates), value="Mira")
    assert "It is noted" in dates.words
    assert "Nothing has to be decided now" in dates.words
    assert "This is you: Mira" in dates.words


def test_who_one_is_can_be_taken_back(dates: Browser) -> None:
    dates.get("/q")
    dates.post(form_of(dates), value="dmy")
    dates.wait()
    dates.post(form_of(dates), value="Mira")
    again = re.search(r'action="(/q/[^"]+/n)"', dates.html)
    assert again
    dates.post(again[1])
    assert "Which one is you?" in dates.words


def test_an_answer_can_be_changed_and_taken_back(dates: Browser) -> None:
    dates.get("/q")
    dates.post(form_of(dates), value="dmy")
    dates.wait()
    change = re.search(r'href="(/q/[^"]+)"[^>]*>Change', dates.html)
    assert change
    dates.get(change[1])
    assert re.search(r'value="dmy"[^>]*checked', dates.html)
    dates.post(form_of(dates), value="mdy")
    dates.wait()
    assert answers(dates) == {"date_order": "mdy"}
    back = re.search(r'action="(/q/[^"]+/u)"', dates.html)
    assert back
    dates.post(back[1])
    dates.wait()
    assert answers(dates) == {}
    assert "Does the day or the month come first?" in dates.words


def test_no_answer_and_a_wrong_one_are_asked_for_again_in_words(dates: Browser) -> None:
    dates.get("/q")
    address = form_of(dates)
    dates.post(address)
    assert dates.status == 400
    assert "Choose one of the answers." in dates.words
    dates.post(address, value="ydm")
    assert dates.status == 400
    assert answers(dates) == {}


def test_pictures_of_one_folder_ask_for_their_zone_once(zones: Browser) -> None:
    zones.get("/q")
    assert "In which time zone was the device?" in zones.words
    assert "and 2 more files" in zones.words
    assert "question is open" not in zones.words, "one question, whatever the number of files"
    zones.post(form_of(zones), value="other", zone="Europe/Lisbon", all="yes")
    zones.wait()
    state = settle(zones)
    assert set(state.answers.values()) == {"Europe/Lisbon"}
    assert len(state.answers) == 3
    assert "Nothing has to be decided now" in zones.words


def test_one_picture_can_be_answered_alone(zones: Browser) -> None:
    zones.get("/q")
    zones.post(form_of(zones), value="other", zone="Europe/Lisbon")
    zones.wait()
    assert len(settle(zones).answers) == 1
    assert "and 1 more file" in zones.words


def test_a_zone_that_nobody_knows_is_refused_in_words(zones: Browser) -> None:
    zones.get("/q")
    zones.post(form_of(zones), value="other", zone="Middle/Earth")
    assert zones.status == 400
    assert "There is no time zone named Middle/Earth." in zones.words


def test_zones_are_named_by_their_place_in_the_language_in_force(zones: Browser) -> None:
    zones.room.language = "de"
    zones.get("/q")
    assert re.search(r'value="Europe/Lisbon">[^<]*Portugal', zones.html)


def test_a_zone_said_once_is_offered_first_the_next_time(zones: Browser) -> None:
    zones.get("/q")
    zones.post(form_of(zones), value="other", zone="Europe/Lisbon")
    zones.wait()
    first = re.search(r'type="radio" name="value" value="([^"]+)"', zones.html)
    assert first
    assert first[1] == "Europe/Lisbon"


def test_what_cannot_be_answered_together_is_refused(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared / "dates", tmp_path / "case")
    with Browser(tmp_path / "case", PHRASE) as page, page.room.using() as sitting:
        assert sitting is not None

        def both(desk: object) -> None:
            asking.answer_all(desk, ["1.me", "1.date_order"], "dmy", Silent())  # type: ignore[arg-type]  # a desk

        with pytest.raises(WrongUsage):
            sitting.write(both)


def test_an_address_of_a_question_tells_nothing(dates: Browser) -> None:
    dates.get("/q")
    assert not re.search(r"/q/[^\"]*(date|zone|me\b)", form_of(dates))
    dates.get("/q/" + "0" * 22)
    assert dates.status == 410

# SPDX-License-Identifier: Apache-2.0
"""The first run, coming back, and the page one arrives at, with scripts off."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from desk_case import FLOOR, PHRASE, make, put
from standfast.desk import storing
from standfast.desk.case import Desk
from standfast.i18n import speaking
from standfast.vault.keys import Work
from standfast.vault.opening import Unlock
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PHRASE_OF_FOUR = "quiet river lantern sandwich"
GROUP = re.compile(r"<li><bdi>([0-9A-Z]{4})</bdi></li>")
ASKED = re.compile(r"Group (\d)")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give somebody a home folder and no stick, and let a passphrase cost little."""
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setattr(storing.Path, "home", lambda: folder)
    monkeypatch.setattr(storing, "_plugged_in", lambda: iter(()))
    monkeypatch.setattr("standfast.vault.case.Work", lambda: FLOOR)
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return folder


@pytest.fixture
def page(home: Path) -> Iterator[Browser]:
    """Somebody who starts the app without naming a case."""
    assert home.is_dir()
    with Browser(None) as browser:
        yield browser


def everything(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def as_far_as_the_sheet(page: Browser, home: Path) -> tuple[str, ...]:
    page.post("/w/l", language="en")
    page.post("/w/p", place=str(home), name="Recipes", typed="")
    page.post("/w/k", passphrase=PHRASE_OF_FOUR, again=PHRASE_OF_FOUR)
    page.post("/w/y", called="Mira", zone="Europe/Vienna")
    assert page.path == "/w/s", page.words
    groups = tuple(GROUP.findall(page.html))
    assert len(groups) == 9
    return groups


def typed_from(page: Browser, groups: tuple[str, ...]) -> dict[str, str]:
    first, second = (int(one) for one in ASKED.findall(page.words)[:2])
    return {"first": groups[first - 1], "second": groups[second - 1]}


def test_somebody_new_is_asked_about_the_device_first(page: Browser) -> None:
    page.get("/")
    assert page.path == "/w"
    assert "nothing you think here is sent, kept or judged" in page.words
    assert "<form" not in page.html.split("</header>")[1], "no answer could be sent"


def test_from_nothing_to_a_case_that_opens_with_both_keys(page: Browser, home: Path) -> None:
    groups = as_far_as_the_sheet(page, home)
    assert everything(home) == [], "nothing is written before the last step"
    page.post("/w/s", **typed_from(page, groups))
    assert page.path == "/", page.words
    assert "Mira" in page.words
    case = home / "Recipes"
    for way in (Unlock(PHRASE_OF_FOUR), Unlock(recovery_code="".join(groups).lower())):
        with Desk.open_case(case, way) as desk:
            assert desk.state.zone == "Europe/Vienna"
            assert desk.state.opened["name"] == "Mira"
            assert not desk.vault.problems


def test_what_was_typed_is_still_there_on_the_way_back(page: Browser, home: Path) -> None:
    groups = as_far_as_the_sheet(page, home)
    assert 'value="Recipes"' in page.get("/w/p")
    assert PHRASE_OF_FOUR not in page.get("/w/k")
    assert 'value="Mira"' in page.get("/w/y")
    assert 'value="Europe/Vienna" selected' in page.html
    assert tuple(GROUP.findall(page.get("/w/s"))) == groups, "the paper stays right"


def test_a_slip_of_the_pen_makes_no_case(page: Browser, home: Path) -> None:
    groups = as_far_as_the_sheet(page, home)
    wrong = typed_from(page, groups) | {"second": "0000"}
    page.post("/w/s", **wrong)
    assert page.status == 422
    assert "not the groups that stand on the sheet" in page.words
    assert everything(home) == []


def test_a_letter_that_looks_like_a_digit_is_no_slip(page: Browser, home: Path) -> None:
    groups = as_far_as_the_sheet(page, home)
    typed = {
        name: text.replace("0", "o").replace("1", "l").lower() + " "
        for name, text in typed_from(page, groups).items()
    }
    page.post("/w/s", **typed)
    assert page.path == "/"


def test_nobody_gets_ahead_of_the_questions(page: Browser, home: Path) -> None:
    for path, where in (("/w/k", "/w/p"), ("/w/y", "/w/p"), ("/w/s", "/w/p"), ("/w/c", "/w/p")):
        page.get(path)
        assert page.path == where
    page.post("/w/s", first="", second="")
    assert page.path == "/w/p"
    assert everything(home) == []


@pytest.mark.parametrize(
    ("typed", "again", "told"),
    [
        ("short", "short", "too short"),
        (PHRASE_OF_FOUR, PHRASE_OF_FOUR + ".", "not the same"),
        ("passwort123", "passwort123", "easy to guess"),
        ("", "", "too short"),
    ],
)
def test_a_passphrase_is_looked_at(
    page: Browser, home: Path, typed: str, again: str, told: str
) -> None:
    page.post("/w/p", place=str(home), name="Recipes", typed="")
    page.post("/w/k", passphrase=typed, again=again)
    assert (page.status, page.path) == (422, "/w/k")
    assert told in page.words
    assert typed == "" or f'value="{typed}"' not in page.html


def test_an_easy_passphrase_can_be_taken_by_saying_so(page: Browser, home: Path) -> None:
    page.post("/w/p", place=str(home), name="Recipes", typed="")
    page.post("/w/k", passphrase="passwort123", again="passwort123")
    assert 'name="easy"' in page.html
    page.post("/w/k", passphrase="passwort123", again="passwort123", easy="yes")
    assert page.path == "/w/y"


def test_a_passphrase_left_alone_for_long_is_asked_for_again(page: Browser, home: Path) -> None:
    as_far_as_the_sheet(page, home)
    kept = page.room.sessions._open[0].kept["start"]
    kept.at -= page.room.idle_seconds + 1
    page.get("/w/s")
    assert page.path == "/w/k"
    assert kept.passphrase == ""


def test_a_copied_folder_is_named_and_asked_about(page: Browser, home: Path) -> None:
    cloud = home / "OneDrive - Personal"
    cloud.mkdir()
    page.post("/w/p", place="typed", name="", typed=str(cloud / "Recipes"))
    assert page.path == "/w/c"
    assert "OneDrive copies this folder" in page.words
    page.get("/w/k")
    assert page.path == "/w/c", "the question cannot be stepped over"
    page.post("/w/c")
    assert page.path == "/w/k"


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "con", "x" * 61, "a\x00b", "end."])
def test_a_name_that_no_folder_can_have_is_refused(page: Browser, home: Path, name: str) -> None:
    page.post("/w/p", place=str(home), name=name, typed="")
    assert page.status == 422
    assert "cannot be used for a folder" in page.words


def test_a_place_that_was_never_offered_is_refused(page: Browser, tmp_path: Path) -> None:
    page.post("/w/p", place=str(tmp_path), name="Recipes", typed="")
    assert page.status == 422
    assert "not there any more" in page.words


def test_a_language_is_spoken_from_the_next_page_on(page: Browser) -> None:
    page.post("/w/l", language="de")
    assert page.room.language == "de"
    page.post("/w/l", language="xx")
    assert page.room.language == "de"


def test_a_folder_named_on_the_command_line_is_the_first_choice(home: Path) -> None:
    with Browser(home / "Plants") as page:
        page.get("/")
        assert page.path == "/w"
        assert "In the folder you named" in page.get("/w/p")
        page.post("/w/p", place="named", name="", typed="")
        assert page.path == "/w/k"


# -- coming back -----------------------------------------------------------------------------------


def test_the_right_passphrase_opens_and_a_wrong_one_is_said_calmly(home: Path) -> None:
    make(home / "Notes").close()
    with Browser(home / "Notes") as page:
        page.get("/")
        assert page.path == "/u"
        page.post("/u", passphrase="not this one")
        assert page.status == 423
        assert "does not open the case. Nothing was changed." in page.words
        page.post("/u", passphrase="")
        assert "The field was empty" in page.words
        page.post("/u", passphrase=PHRASE)
        assert page.path == "/"
        assert not page.room.sessions._open[0].kept.get("start")


def test_after_it_closed_by_itself_the_page_says_so(home: Path) -> None:
    make(home / "Notes").close()
    with Browser(home / "Notes") as page:
        assert "closes by itself" not in page.get("/u")
        page.post("/u", passphrase=PHRASE)
        page.room.lock()
        assert "closes by itself when nothing is pressed for 10 minutes" in page.get("/")
        assert page.path == "/u"


def test_without_a_name_the_cases_nearby_are_offered_newest_first(home: Path) -> None:
    make(home / "Older").close()
    make(home / "Newer").close()
    (home / "Elsewhere").mkdir()
    with Browser(None) as page:
        page.get("/")
        assert page.path == "/u/c"
        assert page.words.index("Newer") < page.words.index("Older")
        assert "Elsewhere" not in page.words
        page.post("/u/c", folder=str(home / "Older"))
        assert page.path == "/u"
        assert "Older" in page.words


def test_a_path_that_holds_no_case_is_said(page: Browser, home: Path) -> None:
    for typed in (str(home), "Notes", "", "~/nothing"):
        page.post("/u/c", typed=typed)
        assert page.status == 422
        assert page.room.folder is None


def test_a_case_without_its_key_file_is_told_and_not_made_anew(home: Path) -> None:
    make(home / "Notes").close()
    (home / "Notes" / "case.toml").unlink()
    with Browser(home / "Notes") as page:
        page.get("/")
        assert page.status == 409
        assert "key file (case.toml) of this case is missing" in page.words


def test_a_damaged_case_opens_for_reading_with_an_alarm(home: Path) -> None:
    make(home / "Notes").close()
    (home / "Notes" / "checkpoints" / "head.note").unlink()
    with Browser(home / "Notes") as page:
        page.post("/u", passphrase=PHRASE)
        assert page.path == "/"
        assert "This case is not as it was left" in page.words
        assert "The signed head of the log is missing" in page.words
        assert page.words.index("not as it was left") < page.words.index("Next")


def test_the_language_of_the_case_is_spoken_after_opening(home: Path) -> None:
    with speaking("de"):
        make(home / "Notes").close()
    with Browser(home / "Notes") as page:
        page.post("/u", passphrase=PHRASE)
        assert 'lang="de"' in page.html


# -- the first page --------------------------------------------------------------------------------


def test_an_empty_case_asks_for_one_file(home: Path) -> None:
    make(home / "Notes").close()
    with Browser(home / "Notes", PHRASE) as page:
        page.get("/")
        assert "Bring in the first file" in page.words
        assert "First steps" in page.words


def test_the_page_one_arrives_at_counts_and_names_the_next_thing(home: Path) -> None:
    with make(home / "Notes") as desk:
        desk.add([put(home / "in", "chat.txt", CHAT_OF_TWO)])
    with Browser(home / "Notes", PHRASE) as page:
        with page.room.using() as sitting:
            assert sitting is not None
            sitting.catch_up()
        page.get("/")
        assert "1 file is kept, unchanged. 3 events were read from it" in page.words.replace(
            "from them", "from it"
        )
        assert "Answer a question" in page.words


CHAT_OF_TWO = """\
14/03/2024, 09:05 - Alex: are you there
14/03/2024, 09:06 - Mira: please do not write to me any more
15/03/2024, 23:40 - Alex: answer me
"""


def test_who_has_an_open_case_is_not_asked_for_a_new_one(home: Path) -> None:
    make(home / "Notes").close()
    with Browser(home / "Notes", PHRASE) as page:
        for path in ("/w", "/w/p", "/w/k", "/u", "/u/c"):
            page.get(path)
            assert page.path == "/"


def test_words_from_a_disk_are_no_markup(home: Path) -> None:
    make(home / "<b>bold").close()
    with Browser(None) as page:
        page.get("/u/c")
        assert "<b>bold" not in page.html
        assert "&lt;b&gt;bold" in page.html
    shutil.rmtree(home / "<b>bold")


def test_a_new_passphrase_costs_what_it_should() -> None:
    assert Work().memory_kib >= 128 * 1024

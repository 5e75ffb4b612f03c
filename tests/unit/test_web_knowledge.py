# SPDX-License-Identifier: Apache-2.0
"""How do they know? in the app: written down, asked, corrected and taken back, without scripts."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, told_case
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Board, Sitting

HOSTILE = '<script>alert(1)</script>\u202e"><img src=x onerror=y>'
FILLED_IN = re.compile(r'<textarea.*?</textarea>|<input[^>]*value="[^"]*"', re.DOTALL)
HREF = re.compile(r'href="(/k/[a-z]/[0-9a-f]+)"')


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told")
    told_case(folder).close()
    return folder / "case"


@pytest.fixture
def app(made: Path, tmp_path: Path) -> Iterator[Browser]:
    with Browser(shutil.copytree(made, tmp_path / "case"), PHRASE) as browser:
        sitting(browser).catch_up()
        yield browser


def sitting(app: Browser) -> Sitting:
    with app.room.using() as found:
        assert found is not None
        return found


def board(app: Browser) -> Board:
    return sitting(app).look().board()


def links(app: Browser, letter: str) -> list[str]:
    return [one for one in HREF.findall(app.html) if one.startswith(f"/k/{letter}/")]


def begin(app: Browser) -> None:
    app.post("/k/m", knew="where I had parked", day="2024-03-15", time="18:00", shown="A note.")
    app.post("/k/m", knew="my new doctor")
    app.post("/k/c", kind="phone", name="My phone")
    app.post("/k/c", kind="told", name="Sam")


def test_an_empty_board_says_how_to_begin(app: Browser) -> None:
    app.get("/k")
    assert "Begin with one moment" in app.words
    assert "no dossier" in app.words
    assert 'href="/k/m"' in app.html


def test_the_guided_questions_lead_through_every_cell_and_back_to_the_board(app: Browser) -> None:
    begin(app)
    app.get("/k")
    assert "4 questions are open" in app.words
    app.get(links(app, "q")[0])
    asked = []
    for held in ("before", "not", "unknown", "before"):
        (name,) = re.findall(r"Did “(.+?)” hold this", app.words)
        asked.append(name.strip())
        app.post(app.path, held=held, words=f"because {held}")
    assert asked == ["My phone", "Sam", "My phone", "Sam"]
    assert app.path == "/k"
    assert "questions are open" not in app.words
    assert "It could explain 1 of 2 moments." in app.words
    assert "It does not explain moment 1, because you wrote" in app.words
    assert "Worth finding out next" in app.words
    assert "because before" in app.words


def test_one_answer_can_be_changed_and_leads_back_when_that_is_asked(app: Browser) -> None:
    begin(app)
    app.get("/k")
    first = links(app, "q")[1]
    app.post(first, held="not", then="board")
    assert app.path == "/k"
    app.get(first)
    assert re.search(r'value="not" checked', app.html)
    app.post(first, held="before", then="board")
    assert board(app).tallies[0].could == (1,)


def test_an_answer_that_is_none_is_asked_again(app: Browser) -> None:
    begin(app)
    app.get("/k")
    where = links(app, "q")[1]
    app.post(where, held="perhaps")
    assert app.path == where
    assert board(app).following is not None


def test_a_moment_without_words_keeps_what_was_typed(app: Browser) -> None:
    app.post("/k/m", knew="  ", shown="He said so.", day="2024-03-15")
    assert app.status == 400
    assert "What did they know?" in app.words
    assert "He said so." in app.html
    assert board(app).moments == ()


def test_a_carrier_without_a_kind_is_said_over_the_form(app: Browser) -> None:
    app.post("/k/c", kind="", name="My phone")
    assert app.status == 400
    assert 'value="My phone"' in app.html


def test_a_moment_is_corrected_in_place(app: Browser) -> None:
    begin(app)
    app.get("/k")
    where = links(app, "m")[0]
    assert "where I had parked" in app.get(where)
    assert 'value="2024-03-15"' in app.html
    assert 'value="18:00"' in app.html
    app.post(where, knew="where the car was", day="2024-03-16")
    one = board(app).moments[0]
    assert (one.knew, one.when, one.shown) == ("where the car was", "2024-03-16T00:00:00", "")
    app.get("/k")
    app.get(links(app, "c")[0])
    app.post(app.path, kind="account", name="Shared account")
    assert board(app).carriers[0].name == "Shared account"


def test_taking_back_is_asked_first(app: Browser) -> None:
    begin(app)
    app.get("/k")
    app.get(links(app, "m")[0])
    app.get(links(app, "t")[0])
    assert "Take this back?" in app.words
    assert len(board(app).moments) == 2
    app.post(app.path)
    assert app.path == "/k"
    assert [one.knew for one in board(app).moments] == ["my new doctor"]


def test_a_moment_can_rest_on_a_message_and_be_loosened_from_it(app: Browser) -> None:
    event = sitting(app).look().events()[3].event
    where = "/k/m/" + app.room.keys.key({"event": event})
    assert "answer me" in app.get(where)
    app.post(where, knew="that I was awake")
    one = board(app).moments[0]
    assert (one.event, one.when) == (event, "2024-03-15T23:40:00")
    app.get("/k")
    corrected = links(app, "m")[0]
    assert "answer me" in app.get(corrected)
    app.post(corrected, knew="that I was awake", without_event="yes", day="2024-03-14")
    again = board(app).moments[0]
    assert (again.entry, again.event, again.when) == (one.entry, "", "2024-03-14T00:00:00")


def test_what_a_person_pasted_stays_text(app: Browser) -> None:
    app.post("/k/m", knew=HOSTILE, shown=HOSTILE, own_words=HOSTILE)
    app.post("/k/m", knew="another")
    app.post("/k/c", kind="other", name=HOSTILE)
    app.post("/k/c", kind="other", name="plain")
    app.get("/k")
    places = {*links(app, "m"), *links(app, "q"), *links(app, "c")}
    app.post(links(app, "q")[0], held="not", words=HOSTILE)
    for where in ("/k", *places):
        app.get(where)
        assert "<script>alert" not in app.html
        assert "<img src=x" not in app.html
        assert "\u202e" not in FILLED_IN.sub("", app.html)


def test_a_key_of_another_thing_shows_nothing(app: Browser) -> None:
    begin(app)
    for letter in "mcqt":
        where = f"/k/{letter}/" + app.room.keys.key({"moment": 99, "carrier": 98, "entry": 1})
        app.get(where)
        assert "where I had parked" not in app.words
        app.post(where, held="not", knew="x", kind="phone", name="y")
    assert len(board(app).moments) == 2
    assert len(board(app).carriers) == 2


def test_the_board_is_german_in_german(made: Path, tmp_path: Path) -> None:
    case = shutil.copytree(made, tmp_path / "case")
    with Browser(case, PHRASE, language="de") as app:
        begin(app)
        app.get("/k")
        assert app.status == 200
        assert 'lang="de"' in app.html

# SPDX-License-Identifier: Apache-2.0
"""The whole road in a real browser, from an empty folder to leaving, reading only the pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import app_road as road
from app_case import Server
from app_person import Person

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LONG = pytest.mark.long
NEUTRAL = {"", "Notes", "Notizen", "about:blank"}
OPAQUE = re.compile(r"about:blank|/l|(/[a-z]){0,3}(/[\w-]{16,30}){0,2}/?")
"""What may stand in a history: letters that tell nothing, and keys."""


def walk(person: Person, folder: Path, *, most: int = 7) -> str:
    """Go from the first page to a case with everything done; gives the newest recovery code."""
    road.first_run(person)
    files = road.add_exports(person, folder / "exports")
    assert files > 10
    asked = road.answer_questions(person)
    assert person.words("Which one is you?") in asked
    road.say_who(person, most)
    assert road.look_at_findings(person) > 10
    road.write_down(person)
    road.ask_how_they_know(person)
    assert road.make_dossier(person, folder).startswith(b"%PDF-")
    said = road.verify_bundle(person, road.make_bundle(person, folder))
    assert said.startswith({"en": "GENUINE.", "de": "ECHT."}[person.language])
    road.change_settings(person)
    road.queue_stamp(person)
    return road.new_sheet(person)


def leave(person: Person) -> None:
    """Go at once; nothing of the page, and no way back to it, may be left."""
    before = len(person.visited())
    if person.keys and person.scripts:
        for _time in range(3):
            person.page.keyboard.press("Escape")
    else:
        person.hit(person.page.locator(".leave-button"))
    person.page.wait_for_function("!document.querySelector('main')")
    held = person.visited()
    assert len(held) <= before + (not person.scripts)  # a form's answer is one page more
    assert {title for _address, title in held} <= NEUTRAL
    assert [path for path, _title in held if not OPAQUE.fullmatch(path)] == []
    assert person.page.inner_text("body").strip() == ""
    person.page.go_back()
    assert person.page.inner_text("body").strip() == ""


@pytest.mark.parametrize(
    "way",
    [
        pytest.param({"language": "en"}, id="english-desk"),
        pytest.param(
            {"language": "de", "phone": True, "scripts": False}, id="german-phone-plain", marks=LONG
        ),
        pytest.param({"language": "de", "keys": True}, id="german-desk-keys", marks=LONG),
        pytest.param(
            {"language": "en", "phone": True, "keys": True}, id="english-phone-keys", marks=LONG
        ),
        pytest.param({"language": "de", "phone": True}, id="german-phone", marks=LONG),
        pytest.param({"language": "en", "scripts": False}, id="english-desk-plain", marks=LONG),
        pytest.param(
            {"language": "en", "keys": True, "scripts": False}, id="english-plain-keys", marks=LONG
        ),
    ],
)
def test_the_whole_road(browser: Browser, tmp_path: Path, way: dict[str, Any]) -> None:
    with Server(tmp_path / "Notes") as server:
        person = Person(browser, server, **way)
        code = walk(person, tmp_path)
        road.lock(person)
        road.unlock_by_sheet(person, code)
        leave(person)
        person.app.clean()

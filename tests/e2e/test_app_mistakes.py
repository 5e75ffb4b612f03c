# SPDX-License-Identifier: Apache-2.0
"""Mistakes that anybody makes: the page says what happened and what to do, and nothing is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import app_road as road
from app_case import Server
from app_person import Person
from app_states import LIGHT
from standfast.desk import new_case

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def test_slips_on_the_way_to_a_case(browser: Browser, tmp_path: Path) -> None:
    with Server(tmp_path / "Notes") as server:
        person = Person(browser, server)
        person.page.goto(server.address)
        person.page.goto(server.base + "/w/p")
        person.press("Go on")
        person.write("Passphrase", "abc")
        person.write("The same once more", "abc")
        person.press("Go on")
        person.sees("This passphrase is too short.")
        person.write("Passphrase", road.PHRASE)
        person.write("The same once more", road.PHRASE + " ")
        person.press("Go on")
        person.sees("The two are not the same.")
        person.write("Passphrase", road.PHRASE)
        person.write("The same once more", road.PHRASE)
        person.press("Go on")
        person.press("Go on")
        road.copy_sheet(person)
        person.fill(person.page.locator("input[name=second]"), "0000")
        person.press("Make my case")
        person.sees("These are not the groups that stand on the sheet.")
        assert not (tmp_path / "Notes").exists()
        road.copy_sheet(person)
        person.press("Make my case")
        person.sees("Your case is there, and only you can open it. Take your time.")
        person.app.clean()


def test_a_wrong_passphrase_and_a_person_without_a_role(browser: Browser, tmp_path: Path) -> None:
    case = tmp_path / "Notes"
    new_case(case, road.PHRASE, zone=road.ZONE, work=LIGHT)
    with Server(case) as server:
        person = Person(browser, server)
        person.app.open("not this one at all")
        assert person.page.get_by_role("alert").count() == 1
        person.write("Passphrase", road.PHRASE)
        person.press("Open")
        person.go("People")
        person.press("Add a person by hand")
        person.write("Name", "Jonas")
        person.press("Add this person")
        person.sees("Choose whether you do not want contact from this person, or somebody else.")
        assert person.page.get_by_label("Name", exact=True).input_value() == "Jonas"
        person.pick("The person whose contact I do not want")
        person.press("Add this person")
        person.page.get_by_role("heading", level=1, name="Jonas").wait_for()
        person.app.clean()

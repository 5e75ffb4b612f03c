# SPDX-License-Identifier: Apache-2.0
"""A case of 1,000,000 events in a real browser: every page comes, and says what is not ready yet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app_case import App, Server, places
from app_person import Person
from app_states import ready
from standfast.web.page import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.long]

BENCH = Path(__file__).parent.parent / "bench"
PHRASE = "ginkgo-marble-tram-oboe"
EVENTS = 1_000_000
MAIN = ("home", "findings", "people", "patterns", "dossier", "dossier_new", "timeline", "event")
EARLY = ("/", "/t", "/f", "/p", "/f/p", "/d", "/d/w", "/q", "/n", "/k")


def run(script: str, *words: str) -> str:
    """Run one of the bench's programs."""
    command = [sys.executable, str(BENCH / script), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("million")
    chat = folder / "WhatsApp Chat with Kim Example.txt"
    run("make_whatsapp.py", str(chat), str(EVENTS), "android")
    told = json.loads(run("our_work.py", "keep", str(folder / "case"), str(chat)))
    assert told["events"] >= EVENTS
    return folder / "case"


@pytest.fixture(scope="module")
def server(large: Path) -> Iterator[Server]:
    with Server(large) as running:
        yield running


def test_every_page_comes_and_says_what_is_not_ready(browser: Browser, server: Server) -> None:
    person = Person(browser, server)
    person.app.open(PHRASE)
    early = {path: early_words(person, path) for path in EARLY}
    assert early["/"]  # everything is there before anything is worked out
    ready(person)
    known = places(person.app)
    server.state = person.app.context.storage_state()
    person.app.clean()
    app = App(browser, server, storage_state=server.state)
    wrong = {}
    for name, path in known.items():
        page = app.visit(path)
        assert page.locator("h1").count() == 1, name
        found = app.axe() if name in MAIN else []
        if found:
            wrong[name] = found
    app.clean()
    assert wrong == {}
    assert {one.name for one in pages() if one.menu} <= set(known)


def early_words(person: Person, path: str) -> str:
    """Visit a page while the case is still being read in: it comes, whole or saying so."""
    person.page.goto(person.app.server.base + path)
    assert person.page.locator("h1").count() == 1
    words = person.page.locator("body").inner_text()
    assert "Something went wrong" not in words
    return words


def test_the_numbers_on_the_first_page_are_those_of_the_case(
    browser: Browser, server: Server
) -> None:
    app = App(browser, server, storage_state=server.state)
    words = app.visit("/").locator("main").inner_text()
    assert any(
        int(one.replace(",", "")) >= EVENTS
        for one in words.split()
        if one[:1].isdigit() and one.replace(",", "").isdigit()
    )
    app.clean()

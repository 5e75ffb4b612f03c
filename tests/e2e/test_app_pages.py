# SPDX-License-Identifier: Apache-2.0
"""Every page of the app in a real browser, in every state it can be in: for everybody, everywhere.

Pages are found by following links, so a new one is looked at without being listed here; what no
link leads to (the first run, results of work, what has expired) is prepared in `app_states`.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from PIL import Image

import app_road as road
import app_states
from app_case import DESK, LEFT_OUT, PHONE, App, Server
from app_goldens import (
    FIELDS,
    FIRST_SHOWN,
    GOLDENS,
    LOOKS,
    MOST_FAR,
    SHOWN,
    far_fields,
    picture,
    same,
)
from app_looks import COVERED, MOVING, SAME_NAME, SMALL, TOO_WIDE, UNORDERED, UNSEEN_FOCUS
from standfast.desk import new_case
from standfast.web.page import pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

LONG = pytest.mark.long
WINDOWS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": DESK},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 360, "height": 780}},
    "twice-as-large": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    "forced-colours": {"viewport": DESK, "forced_colors": "active"},
    "without-scripts": {"viewport": DESK, "java_script_enabled": False},
}
SHORT = ("desk",)
"""The window of the quick run; the others take minutes."""
ON_FURTHER_PAGES = {"people_more", "items_more", "notes_more", "findings_further"}
"""Reached where there is much: `test_lists_go_on`."""
NOT_LINKED = {"bundle_of"}
"""For a choice of events; it is the form of ``bundle``, filled in."""
TITLES = {"Notes", "Notizen"}
CHECKS = {
    "too small": SMALL, "not in the order of reading": UNORDERED, "moves": MOVING,
    "same name, other place": SAME_NAME,
}  # fmt: skip


class Served(NamedTuple):
    """A server, and where its pages are."""

    server: Server
    known: dict[str, str]


@pytest.fixture(scope="module")
def furnished(
    browser: Browser, demo_case: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("furnished")
    for server, known in app_states.furnished(browser, demo_case, folder):
        yield Served(server, known)


@pytest.fixture(scope="module")
def beginning(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    for server, known in app_states.first_run(browser, tmp_path_factory.mktemp("first")):
        yield Served(server, known)


@pytest.fixture(scope="module")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    case = tmp_path_factory.mktemp("empty") / "Notes"
    new_case(case, road.PHRASE, work=app_states.LIGHT)
    with Server(case) as server:
        app = App(browser, server)
        app.open(road.PHRASE)
        server.state = app.context.storage_state()
        app.clean()
        yield Served(server, {one.name: one.path for one in pages() if one.menu})


def wrong_with(app: App, path: str, *, axe: bool = True) -> list[str]:
    """Give everything that is wrong with a page in this window."""
    page = app.visit(path)
    found = app.axe() if axe else []
    for told, check in CHECKS.items():
        found += [f"{told}: {one}" for one in page.evaluate(check)]
    if page.evaluate(TOO_WIDE) > 0:
        found.append("wider than the window")
    if page.title() not in TITLES:
        found.append(f"the title tells: {page.title()}")
    if page.locator("h1").count() != 1:
        found.append("not exactly one heading of the first level")
    return found


def look_at_all(browser: Browser, served: Served, **options: Any) -> dict[str, list[str]]:
    """Give what is wrong, by the page's name."""
    app = App(browser, served.server, storage_state=served.server.state, **options)
    axe = options.get("java_script_enabled", True)  # it waits for its own timers, so for scripts
    wrong = {name: wrong_with(app, path, axe=axe) for name, path in served.known.items()}
    app.clean()
    return {name: found for name, found in wrong.items() if found}


ALL_WINDOWS = [pytest.param(name, marks=() if name in SHORT else LONG, id=name) for name in WINDOWS]


def test_every_page_is_looked_at(furnished: Served, beginning: Served) -> None:
    looked_at = {*furnished.known, *beginning.known, "unlock"}
    assert {
        one.name for one in pages() if one.get
    } - looked_at <= LEFT_OUT | ON_FURTHER_PAGES | NOT_LINKED


@pytest.mark.parametrize("window", ALL_WINDOWS)
def test_every_page_is_for_everybody(browser: Browser, furnished: Served, window: str) -> None:
    assert look_at_all(browser, furnished, **WINDOWS[window]) == {}


@pytest.mark.parametrize("window", ALL_WINDOWS)
def test_the_first_run_is_for_everybody(browser: Browser, beginning: Served, window: str) -> None:
    assert look_at_all(browser, beginning, **WINDOWS[window]) == {}


@pytest.mark.parametrize("window", ALL_WINDOWS)
def test_an_empty_case_is_for_everybody(browser: Browser, empty: Served, window: str) -> None:
    assert look_at_all(browser, empty, **WINDOWS[window]) == {}


@pytest.mark.parametrize(
    "window",
    [pytest.param(DESK, marks=LONG, id="desk"), pytest.param(PHONE, marks=LONG, id="phone")],
)
def test_every_page_in_german(browser: Browser, furnished: Served, window: dict[str, int]) -> None:
    app = App(browser, furnished.server, storage_state=furnished.server.state)
    speak(app, "de")
    wrong = look_at_all(browser, furnished, viewport=window)
    speak(app, "en")
    assert wrong == {}


def speak(app: App, language: str) -> None:
    page = app.visit("/s")
    page.locator("select[name=language]").select_option(language)
    page.locator("form", has=page.locator("select[name=language]")).get_by_role("button").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == language


def test_the_focus_is_always_seen(browser: Browser, furnished: Served) -> None:
    app = App(browser, furnished.server, storage_state=furnished.server.state)
    wrong = {}
    for name, path in furnished.known.items():
        page = app.visit(path)
        page.keyboard.press("Tab")
        found = page.evaluate(UNSEEN_FOCUS) + page.evaluate(COVERED)
        if found:
            wrong[name] = found
    assert wrong == {}
    app.clean()


def test_a_page_that_is_locked_asks_for_the_passphrase(browser: Browser, furnished: Served) -> None:
    app = App(browser, furnished.server)
    page = app.visit("/t")
    assert page.locator("main").count() == 0  # a stranger gets nothing at all
    app.context.close()


def test_a_form_that_is_not_ours_is_refused_calmly(browser: Browser, furnished: Served) -> None:
    app = App(browser, furnished.server, storage_state=furnished.server.state)
    page = app.visit("/n/w")
    page.evaluate("document.querySelector('main input[name=form]').value = '00'")
    page.locator("main textarea").fill("Nothing of this may be kept.")
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    assert page.locator("h1").count() == 1
    assert app.axe() == []
    assert "Nothing of this" not in app.visit("/n").locator("main").inner_text()
    app.context.close()


@pytest.mark.long
def test_lists_go_on(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    app_states.crowd(tmp_path / "case", tmp_path / "exports")
    with Server(tmp_path / "case") as server:
        app = App(browser, server)
        app.open(road.PHRASE)
        for path, further in (("/n", "/n/a/"), ("/p", "/p/a/"), ("/d/i", "/d/a/")):
            page = app.visit(path)
            onwards = page.locator(f'main a[href^="{further}"]').first.get_attribute("href")
            assert onwards
            assert wrong_with(app, onwards) == []
        app.clean()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_looks_as_it_did(browser: Browser, furnished: Served, name: str, look: str) -> None:
    same(name, picture(browser, furnished.server, furnished.known[name], look), look)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", FIRST_SHOWN)
def test_the_first_run_looks_as_it_did(
    browser: Browser, beginning: Served, name: str, look: str
) -> None:
    same(name, picture(browser, beginning.server, beginning.known[name], look), look)


@pytest.mark.parametrize("look", LOOKS)
def test_the_locked_page_looks_as_it_did(browser: Browser, tmp_path: Path, look: str) -> None:
    new_case(tmp_path / "Notes", road.PHRASE, work=app_states.LIGHT)
    with Server(tmp_path / "Notes") as server:
        server.state = None
        path = server.address.removeprefix(server.base)
        same("unlock", picture(browser, server, path, look), look)


def test_a_page_whose_menu_vanished_is_told_from_its_golden() -> None:
    golden = GOLDENS / "home-desk.png"
    whole = Image.open(golden).convert("RGB")
    broken = whole.copy()
    broken.paste(whole.crop((140, 0, whole.width, whole.height)), (0, 0))
    out = io.BytesIO()
    broken.save(out, "PNG")
    assert far_fields(golden.read_bytes(), out.getvalue(), FIELDS["desk"]) > MOST_FAR

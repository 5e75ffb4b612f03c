# SPDX-License-Identifier: Apache-2.0
"""The first run in a real browser: by keyboard alone, on a phone, without scripts; then back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app_case import DESK, PHONE, App, Server

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PHRASE = "quiet river lantern sandwich"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WINDOWS = {
    "desk": {"viewport": DESK},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark"},
    "without-scripts": {"viewport": DESK, "java_script_enabled": False},
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "person"
    folder.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return folder


def looked_at(app: App, window: str) -> list[str]:
    """Give what is wrong with the page that is shown."""
    if window == "without-scripts":
        return []
    wide = ["wider than the window"] if app.page.evaluate(TOO_WIDE) > 0 else []
    return [f"{app.page.url}: {one}" for one in app.axe() + wide]


def on(page: Page) -> None:
    """Press the main button of the page."""
    page.locator("main .button-main").first.click()


def from_paper(page: Page) -> None:
    """Type the two groups that are asked for."""
    groups = page.locator(".sheet-groups li").all_inner_texts()
    for name in ("first", "second"):
        label = page.locator(f"label[for=f-{name}]").inner_text()
        number = re.search(r"\d", label)
        assert number
        page.fill(f"#f-{name}", groups[int(number[0]) - 1].strip().lower())


@pytest.mark.parametrize("window", WINDOWS)
def test_from_nothing_to_an_open_case_and_back(browser: Browser, home: Path, window: str) -> None:
    with Server(None) as server:
        app = App(browser, server, **WINDOWS[window])
        page = app.page
        page.goto(server.address)
        wrong = looked_at(app, window)
        for fill in (lambda: None, lambda: None, lambda: page.fill("#f-name", "Recipes"),
                     lambda: twice(page), lambda: page.fill("#f-called", "Mira"),
                     lambda: from_paper(page)):  # fmt: skip
            fill()
            wrong += looked_at(app, window)
            assert list(home.iterdir()) == []
            on(page)
        assert page.locator("h1").inner_text() == "Hello, Mira"
        wrong += looked_at(app, window)
        assert (home / "Recipes" / "case.toml").exists()
        page.goto(server.base + "/s")
        page.locator("form[action='/l/k'] button").click()
        assert "closes by itself" in page.locator("main").inner_text()
        wrong += looked_at(app, window)
        page.fill("#f-passphrase", PHRASE)
        page.keyboard.press("Enter")
        page.wait_for_url(server.base + "/")
        app.clean()
    assert wrong == []


def twice(page: Page) -> None:
    page.fill("#f-passphrase", PHRASE)
    page.fill("#f-again", PHRASE)


def test_the_whole_way_by_keyboard(browser: Browser, home: Path) -> None:
    with Server(None) as server:
        app = App(browser, server)
        page = app.page
        page.goto(server.address)

        def enter() -> None:
            with page.expect_navigation():
                page.keyboard.press("Enter")

        def tab_to(what: str) -> None:
            for _number in range(60):
                page.keyboard.press("Tab")
                if page.evaluate("(what) => document.activeElement.matches(what)", what):
                    return
            pytest.fail(f"{what} cannot be reached on {page.url}")

        tab_to("main a.button-main")
        enter()
        tab_to("main .button-main")
        enter()
        tab_to("#f-name")
        enter()
        tab_to("#f-passphrase")
        page.keyboard.type(PHRASE)
        assert page.locator("[data-strength]").inner_text() == "Very hard to guess."
        tab_to("#f-again")
        page.keyboard.type(PHRASE[:-1])
        assert "not the same" in page.locator("[data-same]").inner_text()
        page.keyboard.type(PHRASE[-1])
        enter()
        tab_to("#f-called")
        enter()
        from_paper(page)
        enter()
        assert page.url == server.base + "/"
        app.clean()
    assert (home / "Notes" / "case.toml").exists()


def test_on_paper_stand_the_groups_and_nothing_else(browser: Browser, home: Path) -> None:
    with Server(None) as server:
        app = App(browser, server)
        page = app.page
        page.goto(server.address)
        on(page)
        on(page)
        on(page)
        twice(page)
        on(page)
        on(page)
        groups = "".join(page.locator(".sheet-groups li").all_inner_texts())
        page.emulate_media(media="print")
        assert "".join(page.locator("body").inner_text().split()) == "".join(groups.split())
        app.clean()
    assert list(home.iterdir()) == []


def test_safety_and_cases_nearby_fit_every_window(browser: Browser, home: Path) -> None:
    assert home.is_dir()
    with Server(None) as server:
        first = App(browser, server)
        first.page.goto(server.address)
        state = first.context.storage_state()
        first.clean()
        for window in ("desk", "phone-dark"):
            app = App(browser, server, storage_state=state, **WINDOWS[window])
            wrong = []
            for path in ("/w/u", "/u/c", "/x", "/x/l", "/x/t", "/x/d"):
                app.visit(path)
                wrong += looked_at(app, window)
            app.clean()
            assert wrong == []

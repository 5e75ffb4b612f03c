# SPDX-License-Identifier: Apache-2.0
"""The frame of every page in a real browser: leaving, idling, the keyboard, and what axe says.

The page of designs is answered from memory with the app's own headers: no server and no case.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import fontpkg_atkinson_hyperlegible
import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from standfast.i18n import speaking
from standfast.web import charts
from standfast.web.pages.files import STATIC, TYPES
from standfast.web.rendering import render
from standfast.web.security import HEADERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser

BASE = "http://127.0.0.1:50000"
PHONE = {"width": 360, "height": 780}
DESK = {"width": 1280, "height": 900}
OUTSIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def fonts() -> dict[str, Path]:
    folder = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    return {one.name.rpartition("-")[2]: one for one in folder.iterdir()}


def designs(language: str, idle: int) -> str:
    with speaking(language):
        return render(
            "designs.html",
            {
                "url": lambda name, **_keys: f"/{name}", "form_token": "0a", "page_name": "y",
                "lang": language, "direction": "ltr", "unlocked": True, "behind": True,
                "as_of": "2024-03-04T10:00:00+00:00", "idle_seconds": idle, "jobs": [],
                "away": "620; url=/again", "messages": [("calm", "It is kept.")],
                "menu": [("/t", "Timeline", True), ("/s", "Settings", False)],
                "charts": charts, "nowhere": lambda *_spot: "#main",
            },
        )  # fmt: skip


class Site:
    """A window whose every request is answered here, and what it sent and complained about."""

    def __init__(
        self, browser: Browser, language: str = "en", idle: int = 600, **options: Any
    ) -> None:
        self.designs = designs(language, idle)
        self.sent: list[tuple[str, str]] = []
        self.complaints: list[str] = []
        context = browser.new_context(**{"viewport": DESK, **options})
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.heard(message.text))
        self.page.on("pageerror", lambda problem: self.heard(str(problem)))
        context.route("**/*", self.answer)
        self.page.goto(f"{BASE}/y")

    def heard(self, text: str) -> None:
        if not text.startswith("[DOM]"):
            self.complaints.append(text)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self.sent.append((path, route.request.post_data or ""))
        if path.startswith("/z/"):
            found = fonts()[path[8:]] if path.startswith("/z/font/") else STATIC / path[3:]
            kind = TYPES[found.suffix]
            route.fulfill(body=found.read_bytes(), headers={**HEADERS, "content-type": kind})
            return
        page = self.designs if path == "/y" else "<!doctype html><title>Notes</title>"
        route.fulfill(body=page, headers={**HEADERS, "content-type": "text/html; charset=utf-8"})

    def close(self) -> None:
        assert self.complaints == []
        self.page.context.close()


@pytest.mark.parametrize(
    ("language", "scheme", "size"), [("en", "light", DESK), ("de", "dark", PHONE)]
)
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, language: str, scheme: str, size: dict[str, int]
) -> None:
    site = Site(browser, language, viewport=size, color_scheme=scheme)
    site.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    site.page.evaluate(AXE_FILE_PATH.read_text("utf-8"))
    found = site.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == []
    assert not site.page.evaluate(OUTSIDE)
    site.close()


def test_escape_three_times_leaves_and_takes_this_page_out_of_the_history(browser: Browser) -> None:
    site = Site(browser)
    before = site.page.evaluate("history.length")
    for _time in range(3):
        site.page.keyboard.press("Escape")
    site.page.wait_for_url("about:blank")
    assert site.page.evaluate("history.length") == before
    assert site.page.inner_text("body") == ""
    assert site.sent == [("/leave", "form=0a")]
    site.close()


def test_the_button_leaves_as_well(browser: Browser) -> None:
    site = Site(browser)
    site.page.click(".leave-button")
    site.page.wait_for_url("about:blank")
    assert site.sent == [("/leave", "form=0a")]
    site.close()


def test_escape_pressed_slowly_does_not_leave(browser: Browser) -> None:
    site = Site(browser)
    for _time in range(4):
        site.page.keyboard.press("Escape")
        site.page.wait_for_timeout(800)
    assert site.page.url == f"{BASE}/y"
    assert site.sent == []
    site.close()


def test_without_scripts_the_button_is_a_form(browser: Browser) -> None:
    site = Site(browser, java_script_enabled=False)
    site.page.click(".leave-button")
    assert urlsplit(site.page.url).path == "/leave"
    assert site.sent == [("/leave", "form=0a")]
    site.close()


def test_idling_warns_then_clears_and_locks(browser: Browser) -> None:
    site = Site(browser, idle=4)
    warning = site.page.locator(".idle-warning p")
    site.page.wait_for_timeout(3_200)
    assert warning.inner_text().startswith("Nothing was pressed for a while")
    site.page.keyboard.press("Shift")
    site.page.wait_for_timeout(1_300)
    assert warning.inner_text() == ""
    site.page.wait_for_url(f"{BASE}/unlock", timeout=8_000)
    assert site.sent == [("/lock", "form=0a")]
    site.close()


def test_the_way_out_comes_early_and_the_focus_is_always_seen(browser: Browser) -> None:
    site = Site(browser)
    ring = """() => {
      const one = document.activeElement;
      const shape = one.closest(".choice-card") ?? one.querySelector("rect") ?? one;
      const seen = [one, shape, one.parentElement].map((part) => getComputedStyle(part));
      const after = getComputedStyle(one, "::after");
      const outline = [...seen, after].some(
        (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
      return outline || parseFloat(seen[1].strokeWidth) >= 2 ? "" : one.outerHTML.slice(0, 90);
    }"""
    reached = []
    unseen = set()
    for _time in range(60):
        site.page.keyboard.press("Tab")
        reached.append(site.page.evaluate("document.activeElement.className"))
        unseen.add(site.page.evaluate(ring))
    assert reached[:2] == ["skip", "leave-button"]
    assert unseen == {""}
    site.close()


def test_the_menu_opens_on_a_phone_without_scripts(browser: Browser) -> None:
    site = Site(browser, viewport=PHONE, java_script_enabled=False)
    link = site.page.get_by_role("link", name="Settings")
    assert not link.is_visible()
    site.page.click(".menu-button")
    assert link.is_visible()
    site.close()


def test_targets_are_large_enough(browser: Browser) -> None:
    site = Site(browser, viewport=PHONE)
    small = site.page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary, .menu a, svg a")]
          .filter((one) => one.type !== "hidden")
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
          .map(([text]) => text)"""
    )
    assert small == []
    main = site.page.locator(".leave-button").bounding_box()
    assert main
    assert main["height"] >= 44
    site.close()


def test_with_twice_the_size_of_letters_nothing_sticks_out(browser: Browser) -> None:
    site = Site(browser, "de", viewport={"width": 640, "height": 450})
    assert not site.page.evaluate(OUTSIDE)
    site.page.set_viewport_size({"width": 320, "height": 400})
    assert not site.page.evaluate(OUTSIDE)
    site.close()

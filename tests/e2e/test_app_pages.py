# SPDX-License-Identifier: Apache-2.0
"""Every page of the app in a real browser, on the demo's case: for everybody, on every window.

Pages are found by following links, so a new one is looked at without being listed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app_case import DESK, PHONE, App, Server, places
from standfast.demo.story import told
from standfast.web.page import pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PHRASE = told("case")["passphrase"]

SMALL = """
[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => one.checkVisibility({visibilityProperty: true}))
  .filter((one) => !one.closest('.skip') && !(one.type == 'hidden'))
  .filter((one) => getComputedStyle(one).display != 'inline')
  .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  .filter(([box, _]) => box.width > 0 && (box.width < 24 || box.height < 24))
  .map(([box, html]) => `${Math.round(box.width)}x${Math.round(box.height)} ${html}`)
"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WINDOWS = {
    "desk": {"viewport": DESK},
    "desk-dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True},
    "phone-dark": {"viewport": PHONE, "color_scheme": "dark"},
    "twice-as-large": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    "german": {"viewport": DESK, "locale": "de-DE"},
    "german-phone": {"viewport": PHONE, "locale": "de-DE"},
    "without-scripts": {"viewport": DESK, "java_script_enabled": False},
}


@pytest.fixture(scope="module")
def server(demo_case: Path) -> Iterator[Server]:
    with Server(demo_case) as running:
        yield running


@pytest.fixture(scope="module")
def known(browser: Browser, server: Server) -> dict[str, str]:
    app = App(browser, server)
    app.open(PHRASE)
    found = places(app)
    server.state = app.context.storage_state()
    app.clean()
    return found


def test_every_page_is_reached_by_links(known: dict[str, str]) -> None:
    unreached = {one.name for one in pages() if one.get} - set(known)
    assert unreached <= {"static", "font", "job", "job_state", "designs"}


@pytest.mark.parametrize("window", [name for name in WINDOWS if name != "without-scripts"])
def test_axe_finds_nothing_and_everything_fits(
    browser: Browser, server: Server, known: dict[str, str], window: str
) -> None:
    app = App(browser, server, storage_state=server.state, **WINDOWS[window])
    wrong = {}
    for name, path in {**known, "designs": "/y"}.items():
        page = app.visit(path)
        found = app.axe() + page.evaluate(SMALL)
        if page.evaluate(TOO_WIDE) > 0:
            found.append("wider than the window")
        if page.title() not in {"Notes", "Notizen"}:
            found.append(f"the title tells: {page.title()}")
        if page.locator("h1").count() != 1:
            found.append("not exactly one heading of the first level")
        if found:
            wrong[name] = found
    assert wrong == {}
    app.clean()

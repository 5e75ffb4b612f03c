# SPDX-License-Identifier: Apache-2.0
"""A case of 1,000,000 events in a real browser: every page comes, or says what is not ready."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import pytest

from app_case import DESK, PHONE, App, Server
from desk_case import PHRASE, make
from scroll_case import SETTLED, in_view, numbers, open_timeline

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MILLION = 1_000_000


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of a million events."""
    place = tmp_path_factory.mktemp("million")
    path = place / "WhatsApp Chat with Kim.txt"
    with path.open("w", encoding="utf-8") as file:
        for number in range(MILLION):
            minute, day = number % 1440, number // 1440
            month, year = day // 28 % 12 + 1, 2020 + day // 336
            date = f"{day % 28 + 13 - 12:02}/{month:02}/{year}"
            words = "lorem " * (number % 17) + ("needle" if number % 99_991 == 7 else "")
            file.write(f"{date}, {minute // 60:02}:{minute % 60:02} - Kim: {number} {words}\n")
    with make(place / "case") as desk:
        desk.add([path])
    return place / "case"


@pytest.mark.long
@pytest.mark.parametrize("window", [{"viewport": DESK}, {"viewport": PHONE}])
def test_a_million_events_in_one_scroll(
    browser: Browser, million: Path, window: dict[str, Any]
) -> None:
    with Server(million) as server:
        app = App(browser, server, **window)
        app.open(PHRASE)
        began = time.monotonic()
        page = app.visit("/t")
        assert time.monotonic() - began < 2
        page = open_timeline(app)
        every_place_is_reached(page)
        the_wheel_moves_by_as_much(page)
        every_hit_is_found(page)
        answers_come_at_once(page)
        app.clean()


def every_place_is_reached(page: Page) -> None:
    assert in_view(page)[0]["of"] == MILLION
    roll = page.locator(".roll")
    for part in (1, 0.5, 0.123, 0.987):
        roll.evaluate(f"one => one.scrollTop = (one.scrollHeight - one.clientHeight) * {part}")
        first = numbers(page)[0]
        assert abs(first / MILLION - part) < 0.005
        assert f"{first - 1} " in in_view(page)[0]["text"]
    roll.evaluate("one => one.scrollTop = one.scrollHeight")
    assert numbers(page)[1] == MILLION


def the_wheel_moves_by_as_much(page: Page) -> None:
    roll = page.locator(".roll")
    roll.hover()
    for _step in range(30):
        page.mouse.wheel(0, -500)
        page.wait_for_timeout(30)
    first = numbers(page)[0]
    assert MILLION - 400 < first < MILLION - 20  # by as much as was turned, not in proportion


def every_hit_is_found(page: Page) -> None:
    page.locator("#f-search").fill("needle")
    page.wait_for_function(
        "() => document.querySelector('[data-hits-told]').textContent.includes('of 11')"
    )
    places = []
    for _hit in range(11):
        page.wait_for_timeout(SETTLED)
        rows = in_view(page)
        assert "needle" in rows[0]["text"]
        places.append(rows[0]["n"] - 1)
        page.locator("[data-hit='1']").click()
    assert {one % 99_991 for one in places} == {7}
    assert len(set(places)) == 11


def answers_come_at_once(page: Page) -> None:
    answers = page.evaluate(
        """async (feed) => { const took = [];
        for (let n = 0; n < 60; n += 1) { const began = performance.now();
          await (await fetch(feed + Math.floor(n * 16111) )).json();
          took.push(performance.now() - began); } return took; }""",
        page.locator("[data-scroll]").get_attribute("data-feed"),
    )
    assert statistics.quantiles(answers, n=20)[18] < 150

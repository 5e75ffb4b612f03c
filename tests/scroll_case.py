# SPDX-License-Identifier: Apache-2.0
"""The timeline's one scroll as a browser shows it: which rows are seen, and that they fit."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from app_case import App

SETTLED = 350
ROWS = """() => {
  const roll = document.querySelector('.roll');
  const view = roll.getBoundingClientRect();
  const start = view.top + roll.clientTop;
  return [...document.querySelectorAll('.roll-sheet > li')].map((one) => {
    const box = one.getBoundingClientRect();
    return {n: Number(one.getAttribute('aria-posinset')),
            of: Number(one.getAttribute('aria-setsize')),
            top: box.top - start, bottom: box.bottom - start, tall: roll.clientHeight,
            coming: one.classList.contains('event-coming'), text: one.innerText};
  });
}"""
LOADED = "() => document.querySelector('.roll .event') && !document.querySelector('.event-coming')"


def open_timeline(app: App, path: str = "/t") -> Page:
    """Go there and wait until events are seen."""
    page: Page = app.visit(path)
    page.wait_for_selector(".roll .event", timeout=120_000)
    page.wait_for_function(LOADED)
    return page


def in_view(page: Page) -> list[dict[str, Any]]:
    """Give the rows in view, and check that they are what they say: each once, in order, filled."""
    page.wait_for_timeout(SETTLED)
    page.wait_for_function(LOADED)
    page.wait_for_timeout(SETTLED)
    rows = page.evaluate(ROWS)
    numbers = [one["n"] for one in rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for before, after in pairwise(rows):
        assert abs(before["bottom"] - after["top"]) < 1
    seen = [one for one in rows if one["bottom"] > 1 and one["top"] < one["tall"] - 1]
    assert seen
    assert seen[0]["top"] <= 1  # no hole above
    assert seen[-1]["bottom"] >= seen[-1]["tall"] - 1 or seen[-1]["n"] == seen[-1]["of"]
    return seen


def numbers(page: Page) -> tuple[int, int]:
    rows = in_view(page)
    return rows[0]["n"], rows[-1]["n"]

# SPDX-License-Identifier: Apache-2.0
"""The pages about leaving, traces and the device: before there is a case, with limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, make
from standfast.web.pages.safety import BROWSERS, browser_of
from web_case import Browser

if TYPE_CHECKING:
    from pathlib import Path

PATHS = ("/x", "/x/l", "/x/t", "/x/d")
PROMISES = re.compile(r"(?i)\b(completely|guarantee\w*|100 ?%|fully protected|cannot be seen)\b")


@pytest.mark.parametrize("path", PATHS)
def test_safety_can_be_read_before_there_is_a_case(path: str) -> None:
    with Browser(None) as page:
        page.get(path)
        assert (page.status, page.path) == (200, path)
        assert not PROMISES.search(page.words)


def test_safety_is_in_the_navigation_of_an_open_case(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    with Browser(tmp_path / "case", PHRASE) as page:
        assert 'href="/x"' in page.get("/x/l")


def test_every_section_says_what_it_cannot_do() -> None:
    with Browser(None) as page:
        assert "What it cannot do" in page.get("/x/l")
        assert "does not erase the browser's history" in page.words
        page.get("/x/t")
        assert "does not hide anything from somebody who watches the computer" in page.words
        page.get("/x/d")
        assert "it does not mean that nobody is watching" in page.words


def test_the_keys_of_the_browser_that_asks_stand_first() -> None:
    agents = {
        "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Edge": "Mozilla/5.0 AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
        "Chrome": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
        "Safari": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15",
    }
    with Browser(None) as page:
        for name, agent in agents.items():
            page.client.headers["user-agent"] = agent
            page.get("/x/t")
            headings = re.findall(r"<h3>(\w+)</h3>", page.html)
            assert headings[0] == name
            assert sorted(headings) == sorted(one.name for one in BROWSERS)


@pytest.mark.parametrize("agent", ["", "curl/8", "\x00" * 10_000, "<script>"])
def test_an_unknown_browser_is_shown_them_all(agent: str) -> None:
    assert browser_of(agent) is None

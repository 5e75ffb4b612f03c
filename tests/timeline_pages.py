# SPDX-License-Identifier: Apache-2.0
"""The timeline's pages for a browser without scripts, and the answers that its script gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk_case import PHRASE, open_desk
from web_case import Browser

if TYPE_CHECKING:
    from pathlib import Path

JSON = {"accept": "application/json"}


def opened(folder: Path, language: str = "en") -> Browser:
    """Open the app, with everything that was read in view."""
    browser = Browser(folder, PHRASE, language)
    with browser.room.using() as sitting:
        assert sitting is not None
        sitting.catch_up()
    return browser


def key(page: Browser, **value: object) -> str:
    return page.room.keys.key(value)


def shown(page: Browser, name: str = "timeline_filtered", **value: object) -> str:
    """Look at a page until it is worked out."""
    path = page.url(name, key=key(page, **value))
    for _again in range(200):
        page.get(path)
        if "data-waiting" not in page.html:
            break
    return page.words


def asked(page: Browser, path: str, **fields: str) -> dict[str, Any]:
    """Ask as the script does, until there is an answer."""
    for _again in range(200):
        if fields:
            token = page.room.sessions._open[0].form_token
            answer = page.client.post(path, data=fields, headers={**JSON, "x-form": token})
        else:
            answer = page.client.get(path, headers=JSON)
        found: dict[str, Any] = answer.json()
        if "wait" not in found:
            return found
    raise AssertionError(path)


def reference(folder: Path, text: str) -> str:
    with open_desk(folder, write=False) as desk:
        return next(one.event for one in desk.events() if text in one.text)

# SPDX-License-Identifier: Apache-2.0
"""The app as a person has it: a server of its own process, Chromium, and what it complains about.

The guard in the page: every request that goes anywhere but to the server, every violation of the
page's policy and every error of a script is kept, and `App.clean` says that there was none.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_FILE_PATH

from standfast.web.page import pages

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SECONDS = 60
HREFS = "[...document.querySelectorAll('main a[href^=\"/\"]')].map(a => a.getAttribute('href'))"
LEFT_OUT = {
    "static", "font", "again", "picture", "dossier_page", "job_state", "add_state", "event_state",
    "findings_state", "timeline_state", "timeline_rows", "timeline_days", "timeline_hit",
    "timeline_hit_from",
}  # fmt: skip
"""No pages to read: what scripts ask for, pictures, and steps that only lead on."""
BROKEN = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Server:
    """``standfast open`` in a process of its own. Use as a context manager."""

    def __init__(self, folder: Path | None, *words: str) -> None:
        command = [sys.executable, "-m", "standfast", "open", "--no-browser", *words]
        if folder is not None:
            command.append(str(folder))
        began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()
        self.seconds = time.monotonic() - began
        self.state: Any = None
        self.base = "http://" + urlsplit(self.address).netloc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> str:
        """End it, and give what it said on standard error."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.communicate(timeout=SECONDS)[1]


class App:
    """One window on a running server."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        self.server = server
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            **{"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce", **options}
        )
        self.page: Page = self.window()

    def window(self) -> Page:
        """Open one more window of the same browser."""
        page = self.context.new_page()
        page.add_init_script(BROKEN)
        page.on("console", self._heard)
        page.on("pageerror", lambda problem: self.complaints.append(f"script: {problem}"))
        page.on("request", self._asked)
        return page

    def _heard(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "status of 4" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.server.base, "about:", "blob:" + self.server.base)):
            self.complaints.append(f"asked {request.url}")

    def open(self, passphrase: str) -> None:
        """Come in by the one-time address and unlock the case."""
        self.page.goto(self.server.address)
        self.page.locator("input[type=password]").first.fill(passphrase)
        self.page.locator("input[type=password]").first.press("Enter")
        self.page.wait_for_load_state()

    def visit(self, path: str) -> Page:
        """Go to a page."""
        self.page.goto(self.server.base + path)
        return self.page

    def axe(self) -> list[str]:
        """Give what axe has to say against the page, each with the first place it found."""
        self.page.evaluate(AXE_FILE_PATH.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]

    def clean(self) -> None:
        """Fail if anything was asked of another host, or forbidden by the policy, or broke."""
        assert self.complaints == []
        self.context.close()


def places(app: App) -> dict[str, str]:
    """Follow links until every page that a link leads to has been seen once: address by name."""
    shapes = [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", one.path)), one.name)
        for one in pages()
        if one.get and one.name not in LEFT_OUT
    ]
    found: dict[str, str] = {}
    waiting = [*(one.path for one in pages() if one.menu), "/y"]
    while waiting:
        path = waiting.pop(0)
        name = next((name for shape, name in shapes if shape.fullmatch(path)), "")
        if not name or name in found:
            continue
        found[name] = path
        waiting += app.visit(path).evaluate(HREFS)
    return found

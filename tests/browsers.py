# SPDX-License-Identifier: Apache-2.0
"""The system's Chromium: found, started, and missed loudly.

On a machine of ours (``CI`` set) a missing browser fails the tests; on a person's own machine the
tests that need one do not run, and pytest's last lines say which, and how to have them.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "needs Chromium (Debian: apt install chromium; or set STANDFAST_CHROMIUM to its path)"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--font-render-hinting=none",
]


def path() -> str:
    """Give where Chromium is; without one the test fails (CI) or is skipped."""
    wanted = os.environ.get("STANDFAST_CHROMIUM")
    found = wanted or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


def launch(playwright: Playwright) -> Browser:
    """Start Chromium with nothing of its own going on."""
    return playwright.chromium.launch(executable_path=path(), args=QUIET)

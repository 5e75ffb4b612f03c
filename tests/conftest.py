# SPDX-License-Identifier: Apache-2.0
"""What tests of several topics share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # test folders are no packages

import browsers
from tsa import Authority

settings.register_profile("ours", deadline=None)  # no test of ours fails by the clock
settings.load_profile("ours")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give a timestamp authority with elliptic keys, directly under its root."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def second_authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give another one, with RSA keys and a certificate between."""
    return Authority(tmp_path_factory.mktemp("second"), kind="rsa", intermediate=True, common="Two")


@pytest.fixture(scope="module")  # its loop and greenlets would disturb tests of other modules
def browser() -> Iterator[Browser]:
    """Give the system's Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only what needs a browser loads it

    with sync_playwright() as playwright:
        running = browsers.launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def demo_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the demo's case; a test that writes into it copies it first."""
    from standfast.demo import build  # noqa: PLC0415 - few tests want it
    from standfast.desk import Silent  # noqa: PLC0415 - as above

    out = tmp_path_factory.mktemp("demo") / "d"
    build(out, Silent())
    return out / "case"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end which tests a missing browser kept from running."""
    missed = [
        one.nodeid
        for one in terminalreporter.stats.get("skipped", [])
        if browsers.MISSING in str(one.longrepr)
    ]
    if missed:
        terminalreporter.section("not run: " + browsers.MISSING)
        for name in sorted(missed):
            terminalreporter.line(name)

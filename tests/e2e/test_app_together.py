# SPDX-License-Identifier: Apache-2.0
"""Two windows and the command line on one case at once, and a server that is killed.

Nothing is lost, and nothing old is shown without saying so.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import app_road as road
from app_case import Server
from app_person import Person
from app_states import LIGHT, ready
from standfast.desk import new_case

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PHRASE = road.STORY["passphrase"]
LETTER = """\
From: Alex <alex@example.org>
To: mira@example.org
Subject: please
Date: Sat, 16 May 2026 10:00:00 +0200
Message-ID: <late@example.org>

A word that came late.
"""
LARGE = 48 << 20


def command(case: Path, *words: str, phrase: str) -> subprocess.CompletedProcess[str]:
    """Run the program on a case, beside the server."""
    read, write = os.pipe()
    os.write(write, phrase.encode() + b"\n")
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-m", "standfast", *words[:1], str(case), *words[1:],
         "--passphrase-fd", str(read)],
        capture_output=True, text=True, pass_fds=[read], check=False,
    )  # fmt: skip
    os.close(read)
    return done


def test_two_windows_and_the_command_line_lose_nothing(
    browser: Browser, demo_case: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    shutil.copytree(demo_case, case)
    letter = tmp_path / "late.eml"
    letter.write_text(LETTER, "utf-8")
    with Server(case) as server:
        one = Person(browser, server)
        one.app.open(PHRASE)
        ready(one)
        other = one.app.window()
        other.goto(server.base + "/n/w")
        other.locator("textarea").fill("From the other window.")
        one.page.goto(server.base + "/n/w")
        one.write("Your note", "From the one window.")
        added = command(case, "add", str(letter), phrase=PHRASE)
        assert added.returncode == 0, added.stderr
        other.get_by_role("button", name="Keep it").click()
        one.press("Keep it")
        one.page.goto(server.base + "/t")
        stale = one.page.get_by_text("This page shows what was known at").count() > 0
        newest = "A word that came late" in one.page.locator("main").inner_text()
        assert stale or newest or files_of(one) == "18"
        ready(one)
        assert files_of(one) == "18"
        one.go("Notes")
        for text in ("From the one window.", "From the other window."):
            assert one.page.get_by_text(text).count() == 1
        one.app.clean()
    assert command(case, "verify", phrase=PHRASE).returncode == 0
    found = command(case, "timeline", "--search", "came late", "--json", phrase=PHRASE)
    assert "A word that came late." in json.dumps(json.loads(found.stdout), ensure_ascii=False)


def files_of(person: Person) -> str:
    """Read on the first page how many files there are."""
    person.page.goto(person.app.server.base + "/")
    return person.page.locator("dl.facts dd").first.inner_text()


def test_a_decision_from_an_old_page_is_taken_or_refused_and_never_lost_silently(
    browser: Browser, demo_case: Path, tmp_path: Path
) -> None:
    case = tmp_path / "case"
    shutil.copytree(demo_case, case)
    letter = tmp_path / "late.eml"
    letter.write_text(LETTER, "utf-8")
    with Server(case) as server:
        person = Person(browser, server)
        person.app.open(PHRASE)
        ready(person)
        person.page.goto(server.base + "/f/c")
        button = road.decision(person, "Take this decision back: {title}")
        before = road.decided(person)
        assert command(case, "add", str(letter), phrase=PHRASE).returncode == 0
        person.use(button)
        taken = person.page.get_by_text("Taken back. It waits for you again.").count()
        road.worked_out(person)
        person.page.goto(server.base + "/f/c")
        road.worked_out(person)
        assert road.decided(person) == before - 1
        assert taken == 1
        person.app.clean()


def test_a_server_killed_in_the_middle_of_an_upload(browser: Browser, tmp_path: Path) -> None:
    case, folder = tmp_path / "Notes", tmp_path / "exports"
    new_case(case, road.PHRASE, zone=road.ZONE, work=LIGHT)
    folder.mkdir()
    small = [folder / f"{number}.eml" for number in range(3)]
    for number, path in enumerate(small):
        path.write_text(LETTER.replace("late@", f"{number}@"), "utf-8")
    large = folder / "video.mp4"
    large.write_bytes(os.urandom(LARGE))
    with Server(case) as server:
        person = Person(browser, server)
        person.app.open(road.PHRASE)
        person.go("Add")
        person.give("Choose files", [*small, large])
        slow(person)
        person.named("button", "Add these").click()
        person.page.get_by_text("3 of 4 files").wait_for()
        server.stop(signal.SIGKILL)
        person.app.context.close()
    assert command(case, "verify", phrase=road.PHRASE).returncode == 0
    with Server(case) as server:
        person = Person(browser, server)
        person.app.open(road.PHRASE)
        person.go("Add")
        person.sees(
            "Add the same files or the same folder again: what is there already is not kept twice."
        )
        missing = person.page.locator("main .notice").first.inner_text()
        assert "video.mp4" in missing
        assert "0.eml" not in missing
        person.give("Choose files", [*small, large])
        person.press("Add these")
        person.wait()
        person.reads("What became of it")
        person.go("Add")
        assert person.page.get_by_text("video.mp4").count() == 0
        assert files_of(person) == "4"
        person.app.clean()
    assert command(case, "verify", phrase=road.PHRASE).returncode == 0


def slow(person: Person) -> None:
    """Let little through at a time, as an old disk would."""
    session = person.app.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 << 20},
    )

# SPDX-License-Identifier: Apache-2.0
"""Cases and servers in the states that pages are looked at in: addresses by the page's name.

* ``furnished``: the demo's case with something on every page, also what a demo leaves out;
* ``crowded``: so many notes, originals, accounts and findings that lists go on on a second page;
* the way through a first run stays open at every step, in a folder that a service copies.
"""

from __future__ import annotations

import re
import shutil
from email.message import EmailMessage
from typing import TYPE_CHECKING

import app_road as road
from app_case import Server, places
from app_person import Person
from standfast.desk import Desk, Held, Unlock, new_case
from standfast.vault.keys import Work

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

LIGHT = Work(65536, 3, 4)
"""As little work for a passphrase as is allowed."""
UNCLEAR = """\
03/04/2026, 09:05 - Messages and calls are end-to-end encrypted.
03/04/2026, 09:05 - Sascha: are you there
04/04/2026, 09:06 - Mira W: yes
05/04/2026, 21:40 - Sascha: good
"""
MANY = 101
WRITERS = 60


def furnish(case: Path, folder: Path) -> None:
    """Put on the board what can stand on it, leave a question open, want a timestamp."""
    chat = folder / "WhatsApp Chat with Sascha.txt"
    chat.write_text(UNCLEAR, "utf-8")
    with Desk.open_case(case, Unlock(road.STORY["passphrase"]), write=True) as desk:
        desk.add([chat])
        shown = desk.knowledge_moment("where I had parked on Tuesday", shown="He named the street.")
        phone, car = desk.carrier("phone", "my phone"), desk.carrier("car", "the blue car")
        desk.carried(shown, phone, Held.BEFORE, "It stood in the calendar.")
        assert car
        desk.anchor("https://tsa.example.org/stamp", None)


def crowd(case: Path, folder: Path) -> None:
    """Make a case whose lists go on on a second page."""
    lines = [
        f"2026-03-{1 + day % 28:02}, {8 + day // 28:02}:{one:02} - Writer {one}: again {day}"
        for day in range(56)
        for one in range(WRITERS if day == 0 else 12)
    ]
    (folder / "WhatsApp Chat with everybody.txt").write_text("\n".join(lines), "utf-8")
    for number in range(MANY):
        letter = EmailMessage()
        letter["From"], letter["To"] = "alex@example.org", "mira@example.net"
        letter["Date"] = f"Mon, {2 + number % 20} Mar 2026 10:{number % 60:02}:00 +0100"
        letter.set_content(f"Letter {number}.\n")
        (folder / f"{number:03}.eml").write_bytes(letter.as_bytes())
    new_case(case, road.PHRASE, zone=road.ZONE, work=LIGHT)
    with Desk.open_case(case, Unlock(road.PHRASE), write=True) as desk:
        desk.add([folder])
        for number in range(MANY):
            desk.note(f"Note {number}.")


def first_run(browser: Browser, folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """Walk the first run up to its last page, and serve every step of it."""
    (folder / "Dropbox").mkdir()
    with Server(folder / "Dropbox" / "Notes") as server:
        person = Person(browser, server)
        person.page.goto(server.address)
        person.page.goto(server.base + "/w/p")
        person.press("Go on")
        person.press("Keep this place")
        person.write("Passphrase", road.PHRASE)
        person.write("The same once more", road.PHRASE)
        person.press("Go on")
        person.press("Go on")
        person.reads("Your recovery sheet")
        server.state = person.app.context.storage_state()
        person.app.clean()
        yield server, STEPS


STEPS = {
    "start": "/w", "start_unsure": "/w/u", "start_language": "/w/l", "start_place": "/w/p",
    "start_copied": "/w/c", "start_passphrase": "/w/k", "start_you": "/w/y",
    "start_sheet": "/w/s", "choose": "/u/c", "safety": "/x", "exports": "/a/h",
}  # fmt: skip


def outcomes(person: Person, bundle: Path, folder: Path) -> dict[str, str]:
    """Make what pages show only after work: gives where each is."""
    found = {}
    note = folder / "What I heard.txt"
    note.write_text("Nothing that is a chat.\n", "utf-8")
    person.go("Add")
    person.give("Choose files", note)
    person.press("Add these")
    person.wait()
    found["add_result"] = here(person)
    found["add_upload"] = found["add_result"].replace("/a/r/", "/a/u/")
    road.make_dossier(person, folder)
    found["dossier_made"] = here(person)
    road.make_bundle(person, folder)
    found["bundle_made"] = here(person)
    road.verify_bundle(person, bundle)
    found["verify_bundle"] = here(person)
    person.go("Verify")
    person.press("Check this case")
    person.wait()
    found["verify_checked"] = here(person)
    found["verify_case"] = "/v/c"
    found["people_next"] = "/p/w"
    found["expired"] = "/f/o/0000000000000000000000"
    return found


def here(person: Person) -> str:
    """Give the address of this page."""
    return person.page.url.removeprefix(person.app.server.base)


def failed_job(person: Person, case: Path) -> str:
    """Have work fail, because another program writes; gives where it is said."""
    with Desk.open_case(case, Unlock(road.STORY["passphrase"]), write=True):
        person.go("Dossier")
        person.press("Make a bundle")
        person.press("Make the bundle")
        person.wait()
        person.sees("It did not work")
    return here(person)


def furnished(
    browser: Browser, demo: Path, folder: Path
) -> Iterator[tuple[Server, dict[str, str]]]:
    """Serve the furnished case; gives where every page of it is."""
    case = folder / "case"
    shutil.copytree(demo, case)
    furnish(case, folder)
    with Server(case) as server:
        person = Person(browser, server)
        person.app.open(road.STORY["passphrase"])
        ready(person)
        found = outcomes(person, demo.parent / "bundle.zip", folder)
        found["job"] = failed_job(person, case)
        found = {**places(person.app), **found}
        server.state = person.app.context.storage_state()
        person.app.clean()
        yield server, found


def ready(person: Person) -> None:
    """Wait until everything is read in and looked through."""
    road_end = 400
    for _time in range(road_end):
        person.page.goto(person.app.server.base + "/f")
        waiting = person.page.locator("[data-wait]").count()
        behind = person.page.get_by_text(
            re.compile("This page shows what was|being read in")
        ).count()
        if not waiting and not behind:
            return
        person.page.wait_for_timeout(250)
    message = "the findings are never worked out"
    raise AssertionError(message)

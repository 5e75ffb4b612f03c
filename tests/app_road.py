# SPDX-License-Identifier: Apache-2.0
"""The road through the app, step by step, as somebody walks it who reads nothing but the pages.

Each step begins where the one before ended, or with a choice in the navigation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from standfast.demo import exports
from standfast.demo.story import told

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator

    from app_person import Person

PHRASE = "sieben alte Boote aus Papier"
ZONE = "Europe/Berlin"
STORY = told("case")
OWN = {
    address for one in STORY["people"] if one["role"] == "me" for _on, address in one["accounts"]
}
OTHERS = [one for one in STORY["people"] if one["role"] == "other"]


def first_run(person: Person, phrase: str = PHRASE) -> str:
    """Make a case in the folder that was named; gives the recovery code, as it stands on paper."""
    page = person.page
    page.goto(person.app.server.address)
    person.reads("First: is this device all right to use?")
    person.press("I want to use this device")
    person.pick({"en": "English", "de": "Deutsch"}[person.language])
    person.press("Go on")
    person.reads("Where should your case be?")
    person.press("Go on")
    person.reads("Choose a passphrase")
    person.write("Passphrase", phrase)
    person.write("The same once more", phrase)
    person.press("Go on")
    person.reads("Two things about you")
    person.write("What should we call you?", "Mira")
    person.select("In which time zone is your phone, most of the time?", ZONE)
    person.press("Go on")
    person.reads("Your recovery sheet")
    groups = copy_sheet(person)
    person.press("Make my case")
    person.sees("Your case is there, and only you can open it. Take your time.")
    return "-".join(groups)


def copy_sheet(person: Person) -> list[str]:
    """Read the sheet, and type the two groups that are asked for."""
    groups = person.page.locator(".sheet-groups li").all_inner_texts()
    for name in ("first", "second"):
        field = person.page.locator(f"input[name={name}]")
        label = person.page.locator(f"label[for=f-{name}]").inner_text()
        number = re.search(r"\d+", label)
        assert number
        person.fill(field, groups[int(number[0]) - 1])
    return groups


def add_exports(person: Person, folder: Path) -> int:
    """Add the story's exports, single files and a folder; gives how many files there are."""
    tops = exports.write(folder)
    files = [one for one in tops if one.is_file()]
    person.go("Add")
    person.reads("Add what you have")
    person.give("Choose files", files)
    person.press("Add these")
    person.wait()
    person.reads("What became of it")
    for top in (one for one in tops if one.is_dir()):
        person.press("Add more")
        person.give("Or choose a whole folder", top)
        person.press("Add these")
        person.wait()
        person.reads("What became of it")
    return sum(1 for one in folder.rglob("*") if one.is_file())


def answer_questions(person: Person) -> list[str]:
    """Answer whatever is asked, one page after the other; gives what was asked."""
    asked = []
    person.go("Questions")
    while person.heading != person.words("Questions"):
        asked.append(person.heading)
        answer(person)
        person.press("This is right")
        person.wait()
    person.sees("Nothing has to be decided now.")
    return asked


def answer(person: Person) -> None:
    """Choose what Mira knows: which one is she, and that the day comes first."""
    titles = person.page.locator(".choice-card .choice-title").all_inner_texts()
    mine = [one for one in titles if one in OWN]
    dmy = person.words("The day comes first")
    if mine:
        person.pick(mine[0])
    elif dmy in titles:
        person.pick(dmy)


def say_who(person: Person, most: int = 100) -> None:
    """Say which accounts are one's own, and of the ones met most whose they are."""
    person.go("People")
    if person.page.get_by_role("link", name=person.words("Say which are mine")).count():
        person.press("Say which are mine")
        for title in person.page.locator(".choice-card .choice-title").all_inner_texts():
            if title in OWN:
                person.pick(title)
        person.press("These are mine")
    else:
        person.press("Go through them one by one")
    for _time in range(most):
        if person.heading != person.words("Who is this?"):
            return
        name_one(person)


def name_one(person: Person) -> None:
    """Say whose one account is, or go on if the story does not tell."""
    address = person.page.locator("main .card-title").first.inner_text()
    found = [one for one in STORY["people"] if address in {a for _on, a in one["accounts"]}]
    if not found:
        person.press("I do not know, the next one")
        return
    one = found[0]
    titles = person.page.locator(".choice-card .choice-title").all_inner_texts()
    if one["role"] == "me":
        person.pick(person.words("Myself"))
    elif one["name"] in titles:
        person.pick(one["name"])
    else:
        if len(titles) > 4:
            person.pick(person.words("Somebody I have not named yet"))
        person.write("Name", one["name"])
        other = "The person whose contact I do not want"
        person.pick(person.words(other if one["role"] == "other" else "Somebody else"))
    person.press("Note it")


def look_at_findings(person: Person, confirm: int = 2) -> int:
    """Confirm the first findings, put one aside; gives how many were found."""
    person.go("Findings")
    worked_out(person)
    found = decided(person)
    for _time in range(confirm):
        person.use(decision(person, "This is right: {title}"))
        person.sees("Confirmed. It goes into the dossier when you make one.")
    person.use(decision(person, "This is not right: {title}"))
    person.sees("Put aside. It goes into no dossier; you can change your mind.")
    return found


def worked_out(person: Person) -> None:
    """Wait until findings are worked out, looking again as the page offers."""
    while person.page.locator("[data-wait]").count():
        person.page.wait_for_timeout(200)
        again = person.named("link", "Look again")
        if again.count():
            person.use(again)


def decision(person: Person, sentence: str) -> Locator:
    """Find the first button of a kind."""
    start = person.words(sentence, title="")
    return person.page.get_by_role("button", name=re.compile(f"^{re.escape(start)}")).first


def write_down(person: Person) -> None:
    """Write an incident and a private note."""
    person.go("Notes")
    person.press("Write down an incident")
    person.write("What happened?", STORY["incident"]["text"].strip())
    person.press("Keep it")
    person.sees("It is written down, with the time at which you wrote it.")
    person.press("Write a note")
    person.write("Your note", STORY["note"]["text"].strip())
    person.press("Keep it")
    person.sees("Your private note is kept. It stays in this case.")


def ask_how_they_know(person: Person) -> None:
    """Put one moment and two carriers on the board, and answer what is asked."""
    person.go("How do they know?")
    person.press("Write down a moment")
    person.write("What did they know?", "where I had parked on Tuesday evening")
    person.press("Write it down")
    for name, kind in (("my phone", "Phone or computer"), ("the blue car", "Car")):
        label = "Name what could have carried it"
        another = "Name something that could have carried it"
        first = person.named("link", label)
        person.use(first if first.count() else person.named("link", another))
        person.write("What do you call it?", name)
        person.pick(person.words(kind))
        person.press("Put it on the board")
        person.sees("It is on the board.")
    person.press("Answer the next question")
    person.pick(person.words("Yes, it was there before"))
    person.press("Keep, and on to the next")
    person.pick(person.words("I do not know"))
    person.press("Keep, and back to the board")
    person.reads("How do they know?")


def save(person: Person, file: Path) -> bytes:
    """Save what the first button below “Save it” saves; gives its bytes."""
    button = person.page.locator("main section.card form button").first
    with person.page.expect_download() as download:
        person.use(button, leads=False)
    download.value.save_as(file)
    return file.read_bytes()


def make_dossier(person: Person, folder: Path) -> bytes:
    """Make a dossier of everything, look at it, save it; gives the PDF."""
    person.go("Dossier")
    person.press("Make a dossier")
    person.press("Make it and show it to me")
    person.wait()
    person.reads("Your dossier")
    assert person.page.locator("img.leaf").count() > 0
    return save(person, folder / "dossier.pdf")


def make_bundle(person: Person, folder: Path) -> Path:
    """Make a bundle of everything, save it; gives where."""
    person.go("Dossier")
    person.press("Make a bundle")
    person.press("Make the bundle")
    person.wait()
    person.reads("Your bundle")
    save(person, folder / "bundle.zip")
    return folder / "bundle.zip"


def verify_bundle(person: Person, bundle: Path) -> str:
    """Have a bundle checked; gives what is said first."""
    person.go("Verify")
    person.give("The bundle (zip), or head.note out of one", bundle)
    person.press("Check it")
    person.wait()
    person.reads("What the check says")
    return person.page.locator("main .notice-title").inner_text()


def change_settings(person: Person) -> None:
    """Change the language and back, when the case closes, and look at the ways to open it."""
    other = {"en": "de", "de": "en"}[person.language]
    for wanted in (other, person.language):
        person.go("Settings")
        person.select("Language of these pages", wanted)
        person.press("Use this language")
        person.language = wanted
        person.sees("From now on these pages are in English.")
    person.select("Close after", "20")
    person.press("Keep this time")
    person.sees("The case now closes after {count} minutes.", count=20)
    person.press("See the ways")
    person.reads("Ways to open the case")


def new_sheet(person: Person, phrase: str = PHRASE) -> str:
    """Make a new recovery sheet; gives its code."""
    person.go("Settings")
    person.press("New recovery sheet")
    person.fill(person.page.locator("input[name=present]"), phrase)
    person.press("Show the new sheet")
    person.reads("Your new recovery sheet")
    groups = copy_sheet(person)
    person.press("Use the new sheet")
    person.sees("The new sheet opens the case. The old one no longer does; please tear it up.")
    return "-".join(groups)


def queue_stamp(person: Person) -> None:
    """Note that a timestamp is wanted, and send nothing."""
    person.go("Settings")
    person.press("Timestamps")
    person.write("Address of the authority", "https://tsa.example.org/stamp")
    person.press("Show what would happen")
    person.reads("This is what would happen")
    person.press("Only note it; send nothing")
    person.sees("It is noted, and nothing was sent. You can send it another day, elsewhere.")


def lock(person: Person) -> None:
    """Close the case."""
    person.go("Settings")
    person.press("Close the case now")
    person.reads("Welcome back")


def unlock_by_sheet(person: Person, code: str) -> None:
    """Open the case with the code on paper, as somebody types it who was told to take time."""
    person.use(
        person.page.locator("summary", has_text=person.words("I have forgotten the passphrase"))
    )
    person.write("The code on your recovery sheet", code.lower().replace("-", " "))
    person.press("Open with the code")
    person.page.locator("nav.menu").wait_for(state="attached")


def decided(person: Person) -> int:
    """Read how many findings are on the heap that is shown."""
    return int(re.sub(r"\D", "", person.page.locator("main nav a[aria-current]").inner_text()))

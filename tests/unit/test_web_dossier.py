# SPDX-License-Identifier: Apache-2.0
"""Handing over on pages without scripts: originals, dossier, bundle; nothing lies readable."""

from __future__ import annotations

import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
from cryptography.exceptions import InvalidTag

from desk_case import (
    CHAT,
    LETTER,
    PHRASE,
    entries_in,
    everything_on_disk,
    found,
    names_in,
    open_desk,
    pdf_text,
    told_case,
)
from standfast.desk import handing
from standfast.errors import StorageFailed
from standfast.model.finding import Status
from standfast.vault.sheet import CHUNK, Sheet
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from httpx2 import Response

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the case once; every test gets a copy."""
    top = tmp_path_factory.mktemp("made")
    with told_case(top) as desk:
        desk.decide(desk.findings()[0].finding.id, Status.CONFIRMED)
    return top / "case"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "case"))


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with Browser(folder, PHRASE) as browser:
        with browser.room.using() as sitting:
            assert sitting is not None
            sitting.catch_up()
            handing.found_by_now(sitting.look(), patience=20)
        yield browser


def settle(page: Browser) -> str:
    """Wait for long work, unless it was done at once."""
    return page.wait() if page.path.startswith("/j/") else page.html


def save(page: Browser, path: str, **fields: str) -> Response:
    token = page.room.sessions._open[0].form_token
    return page.client.post(path, data={"form": token, **fields})  # type: ignore[no-any-return]  # the test client's answer


def ticked(page: Browser) -> list[str]:
    return re.findall(r'name="finding" value="([0-9a-f]+)" checked', page.html)


# -- the sheet -------------------------------------------------------------------------------


def test_a_sheet_gives_back_what_was_written_and_lies_nowhere_readable(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path, doing=lambda: "Writing")
    data = bytes(range(256)) * 5000
    for start in range(0, len(data), 100_003):
        sheet.write(data[start : start + 100_003])
    sheet.finish()
    assert b"".join(sheet.parts()) == data
    assert (sheet.size, sheet.sha256) == (len(data), sha256(data).hexdigest())
    assert list(tmp_path.iterdir()) == []
    with sheet.open() as file:
        file.seek(CHUNK - 3)
        assert file.read(6) == data[CHUNK - 3 : CHUNK + 3]
        file.seek(-4, 2)
        assert file.read() == data[-4:]
    raw = sheet._file
    raw.seek(0)
    assert data[:64] not in raw.read()


def test_a_sheet_that_was_tampered_with_is_not_read(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path, doing=lambda: "Writing")
    sheet.write(b"x" * 1000)
    sheet.finish()
    sheet._file.seek(10)
    sheet._file.write(b"!")
    with pytest.raises(InvalidTag):
        sheet.chunk(0)


def test_an_empty_sheet_is_empty(tmp_path: Path) -> None:
    sheet = Sheet(tmp_path, doing=lambda: "Writing").finish()
    assert sheet.open().read() == b""
    sheet.close()


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="Writing the dossier"):
        Sheet(tmp_path / "gone", doing=lambda: "Writing the dossier")


# -- before ----------------------------------------------------------------------------------


def test_what_is_missing_is_said_before_anything_is_made(page: Browser, folder: Path) -> None:
    page.get("/d")
    assert "findings are not confirmed" in page.words or "finding is not confirmed" in page.words
    assert "No independent authority has stated a time" in page.words
    with open_desk(folder) as desk:
        told = handing.before(desk)
    assert (told.originals, told.others, told.timestamped) == (2, 1, False)
    assert len(told.confirmed) <= 1


# -- the dossier -----------------------------------------------------------------------------


def test_a_dossier_is_looked_at_and_saved_and_the_log_knows_it(page: Browser, folder: Path) -> None:
    page.get("/d/w")
    page.post("/d/w", which="all", finding=ticked(page), request="I ask for help.")
    settle(page)
    assert "1 confirmed finding" in page.words
    pictures = re.findall(r'src="(/d/p/[^"]+)"', page.html)
    assert pictures
    for address in pictures:
        picture = page.client.get(address)
        assert picture.content.startswith(PNG)
        assert "sandbox" in picture.headers["content-security-policy"]
    with open_desk(folder, write=False) as desk:
        assert not [one for one in desk.vault.entries if one.type == "export"]
    saved = save(page, page.path, file="0")
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.content.startswith(b"%PDF")
    assert "I ask for help." in pdf_text(saved.content)
    save(page, page.path, file="0")
    with open_desk(folder, write=False) as desk:
        (entry,) = (one for one in desk.vault.entries if one.type == "export")
        assert entry.body["sha256"] == sha256(saved.content).hexdigest()
        assert desk.verify().whole


def test_findings_that_are_not_ticked_stay_out_and_are_counted(page: Browser) -> None:
    page.post("/d/w", which="all")
    settle(page)
    assert "1 confirmed finding is left out by choice." in page.words
    assert "0 confirmed findings" in page.words


def test_a_dossier_of_one_original_in_german(page: Browser) -> None:
    page.post("/d/w", which="some", original="2", language="de")
    settle(page)
    text = pdf_text(save(page, page.path).content)
    assert "I will wait for you." in text
    assert "answer me" not in text
    assert "Seite 1 von" in text


def test_what_does_not_fit_in_the_form_is_said_above_it(page: Browser) -> None:
    page.post("/d/w", which="some")
    assert "No original was chosen." in page.words
    page.post("/d/w", which="some", numbers="1,x")
    assert "“x” is no exhibit number." in page.words
    page.post("/d/w", which="some", numbers="1-9999999")
    assert "is no exhibit number." in page.words
    page.post("/d/w", which="all", first="yesterday")
    settle(page)
    assert "is not a date" in page.words


def test_pages_and_files_that_are_not_there_are_a_calm_page(page: Browser) -> None:
    page.post("/d/w", which="all")
    settle(page)
    made = page.path
    for address in (f"{made}/0", f"{made}/999", f"{made}/x", "/d/p/nothing", "/d/p/nothing/1"):
        page.get(address)
        assert page.status == 410
    page.post(made, file="7")
    assert page.status == 410
    page.get(made.replace("/d/p/", "/d/r/"))
    assert page.status == 410


def test_nothing_made_lies_readable_in_the_folder_and_locking_forgets_it(
    page: Browser, folder: Path
) -> None:
    page.post("/d/w", which="all", request="quite unusual words")
    settle(page)
    made = page.path
    page.post("/d/b", which="all")
    settle(page)
    on_disk = everything_on_disk(folder)
    for readable in (b"%PDF", b"PK\x03\x04", b"quite unusual words", b"are you there"):
        assert readable not in on_disk
    assert not list((folder / "tmp").iterdir())
    page.room.lock()
    page.room.unlock(folder, handing_unlock())
    page.get(made)
    assert page.status == 410


def handing_unlock() -> object:
    from standfast.desk import Unlock  # noqa: PLC0415 - only here

    return Unlock(passphrase=PHRASE)


# -- the bundle ------------------------------------------------------------------------------


def test_a_bundle_shows_its_verdict_and_what_it_keeps_back(
    page: Browser, folder: Path, tmp_path: Path
) -> None:
    page.post("/d/b", which="some", original="1", law="us", request="Please read.")
    settle(page)
    assert "Verified: genuine, and incomplete on purpose." in page.words
    assert "Originals kept back 1" in page.words
    saved = save(page, page.path)
    path = tmp_path / "saved.zip"
    path.write_bytes(saved.content)
    assert found(path)["verdict"] == "genuine_partial"
    assert sha256(saved.content).hexdigest() in page.html
    names = names_in(path)
    assert any(name.endswith("__chat.txt") for name in names)
    assert not any("letter" in name for name in names)
    assert entries_in(path)[-1]["type"] == "export"
    with open_desk(folder, write=False) as desk:
        assert desk.verify().whole


def test_a_bundle_for_a_recipient_opens_with_their_key_alone(page: Browser) -> None:
    identity = pyrage.x25519.Identity.generate()
    page.post("/d/b", which="all", recipient=f" {identity.to_public()} ")
    settle(page)
    saved = save(page, page.path)
    assert "bundle.zip.age" in saved.headers["content-disposition"]
    assert b"PK\x03\x04" not in saved.content
    assert pyrage.decrypt(saved.content, [identity]).startswith(b"PK\x03\x04")


def test_a_slip_in_the_recipients_key_is_said_at_once(page: Browser) -> None:
    page.post("/d/b", which="all", recipient="age1nonsense")
    assert page.path == "/d/b"
    assert "That is not an age recipient" in page.words


def test_single_events_go_along_without_their_original(
    page: Browser, folder: Path, tmp_path: Path
) -> None:
    with open_desk(folder, write=False) as desk:
        event = next(one.event for one in desk.events() if one.text == "I can wait")
    key = page.room.keys.key({"events": [event]})
    page.get(f"/d/b/{key}")
    assert event in page.html
    page.post(f"/d/b/{key}", which="none", events=event)
    settle(page)
    path = tmp_path / "few.zip"
    path.write_bytes(save(page, page.path).content)
    assert found(path)["counts"]["events"] == 1
    assert b"I can wait" in path.read_bytes()
    assert b"I know you read this" not in path.read_bytes()
    page.post("/d/b", which="none", events="")
    assert "Nothing was chosen." in page.words


# -- originals -------------------------------------------------------------------------------


def item(page: Browser, number: int) -> str:
    return page.room.keys.key({"item": number})


def test_the_originals_are_listed_with_what_was_read(page: Browser) -> None:
    page.get("/d/i")
    assert "chat.txt" in page.words
    assert "7 events" in page.words
    page.get(f"/d/i/{item(page, 1)}")
    assert sha256(CHAT.encode()).hexdigest() in page.html
    page.get(f"/d/i/{item(page, 99)}")
    assert page.status == 410


def test_an_original_leaves_only_after_a_page_that_says_what_that_means(
    page: Browser, folder: Path
) -> None:
    address = f"/d/o/{item(page, 2)}"
    page.get(address)
    assert "The copy is not encrypted." in page.words
    saved = save(page, address)
    assert saved.content == LETTER
    assert saved.headers["content-disposition"].startswith("attachment")
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["x-content-type-options"] == "nosniff"
    with open_desk(folder, write=False) as desk:
        last = desk.vault.entries[-1]
        assert (last.type, dict(last.body)) == ("export", {"kind": "original", "number": 2})


def test_erasing_asks_twice_and_leaves_a_tombstone(page: Browser, folder: Path) -> None:
    address = f"/d/e/{item(page, 2)}"
    page.get(address)
    assert "What stays" in page.words
    page.post(address, reason=" ")
    assert "A reason is needed" in page.words
    page.post(address, reason="photo of my daughter")
    assert "for good?" in page.words
    with open_desk(folder, write=False) as desk:
        assert not any(one.erased for one in desk.state.items.values())
    page.post(address, reason="photo of my daughter", sure="yes")
    assert page.path == "/d/i"
    page.get(f"/d/i/{item(page, 2)}")
    assert "photo of my daughter" in page.words
    for gone in ("o", "e"):
        page.get(f"/d/{gone}/{item(page, 2)}")
        assert page.status == 410
    with open_desk(folder, write=False) as desk:
        assert desk.verify().whole


def test_a_download_ends_when_the_case_is_locked(page: Browser) -> None:
    from standfast.web.sending import _while_open  # noqa: PLC0415 - the part under test

    sent = _while_open(page.room, [b"one", b"two", b"three"])
    assert next(sent) == b"one"
    page.room.lock()
    assert list(sent) == []

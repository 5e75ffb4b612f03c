# SPDX-License-Identifier: Apache-2.0
"""Settings, with scripts off: language, locking, ways to open the case, timestamps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyrage
import pytest

from desk_case import FLOOR, PHRASE, make
from standfast.desk.case import Desk
from standfast.errors import WrongPassphrase
from standfast.vault.opening import Unlock
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.net import Request
    from tsa import Authority

FRESH = "window pepper glacier thimble"
AUTHORITY = "https://tsa.example.org/tsr"
GROUP = re.compile(r"<li><bdi>([0-9A-Z]{4})</bdi></li>")
ASKED = re.compile(r"Group (\d)")
SLOT = re.compile(r'href="(/s/w/[0-9a-f]+)"')


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("standfast.vault.case.Work", lambda: FLOOR)
    make(tmp_path / "case").close()
    return tmp_path / "case"


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with Browser(folder, PHRASE) as browser:
        yield browser


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Collect every connection that would be made."""
    requests: list[Request] = []

    def ask(request: Request, consent: object) -> object:
        assert consent
        requests.append(request)
        raise AssertionError(request)

    monkeypatch.setattr("standfast.desk.anchoring.ask", ask)
    return requests


def opens(folder: Path, **how: str) -> bool:
    try:
        Desk.open_case(folder, Unlock(**how)).close()
    except WrongPassphrase:
        return False
    return True


def test_a_language_and_a_time_are_chosen(page: Browser) -> None:
    page.post("/s/i", minutes="5")
    assert "closes after 5 minutes" in page.words
    assert page.room.idle_seconds == 300
    page.post("/s/i", minutes="0")
    assert page.room.idle_seconds == 300
    page.post("/s/l", language="de")
    assert 'lang="de"' in page.html
    page.post("/s/l", language="zz")
    assert page.room.language == "de"


def test_a_new_passphrase_needs_the_old_one(page: Browser, folder: Path) -> None:
    page.post("/s/p", present="a guess", passphrase=FRESH, again=FRESH)
    assert page.status == 422
    assert "Nothing was changed" in page.words
    assert opens(folder, passphrase=PHRASE)
    page.post("/s/p", present=PHRASE, passphrase=FRESH, again=FRESH)
    assert page.path == "/s/w", page.words
    assert opens(folder, passphrase=FRESH)
    assert not opens(folder, passphrase=PHRASE)


def test_an_easy_new_passphrase_is_taken_only_by_saying_so(page: Browser, folder: Path) -> None:
    page.post("/s/p", present=PHRASE, passphrase="passwort123", again="passwort123")
    assert "easy to guess" in page.words
    assert opens(folder, passphrase=PHRASE)
    page.post("/s/p", present=PHRASE, passphrase="passwort123", again="passwort123", easy="yes")
    assert opens(folder, passphrase="passwort123")


def new_sheet(page: Browser) -> tuple[tuple[str, ...], dict[str, str]]:
    groups = tuple(GROUP.findall(page.html))
    first, second = (int(one) for one in ASKED.findall(page.words)[:2])
    return groups, {"first": groups[first - 1], "second": groups[second - 1]}


def test_a_new_sheet_counts_only_once_it_is_on_paper(page: Browser, folder: Path) -> None:
    page.post("/s/r", present="a guess")
    assert "Nothing was changed" in page.words
    page.post("/s/r", present=PHRASE)
    groups, typed = new_sheet(page)
    code = "-".join(groups)
    assert not opens(folder, recovery_code=code)
    page.post("/s/r", first="0000", second="0000")
    assert "not the groups" in page.words
    assert new_sheet(page)[0] == groups
    page.post("/s/r", **typed)
    assert page.path == "/s/w"
    assert opens(folder, recovery_code=code)
    with Desk.open_case(folder, Unlock(passphrase=PHRASE)) as desk:
        assert [one.kind for one in desk.vault.slots].count("recovery") == 1
    page.post("/s/p", present=code.lower(), passphrase=FRESH, again=FRESH)
    assert opens(folder, passphrase=FRESH), "the sheet shows who is there as well"


def test_the_old_sheet_can_be_kept(page: Browser) -> None:
    page.post("/s/r", present=PHRASE)
    page.post("/s/r/d")
    assert page.path == "/s/w"
    assert GROUP.findall(page.get("/s/r")) == []


def test_access_is_given_and_taken(page: Browser, folder: Path) -> None:
    key = pyrage.x25519.Identity.generate()
    public = str(key.to_public())
    page.post("/s/w", recipient=public, present="a guess")
    assert "Nothing was changed" in page.words
    assert public in page.html
    page.post("/s/w", recipient="age1nonsense", present=PHRASE)
    assert "not an age recipient" in page.words
    page.post("/s/w", recipient=public, present=PHRASE)
    assert "Another person's key (age)" in page.words
    assert opens(folder, identity=str(key))
    last = SLOT.findall(page.html)[-1]
    page.post(last, present="a guess")
    assert opens(folder, identity=str(key))
    page.post(last, present=PHRASE)
    assert not opens(folder, identity=str(key))
    page.get(last)
    assert page.path == "/s/w", "what is gone cannot be taken away again"


def test_the_passphrase_cannot_be_taken_away(page: Browser, folder: Path) -> None:
    with Desk.open_case(folder, Unlock(passphrase=PHRASE)) as desk:
        slot = next(one.id for one in desk.vault.slots if one.kind == "passphrase")
    page.get("/s/w")
    page.get(f"/s/w/{page.room.keys.key(['slot', slot])}")
    assert page.path == "/s/w"
    page.post(f"/s/w/{page.room.keys.key(['slot', slot])}", present=PHRASE)
    assert opens(folder, passphrase=PHRASE)


# -- timestamps ------------------------------------------------------------------------------------


def test_nothing_is_sent_before_two_steps(page: Browser, asked_for: list[Request]) -> None:
    page.post("/s/t", url=AUTHORITY)
    assert "tsa.example.org" not in page.path
    assert "Who could notice" in page.words
    assert "A fingerprint of 32 bytes" in page.words
    page.post(page.path, do="send")
    assert "Nothing was sent." in page.words
    assert asked_for == []


def test_it_can_be_noted_without_sending(page: Browser, asked_for: list[Request]) -> None:
    page.post("/s/t", url=AUTHORITY)
    page.post(page.path, do="queue", agreed="yes")
    assert page.path == "/s/t"
    assert "1 request waits here" in page.words
    assert asked_for == []


def test_an_address_that_is_none_is_refused(page: Browser) -> None:
    for url in ("", "tsa.example.org", "ftp://tsa.example.org", "https://a b.example.org"):
        page.post("/s/t", url=url)
        assert page.status == 422
        assert "Nothing was sent" in page.words


def test_a_stamp_is_asked_for_and_shown(page: Browser, authority: Authority) -> None:
    with authority.serve() as url:
        page.post("/s/t", url=url)
        page.post(page.path, do="send", agreed="yes")
        assert page.path.startswith("/j/")
        page.wait()
    assert page.path == "/s/t", page.words
    assert "states that the first" in page.words
    assert "Fingerprint of its root certificate" in page.words


def test_what_waits_is_sent_after_the_same_two_steps(page: Browser, authority: Authority) -> None:
    with authority.serve() as url:
        page.post("/s/t", url=url)
        page.post(page.path, do="queue")
        waits = re.search(r'href="(/s/t/[0-9a-f]+)"', page.html)
        assert waits
        page.get(waits[1])
        assert "Who could notice" in page.words
        assert 'value="queue"' not in page.html
        page.post(waits[1], do="send")
        assert page.status == 422
        page.post(waits[1], do="send", agreed="yes")
        page.wait()
    assert "states that the first" in page.words
    assert "request waits" not in page.words


def test_another_case_can_be_opened(page: Browser) -> None:
    page.post("/s/o")
    assert page.path == "/u/c"
    assert not page.room.unlocked

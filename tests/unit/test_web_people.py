# SPDX-License-Identifier: Apache-2.0
"""People: whose the accounts are, said on pages without scripts."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desk_case import CHAT, LETTER, PHRASE, make, open_desk, put
from standfast.desk import meeting
from standfast.model.people import Account, Role
from web_case import Browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the case once; every test gets a copy."""
    top = tmp_path_factory.mktemp("made")
    with make(top / "case") as desk:
        desk.add([put(top, "chat.txt", CHAT), put(top, "letter.eml", LETTER)])
    return top / "case"


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "case"))


def opened(folder: Path) -> Browser:
    """Open the app, with everything that was read in view."""
    browser = Browser(folder, PHRASE)
    catch_up(browser)
    return browser


def catch_up(browser: Browser) -> None:
    with browser.room.using() as sitting:
        assert sitting is not None
        sitting.catch_up()


@pytest.fixture
def page(folder: Path) -> Iterator[Browser]:
    with opened(folder) as browser:
        yield browser


def key_of(page: Browser, value: object) -> str:
    return page.room.keys.key(value)


def people(folder: Path) -> dict[str, Role]:
    with open_desk(folder, write=False) as desk:
        return {
            f"{one.channel}:{one.address}": person.role
            for person in desk.state.people.values()
            for one in person.accounts
        }


def test_first_it_is_asked_which_accounts_are_ones_own(page: Browser, folder: Path) -> None:
    page.get("/p")
    assert "First: which of these are you?" in page.words
    page.get("/p/m")
    assert "Mira" in page.words
    assert "alex@example.org" in page.words
    page.post("/p/m", c1=key_of(page, ["whatsapp", "Mira"]))
    assert people(folder) == {"whatsapp:Mira": Role.ME}
    assert page.path == "/p/w"


def test_nothing_ticked_changes_nothing_and_says_so(page: Browser, folder: Path) -> None:
    page.post("/p/m")
    assert "Nothing was chosen" in page.words
    assert people(folder) == {}


def test_each_account_is_asked_about_and_a_new_person_is_named(page: Browser, folder: Path) -> None:
    page.post("/p/m", c1=key_of(page, ["whatsapp", "Mira"]))
    page.get("/p/w")
    assert "Who is this?" in page.words
    assert "Alex" in page.words
    key = key_of(page, ["whatsapp", "Alex"])
    page.post(f"/p/w/{key}", who="new", name="Alex M.", role="other")
    assert people(folder) == {"whatsapp:Mira": Role.ME, "whatsapp:Alex": Role.OTHER}
    catch_up(page)
    page.get("/p")
    assert "5 came in, 1 went out" in page.words


def test_without_a_choice_it_says_what_is_missing(page: Browser, folder: Path) -> None:
    key = key_of(page, ["whatsapp", "Alex"])
    page.post(f"/p/w/{key}")
    assert "Please choose who this is" in page.words
    page.post(f"/p/w/{key}", who="new", name="  ")
    assert "A name is needed." in page.words
    assert people(folder) == {}


def test_passing_over_one_asks_about_the_next(page: Browser) -> None:
    page.get("/p/w")
    first = re.search(r'card-title">(.*?)</h2>', page.html)
    link = re.search(r'href="(/p/w/[0-9a-f]+)"', page.html)
    assert first is not None
    assert link is not None
    page.get(link[1])
    assert page.path == link[1]
    second = re.search(r'card-title">(.*?)</h2>', page.html)
    assert second is not None
    assert second[1] != first[1]


def test_a_person_page_counts_and_takes_statements_back(page: Browser, folder: Path) -> None:
    with open_desk(folder) as desk:
        desk.link("me", Role.ME, "whatsapp", "Mira")
        desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
    key = key_of(page, {"person": "Alex"})
    catch_up(page)
    page.get(f"/p/p/{key}")
    assert "You do not want contact from this person." in page.words
    page.post(f"/p/p/{key}", do="stop", day="2024-03-14", time="09:06", words="please do not")
    assert "please do not" in page.words
    page.post(
        f"/p/p/{key}", do="block", day="2024-03-20", account=key_of(page, ["whatsapp", "Alex"])
    )
    page.post(f"/p/p/{key}", do="account", channel="sms", address="+44 7700 900123")
    with open_desk(folder, write=False) as desk:
        (stop,), (block,) = desk.state.stops, desk.state.blocks
        assert (stop.when, stop.words) == ("2024-03-14T09:06:00", "please do not")
        assert block.account == "Alex"
        assert Account("sms", "+447700900123") in desk.state.people["Alex"].accounts
    page.post(f"/p/u/{key_of(page, {'withdraw': stop.entry})}", back=key)
    page.post(f"/p/u/{key_of(page, ['sms', '+447700900123'])}", back=key)
    with open_desk(folder, write=False) as desk:
        assert not desk.state.stops
        assert desk.state.people["Alex"].accounts == (Account("whatsapp", "Alex"),)


def test_a_request_without_a_day_keeps_what_was_written(page: Browser, folder: Path) -> None:
    with open_desk(folder) as desk:
        desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
    key = key_of(page, {"person": "Alex"})
    page.post(f"/p/p/{key}", do="stop", day="", words="leave me alone")
    assert "When was it?" in page.words
    assert "leave me alone" in page.html


def test_somebody_without_an_account_is_entered_by_hand(page: Browser, folder: Path) -> None:
    page.post("/p/n", name="", role="third")
    assert "A name is needed." in page.words
    page.post("/p/n", name="Sam <b>", role="third")
    assert "Sam &lt;b&gt;" in page.html
    page.post("/p/n", name="Sam <b>", role="third")
    assert "is entered already" in page.words
    with open_desk(folder, write=False) as desk:
        assert desk.state.people["Sam <b>"].role is Role.THIRD
        assert desk.verify().whole


def test_what_looks_alike_is_asked_and_never_joined(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.add(
            [
                put(tmp_path, "a.txt", CHAT.replace("Alex", "0171 3920015")),
                put(tmp_path, "b.txt", CHAT.replace("Alex", "+49 171 3920015")),
            ]
        )
        (pair,) = meeting.alike(desk)
        assert {pair.one.address, pair.other.address} == {"0171 3920015", "+491713920015"}
        assert pair.why == "number"
        assert desk.state.people == {}
        desk.link("Alex", Role.OTHER, "whatsapp", "0171 3920015")
    with opened(tmp_path / "case") as page:
        page.get(f"/p/w/{key_of(page, ['whatsapp', '+491713920015'])}")
        assert "Is this the same person as well?" in page.words
        assert "the same number, written otherwise" in page.words


def test_the_same_name_in_two_channels_is_a_question() -> None:
    pairs = list(
        meeting._pairs(
            [Account("whatsapp", "Alex M."), Account("instagram", "@alex m."), Account("sms", "B")]
        )
    )
    assert [(one.one.channel, one.other.channel, one.why) for one in pairs] == [
        ("whatsapp", "instagram", "name")
    ]


def test_names_from_evidence_cannot_become_markup(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "a.txt", CHAT.replace("Alex", "<img src=x>\u202ealex"))])
    with opened(tmp_path / "case") as page:
        for path in ("/p", "/p/m", "/p/w"):
            page.get(path)
            assert page.status == 200
            assert "<img src=x>" not in page.html
            assert "\u202e" not in page.html


def test_an_address_that_means_nothing_any_more_is_a_calm_page(page: Browser) -> None:
    page.get("/p/p/0123456789abcdef012345")
    assert page.status == 410

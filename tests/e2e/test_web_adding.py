# SPDX-License-Identifier: Apache-2.0
"""Adding and answering in a real browser: with scripts and without, by drop, picker and folder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app_case import PHONE, App, Server
from desk_case import CHAT, PHRASE, make, open_desk

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

DROP = """
([zone, files]) => {
  const data = new DataTransfer();
  for (const [name, text] of files) data.items.add(new File([text], name));
  const event = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(zone).dispatchEvent(event);
}
"""
HALF = """
async (token) => {
  const headers = { "X-Form": token };
  const files = [{ name: "a.bin", size: 3 }, { name: "b.bin", size: 4 }];
  const list = { method: "PUT", headers, body: JSON.stringify({ files }) };
  const { address } = await (await fetch("/a/u", list)).json();
  await fetch(address, { method: "PUT", headers: { ...headers, "X-File": "0" }, body: "abc" });
  return address;
}
"""
RESULT = re.compile("/a/r/")
HOSTILE = "<img src=x onerror=alert(1)>\u202egpj.exe"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make(tmp_path / "case").close()
    album = tmp_path / "phone" / "album"
    album.mkdir(parents=True)
    (album / "one.bin").write_bytes(b"1")
    (album / "two.bin").write_bytes(b"2" * 3_000_000)
    (tmp_path / "phone" / "chat.txt").write_text(CHAT)
    return tmp_path


def kept(folder: Path) -> set[str]:
    with open_desk(folder / "case", write=False) as desk:
        items = desk.state.items.values()
        return {f"{one.folder}/{one.name}" if one.folder else one.name for one in items}


def add(page: Page) -> None:
    page.get_by_role("button", name="Add these").click()
    page.wait_for_url(RESULT)


def test_files_and_a_folder_are_sent_one_by_one_and_what_became_of_each_is_said(
    browser: Browser, folder: Path
) -> None:
    with Server(folder / "case") as server:
        app = App(browser, server)
        app.open(PHRASE)
        page = app.visit("/a")
        page.locator("input[name=files]").set_input_files(str(folder / "phone" / "chat.txt"))
        page.locator("input[name=folder]").set_input_files(str(folder / "phone" / "album"))
        add(page)
        assert "3 files were added. 7 events were read from them." in page.inner_text("main")
        assert app.axe() == []
        page.get_by_role("link", name="Answer now").click()
        page.locator("input[value=Mira]").check()
        page.get_by_role("button", name="This is right").click()
        assert "Nothing has to be decided now." in page.inner_text("main")
        app.clean()
    assert kept(folder) == {"chat.txt", "album/one.bin", "album/two.bin"}


def test_what_is_dropped_is_sent_and_no_name_becomes_markup(browser: Browser, folder: Path) -> None:
    with Server(folder / "case") as server:
        app = App(browser, server, viewport=PHONE)
        app.open(PHRASE)
        page = app.visit("/a")
        page.evaluate(DROP, ["[data-drop]", [["a.txt", "a"], [HOSTILE, "b"]]])
        page.wait_for_url(RESULT)
        shown = page.inner_text("main")
        assert "<img src=x onerror=alert(1)>" in shown
        assert "\u202e" not in shown
        app.clean()
    assert "a.txt" in kept(folder)
    assert len(kept(folder)) == 2


def test_without_scripts_the_plain_form_does_the_same(browser: Browser, folder: Path) -> None:
    with Server(folder / "case") as server:
        app = App(browser, server, java_script_enabled=False)
        app.open(PHRASE)
        page = app.visit("/a")
        page.locator("input[name=files]").set_input_files(str(folder / "phone" / "chat.txt"))
        page.locator("input[name=folder]").set_input_files(str(folder / "phone" / "album"))
        page.get_by_role("button", name="Add these").click()
        page.get_by_text("Look again").wait_for()
        for _ in range(100):
            page.goto(page.url)  # what the link does; the last time leads on
            if RESULT.search(page.url):
                break
            page.wait_for_timeout(200)
        assert "3 files were added. 7 events were read from them." in page.inner_text("main")
    assert {"chat.txt", "album/one.bin"} <= kept(folder)


def test_a_page_that_is_loaded_again_knows_how_far_it_was(browser: Browser, folder: Path) -> None:
    with Server(folder / "case") as server:
        app = App(browser, server)
        app.open(PHRASE)
        page = app.visit("/a")
        token = page.locator("form[data-upload]").get_attribute("data-token")
        address = page.evaluate(HALF, token)
        page.reload()
        page.get_by_role("link", name="See how far it is").click()
        assert page.url.endswith(address)
        assert "1 of 2 files" in page.inner_text("main")
        assert app.axe() == []
        page.get_by_role("button", name="Go on to reading").click()
        page.wait_for_url(RESULT)
        assert "b.bin" in page.inner_text("main")
        assert "1 file did not arrive" in app.visit("/a").inner_text("main")
        app.clean()


def test_no_page_is_wider_than_a_phone_and_axe_has_nothing_to_say(
    browser: Browser, folder: Path
) -> None:
    with Server(folder / "case") as server:
        app = App(browser, server, viewport=PHONE, color_scheme="dark", locale="de-DE")
        app.open(PHRASE)
        for path in ("/a", "/a/h", "/a/h/10", "/a/h/50", "/q"):
            page = app.visit(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            assert app.axe() == [], path
        app.clean()

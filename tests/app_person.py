# SPDX-License-Identifier: Apache-2.0
"""A person in front of the app: what they read is what they find, and press, and fill in.

Everything is found by the name that a screen reader speaks, in the language of the pages. With
``keys`` nothing is ever clicked: the Tab key is pressed until the thing has the focus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app_case import PHONE, App, Server
from standfast.i18n import _ as translated
from standfast.i18n import speaking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

PATIENCE_MS = 60_000
TABS = 400
"""So often is Tab pressed at most until something has the focus."""
WRITTEN = "input:not(.tick):not([type=file]), textarea"
LEADS = "one => one.matches('a[href], button[type=submit], button:not([type])')"
HAS_FOCUS = "one => one === document.activeElement"


class Person:
    """Somebody at one window; ``keys`` for the keyboard alone, ``scripts`` off for none."""

    def __init__(  # noqa: PLR0913 - each is one way in which people differ
        self,
        browser: Browser,
        server: Server,
        language: str = "en",
        *,
        phone: bool = False,
        keys: bool = False,
        scripts: bool = True,
    ) -> None:
        options: dict[str, Any] = {"viewport": PHONE} if phone else {}
        self.phone, self.keys, self.scripts, self.language = phone, keys, scripts, language
        locale = {"en": "en-GB", "de": "de-DE"}[language]
        self.app = App(browser, server, locale=locale, java_script_enabled=scripts, **options)
        self.page: Page = self.app.page
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("filechooser", lambda _chooser: None)  # from now on no dialog of the system

    def words(self, sentence: str, **facts: object) -> str:
        """Give a sentence in the language of the pages."""
        with speaking(self.language):
            return translated(sentence).format(**facts)

    # -- pressing ----------------------------------------------------------------------------

    def named(self, role: Any, sentence: str, **facts: object) -> Locator:
        """Find the first thing of a kind that is called so and can be seen."""
        name = self.words(sentence, **facts)
        found = self.page.get_by_role(role, name=name, exact=True)
        return found.locator("visible=true").first

    def press(self, sentence: str, **facts: object) -> None:
        """Press a button or follow a link of the page, not of the navigation."""
        name = self.words(sentence, **facts)
        main = self.page.locator("main")
        button = main.get_by_role("button", name=name, exact=True)
        link = main.get_by_role("link", name=name, exact=True)
        self.use(button.or_(link).locator("visible=true").first)

    def use(self, one: Locator, *, leads: bool = True) -> None:
        """Press what was found; if it leads to a page, be there."""
        if leads and one.evaluate(LEADS):
            with self.page.expect_navigation():
                self.hit(one)
        else:
            self.hit(one)

    def hit(self, one: Locator) -> None:
        """Press it, one way or the other."""
        if self.keys:
            self.reach(one)
            self.page.keyboard.press("Enter")
        else:
            one.click()

    def reach(self, one: Locator) -> None:
        """Press Tab until it has the focus."""
        one.wait_for()
        for _time in range(TABS):
            if one.evaluate(HAS_FOCUS):
                return
            self.page.keyboard.press("Tab")
        message = f"{one} is out of the keyboard's reach on {self.page.url}"
        raise AssertionError(message)

    def go(self, sentence: str) -> None:
        """Choose a page in the navigation."""
        if self.phone:
            self.use(self.named("button", "Menu"))
        self.use(self.page.get_by_role("navigation").get_by_role(
            "link", name=self.words(sentence), exact=True))  # fmt: skip

    # -- filling in --------------------------------------------------------------------------

    def write(self, sentence: str, text: str, **facts: object) -> None:
        """Fill in a field."""
        named = self.page.get_by_label(self.words(sentence, **facts))
        self.fill(named.and_(self.page.locator(WRITTEN)).locator("visible=true").first, text)

    def fill(self, field: Locator, text: str) -> None:
        """Fill in what was found."""
        if self.keys:
            self.reach(field)
            self.page.keyboard.insert_text(text)
        else:
            field.fill(text)

    def pick(self, title: str) -> None:
        """Choose the answer, or tick the box, whose card has this title."""
        card = self.page.locator("label.choice-card").filter(
            has=self.page.get_by_text(title, exact=True)
        )
        box = card.first.locator("input")
        if not self.keys:
            card.first.click()
        elif box.get_attribute("type") == "checkbox":
            self.reach(box)
            self.page.keyboard.press("Space")
        else:
            self.turn_to(box)
        assert box.is_checked(), title

    def turn_to(self, box: Locator) -> None:
        """Reach one of a group of radio buttons: Tab to the group, then the arrow keys."""
        inside = "one => document.activeElement.name === one.name"
        for _time in range(TABS):
            if box.evaluate(inside):
                break
            self.page.keyboard.press("Tab")
        self.page.keyboard.press("Space")
        for _time in range(TABS):
            if box.is_checked():
                return
            self.page.keyboard.press("ArrowDown")

    def select(self, sentence: str, value: str) -> None:
        """Choose from a list."""
        field = self.page.get_by_label(self.words(sentence), exact=True).first
        if not self.keys:
            field.select_option(value)
            return
        self.reach(field)
        self.page.keyboard.press("Home")
        while field.input_value() != value:
            before = field.input_value()
            self.page.keyboard.press("ArrowDown")
            assert field.input_value() != before, f"{value} is not in the list"

    def give(self, sentence: str, files: Sequence[Path] | Path) -> None:
        """Choose files, or a folder."""
        field = self.page.get_by_label(self.words(sentence)).first
        if not self.keys:
            field.set_input_files(files)
            return
        self.reach(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(files)

    # -- reading -----------------------------------------------------------------------------

    @property
    def heading(self) -> str:
        """Read the page's heading."""
        return self.page.locator("h1").inner_text()

    def reads(self, sentence: str, **facts: object) -> None:
        """Fail unless the page's heading says this."""
        self.page.get_by_role(
            "heading", level=1, name=self.words(sentence, **facts), exact=True
        ).wait_for()

    def sees(self, sentence: str, **facts: object) -> None:
        """Fail unless this stands somewhere on the page."""
        self.page.get_by_text(self.words(sentence, **facts)).first.wait_for()

    def visited(self) -> list[tuple[str, str]]:
        """Give what this window's history holds: address without the host, and title."""
        session = self.app.context.new_cdp_session(self.page)
        found = session.send("Page.getNavigationHistory")["entries"]
        base = self.app.server.base
        return [(one["url"].removeprefix(base), one["title"]) for one in found]

    def wait(self) -> None:
        """Wait until long work is over; without scripts, look again as a person would."""
        self.page.wait_for_load_state()
        for _time in range(PATIENCE_MS // 250):
            over = self.page.locator("[data-job]").count() == 0
            finishing = self.page.locator("section[data-account]:not([hidden])").count()
            if over and not finishing:
                return
            self.page.wait_for_timeout(250)
            again = self.named("link", "Look again")
            if not over and again.count():
                self.use(again)
        message = f"it is never over: {self.page.url}"
        raise AssertionError(message)

# SPDX-License-Identifier: Apache-2.0
"""Leaving quickly, leaving few traces, and when not to use this device at all.

These pages may be read before there is a case. They promise nothing: every section says what it
cannot do. What the browser says of itself only chooses whose keys are shown first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.i18n import N_, _
from standfast.web.page import Page

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one browser: a private window, the list of pages, the list of downloads."""

    name: str
    private: str
    history: str
    downloads: str


FIREFOX = Keys("Firefox", "Ctrl Shift P", "Ctrl Shift H", "Ctrl J")
CHROME = Keys("Chrome", "Ctrl Shift N", "Ctrl H", "Ctrl J")
EDGE = Keys("Edge", "Ctrl Shift N", "Ctrl H", "Ctrl J")
SAFARI = Keys("Safari", "⌘ ⇧ N", "⌘ Y", "⌘ ⌥ L")
BROWSERS = (FIREFOX, CHROME, EDGE, SAFARI)
SIGNS = (("firefox/", FIREFOX), ("edg/", EDGE), ("chrome/", CHROME), ("safari/", SAFARI))
"""What a browser calls itself, in the order in which the names contain each other."""
PRIVATE_NAMES = {
    "Firefox": N_("private window"), "Chrome": N_("incognito window"),
    "Edge": N_("InPrivate window"), "Safari": N_("private window"),
}  # fmt: skip


def browser_of(untrusted_agent: str) -> Keys | None:
    """Give the keys of the browser that asks, if it is one of those known here."""
    agent = untrusted_agent[:500].casefold()
    return next((keys for sign, keys in SIGNS if sign in agent), None)


def _safety(visit: Visit) -> Response:
    return visit.render("safety/safety.html")


def _leaving(visit: Visit) -> Response:
    return visit.render("safety/leaving.html")


def _traces(visit: Visit) -> Response:
    this = browser_of(visit.headers.get("user-agent", ""))
    first = [this] if this else []
    rest = [one for one in BROWSERS if one != this]
    names = {one.name: _(PRIVATE_NAMES[one.name]) for one in BROWSERS}
    return visit.render("safety/traces.html", this=this, browsers=[*first, *rest], names=names)


def _device(visit: Visit) -> Response:
    return visit.render("safety/device.html")


PAGES = (
    Page(name="safety", path="/x", get=_safety, menu=(110, N_("Safety")), locked=True),
    Page(name="safety_leaving", path="/x/l", get=_leaving, locked=True),
    Page(name="safety_traces", path="/x/t", get=_traces, locked=True),
    Page(name="safety_device", path="/x/d", get=_device, locked=True),
)

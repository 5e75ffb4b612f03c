# SPDX-License-Identifier: Apache-2.0
"""What a page is, and how pages are found: every module in ``pages`` names its own.

The few that a person meets before a case is open are loaded first, so that the first page is there
at once; what all others work with is loaded behind it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from starlette.responses import Response

    from standfast.web.visit import Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        name: what other pages call it.
        path: what the browser's history will hold; it must tell nothing, so it is one letter and
            opaque keys.
        get: shows it; a plain function, run in a thread.
        post: takes a small form, whose origin and token were checked already.
        receive: takes a body as it streams in (PUT; POST too where there is no ``post``).
        menu: its place and its title in the navigation.
        locked: whether it may be seen while no case is open.
        active: whether asking for it is a sign that somebody is there (a script that polls is not).
        urgent: answered even while all other pages wait for slow work.
    """

    name: str
    path: str
    get: Callable[[Visit], Response] | None = None
    post: Callable[[Visit], Response] | None = None
    receive: Callable[[Visit, AsyncIterator[bytes]], Awaitable[Response]] | None = None
    menu: tuple[int, str] | None = None
    locked: bool = False
    active: bool = True
    urgent: bool = False

    @property
    def methods(self) -> list[str]:
        """Give the methods it takes."""
        found = ["GET"] if self.get else []
        if self.post or self.receive:
            found.append("POST")
        return [*found, "PUT"] if self.receive else found


FIRST = ("files", "idle", "leave", "start", "unlock")
"""The modules with pages that may be seen while no case is open."""


@cache
def first_pages() -> tuple[Page, ...]:
    """Find the pages that may be needed before a case is open."""
    return _pages_of(FIRST)


@cache
def pages() -> tuple[Page, ...]:
    """Find every page."""
    from standfast.web import pages as package  # noqa: PLC0415 - the pages import this module

    return _pages_of(sorted(one.name for one in pkgutil.iter_modules(package.__path__)))


@cache
def page_named(name: str) -> Page:
    """Give a page by its name.

    Raises:
        StopIteration: there is none; a mistake of ours.
    """
    found = next((one for one in first_pages() if one.name == name), None)
    return found or next(one for one in pages() if one.name == name)


def _pages_of(names: Iterable[str]) -> tuple[Page, ...]:
    modules = [importlib.import_module(f"standfast.web.pages.{name}") for name in names]
    return tuple(page for module in modules for page in getattr(module, "PAGES", ()))


@cache
def menu() -> tuple[Page, ...]:
    """Give the pages of the navigation, in order."""
    return tuple(sorted((one for one in pages() if one.menu), key=lambda one: one.menu or (0, "")))

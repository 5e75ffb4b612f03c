# SPDX-License-Identifier: Apache-2.0
"""How to get an export out of an app, one file of data an app.

Rules enforced here:

* every statement names its source, and whether it was read there (``verified``); a page says so;
* every sentence is there in every language of the program, or the file is refused;
* a file is found by being here: adding an app touches nothing else.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import LANGUAGES, SOURCE_LANGUAGE, language

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

DEVICES: Final = ("iphone", "android", "computer")
NOW, LATER = "now", "later"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in every language; as text it is in the language in force."""

    forms: Mapping[str, str]

    def __str__(self) -> str:
        """Give the sentence."""
        return self.forms.get(language()) or self.forms[SOURCE_LANGUAGE]


@dataclass(frozen=True, slots=True)
class Said:
    """A statement, where it comes from, and whether it was read there."""

    words: Words
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Way:
    """The steps on one kind of device: ``iphone``, ``android`` or ``computer``."""

    device: str
    steps: tuple[Words, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Export:
    """How to get an app's export.

    Attributes:
        read: ``now``, or ``later``: kept byte for byte, and read by a later version.
        formats: what reads it (ids of `standfast.sources`).
        noticed: what somebody else could notice.
        needs: what it takes.
        ways: the steps.
        lacks: what such an export leaves out.
        as_of: the day the file was last gone over.
    """

    id: str
    order: int
    read: str
    formats: tuple[str, ...]
    title: Words
    lead: Words
    as_of: date
    noticed: tuple[Said, ...]
    needs: tuple[Said, ...]
    ways: tuple[Way, ...]
    lacks: tuple[Said, ...]


@cache
def exports() -> tuple[Export, ...]:
    """Give every app's page, in the order they are shown.

    Raises:
        ValueError: a file does not say what it must.
    """
    files = (one for one in resources.files(__name__).iterdir() if one.name.endswith(".toml"))
    found = [export_from(tomllib.loads(one.read_text("utf-8"))) for one in files]
    return tuple(sorted(found, key=lambda one: (one.order, one.id)))


def export_from(data: Mapping[str, Any]) -> Export:
    """Check the data of one file.

    Raises:
        ValueError: something is missing, or names a source that is not given.
    """
    try:
        return _export(data)
    except (KeyError, TypeError) as problem:
        message = f"{data.get('id', '?')}: {problem!r}"
        raise ValueError(message) from problem


def _export(data: Mapping[str, Any]) -> Export:
    sources = data["sources"]
    if data["read"] not in (NOW, LATER) or bool(data["formats"]) is not (data["read"] == NOW):
        message = f"{data['id']}: read says something else than formats"
        raise ValueError(message)
    return Export(
        data["id"],
        data["order"],
        data["read"],
        tuple(data["formats"]),
        _words(data["title"]),
        _words(data["lead"]),
        data["as_of"],
        tuple(_said(one, sources) for one in data["noticed"]),
        tuple(_said(one, sources) for one in data["needs"]),
        tuple(_way(one, sources) for one in data["ways"]),
        tuple(_said(one, sources) for one in data["lacks"]),
    )


def _words(forms: Mapping[str, str]) -> Words:
    if any(not forms[one].strip() for one in LANGUAGES):
        message = f"a sentence is empty: {forms}"
        raise ValueError(message)
    return Words({one: forms[one] for one in LANGUAGES})


def _said(data: Mapping[str, Any], sources: Mapping[str, str]) -> Said:
    return Said(_words(data), sources[data["source"]], _flag(data["verified"]))


def _way(data: Mapping[str, Any], sources: Mapping[str, str]) -> Way:
    if data["device"] not in DEVICES:
        message = f"no such device: {data['device']}"
        raise ValueError(message)
    steps = tuple(_words(one) for one in data["steps"])
    return Way(data["device"], steps, sources[data["source"]], _flag(data["verified"]))


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value

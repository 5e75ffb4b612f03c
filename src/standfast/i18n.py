# SPDX-License-Identifier: Apache-2.0
"""Sentences in the reader's language.

English is the source; ``locale/<lang>/LC_MESSAGES/standfast.po`` holds the others and is read as
it is (no compiled catalogue, so a translator sees a change at once). The language is a context
variable: two pages in two languages can be made side by side.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "de")

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def language() -> str:
    """Give the language in force."""
    return _language.get()


def set_language(code: str) -> None:
    """Speak this language from now on (``de_AT`` is ``de``); an unknown one is English."""
    short = code.replace("-", "_").split("_")[0].lower()
    _language.set(short if short in LANGUAGES else SOURCE_LANGUAGE)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak a language within a block."""
    before = _language.get()
    set_language(code)
    try:
        yield
    finally:
        _language.set(before)


def _(sentence: str) -> str:
    """Give a sentence in the language in force, or as it is when nobody has translated it."""
    code = _language.get()
    return sentence if code == SOURCE_LANGUAGE else catalogue(code).get(sentence, sentence)


def N_(sentence: str) -> str:  # noqa: N802 - the name every extraction tool knows
    """Mark a sentence that is kept as it is and put through `_` where it is shown."""
    return sentence


def ngettext(one: str, many: str, count: int) -> str:
    """Give the form that fits a count; both languages so far have the same two forms."""
    return _(one) if count == 1 else _(many)


@lru_cache(maxsize=8)
def catalogue(code: str) -> Mapping[str, str]:
    """Read a language's sentences.

    Sentences with plural forms are kept under both of their source forms.
    """
    from babel.messages.pofile import read_po  # noqa: PLC0415 - English needs no catalogue

    place = resources.files("standfast") / "locale" / code / "LC_MESSAGES" / "standfast.po"
    with place.open("rb") as file:
        read = read_po(file, locale=code)
    return {
        source: text
        for entry in read
        if not entry.fuzzy
        for source, text in zip(_forms(entry.id), _forms(entry.string), strict=False)
        if source and text
    }


def _forms(text: object) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (str(text),)

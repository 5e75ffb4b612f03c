# SPDX-License-Identifier: Apache-2.0
"""The words that exports use, loaded once from the data files beside this module.

Rules enforced here:

* no word of any language stands in code; ``clock.toml`` has clocks and calendars, every other
  ``*.toml`` one language's phrases;
* a phrase with ``{}`` has one gap a pair of braces; a gap is never empty and never spans lines;
* phrases are compared in plain characters (see `characters.plain`), without a final full stop.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from standfast.sources.whatsapp_text.characters import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLOCK = "clock.toml"
GAP = "{}"
QUOTED = '"{}'


@dataclass(frozen=True, slots=True)
class Markers:
    """One language's words for the halves of the day.

    Attributes:
        halves: canonical word to ``am``, ``pm``, ``noon`` or ``plain``.
        words: as they are written, the longest first.
        year_first: this language always writes the year first.
    """

    halves: Mapping[str, str]
    words: tuple[str, ...]
    year_first: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """What headers are written with."""

    joints: tuple[str, ...]
    eras: Mapping[str, int]
    markers: tuple[Markers, ...]
    months: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Template:
    """A phrase with gaps.

    Attributes:
        detail: what a line that fits it is.
        literal: its longest part without a gap, for a quick look.
        whole: fits the whole of a line.
        opening: fits the beginning of a line up to a gap in quotation marks, in which anything
            may stand, a colon too.
    """

    detail: str
    literal: str
    whole: re.Pattern[str]
    opening: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Phrases:
    """What the app itself writes, in every language known here.

    Attributes:
        exact: whole phrases, to their detail.
        templates: phrases with gaps, the most specific first.
        endings: what follows a text that was edited.
        attached: the word before the colon in ``<attached: f>``.
        attached_after: what stands in brackets after a file's name.
        openings: how a poll or a place begins.
        titles: patterns of the export's own file name.
        selves: the words for "you" that begin a line.
    """

    exact: Mapping[str, str]
    templates: tuple[Template, ...]
    endings: tuple[str, ...]
    attached: frozenset[str]
    attached_after: frozenset[str]
    openings: Mapping[str, str]
    titles: tuple[re.Pattern[str], ...]
    selves: tuple[str, ...]


def canonical(marker: str) -> str:
    """Give a marker as it is looked up: lower case, without dots and spaces."""
    return plain(marker).lower().replace(".", "").replace(" ", "")


def without_stop(text: str) -> str:
    """Take one final full stop away."""
    return text[:-1] if text[-1:] in {".", "。", "।", "۔"} else text


def _read(name: str) -> dict[str, Any]:
    place = resources.files("standfast.sources.whatsapp_text") / name
    return tomllib.loads(place.read_text(encoding="utf-8"))


@cache
def clock() -> Clock:
    """Load how clocks and calendars are written."""
    data = _read(CLOCK)
    sets = []
    for entry in data["markers"]:
        year_first = entry.pop("year_first", False)
        halves = {canonical(word): half for half, words in entry.items() for word in words}
        words = sorted((plain(w) for ws in entry.values() for w in ws), key=len, reverse=True)
        sets.append(Markers(halves, tuple(words), year_first))
    months = {
        name: number for names in data["months"].values() for number, name in enumerate(names, 1)
    }
    joints = tuple(sorted(data["joints"], key=len, reverse=True))
    return Clock(joints, data["eras"], tuple(sets), months)


def _languages() -> Iterator[dict[str, Any]]:
    folder = resources.files("standfast.sources.whatsapp_text")
    for name in sorted(place.name for place in folder.iterdir()):
        if name.endswith(".toml") and name != CLOCK:
            yield _read(name)


def _pattern(phrase: str, gap: str = "(.+?)") -> str:
    return gap.join(re.escape(part) for part in phrase.split(GAP))


def _template(detail: str, phrase: str) -> Template:
    head, quote, _ = phrase.partition(QUOTED)
    return Template(
        detail,
        max(phrase.split(GAP), key=len),
        re.compile(_pattern(phrase) + r"\.?"),
        re.compile(_pattern(head + '"')) if quote else None,
    )


@cache
def phrases() -> Phrases:
    """Load what the app writes in every language."""
    exact: dict[str, str] = {}
    templates: list[Template] = []
    lists: dict[str, list[str]] = {}
    openings: dict[str, str] = {}
    for language in _languages():
        for detail, written in language.get("phrases", {}).items():
            for phrase in map(without_stop, map(plain, written)):
                if GAP in phrase:
                    templates.append(_template(detail, phrase))
                else:
                    exact.setdefault(phrase, detail)
        for detail, written in language.get("openings", {}).items():
            openings |= dict.fromkeys(map(plain, written), detail)
        for name in ("endings", "attached", "attached_after", "titles", "selves"):
            lists.setdefault(name, []).extend(map(plain, language.get(name, ())))
    templates.sort(key=lambda each: (-len(each.whole.pattern), each.whole.pattern))
    return Phrases(
        exact,
        tuple(templates),
        tuple(sorted(set(lists["endings"]))),
        frozenset(lists["attached"]),
        frozenset(lists["attached_after"]),
        openings,
        tuple(re.compile(_pattern(t, "(.+)")) for t in sorted(lists["titles"], key=len)[::-1]),
        tuple(sorted(set(lists["selves"]))),
    )

# SPDX-License-Identifier: Apache-2.0
"""The invented story: what was written and called, by whom, at which minute.

The conversations lie beside this module (``story/*.toml``). What matters in them is written by
hand, line by line; the rest is drawn from hand-written phrases by `standfast.demo.dice`. Nobody in
it exists; the numbers are kept free for fiction, the mail addresses are those of examples.

Rules enforced here:

* a line is ``HH:MM WHO WHAT``; times are those of the phone's clock, in `ZONE`;
* lines are in the order of time; those of one minute keep the order in which they were told;
* the same files give the same story, always.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from standfast.demo.dice import Dice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ZONE = "Europe/Berlin"
CHATS = ("jonas", "new_number", "priya", "tom")
MINUTES_A_HOUR = 60
_LINE = re.compile(r"(\d\d):(\d\d) (\S+) (.+)")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing somebody wrote or did.

    Attributes:
        at: by the phone's clock.
        who: the letter of the conversation's people; ``-`` for the app or a hidden number.
        text: the words; for ``@`` lines what stands behind the word.
        act: empty for plain words, else the word behind the ``@``.
    """

    at: datetime
    who: str
    text: str
    act: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation, or one phone's texts or calls, with everything that happened in it."""

    name: str
    facts: Mapping[str, Any]
    lines: tuple[Line, ...] = field(repr=False)


def told(name: str) -> Mapping[str, Any]:
    """Read one file of the story."""
    place = resources.files("standfast.demo") / "story" / f"{name}.toml"
    return tomllib.loads(place.read_text("utf-8"))


@cache
def conversation(name: str) -> Conversation:
    """Give a conversation with its filler, in the order of time."""
    facts = told(name)
    by_hand = [line for day in facts["days"] for line in _by_hand(day["date"], day["lines"])]
    filler = [
        *(line for wave in facts.get("waves", ()) for line in _wave(name, facts, wave)),
        *(line for burst in facts.get("bursts", ()) for line in _burst(name, burst)),
    ]
    taken = {line.at.date() for line in by_hand}
    for talk in facts.get("smalltalk", ()):
        filler += _smalltalk(name, talk, taken)
    return Conversation(name, facts, tuple(sorted([*by_hand, *filler], key=lambda line: line.at)))


def _by_hand(day: date, text: str) -> Iterator[Line]:
    for row in text.strip().splitlines():
        found = _LINE.fullmatch(row)
        if found is None:
            message = f"{day}: {row!r} is no line of a story"
            raise ValueError(message)
        at = datetime(day.year, day.month, day.day, int(found[1]), int(found[2]))  # noqa: DTZ001 - the phone's clock
        yield line_of(at, found[3], found[4])


def line_of(at: datetime, who: str, words: str) -> Line:
    """Make a line; ``@photo NAME words`` and the like become its act."""
    if not words.startswith("@"):
        return Line(at, who, words)
    act, _space, rest = words[1:].partition(" ")
    return Line(at, who, rest, act)


def _wave(name: str, facts: Mapping[str, Any], wave: Mapping[str, Any]) -> Iterator[Line]:
    """Draw so many lines a day, at hours of the day that are given as ``[from, to]``."""
    kind = wave["phrases"]
    dice = Dice(f"{name} {wave['who']} {wave['first']} {kind}")
    phrases = facts.get("phrases", {}).get(kind) or _sayable(name, told("phrases")[kind])
    words = dice.drawn(phrases)
    for day in _days(wave["first"], wave["last"]):
        for _ in range(dice.between(*wave["each_day"])):
            hours = wave["hours"]
            first, last = hours[dice.between(0, len(hours) - 1)]
            minute = dice.between(first * MINUTES_A_HOUR, last * MINUTES_A_HOUR - 1)
            yield line_of(_midnight(day) + timedelta(minutes=minute), wave["who"], next(words))


def _sayable(name: str, phrases: Sequence[str]) -> Sequence[str]:
    """Leave out what only a chat app can show."""
    return [phrase for phrase in phrases if name != "sms" or not phrase.startswith("@")]


def _burst(name: str, burst: Mapping[str, Any]) -> Iterator[Line]:
    """Draw many lines with a minute or two between them."""
    dice = Dice(f"{name} {burst['begins']}")
    words = dice.drawn(told("phrases")[burst["phrases"]])
    at = burst["begins"]
    for _ in range(burst["count"]):
        yield line_of(at, burst["who"], next(words))
        at += timedelta(minutes=dice.between(0, 3))


def _smalltalk(name: str, talk: Mapping[str, Any], taken: set[date]) -> Iterator[Line]:
    """Place short exchanges on every so many days, where nothing else was said."""
    dice = Dice(f"{name} {talk['talks']}")
    days = list(_days(talk["first"], talk["last"]))[:: talk["every"]]
    free = [day for day in days if day not in taken]
    for day, exchange in zip(free, told("smalltalk")[talk["talks"]], strict=False):
        at = _midnight(day) + timedelta(minutes=dice.between(9 * 60, 20 * 60))
        for words in exchange:
            who, _space, rest = words.partition(" ")
            yield line_of(at, who, rest)
            at += timedelta(minutes=dice.between(1, 6))


def _days(first: date, last: date) -> Iterator[date]:
    for step in range((last - first).days + 1):
        yield first + timedelta(days=step)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the phone's clock

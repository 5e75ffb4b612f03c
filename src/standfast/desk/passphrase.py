# SPDX-License-Identifier: Apache-2.0
"""How hard a passphrase is to guess, in words, and one to take if none comes to mind.

Rules enforced here:

* the measure is simple and says so: how many different words, how long, and whether it is among
  those that people choose most. It cannot know what somebody who knows the person would try;
* a word counts as one of about two thousand that people choose from, however long it is; a word
  twice, a run like 1234 and a year count little;
* sums are whole numbers (tenths of a bit), so that the page's script, which counts the same way
  while a person types, comes to the same answer. What is decided here holds.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise

LEAST = 8
"""Characters; below that a passphrase is refused."""
LEVELS = (250, 350, 440)
"""Tenths of a bit from which a passphrase is of level 1, 2, 3."""
LETTER, DIGIT, SYMBOL, SWITCH = 25, 33, 10, 15
WORD, FURTHER, LONG_WORD = 110, 12, 12
YEAR, NUMBER, OFTEN = 70, 130, 20
FREE_SWITCHES = 2
OFTEN_FILE = "often_chosen.txt"
LOOKALIKES = str.maketrans("013457@$!", "oleastasi")

CONSONANTS, VOWELS = "bdfghklmnprstvwz", "aeiou"
GROUPS, SYLLABLES = 4, 3


@dataclass(frozen=True, slots=True)
class Strength:
    """``level`` 0 (guessed at once) to 3; ``too_short`` is refused; ``often`` is much chosen."""

    level: int
    too_short: bool
    often: bool


@cache
def often_chosen() -> tuple[str, ...]:
    """Give the passwords that people choose most, in small letters."""
    text = (resources.files(__package__) / OFTEN_FILE).read_text("utf-8")
    return tuple(word for line in text.splitlines() if line[:1] != "#" for word in line.split())


def judge(passphrase: str) -> Strength:
    """Say how hard a passphrase is to guess."""
    text = unicodedata.normalize("NFKC", passphrase).lower()
    runs, symbols = _runs(text)
    tenths = sum(_worth(run) for run in dict.fromkeys(runs)) + SYMBOL * len(symbols)
    tenths += SWITCH * max(0, _switches(text) - FREE_SWITCHES)
    cap, often = _cap(text)
    tenths = min(tenths, cap)
    level = sum(tenths >= least for least in LEVELS)
    return Strength(level, len(passphrase) < LEAST, often)


def suggest() -> str:
    """Make a passphrase of random syllables: 75 bits, to be spoken in every language."""
    found = ""
    while judge(found).level < len(LEVELS):  # one in very many has the same group twice
        found = " ".join(_group() for _number in range(GROUPS))
    return found


def _group() -> str:
    pairs = ((secrets.choice(CONSONANTS), secrets.choice(VOWELS)) for _number in range(SYLLABLES))
    return "".join(sign for pair in pairs for sign in pair)


def _kind(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] in "LM":
        return "letter"
    if category == "Nd":
        return "digit"
    return "space" if sign.isspace() else "symbol"


def _runs(text: str) -> tuple[list[str], set[str]]:
    runs: list[str] = []
    symbols = set()
    last = ""
    for sign in text:
        kind = _kind(sign)
        if kind == "symbol":
            symbols.add(sign)
        elif kind != "space" and kind == last:
            runs[-1] += sign
        elif kind != "space":
            runs.append(sign)
        last = kind
    return runs, symbols


def _switches(text: str) -> int:
    """Count the changes between letters, digits and symbols within what no space divides."""
    kinds = [_kind(sign) for sign in text]
    return sum(a != b and "space" not in {a, b} for a, b in pairwise(kinds))


def _worth(run: str) -> int:
    if run in often_chosen():
        return OFTEN
    count = _fresh(run)
    if _kind(run[0]) == "digit":
        year = len(run) == len("2000") and run[:2] in {"19", "20"}
        return min(DIGIT * count, YEAR if year else NUMBER)
    return min(LETTER * count, WORD) + FURTHER * max(0, count - LONG_WORD)


def _fresh(run: str) -> int:
    """Count the signs that do not just go on with a run such as 1234, cba or aaa."""
    near = [abs(ord(a) - ord(b)) <= 1 for a, b in pairwise(run)]
    return len(run) - sum(a and b for a, b in pairwise(near))


def _cap(text: str) -> tuple[int, bool]:
    """Give the most a passphrase can count that is a much chosen one with something about it."""
    plain = "".join(sign for sign in text.translate(LOOKALIKES) if _kind(sign) == "letter")
    most, often = 10_000, text in often_chosen()
    for word in often_chosen():
        if len(word) >= len("hallo") and word in plain:
            most = min(most, OFTEN + LETTER * (len(plain) - len(word)))
            often = often or len(plain) - len(word) < len(word)
    return most, often

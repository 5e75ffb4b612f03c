# SPDX-License-Identifier: Apache-2.0
"""A working process is killed at random moments, again and again, on one and the same case."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import kill_loop
import pytest
from kill_loop import name_of

from standfast.vault import keys
from standfast.vault import ledger as frames
from vault_case import checked, new, reopen, text_of

CHILD = Path(__file__).with_name("kill_loop.py")
ARGON2ID = keys._stretch
_names = cache(name_of)


@pytest.fixture(autouse=True)
def _real_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_stretch", cache(ARGON2ID))  # the child uses the real one
    monkeypatch.setattr(frames, "RUN_BYTES", kill_loop.RUN_BYTES)


class Told:
    """What the children have acknowledged so far."""

    def __init__(self) -> None:
        self.present: set[str] = set()
        self.perhaps_erased: set[str] = set()
        self.entries = 2

    def take(self, facts: dict[str, object]) -> None:
        for seed in facts.get("added", []):  # type: ignore[attr-defined] # our own JSON
            self.present.add(_names(seed))
            self.perhaps_erased.discard(_names(seed))
        for name in ("erasing", "erased"):
            if name in facts:
                self.perhaps_erased.add(str(facts[name]))
        self.present -= {str(facts.get("erased"))}
        self.entries = max(self.entries, int(str(facts.get("entries", 0))))


def one_round(folder: Path, seed: int, told: Told, pause: float) -> None:
    """Let a child work for a moment after it has opened the case, then kill it."""
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), str(seed)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(pause)
        child.kill()
        lines = [first, *child.stdout.read().splitlines(keepends=True)]
    for line in lines:
        if line.endswith(b"\n"):
            told.take(json.loads(line))


def look(folder: Path, told: Told) -> int:
    with reopen(folder) as vault:
        assert vault.problems == ()
        assert len(vault.entries) >= told.entries
        assert told.present - told.perhaps_erased <= set(vault.index.items)
        for item in vault.index.items:
            text_of(vault, item)
        assert all(one.repairable for one in checked(vault).problems)
        told.present = set(vault.index.items)
        told.perhaps_erased.clear()
        return len(vault.recovered)


def killed_again_and_again(folder: Path, rounds: int, seed: int) -> None:
    new(folder).close()
    told, chance, recovered = Told(), random.Random(seed), 0
    for number in range(rounds):
        one_round(folder, seed * 1000 + number, told, chance.random() ** 2 * 0.15)
        recovered += bool(look(folder, told))
        if number % 25 == 24:
            folder = folder.with_name(f"case-{number}")
            new(folder).close()
            told = Told()
    assert recovered, "not one kill hit a write: the test is not about anything"


def test_a_killed_process_loses_nothing_it_acknowledged(ram: Path) -> None:
    killed_again_and_again(ram / "case", 15, seed=1)


@pytest.mark.long
def test_two_hundred_kills(ram: Path) -> None:
    killed_again_and_again(ram / "case", 200, seed=2)

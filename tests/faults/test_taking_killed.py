# SPDX-License-Identifier: Apache-2.0
"""A program is killed in the middle of an upload: the case is whole, and says what is missing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from taking_loop import UPLOAD, name_of, parts_of, size_of

from desk_case import make, open_desk
from standfast.vault import keys

CHILD = Path(__file__).with_name("taking_loop.py")
COUNT = 40
ARGON2ID = keys._stretch


@pytest.fixture(autouse=True)
def _real_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_stretch", cache(ARGON2ID))  # the child uses the real one


def one_round(folder: Path, wanted: list[int], pause: float) -> list[int]:
    """Let a child take files in for a moment, kill it, and give what it acknowledged."""
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(folder), json.dumps(wanted)], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        time.sleep(pause)
        child.kill()
        lines = [first, *child.stdout.read().splitlines(keepends=True)]
    return [json.loads(line) for line in lines if line.endswith(b"\n")]


def look(folder: Path, came: set[int]) -> list[int]:
    """Hold the case against what was acknowledged; give what it says is missing."""
    with open_desk(folder, write=False) as desk:
        report = desk.verify()
        assert not [one for one in report.problems if one.code != "unentered_original"]
        (upload,) = desk.pending()
        assert upload.upload == UPLOAD
        missing = [number for number in range(COUNT) if (name_of(number), size_of(number))
                   in set(upload.missing)]  # fmt: skip
        assert not came & set(missing), "what was acknowledged is never missing"
        there = {f"{item.folder}/{item.name}" for item in desk.state.items.values()}
        gone = set(range(COUNT)) - set(missing)
        assert {name_of(number) for number in gone} <= there, "what is not there is missing"
    return missing


def killed_until_all_is_there(folder: Path, rounds: int, seed: int) -> None:
    make(folder).close()
    chance, came, missing = random.Random(seed), set(), list(range(COUNT))
    for _round in range(rounds):
        if not missing:
            break
        came |= set(one_round(folder, missing, chance.random() * 0.15))
        missing = look(folder, came)
    if missing:
        subprocess.run([sys.executable, str(CHILD), str(folder), json.dumps(missing)], check=True)
    with open_desk(folder) as desk:
        assert desk.verify().whole
        assert desk.pending()[0].missing == ()
        wanted = {sha256(b"".join(parts_of(number))).hexdigest() for number in range(COUNT)}
        assert set(desk.state.items) == wanted
        desk.settled(UPLOAD)
        assert desk.verify().whole


def test_an_upload_that_was_killed_goes_on_with_what_is_missing(ram: Path) -> None:
    killed_until_all_is_there(ram / "case", 4, seed=1)


@pytest.mark.long
def test_an_upload_killed_again_and_again(ram: Path) -> None:
    for seed in range(2, 12):
        killed_until_all_is_there(ram / f"case-{seed}", 12, seed=seed)

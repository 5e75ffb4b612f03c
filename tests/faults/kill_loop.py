# SPDX-License-Identifier: Apache-2.0
"""A child that works on a case until it is killed, and says what is done on its output.

``python kill_loop.py FOLDER SEED``: one line of JSON for each call that returned.
"""

from __future__ import annotations

import json
import random
import sys
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # test folders are no packages

from standfast.vault import entry as kinds
from standfast.vault import ledger as frames
from standfast.vault.entry import Draft
from vault_case import item_draft, read_lines, reopen

RUN_BYTES = 6000
"""So small that the loop crosses into new files of the ledger all the time."""


def original(seed: int) -> bytes:
    """Give the bytes of an original again from its number."""
    chance = random.Random(seed)
    return chance.randbytes(chance.choice([0, 1, 300, 40_000, 600_000]))


def say(**facts: object) -> None:
    """Acknowledge; what is written here has reached the parent even when we die next."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def main(folder: Path, seed: int) -> None:
    """Add, read, note and erase for ever."""
    frames.RUN_BYTES = RUN_BYTES
    chance = random.Random(seed)
    vault = reopen(folder)
    say(opened=len(vault.entries))
    number = 0
    while True:
        turn = chance.random()
        present = sorted(vault.index.items)
        if turn < 0.6 or not present:
            seeds = [seed * 10_000 + number + extra for extra in range(chance.randint(1, 4))]
            number += len(seeds)
            vault.append(*(item_draft(vault, original(one)) for one in seeds))
            say(added=seeds, entries=len(vault.entries))
        elif turn < 0.8:
            read_lines(vault, chance.choice(present), [b"one", b"two"])
            say(entries=len(vault.entries))
        elif turn < 0.9:
            item = chance.choice(present)
            say(erasing=item)
            vault.erase(item, "no longer wanted")
            say(erased=item, entries=len(vault.entries))
        else:
            vault.append(Draft(kinds.NOTE, {"text": "x" * 300, "private": True}))
            say(entries=len(vault.entries))


def name_of(seed: int) -> str:
    """Give the SHA-256 of the original of that number."""
    return sha256(original(seed)).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

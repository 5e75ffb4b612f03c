# SPDX-License-Identifier: Apache-2.0
"""A child that takes in an announced upload through a sitting until it is killed.

``python taking_loop.py FOLDER NUMBERS``: one line of JSON for each file whose taking returned.
"""

from __future__ import annotations

import json
import random
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent.parent))  # test folders are no packages

from desk_case import PHRASE
from standfast.desk import Sitting, Unlock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.desk import Desk

UPLOAD = "one upload"
PARTS = 24


def name_of(number: int) -> str:
    """Give the path of a file of the upload."""
    return f"Phone/{number:03}.bin"


def size_of(number: int) -> int:
    """Give how large it is."""
    return PARTS * (1000 + number * 500)


def parts_of(number: int) -> Iterator[bytes]:
    """Give its bytes again from its number."""
    chance = random.Random(number)
    for _part in range(PARTS):
        yield chance.randbytes(size_of(number) // PARTS)


def take(desk: Desk, number: int) -> None:
    """Take one file in."""
    above, _slash, name = name_of(number).partition("/")
    desk.take(name, above, parts_of(number))


def main(folder: Path, wanted: list[int]) -> None:
    """Announce, then take file after file."""
    sitting = Sitting.begin(folder, Unlock(PHRASE))
    if not sitting.look().pending():
        names = [(name_of(number), size_of(number)) for number in wanted]
        sitting.write(lambda desk: desk.announce(UPLOAD, names))
    for number in wanted:
        sitting.write(partial(take, number=number))
        sys.stdout.write(json.dumps(number) + "\n")
        sys.stdout.flush()
    sitting.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))

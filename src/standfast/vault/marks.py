# SPDX-License-Identifier: Apache-2.0
"""Has another program written to the case since? A look that costs no decryption.

Rules enforced here:

* every commit makes the ledger longer and signs another head, and every change of the keys writes
  another key file: a mark holds the head's very bytes and what the system knows of the others
  (size, both times, number), so none of them can change unnoticed;
* whoever writes into the folder passes through ``tmp`` first: as long as that folder is as it was
  left, nobody has begun anything there either;
* a mark is taken before what it stands for is read, so at worst something is read once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.opening import HEAD, NOTE_LIMIT

if TYPE_CHECKING:
    import os
    from pathlib import Path

Facts = tuple[int, int, int, int]
"""Size, time of the last change of the bytes and of the file (ns), and the file's number."""


@dataclass(frozen=True, slots=True)
class Mark:
    """How the parts of a case folder looked that every write changes."""

    head: bytes
    key_file: Facts
    ledger: tuple[tuple[str, Facts], ...]
    scratch: Facts | None

    def says_as(self, other: Mark | None) -> bool:
        """Say whether log, head and keys are those of another mark."""
        return other is not None and (self.head, self.key_file, self.ledger) == (
            other.head,
            other.key_file,
            other.ledger,
        )


def mark_of(folder: Path) -> Mark:
    """Look at a case folder.

    Raises:
        OSError: it is not there, or cannot be looked into.
    """
    ledger = sorted((one.name, _facts(one.stat())) for one in (folder / "ledger").iterdir())
    return Mark(_head(folder), _facts((folder / CASE_FILE).stat()), tuple(ledger), _scratch(folder))


def mark_if_there(folder: Path) -> Mark | None:
    """Look at a case folder, or give nothing where that cannot be done."""
    try:
        return mark_of(folder)
    except OSError:
        return None


def _head(folder: Path) -> bytes:
    try:
        with (folder / HEAD).open("rb") as file:
            return file.read(NOTE_LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return b""


def _scratch(folder: Path) -> Facts | None:
    try:
        return _facts((folder / "tmp").stat())
    except FileNotFoundError:
        return None


def _facts(known: os.stat_result) -> Facts:
    return known.st_size, known.st_mtime_ns, known.st_ctime_ns, known.st_ino

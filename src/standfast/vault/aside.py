# SPDX-License-Identifier: Apache-2.0
"""Setting aside: what nobody entered in the log is moved out of the way, never thrown away.

Rules enforced here:

* each recovery uses a folder of its own in ``set-aside``, so nothing there is ever replaced;
* the ledger names each such folder with the number of its files and one digest over all of them
  (the SHA-256 of what ``sha256sum`` would print), so a later change shows;
* a folder that a crash kept from being named is named by the next recovery.
"""

from __future__ import annotations

import os
import secrets
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from standfast.vault.storage import Disk

ASIDE = "set-aside"
CRUFT = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".directory"})
CRUFT_BEGINNING = "._"
"""What operating systems put into any folder that is looked at."""
PART = 1 << 20


def is_cruft(path: Path) -> bool:
    """Say whether a file is one that an operating system put there by itself."""
    return path.name in CRUFT or path.name.startswith(CRUFT_BEGINNING)


def files_below(folder: Path) -> list[Path]:
    """List what lies below a folder of the vault, links included and not followed.

    Raises:
        OSError: a folder cannot be listed; a missing one is empty.
    """
    found = []
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda one: one.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    for one in entries:
        path = folder / one.name
        if one.is_dir(follow_symlinks=False):
            found += files_below(path)
        else:
            found.append(path)
    return [path for path in found if not is_cruft(path)]


class Aside:
    """Where one recovery puts things; the folder is made when the first one comes."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Name the case folder; nothing is made yet."""
        self._case = folder
        self._disk = disk
        self._folder: Path | None = None

    def place(self, name: str) -> Path:
        """Give the place for a file of this name."""
        if self._folder is None:
            above = self._case / ASIDE
            self._disk.make_folder(above)
            self._disk.flush_folder(self._case)
            self._folder = above / secrets.token_hex(4)
            self._disk.make_folder(self._folder)
            self._disk.flush_folder(above)
        return self._folder / name

    def move(self, paths: Iterable[Path]) -> None:
        """Move files here, each under its place in the case folder written with dashes."""
        for path in paths:
            name = "-".join(path.relative_to(self._case).parts)
            self._disk.rename(path, self.place(name))
        if self._folder is not None:
            self._disk.flush_folder(self._folder)


def unnamed(folder: Path, named: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Describe the folders of set-aside files that no entry names yet."""
    above = folder / ASIDE
    places = [path.relative_to(above).parts for path in files_below(above)]
    found = sorted({parts[0] for parts in places if len(parts) > 1})
    return [describe(above / name) for name in found if name not in named]


def describe(folder: Path) -> dict[str, Any]:
    """Give what an entry says of one folder: its name, how many files, and their digest."""
    lines = [f"{_digest(path)}  {path.relative_to(folder)}\n" for path in files_below(folder)]
    listed = "".join(lines).encode("utf-8", "surrogateescape")
    return {"folder": folder.name, "files": len(lines), "sha256": sha256(listed).hexdigest()}


def _digest(path: Path) -> str:
    if path.is_symlink() or not path.is_file():
        return sha256(b"").hexdigest()
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def tail_of(path: Path, start: int) -> Iterator[bytes]:
    """Read a file from a place to its end."""
    with path.open("rb") as file:
        file.seek(start)
        while part := file.read(PART):
            yield part

# SPDX-License-Identifier: Apache-2.0
"""Originals and segments on the disk: where they lie, and how they get there.

Rules enforced here:

* a file's name is a keyed hash of what it holds, so the name of a known picture does not give it
  away;
* an original is written, flushed and named before its entry is made, and the folders that got its
  name are flushed before that entry is written;
* the same bytes are kept once, also when they come twice before their entry;
* a segment is disposable: it is not flushed, and can always be made again from its original.
"""

from __future__ import annotations

import hmac
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast.vault.sealed import SealedFile, file_key, new_file_id, seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from standfast.vault.keys import Keys
    from standfast.vault.storage import Disk


@dataclass(frozen=True, slots=True)
class Kept:
    """An original that lies in the case folder, before its entry is committed.

    ``known`` says that an entry names these very bytes already.
    """

    sha256: str
    size: int
    file_id: str
    known: bool


@dataclass(frozen=True, slots=True)
class Written:
    """An original that lies encrypted in a scratch file, not yet flushed or named."""

    descriptor: int
    scratch: Path
    sha256: str
    size: int
    file_id: bytes


class Blobs:
    """The encrypted files of one case."""

    def __init__(self, folder: Path, keys: Keys, disk: Disk) -> None:
        """Name the case folder, its keys and its disk."""
        self.folder = folder
        self._keys = keys
        self._disk = disk
        self._unflushed: set[Path] = set()
        self._waiting: dict[str, Kept] = {}

    # -- places ------------------------------------------------------------------------------

    def path(self, item: str) -> Path:
        """Give the place of an original by its SHA-256."""
        return self._named("blobs", f"blob\n{item}")

    def segment_path(self, reading_id: str) -> Path:
        """Give the place of a reading's events."""
        return self._named("segments", f"segment\n{reading_id}")

    def scratch(self) -> Path:
        """Give a new name for a file that is being written; it holds only ciphertext."""
        return self.folder / "tmp" / secrets.token_hex(8)

    def _named(self, folder: str, what: str) -> Path:
        name = hmac.new(self._keys.names, what.encode(), "sha256").hexdigest()
        return self.folder / folder / name[:2] / name[2:]

    # -- what is needed to read one file, and no other -----------------------------------------

    def file(self, item: str, file_id: str) -> SealedFile:
        """Describe an original."""
        key = file_key(self._keys.blobs, bytes.fromhex(file_id), "blob")
        return SealedFile(str(self.path(item)), key, bytes.fromhex(file_id))

    def segment_file(self, reading_id: str) -> SealedFile:
        """Describe the events of one reading."""
        file_id = sha256(b"standfast/segment-id/1\n" + bytes.fromhex(reading_id)).digest()
        key = file_key(self._keys.segments, file_id, "segment")
        return SealedFile(str(self.segment_path(reading_id)), key, file_id)

    # -- writing -----------------------------------------------------------------------------

    def write(self, parts: Iterable[bytes]) -> Written:
        """Encrypt an original into a scratch file.

        Raises:
            OSError: the disk refused; whatever ``parts`` raises comes through as well.
        """
        file_id, scratch, meter = new_file_id(), self.scratch(), _Meter()
        key = file_key(self._keys.blobs, file_id, "blob")
        descriptor = self._disk.create(scratch)
        try:
            with ThreadPoolExecutor(1) as pool:
                for sealed in seal(meter.through(parts, pool), key, file_id):
                    self._disk.write(descriptor, sealed)
        except BaseException:
            self._disk.discard(descriptor, scratch)
            raise
        return Written(descriptor, scratch, meter.hex, meter.size, file_id)

    def settle(self, written: Written, items: Mapping[str, Mapping[str, Any]]) -> Kept:
        """Flush and name what was written, unless its very bytes are there already.

        Raises:
            OSError: the disk refused; the vault must not go on.
        """
        name, size = written.sha256, written.size
        if name in items or name in self._waiting:
            self._disk.discard(written.descriptor, written.scratch)
            if name in items:
                return Kept(name, size, items[name]["file_id"], known=True)
            return self._waiting[name]
        try:
            self._disk.flush(written.descriptor)
        except BaseException:
            self._disk.discard(written.descriptor, written.scratch)
            raise
        os.close(written.descriptor)
        self._name(written.scratch, self.path(name))
        kept = Kept(name, size, written.file_id.hex(), known=False)
        self._waiting[name] = kept
        return kept

    def _name(self, scratch: Path, path: Path) -> None:
        self._disk.make_folder(path.parent)
        self._disk.rename(scratch, path)
        self._unflushed |= {path.parent.parent, path.parent}

    def flush_names(self) -> None:
        """Make the names of kept originals survive a loss of power, upper folders first."""
        for folder in sorted(self._unflushed):
            self._disk.flush_folder(folder)
        self._unflushed.clear()

    @property
    def waiting(self) -> Iterable[str]:
        """Give the originals that were kept here and have no entry yet."""
        return self._waiting

    def entered(self, item: str) -> None:
        """Take notice that an original has its entry."""
        self._waiting.pop(item, None)

    def write_segment(self, reading_id: str, parts: Iterable[bytes]) -> None:
        """Write the events of a reading."""
        file, path = self.segment_file(reading_id), self.segment_path(reading_id)
        self._disk.make_folder(path.parent)
        sealed = seal(parts, file.key, file.file_id)
        self._disk.place(path, sealed, scratch=self.scratch(), durable=False)


class _Meter:
    """Counts and hashes bytes on their way, the hash on a second core."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = sha256()

    def through(self, parts: Iterable[bytes], pool: ThreadPoolExecutor) -> Iterator[bytes]:
        waiting = pool.submit(self._hash.update, b"")
        for part in parts:
            self.size += len(part)
            waiting.result()
            waiting = pool.submit(self._hash.update, part)
            yield part
        waiting.result()

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()

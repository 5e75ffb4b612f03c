# SPDX-License-Identifier: Apache-2.0
"""A sheet: bytes that lie encrypted and without a name in the case folder, for a while.

What is made to be handed over, or was brought to be looked at, may be larger than memory and must
never lie readable on a disk. Rules enforced here:

* what is written is ciphertext (AES-256-GCM in chunks of `CHUNK` bytes, the chunk's number as its
  nonce) under a key that exists in this process's memory alone;
* the file has no name: when the process ends, however it ends, the system takes it away (where a
  system cannot do without a name, it removes the name when the file is closed);
* it is written once from its beginning and read as often as wanted, from several threads;
* it is gone when nobody holds it any more.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import weakref
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standfast.i18n import _
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from standfast.vault.case import Vault

CHUNK = 1 << 18
TAG = 16
KEY_BITS = 256
NONCE_BYTES = 12


class Sheet:
    """Bytes that lie encrypted and without a name; ``size`` and ``sha256`` are of the plain ones.

    It is a writable binary file until `finish`; then `open` gives it from its first byte.
    """

    def __init__(self, folder: Path, *, doing: Callable[[], str]) -> None:
        """Begin one in a folder of the case; ``doing`` words what it is for, if that fails.

        Raises:
            StorageFailed: the disk refused.
        """
        self.size = 0
        self._doing = doing
        self._cipher = AESGCM(AESGCM.generate_key(KEY_BITS))
        self._hash = sha256()
        self._held = bytearray()
        self._chunks = 0
        self._turn = threading.Lock()
        with storage_errors(self._doing, _unchanged):
            self._file: BinaryIO = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed in close()
        self._let_go = weakref.finalize(self, self._file.close)

    @classmethod
    def of(cls, vault: Vault, doing: Callable[[], str]) -> Sheet:
        """Begin one in the folder of an open case, whether or not that case may be written to."""
        folder = vault.folder / "tmp"
        return cls(folder if folder.is_dir() else vault.folder, doing=doing)

    @property
    def sha256(self) -> str:
        """Give the SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Add bytes.

        Raises:
            StorageFailed: the disk refused.
        """
        self._hash.update(data)
        self._held += data
        self.size += len(data)
        while len(self._held) >= CHUNK:
            self._put(bytes(self._held[:CHUNK]))
            del self._held[:CHUNK]
        return len(data)

    def flush(self) -> None:
        """Take no notice: nothing of it has to survive this process."""

    def finish(self) -> Sheet:
        """Write what is left; nothing is added afterwards."""
        if self._held:
            self._put(bytes(self._held))
            self._held.clear()
        return self

    def _put(self, plain: bytes) -> None:
        sealed = self._cipher.encrypt(self._chunks.to_bytes(NONCE_BYTES), plain, None)
        self._chunks += 1
        with self._turn, storage_errors(self._doing, _unchanged):
            view = memoryview(sealed)
            while view:
                view = view[self._file.write(view) :]

    def chunk(self, number: int) -> bytes:
        """Give the plain bytes of one chunk."""
        with self._turn, storage_errors(self._doing, _unchanged):
            self._file.seek(number * (CHUNK + TAG))
            sealed = self._file.read(CHUNK + TAG)
        return self._cipher.decrypt(number.to_bytes(NONCE_BYTES), sealed, None)

    def parts(self) -> Iterator[bytes]:
        """Give everything, part by part."""
        for number in range(self._chunks):
            yield self.chunk(number)

    def open(self) -> BinaryIO:
        """Give it as a file that can be read and wound."""
        return io.BufferedReader(_Reading(self), CHUNK)

    def close(self) -> None:
        """Let go of it: it is gone."""
        self._let_go()


class _Reading(io.RawIOBase):
    """A sheet as a file."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self._sheet = sheet
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._sheet.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # io hands any buffer
        if self._at >= self._sheet.size or not view:
            return 0
        number, offset = divmod(self._at, CHUNK)
        piece = self._sheet.chunk(number)[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def _unchanged() -> str:
    return _("What the case holds is unchanged.")

# SPDX-License-Identifier: Apache-2.0
"""Sealed files: encrypted in chunks, so that any stretch can be read without the rest.

Layout (``docs/reference/case-folder.md`` gives it byte by byte)::

    0   4   "SFS1"
    4   32  file id, random; the ledger says which id a name must have
    36  …   chunks: AES-256-GCM of 262,144 bytes each (the last one shorter), 16-byte tag behind

Rules enforced here:

* the key of a file is ``HKDF(purpose key, salt = file id)``, so no two files share one;
* the nonce of a chunk is its number and whether it is the last (the STREAM construction), so
  chunks cannot be swapped, dropped, doubled or cut off unnoticed;
* the last chunk is verified on opening, so the size that is given is the size that was sealed;
  only an empty file ends in an empty chunk;
* a file is never decrypted past a chunk that does not verify.
"""

from __future__ import annotations

import io
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standfast.errors import Damaged
from standfast.i18n import _
from standfast.vault.keys import KEY_BYTES, derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAGIC = b"SFS1"
ID_BYTES = 32
HEADER_BYTES = len(MAGIC) + ID_BYTES
CHUNK = 1 << 18
TAG = 16
COUNTER_BYTES = 11
LAST, MORE = b"\x01", b"\x00"


@dataclass(frozen=True, slots=True)
class SealedFile:
    """What is needed to read one sealed file, and no other."""

    path: str
    key: bytes
    file_id: bytes


def new_file_id() -> bytes:
    """Make the random id of a new file."""
    return secrets.token_bytes(ID_BYTES)


def file_key(purpose_key: bytes, file_id: bytes, purpose: str) -> bytes:
    """Give the key of one file."""
    return derive(purpose_key, purpose, file_id, KEY_BYTES)


def seal(parts: Iterable[bytes], key: bytes, file_id: bytes) -> Iterator[bytes]:
    """Encrypt a stream of bytes into the parts of a sealed file."""
    cipher = AESGCM(key)
    yield MAGIC + file_id
    number, held = 0, memoryview(b"")
    for chunk in _chunks(parts):
        if number:
            yield cipher.encrypt(_nonce(number - 1, MORE), held, MAGIC)
        held = chunk
        number += 1
    yield cipher.encrypt(_nonce(max(number - 1, 0), LAST), held, MAGIC)


def _chunks(parts: Iterable[bytes]) -> Iterator[memoryview]:
    """Cut a stream into chunks, without copying where the parts already fit."""
    kept = b""
    for part in parts:
        data = memoryview(kept + part if kept else part)
        whole = len(data) - len(data) % CHUNK
        for at in range(0, whole, CHUNK):
            yield data[at : at + CHUNK]
        kept = bytes(data[whole:])
    if kept:
        yield memoryview(kept)


def _nonce(number: int, flag: bytes) -> bytes:
    return number.to_bytes(COUNTER_BYTES) + flag


class SealedReader(io.RawIOBase):
    """A read-only, seekable view of the plain bytes of a sealed file."""

    def __init__(self, file: SealedFile) -> None:
        """Open the file and check that it is the one that is meant, to its end.

        Raises:
            Damaged: it is another file, or no sealed file, or does not end where it should.
            OSError: it is not there.
        """
        self._file: BinaryIO = open(file.path, "rb")  # noqa: SIM115, PTH123 - closed in close()
        super().__init__()
        self._cipher = AESGCM(file.key)
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")
        try:
            self._chunks, self.size = self._measured(file)
            self._chunk(self._chunks - 1)
        except BaseException:
            self.close()
            raise

    def _measured(self, file: SealedFile) -> tuple[int, int]:
        stored = os.fstat(self._file.fileno()).st_size - HEADER_BYTES
        whole, rest = divmod(stored, CHUNK + TAG)
        ragged = 0 < rest <= TAG and not (whole == 0 and rest == TAG)
        if self._file.read(HEADER_BYTES) != MAGIC + file.file_id or stored < TAG or ragged:
            raise damaged()
        chunks = whole + bool(rest)
        return chunks, stored - chunks * TAG

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """Give the position."""
        return self._at

    def readinto(self, buffer: object) -> int:
        """Read on, at most to the end of a chunk."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # io hands any buffer
        if self._at >= self.size or not view:
            return 0
        number, offset = divmod(self._at, CHUNK)
        piece = self._chunk(number)[offset : offset + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(HEADER_BYTES + number * (CHUNK + TAG))
            data = self._file.read(CHUNK + TAG)
            flag = LAST if number == self._chunks - 1 else MORE
            try:
                plain = self._cipher.decrypt(_nonce(number, flag), data, MAGIC)
            except (InvalidTag, ValueError) as problem:
                raise damaged() from problem
            self._held = (number, plain)
        return self._held[1]

    def close(self) -> None:
        """Close the file and forget the plain bytes."""
        self._held = (-1, b"")
        self._file.close()
        super().close()


def damaged() -> Damaged:
    """Word the error of a sealed file that is not as it was written."""
    return Damaged(
        _("A file in the case is not as it was left: it was changed or damaged on the disk."),
        hint=_("Run “standfast verify” to see what is affected, and look for an older copy."),
    )


def open_sealed(file: SealedFile) -> BinaryIO:
    """Open a sealed file for buffered reading.

    Raises:
        Damaged: it is not the file that was written.
        OSError: it is not there.
    """
    return io.BufferedReader(SealedReader(file), CHUNK)

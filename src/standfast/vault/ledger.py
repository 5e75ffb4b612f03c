# SPDX-License-Identifier: Apache-2.0
"""The ledger: the append-only log of a case, in encrypted frames.

A file holds a header and frames (``docs/reference/case-folder.md`` gives both byte by byte)::

    header  "SFLG" | version 1 | 3 zero bytes | u64 number of the first entry
    frame   u32 length of (nonce | ciphertext) | nonce | ciphertext | SHA-256 so far, 16 bytes

Rules enforced here:

* a frame's associated data is the case and the entry's number: no frame can move;
* frames are added by one write and one flush, the commit point; nothing is ever rewritten;
* after the last whole frame of the last file there may be a torn tail (a write that did not
  finish); anything else that does not fit is damage, and damage is never repaired.
"""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standfast.vault.entry import Entry, read_entry
from standfast.vault.keys import NONCE_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from standfast.vault.storage import Disk

MAGIC = b"SFLG\x01\x00\x00\x00"
HEADER = struct.Struct(">8sQ")
LENGTH = struct.Struct(">I")
CHECK_BYTES = 16
RUN_BYTES = 16 * 1024 * 1024
FRAME_LIMIT = 64 * 1024 * 1024
SUFFIX = ".frames"


@dataclass(slots=True)
class LedgerState:
    """What was found on the disk.

    Attributes:
        files: the ledger's files in order, each with the length of its valid part.
        torn: bytes after the valid part of the last file.
        broken: what does not fit, in a short code, empty when all is well.
    """

    entries: list[Entry] = field(default_factory=list)
    files: list[tuple[Path, int]] = field(default_factory=list)
    torn: int = 0
    broken: str = ""


class Ledger:
    """The frames of one case's log."""

    def __init__(self, folder: Path, key: bytes, case_id: str) -> None:
        """Name the folder and the key; nothing is read yet."""
        self.folder = folder
        self._cipher = AESGCM(key)
        self._case_id = case_id.encode()

    def load(self) -> LedgerState:
        """Read every frame, and say where reading had to stop."""
        state = LedgerState()
        names = sorted(path for path in self.folder.iterdir() if path.suffix == SUFFIX)
        for index, path in enumerate(names):
            if state.torn or path.name != _name(index):
                state.broken = "order"
                break
            self._load_file(path, state)
            if state.broken:
                break
        return state

    def _load_file(self, path: Path, state: LedgerState) -> None:
        data = path.read_bytes()
        if len(data) < HEADER.size:
            state.files.append((path, 0))
            state.torn = len(data)
            return
        if HEADER.unpack_from(data) != (MAGIC, len(state.entries)):
            state.broken = "header"
            return
        at = HEADER.size
        while at < len(data):
            frame = _whole_frame(data, at)
            if frame is None:
                break
            entry = self._opened(frame, len(state.entries))
            if entry is None:
                state.broken = "frame"
                return
            state.entries.append(entry)
            at += LENGTH.size + len(frame) + CHECK_BYTES
        state.files.append((path, at))
        state.torn = len(data) - at

    def _opened(self, frame: bytes, seq: int) -> Entry | None:
        nonce, sealed = frame[:NONCE_BYTES], frame[NONCE_BYTES:]
        try:
            entry = read_entry(self._cipher.decrypt(nonce, sealed, self._binding(seq)))
        except (InvalidTag, ValueError):
            return None
        return entry if entry.seq == seq else None

    def add(self, disk: Disk, state: LedgerState, entries: Sequence[Entry]) -> None:
        """Commit entries in one write; the caller has recovered any torn tail before.

        Raises:
            OSError: the disk refused; the ledger holds what it held before.
        """
        data = b"".join(self._frame(entry) for entry in entries)
        if not state.files or state.files[-1][1] >= RUN_BYTES:
            path = self.folder / _name(len(state.files))
            state.files.append((path, 0))
        path, at = state.files[-1]
        if at == 0:
            data = HEADER.pack(MAGIC, entries[0].seq) + data
        disk.append(path, at, data)
        state.files[-1] = (path, at + len(data))
        state.entries.extend(entries)

    def _frame(self, entry: Entry) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, entry.raw, self._binding(entry.seq))
        framed = LENGTH.pack(len(sealed)) + sealed
        return framed + sha256(framed).digest()[:CHECK_BYTES]

    def _binding(self, seq: int) -> bytes:
        return b"standfast/ledger/1\n" + self._case_id + seq.to_bytes(8)


def _name(index: int) -> str:
    return f"{index:06d}{SUFFIX}"


def _whole_frame(data: bytes, at: int) -> bytes | None:
    """Give the sealed part of the frame at a place, or nothing when it is not whole."""
    if len(data) - at < LENGTH.size:
        return None
    (length,) = LENGTH.unpack_from(data, at)
    end = at + LENGTH.size + length
    if not NONCE_BYTES < length <= FRAME_LIMIT or end + CHECK_BYTES > len(data):
        return None
    if sha256(data[at:end]).digest()[:CHECK_BYTES] != data[end : end + CHECK_BYTES]:
        return None
    return data[at + LENGTH.size : end]

# SPDX-License-Identifier: Apache-2.0
"""The ledger: the append-only log of a case, in encrypted frames.

A frame is one commit: its entries are all there or none is. A file holds a header and frames
(``docs/reference/case-folder.md`` gives both byte by byte)::

    header  "SFLG" | version 1 | 3 zero bytes | u64 number of the first entry
    frame   u32 length of (nonce | ciphertext) | nonce | ciphertext | check, 16 bytes

Rules enforced here:

* a frame's associated data is the case and the number of its first entry: no frame can move;
* a frame is added by one write and one flush, the commit point; nothing is ever rewritten;
* after the last whole frame of the last file there may be a torn tail (a write that did not
  finish); anything else that does not fit is damage, and damage is never repaired.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from standfast.errors import TooLarge
from standfast.i18n import _
from standfast.vault.entry import Entry, read_entry
from standfast.vault.keys import NONCE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from standfast.vault.storage import Disk

MAGIC = b"SFLG\x01\x00\x00\x00"
HEADER = struct.Struct(">8sQ")
LENGTH = struct.Struct(">I")
CHECK_BYTES = 16
RUN_BYTES = 16 * 1024 * 1024
FRAME_LIMIT = 64 * 1024 * 1024
COMMIT_LIMIT = FRAME_LIMIT - NONCE_BYTES - 16
BETWEEN = b"\n"
"""What stands between the entries of a frame; JSON in one form holds no bare newline."""
FILE = re.compile(r"[0-9]{6}\.frames")


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

    @property
    def unfinished(self) -> bool:
        """Say whether the last write stopped half way: a torn tail, or a file with nothing in."""
        return self.torn > 0 or bool(self.files and self.files[-1][1] == 0)


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
        try:
            names = sorted(one for one in self.folder.iterdir() if FILE.fullmatch(one.name))
        except (FileNotFoundError, NotADirectoryError):
            state.broken = "missing"
            return state
        for index, path in enumerate(names):
            if state.unfinished or path.name != _name(index):
                state.broken = "order"
                break
            self._load_file(path, state)
            if state.broken:
                break
        return state

    def _load_file(self, path: Path, state: LedgerState) -> None:
        expected = HEADER.pack(MAGIC, len(state.entries))
        with path.open("rb") as file:
            header = file.read(HEADER.size)
            if header == expected:
                valid = self._load_frames(file, state)
            elif expected.startswith(header.rstrip(b"\x00")):
                valid = 0  # a first write that did not finish; what was lost reads as zeros
            else:
                state.broken = "header"
                return
            state.files.append((path, valid))
            state.torn = os.fstat(file.fileno()).st_size - valid

    def _load_frames(self, file: BinaryIO, state: LedgerState) -> int:
        """Take frames until one is not whole, and give where the last whole one ends."""
        valid = HEADER.size
        while (frame := _whole_frame(file)) is not None:
            entries = self._opened(frame, len(state.entries))
            if not entries:
                state.broken = "frame"
                break
            state.entries += entries
            valid += LENGTH.size + len(frame) + CHECK_BYTES
        return valid

    def _opened(self, frame: bytes, first: int) -> list[Entry]:
        nonce, sealed = frame[:NONCE_BYTES], frame[NONCE_BYTES:]
        try:
            plain = self._cipher.decrypt(nonce, sealed, self._binding(first))
            entries = [read_entry(raw) for raw in plain.split(BETWEEN)]
        except (InvalidTag, ValueError):
            return []
        fits = [entry.seq for entry in entries] == list(range(first, first + len(entries)))
        return entries if fits else []

    def add(self, disk: Disk, state: LedgerState, entries: Sequence[Entry]) -> None:
        """Commit entries in one write; the caller has recovered any torn tail before.

        Raises:
            OSError: the disk refused; the ledger holds what it held before.
        """
        data = self._frame(entries)
        if not state.files or state.files[-1][1] >= RUN_BYTES:
            state.files.append((self.folder / _name(len(state.files)), 0))
        path, at = state.files[-1]
        if at == 0:
            data = HEADER.pack(MAGIC, entries[0].seq) + data
        disk.append(path, at, data)
        state.files[-1] = (path, at + len(data))
        state.entries.extend(entries)

    def _frame(self, entries: Sequence[Entry]) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = BETWEEN.join(entry.raw for entry in entries)
        sealed = nonce + self._cipher.encrypt(nonce, plain, self._binding(entries[0].seq))
        framed = LENGTH.pack(len(sealed)) + sealed
        return framed + sha256(framed).digest()[:CHECK_BYTES]

    def _binding(self, seq: int) -> bytes:
        return b"standfast/ledger/1\n" + self._case_id + seq.to_bytes(8)


def _name(index: int) -> str:
    return f"{index:06d}.frames"


def check_length(entries: Iterable[Entry]) -> None:
    """Refuse entries that no frame can hold.

    Raises:
        TooLarge: nothing was written.
    """
    if sum(len(entry.raw) + len(BETWEEN) for entry in entries) > COMMIT_LIMIT:
        raise TooLarge(
            _("This is too long to be entered in the case's log. Nothing was added."),
            hint=_("Save it as a file and add that file to the case."),
        )


def _whole_frame(file: BinaryIO) -> bytes | None:
    """Give the sealed part of the next frame, or nothing when it is not whole."""
    start = file.read(LENGTH.size)
    if len(start) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(start)
    if not NONCE_BYTES < length <= FRAME_LIMIT:
        return None
    sealed, check = file.read(length), file.read(CHECK_BYTES)
    return sealed if sha256(start + sealed).digest()[:CHECK_BYTES] == check else None

# SPDX-License-Identifier: Apache-2.0
"""Event commitments: one salted leaf an event, so that a few can be shown and proved.

Rules enforced here:

* the leaf of an event is ``SHA-256(0x00 | salt | line)``, where ``line`` is the event as one line
  of JSON, exactly as ``standfast read --jsonl`` prints it and a bundle holds it;
* salts are 16 bytes each, cut from one AES-256-CTR key stream a reading: a salt that is shown says
  nothing about another, and none has to be stored;
* the root over all leaves, in reading order, stands in the ledger's ``reading`` entry.
"""

from __future__ import annotations

import struct
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from standfast.vault.keys import derive

if TYPE_CHECKING:
    from collections.abc import Sequence

SALT_BYTES = 16
NONCE_BYTES = 16


class Salts:
    """The salts of one reading, in order."""

    def __init__(self, salts_key: bytes, reading_id: bytes) -> None:
        """Derive the key stream of one reading; ``reading_id`` is random and in the ledger."""
        key = derive(salts_key, "reading-salts", reading_id)
        self._stream = Cipher(AES(key), CTR(bytes(NONCE_BYTES))).encryptor()

    def take(self, count: int) -> bytes:
        """Give the next salts, one behind the other."""
        return self._stream.update(bytes(SALT_BYTES * count))


def leaves(lines: Sequence[bytes], salts: bytes) -> list[bytes]:
    """Hash event lines with their salts.

    Raises:
        ValueError: there are more or fewer salts than lines.
    """
    if len(salts) != SALT_BYTES * len(lines):
        message = "not one salt a line"
        raise ValueError(message)
    each = struct.unpack(f"{SALT_BYTES}s" * len(lines), salts)
    return [sha256(b"\x00" + salt + line).digest() for salt, line in zip(each, lines, strict=True)]

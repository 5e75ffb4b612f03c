# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: signed statements of what the log holds.

A checkpoint is a C2SP signed note with the body of a tlog-checkpoint: origin, size, root. Rules
enforced here: one origin, one signature, no extension lines, no other way to write a number.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NOTE = re.compile(
    rb"(?P<body>(?P<origin>standfast/[0-9a-f]{32})\n(?P<size>0|[1-9][0-9]{0,15})\n"
    rb"(?P<root>[A-Za-z0-9+/]{43}=)\n)\n"
    rb"\xe2\x80\x94 (?P<signer>standfast/[0-9a-f]{32}) (?P<signature>[A-Za-z0-9+/]{90,91}={0,2})\n"
)
ED25519 = b"\x01"
KEY_HASH_BYTES = 4
FINGERPRINT_BYTES = 16


class NoteInvalid(ValueError):
    """A checkpoint is not in its one form, or its signature does not fit."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a signed note states: the log of that case had this root at that size."""

    case_id: str
    size: int
    root: bytes


def origin_of(case_id: str) -> str:
    """Give the origin line of a case's log."""
    return f"standfast/{case_id}"


def sign_note(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> bytes:
    """Write and sign a checkpoint."""
    origin = origin_of(checkpoint.case_id)
    root = base64.b64encode(checkpoint.root).decode()
    body = f"{origin}\n{checkpoint.size}\n{root}\n".encode()
    public = key.public_key().public_bytes_raw()
    signature = _key_hash(origin, public) + key.sign(body)
    signed = base64.b64encode(signature).decode()
    return body + f"\n\N{EM DASH} {origin} {signed}\n".encode()


def read_note(note: bytes, case_id: str, public: bytes) -> Checkpoint:
    """Check a note's form and signature and give what it states.

    Raises:
        NoteInvalid: the form, the case or the signature does not fit.
    """
    match = NOTE.fullmatch(note)
    origin = origin_of(case_id).encode()
    if match is None or match["origin"] != origin or match["signer"] != origin:
        message = "not a checkpoint of this case"
        raise NoteInvalid(message)
    signature, root = _decoded(match["signature"]), _decoded(match["root"])
    if signature[:KEY_HASH_BYTES] != _key_hash(origin.decode(), public):
        message = "signed by another key"
        raise NoteInvalid(message)
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(signature[KEY_HASH_BYTES:], match["body"])
    except (InvalidSignature, ValueError) as problem:
        message = "the signature does not fit"
        raise NoteInvalid(message) from problem
    return Checkpoint(case_id, int(match["size"]), root)


def fingerprint(public: bytes) -> str:
    """Give a key's fingerprint for people: eight groups of four hexadecimal digits."""
    digits = sha256(public).hexdigest()[: 2 * FINGERPRINT_BYTES].upper()
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def _decoded(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        message = "not base64"
        raise NoteInvalid(message) from problem
    if base64.b64encode(data) != text:  # unused bits must be zero
        message = "base64 in a second form"
        raise NoteInvalid(message)
    return data


def _key_hash(origin: str, public: bytes) -> bytes:
    return sha256(origin.encode() + b"\n" + ED25519 + public).digest()[:KEY_HASH_BYTES]

# SPDX-License-Identifier: Apache-2.0
"""Keys of a case: one random case key, wrapped in slots, split by purpose.

Rules enforced here:

* a slot's associated data binds everything that stands beside it in ``case.toml``, so a slot
  moved, weakened or mixed with another does not open;
* Argon2id parameters are read from a file that an attacker may have written: below the floor or
  above the ceiling they are refused before any work is done;
* a passphrase is normalised (NFKC) so that it opens on every keyboard;
* HKDF-SHA256 gives every purpose its own key; no key is used for two.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

import pyrage
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from standfast.errors import Damaged, WrongPassphrase, WrongUsage
from standfast.i18n import _

KEY_BYTES = 32
SALT_BYTES = 16
NONCE_BYTES = 12
FLOOR_KIB, CEILING_KIB = 64 * 1024, 1024 * 1024
FLOOR_PASSES, CEILING_PASSES = 3, 10
FLOOR_LANES, CEILING_LANES = 1, 16
RECOVERY_BYTES = 20
RECOVERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
RECOVERY_DIGITS = 32
RECOVERY_CHECK = 4
GROUP = 4


@dataclass(frozen=True, slots=True)
class Work:
    """How much work a passphrase slot asks for: memory in KiB, passes, lanes."""

    memory_kib: int = 128 * 1024
    passes: int = 3
    lanes: int = 4

    def check(self) -> None:
        """Refuse work that protects too little, or that is an attack on this computer.

        Raises:
            Damaged: the parameters lie outside what this program ever writes.
        """
        if not (
            FLOOR_KIB <= self.memory_kib <= CEILING_KIB
            and FLOOR_PASSES <= self.passes <= CEILING_PASSES
            and FLOOR_LANES <= self.lanes <= CEILING_LANES
        ):
            raise Damaged(
                _("The case's key file asks for an absurd amount of work; it has been changed."),
                hint=_("Open a copy of the case that nobody else could reach."),
            )


@dataclass(frozen=True, slots=True)
class Slot:
    """One way to the case key, as ``case.toml`` holds it.

    ``kind`` is ``passphrase``, ``recovery`` or ``recipient``; ``salt`` and ``work`` are empty where
    a kind does not need them.
    """

    id: str
    kind: str
    wrapped: bytes
    salt: bytes = b""
    work: Work | None = None

    def binding(self, case_id: str) -> bytes:
        """Give the associated data that ties the wrapped key to this slot of this case."""
        work = self.work
        figures = f"{work.memory_kib}/{work.passes}/{work.lanes}" if work else ""
        parts = ("standfast/slot/1", case_id, self.id, self.kind, self.salt.hex(), figures)
        return "\n".join(parts).encode()


def derive(case_key: bytes, purpose: str, salt: bytes = b"", length: int = KEY_BYTES) -> bytes:
    """Give the key for one purpose."""
    info = f"standfast/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=info).derive(case_key)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of an open case, each for its purpose."""

    case: bytes
    names: bytes
    blobs: bytes
    ledger: bytes
    segments: bytes
    salts: bytes
    signing: Ed25519PrivateKey

    @classmethod
    def of(cls, case_key: bytes) -> Keys:
        """Split a case key."""
        names, blobs, ledger, segments, salts, seed = (
            derive(case_key, purpose)
            for purpose in ("names", "blobs", "ledger", "segments", "event-salts", "signing")
        )
        signing = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(case_key, names, blobs, ledger, segments, salts, signing)

    @property
    def public(self) -> bytes:
        """The public key whose signatures others can check, 32 bytes."""
        return self.signing.public_key().public_bytes_raw()


def new_case_key() -> bytes:
    """Make a random case key."""
    return secrets.token_bytes(KEY_BYTES)


def passphrase_slot(case_id: str, case_key: bytes, passphrase: str, work: Work) -> Slot:
    """Wrap the case key for a passphrase."""
    slot = Slot(_new_id(), "passphrase", b"", secrets.token_bytes(SALT_BYTES), work)
    return _sealed(slot, case_id, _stretch(passphrase, slot.salt, work), case_key)


def new_recovery_code() -> str:
    """Make a recovery code, before there is anything that it opens."""
    return _code(secrets.token_bytes(RECOVERY_BYTES))


def recovery_slot(case_id: str, case_key: bytes, code: str = "") -> tuple[Slot, str]:
    """Wrap the case key for a recovery code to print or write down, and give the code.

    Raises:
        WrongPassphrase: the code that was given has a typing error.
    """
    secret = _secret_of(code or new_recovery_code())
    slot = Slot(_new_id(), "recovery", b"", secrets.token_bytes(SALT_BYTES))
    return _sealed(slot, case_id, derive(secret, "recovery", slot.salt), case_key), _code(secret)


def recipient_slot(case_id: str, case_key: bytes, recipient: str) -> Slot:
    """Wrap the case key for an age recipient (``age1…``): an advocate, a lawyer.

    Raises:
        WrongUsage: that is no age recipient.
    """
    try:
        key = pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError as problem:
        raise WrongUsage(
            _("That is not an age recipient; one begins with age1."),
            hint=_("Ask the person who should get access to send theirs again."),
        ) from problem
    slot = Slot(_new_id(), "recipient", b"")
    wrapped = pyrage.encrypt(slot.binding(case_id) + b"\n" + case_key, [key])
    return Slot(slot.id, slot.kind, wrapped)


def open_with_passphrase(case_id: str, slots: tuple[Slot, ...], passphrase: str) -> bytes:
    """Try a passphrase on every slot it could fit.

    Raises:
        WrongPassphrase: it fits none.
        Damaged: a slot's parameters are absurd.
    """
    for slot in slots:
        if slot.work is not None:
            key = _opened(slot, case_id, _stretch(passphrase, slot.salt, slot.work))
            if key is not None:
                return key
    raise WrongPassphrase(
        _("This passphrase does not open the case. Nothing was changed."),
        hint=_("Try again, or use the recovery code you printed or wrote down."),
    )


def open_with_recovery(case_id: str, slots: tuple[Slot, ...], code: str) -> bytes:
    """Try a recovery code.

    Raises:
        WrongPassphrase: the code has a typing error, or it fits no slot.
    """
    secret = _secret_of(code)
    for slot in slots:
        if slot.kind == "recovery":
            key = _opened(slot, case_id, derive(secret, "recovery", slot.salt))
            if key is not None:
                return key
    raise WrongPassphrase(
        _("This recovery code does not open this case. Nothing was changed."),
        hint=_("It may belong to another case: look for the sheet that was printed for this one."),
    )


def open_with_identity(case_id: str, slots: tuple[Slot, ...], identity: str) -> bytes:
    """Try an age identity (``AGE-SECRET-KEY-…``) on the recipient slots.

    Raises:
        WrongPassphrase: it fits none.
    """
    try:
        key = pyrage.x25519.Identity.from_str(identity.strip())
    except pyrage.IdentityError as problem:
        raise WrongPassphrase(
            _("That is not an age identity; one begins with AGE-SECRET-KEY-."),
            hint=_("Check that the whole line was given."),
        ) from problem
    for slot in slots:
        if slot.kind != "recipient":
            continue
        try:
            opened = pyrage.decrypt(slot.wrapped, [key])
        except pyrage.DecryptError:
            continue
        prefix = slot.binding(case_id) + b"\n"
        if opened.startswith(prefix) and len(opened) == len(prefix) + KEY_BYTES:
            return bytes(opened[len(prefix) :])
    raise WrongPassphrase(
        _("This identity has no access to the case. Nothing was changed."),
        hint=_("Ask the owner of the case to add you as a recipient."),
    )


def _new_id() -> str:
    return secrets.token_hex(4)


def _stretch(passphrase: str, salt: bytes, work: Work) -> bytes:
    work.check()
    stretched: bytes = hash_secret_raw(
        unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=work.passes,
        memory_cost=work.memory_kib,
        parallelism=work.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
    return stretched


def _sealed(slot: Slot, case_id: str, key: bytes, case_key: bytes) -> Slot:
    nonce = secrets.token_bytes(NONCE_BYTES)
    wrapped = nonce + AESGCM(key).encrypt(nonce, case_key, slot.binding(case_id))
    return Slot(slot.id, slot.kind, wrapped, slot.salt, slot.work)


def _opened(slot: Slot, case_id: str, key: bytes) -> bytes | None:
    nonce, rest = slot.wrapped[:NONCE_BYTES], slot.wrapped[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, rest, slot.binding(case_id))
    except (InvalidTag, ValueError):
        return None


def _code(secret: bytes) -> str:
    number = int.from_bytes(secret)
    digits = "".join(RECOVERY_ALPHABET[number >> 5 * i & 31] for i in range(RECOVERY_DIGITS))
    whole = digits + _check(digits)
    return "-".join(whole[i : i + GROUP] for i in range(0, len(whole), GROUP))


def _check(digits: str) -> str:
    number = int.from_bytes(sha256(b"standfast/recovery/1" + digits.encode()).digest()[:4])
    return "".join(RECOVERY_ALPHABET[number >> 5 * i & 31] for i in range(RECOVERY_CHECK))


def _secret_of(code: str) -> bytes:
    same = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
    letters = (one for one in unicodedata.normalize("NFKC", code) if one.isalnum())
    plain = "".join(letters).upper().translate(same)
    digits, check = plain[:RECOVERY_DIGITS], plain[RECOVERY_DIGITS:]
    if len(digits) < RECOVERY_DIGITS or set(digits) - set(RECOVERY_ALPHABET):
        check = ""
    if check != _check(digits):
        raise WrongPassphrase(
            _("The recovery code has a typing error. Nothing was changed."),
            hint=_("Compare it with the sheet, four characters at a time."),
        )
    number = sum(RECOVERY_ALPHABET.index(digit) << 5 * i for i, digit in enumerate(digits))
    return number.to_bytes(RECOVERY_BYTES)

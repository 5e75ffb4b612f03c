# SPDX-License-Identifier: Apache-2.0
"""A second reader of the case folder, written from ``docs/reference/case-folder.md`` alone.

Nothing of standfast is used but to make the case. What this reader needs and the page does not say
is missing on the page.
"""

from __future__ import annotations

import base64
import hmac
import json
import struct
import tomllib
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from standfast.vault import ledger as frames
from standfast.vault.case import Vault
from vault_case import FLOOR, add, read_lines

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = "Stra\u00dfe u\u0308ber \ufb01ve"
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BIG = bytes(range(256)) * 2100


def hkdf(key: bytes, info: str, salt: bytes = b"") -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info.encode()).derive(key)


class SecondReader:
    """What the page says, section by section."""

    def __init__(self, folder: Path, *, passphrase: str = "", code: str = "") -> None:
        self.folder = folder
        self.key_file = (folder / "case.toml").read_bytes()
        whole = tomllib.loads(self.key_file.decode())
        assert whole["format"] == 1
        self.case = whole["case"]
        kind = "passphrase" if passphrase else "recovery"
        (slot,) = [one for one in whole["slots"] if one["kind"] == kind]
        case_key = self.unwrap(slot, passphrase, code)
        self.key = {
            name: hkdf(case_key, f"standfast/{name}/1")
            for name in ("names", "blobs", "ledger", "segments", "event-salts", "signing")
        }

    # -- Keys --

    def unwrap(self, slot: dict[str, Any], passphrase: str, code: str) -> bytes:
        salt = base64.b64decode(slot["salt"])
        if passphrase:
            figures = f"{slot['memory_kib']}/{slot['passes']}/{slot['lanes']}"
            key = hash_secret_raw(
                unicodedata.normalize("NFKC", passphrase).encode(), salt,
                time_cost=slot["passes"], memory_cost=slot["memory_kib"],
                parallelism=slot["lanes"], hash_len=32, type=Type.ID, version=0x13,
            )  # fmt: skip
        else:
            figures = ""
            key = hkdf(self.secret(code), "standfast/recovery/1", salt)
        lines = ("standfast/slot/1", self.case, slot["id"], slot["kind"], salt.hex(), figures)
        wrapped = base64.b64decode(slot["wrapped"])
        assert len(wrapped) == 60
        return AESGCM(key).decrypt(wrapped[:12], wrapped[12:], "\n".join(lines).encode())

    @staticmethod
    def secret(code: str) -> bytes:
        plain = "".join(one for one in unicodedata.normalize("NFKC", code) if one.isalnum()).upper()
        plain = plain.replace("O", "0").replace("I", "1").replace("L", "1").replace("U", "V")
        digits, check = plain[:32], plain[32:]
        number = int.from_bytes(
            sha256(b"standfast/recovery/1" + digits.encode()).digest()[:4], "big"
        )
        assert check == "".join(LETTERS[number >> shift & 31] for shift in (0, 5, 10, 15))
        value = sum(LETTERS.index(one) << 5 * place for place, one in enumerate(digits))
        return value.to_bytes(20, "big")

    # -- Sealed files --

    def place(self, folder: str, text: str) -> Path:
        name = hmac.new(self.key["names"], text.encode(), sha256).hexdigest()
        return self.folder / folder / name[:2] / name[2:]

    @staticmethod
    def unseal(path: Path, file_id: bytes, key: bytes) -> bytes:
        data = path.read_bytes()
        assert data[:36] == b"SFS1" + file_id
        chunks = [data[at : at + 262_160] for at in range(36, len(data), 262_160)]
        plain = b""
        for number, chunk in enumerate(chunks):
            nonce = number.to_bytes(11, "big") + (b"\1" if number == len(chunks) - 1 else b"\0")
            plain += AESGCM(key).decrypt(nonce, chunk, b"SFS1")
        return plain

    def original(self, body: dict[str, Any]) -> bytes:
        file_id = bytes.fromhex(body["file_id"])
        path = self.place("blobs", f"blob\n{body['sha256']}")
        plain = self.unseal(path, file_id, hkdf(self.key["blobs"], "standfast/blob/1", file_id))
        assert sha256(plain).hexdigest() == body["sha256"]
        assert len(plain) == body["size"]
        return plain

    def events(self, body: dict[str, Any]) -> bytes:
        file_id = sha256(b"standfast/segment-id/1\n" + bytes.fromhex(body["id"])).digest()
        path = self.place("segments", f"segment\n{body['id']}")
        return self.unseal(
            path, file_id, hkdf(self.key["segments"], "standfast/segment/1", file_id)
        )

    # -- The ledger --

    def entries(self) -> list[bytes]:
        found: list[bytes] = []
        for number, path in enumerate(sorted((self.folder / "ledger").glob("*.frames"))):
            assert path.name == f"{number:06d}.frames"
            data = path.read_bytes()
            assert data[:16] == b"SFLG\1\0\0\0" + struct.pack(">Q", len(found))
            at = 16
            while at < len(data):
                (length,) = struct.unpack_from(">I", data, at)
                end = at + 4 + length
                assert data[end : end + 16] == sha256(data[at:end]).digest()[:16]
                bound = b"standfast/ledger/1\n" + self.case.encode() + struct.pack(">Q", len(found))
                nonce, sealed = data[at + 4 : at + 16], data[at + 16 : end]
                found += AESGCM(self.key["ledger"]).decrypt(nonce, sealed, bound).split(b"\n")
                at = end + 16
        return found

    # -- The head --

    def root(self, leaves: list[bytes]) -> bytes:
        if not leaves:
            return sha256(b"").digest()
        if len(leaves) == 1:
            return leaves[0]
        middle = 1
        while middle * 2 < len(leaves):
            middle *= 2
        return sha256(b"\1" + self.root(leaves[:middle]) + self.root(leaves[middle:])).digest()

    def check_head(self, entries: list[bytes]) -> int:
        note = (self.folder / "checkpoints" / "head.note").read_bytes()
        signed, line = note[: note.index(b"\n\n") + 1], note.split(b"\n\n")[1]
        origin, size, root = signed.decode().splitlines()
        assert origin == f"standfast/{self.case}"
        leaves = [sha256(b"\0" + entry).digest() for entry in entries[: int(size)]]
        assert base64.b64decode(root) == self.root(leaves)
        dash, signer, coded = line.decode().removesuffix("\n").split(" ")
        assert (dash, signer) == ("\N{EM DASH}", origin)
        public = Ed25519PrivateKey.from_private_bytes(self.key["signing"]).public_key()
        plain = public.public_bytes_raw()
        assert base64.b64decode(json.loads(entries[0])["body"]["key"]) == plain
        data = base64.b64decode(coded)
        assert data[:4] == sha256(origin.encode() + b"\n\1" + plain).digest()[:4]
        public.verify(data[4:], signed)
        return int(size)

    # -- Events --

    def root_of_events(self, reading: str, lines: list[bytes]) -> str:
        key = hkdf(self.key["event-salts"], "standfast/reading-salts/1", bytes.fromhex(reading))
        stream = Cipher(AES(key), CTR(bytes(16))).encryptor().update(bytes(16 * len(lines)))
        salts = [stream[at : at + 16] for at in range(0, len(stream), 16)]
        leaves = [sha256(b"\0" + s + line).digest() for s, line in zip(salts, lines, strict=True)]
        return self.root(leaves).hex()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("page") / "case"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "RUN_BYTES", 1500)
        vault, code = Vault.create(folder, PASSPHRASE, work=FLOOR, body={"zone": "Europe/Berlin"})
        with vault:
            first, *_rest = add(vault, BIG, b"", b"short", b"x" * 262_144)
            read_lines(vault, first, [b"one", b"two", b"three"])
            add(vault, b"erased")
            vault.erase(sha256(b"erased").hexdigest(), "a child is in it")
    return folder, code


def test_a_case_opens_from_the_page_alone(made: tuple[Path, str]) -> None:
    folder, _code = made
    reader = SecondReader(folder, passphrase=unicodedata.normalize("NFC", PASSPHRASE))
    entries = reader.entries()
    assert reader.check_head(entries) == len(entries) > 8
    assert len(list((folder / "ledger").iterdir())) > 1
    read = [json.loads(entry) for entry in entries]
    assert [one["seq"] for one in read] == list(range(len(entries)))
    assert {"v", "seq", "type", "at", "app", "salt", "body"} == set(read[0])
    assert entries == [
        json.dumps(one, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        for one in read
    ]
    assert read[0]["body"]["case"] == reader.case
    assert read[1]["body"]["sha256"] == sha256(reader.key_file).hexdigest()


def test_originals_and_events_read_from_the_page_alone(made: tuple[Path, str]) -> None:
    folder, code = made
    reader = SecondReader(folder, code=code.lower().replace("0", "o"))
    read = [json.loads(entry) for entry in reader.entries()]
    gone = {one["body"]["item"] for one in read if one["type"] == "erase"}
    items = [one["body"] for one in read if one["type"] == "item"]
    originals = [reader.original(one) for one in items if one["sha256"] not in gone]
    assert originals == [BIG, b"", b"short", b"x" * 262_144]
    (reading,) = [one["body"] for one in read if one["type"] == "reading"]
    lines = reader.events(reading).splitlines()
    assert lines == [b"one", b"two", b"three"]
    assert reader.root_of_events(reading["id"], lines) == reading["root"]
    assert reader.root_of_events(reading["id"], []) == sha256(b"").hexdigest()

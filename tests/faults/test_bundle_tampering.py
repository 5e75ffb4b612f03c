# SPDX-License-Identifier: Apache-2.0
"""Bundles altered at random: no alteration may pass in silence, and both verifiers must agree.

The bundle is whole in itself and carries two real timestamps. An alteration is silent when the
bytes differ and the answer is still the answer for the unaltered bundle.
"""

from __future__ import annotations

import json
import random
from binascii import crc32
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from bundle_case import BundleCase, files_of, make_case, relisted, resealed, zipped
from bundle_edits import raw_zip
from script_verifier import ScriptVerifier
from standfast.dossier.verifier.verify import check_bundle

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tsa import Authority

SEED = 20240304
QUICK = 2_000
LONG = 60_000
LONG_BOTH = 20_000


class Tampering:
    """Everything a random alteration may draw on."""

    def __init__(self, folder: Path, first: Authority, second: Authority) -> None:
        case: BundleCase = make_case()
        self.older = files_of(case.write(short=True))
        case = make_case()
        case.anchor(first, folder)
        case.anchor(second, folder)
        case.ledger.add("note", {"text": "later"})
        self.good = case.write(short=True)
        self.files = files_of(self.good)
        self.answer = self.ask(self.good)
        self.kinds: list[Callable[[random.Random], bytes]] = [
            self.flip, self.flip, self.overwrite, self.cut, self.cut_start, self.remove,
            self.insert, self.append, self.blank, self.swap_ranges, self.swap_files, self.drop,
            self.duplicate, self.replay, self.edit, self.edit_listed, self.edit_proofs,
            self.edit_all_but_signature, self.swap_listed, self.cut_file,
        ]  # fmt: skip

    @staticmethod
    def ask(data: bytes) -> dict[str, Any]:
        return check_bundle(BytesIO(data)).as_json()

    def altered(self, chance: random.Random) -> bytes:
        """Give an altered bundle, surely other bytes than the good one."""
        while (data := chance.choice(self.kinds)(chance)) == self.good:
            pass
        return data

    # -- bytes ------------------------------------------------------------------------------------

    def place(self, chance: random.Random) -> int:
        return chance.randrange(len(self.good))

    def flip(self, chance: random.Random) -> bytes:
        data = bytearray(self.good)
        data[self.place(chance)] ^= 1 << chance.randrange(8)
        return bytes(data)

    def overwrite(self, chance: random.Random) -> bytes:
        at, length = self.place(chance), chance.randrange(1, 40)
        return self.good[:at] + chance.randbytes(length) + self.good[at + length :]

    def cut(self, chance: random.Random) -> bytes:
        return self.good[: self.place(chance)]

    def cut_start(self, chance: random.Random) -> bytes:
        return self.good[1 + self.place(chance) :]

    def remove(self, chance: random.Random) -> bytes:
        at = self.place(chance)
        return self.good[:at] + self.good[at + chance.randrange(1, 200) :]

    def insert(self, chance: random.Random) -> bytes:
        at = self.place(chance)
        return self.good[:at] + chance.randbytes(chance.randrange(1, 40)) + self.good[at:]

    def append(self, chance: random.Random) -> bytes:
        return self.good + chance.randbytes(chance.randrange(1, 100))

    def blank(self, chance: random.Random) -> bytes:
        at, length = self.place(chance), chance.randrange(1, 600)
        end = min(len(self.good), at + length)
        return self.good[:at] + bytes(end - at) + self.good[end:]

    def swap_ranges(self, chance: random.Random) -> bytes:
        one, two, three, four = sorted(self.place(chance) for _ in range(4))
        good = self.good
        return good[:one] + good[three:four] + good[two:three] + good[one:two] + good[four:]

    # -- files ------------------------------------------------------------------------------------

    def name(self, chance: random.Random) -> str:
        return chance.choice(list(self.files))

    def swapped(self, chance: random.Random) -> dict[str, bytes]:
        one, two = self.name(chance), self.name(chance)
        return {**self.files, one: self.files[two], two: self.files[one]}

    def swap_files(self, chance: random.Random) -> bytes:
        return zipped(self.swapped(chance))

    def swap_listed(self, chance: random.Random) -> bytes:
        return zipped(relisted(self.swapped(chance)))

    def drop(self, chance: random.Random) -> bytes:
        name, fixed = self.name(chance), chance.random() < 0.5
        files = {path: data for path, data in self.files.items() if path != name}
        return zipped(relisted(files) if fixed else files)

    def duplicate(self, chance: random.Random) -> bytes:
        name = self.name(chance)
        entries = [(b"bundle/" + path.encode(), data) for path, data in self.files.items()]
        at = list(self.files).index(name) + chance.randrange(2)
        twin = name if chance.random() < 0.5 else name.swapcase()
        entries.insert(at, (b"bundle/" + twin.encode(), chance.randbytes(5)))
        return raw_zip(entries)

    def replay(self, chance: random.Random) -> bytes:
        """Put files of an older bundle of the same case into this one."""
        names = [name for name in self.older if chance.random() < 0.3]
        files = {**self.files, **{name: self.older[name] for name in names}}
        return zipped(relisted(files) if chance.random() < 0.5 else files)

    def damaged(self, chance: random.Random, name: str) -> bytes:
        data = bytearray(self.files[name])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)

    def edit(self, chance: random.Random) -> bytes:
        name = self.name(chance)
        return zipped({**self.files, name: self.damaged(chance, name)})

    def edit_listed(self, chance: random.Random) -> bytes:
        name = self.name(chance)
        return zipped(relisted({**self.files, name: self.damaged(chance, name)}))

    def edit_proofs(self, chance: random.Random) -> bytes:
        """Edit what no signature covers directly, and put the manifests right."""
        own = [name for name in self.files if name.startswith("proof/")]
        name = chance.choice(own)
        return zipped(relisted({**self.files, name: self.damaged(chance, name)}))

    def edit_all_but_signature(self, chance: random.Random) -> bytes:
        name = chance.choice([name for name in self.files if not name.startswith("proof/")])
        return zipped(resealed({**self.files, name: self.damaged(chance, name)}))

    def cut_file(self, chance: random.Random) -> bytes:
        name = self.name(chance)
        data = self.files[name][: chance.randrange(len(self.files[name]))]
        return zipped(relisted({**self.files, name: data}))


@pytest.fixture(scope="module")
def tampering(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> Tampering:
    return Tampering(tmp_path_factory.mktemp("tampering"), authority, second_authority)


def must_speak(data: bytes, answer: dict[str, Any]) -> None:
    """Require that an alteration is not silent, and that the answer names something."""
    place = f"{len(data)} bytes, crc {crc32(data):08x}"
    assert answer["verdict"] in {"altered", "cannot_tell"}, place
    assert answer["reasons"], place
    assert answer["affected"] or answer["verdict"] == "cannot_tell", place
    assert answer["timestamp"]["state"] != "stated", place
    if answer["seal_holds"]:
        assert answer["intact"] <= answer["files"], place


def compared(script: ScriptVerifier, data: bytes, answer: dict[str, Any]) -> None:
    """Require the very same answer of the script, except for its sentences."""
    for reason in answer["reasons"]:
        del reason["detail"]
    assert script.check(data) == json.loads(json.dumps(answer)), f"crc {crc32(data):08x}"


def test_the_bundle_to_be_altered_is_genuine_and_stamped(tampering: Tampering) -> None:
    assert tampering.answer["verdict"] == "genuine"
    assert len(tampering.answer["timestamp"]["stamps"]) == 2
    assert len(tampering.good) < 40_000


def test_no_alteration_is_silent_and_both_verifiers_agree(
    tampering: Tampering, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    with ScriptVerifier(tmp_path) as script:
        for number in range(QUICK):
            data = tampering.altered(chance)
            answer = tampering.ask(data)
            must_speak(data, answer)
            if number % 8 == 0:
                compared(script, data, answer)


@pytest.mark.long
def test_no_alteration_of_many_is_silent(tampering: Tampering) -> None:
    chance = random.Random(SEED + 1)
    for _ in range(LONG):
        data = tampering.altered(chance)
        must_speak(data, tampering.ask(data))


@pytest.mark.long
def test_both_verifiers_agree_on_many(tampering: Tampering, tmp_path: Path) -> None:
    chance = random.Random(SEED + 2)
    with ScriptVerifier(tmp_path) as script:
        for _ in range(LONG_BOTH):
            data = tampering.altered(chance)
            compared(script, data, tampering.ask(data))


@pytest.mark.long
def test_every_bit_and_every_cut(tampering: Tampering) -> None:
    """Not at random: each byte once with one bit turned, and the bundle cut before each byte."""
    good = tampering.good
    for at in range(len(good)):
        flipped = good[:at] + bytes([good[at] ^ (1 << at % 8)]) + good[at + 1 :]
        must_speak(flipped, tampering.ask(flipped))
        must_speak(good[:at], tampering.ask(good[:at]))


def test_a_flip_anywhere_in_a_file_leaves_the_others_proven(tampering: Tampering) -> None:
    """The answer says what is affected, and what is not."""
    chance = random.Random(SEED + 3)
    for name in [name for name in tampering.files if name.startswith("data/")]:
        data = tampering.damaged(chance, name)
        answer = tampering.ask(zipped({**tampering.files, name: data}))
        if data == tampering.files[name]:
            continue
        assert answer["seal_holds"]
        assert name in answer["affected"]
        assert answer["intact"] == answer["files"] - 1

# SPDX-License-Identifier: Apache-2.0
"""A closed case folder as a dictionary of its files, and everything a hand can do to it."""

from __future__ import annotations

import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast.vault import entry as kinds
from standfast.vault.entry import Draft
from standfast.vault.ledger import CHECK_BYTES, HEADER, LENGTH
from vault_case import FLOOR, OTHER, PASSPHRASE, add, new, read_lines

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from standfast.vault.case import Vault

Files = dict[str, bytes]
LEDGER, HEAD, LOCK = "ledger/", "checkpoints/head.note", "lock"


def files_of(folder: Path) -> Files:
    """Read a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class Folder:
    """A folder that is made to hold just these files, with as little writing as possible."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._held: Files = {}

    def put(self, files: Mapping[str, bytes]) -> Path:
        """Make the folder hold these files and no others."""
        for name in self._held.keys() - files.keys():
            (self.place / name).unlink()
        for name, data in files.items():
            if self._held.get(name) != data:
                (self.place / name).parent.mkdir(parents=True, exist_ok=True)
                (self.place / name).write_bytes(data)
        self._held = dict(files)
        return self.place

    def forget(self) -> None:
        """Begin anew: somebody else has written there."""
        shutil.rmtree(self.place)
        self._held = {}


class Grown:
    """A case that grew commit by commit, with a copy of the whole folder after each."""

    def __init__(self, folder: Path) -> None:
        self.history: list[Files] = []
        self.heads: list[bytes] = []
        self.names: dict[str, str] = {}
        """What a person would call each file: an item's hash, a reading's, or the path itself."""
        with new(folder) as vault:
            self._grow(folder, vault)
            for item in vault.index.items:
                self.names[vault.blob_path(item).relative_to(folder).as_posix()] = item
            self.items = dict.fromkeys(vault.index.items)
        self.now = self.history[-1]

    def _grow(self, folder: Path, vault: Vault) -> None:
        def keep() -> None:
            self.history.append(files_of(folder))
            self.heads.append(vault.head_note())

        keep()
        first, second, _third = add(vault, b"the first", b"x" * 262_145, b"")
        keep()
        read_lines(vault, first, [b"one", b"two"])
        keep()
        self._note(vault)
        keep()
        vault.change_passphrase(OTHER, FLOOR)
        keep()
        vault.place_checkpoint("000000000009.tsr", b"an answer")
        digest = sha256(b"an answer").hexdigest()
        vault.append(Draft(kinds.ANCHOR, {"files": {"000000000009.tsr": digest}}))
        keep()
        add(vault, b"the fourth", b"the fifth")
        keep()
        read_lines(vault, first, [b"one", b"two", b"three"])
        keep()
        vault.erase(second, "a child is in it")
        keep()
        vault.change_passphrase(PASSPHRASE, FLOOR)
        keep()
        self._note(vault)
        keep()

    @staticmethod
    def _note(vault: Vault) -> None:
        vault.append(Draft(kinds.NOTE, {"text": "He waited at the bus stop.", "private": True}))


def _any(files: Files, chance: random.Random) -> str:
    return chance.choice(sorted(files))


def flip(_case: Grown, files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(name for name, data in files.items() if data))
    data = bytearray(files[name])
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    files[name] = bytes(data)


def truncate(_case: Grown, files: Files, chance: random.Random) -> None:
    name = chance.choice(sorted(name for name, data in files.items() if data))
    files[name] = files[name][: chance.randrange(len(files[name]))]


def lengthen(_case: Grown, files: Files, chance: random.Random) -> None:
    name = _any(files, chance)
    more = [b"\0", b"\n", bytes(64), chance.randbytes(40), files[name] or b"x"]
    files[name] += chance.choice(more)


def blank(_case: Grown, files: Files, chance: random.Random) -> None:
    name = _any(files, chance)
    size = len(files[name])
    start = chance.randint(0, size)
    end = min(size, start + chance.choice([1, 16, 512, size]))
    files[name] = files[name][:start] + bytes(end - start) + files[name][end:]


def swap(_case: Grown, files: Files, chance: random.Random) -> None:
    one, other = chance.sample(sorted(files), 2)
    files[one], files[other] = files[other], files[one]


def overwrite(_case: Grown, files: Files, chance: random.Random) -> None:
    one, other = chance.sample(sorted(files), 2)
    files[one] = files[other]


def delete(_case: Grown, files: Files, chance: random.Random) -> None:
    del files[_any(files, chance)]


def double(_case: Grown, files: Files, chance: random.Random) -> None:
    name = _any(files, chance)
    folder = _any(files, chance).rpartition("/")[0]
    made = [
        f"{name} (1)", f"{name}~", f"{folder}/copy" if folder else "copy", "tmp/0123456789abcdef",
        "ledger/000001.frames", "checkpoints/head (old).note", "blobs/00/" + "0" * 62,
        "segments/00/" + "0" * 62, "set-aside/torn", "set-aside/01234567/torn", "notes.txt",
    ]  # fmt: skip
    files[chance.choice(made)] = files[name]


def replay(case: Grown, files: Files, chance: random.Random) -> None:
    """Put one file back as it was after some earlier commit, also one that is gone now."""
    older = chance.choice(case.history)
    name = _any(older, chance)
    files[name] = older[name]


def roll_back(case: Grown, files: Files, chance: random.Random) -> None:
    """Put ledger, head, or both back."""
    older = chance.choice(case.history)
    what = chance.choice([(LEDGER,), (HEAD,), (LEDGER, HEAD), (LEDGER, HEAD, "case.toml")])
    for name in [name for name in {*files, *older} if name.startswith(what)]:
        files.pop(name, None)
        if name in older:
            files[name] = older[name]


def reframe(_case: Grown, files: Files, chance: random.Random) -> None:
    """Swap, drop, double or edit frames of the ledger, and make every checksum right again."""
    name = "ledger/000000.frames"
    data = files.get(name, b"")
    frames, at = [], HEADER.size
    while at + LENGTH.size <= len(data):
        end = at + LENGTH.size + LENGTH.unpack_from(data, at)[0] + CHECK_BYTES
        frames.append(data[at:end])
        at = end
    frames = [frame for frame in frames if len(frame) > LENGTH.size + CHECK_BYTES]
    if len(frames) < 2:
        return
    one, other = chance.sample(range(len(frames)), 2)
    how = chance.randrange(4)
    if how == 0:
        frames[one], frames[other] = frames[other], frames[one]
    elif how == 1:
        del frames[one]
    elif how == 2:
        frames.insert(one, frames[other])
    else:
        body = bytearray(frames[one][:-CHECK_BYTES])
        body[chance.randrange(len(body))] ^= 1
        frames[one] = bytes(body) + sha256(body).digest()[:CHECK_BYTES]
    files[name] = data[: HEADER.size] + b"".join(frames)


WAYS: tuple[Callable[[Grown, Files, random.Random], None], ...] = (
    flip, flip, flip, truncate, truncate, lengthen, blank, swap, overwrite, delete, double,
    replay, roll_back, reframe,
)  # fmt: skip


def tampered(case: Grown, chance: random.Random) -> Files:
    """Do one thing to the closed folder, or two."""
    files = dict(case.now)
    for _time in range(chance.choice([1, 1, 1, 2])):
        chance.choice(WAYS)(case, files, chance)
    return files

# SPDX-License-Identifier: Apache-2.0
"""One road through the vault, with what was promised on the way, and the look at what is left.

Every action changes the case once. What its call returned is promised; of the action under way
when the fault comes, either nothing or all may be there.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast.errors import StandfastError, WrongPassphrase
from standfast.vault import entry as kinds
from standfast.vault.case import Vault
from standfast.vault.entry import Draft
from vault_case import (
    FLOOR,
    OTHER,
    PASSPHRASE,
    add,
    checked,
    item_draft,
    read_lines,
    reopen,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from standfast.vault.storage import Disk

_random = random.Random(3)
ORIGINALS = [b"", b"a short one", _random.randbytes(300_000), b"fourth", _random.randbytes(2_000)]
POSSIBLE = {sha256(data).hexdigest(): data for data in [*ORIGINALS, b"afterwards"]}
FIRST, SECOND, THIRD, FOURTH, FIFTH = (sha256(data).hexdigest() for data in ORIGINALS)
STAMP = b"an authority's answer"


@dataclass(slots=True)
class Promise:
    """What the calls that returned have promised."""

    made: bool = False
    entries: list[bytes] = field(default_factory=list)
    items: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    passphrases: tuple[str, ...] = (PASSPHRASE,)

    def copy(self) -> Promise:
        return Promise(
            self.made, list(self.entries), set(self.items), set(self.erased), self.passphrases
        )


class Road:
    """The actions, each with what it promises."""

    def __init__(self, folder: Path, disk: Disk, acknowledged: Callable[[Promise], None]) -> None:
        self.folder, self.disk = folder, disk
        self.promise = Promise()
        self._acknowledged = acknowledged
        self._vault: Vault | None = None

    @property
    def vault(self) -> Vault:
        assert self._vault is not None
        return self._vault

    def travel(self) -> None:
        """Go all the way, or to the first call that says it failed."""
        try:
            for action in (
                self.create, self.add_group, self.write_note, self.add_again, self.read_events,
                self.read_anew, self.erase, self.change_passphrase, self.anchor, self.write_note,
            ):  # fmt: skip
                action()
                self.promise.entries = [one.raw for one in self.vault.entries]
                self._acknowledged(self.promise.copy())
        finally:
            if self._vault is not None:
                self._vault.close()

    def create(self) -> None:
        self._vault = Vault.create(self.folder, PASSPHRASE, work=FLOOR, disk=self.disk)[0]
        self.promise.made = True

    def add_group(self) -> None:
        add(self.vault, *ORIGINALS[:3])
        self.promise.items |= {FIRST, SECOND, THIRD}

    def add_again(self) -> None:
        drafts = [item_draft(self.vault, data) for data in ORIGINALS[3:]]
        self.vault.append(*drafts)
        self.promise.items |= {FOURTH, FIFTH}

    def write_note(self) -> None:
        self.vault.append(Draft(kinds.NOTE, {"text": "She stood before the house.", "private": 1}))

    def read_events(self) -> None:
        read_lines(self.vault, SECOND, [b"one", b"two"])

    def read_anew(self) -> None:
        read_lines(self.vault, SECOND, [b"one", b"two", b"three"])

    def erase(self) -> None:
        self.promise.erased.add(SECOND)
        self.vault.erase(SECOND, "a child is in it")
        self.promise.items.discard(SECOND)

    def change_passphrase(self) -> None:
        self.promise.passphrases = (OTHER, PASSPHRASE)
        self.vault.change_passphrase(OTHER, FLOOR)
        self.promise.passphrases = (OTHER,)

    def anchor(self) -> None:
        self.vault.place_checkpoint("000000000012.tsr", STAMP)
        digest = sha256(STAMP).hexdigest()
        self.vault.append(Draft(kinds.ANCHOR, {"files": {"000000000012.tsr": digest}}))


def opened(folder: Path, promise: Promise, *, under_way: bool = True) -> Vault:
    """Open a case for writing with a passphrase that may hold now."""
    tries = (*promise.passphrases, OTHER) if under_way else promise.passphrases
    for passphrase in tries:
        try:
            return reopen(folder, passphrase=passphrase)
        except WrongPassphrase:
            continue
    message = "no passphrase opens the case"
    raise AssertionError(message)


def look_at_what_is_left(folder: Path, promise: Promise, *, lost_power: bool = False) -> None:
    """Open what a fault left, and hold it against what was promised."""
    if not promise.made and not is_case(folder):
        return
    with opened(folder, promise) as vault:
        assert vault.problems == ()
        _holds(vault, promise, lost_power=lost_power)
    with opened(folder, promise) as again:
        assert again.recovered == {}, "putting in order is done once"
        assert add(again, b"afterwards") == [sha256(b"afterwards").hexdigest()]
        _holds(again, promise, lost_power=lost_power)


def is_case(folder: Path) -> bool:
    """Say whether the folder holds a case; one that was not finished is no case."""
    try:
        reopen(folder, write=False).close()
    except WrongPassphrase:
        return True
    except StandfastError:
        return False
    return True


def _holds(vault: Vault, promise: Promise, *, lost_power: bool) -> None:
    entries = [one.raw for one in vault.entries]
    assert entries[: len(promise.entries)] == promise.entries
    assert promise.items - promise.erased <= set(vault.index.items)
    for one, other in ((FIRST, THIRD), (FOURTH, FIFTH)):
        together = one in vault.index.items
        assert together == (other in vault.index.items), "a group is there whole or not at all"
    for item in vault.index.items:
        assert text_of(vault, item) == POSSIBLE[item]
    for item in vault.index.erased:
        assert not vault.blob_path(item).exists()
    problems = checked(vault).problems
    allowed = [one for one in problems if one.repairable and lost_power]
    assert list(problems) == allowed

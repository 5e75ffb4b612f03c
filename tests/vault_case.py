# SPDX-License-Identifier: Apache-2.0
"""A small fictional case for tests of the vault, without the sources and the timeline above it."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from typing import TYPE_CHECKING

from standfast.errors import Damaged
from standfast.vault import entry as kinds
from standfast.vault import keys
from standfast.vault.case import Vault
from standfast.vault.check import check_case
from standfast.vault.commitment import Salts, leaves
from standfast.vault.entry import Draft
from standfast.vault.keys import Work
from standfast.vault.merkle import Tree
from standfast.vault.opening import Problem, Unlock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Any

    import pytest

    from standfast.vault.check import CaseReport
    from standfast.vault.entry import Entry

PASSPHRASE = "four words nobody guesses"
OTHER = "five other words nobody guesses"
FLOOR = Work(64 * 1024, 3, 4)
"""The least work that is accepted, so that tests are quick."""
_real_stretch = cache(keys._stretch)


def stretch_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Argon2id done once for the same input: all else stays as it is."""
    monkeypatch.setattr(keys, "_stretch", _real_stretch)


def stretch_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a plain hash in the place of Argon2id, where cases are made by the thousand."""

    def stretch(passphrase: str, salt: bytes, work: Work) -> bytes:
        return hashlib.sha256(repr((passphrase, salt, work)).encode()).digest()

    monkeypatch.setattr(keys, "_stretch", stretch)


def new(folder: Path, **more: Any) -> Vault:
    """Make a case and give it open for writing."""
    return Vault.create(folder, PASSPHRASE, work=FLOOR, **more)[0]


def reopen(folder: Path, *, write: bool = True, passphrase: str = PASSPHRASE, **more: Any) -> Vault:
    """Open it again."""
    return Vault.open_case(folder, Unlock(passphrase), write=write, **more)


def item_draft(vault: Vault, data: bytes, name: str = "chat.txt") -> Draft:
    """Keep an original, in two parts, and give its entry to append."""
    kept = vault.keep([data[: len(data) // 2], data[len(data) // 2 :]])
    body = {"sha256": kept.sha256, "size": kept.size, "file_id": kept.file_id, "name": name}
    return Draft(kinds.ITEM, body)


def add(vault: Vault, *originals: bytes) -> list[str]:
    """Add originals in one group and give their hashes."""
    drafts = [item_draft(vault, data) for data in originals]
    return [entry.body["sha256"] for entry in vault.append(*drafts)]


def read_lines(vault: Vault, item: str, lines: Sequence[bytes]) -> Entry:
    """Pretend to have read events out of an item: one line each."""
    reading_id = secrets.token_hex(16)
    vault.write_segment(reading_id, [line + b"\n" for line in lines])
    body = {
        "id": reading_id, "item": item, "format": "lines", "version": 1, "parts": [],
        "options": {}, "events": len(lines), "root": _root(vault, reading_id, lines),
        "coverage": {},
    }  # fmt: skip
    return vault.append(Draft(kinds.READING, body))[-1]


def _root(vault: Vault, reading_id: str, lines: Sequence[bytes]) -> str:
    salts = Salts(vault.keys.salts, bytes.fromhex(reading_id)).take(len(lines))
    return Tree(leaves(lines, salts)).root().hex()


def segment_problems(vault: Vault) -> Iterator[Problem]:
    """Do what the timeline does for real events: hold every segment against its commitment."""
    for body in vault.index.readings.values():
        try:
            with vault.read_segment(body["id"]) as file:
                lines = file.read().splitlines()
        except (OSError, Damaged):
            lines = None
        if lines is None or _root(vault, body["id"], lines) != body["root"]:
            where = vault.segment_path(body["id"]).relative_to(vault.folder).as_posix()
            yield Problem("events_damaged", where, "", "", repairable=True)


def checked(vault: Vault, *notes: bytes) -> CaseReport:
    """Check everything, events as well."""
    return check_case(vault, notes=notes, readings=lambda: segment_problems(vault))


def text_of(vault: Vault, item: str) -> bytes:
    """Read an original back, and make sure that it is the one."""
    with vault.open_item(item) as file:
        data = file.read()
    assert hashlib.sha256(data).hexdigest() == item
    return data

# SPDX-License-Identifier: Apache-2.0
"""``case.toml``: format version, case id and key slots; nothing personal.

The file is public and an attacker may have written it: its size, the number of slots and every
field are bounded, and its SHA-256 stands in the ledger, so a change shows even in a slot that
nobody used today.
"""

from __future__ import annotations

import base64
import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from standfast.errors import Damaged, StandfastError
from standfast.i18n import _
from standfast.vault.keys import SALT_BYTES, Slot, Work
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "case.toml"
FORMAT = 1
SIZE_LIMIT = 256 * 1024
SLOT_LIMIT = 64
PASSPHRASES = 1
"""More slots of that kind would only make a wrong passphrase cost more."""
ID = re.compile(r"[0-9a-f]{32}")
SLOT_ID = re.compile(r"[0-9a-f]{8}")
KINDS = frozenset({"passphrase", "recovery", "recipient"})


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What ``case.toml`` says."""

    case_id: str
    slots: tuple[Slot, ...]

    def write(self) -> bytes:
        """Write the file, the one way."""
        lines = [f"format = {FORMAT}", f'case = "{self.case_id}"']
        for slot in self.slots:
            lines += ["", "[[slots]]", f'id = "{slot.id}"', f'kind = "{slot.kind}"']
            if slot.work is not None:
                lines.append(f"memory_kib = {slot.work.memory_kib}")
                lines.append(f"passes = {slot.work.passes}")
                lines.append(f"lanes = {slot.work.lanes}")
            if slot.salt:
                lines.append(f'salt = "{base64.b64encode(slot.salt).decode()}"')
            lines.append(f'wrapped = "{base64.b64encode(slot.wrapped).decode()}"')
        return "\n".join([*lines, ""]).encode()


def digest(data: bytes) -> str:
    """Give the SHA-256 of the file's bytes, as the ledger keeps it."""
    return sha256(data).hexdigest()


def read_case_file(folder: Path) -> tuple[CaseFile, bytes]:
    """Read ``case.toml`` and give it with its very bytes.

    Raises:
        StandfastError: the folder holds no case, or one of a newer version.
        Damaged: the file is not one this program writes.
    """
    with storage_errors(lambda: _("Opening the case"), lambda: _("Nothing was changed.")):
        data = _bytes_of(folder)
    try:
        return _read(data), data
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Damaged(
            _("The key file of this case (case.toml) is not as it was left. Nothing was changed."),
            hint=_("Look for an older copy of the case folder; the rest of it may be whole."),
        ) from problem


def _bytes_of(folder: Path) -> bytes:
    try:
        with (folder / NAME).open("rb") as file:
            return file.read(SIZE_LIMIT + 1)
    except (FileNotFoundError, NotADirectoryError) as problem:
        if (folder / "ledger").is_dir():
            raise Damaged(
                _("The key file (case.toml) of this case is missing. Nothing was changed."),
                hint=_("Without it nothing opens; look for an older copy of the folder."),
            ) from problem
        raise StandfastError(
            _("There is no case in this folder."),
            hint=_("Check the folder's name, or make a case with “standfast new”."),
        ) from problem


def _read(data: bytes) -> CaseFile:
    if len(data) > SIZE_LIMIT:
        message = "too large"
        raise ValueError(message)
    whole = tomllib.loads(data.decode())
    if whole["format"] != FORMAT:
        raise StandfastError(
            _("This case was made by a newer standfast. Nothing was changed."),
            hint=_("Open it with the version that made it, or a later one."),
        )
    slots = whole["slots"]
    _require(ID.fullmatch(whole["case"]) is not None)
    _require(type(slots) is list and 1 <= len(slots) <= SLOT_LIMIT)
    read = tuple(_slot(slot) for slot in slots)
    _require(sum(slot.work is not None for slot in read) <= PASSPHRASES)
    return CaseFile(whole["case"], read)


def _slot(slot: Mapping[str, Any]) -> Slot:
    kind = slot["kind"]
    _require(SLOT_ID.fullmatch(slot["id"]) is not None and kind in KINDS)
    salt = b"" if kind == "recipient" else base64.b64decode(slot["salt"], validate=True)
    _require(len(salt) == (0 if kind == "recipient" else SALT_BYTES))
    work = None
    if kind == "passphrase":
        figures = [slot[name] for name in ("memory_kib", "passes", "lanes")]
        _require(all(type(figure) is int for figure in figures))
        work = Work(*figures)
    return Slot(slot["id"], kind, base64.b64decode(slot["wrapped"], validate=True), salt, work)


def _require(holds: bool) -> None:  # noqa: FBT001 - one plain condition
    if not holds:
        message = "not a key file"
        raise ValueError(message)

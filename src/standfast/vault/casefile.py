# SPDX-License-Identifier: Apache-2.0
"""``case.toml``: format version, case id and key slots; nothing personal.

The file is public and an attacker may have written it: its size, the number of slots and every
field are bounded, and its SHA-256 stands in the ledger, so a change shows even in a slot that
nobody used today.
"""

from __future__ import annotations

import base64
import binascii
import re
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from standfast.errors import Damaged, StandfastError
from standfast.i18n import _
from standfast.vault.keys import Slot, Work

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "case.toml"
FORMAT = 1
SIZE_LIMIT = 256 * 1024
SLOT_LIMIT = 64
ID = re.compile(r"[0-9a-f]{32}")
SLOT_ID = re.compile(r"[0-9a-f]{8}")


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
    path = folder / NAME
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as problem:
        raise StandfastError(
            _("There is no case in this folder."),
            hint=_("Check the folder's name, or make a case with “standfast new”."),
        ) from problem
    try:
        return _read(data), data
    except (ValueError, KeyError, TypeError, binascii.Error) as problem:
        raise Damaged(
            _("The key file of this case (case.toml) is not as it was left. Nothing was changed."),
            hint=_("Look for an older copy of the case folder; the rest of it may be whole."),
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
    if not ID.fullmatch(whole["case"]) or not 1 <= len(slots) <= SLOT_LIMIT:
        message = "not a case"
        raise ValueError(message)
    return CaseFile(whole["case"], tuple(_slot(slot) for slot in slots))


def _slot(slot: Mapping[str, Any]) -> Slot:
    if not SLOT_ID.fullmatch(slot["id"]):
        message = "not a slot"
        raise ValueError(message)
    work = None
    if slot["kind"] == "passphrase":
        work = Work(int(slot["memory_kib"]), int(slot["passes"]), int(slot["lanes"]))
    salt = base64.b64decode(slot.get("salt", ""), validate=True)
    wrapped = base64.b64decode(slot["wrapped"], validate=True)
    return Slot(slot["id"], slot["kind"], wrapped, salt, work)

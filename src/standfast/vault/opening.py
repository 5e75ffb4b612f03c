# SPDX-License-Identifier: Apache-2.0
"""What is looked at whenever a case is opened, and what is put in order.

Rules enforced here:

* the signed head must be there, fit its key, and be a beginning of the ledger; an entry after the
  head is one that a crash kept from being sealed;
* a torn tail of the ledger is moved aside, never thrown away, and said in a ``recover`` entry;
* a file nobody entered is moved aside likewise: an interrupted add leaves one, and so does an
  older ledger put in the place of a newer one;
* anything else that does not fit is a `Problem`: the case stays readable and takes nothing more.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault import keys
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.casefile import CaseFile, digest
from standfast.vault.note import Checkpoint, NoteInvalid, read_note

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from standfast.vault.case import Vault

NOTE_LIMIT = 4096
ASIDE = "set-aside"


@dataclass(frozen=True, slots=True)
class Unlock:
    """What a person opens a case with: one of the three."""

    passphrase: str = ""
    recovery_code: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage: a stable code, what it is about, a sentence, and what it does not touch.

    ``repairable`` marks what can be made again from the originals.
    """

    code: str
    what: str
    sentence: str
    unaffected: str = ""
    repairable: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What the look at an opened case found."""

    problems: tuple[Problem, ...]
    unsealed: int = 0
    slots_to_restore: bool = False


def unlock_key(case_file: CaseFile, unlock: Unlock) -> bytes:
    """Give the case key.

    Raises:
        WrongPassphrase: nothing opens with what was given.
    """
    if unlock.recovery_code:
        return keys.open_with_recovery(case_file.case_id, case_file.slots, unlock.recovery_code)
    if unlock.identity:
        return keys.open_with_identity(case_file.case_id, case_file.slots, unlock.identity)
    return keys.open_with_passphrase(case_file.case_id, case_file.slots, unlock.passphrase)


def examine(vault: Vault, case_file: bytes) -> Findings:
    """Look at a loaded case: ledger, head, key file. Nothing is written."""
    problems = [*_ledger_problems(vault)]
    head = read_head(vault)
    if isinstance(head, Problem):
        return Findings((*problems, head))
    problems += _head_problems(vault, head)
    slots, restore = _slot_problems(vault, case_file)
    return Findings((*problems, *slots), len(vault.entries) - head.size, restore)


def read_head(vault: Vault) -> Checkpoint | Problem:
    """Read the signed head of the case."""
    from standfast.vault.case import HEAD  # noqa: PLC0415 - the vault imports this module

    try:
        with (vault.folder / "checkpoints" / HEAD).open("rb") as file:
            note = file.read(NOTE_LIMIT)
    except OSError:
        return Problem(
            "head_missing",
            "checkpoints/head.note",
            _("The signed head of the log is missing: somebody or something removed it."),
            _("The originals and the log can still be read."),
        )
    try:
        return read_note(note, vault.case_id, vault.keys.public)
    except NoteInvalid:
        return Problem(
            "head_altered",
            "checkpoints/head.note",
            _("The signed head of the log was changed: its signature does not fit."),
            _("The originals and the log can still be read."),
        )


def _ledger_problems(vault: Vault) -> list[Problem]:
    entries = vault.entries
    fits = bool(entries) and entries[0].type == kinds.CASE
    if vault.state.broken or not fits or entries[0].body.get("case") != vault.case_id:
        return [
            Problem(
                "ledger_damaged",
                f"ledger, entry {len(entries)}",
                _("The log cannot be read past entry {number}: it was changed or damaged.").format(
                    number=len(entries)
                ),
                _("Everything before that entry is as it was written."),
            )
        ]
    return []


def _head_problems(vault: Vault, head: Checkpoint) -> list[Problem]:
    count = len(vault.entries)
    if head.size > count:
        return [
            Problem(
                "ledger_cut",
                f"ledger, entries {count} to {head.size - 1}",
                _(
                    "The log has {count} entries, but {size} were signed: the last {lost} are "
                    "missing. It was cut off, or an older copy was put in its place."
                ).format(count=count, size=head.size, lost=head.size - count),
                _("The first {count} entries are as they were written.").format(count=count),
            )
        ]
    if vault.tree.root(head.size) != head.root:
        return [
            Problem(
                "head_differs",
                "checkpoints/head.note",
                _("The log is not the one that was signed."),
                "",
            )
        ]
    return []


def _slot_problems(vault: Vault, case_file: bytes) -> tuple[list[Problem], bool]:
    digests = [e.body["sha256"] for e in vault.entries if e.type == kinds.SLOTS]
    found = digest(case_file)
    if not digests or found == digests[-1]:
        return [], False
    if len(digests) > 1 and found == digests[-2] and vault.entries[-1].type == kinds.SLOTS:
        return [], True  # the ledger was written and the file was not: the old keys hold
    return [
        Problem(
            "keys_altered",
            CASE_FILE,
            _("The key file (case.toml) is not the one this case was left with."),
            _("The originals and the log are not touched by this."),
        )
    ], False


def tidy(vault: Vault, findings: Findings) -> Mapping[str, Any]:
    """Put in order what an interrupted run left, and give the facts for a ``recover`` entry."""
    facts: dict[str, Any] = {}
    if vault.state.torn:
        facts["torn_bytes"] = vault.state.torn
        _set_torn_tail_aside(vault)
    if findings.unsealed:
        facts["unsealed"] = findings.unsealed
    if findings.slots_to_restore:
        facts["slots"] = digest(CaseFile(vault.case_id, vault.slots).write())
    _finish_erasing(vault)
    aside = _set_strangers_aside(vault)
    if aside:
        facts["set_aside"] = aside
    for left in (vault.folder / "tmp").iterdir():
        vault.disk.remove(left)
    return facts


def _set_torn_tail_aside(vault: Vault) -> None:
    path, valid = vault.state.files[-1]
    with path.open("rb") as file:
        file.seek(valid)
        tail = file.read()
    vault.disk.make_folder(vault.folder / ASIDE)
    target = vault.folder / ASIDE / f"torn-{secrets.token_hex(4)}"
    vault.disk.place(target, [tail], scratch=vault.scratch(), durable=True)
    vault.disk.cut(path, valid)
    if valid == 0:
        vault.disk.remove(path)
        vault.state.files.pop()
    vault.state.torn = 0


def _finish_erasing(vault: Vault) -> None:
    for item in vault.index.erased:
        vault.disk.remove(vault.blob_path(item))


def _set_strangers_aside(vault: Vault) -> list[str]:
    blobs = {vault.blob_path(item) for item in vault.index.items}
    segments = {vault.segment_path(body["id"]) for body in vault.index.readings.values()}
    for path in set(files_below(vault.folder / "segments")) - segments:
        vault.disk.remove(path)  # it can be made again from its original
    aside = []
    for path in sorted(set(files_below(vault.folder / "blobs")) - blobs):
        vault.disk.make_folder(vault.folder / ASIDE)
        name = path.parent.name + path.name
        vault.disk.rename(path, vault.folder / ASIDE / name)
        aside.append(name)
    if aside:
        vault.disk.flush_folder(vault.folder / ASIDE)
    return aside


def files_below(folder: Path) -> list[Path]:
    """List the files below a folder of the vault."""
    found = []
    for above, _folders, names in os.walk(folder):
        found += [folder.__class__(above) / name for name in names]
    return found

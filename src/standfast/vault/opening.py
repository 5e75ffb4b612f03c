# SPDX-License-Identifier: Apache-2.0
"""What is looked at whenever a case is opened. Nothing is written here.

Rules enforced here:

* the signed head must be there, fit its key, and be a beginning of the ledger; an entry after the
  head is one that a crash kept from being sealed;
* the key file must be the one the ledger names last;
* a reader beside a writer sees one moment: head and key file are read before the ledger, and all
  of it again when they have changed meanwhile;
* what an interrupted run left is a `Trace`, and can be put in order (`recovery`); anything else
  that does not fit is a `Problem`: the case stays readable and takes nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault import keys
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.casefile import CaseFile, digest, read_case_file
from standfast.vault.note import Checkpoint, NoteInvalid, read_note

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.vault.case import Vault
    from standfast.vault.ledger import Ledger, LedgerState

HEAD = "checkpoints/head.note"
NOTE_LIMIT = 4096
LOOKS = 8


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
class Trace:
    """What an interrupted run left in ledger, head and key file.

    Attributes:
        unfinished: the last write to the ledger stopped half way, after it ``torn`` bytes.
        unsealed: how many entries the signed head does not cover yet.
        old_keys: the ledger names a newer key file than the one that is there.
    """

    unfinished: bool = False
    torn: int = 0
    unsealed: int = 0
    old_keys: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """The small files of a case folder at one moment."""

    case_file: CaseFile
    case_bytes: bytes
    head: bytes | None


def look(folder: Path) -> Seen:
    """Read the key file and the signed head.

    Raises:
        StandfastError, Damaged: the key file cannot be used.
    """
    case_file, data = read_case_file(folder)
    try:
        with (folder / HEAD).open("rb") as file:
            return Seen(case_file, data, file.read(NOTE_LIMIT))
    except (FileNotFoundError, NotADirectoryError):
        return Seen(case_file, data, None)


def look_at_all(folder: Path, ledger: Ledger) -> tuple[Seen, LedgerState]:
    """Read the small files and the ledger as they were at one moment."""
    seen, state, looks = look(folder), ledger.load(), 1
    while looks < LOOKS and (again := look(folder)) != seen:
        seen, state, looks = again, ledger.load(), looks + 1
    return seen, state


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


def examine(vault: Vault, seen: Seen) -> tuple[tuple[Problem, ...], Trace]:
    """Look at a loaded case: ledger, head, key file."""
    problems = _ledger_problems(vault)
    slots, old_keys = _slot_problems(vault, seen.case_bytes)
    problems += slots
    head = _read_head(vault, seen.head)
    unsealed = 0
    if isinstance(head, Problem):
        problems.append(head)
    else:
        problems += _head_problems(vault, head)
        unsealed = max(0, len(vault.entries) - head.size)
    state = vault.state
    return tuple(problems), Trace(state.unfinished, state.torn, unsealed, old_keys)


def _read_head(vault: Vault, note: bytes | None) -> Checkpoint | Problem:
    if note is None:
        return Problem(
            "head_missing",
            HEAD,
            _("The signed head of the log is missing: somebody or something removed it."),
            _("The originals and the log can still be read."),
        )
    try:
        return read_note(note, vault.case_id, vault.keys.public)
    except NoteInvalid:
        return Problem(
            "head_altered",
            HEAD,
            _("The signed head of the log was changed: its signature does not fit."),
            _("The originals and the log can still be read."),
        )


def _ledger_problems(vault: Vault) -> list[Problem]:
    entries = vault.entries
    if vault.state.broken or not entries:
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
                HEAD,
                _("The log is not the one that was signed."),
                _("The originals can still be read and compared with a copy."),
            )
        ]
    return []


def _slot_problems(vault: Vault, case_bytes: bytes) -> tuple[list[Problem], bool]:
    known, found = vault.index.key_files, digest(case_bytes)
    if not known or found == known[-1]:
        return [], False
    last = next(one.type for one in reversed(vault.entries) if one.type != kinds.CLOCK)
    if found in known[-2:] and last == kinds.SLOTS:
        return [], True  # the ledger was written and the file was not: the old keys hold
    return [
        Problem(
            "keys_altered",
            CASE_FILE,
            _("The key file (case.toml) is not the one this case was left with."),
            _("The originals and the log are not touched by this."),
        )
    ], False

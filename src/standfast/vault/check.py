# SPDX-License-Identifier: Apache-2.0
"""``verify`` of a case folder: everything is read, nothing is written.

The answer names what is damaged and what that does not touch. A folder that was replaced as a
whole by an older copy of itself is whole in itself: only a head known from elsewhere (a dossier,
a bundle, a time stamp) shows it, so `check_case` takes such heads and the answer says when it had
none.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast.errors import Damaged
from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.lock import NAME as LOCK
from standfast.vault.note import NoteInvalid, read_note
from standfast.vault.opening import ASIDE, NOTE_LIMIT, Problem, files_below

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from standfast.vault.case import Vault
    from standfast.vault.note import Checkpoint

READ_BYTES = 1 << 20
CRUFT = frozenset({".DS_Store", "Thumbs.db", "desktop.ini", ".directory"})
"""Files that operating systems put into any folder that is looked at."""


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The answer of `check_case`.

    Attributes:
        remarks: true things that are no damage (an unsealed entry, an interrupted add).
        head: size and root of the log that was found.
        compared: how many heads known from elsewhere it was held against.
    """

    problems: tuple[Problem, ...]
    remarks: tuple[str, ...]
    entries: int
    items: int
    erased: int
    bytes: int
    head: Checkpoint
    compared: int

    @property
    def whole(self) -> bool:
        """Say whether everything is as it was left."""
        return not self.problems


def check_case(
    vault: Vault,
    *,
    notes: Sequence[bytes] = (),
    readings: Callable[[], Iterator[Problem]] | None = None,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> CaseReport:
    """Read the whole case folder and compare it with its ledger.

    ``notes`` are signed heads known from elsewhere; ``readings`` checks the events' commitments
    (the vault does not know what an event is); ``progress`` hears how many bytes were read.
    """
    problems = list(vault.problems)
    problems += _note_problems(vault, notes)
    read = 0
    for item in vault.index.items:
        size, found = _item_problem(vault, item, progress)
        read += size
        problems += found
    problems += _anchor_problems(vault)
    problems += _strangers(vault)
    if readings is not None and not vault.problems:
        problems += readings()
    return CaseReport(
        tuple(problems),
        tuple(_remarks(vault)),
        len(vault.entries),
        len(vault.index.items),
        len(vault.index.erased),
        read,
        vault.head,
        len(notes),
    )


def _note_problems(vault: Vault, notes: Sequence[bytes]) -> Iterator[Problem]:
    for note in notes:
        try:
            known = read_note(note, vault.case_id, vault.keys.public)
        except NoteInvalid:
            yield Problem("head_foreign", "", _("The head to compare with is of another case."))
            continue
        if known.size > len(vault.tree):
            yield Problem(
                "rolled_back",
                f"ledger, entries {len(vault.tree)} to {known.size - 1}",
                _(
                    "This folder is an older copy: the head to compare with has {known} entries, "
                    "this log only {found}."
                ).format(known=known.size, found=len(vault.tree)),
                _("What it holds is as it was written."),
            )
        elif vault.tree.root(known.size) != known.root:
            yield Problem(
                "history_differs",
                "ledger",
                _("The log is not a continuation of the head to compare with: it was rewritten."),
            )


def _item_problem(
    vault: Vault, item: str, progress: Callable[[int], None]
) -> tuple[int, list[Problem]]:
    name = vault.index.items[item].get("name", "")
    hashed, read = sha256(), 0
    try:
        with vault.open_item(item) as file:
            while part := file.read(READ_BYTES):
                hashed.update(part)
                read += len(part)
                progress(len(part))
    except (Damaged, OSError):
        return read, [_item_damage(item, name)]
    return read, [] if hashed.hexdigest() == item else [_item_damage(item, name)]


def _item_damage(item: str, name: str) -> Problem:
    return Problem(
        "item_damaged",
        f"{item[:12]} {name}",
        _("An original was changed, damaged or removed on the disk."),
        _("Every other item, the log and what was handed over before are not touched by this."),
    )


def _anchor_problems(vault: Vault) -> Iterator[Problem]:
    for entry in vault.entries:
        if entry.type != kinds.ANCHOR:
            continue
        for name, digest in sorted(entry.body.get("files", {}).items()):
            data = _small_file(vault.folder / "checkpoints" / name)
            if data is None or sha256(data).hexdigest() != digest:
                yield Problem(
                    "anchor_damaged",
                    f"checkpoints/{name}",
                    _("A stored time stamp was changed, damaged or removed."),
                    _("The originals and the log are not touched by this."),
                )


def _small_file(path: Path, limit: int = 1 << 20) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(limit)
    except OSError:
        return None


def _strangers(vault: Vault) -> Iterator[Problem]:
    for path in sorted(set(files_below(vault.folder)) - _expected(vault)):
        if path.name in CRUFT or vault.folder / ASIDE in path.parents:
            continue
        yield Problem(
            "unknown_file",
            path.relative_to(vault.folder).as_posix(),
            _("A file lies in the case folder that nobody entered in the log."),
            _("What the log names is not touched by it."),
        )


def _expected(vault: Vault) -> set[Path]:
    folder = vault.folder
    expected = {folder / CASE_FILE, folder / LOCK, folder / "checkpoints" / "head.note"}
    expected |= {path for path, _size in vault.state.files}
    expected |= {vault.blob_path(item) for item in vault.index.items}
    expected |= {vault.segment_path(body["id"]) for body in vault.index.readings.values()}
    for entry in vault.entries:
        if entry.type == kinds.ANCHOR:
            expected |= {folder / "checkpoints" / name for name in entry.body.get("files", {})}
    return expected


def _remarks(vault: Vault) -> Iterator[str]:
    if vault.state.torn:
        yield _("The last write to the log was interrupted; what it was adding is not in the case.")
    for entry in vault.entries:
        if entry.type == kinds.RECOVER:
            yield _("On {date} an interrupted write was put in order.").format(date=entry.at)
        elif entry.type == kinds.CLOCK:
            yield _("The computer's clock went back from {was} to {now}.").format(
                was=entry.body["was"], now=entry.body["is"]
            )


def read_head_file(path: Path) -> bytes:
    """Read a signed head that was kept elsewhere."""
    with path.open("rb") as file:
        return file.read(NOTE_LIMIT)

# SPDX-License-Identifier: Apache-2.0
"""``verify`` of a case folder: everything is read, nothing is written.

The answer names what is damaged and what that does not touch. A folder that was replaced as a
whole by an older copy of itself is whole in itself: only a head known from elsewhere (a dossier,
a bundle, a timestamp) shows it, so `check_case` takes such heads and the answer says when it had
none.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from standfast.errors import Damaged
from standfast.i18n import _, ngettext
from standfast.vault import entry as kinds
from standfast.vault import pending
from standfast.vault.aside import ASIDE, describe, files_below
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.lock import NAME as LOCK
from standfast.vault.lock import held_elsewhere
from standfast.vault.note import NoteInvalid, read_note
from standfast.vault.opening import HEAD, NOTE_LIMIT, Problem
from standfast.vault.recovery import leftovers, strange_originals, unerased
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from standfast.vault.case import Vault
    from standfast.vault.entry import Entry
    from standfast.vault.note import Checkpoint

READ_BYTES = 1 << 20
STAMP_LIMIT = 1 << 24


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

    Raises:
        StorageFailed: the folder cannot be looked into.
    """
    with storage_errors(lambda: _("Checking the case"), lambda: _("Nothing was changed.")):
        return _checked(vault, notes, readings, progress)


def _checked(
    vault: Vault,
    notes: Sequence[bytes],
    readings: Callable[[], Iterator[Problem]] | None,
    progress: Callable[[int], None],
) -> CaseReport:
    problems = list(vault.problems)
    problems += _note_problems(vault, notes)
    read = 0
    for item in vault.index.items:
        size, found = _item_problem(vault, item, progress)
        read += size
        problems += found
    problems += _anchor_problems(vault)
    problems += _aside_problems(vault)
    problems += _strangers(vault)
    if readings is not None:
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
    for name, digest in sorted(vault.index.anchors.items()):
        if _small_digest(vault.folder / "checkpoints" / name) != digest:
            yield Problem(
                "anchor_damaged",
                f"checkpoints/{name}",
                _("A stored timestamp was changed, damaged or removed."),
                _("The originals and the log are not touched by this."),
            )


def _small_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return sha256(file.read(STAMP_LIMIT)).hexdigest()
    except OSError:
        return ""


def _aside_problems(vault: Vault) -> Iterator[Problem]:
    for name, facts in vault.index.aside.items():
        folder = vault.folder / ASIDE / name
        if folder.exists() and describe(folder) != facts:
            yield Problem(
                "set_aside_changed",
                f"{ASIDE}/{name}",
                _("Files that an earlier opening had set aside were changed since."),
                _("What the log names is not touched by it."),
            )


def _strangers(vault: Vault) -> Iterator[Problem]:
    unentered = set(strange_originals(vault))
    aside = [vault.folder / ASIDE / name for name in vault.index.aside]
    known = _expected(vault) | set(leftovers(vault)) | set(unerased(vault))
    known |= {vault.blob_path(item) for item in vault.blobs.waiting}
    busy = _busy(vault)
    for path in files_below(vault.folder):
        where = path.relative_to(vault.folder).as_posix()
        if path in unentered and not busy:
            yield _unentered(where)
        elif path not in known | unentered and not any(one in path.parents for one in aside):
            yield Problem(
                "unknown_file",
                where,
                _("A file lies in the case folder that nobody entered in the log."),
                _("What the log names is not touched by it."),
            )
    if _size(vault.folder / LOCK):
        yield Problem("unknown_file", LOCK, _("The lock of the case folder should be empty."))


def _unentered(where: str) -> Problem:
    return Problem(
        "unentered_original",
        where,
        _(
            "An encrypted original lies in the case folder that the log does not name. An "
            "interrupted add leaves one, and so does an older log put in the place of a newer one."
        ),
        _("What the log names is not touched by it."),
    )


def _size(path: Path) -> int:
    return path.lstat().st_size if path.exists() else 0


def _busy(vault: Vault) -> bool:
    """Say whether another program is adding to the case while it is checked."""
    return not vault.writable and held_elsewhere(vault.folder)


def _expected(vault: Vault) -> set[Path]:
    folder, index = vault.folder, vault.index
    expected = {folder / CASE_FILE, folder / LOCK, folder / HEAD}
    expected |= {path for path, _size in vault.state.files}
    expected |= {vault.blob_path(item) for item in index.items}
    expected |= {vault.segment_path(reading) for reading in index.present}
    expected |= {folder / "checkpoints" / name for name in index.anchors}
    return expected | pending.sound_files(vault)


def _remarks(vault: Vault) -> Iterator[str]:
    yield from _trace_remarks(vault)
    yield from _file_remarks(vault)
    for entry in vault.entries:
        if entry.type == kinds.RECOVER:
            yield _recovered(entry)
        elif entry.type == kinds.CLOCK:
            yield _("The computer's clock went back from {was} to {now}.").format(
                was=entry.body["was"], now=entry.body["is"]
            )


def _recovered(entry: Entry) -> str:
    files = sum(one["files"] for one in entry.body.get("set_aside", ()))
    if not files:
        return _("On {date} an interrupted write was put in order.").format(date=entry.at)
    return _(
        "On {date} {count} files that the log does not name were set aside ({folder}). An "
        "interrupted write leaves some, and so does an older log put in the place of a newer one."
    ).format(date=entry.at, count=files, folder=ASIDE)


def _trace_remarks(vault: Vault) -> Iterator[str]:
    trace = vault.trace
    if trace.unfinished:
        yield _("The last write to the log was interrupted; what it was adding is not in the case.")
    if trace.unsealed:
        yield _(
            "The last {count} entries are not under the signed head yet: an interrupted write "
            "leaves that, and so does an older head put in the place of a newer one."
        ).format(count=trace.unsealed)
    if trace.old_keys:
        yield _(
            "The key file (case.toml) is older than the log says: changing the keys was "
            "interrupted, or an older file was put in its place."
        )


def _file_remarks(vault: Vault) -> Iterator[str]:
    if _busy(vault):
        yield _("Another window is writing to this case; what it is adding was left out.")
    for path in unerased(vault):
        yield _(
            "An original that was erased still lies in the folder ({file}): opening the case for "
            "writing finishes removing it."
        ).format(file=path.relative_to(vault.folder).as_posix())
    left = leftovers(vault)
    if left:
        yield _(
            "{count} unfinished or superseded files lie in the folder ({file} is the first): "
            "opening the case for writing removes them."
        ).format(count=len(left), file=left[0].relative_to(vault.folder).as_posix())
    yield from _upload_remarks(vault)
    for name in vault.index.aside:
        if not (vault.folder / ASIDE / name).exists():
            yield _("Files that had been set aside were removed since: {folder}.").format(
                folder=f"{ASIDE}/{name}"
            )


def _upload_remarks(vault: Vault) -> Iterator[str]:
    for upload in pending.pending(vault):
        if upload.missing:
            yield ngettext(
                "Of the files that were to be added on {date}, {count} has not arrived.",
                "Of the files that were to be added on {date}, {count} have not arrived.",
                len(upload.missing),
            ).format(date=upload.announced, count=len(upload.missing))


def read_head_file(path: Path) -> bytes:
    """Read a signed head that was kept elsewhere."""
    with path.open("rb") as file:
        return file.read(NOTE_LIMIT)

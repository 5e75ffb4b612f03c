# SPDX-License-Identifier: Apache-2.0
"""The vault: a case folder, opened.

Rules enforced here:

* order of a commit: blobs written, flushed and named, their folders flushed, files beside the head
  likewise, then the ledger's frames in one write and flush (the commit point), then the signed
  head;
* a case with damage opens for reading only; nothing is ever repaired in place;
* after a write that failed nobody knows what the disk holds: the vault takes nothing more until it
  is opened again;
* this class is the only writer of a case folder, and holds its lock while it may write.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from standfast.errors import Damaged, WrongUsage
from standfast.i18n import _
from standfast.vault import access, marks
from standfast.vault import entry as kinds
from standfast.vault.blobs import Blobs, Kept
from standfast.vault.casefile import CaseFile, read_case_file
from standfast.vault.entry import Draft, Entry, stamp, utc_now, write_entry
from standfast.vault.index import Index
from standfast.vault.keys import Keys, Slot, Work, new_case_key, passphrase_slot, recovery_slot
from standfast.vault.ledger import Ledger, LedgerState, check_length
from standfast.vault.lock import WriterLock
from standfast.vault.making import check_empty, lay_out, nothing_made
from standfast.vault.merkle import Tree, leaf_hash
from standfast.vault.note import Checkpoint, sign_note
from standfast.vault.opening import HEAD, Problem, Trace, examine, look_at_all, unlock_key
from standfast.vault.recovery import tidy
from standfast.vault.sealed import open_sealed
from standfast.vault.storage import Disk, storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from standfast.vault.marks import Mark
    from standfast.vault.opening import Unlock
    from standfast.vault.sealed import SealedFile

__all__ = ["HEAD", "Kept", "Vault"]


class Vault:
    """One open case.

    Attributes:
        folder: the case folder.
        case_id: 32 hexadecimal digits.
        problems: damage that was found; when there is any, the case is read-only.
        trace: what an interrupted run left and nobody has put in order.
        recovered: what this opening put in order.
        mark: how the disk looked when this was read, or left; none when that is not known.
        in_order: a writer of ours has put the folder in order; false when in doubt.
    """

    def __init__(
        self,
        folder: Path,
        case_file: CaseFile,
        keys: Keys,
        *,
        disk: Disk,
        clock: Callable[[], datetime],
    ) -> None:
        """Use `create` or `open_case` instead."""
        self.folder = folder
        self.case_id = case_file.case_id
        self.slots = case_file.slots
        self.keys = keys
        self.disk = disk
        self.clock = clock
        self.problems: tuple[Problem, ...] = ()
        self.trace = Trace()
        self.recovered: Mapping[str, Any] = {}
        self.mark: Mark | None = None
        self.in_order = False
        self.ledger = Ledger(folder / "ledger", keys.ledger, self.case_id)
        self.state = LedgerState()
        self.tree = Tree()
        self.index = Index()
        self.blobs = Blobs(folder, keys, disk)
        self._beside: dict[str, bytes] = {}
        self._lock: WriterLock | None = None
        self._failed = False

    # -- making and opening ------------------------------------------------------------------

    @classmethod
    def create(  # noqa: PLR0913 - each is a part of a new case, all but two have defaults
        cls,
        folder: Path,
        passphrase: str,
        *,
        body: Mapping[str, Any] | None = None,
        recovery_code: str = "",
        work: Work | None = None,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> tuple[Vault, str]:
        """Make a case and give it, open for writing, with its recovery code.

        ``body`` are the person's first statements (home zone, language); they go into the ledger.
        A ``recovery_code`` may have been made and written down before.

        Raises:
            WrongUsage: the folder is not empty, or the passphrase is.
            WrongPassphrase: the recovery code has a typing error; nothing was made.
            StorageFailed: the disk refused.
        """
        if not passphrase:
            raise WrongUsage(_("A case needs a passphrase."), hint=_("Choose several words."))
        with storage_errors(lambda: _("Making the case"), nothing_made):
            check_empty(folder)
        disk = disk or Disk()
        case_id, case_key = secrets.token_hex(16), new_case_key()
        recovery, code = recovery_slot(case_id, case_key, recovery_code)
        slots = (passphrase_slot(case_id, case_key, passphrase, work or Work()), recovery)
        vault = cls(folder, CaseFile(case_id, slots), Keys.of(case_key), disk=disk, clock=clock)
        with storage_errors(lambda: _("Making the case"), nothing_made):
            lay_out(vault, dict(body or {}))
        return vault, code

    @classmethod
    def open_case(
        cls,
        folder: Path,
        unlock: Unlock | Keys,
        *,
        write: bool = False,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> Vault:
        """Open a case with what a person knows, or with keys that are known already.

        With ``write``, what an interrupted run left is put in order first, and said in
        `recovered`; a case with damage is opened for reading all the same.

        Raises:
            WrongPassphrase, CaseBusy, Damaged, StandfastError, StorageFailed.
        """
        case_file, _data = read_case_file(folder)
        keys = unlock if isinstance(unlock, Keys) else Keys.of(unlock_key(case_file, unlock))
        vault = cls(folder, case_file, keys, disk=disk or Disk(), clock=clock)
        with storage_errors(lambda: _("Opening the case"), lambda: _("Nothing was changed.")):
            if write:
                vault.lock()
            try:
                vault.load()
            except BaseException:
                vault.close()
                raise
        return vault

    def load(self) -> None:
        """Read what the folder holds, and with the lock put it in order; `open_case` calls it."""
        self.mark = marks.mark_if_there(self.folder)
        seen, self.state = look_at_all(self.folder, self.ledger)
        self.slots = seen.case_file.slots
        for entry in self.state.entries:
            self.tree.append(leaf_hash(entry.raw))
            self.index.take(entry)
        self.problems, self.trace = examine(self, seen)
        if self.problems:
            self.close()
        if self._lock is None:
            return
        self.recovered = tidy(self, self.trace)
        if self.recovered:
            self._append([Draft(kinds.RECOVER, self.recovered)])
        self.trace, self.in_order = Trace(), True

    @property
    def writable(self) -> bool:
        """Say whether this opening may write."""
        return self._lock is not None and not self._failed

    def lock(self) -> None:
        """Become the one writer of the folder.

        Raises:
            CaseBusy: another program is.
        """
        self._lock = WriterLock(self.folder)

    def close(self) -> None:
        """Let go of the case."""
        if self._lock is not None:
            self.mark = marks.mark_if_there(self.folder) if self.writable else None
            self.in_order &= self.mark is not None and not self.blobs.waiting
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        """Stay open within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close at its end."""
        self.close()

    # -- the ledger --------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        """Give every entry, in order."""
        return self.state.entries

    def append(self, *drafts: Draft) -> list[Entry]:
        """Commit entries, all or none of them, whatever interrupts it.

        Raises:
            Damaged: the case is read-only because of damage.
            TooLarge, StorageFailed: nothing was added.
        """
        self.must_write()
        if not drafts:
            return []
        with storage_errors(lambda: _("Adding to the case")):
            return self._append(drafts)

    def _append(self, drafts: Iterable[Draft]) -> list[Entry]:
        entries = self.commit(drafts)
        try:
            self.seal_head()
        except OSError:
            self._failed = True  # the entries are in; the next opening seals them
        self._clear_up(entries)
        return entries

    def commit(self, drafts: Iterable[Draft]) -> list[Entry]:
        """Write entries to the ledger: the commit point. `append` is for everybody else."""
        now = stamp(self.clock())
        drafts = [*self._clock_draft(now), *drafts]
        first = len(self.entries)
        entries = [write_entry(first + i, draft, now) for i, draft in enumerate(drafts)]
        check_length(entries)
        with self.all_or_nothing():
            self.blobs.flush_names()
            self._place_beside(entries)
            self.ledger.add(self.disk, self.state, entries)
        for entry in entries:
            self.tree.append(leaf_hash(entry.raw))
            self.index.take(entry)
        return entries

    def _place_beside(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.type == kinds.ANCHOR:
                for name in sorted(self._beside.keys() & entry.body["files"]):
                    self.place(self.folder / "checkpoints" / name, [self._beside.pop(name)])

    def _clear_up(self, entries: Iterable[Entry]) -> None:
        """Take notice of entered originals, and remove lists of events that newer ones replace."""
        for entry in entries:
            if entry.type == kinds.ITEM:
                self.blobs.entered(entry.body["sha256"])
            elif entry.type == kinds.READING:
                for old in self.index.segments[entry.body["item"]][:-1]:
                    with suppress(OSError):  # the next opening removes it
                        self.disk.remove(self.segment_path(old))

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Take nothing more after a write that failed, or was broken off, in this block."""
        try:
            yield
        except BaseException:
            self._failed = True  # what is on the disk now is known only after opening again
            raise

    def _clock_draft(self, now: str) -> list[Draft]:
        last = self.entries[-1].at if self.entries else ""
        return [Draft(kinds.CLOCK, {"was": last, "is": now})] if now < last else []

    def seal_head(self) -> None:
        """Sign the present head and put it in its place."""
        self.place(self.folder / HEAD, [self.head_note()])

    def head_note(self) -> bytes:
        """Sign the present head of the log."""
        return sign_note(self.head, self.keys.signing)

    @property
    def head(self) -> Checkpoint:
        """Give the present head: size and root of the log."""
        return Checkpoint(self.case_id, len(self.tree), self.tree.root())

    def must_write(self) -> None:
        """Go on only where this opening may write, or raise Damaged or StandfastError."""
        access.must_write(self)

    # -- originals ---------------------------------------------------------------------------

    def keep(self, parts: Iterable[bytes]) -> Kept:
        """Encrypt an original into the folder; its entry is the caller's next `append`.

        Raises:
            StorageFailed: the disk refused; nothing was added.
        """
        self.must_write()
        with storage_errors(lambda: _("Keeping the file")):
            written = self.blobs.write(parts)
            with self.all_or_nothing():
                return self.blobs.settle(written, self.index.items)

    def blob_path(self, item: str) -> Path:
        """Give the place of an original by its SHA-256."""
        return self.blobs.path(item)

    def item_file(self, item: str) -> SealedFile:
        """Give what is needed to read one original, and no other.

        Raises:
            KeyError: the case has no such item, or it was erased.
        """
        return self.blobs.file(item, self.index.items[item]["file_id"])

    def open_item(self, item: str) -> BinaryIO:
        """Open an original's bytes.

        Raises:
            KeyError: there is no such item.
            Damaged: its file is gone or not as it was left.
        """
        try:
            return open_sealed(self.item_file(item))
        except OSError as problem:
            raise Damaged(
                _("An original is missing from the case folder."),
                hint=_("Look for an older copy of the case folder."),
            ) from problem

    # -- segments: disposable ----------------------------------------------------------------

    def segment_path(self, reading_id: str) -> Path:
        """Give the place of a reading's events."""
        return self.blobs.segment_path(reading_id)

    def write_segment(self, reading_id: str, parts: Iterable[bytes]) -> None:
        """Write the events of a reading; they can always be read again from the original.

        Raises:
            StorageFailed: the disk refused.
        """
        with storage_errors(lambda: _("Writing the events")):
            self.blobs.write_segment(reading_id, parts)

    def read_segment(self, reading_id: str) -> BinaryIO:
        """Open the events of a reading.

        Raises:
            OSError: they are not there.
            Damaged: they are not as they were written.
        """
        return open_sealed(self.blobs.segment_file(reading_id))

    def erase(self, item: str, reason: str) -> Entry:
        """Destroy an original and its events, leaving a tombstone in the ledger.

        Raises:
            WrongUsage: there is no such item.
        """
        return access.erase(self, item, reason)

    def change_slots(self, slots: tuple[Slot, ...]) -> None:
        """Replace the key slots: first in the ledger, then on the disk."""
        access.change_slots(self, slots)

    def change_passphrase(self, passphrase: str, work: Work | None = None) -> None:
        """Give the case a new passphrase; an older copy still opens with the old one."""
        access.change_passphrase(self, passphrase, work or Work())

    def add_recipient(self, recipient: str) -> str:
        """Give an age recipient access to everything; returns the slot's id."""
        return access.add_recipient(self, recipient)

    def scratch(self) -> Path:
        """Give a new name for a file that is being written; it holds only ciphertext."""
        return self.blobs.scratch()

    def place(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a whole file, flush it and give it its name."""
        self.disk.place(path, parts, scratch=self.scratch(), durable=True)

    def place_checkpoint(self, name: str, data: bytes) -> None:
        """Have a file ready that belongs beside the head: an anchored head, an authority's answer.

        It is written when the ``anchor`` entry that names it is committed.
        """
        self.must_write()
        self._beside[name] = data

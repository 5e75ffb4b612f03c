# SPDX-License-Identifier: Apache-2.0
"""The vault: a case folder, opened.

Rules enforced here:

* order of a commit: blobs written, flushed and named, their folders flushed, then the ledger's
  frames in one write and flush (the commit point), then the signed head;
* a case with damage opens for reading only; nothing is ever repaired in place;
* every change of the key slots is in the ledger before it is on the disk;
* this class is the only writer of a case folder, and holds its lock while it may write.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from standfast.errors import Damaged, StandfastError, WrongUsage
from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.casefile import CaseFile, digest, read_case_file
from standfast.vault.entry import Draft, Entry, stamp, utc_now, write_entry
from standfast.vault.keys import (
    Keys,
    Slot,
    Work,
    new_case_key,
    passphrase_slot,
    recipient_slot,
    recovery_slot,
)
from standfast.vault.ledger import Ledger, LedgerState
from standfast.vault.lock import WriterLock
from standfast.vault.merkle import Tree, leaf_hash
from standfast.vault.note import Checkpoint, sign_note
from standfast.vault.opening import Problem, examine, tidy, unlock_key
from standfast.vault.sealed import SealedFile, file_key, new_file_id, open_sealed, seal
from standfast.vault.storage import Disk, storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from standfast.vault.opening import Unlock

HEAD = "head.note"
FOLDERS = ("ledger", "checkpoints", "blobs", "segments", "tmp")
READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """An original that lies in the case folder, before its entry is committed."""

    sha256: str
    size: int
    file_id: str
    known: bool


@dataclass(slots=True)
class _Index:
    """What the entries say about files: items by hash, readings by id."""

    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    erased: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    readings: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        body = entry.body
        if entry.type == kinds.ITEM:
            self.items[body["sha256"]] = body
            self.erased.pop(body["sha256"], None)
        elif entry.type == kinds.READING:
            self.readings[body["item"]] = body
        elif entry.type == kinds.ERASE:
            gone = self.items.pop(body["item"], None)
            self.readings.pop(body["item"], None)
            if gone is not None:
                self.erased[body["item"]] = gone


class Vault:
    """One open case.

    Attributes:
        folder: the case folder.
        case_id: 32 hexadecimal digits.
        problems: damage that was found; when there is any, the case is read-only.
        recovered: what an interrupted run had left and this opening put in order.
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
        self.recovered: Mapping[str, Any] = {}
        self.ledger = Ledger(folder / "ledger", keys.ledger, self.case_id)
        self.state = LedgerState()
        self.tree = Tree()
        self.index = _Index()
        self._lock: WriterLock | None = None
        self._folders: set[Path] = set()
        self._failed = False

    # -- making and opening ------------------------------------------------------------------

    @classmethod
    def create(  # noqa: PLR0913 - each is a part of a new case, all but two have defaults
        cls,
        folder: Path,
        passphrase: str,
        *,
        body: Mapping[str, Any] | None = None,
        work: Work | None = None,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> tuple[Vault, str]:
        """Make a case and give it, open for writing, with its recovery code.

        ``body`` are the person's first statements (home zone, language); they go into the ledger.

        Raises:
            WrongUsage: the folder is not empty, or the passphrase is.
            StorageFailed: the disk refused.
        """
        if not passphrase:
            raise WrongUsage(_("A case needs a passphrase."), hint=_("Choose several words."))
        if folder.exists() and any(folder.iterdir()):
            raise WrongUsage(
                _("The folder {folder} is not empty.").format(folder=folder.name),
                hint=_("Choose a new folder for the case."),
            )
        disk = disk or Disk()
        case_id, case_key = secrets.token_hex(16), new_case_key()
        recovery, code = recovery_slot(case_id, case_key)
        slots = (passphrase_slot(case_id, case_key, passphrase, work or Work()), recovery)
        vault = cls(folder, CaseFile(case_id, slots), Keys.of(case_key), disk=disk, clock=clock)
        with storage_errors(lambda: _("Making the case")):
            vault._lay_out(dict(body or {}))
        return vault, code

    def _lay_out(self, body: dict[str, Any]) -> None:
        self.disk.make_folder(self.folder)
        for name in FOLDERS:
            self.disk.make_folder(self.folder / name)
        self._lock = WriterLock(self.folder)
        data = CaseFile(self.case_id, self.slots).write()
        first = {"case": self.case_id, "key": base64.b64encode(self.keys.public).decode()} | body
        self._append([Draft(kinds.CASE, first), Draft(kinds.SLOTS, {"sha256": digest(data)})])
        self._place(self.folder / CASE_FILE, [data])  # from here on it is a case

    @classmethod
    def open_case(
        cls,
        folder: Path,
        unlock: Unlock,
        *,
        write: bool = False,
        disk: Disk | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> Vault:
        """Open a case.

        With ``write``, what an interrupted run left is put in order first, and said in
        `recovered`; a case with damage is opened for reading all the same.

        Raises:
            WrongPassphrase, CaseBusy, Damaged, StandfastError, StorageFailed.
        """
        case_file, data = read_case_file(folder)
        keys = Keys.of(unlock_key(case_file, unlock))
        vault = cls(folder, case_file, keys, disk=disk or Disk(), clock=clock)
        with storage_errors(lambda: _("Opening the case")):
            if write:
                vault._lock = WriterLock(folder)
            try:
                vault._load(data)
            except BaseException:
                vault.close()
                raise
        return vault

    def _load(self, case_file: bytes) -> None:
        self.state = self.ledger.load()
        for entry in self.state.entries:
            self.tree.append(leaf_hash(entry.raw))
            self.index.take(entry)
        findings = examine(self, case_file)
        self.problems = findings.problems
        if self._lock is None:
            return
        if self.problems:
            self._release()
            return
        self.recovered = tidy(self, findings)
        if self.recovered:
            self._append([Draft(kinds.RECOVER, self.recovered)])

    @property
    def writable(self) -> bool:
        """Say whether this opening may write."""
        return self._lock is not None and not self._failed

    def close(self) -> None:
        """Let go of the case."""
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
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
        """Commit entries, all or none.

        Raises:
            Damaged: the case is read-only because of damage.
            StorageFailed: the disk refused; nothing was added.
        """
        self._must_write()
        with storage_errors(lambda: _("Adding to the case")):
            return self._append(drafts)

    def _append(self, drafts: Iterable[Draft]) -> list[Entry]:
        now = stamp(self.clock())
        drafts = [*self._clock_draft(now), *drafts]
        first = len(self.entries)
        entries = [write_entry(first + i, draft, now) for i, draft in enumerate(drafts)]
        try:
            for folder in sorted(self._folders):
                self.disk.flush_folder(folder)
            self._folders.clear()
            self.ledger.add(self.disk, self.state, entries)
        except OSError:
            self._failed = True  # what is on the disk now is known only after opening again
            raise
        for entry in entries:
            self.tree.append(leaf_hash(entry.raw))
            self.index.take(entry)
        self._seal_head()
        return entries

    def _clock_draft(self, now: str) -> list[Draft]:
        last = self.entries[-1].at if self.entries else ""
        return [Draft(kinds.CLOCK, {"was": last, "is": now})] if now < last else []

    def _seal_head(self) -> None:
        try:
            self._place(self.folder / "checkpoints" / HEAD, [self.head_note()])
        except OSError:
            self._failed = True  # the entries are in; the next opening seals them

    def head_note(self) -> bytes:
        """Sign the present head of the log."""
        return sign_note(self.head, self.keys.signing)

    @property
    def head(self) -> Checkpoint:
        """Give the present head: size and root of the log."""
        return Checkpoint(self.case_id, len(self.tree), self.tree.root())

    def _must_write(self) -> None:
        if self.problems:
            raise Damaged(
                _("This case is damaged, so it can only be read. Nothing was changed."),
                hint=_("Run “standfast verify” to see what is affected."),
            )
        if not self.writable:
            raise StandfastError(
                _("This case is not open for writing. Nothing was changed."),
                hint=_("Close it and open it again."),
            )

    # -- originals ---------------------------------------------------------------------------

    def keep(self, parts: Iterable[bytes]) -> Kept:
        """Encrypt an original into the folder; its entry is the caller's next `append`.

        Raises:
            StorageFailed: the disk refused; nothing was added.
        """
        self._must_write()
        with storage_errors(lambda: _("Keeping the file")):
            return self._keep(parts)

    def _keep(self, parts: Iterable[bytes]) -> Kept:
        file_id = new_file_id()
        meter = _Meter()
        scratch = self.scratch()
        descriptor = self.disk.create(scratch)
        try:
            with ThreadPoolExecutor(1) as pool:
                key = file_key(self.keys.blobs, file_id, "blob")
                for sealed in seal(meter.through(parts, pool), key, file_id):
                    self.disk.write(descriptor, sealed)
            known = meter.hex in self.index.items
            if not known:
                self.disk.flush(descriptor)
        except BaseException:
            _close_and_remove(descriptor, scratch)
            raise
        if known:
            _close_and_remove(descriptor, scratch)
            return Kept(meter.hex, meter.size, self.index.items[meter.hex]["file_id"], known=True)
        os.close(descriptor)
        self._name_blob(scratch, self.blob_path(meter.hex))
        return Kept(meter.hex, meter.size, file_id.hex(), known=False)

    def _name_blob(self, scratch: Path, path: Path) -> None:
        if not path.parent.exists():
            self.disk.make_folder(path.parent)
            self._folders.add(path.parent.parent)
        self.disk.rename(scratch, path)
        self._folders.add(path.parent)

    def blob_path(self, item: str) -> Path:
        """Give the place of an original by its SHA-256."""
        return self._named("blobs", f"blob\n{item}")

    def item_file(self, item: str) -> SealedFile:
        """Give what is needed to read one original, and no other.

        Raises:
            KeyError: the case has no such item, or it was erased.
        """
        file_id = bytes.fromhex(self.index.items[item]["file_id"])
        key = file_key(self.keys.blobs, file_id, "blob")
        return SealedFile(str(self.blob_path(item)), key, file_id)

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
        return self._named("segments", f"segment\n{reading_id}")

    def segment_file(self, reading_id: str) -> SealedFile:
        """Give what is needed to read the events of one reading."""
        file_id = sha256(b"standfast/segment-id/1\n" + bytes.fromhex(reading_id)).digest()
        key = file_key(self.keys.segments, file_id, "segment")
        return SealedFile(str(self.segment_path(reading_id)), key, file_id)

    def write_segment(self, reading_id: str, parts: Iterable[bytes]) -> None:
        """Write the events of a reading; they can always be read again from the original."""
        file = self.segment_file(reading_id)
        with storage_errors(lambda: _("Writing the events")):
            path = self.segment_path(reading_id)
            self.disk.make_folder(path.parent)
            sealed = seal(parts, file.key, file.file_id)
            self.disk.place(path, sealed, scratch=self.scratch(), durable=False)

    def read_segment(self, reading_id: str) -> BinaryIO:
        """Open the events of a reading.

        Raises:
            OSError: they are not there.
            Damaged: they are not as they were written.
        """
        return open_sealed(self.segment_file(reading_id))

    # -- erasing and slots -------------------------------------------------------------------

    def erase(self, item: str, reason: str) -> Entry:
        """Destroy an original and its events, leaving a tombstone in the ledger.

        Raises:
            WrongUsage: there is no such item.
        """
        body = self.index.items.get(item)
        if body is None:
            raise WrongUsage(_("There is no such item in this case."), hint="")
        reading = self.index.readings.get(item)
        (entry,) = self.append(Draft(kinds.ERASE, {"item": item, "reason": reason}))[-1:]
        with storage_errors(lambda: _("Erasing")):
            self.disk.remove(self.blob_path(item))
            if reading is not None:
                self.disk.remove(self.segment_path(reading["id"]))
        return entry

    def change_slots(self, slots: tuple[Slot, ...]) -> None:
        """Replace the key slots: first in the ledger, then on the disk."""
        data = CaseFile(self.case_id, slots).write()
        self.append(Draft(kinds.SLOTS, {"sha256": digest(data)}))
        with storage_errors(lambda: _("Changing the keys")):
            self._place(self.folder / CASE_FILE, [data])
        self.slots = slots

    def change_passphrase(self, passphrase: str, work: Work | None = None) -> None:
        """Give the case a new passphrase; an older copy still opens with the old one."""
        fresh = passphrase_slot(self.case_id, self.keys.case, passphrase, work or Work())
        kept = tuple(slot for slot in self.slots if slot.kind != "passphrase")
        self.change_slots((fresh, *kept))

    def add_recipient(self, recipient: str) -> str:
        """Give an age recipient access to everything; returns the slot's id."""
        slot = recipient_slot(self.case_id, self.keys.case, recipient)
        self.change_slots((*self.slots, slot))
        return slot.id

    # -- small things ------------------------------------------------------------------------

    def scratch(self) -> Path:
        """Give a new name for a file that is being written; it holds only ciphertext."""
        return self.folder / "tmp" / secrets.token_hex(8)

    def _place(self, path: Path, parts: Iterable[bytes]) -> None:
        self.disk.place(path, parts, scratch=self.scratch(), durable=True)

    def place_checkpoint(self, name: str, data: bytes) -> None:
        """Keep a file beside the head: an anchored checkpoint or an authority's answer."""
        with storage_errors(lambda: _("Keeping the time stamp")):
            self._place(self.folder / "checkpoints" / name, [data])

    def _named(self, folder: str, what: str) -> Path:
        name = hmac.new(self.keys.names, what.encode(), "sha256").hexdigest()
        return self.folder / folder / name[:2] / name[2:]


def _close_and_remove(descriptor: int, path: Path) -> None:
    os.close(descriptor)
    with suppress(OSError):
        path.unlink()


class _Meter:
    """Counts and hashes bytes on their way, the hash on a second core."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = sha256()

    def through(self, parts: Iterable[bytes], pool: ThreadPoolExecutor) -> Iterator[bytes]:
        waiting = None
        for part in parts:
            self.size += len(part)
            if waiting is not None:
                waiting.result()
            waiting = pool.submit(self._hash.update, part)
            yield part
        if waiting is not None:
            waiting.result()

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()

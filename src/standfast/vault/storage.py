# SPDX-License-Identifier: Apache-2.0
"""The file layer: every write, flush and rename of a case folder goes through here.

Rules enforced here:

* nothing is written in place: a file appears under its name only whole (`place`), and the ledger
  only grows (`append`);
* a write is not done before its flush is: a failing flush is final, never tried again on the same
  descriptor, and what it should have kept is taken away;
* whatever the disk refuses becomes a `StorageFailed` that says what is safe.

Tests put a layer of their own in its place that fails or kills the process at any step.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from standfast.errors import StorageFailed
from standfast.i18n import _

if sys.platform == "darwin":  # pragma: no cover - needed there only
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700
NOT_FOR_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP})


class Disk:
    """Durable files on the disk of this computer.

    The first methods are single steps, each of which may fail; the last three are made of them.
    """

    def create(self, path: Path) -> int:
        """Open a new file for writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, OWNER_ONLY)

    def open_end(self, path: Path) -> int:
        """Open a file to add to or to shorten, and make it if it is not there."""
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, OWNER_ONLY)

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        """Write all of the data at the descriptor's position."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def shorten(self, descriptor: int, size: int) -> None:
        """Cut a file to a length."""
        os.ftruncate(descriptor, size)

    def flush(self, descriptor: int) -> None:
        """Make what was written survive a loss of power."""
        if sys.platform == "darwin":  # pragma: no cover - there fsync stops at the drive's cache
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        os.fsync(descriptor)

    def flush_folder(self, folder: Path) -> None:
        """Make new names in a folder survive a loss of power.

        Some file systems (network shares, some sticks) have no such thing and say so.
        """
        if sys.platform == "win32":  # pragma: no cover - Windows has no such thing either
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        except OSError as problem:
            if problem.errno not in NOT_FOR_FOLDERS:
                raise
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a finished file its name, replacing what had it."""
        old.replace(new)

    def make_folder(self, folder: Path) -> None:
        """Make one folder that only its owner may enter; the one above it must be there.

        So a stick that was pulled out is not replaced by a folder on the computer's own disk.
        """
        folder.mkdir(mode=FOLDER_OWNER_ONLY, exist_ok=True)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def place(self, path: Path, parts: Iterable[bytes], *, scratch: Path, durable: bool) -> None:
        """Write a whole file and give it its name in one step.

        A file that need not survive a loss of power (``durable`` is false) is not flushed.
        """
        descriptor = self.create(scratch)
        try:
            for part in parts:
                self.write(descriptor, part)
            if durable:
                self.flush(descriptor)
        except BaseException:
            self.discard(descriptor, scratch)
            raise
        os.close(descriptor)
        self.rename(scratch, path)
        if durable:
            self.flush_folder(path.parent)

    def discard(self, descriptor: int, scratch: Path) -> None:
        """Give up a file that is being written."""
        os.close(descriptor)
        with suppress(OSError):  # the next opening removes it
            self.remove(scratch)

    def append(self, path: Path, at: int, data: bytes) -> None:
        """Add to the end of a file that must now be ``at`` bytes long, and flush it.

        What could not be written or flushed whole is taken away again: after a failed flush
        nobody knows what is on the disk, so nothing may build on it.
        """
        descriptor = self.open_end(path)
        try:
            if os.lseek(descriptor, 0, os.SEEK_END) != at:
                raise StorageFailed(
                    _("The case's log is longer than it was a moment ago: nothing was added."),
                    hint=_("Close every other program that may use this folder and try again."),
                )
            self._write_or_undo(descriptor, at, data)
        finally:
            os.close(descriptor)
        if at == 0:
            self.flush_folder(path.parent)

    def _write_or_undo(self, descriptor: int, at: int, data: bytes) -> None:
        try:
            self.write(descriptor, data)
            self.flush(descriptor)
        except BaseException:
            with suppress(OSError):  # a torn tail is recovered on the next opening anyway
                self.shorten(descriptor, at)
            raise

    def cut(self, path: Path, at: int) -> None:
        """Cut a file to a length, and flush it."""
        descriptor = self.open_end(path)
        try:
            self.shorten(descriptor, at)
            self.flush(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def storage_errors(
    doing: Callable[[], str], outcome: Callable[[], str] | None = None
) -> Iterator[None]:
    """Turn what the disk says into a sentence.

    ``doing`` words what was being done; ``outcome`` what holds now, where it is not simply that
    nothing was added.
    """
    try:
        yield
    except OSError as problem:
        holds = (outcome or _nothing_added)()
        sentence = _("{doing} did not work: {reason}.").format(
            doing=doing(), reason=_reason(problem)
        )
        message = f"{sentence} {holds}"
        raise StorageFailed(message, hint=_advice(problem)) from problem


def _nothing_added() -> str:
    return _("What the case already held is unchanged; what was just being added is not in it.")


def _reason(problem: OSError) -> str:
    reasons = {
        errno.ENOSPC: _("the disk is full"),
        errno.EDQUOT: _("the disk is full"),
        errno.EFBIG: _("the disk cannot hold a file as large as this"),
        errno.EROFS: _("the disk can only be read"),
        errno.EACCES: _("this account may not write there"),
        errno.EPERM: _("this account may not write there"),
        errno.EIO: _("the disk does not answer as it should"),
        errno.ENODEV: _("the disk is gone"),
        errno.ENOENT: _("the folder is gone"),
    }
    return reasons.get(problem.errno or 0, problem.strerror or str(problem))


def _advice(problem: OSError) -> str:
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("Free some space on that disk, then do the same again.")
    if problem.errno in {errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}:
        return _("Copy the case folder to a disk you can write to, and open it there.")
    return _("Check that the disk or USB stick is plugged in, then open the case again.")

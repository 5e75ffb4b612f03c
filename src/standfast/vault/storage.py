# SPDX-License-Identifier: Apache-2.0
"""The file layer: every write, flush and rename of a case folder goes through here.

Rules enforced here:

* nothing is written in place: a file appears under its name only whole (`place`), and the ledger
  only grows (`append`);
* a write is not done before its flush is: a failing flush is final and never tried again on the
  same descriptor;
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

if sys.platform == "darwin":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700


class Disk:
    """Durable files on the disk of this computer."""

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        """Write all of the data at the descriptor's position."""
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]

    def flush(self, descriptor: int) -> None:
        """Make what was written survive a loss of power."""
        if sys.platform == "darwin":  # there fsync leaves the data in the drive's cache
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fsync(descriptor)

    def flush_folder(self, folder: Path) -> None:
        """Make new names in a folder survive a loss of power."""
        if os.name != "posix":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            self.flush(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Give a finished file its name, replacing what had it."""
        old.replace(new)

    def make_folder(self, folder: Path) -> None:
        """Make a folder that only its owner may enter."""
        folder.mkdir(mode=FOLDER_OWNER_ONLY, parents=True, exist_ok=True)

    def remove(self, path: Path) -> None:
        """Remove a file if it is there."""
        path.unlink(missing_ok=True)

    def cut(self, path: Path, at: int) -> None:
        """Cut a file to a length, and flush it."""
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            os.ftruncate(descriptor, at)
            self.flush(descriptor)
        finally:
            os.close(descriptor)

    def create(self, path: Path) -> int:
        """Open a new file for writing."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, OWNER_ONLY)

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
            os.close(descriptor)
            with suppress(OSError):
                scratch.unlink()
            raise
        os.close(descriptor)
        self.rename(scratch, path)
        if durable:
            self.flush_folder(path.parent)

    def append(self, path: Path, at: int, data: bytes) -> None:
        """Add to the end of a file that must now be ``at`` bytes long, and flush it."""
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, OWNER_ONLY)
        try:
            if os.lseek(descriptor, 0, os.SEEK_END) != at:
                raise StorageFailed(
                    _("The case's log is longer than it was a moment ago: nothing was added."),
                    hint=_("Close every other program that may use this folder and try again."),
                )
            self._write_or_undo(descriptor, at, data)
            self.flush(descriptor)
        finally:
            os.close(descriptor)
        if at == 0:
            self.flush_folder(path.parent)

    def _write_or_undo(self, descriptor: int, at: int, data: bytes) -> None:
        try:
            self.write(descriptor, data)
        except OSError:
            with suppress(OSError):  # a torn tail is recovered on the next opening anyway
                os.ftruncate(descriptor, at)
            raise


@contextmanager
def storage_errors(doing: Callable[[], str]) -> Iterator[None]:
    """Turn what the disk says into a sentence; ``doing`` words what was being done."""
    try:
        yield
    except OSError as problem:
        raise StorageFailed(_sentence(problem, doing()), hint=_advice(problem)) from problem


def _sentence(problem: OSError, doing: str) -> str:
    reasons = {
        errno.ENOSPC: _("the disk is full"),
        errno.EDQUOT: _("the disk is full"),
        errno.EROFS: _("the disk can only be read"),
        errno.EACCES: _("this account may not write there"),
        errno.EPERM: _("this account may not write there"),
        errno.EIO: _("the disk does not answer as it should"),
        errno.ENODEV: _("the disk is gone"),
        errno.ENOENT: _("the folder is gone"),
    }
    reason = reasons.get(problem.errno or 0, problem.strerror or str(problem))
    return _(
        "{doing} did not work: {reason}. What the case already held is unchanged; what was just "
        "being added is not in it."
    ).format(doing=doing, reason=reason)


def _advice(problem: OSError) -> str:
    if problem.errno in {errno.ENOSPC, errno.EDQUOT}:
        return _("Free some space on that disk, then do the same again.")
    if problem.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return _("Copy the case folder to a disk you can write to, and open it there.")
    return _("Check that the disk or USB stick is plugged in, then open the case again.")

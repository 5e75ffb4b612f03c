# SPDX-License-Identifier: Apache-2.0
"""One writer at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from standfast.errors import CaseBusy
from standfast.i18n import _
from standfast.vault.storage import OWNER_ONLY

if sys.platform == "win32":  # pragma: no cover - Windows has no flock
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lock"
HELD = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK})


class WriterLock:
    """The right to write one case folder."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            CaseBusy: another program holds it.
            OSError: the folder cannot be written, or knows no locks.
        """
        self._descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        try:
            _take(self._descriptor, alone=True)
        except OSError as problem:
            os.close(self._descriptor)
            if problem.errno not in HELD:
                raise
            raise CaseBusy(
                _("This case is open for writing in another window. Nothing was changed."),
                hint=_("Close it there, or wait until it is done, then try again."),
            ) from problem

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)


def held_elsewhere(folder: Path) -> bool:
    """Say whether another program is writing the case now; a reader may ask."""
    try:
        descriptor = os.open(folder / NAME, os.O_RDONLY)
    except OSError:
        return False
    try:
        _take(descriptor, alone=False)
    except OSError as problem:
        return problem.errno in HELD
    finally:
        os.close(descriptor)  # lets go of it again
    return False


def _take(descriptor: int, *, alone: bool) -> None:
    if sys.platform == "win32":  # pragma: no cover - Windows has no flock
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        return
    fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)

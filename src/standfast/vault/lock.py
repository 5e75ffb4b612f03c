# SPDX-License-Identifier: Apache-2.0
"""One writer at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from standfast.errors import CaseBusy
from standfast.i18n import _
from standfast.vault.storage import OWNER_ONLY

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lock"


class WriterLock:
    """The right to write one case folder."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            CaseBusy: another program holds it.
            OSError: the folder cannot be written.
        """
        self._descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            os.close(self._descriptor)
            raise CaseBusy(
                _("This case is open for writing in another window. Nothing was changed."),
                hint=_("Close it there, or wait until it is done, then try again."),
            ) from problem

    def release(self) -> None:
        """Let go."""
        os.close(self._descriptor)

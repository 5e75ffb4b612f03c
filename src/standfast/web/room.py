# SPDX-License-Identifier: Apache-2.0
"""The room: everything one running server holds.

Rules enforced here:

* locking takes effect at once for every page; keys and plain text are let go of as soon as no page
  and no job is using them any more;
* after the idle time without a sign of the person the room locks itself;
* leaving (quick exit) locks, ends every session and stops long work; the server then answers with
  an empty page only, and ends after a while.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from standfast.web.jobs import Jobs
from standfast.web.keys import Keys
from standfast.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Sitting, Unlock

IDLE_SECONDS = 600
LINGER_SECONDS = 600
"""How long an empty page is still answered after leaving."""
FORSAKEN_SECONDS = 3600
"""How long a locked server waits for somebody to come back."""


class Room:
    """What the server holds: at most one case, its jobs, who may ask, and what addresses mean."""

    def __init__(self, folder: Path | None = None, *, language: str = "") -> None:
        """Begin locked. ``folder`` is the case, which need not exist yet."""
        self.folder = folder
        self.language = language
        self.idle_seconds = IDLE_SECONDS
        self.sessions = Sessions()
        self.keys = Keys()
        self.jobs = Jobs()
        self.left_at: float | None = None
        self.seen_at = time.monotonic()
        self._sitting: Sitting | None = None
        self._shut = True
        self._users = 0
        self._changing = threading.RLock()

    # -- the case ----------------------------------------------------------------------------

    @property
    def unlocked(self) -> bool:
        """Say whether pages may show the case."""
        return not self._shut and self._sitting is not None

    def unlock(self, folder: Path, how: Unlock) -> None:
        """Open a case for the pages.

        Raises:
            WrongPassphrase, Damaged, StandfastError.
        """
        from standfast.desk import Sitting  # noqa: PLC0415 - the first page must come at once

        fresh = Sitting.begin(folder, how)
        with self._changing:
            old, self._sitting, self.folder, self._shut = self._sitting, fresh, folder, False
        if old is not None:
            self.jobs.cancel_all()
            old.close()

    def lock(self) -> None:
        """Show the case to nobody until it is unlocked again."""
        with self._changing:
            self._shut = True
            self.keys.forget()
            self.jobs.forget()
            self._let_go()

    def leave(self) -> None:
        """Lock, stop long work and answer nobody any more."""
        with self._changing:
            self.jobs.cancel_all()
            self.sessions.end()
            self.left_at = time.monotonic()
            self.lock()

    @contextmanager
    def using(self) -> Iterator[Sitting | None]:
        """Give the open case, which stays open within the block; ``None`` while locked."""
        with self._changing:
            sitting = self._sitting if not self._shut else None
            self._users += 1
        try:
            yield sitting
        finally:
            with self._changing:
                self._users -= 1
                self._let_go()

    def _let_go(self) -> None:
        if self._shut and self._sitting is not None and not self._users and not self.jobs.busy:
            self._sitting.close()
            self._sitting = None

    # -- the clock ---------------------------------------------------------------------------

    def touch(self) -> None:
        """Take notice that the person is there."""
        self.seen_at = time.monotonic()

    def tick(self, now: float) -> bool:
        """Lock when nobody is there; gives whether the server has nothing left to do."""
        idle = now - self.seen_at
        if self.unlocked and idle > self.idle_seconds:
            self.lock()
        with self._changing:
            self._let_go()
        if self.left_at is not None:
            return now - self.left_at > LINGER_SECONDS
        return self._sitting is None and idle > FORSAKEN_SECONDS

    def close(self) -> None:
        """Let go of everything, at the server's end."""
        self.jobs.cancel_all()
        self.lock()
        self.jobs.wait()
        with self._changing:
            self._let_go()

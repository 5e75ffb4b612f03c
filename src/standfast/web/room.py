# SPDX-License-Identifier: Apache-2.0
"""The room: everything one running server holds.

Rules enforced here:

* locking takes effect at once for every page; keys and plain text are let go of as soon as no page
  and no job is using them any more;
* after the idle time without a sign of the person the room locks itself; time while the computer
  slept counts;
* leaving (quick exit) locks, ends every session and stops long work; the server then answers with
  an empty page only, and ends after a while;
* attempts to unlock are made one at a time, and wait longer the more of them did not fit.
"""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.errors import Locked, WrongPassphrase
from standfast.i18n import _, ngettext
from standfast.web.jobs import Job, Jobs
from standfast.web.keys import Keys
from standfast.web.sessions import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from standfast.desk import Sitting, Unlock

IDLE_SECONDS = 600
LINGER_SECONDS = 600
"""How long an empty page is still answered after leaving."""
FORSAKEN_SECONDS = 3600
"""How long a locked server waits for somebody to come back."""
FREE_ATTEMPTS = 5
MOST_WAITING = 60.0
"""How long the next attempt to unlock waits at most, in seconds."""
END_SECONDS = 20.0
"""How long the server's end waits for work to notice that it was cancelled."""


def clock() -> float:
    """Give the seconds of a clock that nobody sets and that goes on while the computer sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":  # where Python's own monotonic clock stops in sleep
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


@dataclass(slots=True, eq=False)
class _Held:
    """An open case and how many pages and jobs are using it."""

    sitting: Sitting
    folder: Path
    users: int = 0


class Room:
    """What the server holds: at most one case, its jobs, who may ask, and what addresses mean."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        language: str = "",
        begin: Callable[[Path, Unlock], Sitting] | None = None,
    ) -> None:
        """Begin locked. ``folder`` is the case, which need not exist yet."""
        self.folder = folder
        self.language = language
        self.idle_seconds: int = IDLE_SECONDS
        self.sessions = Sessions()
        self.keys = Keys()
        self.jobs = Jobs()
        self.left_at: float | None = None
        self.ending = False
        self.seen_at = clock()
        self._begin = begin or _begin
        self._held: _Held | None = None
        self._former: list[_Held] = []
        self._shut = True
        self._changing = threading.RLock()
        self._attempt = threading.Lock()
        self._wrong = 0
        self._not_before = 0.0

    # -- the case ----------------------------------------------------------------------------

    @property
    def unlocked(self) -> bool:
        """Say whether pages may show the case."""
        return not self._shut and self._sitting is not None

    @property
    def _sitting(self) -> Sitting | None:
        return self._held.sitting if self._held is not None else None

    def unlock(self, folder: Path, how: Unlock) -> None:
        """Open a case for the pages; where work still uses the same case, they share it.

        Raises:
            Locked: another attempt is under way, or too many did not fit.
            WrongPassphrase, Damaged, StandfastError: as the desk says.
        """
        if not self._attempt.acquire(blocking=False):
            raise Locked(
                _("Another attempt to unlock is still under way."),
                hint=_("Wait a moment, then try again."),
            )
        try:
            self._wait_enough()
            fresh = self._begin(folder, how)
            self._wrong = 0
        except WrongPassphrase:
            self._wrong += 1
            waiting = 2.0 ** (self._wrong - FREE_ATTEMPTS) if self._wrong >= FREE_ATTEMPTS else 0
            self._not_before = clock() + min(MOST_WAITING, waiting)
            raise
        finally:
            self._attempt.release()
        self._show(folder, fresh)

    def _wait_enough(self) -> None:
        seconds = int(self._not_before - clock()) + 1
        if self._not_before > clock():
            raise Locked(
                ngettext(
                    "Several attempts did not fit. The next one can be made in {count} second.",
                    "Several attempts did not fit. The next one can be made in {count} seconds.",
                    seconds,
                ).format(count=seconds),
                hint=_("Take your time. The recovery code on your sheet opens the case as well."),
            )

    def _show(self, folder: Path, fresh: Sitting) -> None:
        """Show a case that was just opened, unless the person left meanwhile."""
        with self._changing:
            new = _Held(fresh, folder.absolute())
            if self.ending:
                self._former.append(new)
            elif self._held is not None and self._held.folder == new.folder:
                self._former.append(new)  # the one that work goes on in stays
                self.folder, self._shut = folder, False
            else:
                if self._held is not None:
                    self.jobs.cancel_all()
                    self._former.append(self._held)
                self._held, self.folder, self._shut = new, folder, False
            self.touch()
        self._let_go()

    def lock(self) -> None:
        """Show the case to nobody until it is unlocked again."""
        with self._changing:
            self._shut = True
            self.keys.forget()
            self.jobs.forget()
            self.sessions.hush()
        self._let_go()

    def leave(self) -> None:
        """Lock, stop long work and answer nobody any more."""
        with self._changing:
            if self.left_at is None:
                self.left_at = clock()
            self.sessions.end()
        self.end()
        self.lock()

    def end(self) -> None:
        """Take nothing more in, and ask long work to stop."""
        self.ending = True
        self.jobs.end()

    @contextmanager
    def using(self) -> Iterator[Sitting | None]:
        """Give the open case, which stays open within the block; ``None`` while locked."""
        held = self._hold()
        try:
            yield held.sitting if held is not None else None
        finally:
            self._release(held)

    def start(
        self, title: str, work: Callable[[Sitting, Job], Any], then: str = "", *, sitting: Sitting
    ) -> Job:
        """Begin long work on a case that is in use; it stays open until the work is over."""
        with self._changing:
            everything = [*self._former, *([self._held] if self._held is not None else [])]
            held = next(one for one in everything if one.sitting is sitting)
            held.users += 1
        return self.jobs.start(
            title, lambda job: work(sitting, job), then, lambda: self._release(held)
        )

    def _hold(self) -> _Held | None:
        with self._changing:
            held = None if self._shut else self._held
            if held is not None:
                held.users += 1
            return held

    def _release(self, held: _Held | None) -> None:
        if held is None:
            return
        with self._changing:
            held.users -= 1
        self._let_go()

    def _let_go(self, *, by_force: bool = False) -> None:
        """Close what nobody uses any more; closing can take a moment and keeps nobody waiting."""
        with self._changing:
            if self._shut and self._held is not None and (by_force or not self._held.users):
                self._former.append(self._held)
                self._held = None
            doomed = [one for one in self._former if by_force or not one.users]
            self._former = [one for one in self._former if one not in doomed]
        for one in doomed:
            one.sitting.close()
        if doomed and self._shut:
            self.jobs.forget()

    # -- the clock ---------------------------------------------------------------------------

    def touch(self) -> None:
        """Take notice that the person is there."""
        self.seen_at = clock()

    @property
    def idle_left(self) -> float:
        """Give the seconds until the room locks itself, if nobody shows up."""
        return max(0.0, self.idle_seconds - (clock() - self.seen_at))

    def tick(self, now: float) -> bool:
        """Lock when nobody is there; gives whether the server has nothing left to do."""
        idle = now - self.seen_at
        if self.unlocked and idle > self.idle_seconds:
            self.lock()
        if self.left_at is not None:
            return now - self.left_at > LINGER_SECONDS
        return self._sitting is None and idle > FORSAKEN_SECONDS

    def close(self) -> bool:
        """Let go of everything, at the server's end.

        Gives whether all work has ended; else it is in the middle of something, and what it had
        committed is whole.
        """
        self.end()
        self.lock()
        ended = self.jobs.wait(END_SECONDS)
        if ended:
            self._let_go(by_force=True)
        return ended


def _begin(folder: Path, how: Unlock) -> Sitting:
    from standfast.desk import Sitting  # noqa: PLC0415 - the first page must come at once

    return Sitting.begin(folder, how)

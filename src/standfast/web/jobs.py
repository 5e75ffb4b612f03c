# SPDX-License-Identifier: Apache-2.0
"""Long work beside the pages: a thread, its progress, its end.

A job goes on while its page is reloaded or closed. It is cancelled at its next sign of progress;
what it had committed by then is kept. One job runs at a time, the others wait in order.
"""

from __future__ import annotations

import contextvars
import secrets
import threading
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from standfast.errors import StandfastError
from standfast.web.bugs import tell_bug

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 200


class Cancelled(Exception):
    """The person asked to stop."""


@dataclass(slots=True, eq=False)
class Job:
    """Long work: how far it is, and what came of it.

    ``state`` is ``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``; ``phase`` is a
    sentence in the person's language; ``then`` is the address to go to when it is done.
    """

    title: str
    then: str = ""
    key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    state: str = "waiting"
    phase: str = ""
    total: int = 0
    done: int = 0
    result: Any = None
    problem: StandfastError | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def over(self) -> bool:
        """Say whether nothing more will happen."""
        return self.state in {"done", "failed", "cancelled"}

    @property
    def percent(self) -> int:
        """Give how far the phase is, 0 to 100."""
        return min(100, self.done * 100 // self.total) if self.total > 0 else 0

    def cancel(self) -> None:
        """Ask it to stop at its next sign of progress."""
        self._stop.set()

    def start(self, what: str, total: int) -> None:
        """Take notice of a phase (`standfast.desk.progress.Progress`)."""
        self._must_go_on()
        self.phase, self.total, self.done = what, total, 0

    def step(self, done: int) -> None:
        """Take notice of work that was done."""
        self._must_go_on()
        self.done += done

    def _must_go_on(self) -> None:
        if self._stop.is_set():
            raise Cancelled


class Jobs:
    """The jobs of one server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._ended = False

    def start(
        self,
        title: str,
        work: Callable[[Job], Any],
        then: str = "",
        over: Callable[[], None] = lambda: None,
    ) -> Job:
        """Put work in the queue.

        ``work`` is given the job, which is a `Progress`. ``over`` is called when nothing more will
        happen, whatever came of it; after `end` a job is cancelled before it begins.
        """
        job = Job(title, then)
        with self._lock:
            self._jobs[job.key] = job
            done = [one for one in self._jobs.values() if one.over]
            for old in done[: max(0, len(self._jobs) - MOST)]:
                del self._jobs[old.key]
            if self._ended:
                job.cancel()
            context = contextvars.copy_context()
            try:
                self._pool.submit(context.run, self._run, job, work, over)
            except RuntimeError:  # the server ends
                job.state = "cancelled"
                over()
        return job

    def _run(self, job: Job, work: Callable[[Job], Any], over: Callable[[], None]) -> None:
        try:
            job._must_go_on()  # noqa: SLF001 - the job's own queue
            job.state = "running"
            job.result = work(job)
            job.state = "done"
        except Cancelled:
            job.state = "cancelled"
        except StandfastError as problem:
            job.problem = problem
            job.state = "failed"
        except BaseException as bug:  # noqa: BLE001 - a bug of ours must not show what a case holds
            tell_bug(bug)
            job.state = "failed"
        finally:
            over()

    def find(self, key: str) -> Job | None:
        """Give a job."""
        with self._lock:
            return self._jobs.get(key)

    @property
    def busy(self) -> bool:
        """Say whether work is under way or waiting."""
        return bool(self.running)

    @property
    def running(self) -> tuple[Job, ...]:
        """Give the jobs that are not over."""
        with self._lock:
            return tuple(one for one in self._jobs.values() if not one.over)

    def cancel_all(self) -> None:
        """Ask every job to stop."""
        for job in self.running:
            job.cancel()

    def end(self) -> None:
        """Ask every job to stop, those too that somebody is about to start."""
        self._ended = True
        self.cancel_all()

    def wait(self, patience: float) -> bool:
        """Take nothing more, and give whether all work ended within so many seconds."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        begun = time.monotonic()
        while any(one.state == "running" for one in self.running):
            if time.monotonic() - begun > patience:
                return False
            time.sleep(0.02)
        return True

    def forget(self) -> None:
        """Forget what is over: results hold what the case holds."""
        with self._lock:
            for job in [one for one in self._jobs.values() if one.over]:
                del self._jobs[job.key]

# SPDX-License-Identifier: Apache-2.0
"""What takes long is worked out beside the pages: nobody waits for a detector.

Rules enforced here: work runs once for the same events and the same statements, in a thread of its
own; until it is done the answer is "not yet"; what went wrong in the thread is raised to whoever
asks next, and tried again after that.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from standfast.desk import looking

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from standfast.desk.case import Desk
    from standfast.model.finding import Finding

T = TypeVar("T")
GRACE = 0.05
"""Seconds that are waited for a small case."""


class _Run(Generic[T]):
    """Work on one state of the events, again after a failure."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._done: list[T] = []
        self._problem: Exception | None = None

    def by_now(self, work: Callable[[], T], patience: float) -> T | None:
        with self._turn:
            if not self._done and self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(work,), daemon=True)
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(patience)
        with self._turn:
            problem, self._problem = self._problem, None
            if problem is not None:
                raise problem
            return self._done[0] if self._done else None

    def _work(self, work: Callable[[], T]) -> None:
        try:
            done, problem = [work()], None
        except Exception as caught:  # noqa: BLE001 - raised to whoever asks, in their thread
            done, problem = [], caught
        with self._turn:
            self._done, self._problem, self._thread = done, problem, None


def by_now(
    desk: Desk, question: Hashable, work: Callable[[], T], patience: float = GRACE
) -> T | None:
    """Give what work on the desk's events came to, or ``None`` while it is under way.

    The first who asks begins it; ``question`` tells one work from another.

    Raises:
        Exception: whatever the last run ended with; the next call begins another one.
    """
    run: _Run[T] = desk.memory.once(("by now", question), _Run)
    return run.by_now(work, patience)


def found_by_now(desk: Desk, *, patience: float = GRACE) -> tuple[Finding, ...] | None:
    """Give what the detectors find, or ``None`` while they are at work, which this begins."""
    question = ("findings", looking.settings(desk))
    return by_now(desk, question, lambda: looking.found(desk), patience)

# SPDX-License-Identifier: Apache-2.0
"""Findings worked out beside the pages: nobody waits for a detector.

Rules enforced here: the detectors run once for the same events and the same statements, in a thread
of their own; until they are done the answer is "not yet"; what went wrong in the thread is raised
to whoever asks next, and tried again after that.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from standfast.desk import looking

if TYPE_CHECKING:
    from standfast.desk.case import Desk
    from standfast.model.finding import Finding

GRACE = 0.05
"""Seconds that are waited for a small case."""


class _Run:
    """The detectors at work on one state of the events, again after a failure."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: tuple[Finding, ...] | None = None
        self._problem: Exception | None = None

    def by_now(self, desk: Desk, patience: float) -> tuple[Finding, ...] | None:
        with self._turn:
            if self._found is None and self._thread is None:
                self._thread = threading.Thread(target=self._work, args=(desk,), daemon=True)
                self._thread.start()
            thread = self._thread
        if thread is not None:
            thread.join(patience)
        with self._turn:
            problem, self._problem = self._problem, None
            if problem is not None:
                raise problem
            return self._found

    def _work(self, desk: Desk) -> None:
        try:
            found = looking.found(desk)
        except Exception as problem:  # noqa: BLE001 - raised to whoever asks, in their thread
            with self._turn:
                self._problem, self._thread = problem, None
        else:
            with self._turn:
                self._found, self._thread = found, None


def found_by_now(desk: Desk, *, patience: float = GRACE) -> tuple[Finding, ...] | None:
    """Give what the detectors find, or ``None`` while they are at work, which this begins.

    Raises:
        Exception: whatever the last run ended with; the next call begins another one.
    """
    run = desk.memory.once(("findings ahead", looking.settings(desk)), _Run)
    return run.by_now(desk, patience)

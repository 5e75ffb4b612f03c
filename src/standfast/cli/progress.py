# SPDX-License-Identifier: Apache-2.0
"""Progress on the terminal: on standard error, and only when somebody is looking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class TerminalProgress:
    """Draws a bar; silent where standard error is no terminal."""

    def __init__(self) -> None:
        """Draw nothing before there is work."""
        self._bars: Progress | None = None
        self._task: TaskID | None = None

    def start(self, what: str, total: int) -> None:
        """Begin a piece of work of so many units; 0 when unknown."""
        if not sys.stderr.isatty():
            return
        if self._bars is None:
            from rich.console import Console  # noqa: PLC0415 - only commands that draw load it
            from rich.progress import (  # noqa: PLC0415 - likewise
                BarColumn,
                Progress,
                TextColumn,
                TimeRemainingColumn,
            )

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(what, total=total or None)

    def step(self, done: int) -> None:
        """Say how many units are done since the last step."""
        if self._bars is not None and self._task is not None:
            self._bars.advance(self._task, done)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bars is not None:
            self._bars.stop()

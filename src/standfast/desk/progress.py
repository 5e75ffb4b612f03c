# SPDX-License-Identifier: Apache-2.0
"""How long work speaks while it goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears how far work has come; a face draws it.

    A face that wants to stop the work raises `KeyboardInterrupt` from `step`: everything that was
    committed until then stays, and the same verb called again goes on from there.
    """

    def start(self, what: str, total: int) -> None:
        """Begin a piece of work of so many units (bytes or things); 0 when unknown."""
        ...

    def step(self, done: int) -> None:
        """Say how many units are done since the last step."""
        ...


class Silent:
    """Hears and says nothing."""

    def start(self, what: str, total: int) -> None:
        """Take no notice."""

    def step(self, done: int) -> None:
        """Take no notice."""

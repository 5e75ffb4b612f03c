# SPDX-License-Identifier: Apache-2.0
"""Chance that falls the same way every time.

Rules enforced here: a number depends on nothing but the name of the dice and how often they were
thrown, on every machine and in every version, so the demo's exports are always the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Thing = TypeVar("Thing")


class Dice:
    """Throws whole numbers, always in the same order for the same name."""

    def __init__(self, name: str) -> None:
        """Take up the dice of this name."""
        self._name = name
        self._throws = 0

    def between(self, lowest: int, highest: int) -> int:
        """Give a number from ``lowest`` to ``highest``, both included."""
        digest = hashlib.sha256(f"{self._name}:{self._throws}".encode()).digest()
        self._throws += 1
        return lowest + int.from_bytes(digest[:8], "big") % (highest - lowest + 1)

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """Give the things in another order."""
        rest = list(things)
        return [rest.pop(self.between(0, len(rest) - 1)) for _ in things]

    def drawn(self, things: Sequence[Thing]) -> Iterator[Thing]:
        """Give one thing after the other without end: all of them, then all again, shuffled."""
        while True:
            yield from self.shuffled(things)

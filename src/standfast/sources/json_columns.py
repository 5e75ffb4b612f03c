# SPDX-License-Identifier: Apache-2.0
"""Rows collected in one flat list and handed out as columns.

Rules enforced here:

* a column in which nothing differs is one value, which costs nothing to send;
* rows are handed out at `BATCH`, or at `BATCH_BYTES` of the original, whichever comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.model.event import EventBatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BATCH: Final = 2048
BATCH_BYTES: Final = 8 << 20


class Columns:
    """Collects the rows of one file.

    Attributes:
        full: whether it is time to hand rows out.
    """

    def __init__(self, names: tuple[str, ...], fixed: Mapping[str, str]) -> None:
        """Collect rows of these columns; ``fixed`` are the same for all."""
        self.full = False
        self._names = names
        self._fixed = fixed
        self._flat: list[Any] = []
        self._weight = 0

    def add(self, row: tuple[object, ...], weight: int) -> None:
        """Take a row that stands in so many bytes."""
        self._flat += row
        self._weight += weight
        if self._weight >= BATCH_BYTES or len(self._flat) >= BATCH * len(self._names):
            self.full = True

    def batch(self) -> EventBatch | None:
        """Hand out the rows collected since the last time; ``None`` when there are none."""
        width = len(self._names)
        rows = len(self._flat) // width
        if not rows:
            return None
        columns = {name: _column(self._flat[i::width]) for i, name in enumerate(self._names)}
        self._flat, self._weight, self.full = [], 0, False
        return EventBatch(rows, {**columns, **self._fixed})


def _column(values: list[Any]) -> Sequence[Any] | str | int | None:
    first = values[0]
    if first is values[-1] and values.count(first) == len(values):
        return first  # type: ignore[no-any-return]  # a cell: text, number or nothing
    return values

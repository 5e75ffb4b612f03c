# SPDX-License-Identifier: Apache-2.0
"""Reading everything that is kept and not read yet, letting others write in between.

What was read is committed group by group: stopping keeps it, and the next time goes on from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Collection

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.desk.sitting import Sitting

GROUP: Final = 32
PATIENCE: Final = 600.0
"""Seconds a group waits for whoever writes at that moment."""


class _Whole:
    """The progress of all groups as one; each group's own beginnings are not told."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def start(self, what: str, total: int) -> None:
        """Say nothing: it was begun once for all."""

    def step(self, done: int) -> None:
        """Pass it on."""
        self._progress.step(done)


def unread_items(desk: Desk) -> list[str]:
    """Give the originals (SHA-256) that are kept and that nothing has read yet."""
    items, readings = desk.state.items.values(), desk.state.readings
    return [one.sha256 for one in items if not one.erased and one.sha256 not in readings]


def read_on(sitting: Sitting, progress: Progress, again: Collection[str] = ()) -> None:
    """Read all of it; ``again`` are originals that were given once more (`Desk.read_unread`).

    Raises:
        CaseBusy: another program writes and does not end.
    """
    desk = sitting.look()
    waiting = [*unread_items(desk), *(one for one in again if one in desk.state.items)]
    progress.start(_("Reading"), sum(desk.state.items[one].size for one in waiting))
    whole = _Whole(progress)

    def group(desk: Desk) -> bool:
        return bool(desk.read_unread(whole, most=GROUP).files)

    while sitting.write(group, patience=PATIENCE):
        pass
    if again:
        sitting.write(lambda desk: desk.read_unread(whole, again=again), patience=PATIENCE)

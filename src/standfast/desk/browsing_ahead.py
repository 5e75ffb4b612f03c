# SPDX-License-Identifier: Apache-2.0
"""Views worked out beside the pages: nobody waits for a question about a million events.

How that is done, and what happens when it fails, stands in `standfast.desk.ahead`.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.desk.ahead import by_now
from standfast.i18n import language

if TYPE_CHECKING:
    from collections.abc import Callable

    from standfast.desk.case import Desk
    from standfast.desk.originals import OriginalView, Peeker
    from standfast.desk.picturing import PictureView
    from standfast.timeline.view import Days, Hours, Lanes, View
    from standfast.timeline.where import Where

GRACE: Final = 0.09
"""Seconds that are waited: most questions are answered within."""
MOST_PICTURES: Final = 24 << 20
"""Bytes of pictures that are kept."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a view amounts to: its days, its hours by weekday, its channels over time."""

    view: View
    days: Days
    hours: Hours
    lanes: Lanes


def view_by_now(desk: Desk, where: Where, *, patience: float = GRACE) -> View | None:
    """Give the view of some events, or ``None`` while it is worked out, which this begins.

    Its days are counted already.

    Raises:
        Exception: whatever the last try ended with; the next call begins another one.
    """

    def work() -> View:
        view = desk.browse(where)
        view.days()
        return view

    return by_now(desk, where, work, patience, family="views")


def counts_by_now(
    desk: Desk,
    where: Where,
    buckets: int,
    stretch: tuple[int | None, int | None] = (None, None),
) -> Counts | None:
    """Give what a view amounts to, likewise; the lanes are those of `View.lanes`."""

    def work() -> Counts:
        view = desk.browse(where)
        return Counts(view, view.days(), view.hours(), view.lanes(buckets, *stretch))

    return by_now(desk, (where, buckets, stretch), work, GRACE, family="views")


def hit_from(base: View, hits: View, place: int) -> int:
    """Give which hit is the first at a position of a view or after it, counted from 0.

    The number of hits when none is.
    """
    at = base.rows(place, 1)
    return hits.position_from(at[0].event) if at else hits.total


def place_of_hit(base: View, hits: View, number: int) -> int | None:
    """Give the position in a view of a hit by its number."""
    found = hits.rows(number, 1)
    return base.position_of(found[0].event) if found else None


def original_by_now(desk: Desk, event: str, peeker: Peeker) -> OriginalView | None:
    """Give an event's original bytes, or ``None`` while they are fetched, likewise.

    Raises:
        WrongUsage: there is no such event.
    """
    question = ("original", event, language())
    return by_now(desk, question, lambda: desk.original(event, peeker), GRACE, family="views")


def picture_kept(desk: Desk, event: str, attachment: int, peeker: Peeker) -> PictureView:
    """Give a picture drawn anew; those drawn last are kept, in memory only.

    Raises:
        WrongUsage: there is no such event or attachment.
    """
    kept = desk.memory.once("pictures", _Pictures)
    return kept.give(
        (event, attachment), lambda: desk.picture(event, attachment=attachment, peeker=peeker)
    )


class _Pictures:
    """The pictures that were drawn last, as many as there is room for."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], PictureView] = OrderedDict()

    def give(self, name: tuple[str, int], draw: Callable[[], PictureView]) -> PictureView:
        with self._turn:
            known = self._kept.get(name)
            if known is not None:
                self._kept.move_to_end(name)
                return known
        drawn = draw()
        if drawn.png:
            with self._turn:
                self._kept[name] = drawn
                while sum(len(one.png) for one in self._kept.values()) > MOST_PICTURES:
                    self._kept.popitem(last=False)
        return drawn

# SPDX-License-Identifier: Apache-2.0
"""Views worked out beside the pages: nobody waits for a question about a million events.

Rules enforced here: each question is worked out once for the same events, in a thread of its own;
until it is done the answer is "not yet"; what went wrong is raised to whoever asks next, and tried
again after that; a few answers are kept, the ones used last.
"""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from standfast.i18n import language

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from standfast.desk.case import Desk
    from standfast.desk.originals import OriginalView, Peeker
    from standfast.desk.picturing import PictureView
    from standfast.timeline.view import Days, Hours, Lanes, View
    from standfast.timeline.where import Where

T = TypeVar("T")
GRACE: Final = 0.09
"""Seconds that are waited: most questions are answered within."""
KEPT: Final = 6
MOST_PICTURES: Final = 24 << 20
"""Bytes of pictures that are kept."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a view amounts to: its days, its hours by weekday, its channels over time."""

    view: View
    days: Days
    hours: Hours
    lanes: Lanes


class _Asked:
    """The questions about one state of the events, and their answers."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def by_now(self, question: Hashable, work: Callable[[], T], patience: float) -> T | None:
        answer = self._begun(question, work)
        try:
            found: T = answer.result(patience)
        except TimeoutError:
            if answer.done():  # the work itself gave up
                self._drop(question, answer)
                raise
            return None
        except Exception:
            self._drop(question, answer)
            raise
        return found

    def _begun(self, question: Hashable, work: Callable[[], T]) -> Future[T]:
        with self._turn:
            answer = self._answers.get(question)
            if answer is None:
                answer = self._answers[question] = Future()
                run = contextvars.copy_context().run  # the language of whoever asks
                threading.Thread(target=run, args=(_work, answer, work), name="view").start()
            self._answers.move_to_end(question)
            over = [one for one, known in self._answers.items() if known.done()]
            for one in over[: max(0, len(self._answers) - KEPT)]:
                if one != question:
                    del self._answers[one]
            return answer

    def _drop(self, question: Hashable, answer: Future[Any]) -> None:
        with self._turn:
            if self._answers.get(question) is answer:
                del self._answers[question]


def _work(answer: Future[T], work: Callable[[], T]) -> None:
    try:
        answer.set_result(work())
    except Exception as problem:  # noqa: BLE001 - raised to whoever asks, in their thread
        answer.set_exception(problem)


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

    return _asked(desk).by_now(where, work, patience)


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

    return _asked(desk).by_now((where, buckets, stretch), work, GRACE)


def _asked(desk: Desk) -> _Asked:
    return desk.memory.once("views ahead", _Asked)


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
    return _asked(desk).by_now(question, lambda: desk.original(event, peeker), GRACE)


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

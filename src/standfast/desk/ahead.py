# SPDX-License-Identifier: Apache-2.0
"""What takes long is worked out beside the pages: nobody waits for it.

Rules enforced here:

* each question is worked out once for the same events, in a thread of its own, in the language of
  whoever asked first; until it is done the answer is "not yet";
* what went wrong is raised to whoever asks next, and tried again after that;
* a few answers are kept, the ones used last;
* the threads are no daemons: the database must not be torn down under them.
"""

from __future__ import annotations

import contextvars
import threading
from collections import OrderedDict
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from standfast.desk.case import Desk

T = TypeVar("T")
KEPT = 6


def by_now(
    desk: Desk, question: Hashable, work: Callable[[], T], patience: float, *, family: str = ""
) -> T | None:
    """Give what work on the desk's events came to, or ``None`` while it is under way.

    The first who asks begins it; ``question`` tells one work from another, ``family`` whose
    answers push out each other; ``patience`` is in seconds.

    Raises:
        Exception: whatever the last run ended with; the next call begins another one.
    """
    asked: _Asked = desk.memory.once(("by now", family), _Asked)
    return asked.by_now(question, work, patience)


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
                run = contextvars.copy_context().run
                threading.Thread(target=run, args=(_work, answer, work), name="ahead").start()
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

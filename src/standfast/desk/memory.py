# SPDX-License-Identifier: Apache-2.0
"""What a desk remembers: the timeline of a case, and what was worked out from it.

Rules enforced here:

* a memory is of one state of the events, told by its `Key`; entries that touch no event (a note, a
  decision, an anchor, an export) leave it as it is;
* several desks may rest on one memory; it is closed when the last of them has let go, or at once
  when the case is closed, never under a question that is being answered;
* at most one timeline of a case is being made at a time: who wants the same one waits for it;
* what was worked out is kept raw; words are put to it when it is shown.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from standfast.model.people import Person
    from standfast.timeline.query import Timeline
    from standfast.timeline.state import CaseState, Incident

T = TypeVar("T")
KEPT = 16
"""Answers a memory keeps, the ones used last."""
TOUCHING = frozenset(
    {kinds.READING, kinds.ERASE, kinds.PERSON, kinds.INCIDENT, kinds.DECISION, kinds.ITEM}
)
"""Entries that may change which events there are, or whose they are."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the timeline of a case depends on, and nothing else.

    Attributes:
        readings: number, SHA-256 and reading of every original whose events count.
        erased: the originals that were destroyed.
    """

    readings: tuple[tuple[int, str, str], ...] = ()
    people: tuple[Person, ...] = ()
    incidents: tuple[Incident, ...] = ()
    erased: tuple[str, ...] = ()


def key_of(state: CaseState) -> Key:
    """Give the key of what a ledger amounts to."""
    items, readings = state.items.values(), state.readings
    return Key(
        readings=tuple(
            (item.number, item.sha256, readings[item.sha256].id)
            for item in items
            if item.sha256 in readings and readings[item.sha256].events
        ),
        people=tuple(state.people.values()),
        incidents=tuple(state.incidents),
        erased=tuple(item.sha256 for item in items if item.erased),
    )


class Memory:
    """A timeline, and answers that were worked out from it once."""

    def __init__(self, key: Key, timeline: Timeline) -> None:
        """Take over a timeline; nobody rests on it yet."""
        self.key = key
        self.timeline = timeline
        self._turn = threading.RLock()
        self._holders = 0
        self._closed = False
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()

    def hold(self, holder: object) -> weakref.finalize[..., Any] | None:
        """Rest on this until the answer is called, or the holder is gone; nothing once closed."""
        with self._turn:
            if self._closed:
                return None
            self._holders += 1
        letting_go = weakref.finalize(holder, self._let_go)
        letting_go.atexit = False
        return letting_go

    def _let_go(self) -> None:
        with self._turn:
            self._holders -= 1
            if self._holders == 0:
                self.close()

    def once(self, question: Hashable, work: Callable[[], T]) -> T:
        """Give the answer to a question, worked out when it is asked for the first time."""
        with self._turn:
            answer = self._answers.setdefault(question, _Answer())
            self._answers.move_to_end(question)
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return cast("T", answer.given(work))

    def close(self) -> None:
        """Forget everything, whoever rests on it."""
        with self._turn:
            self._closed = True
            self._answers.clear()
        self.timeline.close()


class _Answer:
    """A value that is worked out once, by the first thread that wants it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._values: list[Any] = []

    def given(self, work: Callable[[], Any]) -> Any:
        with self._turn:
            if not self._values:
                self._values.append(work())
            return self._values[0]


class Memories:
    """The memories of one case that several desks share."""

    def __init__(self) -> None:
        """Begin with none."""
        self._making = threading.Lock()
        self._newest: weakref.ref[Memory] | None = None
        self.closed = False

    def take(self, holder: object, key: Callable[[], Key], make: Callable[[], Timeline]) -> Hold:
        """Give the memory of a state of the events, made when nobody has it.

        ``key`` is asked again after making: reading events may put a list of them right.
        """
        with self._making:
            known = self._newest() if self._newest else None
            if known is not None and known.key == key():
                letting_go = known.hold(holder)
                if letting_go is not None:
                    return Hold(known, letting_go)
            timeline = make()
            fresh = Memory(key(), timeline)
            letting_go = fresh.hold(holder)
            self._newest = weakref.ref(fresh)
            if self.closed or letting_go is None:
                fresh.close()
            return Hold(fresh, letting_go)

    def close(self) -> None:
        """Forget the newest one, whoever rests on it; one being made is closed once made."""
        self.closed = True
        known = self._newest() if self._newest else None
        if known is not None:
            known.close()


@dataclass(frozen=True, slots=True)
class Hold:
    """A memory that somebody rests on, and how to let go of it."""

    memory: Memory
    let_go: Callable[[], Any] | None

    def release(self) -> None:
        """Let go; a second time does nothing."""
        if self.let_go is not None:
            self.let_go()

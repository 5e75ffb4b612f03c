# SPDX-License-Identifier: Apache-2.0
"""A case at a glance: how much there is, what waits, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.desk.looking import found, questions
from standfast.model.finding import Status
from standfast.model.people import Role

if TYPE_CHECKING:
    from standfast.desk.case import Desk

VERIFY, ADD, QUESTIONS, PEOPLE, TIMELINE, FINDINGS, DOSSIER = (
    "verify", "add", "questions", "people", "timeline", "findings", "dossier",
)  # fmt: skip
LINKED = ("add", "timeline", "questions", "people", "findings", "dossier", "verify")
"""The pages that a glance leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A case at a glance.

    Attributes:
        name: how the person wants to be called; may be empty.
        files: originals that are kept, without those that were erased.
        events: events in the timeline; ``None`` while it is being made.
        incidents: what the person wrote down.
        questions: what only the person can decide.
        people: persons that were named, the person among them.
        knows_me: whether it was said which account is the person's own.
        waiting: findings that nobody has confirmed or dismissed; ``None`` while not known.
        confirmed: findings that the person confirmed.
        damage: what is wrong with the case, a sentence each.
    """

    name: str
    files: int
    events: int | None
    incidents: int
    questions: int
    people: int
    knows_me: bool
    waiting: int | None
    confirmed: int
    damage: tuple[str, ...]

    @property
    def next_step(self) -> str:
        """Name the one thing to do next."""
        if self.damage:
            return VERIFY
        if not self.files:
            return ADD
        if self.questions:
            return QUESTIONS
        if not self.knows_me or self.people < 2:  # noqa: PLR2004 - oneself and somebody else
            return PEOPLE
        if self.waiting is None:
            return TIMELINE
        return FINDINGS if self.waiting else DOSSIER


def overview(desk: Desk, *, complete: bool = True) -> Overview:
    """Look at a case as a whole; what needs the timeline only if it is ``complete``."""
    state = desk.state
    decided = list(state.decisions.values())
    waiting = None
    if complete:
        waiting = sum(one.id not in state.decisions for one in found(desk))
    return Overview(
        name=str(state.opened.get("name", "")),
        files=sum(not one.erased for one in state.items.values()),
        events=desk.timeline.count() if complete else None,
        incidents=len(state.incidents),
        questions=len(questions(desk)),
        people=len(state.people),
        knows_me=any(one.role is Role.ME for one in state.people.values()),
        waiting=waiting,
        confirmed=decided.count(Status.CONFIRMED),
        damage=tuple(one.sentence for one in desk.vault.problems),
    )

# SPDX-License-Identifier: Apache-2.0
"""What the person wrote down: incidents and notes, also those that were taken back.

A statement that was taken back counts no more and stays in the log; a list that hid it would say
something else than the log does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from standfast.desk.case import Desk


@dataclass(frozen=True, slots=True)
class Written:
    """An incident or a note.

    Attributes:
        entry: its number in the log.
        kind: ``incident`` or ``note``.
        at: when it was written down (UTC).
        when: of an incident, when it happened: a naive ISO time in ``zone``, or empty.
        about: of a note, what it is about: an event's reference, an item's number, or
            ``person:`` or ``finding:`` and a name.
        private: of a note, whether it stays in the case.
        withdrawn: when it was taken back (UTC); empty while it holds.
    """

    entry: int
    kind: str
    at: str
    text: str
    when: str = ""
    zone: str = ""
    precision: str = ""
    person: str = ""
    place: str = ""
    witnesses: str = ""
    about: str = ""
    private: bool = False
    withdrawn: str = ""


def written(desk: Desk) -> tuple[Written, ...]:
    """Give everything that was written down, the newest first."""
    entries = desk.vault.entries
    taken_back = {
        one.body["withdraw"]: one.at
        for one in entries
        if one.type == kinds.DECISION and "withdraw" in one.body
    }
    found = []
    for one in entries:
        if one.type in {kinds.INCIDENT, kinds.NOTE}:
            names = ("when", "zone", "precision", "person", "place", "witnesses", "about")
            facts = {name: str(one.body.get(name, "")) for name in names}
            found.append(
                Written(
                    one.seq, one.type, one.at, one.body["text"],
                    private=bool(one.body.get("private")),
                    withdrawn=taken_back.get(one.seq, ""), **facts,
                )
            )  # fmt: skip
    return tuple(reversed(found))

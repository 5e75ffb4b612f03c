# SPDX-License-Identifier: Apache-2.0
"""The account of one reading: what was read, and what was not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standfast.model.event import Question, Remark, Unreadable


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of every byte of an original.

    ``bytes == bytes_accounted`` holds for every finished reading; ``framing`` is the count of
    framing stretches; ``rows`` is the count of rows read from tables, each of them an event,
    a row that holds none, or unreadable. ``unread`` names members of an archive that were kept
    but hold nothing this version can read.
    """

    events: int = 0
    framing: int = 0
    bytes: int = 0
    bytes_accounted: int = 0
    unreadable: tuple[Unreadable, ...] = ()
    unreadable_total: int = 0
    questions: tuple[Question, ...] = ()
    remarks: tuple[Remark, ...] = ()
    unread: tuple[str, ...] = ()
    rows: int = 0

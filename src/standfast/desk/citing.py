# SPDX-License-Identifier: Apache-2.0
"""Citing: events as a page quotes them.

Rules enforced here: what was written is quoted as it was written, in full up to `MOST_TEXT`
characters, and what was cut off is counted; an event without words is named in ours, and marked so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.dossier.wording import channel as channel_words
from standfast.dossier.wording import kind as kind_words
from standfast.i18n import _
from standfast.model.event import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.desk.case import Desk
    from standfast.timeline.query import Row

MOST_TEXT: Final = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """An event as it is quoted.

    Attributes:
        event: its reference.
        who: its sender as written, from outside, or the person's name for them; may be empty.
        when: microseconds of the wall clock; ``None`` without a decided time.
        whole_day: only the day is known.
        channel: its name in the language in force.
        text: from outside, as written; empty when nothing was.
        told: what sort of event it is, in our words; empty for a plain message.
        cut: characters of the text that are not quoted.
    """

    event: str
    who: str
    when: int | None
    whole_day: bool
    channel: str
    direction: str
    text: str
    told: str
    cut: int


def cite(desk: Desk, references: Sequence[str]) -> tuple[Cited, ...]:
    """Quote events in the order given; those that are not there any more are left out."""
    rows = desk.timeline.by_reference(references)
    return tuple(_cited(one, rows[one]) for one in dict.fromkeys(references) if one in rows)


def _cited(reference: str, row: Row) -> Cited:
    told = ", ".join(kind_words(Kind(row.kind), row.detail, row.state))
    if not row.text and not told:
        told = _("E-mail") if row.kind == Kind.MAIL else _("Message")
    return Cited(
        event=reference,
        who=row.sender or row.person,
        when=row.wall if row.ts is not None else None,
        whole_day=row.precision == "day",
        channel=channel_words(row.channel),
        direction=row.direction if row.direction in {"in", "out"} else "",
        text=row.text[:MOST_TEXT],
        told=told,
        cut=max(0, len(row.text) - MOST_TEXT),
    )

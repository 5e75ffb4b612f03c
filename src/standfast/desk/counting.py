# SPDX-License-Identifier: Apache-2.0
"""The numbers of a dossier: contacts by side, day, week and hour of the local clock.

A day, a week and an hour are those of the clock that wrote the event; what has no decided time is
counted as such and in nothing else.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING

from standfast.dossier import document as doc
from standfast.model.event import Direction
from standfast.model.times import iso_wall

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from standfast.desk.looking import FindingView
    from standfast.timeline.query import Row

DAY = timedelta(days=1)


def counts(
    shown: Sequence[Row], contact: Sequence[Row], is_late: Callable[[Row], bool]
) -> doc.Counts:
    """Give the numbers of page one: ``contact`` are the dated contacts among all shown events."""
    days = [iso_wall(row.wall)[:10] for row in contact if row.wall is not None]
    incoming = [row for row in contact if row.direction == Direction.IN]
    outgoing = [row for row in contact if row.direction == Direction.OUT]
    ins, outs = Counter(row.channel for row in incoming), Counter(row.channel for row in outgoing)
    active = {iso_wall(row.wall)[:10] for row in incoming if row.wall is not None}
    span = (date.fromisoformat(max(days)) - date.fromisoformat(min(days))).days + 1 if days else 0
    return doc.Counts(
        incoming=len(incoming),
        outgoing=len(outgoing),
        after_stop=sum(map(is_late, incoming)),
        active_days=len(active),
        days=span,
        undated=sum(1 for row in shown if row.ts is None),
        channels=tuple(
            doc.ChannelCount(name, ins[name], outs[name])
            for name in sorted({*ins, *outs}, key=lambda name: (-ins[name] - outs[name], name))
        ),
    )


def contacts(contact: Sequence[Row], confirmed: Sequence[FindingView]) -> doc.Contacts:
    """Count what came in for the charts."""
    walls = [
        (iso_wall(row.wall), row)
        for row in contact
        if row.wall is not None and row.direction == Direction.IN
    ]
    days = Counter(wall[:10] for wall, _row in walls)
    weeks: dict[str, Counter[str]] = {}
    for wall, row in walls:
        day = date.fromisoformat(wall[:10])
        monday = (day - DAY * day.weekday()).isoformat()
        weeks.setdefault(monday, Counter())[row.channel] += 1
    hours = Counter(int(wall[11:13]) for wall, row in walls if row.precision not in {"day", "none"})
    return doc.Contacts(
        days=tuple(sorted(days.items())),
        weeks=tuple((week, tuple(sorted(weeks[week].items()))) for week in sorted(weeks)),
        hours=tuple(hours[hour] for hour in range(24)),
        levels=_levels(confirmed),
    )


def _levels(confirmed: Sequence[FindingView]) -> tuple[doc.LevelPart, ...]:
    """Give the stretches of a steady level, when exactly one person's level changed once."""
    changes = [one.finding for one in confirmed if one.finding.detector == "change_of_level"]
    if len(changes) != 1:
        return ()
    (change,) = changes
    numbers, day = change.numbers, date.fromisoformat(str(change.numbers["date"]))
    before, after = int(numbers["before"]), int(numbers["after"])
    return (
        doc.LevelPart(
            first=change.first, last=(day - DAY).isoformat(), contacts=before,
            days=int(numbers["before_days"]),
        ),
        doc.LevelPart(
            first=day.isoformat(), last=change.last, contacts=after,
            days=int(numbers["after_days"]),
        ),
    )  # fmt: skip

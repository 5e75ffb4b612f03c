# SPDX-License-Identifier: Apache-2.0
"""From the stamps of one shape to microseconds, each date and each time worked out once.

Rules enforced here:

* a date that does not fit the order decided for its shape has no reading; nothing else is tried;
* while the order is undecided a date has both readings, unless they are the same day or only
  one of them exists;
* UTC is stated only with a zone and one reading; on a day whose offset changes every time is
  worked out for itself, by `standfast.model.times.wall_to_utc`.
"""

from __future__ import annotations

from dataclasses import replace
from operator import add, itemgetter
from typing import TYPE_CHECKING

from standfast.model.times import ClockMark, from_micros, micros, wall_to_utc
from standfast.sources.whatsapp_text.dates import (
    DAY,
    DMY,
    MDY,
    SECOND,
    YMD,
    calendar_unknown,
    day_of,
    time_of_day,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from standfast.sources.whatsapp_text.evidence import Decision
    from standfast.sources.whatsapp_text.shapes import Shape

NEVER = -(1 << 62)
"""Stands for "no such moment" in a sum; everything below `EARLIEST` is one."""
EARLIEST = -(1 << 61)
CACHED = 200_000
HOURS = 24
SIXTY = 60


class Days(dict[bytes, int]):
    """The first reading of each date, in microseconds at midnight; `NEVER` without one."""

    def __init__(self, decision: Decision) -> None:
        """Read dates as decided."""
        super().__init__()
        self.decided = bool(decision.order)
        self._others: dict[bytes, int] = {}
        self._decision = decision

    def __missing__(self, raw: bytes) -> int:
        """Work out a date when it is first met."""
        if len(self) >= CACHED:
            self.clear()
            self._others.clear()
        days = self._readings(raw)
        if len(days) > 1:
            self._others[raw] = days[1] * DAY
        self[raw] = first = days[0] * DAY if days else NEVER
        return first

    def other(self, raw: bytes) -> int | None:
        """Give the second reading of a date at midnight, or ``None`` when it has one only."""
        if self[raw] == NEVER:
            return None
        return self._others.get(raw)

    def _readings(self, raw: bytes) -> list[int]:
        date_ = written(raw)
        if date_ is None:
            return []
        order = self._decision.order
        if order:
            day = day_of(date_, order)
            return [] if day is None else [day]
        both = {order: day_of(date_, order) for order in (DMY, MDY)}
        found = {order: day for order, day in both.items() if day is not None}
        certain = self._decision.certain
        if len(found) == 1 and certain and certain not in found:
            return []
        return list(dict.fromkeys(found.values()))

    def unknown_calendar(self, raw: bytes) -> bool:
        """Tell whether a date has no reading because of its year."""
        date_ = written(raw)
        return date_ is not None and calendar_unknown(
            date_, YMD if self._decision.order == YMD else DMY
        )


class Times(dict[bytes, int]):
    """Each time of day in microseconds; `NEVER` when there is no such time."""

    def __init__(self, shape: Shape) -> None:
        """Read times as a shape writes them."""
        super().__init__()
        self._shape = shape

    def __missing__(self, raw: bytes) -> int:
        """Work out a time when it is first met."""
        if len(self) >= CACHED:
            self.clear()
        time = time_of_day(raw, self._shape)
        self[raw] = found = NEVER if time is None else time
        return found

    def of(self, raws: Sequence[bytes]) -> Iterator[int]:
        """Give many times."""
        return map(self.__getitem__, raws)


class SplitTimes(Times):
    """Times with seconds, in ASCII digits and without a marker.

    Two small tables stay in the processor's cache; one of 86,400 entries does not.
    """

    def __init__(self, shape: Shape) -> None:
        """Prepare the seconds; minutes are worked out when they are met."""
        super().__init__(shape)
        self._minutes = Times(replace(shape, seconds=False))
        mark = shape.clock.encode()
        self._seconds = {
            mark + b"%02d" % number: number * SECOND if number < SIXTY else NEVER
            for number in range(100)
        }
        width = len(mark) + 2
        self._front, self._back = itemgetter(slice(-width)), itemgetter(slice(-width, None))

    def of(self, raws: Sequence[bytes]) -> Iterator[int]:
        """Give many times."""
        return map(
            add,
            map(self._minutes.__getitem__, map(self._front, raws)),
            map(self._seconds.__getitem__, map(self._back, raws)),
        )


def times_of(shape: Shape, *, loose: bool) -> Times:
    """Choose how a shape's times are worked out."""
    return SplitTimes(shape) if shape.seconds and shape.marker < 0 and not loose else Times(shape)


class Offsets(dict[int, int]):
    """What to add to a wall time of a day for UTC; `NEVER` on a day whose offset changes."""

    def __init__(self, zone: str) -> None:
        """Look offsets up in a zone."""
        super().__init__()
        self._zone = zone

    def __missing__(self, day: int) -> int:
        """Work out a day when it is first met."""
        if len(self) >= CACHED:
            self.clear()
        hours = [day * DAY + hour * (DAY // HOURS) for hour in range(HOURS + 1)]
        found = [self.exact(wall) for wall in hours]
        shifts = {utc - wall for (utc, _), wall in zip(found, hours, strict=True)}
        plain = len(shifts) == 1 and not any(mark for _, mark in found)
        self[day] = shift = shifts.pop() if plain else NEVER
        return shift

    def exact(self, wall: int) -> tuple[int, ClockMark]:
        """Give the UTC of one wall time, and what is special about it."""
        utc, mark = wall_to_utc(from_micros(wall), self._zone)
        return micros(utc), mark

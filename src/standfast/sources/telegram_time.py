# SPDX-License-Identifier: Apache-2.0
"""When a Telegram message was sent, from the two ways its export says it.

Rules enforced here:

* ``date`` is the clock of the computer that made the export, without its zone; ``date_unixtime``
  (since 2021) counts from 1970 in UTC. Where both stand, their difference is the offset, and
  nobody has to be asked;
* where the difference is no offset that any place has, the two contradict each other: the clock is
  kept as written, nothing is concluded, and it is counted;
* where only the clock stands, its zone is what the person says, else unknown;
* what is no time, or not within 1970 to 2100, gives none; the value stays in ``native``.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from standfast.model.times import (
    NAIVE_EPOCH,
    ClockMark,
    from_micros,
    micros,
    utc_from_micros,
    utc_to_wall,
    wall_to_utc,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Options

Moment = tuple[int | None, str, str, int | None, str]
"""The time columns of one row: wall, zone, basis, UTC, precision."""

SECOND: Final = 1_000_000
END: Final = 4_133_980_800
"""The first second of 2101."""
UNDATED: Final[Moment] = (None, "", "unknown", None, "none")
_QUARTER: Final = 900
_OFFSETS: Final = {
    quarter * _QUARTER: f"{'-' if quarter < 0 else '+'}{abs(quarter) // 4:02}:"
    f"{abs(quarter) % 4 * 15:02}"
    for quarter in range(-48, 57)
}
"""Seconds ahead of UTC to an offset's name, for every quarter of an hour from -12:00 to +14:00."""
_LENGTH: Final = len("2024-03-04T09:05:00")


def clock_of(text: object) -> int | None:
    """Give the seconds from 1970 to a clock time as the export writes it."""
    if not isinstance(text, str) or len(text) != _LENGTH or text[10::3] != "T::":
        return None
    try:
        gone = datetime.fromisoformat(text) - NAIVE_EPOCH
    except (ValueError, TypeError):
        return None
    seconds = gone.days * 86400 + gone.seconds
    return seconds if 0 < seconds < END else None


def count_of(text: object) -> int | None:
    """Give the seconds from 1970 that a text or a number counts."""
    if isinstance(text, str):
        if not (text.isascii() and text.isdigit() and len(text) <= len("4133980800")):
            return None
        text = int(text)
    return text if type(text) is int and 0 < text < END else None


class TelegramTimes:
    """The times of one file.

    Attributes:
        undated: messages whose date says no time.
        contradicting: messages whose two dates contradict each other.
        zone_missing: whether a time stands without a zone that nobody has named.
    """

    def __init__(self, options: Options) -> None:
        """Write clocks without a zone in the zone that the person named."""
        self.undated = 0
        self.contradicting = 0
        self.zone_missing = False
        self._zone = options.zone
        self._basis = options.zone_basis

    def of(self, data: Mapping[str, Any], strange: dict[str, str]) -> Moment:
        """Give the time columns of a message; what is odd about them goes to ``strange``."""
        clock, count = clock_of(data.get("date")), count_of(data.get("date_unixtime"))
        if clock is not None and count is not None:
            zone = _OFFSETS.get(clock - count)
            if zone is not None:
                return (clock * SECOND, zone, "in_file", count * SECOND, "s")
            self.contradicting += 1
            strange["date_unixtime"] = str(count)
            return (clock * SECOND, "", "unknown", None, "s")
        if count is not None:
            return self._counted(count * SECOND)
        if clock is not None:
            return self._clocked(clock * SECOND, strange)
        self.undated += 1
        return UNDATED

    def _counted(self, utc: int) -> Moment:
        if not self._zone:
            return (utc, "UTC", "epoch", utc, "s")
        wall = micros(utc_to_wall(utc_from_micros(utc), self._zone))
        return (wall, self._zone, "epoch", utc, "s")

    def _clocked(self, wall: int, strange: dict[str, str]) -> Moment:
        if not self._zone:
            self.zone_missing = True
            return (wall, "", "unknown", None, "s")
        utc, mark = wall_to_utc(from_micros(wall), self._zone)
        if mark is not ClockMark.PLAIN:
            strange["clock"] = str(mark)
        return (wall, self._zone, self._basis, micros(utc), "s")

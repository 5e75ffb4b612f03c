# SPDX-License-Identifier: Apache-2.0
"""What the date and the time in a header can mean.

Rules enforced here:

* the app began in 2009: a four-digit year from 1970 to 2199 is Gregorian, from 2400 to 2700
  Buddhist (less 543); two digits up to 51 are 20yy, from 52 on Buddhist 25yy; three digits count
  from 1911 (Republic of China). Every other year (Persian, Islamic, Saka) is *unknown*, never
  converted by guess;
* a day that does not exist (31/02) and a time that does not exist (25:61) are impossible;
* ``12`` with a marker is midnight or noon; ``0`` with ``pm`` is noon (Japanese clocks); an hour
  above 12 with ``pm`` is what it says, with ``am`` it is impossible.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from standfast.sources.whatsapp_text.characters import plain
from standfast.sources.whatsapp_text.shapes import FIRST, TWO_DIGITS, Shape
from standfast.sources.whatsapp_text.words import canonical, clock

DAY = 86_400_000_000
SECOND = 1_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()

DMY, MDY, YMD = "dmy", "mdy", "ymd"

_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_YEAR_CENTURY = 52
"""Two digits from here on are Buddhist years: 2552 is 2009, the app's first year."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it stands in a header, in numbers.

    Attributes:
        numbers: in the order they are written; a named month is its number.
        digits: how many digits each was written with.
        era: the year before the era's first, 0 without an era.
    """

    numbers: tuple[int, int, int]
    digits: tuple[int, int, int]
    era: int


def written(raw: bytes) -> Written | None:
    """Take a date's bytes apart, or give ``None`` when a month's name is not one."""
    text = plain(raw.decode("utf-8", "replace"))
    era = next((year for name, year in clock().eras.items() if text.upper().startswith(name)), 0)
    found = _NUMBER.findall(text)
    if len(found) == 2:  # noqa: PLR2004 - day and year, with a word between
        word = _WORD.search(text)
        month = clock().months.get(canonical(word[0])) if word else None
        if month is None:
            return None
        found.insert(1, str(month))
    if len(found) != 3:  # noqa: PLR2004 - day, month and year
        return None
    first, second, third = found
    return Written(
        (int(first), int(second), int(third)), (len(first), len(second), len(third)), era
    )


def year_of(number: int, digits: int, era: int) -> int | None:
    """Give the Gregorian year, or ``None`` when the calendar is not known for certain."""
    if era:
        return era + number
    if digits <= 2:  # noqa: PLR2004 - a year of two digits
        return 2000 + number if number < _YEAR_CENTURY else 2500 + number - 543
    if digits == 3:  # noqa: PLR2004 - only the calendar of the Republic of China has them
        return 1911 + number
    if 1970 <= number < 2200:  # noqa: PLR2004 - see the module's rules
        return number
    return number - 543 if 2400 <= number < 2700 else None  # noqa: PLR2004 - see the module's rules


def day_of(date_: Written, order: str) -> int | None:
    """Give the days since 1970-01-01 under an order, or ``None`` when there is no such day."""
    a, b, c = date_.numbers
    place = 0 if order == YMD else 2
    year = year_of(date_.numbers[place], date_.digits[place], date_.era)
    if year is None:
        return None
    month, day = (b, c) if order == YMD else (b, a) if order == DMY else (a, b)
    try:
        return date(year, month, day).toordinal() - EPOCH_DAY
    except ValueError:
        return None


def calendar_unknown(date_: Written, order: str) -> bool:
    """Tell whether it is the year that cannot be read."""
    place = 0 if order == YMD else 2
    return year_of(date_.numbers[place], date_.digits[place], date_.era) is None


def orders_of(shape: Shape) -> tuple[str, ...]:
    """Give the orders that a shape leaves open."""
    if shape.year == FIRST:
        return (YMD,)
    if shape.named_month:
        return (DMY,)
    return (DMY, MDY, YMD) if shape.year == TWO_DIGITS else (DMY, MDY)


def time_of_day(raw: bytes, shape: Shape) -> int | None:
    """Give the microseconds since midnight, or ``None`` when there is no such time."""
    if shape.marker < 0 and raw.isascii():
        hour, minute, *rest = map(int, raw.split(shape.clock.encode()))
    else:
        text = plain(raw.decode("utf-8", "replace"))
        hour, minute, *rest = map(int, _NUMBER.findall(text))
    second = rest[0] if rest else 0
    half = ""
    if shape.marker >= 0:
        mark = _NUMBER.split(text)[0 if shape.marker_first else -1]
        half = clock().markers[shape.marker].halves.get(canonical(mark), "")
    converted = _hour(hour, half)
    if converted is None or minute > 59 or second > 59:  # noqa: PLR2004 - minutes, seconds
        return None
    return ((converted * 60 + minute) * 60 + second) * SECOND


def _hour(hour: int, half: str) -> int | None:
    if half == "am":
        return hour % 12 if hour <= 12 else None  # noqa: PLR2004 - hours of half a day
    if half == "pm":
        hour = hour % 12 + 12 if hour <= 12 else hour  # noqa: PLR2004 - as above
    elif half == "noon":
        hour = hour + 12 if hour < 3 else hour  # noqa: PLR2004 - noon runs from 11 to 2
    return hour if hour < 24 else None  # noqa: PLR2004 - hours of a day

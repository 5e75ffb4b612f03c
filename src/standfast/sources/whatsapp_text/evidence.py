# SPDX-License-Identifier: Apache-2.0
"""Which number of a date is the day: decided by evidence, or left open.

The evidence, strongest first; what is not listed here decides nothing (dots and German words do
not: a person can set any order in any language):

1. the person's answer;
2. the year stands first, or the month is a word: there is only one reading;
3. ISO dates in the names of media files (``IMG-20240304-WA0001.jpg``,
   ``00000012-PHOTO-2024-03-04-10-15-00.jpg``), which the app writes without regard to locale;
4. a component above 12, or one that cannot be the year (a year is never a single digit; the
   app began in 2009; nobody writes on one day of one month for five years running);
5. the sequence: one order never goes back, the other goes back at least twice.

Where evidence contradicts itself, the larger side wins only for dates that have a single
reading (the smaller side is impossible); an undecided date stays undecided unless that side is
ten times the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standfast.sources.whatsapp_text.dates import DMY, MDY, YMD, day_of, orders_of, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources.whatsapp_text.shapes import Shape

CACHED = 200_000
CLEAR = 10
"""How many times stronger one side must be to be called clear."""
FEWEST_STEPS_BACK = 2
SAME_DAY_YEARS = 5
APP_BEGAN = 9
MONTHS = 12
DAYS = 31


@dataclass(frozen=True, slots=True)
class Decision:
    """How a shape's dates are read.

    Attributes:
        order: ``dmy``, ``mdy``, ``ymd``; empty when nothing decides.
        certain: an order for the dates that have one reading only, when ``order`` is empty.
        why: the evidence, or what was looked for and not found.
        example: the first date that has two readings.
    """

    order: str
    certain: str
    why: str
    example: bytes


@dataclass(slots=True)
class Evidence:
    """What a file's dates say about their order, gathered date by date in file order."""

    shape: Shape
    only: dict[str, int] = field(default_factory=lambda: {DMY: 0, MDY: 0, YMD: 0})
    back: dict[str, int] = field(default_factory=lambda: {DMY: 0, MDY: 0})
    media: dict[str, int] = field(default_factory=lambda: {DMY: 0, MDY: 0, YMD: 0})
    example: bytes = b""
    _last: dict[str, int] = field(default_factory=dict)
    _known: dict[bytes, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    _years: dict[tuple[int, int], set[int]] = field(default_factory=dict)

    def add(self, raw: bytes) -> None:
        """Take note of a header's date; consecutive equal dates need not be repeated."""
        if raw not in self._known:
            self._learn(raw)
        for order, day in self._known[raw]:
            if day < self._last.get(order, day):
                self.back[order] += 1
            self._last[order] = day

    def _learn(self, raw: bytes) -> None:
        if len(self._known) >= CACHED:
            self._known.clear()
        date_ = written(raw)
        self._known[raw] = ()
        if date_ is None or len(orders_of(self.shape)) == 1:
            return
        days = ((order, day_of(date_, order)) for order in (DMY, MDY))
        self._known[raw] = tuple((order, day) for order, day in days if day is not None)
        a, b, c = date_.numbers
        if a != b and max(a, b) <= MONTHS and not self.example:
            self.example = raw
        if MONTHS < a <= DAYS and b <= MONTHS:
            self.only[DMY] += 1
        elif MONTHS < b <= DAYS and a <= MONTHS:
            self.only[MDY] += 1
        if a > DAYS or date_.digits[2] == 1 or (c < APP_BEGAN <= a):
            self.only[YMD] += 1
        if len(self._years) < CACHED:
            self._years.setdefault((a, b), set()).add(c)

    def add_media(self, raw: bytes, iso: str) -> None:
        """Take note of a header's date beside the ISO date (digits only) in its file's name."""
        date_ = written(raw)
        proof = written(f"{iso[:4]}-{iso[4:6]}-{iso[6:]}".encode())
        day = None if proof is None else day_of(proof, YMD)
        if date_ is None or day is None:
            return
        fits = [order for order in orders_of(self.shape) if day_of(date_, order) == day]
        if len(fits) == 1:
            self.media[fits[0]] += 1

    def decide(self, stated: str, *, several: bool) -> Decision:
        """Weigh the evidence.

        Args:
            stated: the person's answer, empty without one.
            several: the file has several shapes; an answer then holds for those that it can
                hold for.
        """
        allowed = orders_of(self.shape)
        if len(allowed) == 1:
            return Decision(allowed[0], "", "one_reading", b"")
        if stated in allowed and not (several and self._refuted(stated)):
            return Decision(stated, "", "stated", b"")
        for why, found in (
            ("media_names", _clear(self.media)),
            ("year_first", self._year_first()),
            ("component_above_12", self._component()),
            ("sequence", self._sequence()),
        ):
            if found:
                return Decision(found, "", why, b"")
        larger, smaller = sorted((DMY, MDY), key=lambda order: -self.only[order])
        certain = larger if self.only[larger] > self.only[smaller] else ""
        return Decision("", certain, self._why_not(), self.example)

    def _refuted(self, order: str) -> bool:
        other = MDY if order == DMY else DMY
        return self.only[other] > 0 and self.only[order] == 0

    def _year_first(self) -> str:
        if YMD not in orders_of(self.shape):
            return ""
        spread = max((len(years) for years in self._years.values()), default=0)
        impossible = self.only[YMD] > 0 and self.only[YMD] * CLEAR >= len(self._known)
        return YMD if impossible or spread >= SAME_DAY_YEARS else ""

    def _component(self) -> str:
        return _clear({order: self.only[order] for order in (DMY, MDY)})

    def _sequence(self) -> str:
        if self.only[DMY] or self.only[MDY]:
            return ""
        for order, other in ((DMY, MDY), (MDY, DMY)):
            if self.back[order] == 0 and self.back[other] >= FEWEST_STEPS_BACK:
                return order
        return ""

    def _why_not(self) -> str:
        if self.only[DMY] or self.only[MDY]:
            return "contradicting_components"
        if any(self.back.values()):
            return "no_iso_names no_component_above_12 sequence_not_clear"
        return "no_iso_names no_component_above_12 both_sequences_possible"


def _clear(votes: Mapping[str, int]) -> str:
    best = max(votes, key=lambda order: votes[order])
    rest = sum(votes.values()) - votes[best]
    return best if votes[best] > 0 and rest * CLEAR <= votes[best] else ""

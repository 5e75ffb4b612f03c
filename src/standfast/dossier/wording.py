# SPDX-License-Identifier: Apache-2.0
"""The fixed words of a dossier: codes, numbers and times in the reader's language.

Rules enforced here:

* a date is written so that day and month cannot be taken for each other;
* a time says its offset from UTC, or that nobody has stated a zone;
* a code that this version does not know is shown as it is, never hidden.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel.dates import format_date
from babel.numbers import format_decimal

from standfast.dossier.document import Anchored
from standfast.dossier.event_names import BRANDS, DETAILS, NOTICES
from standfast.dossier.legible import one_line
from standfast.i18n import _, language, ngettext
from standfast.model.event import Kind
from standfast.model.finding import Confidence
from standfast.model.people import Role
from standfast.model.times import ClockMark, Precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.dossier.document import Anchor, Moment, Place
    from standfast.model.event import Attachment, Locator

LOCALES: Final = {"en": "en_GB", "de": "de_DE"}
DAY_PATTERNS: Final = {"en": "EEE d MMM y", "de": "EE dd.MM.y"}
PLAIN_DAY_PATTERNS: Final = {"en": "d MMMM y", "de": "d. MMMM y"}
KIBIBYTE: Final = 1024

CLOCK_DIGITS: Final = {
    Precision.MINUTE: len("HH:MM"),
    Precision.SECOND: len("HH:MM:SS"),
    Precision.MILLISECOND: len("HH:MM:SS.mmm"),
}


def number(count: int) -> str:
    """Write a whole number with the reader's separators."""
    return _number(count, LOCALES[language()])


@lru_cache(maxsize=4096)
def _number(count: int, locale: str) -> str:
    return str(format_decimal(count, locale=locale))


def tenths(count: int, of: int) -> str:
    """Write ``count / of`` with one decimal place, rounded half up in whole numbers."""
    rounded = (20 * count + of) // (2 * of)
    mark = "," if language() == "de" else "."
    return f"{number(rounded // 10)}{mark}{rounded % 10}"


def size(count: int) -> str:
    """Write a size in bytes, with a rounded form for large ones."""
    exact = ngettext("{count} byte", "{count} bytes", count).format(count=number(count))
    for unit, name in ((KIBIBYTE**3, "GiB"), (KIBIBYTE**2, "MiB"), (KIBIBYTE, "KiB")):
        if count >= unit:
            return f"{exact} ({tenths(count, unit)} {name})"
    return exact


@lru_cache(maxsize=8192)
def _day(iso: str, code: str, pattern: str) -> str:
    return format_date(date.fromisoformat(iso), pattern, locale=LOCALES[code])


def day(iso: str) -> str:
    """Write an ISO date with its weekday: ``Mon 4 Mar 2024``, ``Mo. 04.03.2024``."""
    return _day(iso, language(), DAY_PATTERNS[language()])


def plain_day(iso: str) -> str:
    """Write an ISO date in words: ``4 March 2024``, ``4. März 2024``."""
    return _day(iso, language(), PLAIN_DAY_PATTERNS[language()])


def month(iso: str) -> str:
    """Write the short name of an ISO date's month."""
    return _day(iso, language(), "LLL")


def day_of_month(iso: str) -> str:
    """Write day and short month of an ISO date: ``4 Mar``, ``4. Mär``."""
    return _day(iso, language(), "d. LLL" if language() == "de" else "d LLL")


def weekday(index: int) -> str:
    """Write the short name of a weekday, 0 for Monday."""
    return _day(f"2024-01-0{index + 1}", language(), "EE")


def period(first: str, last: str) -> str:
    """Write a period of days."""
    if not first:
        return _("No event in this dossier has a certain date.")
    if first == last:
        return plain_day(first)
    return _("{first} to {last}").format(first=plain_day(first), last=plain_day(last))


def when(moment: Moment) -> tuple[str, str]:
    """Write a moment as a line for the day and one for the time, its offset and any doubt."""
    if moment.alternatives:
        either = _(" or ").join(" ".join(_reading(wall, moment)) for wall in moment.alternatives)
        return either, _("The source does not say which of these dates it is.")
    if not moment.wall:
        return _("time not stated"), ""
    first, clock = _reading(moment.wall, moment)
    told = [part for part in (clock, _zone(moment) if clock else "", _doubt(moment.clock)) if part]
    return first, " ".join(told)


def _reading(wall: str, moment: Moment) -> tuple[str, str]:
    return day(wall[:10]), wall[11:][: CLOCK_DIGITS.get(moment.precision, 0)]


def _zone(moment: Moment) -> str:
    return f"UTC{moment.offset}" if moment.offset else _("(zone not stated)")


def _doubt(mark: ClockMark) -> str:
    if mark is ClockMark.FOLD:
        return _("(the clock showed this hour twice)")
    if mark is ClockMark.GAP:
        return _("(this hour was skipped on that clock)")
    return ""


def moment_line(moment: Moment) -> str:
    """Write a moment on one line."""
    first, second = when(moment)
    between = ". " if moment.alternatives else ", "
    return between.join(part for part in (first, second) if part)


def utc(iso: str) -> str:
    """Write a moment in UTC; what is no such moment is shown as it is."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return one_line(iso, most=40)
    return f"{plain_day(moment.date().isoformat())}, {moment:%H:%M:%S} UTC"


def channel(code: str) -> str:
    """Name a channel."""
    names = {
        "": _("Unknown channel"),
        "call": _("Phone"),
        "phone": _("Phone"),
        "mail": _("E-mail"),
        "email": _("E-mail"),
        "photo": _("Pictures"),
        "image": _("Pictures"),
        "incident": _("Written down"),
    }
    return names.get(code) or BRANDS.get(code) or one_line(code, most=40)


def role(of: Role) -> str:
    """Say who somebody is in this case."""
    return {
        Role.ME: _("the person whose case this is"),
        Role.OTHER: _("the person whose contact is not wanted"),
        Role.THIRD: _("somebody else"),
    }[of]


def confidence(of: Confidence) -> str:
    """Say how a finding was reached."""
    return {
        Confidence.COUNTED: _("Counted by a fixed rule."),
        Confidence.LIKELY: _("Likely, by the rule described here."),
        Confidence.HINT: _("A hint that the person has looked at and confirmed."),
    }[of]


def kind(of: Kind, detail: str, state: str) -> tuple[str, ...]:
    """Name what a plain message is not: a call, a line of the app, something deleted."""
    kinds = {
        Kind.CALL: _("Call"),
        Kind.PHOTO: _("Picture"),
        Kind.SYSTEM: _("Line written by the app"),
        Kind.INCIDENT: _("Written down by the person"),
    }
    states = {
        "deleted": _("deleted by its sender"),
        "edited": _("edited"),
        "unsent": _("withdrawn"),
        "view_once": _("to be viewed once"),
        "draft": _("draft, not sent"),
        "failed": _("not delivered"),
    }
    finer = _notice if of is Kind.SYSTEM else _detail
    told = (kinds.get(of, ""), finer(detail) if detail else "", states.get(state, state))
    return tuple(one_line(part, most=60) for part in told if part)


def _notice(code: str) -> str:
    """Name what a line of the app is about."""
    return _(NOTICES[code]) if code in NOTICES else code.replace("_", " ")


def _detail(code: str) -> str:
    """Name the finer sort of an event; what kind or state already say is left out."""
    told = DETAILS.get(code, code.replace("_", " "))
    return _(told) if told else ""


def attachment(of: Attachment) -> str:
    """Say what became of a file that an event names."""
    name = one_line(of.name, most=80) or _("without a name")
    if of.state == "present":
        return _("File: {name}").format(name=name)
    if of.state == "missing":
        return _("File named but not in the export: {name}").format(name=name)
    return _("A file that the app left out of the export")


def locator(of: Locator) -> str:
    """Say where in an original something stands."""
    return ", ".join(_locator(of))


def _locator(of: Locator) -> list[str]:
    told = []
    if of.path:
        told.append(one_line(of.path, most=80))
    if of.start >= 0:
        told.append(_("bytes {start}–{end}").format(start=number(of.start), end=number(of.end)))
    if of.row >= 0:
        told.append(_("row {row}").format(row=number(of.row)))
    if of.pointer:
        told.append(one_line(of.pointer, most=80))
    return told


def exhibit(count: int) -> str:
    """Name an exhibit by its number."""
    return _("Exhibit {number}").format(number=count)


def place(of: Place, *, between: str = ", ") -> str:
    """Say where something stands: the exhibit, and the place in it."""
    if not of.exhibit:
        return _("no exhibit")
    return between.join([exhibit(of.exhibit), *_locator(of.locator)])


def rest(left: int, of: Place) -> str:
    """Say that a text goes on, and where the rest is."""
    sentence = ngettext(
        "Shortened here: {count} more character stands in the original ({place}).",
        "Shortened here: {count} more characters stand in the original ({place}).",
        left,
    )
    return sentence.format(count=number(left), place=place(of))


def anchor(of: Anchor) -> str:
    """Say what an outside timestamp shows, and how far that could be checked."""
    name = one_line(of.authority, most=120)
    if of.state is Anchored.QUEUED:
        sentence = _("A timestamp from {authority} was asked for and has not come yet.")
        return sentence.format(authority=name)
    existed = _("The first {count} entries existed before {time}, according to {authority}.")
    told = existed.format(count=number(of.size), time=utc(of.time), authority=name)
    if of.state is Anchored.VERIFIED:
        return told
    return told + " " + _("The answer is kept; this program could not check its signature.")


def anchored(anchors: Sequence[Anchor]) -> str:
    """Say in one sentence whether the record has an outside timestamp."""
    stamped = [of for of in anchors if of.state is Anchored.VERIFIED and of.time]
    if not stamped:
        return _("The record is not timestamped by an outside authority.")
    latest = max(stamped, key=lambda of: of.time)
    return anchor(latest)

# SPDX-License-Identifier: Apache-2.0
"""Which events the timeline shows, and from where on: what a key in its address stands for.

Rules enforced here:

* a filter is read from a key's value, never from an address; what is unknown in it means nothing;
* every part of a filter has a sentence of its own and can be taken off by itself;
* days and hours are those of the clock as it was written.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from standfast.desk.wording import channel as channel_words
from standfast.i18n import _
from standfast.model.event import Kind
from standfast.model.times import micros
from standfast.web.rendering import day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.desk import Desk, Where

LONGEST_SEARCH: Final = 200
HOURS: Final = 24
LACKS: Final = ("one_day", "one_hour", "day", "hour", "moment")
PLACES: Final = ("at", "event", "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is wanted; empty means any.

    Attributes:
        people: by their id; ``channels``, ``kinds`` likewise by their codes.
        channel, account: one account of one channel.
        hours: from which hour to which, ``weekdays`` from 0 for Monday.
        first, last: ISO days, both within.
        finding: the id of a finding whose events are wanted; ``detector`` of all of its findings.
        undated: only events without a decided time; ``lacks`` those that a question leaves out.
        item: the SHA-256 of an original.
        search: only what has this text in it; ``mark`` only marks it.
        at, event, day: where to begin: a position, an event's reference, an ISO day.
    """

    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    channel: str = ""
    account: str = ""
    direction: str = ""
    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()
    first: str = ""
    last: str = ""
    attached: bool = False
    finding: str = ""
    detector: str = ""
    undated: bool = False
    lacks: tuple[str, ...] = ()
    item: str = ""
    search: str = ""
    mark: str = ""
    at: int = 0
    event: str = ""
    day: str = ""

    @property
    def value(self) -> dict[str, Any]:
        """Give what a key stands for: what is said, and nothing of what is not."""
        return {name: one for name, one in asdict(self).items() if one}

    @property
    def bare(self) -> Filter:
        """Give it without the place to begin at."""
        return replace(self, at=0, event="", day="")

    @property
    def narrows(self) -> bool:
        """Say whether any event is left out."""
        return replace(self.bare, mark="") != Filter()

    @property
    def words_to_mark(self) -> str:
        """Give the text that is marked where it stands."""
        return self.mark or self.search


def filter_of(value: Any) -> Filter:
    """Read a filter from what a key stands for, also as other pages write it."""
    given: dict[str, Any] = dict(value) if isinstance(value, dict) else {}
    if given.get("person"):
        given["people"] = [given.pop("person")]
    known = {one.name for one in fields(Filter)}
    found = {name: _tupled(one) for name, one in given.items() if name in known and one}
    hours = found.get("hours")
    if hours is not None and not _are_hours(hours):
        del found["hours"]
    return Filter(**found)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _are_hours(value: Any) -> bool:
    return len(value) == len(("from", "to")) and all(0 <= one <= HOURS for one in value)


def where_of(desk: Desk, asked: Filter) -> Where | None:
    """Put a filter as a question; ``None`` while the finding it names is not worked out."""
    from standfast.desk import Where  # noqa: PLC0415 - loads the database

    cited = None
    if asked.finding or asked.detector:
        cited = _cited(desk, asked)
        if cited is None:
            return None
    return Where(
        wall_start=_micros(asked.first),
        wall_end=_micros(asked.last, after=1),
        channel=asked.channel,
        account=asked.account,
        direction=asked.direction,
        search=asked.search,
        item=asked.item,
        dated=False if asked.undated else None,
        channels=asked.channels,
        people=asked.people,
        kinds=asked.kinds,
        hours=asked.hours,
        weekdays=asked.weekdays,
        attached=asked.attached,
        events=cited,
        lacks=tuple(one for one in asked.lacks if one in LACKS),
    )


def _cited(desk: Desk, asked: Filter) -> tuple[str, ...] | None:
    from standfast.desk.finding_ahead import found_by_now  # noqa: PLC0415 - the detectors

    found = found_by_now(desk)
    if found is None:
        return None
    return tuple(
        dict.fromkeys(
            event
            for one in found
            if one.id == asked.finding or (asked.detector and one.detector == asked.detector)
            for event in one.events
        )
    )


def _micros(iso: str, *, after: int = 0) -> int | None:
    if not iso:
        return None
    try:
        wanted = date.fromisoformat(iso) + timedelta(days=after)
    except (ValueError, OverflowError):
        return None
    return micros(datetime.combine(wanted, datetime.min.time()))


# -- in words --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chip:
    """One part of a filter in words, and the filter without it.

    ``told`` is ours; ``untrusted`` comes from the case and stands behind it.
    """

    told: str
    untrusted: str
    without: Filter


def chips(desk: Desk, asked: Filter) -> tuple[Chip, ...]:
    """Word every part of a filter."""
    bare = asked.bare
    found = [*_of_whom(desk, bare), *_of_sort(bare), *_of_time(bare), *_of_rest(desk, bare)]
    return tuple(found)


def _of_whom(desk: Desk, asked: Filter) -> list[Chip]:
    from standfast.web.pages.people import called  # noqa: PLC0415 - pages import this module

    found = []
    for one in asked.people:
        person = desk.state.people.get(one)
        rest = tuple(other for other in asked.people if other != one)
        name = called(person) if person else one
        found.append(Chip(_("With:"), name, replace(asked, people=rest)))
    if asked.account or asked.channel:
        told = channel_words(asked.channel) if asked.channel else _("Account")
        found.append(Chip(f"{told}:", asked.account, replace(asked, account="", channel="")))
    return found


def _of_sort(asked: Filter) -> list[Chip]:
    found = []
    for one in asked.channels:
        rest = tuple(other for other in asked.channels if other != one)
        found.append(Chip(channel_words(one), "", replace(asked, channels=rest)))
    for one in asked.kinds:
        rest = tuple(other for other in asked.kinds if other != one)
        found.append(Chip(kind_name(one), "", replace(asked, kinds=rest)))
    if asked.direction:
        told = directions().get(asked.direction, asked.direction)
        found.append(Chip(told, "", replace(asked, direction="")))
    if asked.attached:
        found.append(Chip(_("With files"), "", replace(asked, attached=False)))
    return found


def _of_time(asked: Filter) -> list[Chip]:
    found = []
    if asked.first and asked.first == asked.last:
        found.append(Chip(_shown_day(asked.first), "", replace(asked, first="", last="")))
    else:
        if asked.first:
            told = _("From {day}").format(day=_shown_day(asked.first))
            found.append(Chip(told, "", replace(asked, first="")))
        if asked.last:
            told = _("Until {day}").format(day=_shown_day(asked.last))
            found.append(Chip(told, "", replace(asked, last="")))
    if asked.hours is not None:
        first, last = asked.hours
        told = _("From {first}:00 to {last}:00").format(first=f"{first:02}", last=f"{last:02}")
        found.append(Chip(told, "", replace(asked, hours=None)))
    if asked.weekdays:
        told = ", ".join(weekday_name(one) for one in asked.weekdays)
        found.append(Chip(told, "", replace(asked, weekdays=())))
    if asked.undated:
        found.append(Chip(_("Without a certain time"), "", replace(asked, undated=False)))
    if asked.lacks:
        found.append(Chip(_("Time not known closely enough"), "", replace(asked, lacks=())))
    return found


def _of_rest(desk: Desk, asked: Filter) -> list[Chip]:
    found = []
    if asked.finding or asked.detector:
        told = _("What a finding rests on")
        found.append(Chip(told, "", replace(asked, finding="", detector="")))
    if asked.item:
        item = desk.state.items.get(asked.item)
        name = item.name if item else ""
        found.append(Chip(_("From the original:"), name, replace(asked, item="")))
    if asked.search:
        found.append(Chip(_("With the words:"), asked.search, replace(asked, search="")))
    return found


def _shown_day(iso: str) -> str:
    try:
        return day(iso)
    except ValueError:
        return iso


def weekday_name(place: int) -> str:
    """Name a day of the week, 0 for Monday."""
    from standfast.desk.charting import weekday  # noqa: PLC0415 - loads the dossier's words

    return weekday(place)


def directions() -> Mapping[str, str]:
    """Name from whose side events come."""
    return {"in": _("From others"), "out": _("From you"), "unknown": _("Not known from whom")}


def kind_name(code: str) -> str:
    """Name a sort of events."""
    names: dict[str, str] = {
        Kind.MESSAGE: _("Messages"), Kind.CALL: _("Calls"), Kind.MAIL: _("E-mails"),
        Kind.PHOTO: _("Pictures"), Kind.SYSTEM: _("Lines written by an app"),
        Kind.INCIDENT: _("Written down by you"),
    }  # fmt: skip
    return names.get(code, code)

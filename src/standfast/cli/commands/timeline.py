# SPDX-License-Identifier: Apache-2.0
"""``standfast timeline``: everything in one order."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, tell, visible
from standfast.errors import WrongUsage
from standfast.i18n import N_, _, ngettext
from standfast.model.times import iso_utc, iso_wall, micros

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk, OriginalView, Row, Where

LIMIT = 200
MIDNIGHT = 24
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HEX_LINE = 16
HEX_BYTES = 640
HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
ARROWS = {"in": "←", "out": "→"}
"""From the counterpart who is named behind it, or to them."""


@command(
    "timeline",
    N_(
        "Show the events of a case in order of time, or the original bytes of one.\n\n"
        'Example: standfast timeline my-case --with Alex --hours 22-6 --search "tonight"'
    ),
)
@case_argument()
@option("--from", "first", default="", metavar="DAY", help=N_("First day, like 2026-01-31."))
@option("--to", "last", default="", metavar="DAY", help=N_("Last day."))
@option("--hours", default="", metavar="FROM-TO", help=N_("Only at this time of day, like 22-6."))
@option(
    "--weekday",
    multiple=True,
    type=click.Choice(WEEKDAYS),
    help=N_("Only on this day of the week (may be repeated)."),
)
@option("--undated", is_flag=True, help=N_("Only events whose time is unknown or ambiguous."))
@option("--with", "people", multiple=True, metavar="NAME", help=N_("Only with this person."))
@option("--channel", multiple=True, help=N_("Only this channel: whatsapp, sms, phone, mail, …"))
@option(
    "--kind",
    multiple=True,
    help=N_("Only this kind: message, call, mail, photo, incident, …"),
)
@option("--search", default="", metavar="TEXT", help=N_("Only events with this text in them."))
@option("--with-attachments", "attached", is_flag=True, help=N_("Only events that name a file."))
@option("--finding", default="", metavar="ID", help=N_("Only events that this finding rests on."))
@option("--limit", default=LIMIT, show_default=True, help=N_("At most so many; -1 for all."))
@option("--offset", default=0, help=N_("Leave out so many at the beginning."))
@option(
    "--original",
    default="",
    metavar="EVENT",
    help=N_("Show this event's original bytes instead, and where they stand."),
)
@unlock_options
@json_option()
def COMMAND(
    *, case: Path, limit: int, offset: int, original: str, as_json: bool, **how: Any
) -> None:
    """Show events, or one event's original."""
    if original:
        with opened(case, how) as desk:
            view = desk.original(original)
        print_json({"original": plain(view)}) if as_json else _show_original(view)
        return
    where = _where(how)
    with opened(case, how) as desk:
        if how["finding"]:
            where = replace(where, events=_cited(desk, how["finding"]))
        rows = desk.events(where, limit=limit, offset=offset)
        total = desk.timeline.count(where)
        lacking = where.lacking()
        unknown = desk.timeline.count(lacking) if lacking else 0
    if as_json:
        events = [event_json(row) for row in rows]
        print_json({"total": total, "unknown_time": unknown, "events": events})
        return
    for row in rows:
        say(_line(row))
    _tell_rest(total, total - offset - len(rows), unknown)


def _tell_rest(total: int, rest: int, unknown: int) -> None:
    if not total:
        tell(_("No event fits."))
    elif rest > 0:
        told = ngettext("… and {n} more event.", "… and {n} more events.", rest)
        tell(told.format(n=rest) + " " + _("Use --limit or --offset to see more."))
    if unknown:
        told = ngettext(
            "{n} more event may belong here: its time is not known closely enough.",
            "{n} more events may belong here: their time is not known closely enough.",
            unknown,
        )
        tell(told.format(n=unknown))


def _where(how: dict[str, Any]) -> Where:
    from standfast.desk import Where

    return Where(
        wall_start=_day(how["first"]),
        wall_end=_day(how["last"], after=1),
        hours=_hours(how["hours"]),
        weekdays=tuple(WEEKDAYS.index(one) for one in how["weekday"]),
        dated=False if how["undated"] else None,
        people=how["people"],
        channels=how["channel"],
        kinds=how["kind"],
        search=how["search"],
        attached=how["attached"],
    )


def _hours(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    found = HOURS.fullmatch(text)
    first, last = (int(found[1]), int(found[2])) if found else (-1, -1)
    if not (0 <= first < MIDNIGHT and 0 <= last <= MIDNIGHT):
        raise WrongUsage(
            _("“{hours}” is not a stretch of the day.").format(hours=text),
            hint=_("Write two full hours, like 22-6 for ten in the evening to six."),
        )
    return first, last


def _cited(desk: Desk, finding: str) -> tuple[str, ...]:
    for view in desk.findings():
        if view.finding.id == finding:
            return view.finding.events
    raise WrongUsage(
        _("There is no finding {id}.").format(id=finding),
        hint=_("“standfast findings” shows the number of each finding in brackets."),
    )


def _day(text: str, *, after: int = 0) -> int | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=after)
    except ValueError as problem:
        raise WrongUsage(
            _("“{when}” is not a date.").format(when=text),
            hint=_("Write the day like 2024-03-04."),
        ) from problem
    return micros(datetime.combine(day, datetime.min.time()))


def event_json(row: Row) -> dict[str, Any]:
    """Give an event of the timeline as ``--json`` shows it."""
    value: dict[str, Any] = plain(row)
    value["at"] = None if row.wall is None or row.wall_other is not None else iso_wall(row.wall)
    if row.wall is not None and row.wall_other is not None:
        value["alternatives"] = [iso_wall(row.wall), iso_wall(row.wall_other)]
    value["utc"] = None if row.utc is None else iso_utc(row.utc)
    for name, empty in (("recipients", "[]"), ("attachments", "[]"), ("native", "{}")):
        value[name] = json.loads(value[name] or empty)
    span = [value.pop("start"), value.pop("end")]
    value["locator"] = {
        "item": value.pop("item"), "path": value.pop("path"), "span": span,
        "row": value.pop("row"), "pointer": value.pop("pointer"),
    }  # fmt: skip
    for name in ("wall", "wall_other", "n"):
        del value[name]
    return value


def _line(row: Row) -> str:
    from standfast.desk.words import event_words

    who = row.person or row.account or row.sender
    what = event_words(row.text, row.kind, row.detail, row.state)
    arrow = ARROWS.get(row.direction, "·")
    copies = f" (×{row.copies})" if row.copies > 1 else ""
    return (
        f"{_when(row)}  {row.channel:<8} {arrow} {visible(who, most=40)}: "
        f"{visible(what, most=300)}{copies}  [{row.event}]"
    )


def _when(row: Row) -> str:
    if row.wall is None:
        return _("no date")
    text = iso_wall(row.wall).replace("T", " ")
    if row.wall_other is not None:
        other = iso_wall(row.wall_other).replace("T", " ")
        return _("{one} or {other}").format(one=text, other=other)
    return text[:10] if row.precision == "day" else text[:16] if row.precision == "min" else text


def _show_original(view: OriginalView) -> None:
    if view.item:
        say(_("Exhibit {number}: {name}").format(number=view.item, name=visible(view.name)))
        say(f"SHA-256: {view.sha256}")
        say(_place(view))
    for reference in view.also:
        say(_("The same event stands in another original as well: {id}").format(id=reference))
    if view.sentence:
        tell(view.sentence)
        return
    for head, stretch in (
        (_("Before it:"), view.before),
        (_("The event:"), view.own),
        (_("After it:"), view.after),
    ):
        say(head)
        if stretch.exact:
            say("  " + stretch.text.replace("\n", "\n  "))
        else:
            for line in _hex(stretch.data[:HEX_BYTES]):
                say("  " + line)
    left = view.left + (0 if view.own.exact else max(0, len(view.own.data) - HEX_BYTES))
    if left:
        told = ngettext(
            "{n} more byte of the event is not shown.",
            "{n} more bytes of the event are not shown.",
            left,
        )
        tell(told.format(n=left))


def _place(view: OriginalView) -> str:
    place = view.locator
    if place.path:
        sentence = _("In it the file {path}, bytes {start} to {end}.")
        return sentence.format(path=visible(place.path), start=place.start, end=place.end)
    return _("In it bytes {start} to {end}.").format(start=place.start, end=place.end)


def _hex(data: bytes) -> Iterator[str]:
    for at in range(0, len(data), HEX_LINE):
        part = data[at : at + HEX_LINE]
        text = "".join(
            one if one.isascii() and one.isprintable() else "." for one in part.decode("latin-1")
        )
        yield f"{part.hex(' '):<{3 * HEX_LINE}} {text}"

# SPDX-License-Identifier: Apache-2.0
"""``standfast timeline``: everything in one order."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

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
    from pathlib import Path

    from standfast.timeline.query import Row

LIMIT = 200
ARROWS = {"in": "←", "out": "→"}
"""From the counterpart who is named behind it, or to them."""


@command(
    "timeline",
    N_(
        "Show the events of a case in order of time.\n\n"
        'Example: standfast timeline my-case --with Alex --from 2026-01-01 --search "tonight"'
    ),
)
@case_argument()
@option("--from", "first", default="", metavar="DAY", help=N_("First day, like 2026-01-31."))
@option("--to", "last", default="", metavar="DAY", help=N_("Last day."))
@option("--with", "person", default="", metavar="NAME", help=N_("Only with this person."))
@option("--channel", default="", help=N_("Only this channel: whatsapp, sms, phone, mail, …"))
@option("--kind", default="", help=N_("Only this kind: message, call, mail, photo, incident, …"))
@option("--search", default="", metavar="TEXT", help=N_("Only events with this text in them."))
@option("--limit", default=LIMIT, show_default=True, help=N_("At most so many; -1 for all."))
@option("--offset", default=0, help=N_("Leave out so many at the beginning."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    first: str,
    last: str,
    person: str,
    channel: str,
    kind: str,
    search: str,
    limit: int,
    offset: int,
    as_json: bool,
    **how: Any,
) -> None:
    """Show events."""
    from standfast.timeline.query import Where

    where = Where(
        wall_start=_day(first),
        wall_end=_day(last, after=1),
        person=person,
        channel=channel,
        kind=kind,
        search=search,
    )
    with opened(case, how) as desk:
        rows = desk.events(where, limit=limit, offset=offset)
        total = desk.timeline.count(where)
    if as_json:
        print_json({"total": total, "events": [event_json(row) for row in rows]})
        return
    for row in rows:
        say(_line(row))
    if total > offset + len(rows):
        rest = total - offset - len(rows)
        told = ngettext("… and {n} more event.", "… and {n} more events.", rest)
        tell(told.format(n=rest) + " " + _("Use --limit or --offset to see more."))
    elif not total:
        tell(_("No event fits."))


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

# SPDX-License-Identifier: Apache-2.0
"""``standfast incident``: write down what left no file."""

from __future__ import annotations

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
from standfast.cli.output import plain, print_json, say, visible
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@command(
    "incident",
    N_(
        "Write down something that left no file; without TEXT, list what was written down.\n\n"
        'Example: standfast incident my-case "He stood across the street." '
        '--at "2026-03-04 18:20" --place "at work"'
    ),
)
@case_argument()
@click.argument("text", required=False, default="")
@option("--at", "when", default="", help=N_("When: a day, or a day and a time."))
@option("--zone", default="", help=N_("Time zone, if not the case's."))
@option("--person", default="", help=N_("Who it was, as named in the case."))
@option("--place", default="", help=N_("Where it was."))
@option("--witnesses", default="", help=N_("Who else saw or heard it."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    text: str,
    when: str,
    zone: str,
    person: str,
    place: str,
    witnesses: str,
    as_json: bool,
    **how: Any,
) -> None:
    """Enter or list incidents."""
    facts = {"zone": zone, "person": person, "place": place, "witnesses": witnesses}
    with opened(case, how, write=bool(text)) as desk:
        entry = desk.incident(text, when, **facts) if text else None
        found = desk.state.incidents
    if as_json:
        print_json({"entry": entry, "incidents": plain(found)})
    elif entry is not None:
        say(_("Written down as entry {entry}.").format(entry=entry))
    else:
        for one in found:
            say(f"{one.entry}  {one.when or _('no date')}  {visible(one.text)}")

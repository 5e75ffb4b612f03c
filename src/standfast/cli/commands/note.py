# SPDX-License-Identifier: Apache-2.0
"""``standfast note``: a note, private unless said otherwise."""

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
    "note",
    N_(
        "Write a note; without TEXT, list the notes. A note is private unless --shared is given: "
        "it never leaves the case.\n\n"
        'Example: standfast note my-case "Ask Sam about the photo."'
    ),
)
@case_argument()
@click.argument("text", required=False, default="")
@option("--about", default="", help=N_("Reference of an event, or number of an item."))
@option("--shared", is_flag=True, help=N_("This note may be handed over."))
@unlock_options
@json_option()
def COMMAND(*, case: Path, text: str, about: str, shared: bool, as_json: bool, **how: Any) -> None:
    """Enter or list notes."""
    with opened(case, how, write=bool(text)) as desk:
        entry = desk.note(text, about=about, private=not shared) if text else None
        found = desk.state.notes
    if as_json:
        print_json({"entry": entry, "notes": plain(found)})
    elif entry is not None:
        say(_("Noted as entry {entry}.").format(entry=entry))
    else:
        for one in found:
            mark = _("private") if one.private else _("shared")
            say(f"{one.entry}  {mark}  {visible(one.text)}")

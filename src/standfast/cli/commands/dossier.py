# SPDX-License-Identifier: Apache-2.0
"""``standfast dossier``: write the report people read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    progress,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say
from standfast.i18n import N_, _, ngettext


@command(
    "dossier",
    N_(
        "Write the dossier, a PDF: who, what, when, the confirmed findings, the exhibits.\n\n"
        "Example: standfast dossier my-case -o dossier.pdf --from 2026-01-01"
    ),
)
@case_argument()
@option(
    "-o",
    "out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=N_("File to write; it must not exist yet."),
)
@option("--from", "first", default="", metavar="DAY", help=N_("First day, like 2026-01-31."))
@option("--to", "last", default="", metavar="DAY", help=N_("Last day."))
@option("--request", default="", help=N_("What you ask of the reader, in your words."))
@unlock_options
@json_option()
def COMMAND(
    *, case: Path, out: Path, first: str, last: str, request: str, as_json: bool, **how: Any
) -> None:
    """Write the dossier and say what is in it."""
    from standfast.desk.dossier import Range

    with opened(case, how, write=True) as desk, progress() as bar:
        made = desk.make_dossier(out, Range(first, last, request), bar)
    if as_json:
        print_json(plain(made))
        return
    say(_("Written: {path}").format(path=made.path))
    for annex in made.annexes:
        say(_("Annex: {path}").format(path=annex))
    events = ngettext("{n} event", "{n} events", made.events).format(n=made.events)
    found = ngettext("{n} confirmed finding", "{n} confirmed findings", made.findings)
    shown = ngettext("{n} exhibit", "{n} exhibits", made.exhibits)
    say(f"{events}, {found.format(n=made.findings)}, {shown.format(n=made.exhibits)}.")
    say(f"{made.standard}  SHA-256 {made.sha256}")

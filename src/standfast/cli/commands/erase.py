# SPDX-License-Identifier: Apache-2.0
"""``standfast erase``: destroy an original, leaving a tombstone."""

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
from standfast.cli.output import print_json, say, tell
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@command(
    "erase",
    N_(
        "Destroy an original and its events for good. That something was erased, when and why, "
        "stays in the log; everything else keeps its proofs.\n\n"
        "If there may be proceedings, ask a lawyer first. Copies elsewhere are not touched.\n\n"
        'Example: standfast erase my-case 4 --reason "photo of my daughter"'
    ),
)
@case_argument()
@click.argument("number", type=int)
@option("--reason", required=True, help=N_("Why; it stays in the log."))
@option("--yes", is_flag=True, help=N_("Do not ask again."))
@unlock_options
@json_option()
def COMMAND(*, case: Path, number: int, reason: str, yes: bool, as_json: bool, **how: Any) -> None:
    """Erase one item."""
    with opened(case, how, write=True) as desk:
        if not yes:
            tell(_("Item {number} will be destroyed for good.").format(number=number))
            try:
                click.confirm(_("Erase it?"), abort=True, err=True)
            except click.Abort as problem:
                raise KeyboardInterrupt from problem
        desk.erase(number, reason)
    if as_json:
        print_json({"erased": number})
    else:
        say(_("Item {number} was erased; the log says so.").format(number=number))

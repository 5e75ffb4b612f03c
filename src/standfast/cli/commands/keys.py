# SPDX-License-Identifier: Apache-2.0
"""``standfast keys``: who can open the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    secret,
    unlock_options,
)
from standfast.cli.output import print_json, say, tell
from standfast.errors import WrongUsage
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path


@command(
    "keys",
    N_(
        "List the ways to open a case, or change them.\n\n"
        "\b\n"
        "standfast keys CASE                     list them\n"
        "standfast keys CASE passphrase          choose a new passphrase\n"
        "standfast keys CASE recovery            make a new recovery code\n"
        "standfast keys CASE recipient age1…     let somebody else open the whole case\n"
        "standfast keys CASE remove SLOT         take a way back\n\n"
        "An older copy of the folder still opens with what opened it then.\n\n"
        "Example: standfast keys my-case passphrase"
    ),
)
@case_argument()
@click.argument("action", required=False, default="")
@click.argument("word", required=False, default="")
@option(
    "--new-passphrase-fd",
    type=int,
    metavar="N",
    help=N_("Read the new passphrase from this file descriptor."),
)
@unlock_options
@json_option()
def COMMAND(
    *, case: Path, action: str, word: str, new_passphrase_fd: int | None, as_json: bool, **how: Any
) -> None:
    """List or change the ways to open a case."""
    code = ""
    with opened(case, how, write=bool(action)) as desk:
        if action == "passphrase":
            fresh = secret(new_passphrase_fd, _("New passphrase (several words)"), twice=True)
            desk.change_passphrase(fresh)
        elif action == "recovery":
            code = desk.new_recovery_code()
        elif action == "recipient" and word:
            desk.add_recipient(word)
        elif action == "remove" and word:
            desk.remove_slot(word)
        elif action:
            raise WrongUsage(
                _("That is not one of the things that can be done here."),
                hint=_("“standfast keys --help” shows each with an example."),
            )
        slots = [{"id": one.id, "kind": one.kind} for one in desk.vault.slots]
    if as_json:
        print_json({"slots": slots, "recovery_code": code})
        return
    if action:
        tell(_("Done."))
    if code:
        say(_("The new recovery code; the old one no longer opens this folder:"))
        say("    " + code)
    for slot in slots:
        say(f"{slot['id']}  {_kind(slot['kind'])}")


def _kind(kind: str) -> str:
    return {
        "passphrase": _("passphrase"),
        "recovery": _("recovery code"),
        "recipient": _("another person's key (age)"),
    }[kind]

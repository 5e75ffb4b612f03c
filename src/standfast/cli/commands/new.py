# SPDX-License-Identifier: Apache-2.0
"""``standfast new``: make a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from standfast.cli.command import command, json_option, option, secret
from standfast.cli.output import plain, print_json, say, tell
from standfast.i18n import N_, _

SHORT = 12
"""Characters; a passphrase below that is quickly guessed by whoever copied the folder."""

if TYPE_CHECKING:
    from standfast.desk import NewCase


@command(
    "new",
    N_(
        "Make a case: a folder that only its passphrase opens.\n\n"
        "Example: standfast new my-case --zone Europe/Berlin"
    ),
)
@click.argument("case", type=click.Path(path_type=Path))
@option("--title", default="", help=N_("A title; it stands on the dossier."))
@option("--name", default="", help=N_("Your name as the dossier should show it."))
@option(
    "--zone",
    default=None,
    metavar="ZONE",
    help=N_("Time zone of the phone the exports come from; this computer's if not given."),
)
@option(
    "--passphrase-fd",
    type=int,
    metavar="N",
    help=N_("Read the passphrase from this file descriptor instead of asking."),
)
@json_option()
def COMMAND(
    *, case: Path, title: str, name: str, zone: str | None, passphrase_fd: int | None, as_json: bool
) -> None:
    """Make a case and show what to write down."""
    from standfast.desk import new_case
    from standfast.desk.zones import check_zone, zone_of_this_computer

    chosen = zone_of_this_computer() if zone is None else zone
    check_zone(chosen)
    passphrase = secret(passphrase_fd, _("Passphrase (several words)"), twice=True)
    if len(passphrase) < SHORT:
        tell(_("This passphrase is short. “standfast keys” can change it to several words."))
    made = new_case(case, passphrase, title=title, name=name, zone=chosen)
    if as_json:
        print_json(plain(made))
    else:
        _show(made)


def _show(made: NewCase) -> None:
    say(_("The case is ready: {folder}").format(folder=made.folder))
    say()
    say(_("Recovery code. Write it on paper, or print it, and keep it where nobody looks:"))
    say("    " + made.recovery_code)
    say(_("It opens the case if the passphrase is forgotten. It is not shown again."))
    say()
    say(_("Fingerprint of the case's key. Whoever checks a bundle later can compare it:"))
    say("    " + made.fingerprint)
    say()
    if made.zone:
        say(_("Time zone of the phone: {zone}").format(zone=made.zone))
        tell(
            _(
                "If the phone was somewhere else, delete this empty case and make it again, for "
                "example with --zone Europe/London."
            )
        )
    else:
        say(_("No time zone was given; each export will be asked about."))

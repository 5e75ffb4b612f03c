# SPDX-License-Identifier: Apache-2.0
"""``standfast cases``: which cases lie nearby."""

from __future__ import annotations

from standfast.cli.command import command, json_option
from standfast.cli.output import print_json, say
from standfast.i18n import N_, _


@command(
    "cases",
    N_(
        "List the cases in your own folder and on what is plugged in, the newest first.\n\n"
        "It looks one level deep and opens none of them.\n\n"
        "Example: standfast cases"
    ),
)
@json_option()
def COMMAND(*, as_json: bool) -> None:
    """List the cases nearby."""
    from standfast.desk.storing import find_cases, places

    found = find_cases(places())
    if as_json:
        print_json(
            {
                "cases": [
                    {"folder": str(one.folder), "place": one.kind, "changed": one.changed}
                    for one in found
                ]
            }
        )
        return
    for one in found:
        say(f"{one.changed[:16].replace('T', ' ')} UTC  {one.folder}")
    if not found:
        say(_("There is no case in your own folder or on what is plugged in."))

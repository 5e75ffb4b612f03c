# SPDX-License-Identifier: Apache-2.0
"""``standfast formats``: what can be read."""

from __future__ import annotations

from standfast.cli.command import command, json_option
from standfast.cli.output import plain, print_json, say, tell
from standfast.i18n import N_, _


@command("formats", N_("List the kinds of files that can be read, and how to get them."))
@json_option()
def COMMAND(*, as_json: bool) -> None:
    """List the formats."""
    from standfast.sources import known_formats

    abouts = [one.about for one in known_formats().values()]
    if as_json:
        print_json({"formats": [plain(about) for about in abouts]})
        return
    for about in abouts:
        say(f"{about.id}: {_(about.title)}")
        say("    " + _(about.export))
        for lack in about.lacks:
            say("    - " + _(lack))
    tell(_("What somebody else could notice while you export: “standfast open”, then Add."))

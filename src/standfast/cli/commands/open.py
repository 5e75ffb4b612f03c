# SPDX-License-Identifier: Apache-2.0
"""``standfast open``: the local app."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click
from click.core import ParameterSource

from standfast.cli.command import command, option
from standfast.cli.output import say, tell
from standfast.i18n import N_, _, language


@command(
    "open",
    N_(
        "Open the app in your browser, on this computer only.\n\n"
        "Without CASE it asks where the case is, or makes a new one. Nothing leaves this "
        "computer.\n\n"
        "Example: standfast open my-case"
    ),
)
@click.argument("case", type=click.Path(path_type=Path), required=False)
@option("--port", default=0, metavar="N", help=N_("Use this port; a free one if not given."))
@option(
    "--browser/--no-browser",
    default=True,
    help=N_("Open the browser, or only show the address to open in it (in a private window)."),
)
def COMMAND(*, case: Path | None, port: int, browser: bool) -> None:
    """Serve the app until it is ended."""
    from standfast.web.server import serve

    def ready(address: str) -> None:
        tell(_("Open this address in a browser on this computer. It works once:"))
        say(address)
        tell(_("To end, close the page with its exit button, or press Ctrl-C here."))
        if browser and not _opened(address):
            tell(_("No browser could be started from here. Open the address in one yourself."))

    serve(case, port=port, language=_asked_for(), ready=ready)


def _asked_for() -> str:
    """Give the language that ``--lang`` names; without it the browser's own is spoken."""
    given = click.get_current_context().get_parameter_source("lang")
    return language() if given is ParameterSource.COMMANDLINE else ""


def _opened(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False

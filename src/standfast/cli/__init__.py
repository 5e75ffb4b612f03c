# SPDX-License-Identifier: Apache-2.0
"""The command line: one file a command, found by its name.

A command is loaded when it is called, so that ``standfast --help`` is quick. Each file ends in
``COMMAND``.
"""

from __future__ import annotations

import importlib
import pkgutil

import click

from standfast import __version__
from standfast.cli.click_words import speak_ours
from standfast.cli.command import Translated, TranslatedOption, language_option, speak_at_first
from standfast.cli.output import guard_click
from standfast.i18n import N_

COMMANDS = "standfast.cli.commands"
ORDER = (
    "open", "new", "cases", "add", "read", "formats", "questions", "people", "incident", "note",
    "timeline", "findings", "knowledge", "dossier", "bundle", "verify", "anchor", "keys", "erase",
    "demo",
)  # fmt: skip


class Commands(Translated, click.Group):
    """Finds the commands in ``cli/commands`` by their file names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, in the order a case is worked on."""
        del ctx
        package = importlib.import_module(COMMANDS)
        names = {module.name for module in pkgutil.iter_modules(package.__path__)}
        return sorted(names, key=lambda name: (ORDER.index(name) if name in ORDER else 99, name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"{COMMANDS}.{cmd_name}").COMMAND
        return found


@click.group(
    cls=Commands,
    help=N_(
        "Keep the evidence. See the pattern. Stay safe.\n\n"
        "standfast works on this computer alone: it opens no connection unless you ask for that "
        "one, and writes nothing outside the folders you name.\n\n"
        "First steps: standfast new my-case, then standfast add my-case FILES."
    ),
)
@language_option()
@click.version_option(
    __version__,
    prog_name="standfast",
    cls=TranslatedOption,
    help=N_("Show the version and exit."),
)
def main() -> None:
    """Start here."""


speak_ours()
guard_click()
speak_at_first()

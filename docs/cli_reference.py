# SPDX-License-Identifier: Apache-2.0
"""Writes the command line's reference page from the commands themselves.

``python3 dev.py reference`` runs it; ``tests/test_docs.py`` compares the page with what this would
write now, so that the page cannot fall behind.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from standfast.i18n import speaking

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 96
HEAD = """# Commands

<!-- Written by `python3 dev.py reference`; a change by hand is lost. -->

Data goes to standard output, progress to standard error. [Exit codes](exit-codes.md) tell what
happened. A passphrase is asked for, or read from a file descriptor; it is never an argument.
"""


def reference(root: click.Command, name: str = "standfast") -> str:
    """Give the whole page, in English."""
    with speaking("en"):
        parts = [HEAD, *(section(context) for context in walk(root, name, None))]
    return "\n".join(parts)


def walk(command: click.Command, name: str, above: click.Context | None) -> Iterator[click.Context]:
    """Give a context for a command and for every command below it, in the order shown."""
    context = click.Context(
        command, info_name=name, parent=above, terminal_width=WIDTH, max_content_width=WIDTH
    )
    yield context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from walk(found, below, context)


def section(context: click.Context) -> str:
    """Describe one command: its usage, what it does, its options."""
    command = context.command
    told = (command.help or "").replace("\b\n", "").strip()
    records = [one.get_help_record(context) for one in command.get_params(context)]
    rows = [record for record in records if record and record[1]]
    table = ["| option | what it does |", "|---|---|"]
    table += [f"| `{cell(option)}` | {cell(words)} |" for option, words in rows]
    usage = command.get_usage(context).removeprefix("Usage: ")
    return "\n".join(
        [f"## {context.command_path}", "", "```text", usage, "```", "", told, "", *table, ""]
    )


def cell(text: str) -> str:
    """Make a text fit into a table's cell."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    from standfast.cli import main

    Path(sys.argv[1]).write_text(reference(main), encoding="utf-8")

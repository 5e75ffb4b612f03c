# SPDX-License-Identifier: Apache-2.0
"""The sentences that click itself says, from our catalogue.

click asks the standard library's ``gettext``, which reads compiled catalogues alone. Its modules
are given our two functions in place of those, so its words follow ``--lang`` like all others. A
sentence that a later click words otherwise is shown in English until it is entered here.
"""

from __future__ import annotations

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from standfast.i18n import N_, _, ngettext

MODULES = (core, decorators, exceptions, formatting, parser, termui, types)

SENTENCES = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("required"),
    N_("default: {default}"),
    N_("Show this message and exit."),
    N_("Show the version and exit."),
    N_("Try '{command} {option}' for help."),
    N_("Error: {message}"),
    N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"),
    N_("Missing command."),
    N_("Missing argument"),
    N_("Missing option"),
    N_("Missing parameter"),
    N_("Choose from:\n\t{choices}"),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Did you mean {possibility}?"),
    N_("(Did you mean one of: {possibilities}?)"),
    N_("Got unexpected extra argument ({args})"),
    N_("Got unexpected extra arguments ({args})"),
    N_("Option {name!r} does not take a value."),
    N_("Option {name!r} requires an argument."),
    N_("{value!r} is not {choice}."),
    N_("{value!r} is not one of {choices}."),
    N_("{value!r} is not a valid {number_type}."),
    N_("{name} {filename!r} does not exist."),
    N_("{name} {filename!r} is a file."),
    N_("{name} {filename!r} is a directory."),
    N_("{name} {filename!r} is not readable."),
    N_("file"),
    N_("directory"),
    N_("path"),
    N_("Repeat for confirmation"),
    N_("Error: The two entered values do not match."),
    N_("Error: invalid input"),
    N_("Aborted!"),
)
"""What can be met here; click's warnings to programmers are left out."""

PIECES = (
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("CASE"),
    N_("PATHS..."),
    N_("NUMBER"),
    N_("[TEXT]"),
    N_("[ACTION]"),
    N_("[WORD]"),
    N_("[WORDS]..."),
    N_("[answer QUESTION VALUE]"),
    N_("WHAT"),
)
"""What stands in a usage line."""


def speak_ours() -> None:
    """Have click ask our catalogue."""
    for module in MODULES:
        for name, ours in (("_", _), ("ngettext", ngettext)):
            if hasattr(module, name):
                setattr(module, name, ours)


def usage(pieces: list[str]) -> list[str]:
    """Give the pieces of a usage line in the language in force."""
    return [_(piece) for piece in pieces]


def help_option(found: click.Option | None) -> click.Option | None:
    """Give click's option ``--help``, which it words once and keeps, with its words of now."""
    if found is not None:
        found.help = _("Show this message and exit.")
    return found

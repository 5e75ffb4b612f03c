# SPDX-License-Identifier: Apache-2.0
"""``standfast questions``: what only the person can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    progress,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, tell, visible
from standfast.errors import WrongUsage
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import OpenQuestion


@command(
    "questions",
    N_(
        "List the open questions of a case, or answer one.\n\n"
        "Example: standfast questions my-case answer 1.date_order dmy"
    ),
)
@case_argument()
@click.argument("words", nargs=-1, metavar="[answer QUESTION VALUE]")
@unlock_options
@json_option()
def COMMAND(*, case: Path, words: tuple[str, ...], as_json: bool, **how: Any) -> None:
    """List or answer."""
    if words and (len(words) != 3 or words[0] != "answer"):  # noqa: PLR2004 - verb, id, value
        raise WrongUsage(
            _("An answer has three parts: answer, the question, the value."),
            hint=_("For example: standfast questions my-case answer 1.date_order dmy"),
        )
    with opened(case, how, write=bool(words)) as desk:
        if words:
            with progress() as bar:
                desk.answer(words[1], words[2], bar)
            tell(_("Answered."))
        found = desk.questions()
    if as_json:
        print_json({"questions": plain(found)})
        return
    for one in found:
        _show(one)
    if found:
        tell(_("To answer, for example:") + " " + _example(found[0]))
    else:
        say(_("No question is open."))


def _show(one: OpenQuestion) -> None:
    say(f"{one.id}  {visible(one.name, most=200)}")
    say("    " + _words(one))
    for place, choice in enumerate(one.choices):
        example = one.examples[place] if place < len(one.examples) else ""
        say(f"    - {visible(choice)}" + (f"  ({visible(example)})" if example else ""))


def _example(one: OpenQuestion) -> str:
    value = visible(one.choices[0]) if one.choices else "Europe/Berlin"
    return f'standfast questions CASE answer {one.id} "{value}"'


def _words(one: OpenQuestion) -> str:
    return {
        "date_order": _("Does the day or the month come first in the dates of this file?"),
        "zone": _("In which time zone was the device that wrote this file? (Europe/Berlin, …)"),
        "me": _("Which of these is you?"),
    }.get(one.question, one.question)

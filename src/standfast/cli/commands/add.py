# SPDX-License-Identifier: Apache-2.0
"""``standfast add``: keep originals, read what is readable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    progress,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, size_words, tell, visible
from standfast.errors import InputUnreadable
from standfast.i18n import N_, _, ngettext
from standfast.sources.wording import in_words

if TYPE_CHECKING:
    from standfast.desk import Added, AddReport


@command(
    "add",
    N_(
        "Keep files and folders in a case, and read what can be read.\n\n"
        "Originals are kept byte for byte. Adding something twice adds nothing twice; after an "
        "interruption the same command goes on.\n\n"
        'Example: standfast add my-case "WhatsApp Chat - Alex.zip" sms.xml screenshots/'
    ),
)
@case_argument()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--as", "forced", default="", metavar="FORMAT", help=N_("Read as this format."))
@unlock_options
@json_option()
def COMMAND(*, case: Path, paths: tuple[Path, ...], forced: str, as_json: bool, **how: Any) -> None:
    """Add files and say what became of each."""
    with opened(case, how, write=True) as desk, progress() as bar:
        report = desk.add(paths, bar, forced=forced)
        waiting = len(desk.questions())
        bar.stop()
        if as_json:
            print_json({"files": plain(report.files), "questions": waiting})
        else:
            _show(report, waiting)
    if report.left_out or report.in_doubt:
        sys.exit(InputUnreadable.exit_code)


def _show(report: AddReport, waiting: int) -> None:
    for one in report.files:
        (tell if one.reason else say)(_line(one))
    if waiting:
        say()
        say(
            ngettext(
                "{n} question is open; “standfast questions” shows it.",
                "{n} questions are open; “standfast questions” shows them.",
                waiting,
            ).format(n=waiting)
        )


def _line(one: Added) -> str:
    name = visible(Path(one.path).name, most=200)
    if one.outcome == "left_out":
        return _("{name}: not taken in. {reason}").format(name=name, reason=one.reason)
    if one.reason:
        kept = _("{number:>4}  {name}: kept ({size}). {reason}")
        reason = visible(in_words(one.reason))
        size = size_words(one.size)
        return kept.format(number=one.number, name=name, size=size, reason=reason)
    if one.outcome == "known":
        return _("{number:>4}  {name}: already in the case, nothing added.").format(
            number=one.number, name=name
        )
    if not one.format:
        kept = _("{number:>4}  {name}: kept ({size}); its content cannot be read yet.")
        return kept.format(number=one.number, name=name, size=size_words(one.size))
    events = ngettext("{n} event", "{n} events", one.events).format(n=one.events)
    line = _("{number:>4}  {name}: kept ({size}), {format}, {events}").format(
        number=one.number, name=name, size=size_words(one.size), format=one.format, events=events
    )
    if one.unreadable:
        line += _(", {n} not readable").format(n=one.unreadable)
    return line + "."

# SPDX-License-Identifier: Apache-2.0
"""``standfast read``: show what files hold, without a case."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import command, option, progress
from standfast.cli.output import SCHEMA, print_json, say, tell, tell_error, visible
from standfast.errors import InputUnreadable, WrongUsage
from standfast.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable

    from standfast.desk.reading import Total


@command(
    "read",
    N_(
        "Show the events in files, without a case. Nothing is kept.\n\n"
        "Example: standfast read chat.txt --zone Europe/Berlin --jsonl"
    ),
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--as", "forced", default="", metavar="FORMAT", help=N_("Read as this format."))
@option("--zone", default="", help=N_("Time zone of the device that wrote the file."))
@option(
    "--date-order",
    default="",
    type=click.Choice(["", "dmy", "mdy", "ymd"]),
    metavar="ORDER",
    help=N_("Order of day, month and year where the file does not decide it: dmy, mdy or ymd."),
)
@option("--jsonl", "shape", flag_value="jsonl", help=N_("One event a line, then the account."))
@option("--json", "shape", flag_value="json", help=N_("Print one JSON object."))
@option("--summary", "shape", flag_value="summary", help=N_("Only the account."))
def COMMAND(
    *, paths: tuple[Path, ...], forced: str, zone: str, date_order: str, shape: str | None
) -> None:
    """Read files and print what is in them."""
    from standfast.desk.reading import Total, read_paths
    from standfast.desk.zones import check_zone
    from standfast.sources import Options, known_formats

    check_zone(zone)
    if forced and forced not in known_formats():
        raise WrongUsage(
            _("There is no format named {name}.").format(name=forced),
            hint=_("“standfast formats” lists them."),
        )
    total = Total()
    options = Options(zone=zone, date_order=date_order)
    with progress() as bar:
        lines = shape != "summary"
        _print(read_paths(paths, options, total, bar, forced=forced, lines=lines), total, shape)
    for problem in total.problems.values():
        tell_error(problem)
    if total.problems:
        sys.exit(InputUnreadable.exit_code)


def _print(lines: Iterable[bytes], total: Total, shape: str | None) -> None:
    if shape == "json":
        events = [json.loads(line) for line in lines]
        print_json({"events": events, "coverage": total.as_json()})
        return
    for line in lines:
        if shape == "jsonl":
            sys.stdout.buffer.write(line + b"\n")
        elif shape is None:
            say(_for_people(json.loads(line)))
    if shape is None:
        _tell_account(total)
        return
    account = json.dumps({"schema": SCHEMA, "coverage": total.as_json()}, ensure_ascii=False)
    sys.stdout.buffer.write(account.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def _for_people(event: dict[str, Any]) -> str:
    from standfast.desk.words import event_words

    when = event["at"] or " / ".join(event.get("alternatives", ())) or _("no date")
    who = event["sender"] or ("→ " + ", ".join(event["recipients"]) if event["recipients"] else "")
    what = event_words(event["text"], event["kind"], event["detail"], event["state"])
    return f"{when.replace('T', ' ')}  {visible(who, most=60)}  {visible(what, most=400)}"


def _tell_account(total: Total) -> None:
    from standfast.sources.wording import in_words

    tell("")
    tell(ngettext("{n} event", "{n} events", total.events).format(n=total.events) + ".")
    tell(
        _("{accounted} of {bytes} bytes accounted for.").format(
            accounted=total.bytes_accounted, bytes=total.bytes
        )
    )
    for one in total.unreadable:
        tell(_("Not readable: {detail}").format(detail=visible(in_words(one["detail"]))))
    for one in total.questions:
        tell(_question(one))
    for one in total.remarks:
        tell(visible(in_words(one["detail"])))


def _question(one: dict[str, Any]) -> str:
    if one["id"] == "zone":
        return _("The time zone is open: give it with --zone.")
    if one["id"] == "date_order":
        examples = " / ".join(one["examples"])
        return _("Day or month first? {examples}. Decide with --date-order.").format(
            examples=visible(examples)
        )
    return _("Which participant is you is asked when the file is in a case.")

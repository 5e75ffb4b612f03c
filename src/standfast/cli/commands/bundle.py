# SPDX-License-Identifier: Apache-2.0
"""``standfast bundle``: hand over, so that anyone can verify it."""

from __future__ import annotations

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
from standfast.cli.output import plain, print_json, say, size_words
from standfast.desk.words import verdict_words
from standfast.errors import WrongUsage
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from standfast.desk.bundling import BundleMade


@command(
    "bundle",
    N_(
        "Write a bundle: dossier, originals or chosen events, and proofs, in one zip that anyone "
        "can verify offline with nothing installed. It is verified before this command ends.\n\n"
        "Example: standfast bundle my-case -o bundle.zip --only 1,3"
    ),
)
@case_argument()
@option(
    "-o",
    "out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help=N_("File to write; it must not exist yet."),
)
@option(
    "--only",
    default="",
    metavar="NUMBERS",
    help=N_("Only these exhibits, like 1,3-5; “none” for chosen events alone."),
)
@option(
    "--event",
    "events",
    multiple=True,
    metavar="REFERENCE",
    help=N_("Only this event of an exhibit, with its proof (may be repeated)."),
)
@option(
    "--for",
    "recipient",
    default="",
    metavar="RECIPIENT",
    help=N_("Encrypt for this age recipient (age1…)."),
)
@option("--law", default="", metavar="CC", help=N_("Country of the draft certification."))
@option("--from", "first", default="", metavar="DAY", help=N_("First day of the dossier."))
@option("--to", "last", default="", metavar="DAY", help=N_("Last day of the dossier."))
@option("--request", default="", help=N_("What you ask of the reader, in your words."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    out: Path,
    only: str,
    events: tuple[str, ...],
    recipient: str,
    law: str,
    first: str,
    last: str,
    request: str,
    as_json: bool,
    **how: Any,
) -> None:
    """Write and verify a bundle."""
    from standfast.desk.bundling import Choice
    from standfast.desk.dossier import Range

    choice = Choice(
        originals=_numbers(only),
        events=frozenset(events) if events else None,
        law=law,
        within=Range(first, last, request),
        recipient=recipient,
    )
    with opened(case, how, write=True) as desk, progress() as bar:
        made = desk.make_bundle(out, choice, bar)
    if as_json:
        print_json(plain(made))
    else:
        _show(made)


def _numbers(text: str) -> frozenset[int] | None:
    if not text:
        return None
    if text == "none":
        return frozenset()
    numbers: set[int] = set()
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise WrongUsage(
                _("“{part}” is no exhibit number.").format(part=part),
                hint=_("Write numbers like 1,3-5."),
            )
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


def _show(made: BundleMade) -> None:
    say(_("Written: {path} ({size})").format(path=made.path, size=size_words(made.size)))
    say(verdict_words(made.verdict))
    say(
        _("Originals: {given}, kept back: {kept}. Events: {shown}, kept back: {hidden}.").format(
            given=made.originals, kept=made.withheld_items, shown=made.events,
            hidden=made.events_withheld,
        )
    )  # fmt: skip
    say(_("Fingerprint of the case's key: {print}").format(print=made.fingerprint))
    say(_("Tell the recipient this fingerprint another way, for example by telephone."))

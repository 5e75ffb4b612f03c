# SPDX-License-Identifier: Apache-2.0
"""``standfast verify``: is a case, or a bundle, as it was left?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    command,
    json_option,
    opened,
    option,
    progress,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, visible
from standfast.errors import Damaged, InputUnreadable
from standfast.i18n import N_, _, language

if TYPE_CHECKING:
    from standfast.desk import Desk
    from standfast.vault.check import CaseReport


@command(
    "verify",
    N_(
        "Check that a case or a bundle is as it was left.\n\n"
        "A bundle needs no passphrase. For a case, --against compares it with a bundle or a head "
        "that was kept elsewhere; only that shows when the whole folder was replaced by an older "
        "copy.\n\n"
        "Example: standfast verify bundle.zip"
    ),
)
@click.argument("what", type=click.Path(path_type=Path))
@option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=N_("A bundle or signed head (head.note) kept elsewhere (may be repeated)."),
)
@unlock_options
@json_option()
def COMMAND(*, what: Path, against: tuple[Path, ...], as_json: bool, **how: Any) -> None:
    """Verify and say what is affected."""
    from standfast.vault.casefile import NAME as CASE_FILE

    if (what / CASE_FILE).exists():
        _verify_case(what, against, how, as_json=as_json)
    elif what.exists():
        _verify_bundle(what, as_json=as_json)
    else:
        raise InputUnreadable(
            _("There is no case and no bundle named {name}.").format(name=what.name),
            hint=_("Check the name."),
        )


def _verify_bundle(what: Path, *, as_json: bool) -> None:
    from standfast.desk.verifying import verify_bundle

    verdict = verify_bundle(what)
    if as_json:
        print_json(verdict.as_json(language()))
    else:
        say(verdict.text(language()))
    sys.exit(verdict.exit_code)


def _verify_case(what: Path, against: tuple[Path, ...], how: Any, *, as_json: bool) -> None:
    from standfast.desk.verifying import known_heads

    notes = known_heads(against)
    with opened(what, how) as desk, progress() as bar:
        report = desk.verify(notes, bar)
        bar.stop()
        if as_json:
            print_json(_json(desk, report))
        else:
            _show(desk, report)
    if not report.whole:
        sys.exit(Damaged.exit_code)


def _json(desk: Desk, report: CaseReport) -> dict[str, Any]:
    from standfast.vault.note import fingerprint

    return {
        "whole": report.whole,
        "problems": plain(report.problems),
        "remarks": list(report.remarks),
        "entries": report.entries,
        "items": report.items,
        "erased": report.erased,
        "bytes": report.bytes,
        "head": {"size": report.head.size, "root": report.head.root.hex()},
        "compared": report.compared,
        "fingerprint": fingerprint(desk.vault.keys.public),
    }


def _show(desk: Desk, report: CaseReport) -> None:
    from standfast.vault.note import fingerprint

    for problem in report.problems:
        say(f"! {visible(problem.what)}: {problem.sentence}")
        if problem.unaffected:
            say("  " + problem.unaffected)
    for remark in report.remarks:
        say("· " + remark)
    if report.whole:
        say(
            _("Everything is as it was left: {items} originals, {entries} entries.").format(
                items=report.items, entries=report.entries
            )
        )
    say(_("Head: {size} entries, root {root}").format(
        size=report.head.size, root=report.head.root.hex()))  # fmt: skip
    say(_("Fingerprint of the case's key: {print}").format(
        print=fingerprint(desk.vault.keys.public)))  # fmt: skip
    if not report.compared:
        say(
            _(
                "Whether the whole folder was replaced by an older copy of itself shows only in "
                "comparison with a dossier or bundle you gave away: compare the head, or use "
                "--against."
            )
        )

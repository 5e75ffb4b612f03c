# SPDX-License-Identifier: Apache-2.0
"""``standfast findings``: what stands out, with its reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, tell, visible
from standfast.i18n import N_, _, ngettext
from standfast.model.finding import Status

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import FindingView


@command(
    "findings",
    N_(
        "Show what stands out in a case; confirm or dismiss it. Only what is confirmed enters "
        "the dossier.\n\n"
        "Example: standfast findings my-case --confirm night:1f2e3d4c5b6a7988"
    ),
)
@case_argument()
@option("--confirm", multiple=True, metavar="ID", help=N_("This is right (may be repeated)."))
@option("--dismiss", multiple=True, metavar="ID", help=N_("This is not right or not wanted."))
@option("--short", is_flag=True, help=N_("Only the first two sentences of each."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    confirm: tuple[str, ...],
    dismiss: tuple[str, ...],
    short: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Show findings, and enter decisions."""
    with opened(case, how, write=bool(confirm or dismiss)) as desk:
        for one in confirm:
            desk.decide(one, Status.CONFIRMED)
        for one in dismiss:
            desk.decide(one, Status.DISMISSED)
        found = desk.findings()
        changed = desk.outdated(found)
    if as_json:
        print_json({"findings": plain(found), "outdated": changed})
        return
    for view in found:
        _show(view, short=short)
    if changed:
        tell(
            ngettext(
                "{n} finding that you confirmed reads otherwise since events were added: please "
                "look at it again.",
                "{n} findings that you confirmed read otherwise since events were added: please "
                "look at them again.",
                changed,
            ).format(n=changed)
        )
    if not found:
        say(_("Nothing was found. That does not mean that nothing happened."))
        say(_("Findings need to know who is who: “standfast people” shows what is stated."))


def _show(view: FindingView, *, short: bool) -> None:
    status = {
        Status.SUGGESTED: _("suggested"),
        Status.CONFIRMED: _("confirmed"),
        Status.DISMISSED: _("dismissed"),
    }[view.status]
    words = view.statement
    say(f"{words.title}  [{view.finding.id}] ({status})")
    say("  " + visible(words.seen))
    if not short:
        for head, text in (
            (_("Why it matters"), words.why),
            (_("What else could explain it"), words.otherwise),
            (_("How sure"), words.sure),
            (_("What to do next"), words.next_step),
            (_("Would the other person notice?"), words.notice),
        ):
            say(f"  {head}: {visible(text)}")
    say()

# SPDX-License-Identifier: Apache-2.0
"""``standfast anchor``: have the head of the log timestamped."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from standfast.cli.command import (
    case_argument,
    command,
    json_option,
    opened,
    option,
    unlock_options,
)
from standfast.cli.output import plain, print_json, say, tell
from standfast.errors import InputUnreadable, WrongUsage
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk.anchoring import AnchorReport
    from standfast.net import Consent, Request


@command(
    "anchor",
    N_(
        "Have an outside authority state that this case existed before a time (RFC 3161).\n\n"
        "It contacts that authority once, after telling you what is sent and who could notice; "
        "with --queue nothing is sent until “anchor --send”.\n\n"
        "Example: standfast anchor my-case --tsa URL"
    ),
)
@case_argument()
@option("--tsa", "urls", multiple=True, metavar="URL", help=N_("The authority (two are better)."))
@option("--queue", is_flag=True, help=N_("Only note that it is wanted; send nothing now."))
@option("--send", is_flag=True, help=N_("Send what is waiting."))
@option("--yes", is_flag=True, help=N_("I have read what is sent and who could notice."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    urls: tuple[str, ...],
    queue: bool,
    send: bool,
    yes: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Anchor the head."""
    from standfast.desk.anchoring import REFUSED, describe, queued, send_queued

    if not urls and not send:
        raise WrongUsage(
            _("Which authority? Give its address with --tsa."),
            hint=_("The page “timestamp” of the documentation says how to choose one."),
        )
    reports: list[AnchorReport] = []
    with opened(case, how, write=True) as desk:
        waiting = [describe(one["url"]) for one in queued(desk)] if send else []
        for request in {one.host: one for one in waiting}.values():
            reports += send_queued(desk, _agreed(request, yes=yes))
        for url in urls:
            consent = None if queue else _agreed(describe(url), yes=yes)
            reports.append(desk.anchor(url, consent))
    if as_json:
        print_json({"anchors": plain(reports)})
    else:
        _show_all(reports)
    if any(one.state == REFUSED for one in reports):
        sys.exit(InputUnreadable.exit_code)


def _show_all(reports: list[AnchorReport]) -> None:
    for one in reports:
        _show(one)
    if not reports:
        say(_("Nothing is waiting."))


def _agreed(request: Request, *, yes: bool) -> Consent:
    from standfast.net import Consent, what_will_happen

    for sentence in what_will_happen(request):
        tell(sentence)
    if not yes:
        try:
            click.confirm(_("Connect now?"), abort=True, err=True)
        except click.Abort as problem:
            raise KeyboardInterrupt from problem
    return Consent(purpose=request.purpose, host=request.host)


def _show(one: AnchorReport) -> None:
    if one.state == "refused":
        say(one.trouble)
        return
    if one.state == "queued":
        if one.trouble:
            say(one.trouble)
        say(_("Waiting: nothing is lost; “standfast anchor CASE --send” tries again."))
        return
    say(
        _("{authority} states that the first {size} entries existed before {time}.").format(
            authority=one.authority, size=one.size, time=one.time
        )
    )
    say(_("Fingerprint of its root certificate: {print}").format(print=one.root_fingerprint))

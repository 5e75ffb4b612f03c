# SPDX-License-Identifier: Apache-2.0
"""``standfast people``: who is behind the accounts."""

from __future__ import annotations

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
from standfast.cli.output import plain, print_json, say, tell, visible
from standfast.errors import WrongUsage
from standfast.i18n import N_, _, ngettext
from standfast.model.people import Role

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import Desk

ME = "me"


@command(
    "people",
    N_(
        "List the accounts in a case, or say who is behind them.\n\n"
        "\b\n"
        "standfast people CASE                               list accounts and people\n"
        "standfast people CASE me CHANNEL:ADDRESS            this account is mine\n"
        "standfast people CASE other NAME CHANNEL:ADDRESS…   … is the other person's\n"
        "standfast people CASE third NAME CHANNEL:ADDRESS…   … is a friend's, an office's\n"
        "standfast people CASE unlink CHANNEL:ADDRESS        take that back\n"
        "standfast people CASE stop NAME --event E           a clear request to stop (or --at)\n"
        "standfast people CASE block NAME CHANNEL:ADDRESS --at TIME   when it was blocked\n"
        "standfast people CASE withdraw ENTRY                take back a stop or a block\n\n"
        "Each is your statement: it is recorded as yours and can be taken back.\n\n"
        'Example: standfast people my-case other Alex "whatsapp:Alex M." sms:+4917139200'
    ),
)
@case_argument()
@click.argument("action", required=False, default="")
@click.argument("words", nargs=-1)
@option("--event", default="", help=N_("Reference of the message, as the timeline shows it."))
@option("--at", "when", default="", help=N_("Time, like “2024-03-04 21:30”."))
@option("--words", "said", default="", help=N_("What was said, in your words."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    action: str,
    words: tuple[str, ...],
    event: str,
    when: str,
    said: str,
    as_json: bool,
    **how: Any,
) -> None:
    """List or state."""
    with opened(case, how, write=bool(action)) as desk:
        if action:
            entry = _state(desk, action, words, {"event": event, "when": when, "words": said})
            tell(_("Entered.") + (f" ({entry})" if entry is not None else ""))
        if as_json:
            print_json({"people": plain(list(desk.state.people.values())), **_accounts(desk)})
        else:
            _show(desk)


def _state(desk: Desk, action: str, words: tuple[str, ...], facts: dict[str, str]) -> int | None:
    if action == ME and words:
        for word in words:
            desk.link(ME, Role.ME, *_account(word))
        return None
    if action in {"other", "third"} and words:
        for word in words[1:]:
            desk.link(words[0], Role(action), *_account(word))
        if len(words) > 1:
            return None
    if action == "unlink" and len(words) == 1:
        desk.unlink(*_account(words[0]))
        return None
    if action == "stop" and len(words) == 1:
        return desk.stop_request(words[0], **facts)
    if action == "block" and len(words) == 2:  # noqa: PLR2004 - name and account
        return desk.block(words[0], *_account(words[1]), facts["when"])
    if action == "withdraw" and len(words) == 1 and words[0].isdecimal():
        desk.withdraw(int(words[0]))
        return None
    raise WrongUsage(
        _("That is not one of the things that can be said here."),
        hint=_(
            "For example: standfast people my-case other Alex “whatsapp:Alex M.”, first the name, "
            "then the accounts. “standfast people --help” shows the rest."
        ),
    )


def _account(word: str) -> tuple[str, str]:
    channel, colon, address = word.partition(":")
    if not (channel and colon and address):
        raise WrongUsage(
            _("An account is written CHANNEL:ADDRESS."),
            hint=_("For example whatsapp:“Alex M.” or mail:alex@example.org"),
        )
    return channel, address


def _accounts(desk: Desk) -> dict[str, Any]:
    names = ("channel", "address", "person", "role", "incoming", "outgoing")
    return {"accounts": [dict(zip(names, row, strict=True)) for row in desk.timeline.accounts()]}


def _show(desk: Desk) -> None:
    rows = desk.timeline.accounts()
    say(_("Accounts, what came in from them, and what went out to them:"))
    for channel, address, person, _role, incoming, outgoing in rows:
        owner = visible(person, most=60) if person else _("not stated")
        name = visible(f"{channel}:{address}", most=120)
        say(f"  {name}  ↓{incoming} ↑{outgoing}  {owner}")
    for channel, count in desk.timeline.undecided_channels():
        tell(
            ngettext(
                "On {channel} it is open who wrote {n} contact: say which account is yours, "
                "for example: standfast people CASE me {channel}:ADDRESS",
                "On {channel} it is open who wrote {n} contacts: say which account is yours, "
                "for example: standfast people CASE me {channel}:ADDRESS",
                count,
            ).format(channel=channel, n=count)
        )
    for one in desk.state.stops:
        say(
            _("Request to stop to {person}, entry {entry}: {words}").format(
                person=visible(one.person, most=60),
                entry=one.entry,
                words=visible(one.words, most=120),
            )
        )
    for one in desk.state.blocks:
        say(
            _("Blocked {account} of {person} on {when}, entry {entry}").format(
                account=visible(f"{one.channel}:{one.account}"),
                person=visible(one.person, most=60),
                when=one.when,
                entry=one.entry,
            )
        )

# SPDX-License-Identifier: Apache-2.0
"""``standfast knowledge``: the board of "How do they know?"."""

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
from standfast.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from standfast.desk import Board, Desk

Facts = dict[str, str]


@command(
    "knowledge",
    N_(
        "Write down when the other person knew something, and what could have carried it.\n\n"
        "\b\n"
        "standfast knowledge CASE board                      show the board (also without a word)\n"
        "standfast knowledge CASE add WHAT-THEY-KNEW --at T  a moment (or --event E)\n"
        "standfast knowledge CASE carrier KIND NAME          what could have carried it\n"
        "standfast knowledge CASE held MOMENT CARRIER before|not|unknown\n"
        "standfast knowledge CASE withdraw ENTRY             take back any of these\n\n"
        "Kinds: phone, account, channel, car, photo, post, told, home, child, other. MOMENT and "
        "CARRIER are the numbers of their entries, in square brackets on the board. The board "
        "counts your own answers and gives no verdict; it goes into no bundle.\n\n"
        'Example: standfast knowledge my-case add "my new address" --at 2026-03-04 '
        '--shown "A letter came there."'
    ),
)
@case_argument()
@click.argument("action", required=False, default="board")
@click.argument("words", nargs=-1)
@option("--at", "when", default="", help=N_("When they showed it, like “2024-03-04 21:30”."))
@option("--event", default="", help=N_("Reference of the message that showed it."))
@option("--shown", default="", help=N_("How they showed it."))
@option("--own-at", "own_when", default="", help=N_("Since when you knew or planned it."))
@option("--own-words", default="", help=N_("Where you were then, whom you had told."))
@option("--replaces", default="", metavar="ENTRY", help=N_("Correct this moment or carrier."))
@option("--words", "said", default="", help=N_("Why the answer is so, in your words."))
@unlock_options
@json_option()
def COMMAND(
    *,
    case: Path,
    action: str,
    words: tuple[str, ...],
    as_json: bool,
    when: str,
    event: str,
    shown: str,
    own_when: str,
    own_words: str,
    replaces: str,
    said: str,
    **how: Any,
) -> None:
    """Show the board, or write on it."""
    facts = {
        "when": when, "event": event, "shown": shown, "own_when": own_when,
        "own_words": own_words, "replaces": replaces, "said": said,
    }  # fmt: skip
    reading = action == "board" and not words
    with opened(case, how, write=not reading) as desk:
        entry = None if reading else _write(desk, action, words, facts)
        board = desk.board()
    if entry is not None:
        tell(_("Written down as entry {entry}.").format(entry=entry))
    if as_json:
        print_json({"entry": entry, "board": plain(board)})
    else:
        _show(board)


def _write(desk: Desk, action: str, words: tuple[str, ...], facts: Facts) -> int | None:
    do = WAYS.get((action, len(words)))
    if do is None or (facts["replaces"] and not facts["replaces"].isdecimal()):
        raise _unknown()
    return do(desk, words, facts)


def _add(desk: Desk, words: tuple[str, ...], facts: Facts) -> int:
    return desk.knowledge_moment(words[0], **{k: v for k, v in facts.items() if k != "said"})


def _carrier(desk: Desk, words: tuple[str, ...], facts: Facts) -> int:
    replaces = int(facts["replaces"]) if facts["replaces"] else None
    return desk.carrier(words[0], words[1], replaces)


def _held(desk: Desk, words: tuple[str, ...], facts: Facts) -> int:
    from standfast.desk import Held

    if not (words[0].isdecimal() and words[1].isdecimal() and words[2] in set(Held)):
        raise _unknown()
    return desk.carried(int(words[0]), int(words[1]), Held(words[2]), facts["said"])


def _withdraw(desk: Desk, words: tuple[str, ...], _facts: Facts) -> None:
    if not words[0].isdecimal():
        raise _unknown()
    desk.withdraw(int(words[0]))


WAYS: dict[tuple[str, int], Callable[[Desk, tuple[str, ...], Facts], int | None]] = {
    ("add", 1): _add,
    ("carrier", 2): _carrier,
    ("held", 3): _held,
    ("withdraw", 1): _withdraw,
}
"""What can be done, by the word for it and how many words follow."""


def _unknown() -> WrongUsage:
    return WrongUsage(
        _("That is not one of the things that can be said here."),
        hint=_("“standfast knowledge --help” shows them, each with an example."),
    )


def _show(board: Board) -> None:
    from standfast.desk.board import carrier_words, explain, held_words

    if not board.moments:
        say(_("Nothing is written down yet. Begin with one moment at which they knew something."))
    for moment, row in zip(board.moments, board.cells, strict=True):
        when = moment.when.replace("T", " ") or _("no date")
        say(f"{moment.number}  [{moment.entry}]  {when}  {visible(moment.knew, most=200)}")
        for carrier, cell in zip(board.carriers, row, strict=True):
            name = visible(carrier.name, most=60)
            why = f" ({visible(cell.words, most=200)})" if cell.words else ""
            say(f"     {name}: {held_words(cell.held)}{why}")
    for tally in board.tallies:
        carrier = tally.carrier
        kind = carrier_words(carrier.kind)
        say(f"{visible(carrier.name, most=60)}  [{carrier.entry}]  ({kind})")
        for sentence in explain(tally) if board.moments else ():
            say(f"     {sentence}")
    for sentence in _hints(board):
        say(sentence)


def _hints(board: Board) -> list[str]:
    from standfast.desk.board import unexplained_words

    found = list(unexplained_words(board))
    if board.telling is not None:
        moment = next(one for one in board.moments if one.entry == board.telling.moment)
        carrier = next(one for one in board.carriers if one.entry == board.telling.carrier)
        found.append(
            _("Worth finding out next: did “{carrier}” hold moment {number} before?").format(
                carrier=visible(carrier.name, most=60), number=moment.number
            )
        )
    return found

# SPDX-License-Identifier: Apache-2.0
"""Writing down who knew what, for the board of "How do they know?" (`standfast.desk.board`).

Rules enforced here:

* everything is the person's own statement, an entry each, which can be corrected and taken back;
* nothing of it goes into a bundle or a dossier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from standfast.desk import stating
from standfast.desk.board import (
    CARRIER,
    HELD,
    MOMENT,
    Board,
    Carrier,
    CarrierKind,
    Held,
    Showing,
    carriers_of,
    fold_board,
    moments_of,
)
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.times import Precision, from_micros
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from standfast.desk.case import Desk

T = TypeVar("T", Showing, Carrier)


def add_moment(desk: Desk, knew: str, facts: Mapping[str, str]) -> int:
    """Write down a moment, by the event it rests on or by its time.

    ``facts``: ``when``, ``event``, ``shown``, ``own_when``, ``own_words``; ``replaces`` is the
    entry of the moment that is corrected.

    Raises:
        WrongUsage: nothing is said to be known, a time is none, or there is no such event.
    """
    if not knew.strip():
        raise WrongUsage(_("What did they know?"), hint=_("Write it in your own words."))
    own_when, own_precision = stating.stated_time(facts.get("own_when", ""))
    body: dict[str, Any] = {
        "about": MOMENT, "knew": knew, "own_when": own_when, "own_precision": own_precision,
        **{name: facts.get(name, "") for name in ("shown", "event", "own_words")},
        **_time(desk, facts.get("event", ""), facts.get("when", "")),
    }  # fmt: skip
    if facts.get("replaces"):
        body["replaces"] = _known(moments_of(desk.state), int(facts["replaces"])).entry
    return _append(desk, body)


def _time(desk: Desk, event: str, when: str) -> dict[str, str]:
    if not event:
        wall, precision = stating.stated_time(when)
        return {"when": wall, "zone": desk.state.zone, "precision": precision}
    row = desk.timeline.by_reference([event]).get(event)
    if row is None:
        raise WrongUsage(
            _("There is no event {event}.").format(event=event),
            hint=_("“standfast timeline” shows each event with its reference."),
        )
    decided = row.wall is not None and row.ts is not None
    return {
        "when": from_micros(row.wall or 0).isoformat() if decided else "",
        "zone": row.zone or desk.state.zone,
        "precision": row.precision if decided else str(Precision.NONE),
    }


def add_carrier(desk: Desk, kind: str, name: str, replaces: int | None = None) -> int:
    """Name what could have carried knowledge; ``replaces`` names one that is corrected.

    Raises:
        WrongUsage: there is no such kind, or the name is empty.
    """
    if kind not in set(CarrierKind) or not name.strip():
        raise WrongUsage(
            _("What could have carried it? A kind and a name are needed."),
            hint=_("The kinds are: {kinds}.").format(kinds=", ".join(CarrierKind)),
        )
    body: dict[str, Any] = {"about": CARRIER, "kind": kind, "name": name}
    if replaces is not None:
        body["replaces"] = _known(carriers_of(desk.state), replaces).entry
    return _append(desk, body)


def answer(desk: Desk, moment: int, carrier: int, held: Held, words: str) -> int:
    """State whether a carrier held what was known before a moment; the newest answer holds.

    Raises:
        WrongUsage: there is no such moment or carrier.
    """
    pair = {"moment": _known(moments_of(desk.state), moment).entry,
            "carrier": _known(carriers_of(desk.state), carrier).entry}  # fmt: skip
    return _append(desk, {"about": HELD, **pair, "held": str(Held(held)), "words": words})


def _known(found: Iterable[T], entry: int) -> T:
    for one in found:
        if one.entry == entry:
            return one
    raise WrongUsage(
        _("There is no entry {entry} of that sort on the board.").format(entry=entry),
        hint=_("“standfast knowledge CASE” shows the board with the number of each entry."),
    )


def _append(desk: Desk, body: Mapping[str, Any]) -> int:
    return desk.append(Draft(kinds.KNOWLEDGE, body))[-1].seq


def board(desk: Desk) -> Board:
    """Give the board."""
    return fold_board(desk.state)

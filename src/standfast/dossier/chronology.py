# SPDX-License-Identifier: Apache-2.0
"""The chronology: rows made printable, and cut into volumes that a small computer can set.

Rules enforced here:

* every row is there, in the order given, in the dossier itself or in exactly one annex volume;
* a volume ends before it has too many rows or too much text, whichever comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.dossier import wording
from standfast.dossier.legible import legible, one_line, runs_right_to_left
from standfast.i18n import _
from standfast.model.event import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from standfast.dossier.blocks import Block
    from standfast.dossier.document import Row

ROWS_IN_MAIN: Final = 1_500
ROWS_IN_VOLUME: Final = 1_500
TEXT_IN_VOLUME: Final = 500_000
LONG_TEXT: Final = 900
LONG_LINES: Final = 14
MOST_ATTACHMENTS: Final = 12


def volumes(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """Cut the rows into volumes; a short chronology is one that stays in the dossier."""
    cut: list[Sequence[Row]] = []
    first = held = 0
    for place, row in enumerate(rows):
        weight = min(len(row.text), 4_000)
        if place - first >= ROWS_IN_VOLUME or held + weight > TEXT_IN_VOLUME:
            cut.append(rows[first:place])
            first, held = place, 0
        held += weight
    return [*cut, rows[first:]] if rows[first:] else cut


def fits_into_main(rows: Sequence[Row]) -> bool:
    """Tell whether the whole chronology can stand in the dossier itself."""
    return len(rows) <= ROWS_IN_MAIN and len(volumes(rows)) <= 1


def table(rows: Sequence[Row]) -> Block:
    """Make the table of a chronology."""
    head = [_("No."), _("When"), _("From, to, how"), _("What"), _("Where it stands")]
    return {"k": "chronology", "h": head, "r": [_row(row) for row in rows]}


def _row(row: Row) -> dict[str, Any]:
    shown = legible(row.text)
    first, second = wording.when(row.moment)
    return {
        "n": str(row.number),
        "day": first,
        "time": second,
        "who": one_line(row.sender, most=80) or _("Sender not stated"),
        "how": ", ".join(part for part in (_recipients(row), wording.channel(row.channel)) if part),
        "text": shown.text,
        "rtl": runs_right_to_left(row.text),
        "notes": "\n".join(_notes(row, shown.left)),
        "flag": _("After the request to stop") if row.after_stop else "",
        "place": wording.place(row.place, between="\n"),
        "long": len(shown.text) > LONG_TEXT or shown.text.count("\n") > LONG_LINES,
    }


def _recipients(row: Row) -> str:
    if not row.recipients:
        return _("(outgoing)") if row.direction is Direction.OUT else ""
    names = ", ".join(one_line(name, most=60) for name in row.recipients[:3])
    more = len(row.recipients) - 3
    if more > 0:
        names += " " + _("and {count} more").format(count=more)
    return _("to {names}").format(names=names)


def _notes(row: Row, left: int) -> Iterator[str]:
    told = wording.kind(row.kind, row.detail, row.state)
    if told:
        yield "; ".join(told)
    for attachment in row.attachments[:MOST_ATTACHMENTS]:
        yield wording.attachment(attachment)
    if len(row.attachments) > MOST_ATTACHMENTS:
        more = len(row.attachments) - MOST_ATTACHMENTS
        yield _("and {count} more").format(count=more)
    if left:
        yield wording.rest(left, row.place)

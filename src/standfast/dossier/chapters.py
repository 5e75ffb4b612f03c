# SPDX-License-Identifier: Apache-2.0
"""The chapters on what happened: findings, charts, incidents, pictures.

Rules enforced here:

* only what the person confirmed or wrote down is told;
* a chapter that has nothing says so: an empty place is never taken for a forgotten one.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from standfast.dossier import charts, wording
from standfast.dossier.blocks import (
    heading,
    line_number,
    note,
    para,
    stacked,
    styled,
    table,
    written,
)
from standfast.dossier.chronology import LONG_TEXT
from standfast.dossier.legible import legible, one_line
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from standfast.dossier.blocks import Block
    from standfast.dossier.document import Dossier, FindingBlock, Incident, Picture, Quote

MOST_QUOTES: Final = 40
QUOTE_LENGTH: Final = 1_200
SERIES_ROWS: Final = 400
PICTURE_WIDTH_MM: Final = 80
PICTURE_HEIGHT_MM: Final = 90
NARROW_COLUMNS: Final = 3
NARROW_ROWS: Final = 36


def findings(dossier: Dossier) -> Iterator[Block]:
    """Tell every confirmed finding with its quotes, its reason and its doubt."""
    yield heading(1, _("Findings"))
    yield para(
        _("standfast looked for patterns by fixed rules. Only findings that the person has looked"
          " at and confirmed stand here. Each says what else could explain it. They are worded"
          " for that person, who is meant by “you”.")
    )  # fmt: skip
    if not dossier.findings:
        yield para(_("The person has confirmed no finding."))
    for count, block in enumerate(dossier.findings, 1):
        yield from _finding(count, block)


def _finding(count: int, block: FindingBlock) -> Iterator[Block]:
    said = block.statement
    yield heading(2, f"{count}. {_flat(said.title)}")
    yield para(_flat(said.seen))
    facts = (
        (_("Why it matters"), said.why),
        (_("What else could explain it"), said.otherwise),
        (_("How sure"), f"{wording.confidence(block.confidence)} {said.sure}".strip()),
    )
    yield {"k": "facts", "r": [(head, _flat(text)) for head, text in facts if text]}
    quotes = block.quotes[:MOST_QUOTES]
    if quotes:
        yield heading(3, _("In the words of the messages"))
    for quote in quotes:
        yield _quote(quote)
    if block.events_total > len(quotes):
        sentence = _("This finding rests on {count} events; {shown} of them are quoted here.")
        yield note(
            sentence.format(
                count=wording.number(block.events_total), shown=wording.number(len(quotes))
            )
        )
    for series in block.series:
        yield heading(3, _flat(series.title))
        yield from numbers(series.head, series.rows)


def _flat(text: str) -> str:
    return legible(text, most=3_000).text


def _quote(quote: Quote) -> Block:
    cell, left = written(quote.text, QUOTE_LENGTH)
    meta = [
        one_line(quote.sender, most=80),
        wording.channel(quote.channel) if quote.channel else "",
        wording.moment_line(quote.moment),
        line_number(quote.row),
        wording.place(quote.place),
        wording.rest(left, quote.place) if left else "",
    ]
    told = " · ".join(part for part in meta if part)
    return {"k": "quote", **cell, "m": told, "long": len(cell["t"]) > LONG_TEXT}


def numbers(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    """Make the table of a chart's numbers: side by side when there are many short rows."""
    cells = [(row[0], *(styled("number", text) for text in row[1:])) for row in rows[:SERIES_ROWS]]
    if len(head) == 2 and len(cells) > 2 * NARROW_COLUMNS:  # noqa: PLR2004 - label and count
        for first in range(0, len(cells), NARROW_COLUMNS * NARROW_ROWS):
            part = cells[first : first + NARROW_COLUMNS * NARROW_ROWS]
            tall = -(-len(part) // NARROW_COLUMNS)
            beside = [part[place : place + tall] for place in range(0, len(part), tall)]
            yield {**table(head, (), (0, 18)), "k": "narrow", "c": NARROW_COLUMNS, "r": beside}
    else:
        yield table(head, cells, [-1] * len(head))
    if len(rows) > SERIES_ROWS:
        sentence = _("{count} more rows are left out here; the bundle has every event.")
        yield note(sentence.format(count=wording.number(len(rows) - SERIES_ROWS)))


def drawn(dossier: Dossier) -> list[charts.Chart]:
    """Draw the charts for which there are numbers."""
    contacts = dossier.contacts
    made = []
    if any(count for _day, count in contacts.days):
        made.append(charts.calendar(contacts.days))
    if contacts.weeks:
        made.append(charts.weekly(contacts.weeks))
    if any(contacts.hours):
        made.append(charts.hours(contacts.hours, night=contacts.night))
    if contacts.levels:
        made.append(charts.level(contacts.days, contacts.levels))
    return made


def pictured(made: Sequence[charts.Chart]) -> Iterator[Block]:
    """Show the charts."""
    yield heading(1, _("Contact in pictures"))
    yield para(
        _("These charts count contact from the other side only, by the local clock of the events."
          " The same numbers stand as tables in the last chapter.")
    )  # fmt: skip
    if not made:
        yield para(_("There is no contact with a certain date to draw."))
    for chart in made:
        yield {"k": "chart", "t": chart.title, "alt": chart.description, "svg": chart.svg}


def behind(made: Sequence[charts.Chart]) -> Iterator[Block]:
    """Give the numbers of every chart."""
    if made:
        yield heading(1, _("The numbers behind the charts"))
    for chart in made:
        yield heading(2, chart.title)
        yield from numbers(chart.head, chart.rows)


def incidents(told: Sequence[Incident]) -> Iterator[Block]:
    """Tell what left no file."""
    yield heading(1, _("Written down by the person"))
    if not told:
        yield para(_("The person has written down no incident for this dossier."))
        return
    yield para(
        _("These incidents left no file. The person wrote them down; the date of writing is the"
          " one at which the entry was sealed.")
    )  # fmt: skip
    rows = []
    for incident in told:
        cell, left = written(incident.text, 4_000)
        extra = [
            _("Where: {place}").format(place=one_line(incident.where)) if incident.where else "",
            _("Witnesses: {names}").format(names=one_line(incident.witnesses))
            if incident.witnesses
            else "",
            _("{count} more characters stand in the case.").format(count=wording.number(left))
            if left
            else "",
        ]
        small = [styled("small", text) for text in extra if text]
        first, second = wording.when(incident.moment)
        when = stacked(first, styled("small", second) if second else "")
        rows.append((when, stacked(cell, *small), styled("small", wording.utc(incident.entered))))
    head = (_("When"), _("What happened"), _("Written down on"))
    yield table(head, rows, (30, 0, 34), breaks=True)


def pictures(shown: Sequence[Picture]) -> Iterator[Block]:
    """Show small views of pictures, each re-encoded by standfast."""
    if not shown:
        return
    yield heading(1, _("Pictures"))
    yield para(_("These are small views. The originals are in the bundle, unchanged."))
    yield {"k": "pictures", "i": [_picture(picture) for picture in shown]}


def _picture(picture: Picture) -> dict[str, Any]:
    wide, tall = max(picture.width, 1), max(picture.height, 1)
    width = min(PICTURE_WIDTH_MM, PICTURE_HEIGHT_MM * wide / tall)
    data = base64.b64encode(picture.png).decode("ascii")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}"'
        f' width="{wide}" height="{tall}"><image width="{wide}" height="{tall}"'
        f' href="data:image/png;base64,{data}"/></svg>'
    )
    caption = f"{wording.exhibit(picture.exhibit)}: {one_line(picture.caption)}"
    alt = one_line(picture.description) or _("Small view of a picture. {caption}").format(
        caption=caption
    )
    return {"svg": svg, "alt": alt, "caption": caption, "width": round(width, 1)}

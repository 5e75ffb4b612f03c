# SPDX-License-Identifier: Apache-2.0
"""What every chart of a page is made of: a picture with its table, cells of a heat map, a frame.

Rules enforced here: markup comes from a `Sheet` (which escapes) or from `Markup.format`; a cell of
a heat map says its number in its tip and, as far as it fits, on itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from standfast.desk.charting import Medium, Sheet, heat, number
from standfast.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from standfast.desk.charting import Chart

HIGH_FROM: Final = 3
NOTHING: Final = Markup()
MOST_SHOWN: Final = 999

MARKS: Final = (
    "", "M0 1.5h6M0 4.5h6", "M0 6L6 0", "M1.5 0v6M4.5 0v6", "M0 0L6 6M0 6L6 0", "M1 3h2",
)  # fmt: skip
"""The strokes that tell the channels' bars apart without their colours; the first has none."""

Cell = str | dict[str, str]
"""What stands in a table: text, or ``{"text", "href"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture and its numbers, for the macro ``figure``.

    Attributes:
        name: tells it from other figures of the same page.
        description: one or two sentences that say what is seen.
        picture: our own markup.
        head: names of the table's columns; every row of ``rows`` is as long.
    """

    name: str
    title: str
    description: str
    picture: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def scale(steps: int = 4) -> Markup:
    """Say which of a heat map's colours means more."""
    sheet = Sheet("scale", steps * 28, 18, Medium.WEB)
    for step in range(1, steps + 1):
        sheet.bar(f"heat-{step} sf-cell", x=(step - 1) * 28, y=1, width=26, height=16)
    drawn = "".join(sheet.parts)
    return Markup(
        '<p class="chart-scale"><span>{}</span> <svg class="sf-chart" viewBox="0 0 112 18"'
        ' width="112" height="18" aria-hidden="true" focusable="false">{}</svg> <span>{}</span></p>'
    ).format(_("fewer"), own(drawn), _("more"))


def events(count: int) -> str:
    """Word a number of events."""
    return ngettext("{count} event", "{count} events", count).format(count=number(count))


def strong(counts: Iterable[int]) -> int:
    """Give the count from which a cell has the strongest colour.

    Nine tenths of the cells that have something lie at it or below: one extraordinary day does not
    make all others pale.
    """
    busy = sorted(count for count in counts if count)
    return busy[(len(busy) - 1) * 9 // 10] if busy else 0


def cell(  # noqa: PLR0913 - where it stands and what it says
    sheet: Sheet,
    spot: tuple[float, float, float, float],
    count: int,
    high: int,
    meant: tuple[str, str],
    *,
    down: float = 0,
) -> str:
    """Draw a cell of a heat map with its number; give the ink that can be read on it."""
    (x, y, width, height), (said, address) = spot, meant
    step = heat(count, high)
    ink = "high" if step >= HIGH_FROM else "low"
    tip = f"{said}: {number(count)}"
    look = f"heat-{step} sf-cell"
    sheet.bar(look, x=x, y=y, width=width, height=height, tip=tip, link=address)
    if count:
        shown = str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"
        middle = (x + width / 2, y + height / 2 + 4 + down)
        size = "count" if count <= MOST_SHOWN else "long"
        sheet.text(f"{ink} sf-{size}", shown, x=middle[0], y=middle[1], anchor="middle")
    return ink


def linked(text: str, address: str) -> Cell:
    """Give a cell of a table that leads somewhere, if there is an address."""
    return {"text": text, "href": address} if address else text


def own(svg: str) -> Markup:
    """Take a finished sheet for markup of ours."""
    return Markup(svg)  # noqa: S704 - a sheet escapes every word and address it is given


def wide(svg: str, title: str) -> Markup:
    """Let a picture scroll by itself where the window is narrow."""
    frame = Markup('<div class="chart-wide" tabindex="0" role="group" aria-label="{}">{}</div>')
    return frame.format(title, own(svg))


def shared(
    name: str, chart: Chart, addresses: Sequence[str], *, before: Markup = NOTHING
) -> Figure:
    """Dress a chart that the dossier has as well; ``addresses`` are those of its rows."""
    rows = zip(addresses, chart.rows, strict=True)
    return Figure(
        name=name,
        title=chart.title,
        description=chart.description,
        picture=before + wide(chart.svg, chart.title),
        head=chart.head,
        rows=tuple((linked(row[0], address), *row[1:]) for address, row in rows),
    )


def patterns() -> Markup:
    """Give the patterns of the bars, once a page: `charts.css` refers to them by name."""
    made = Markup("").join(
        Markup(
            '<pattern id="sf-mark-{0}" width="6" height="6" patternUnits="userSpaceOnUse">'
            '<rect class="sf-ground-{0}" width="6" height="6"/><path class="sf-mark" d="{1}"/>'
            "</pattern>"
        ).format(place, strokes)
        for place, strokes in enumerate(MARKS)
        if strokes
    )
    return Markup(
        '<svg class="sf-marks" width="0" height="0" aria-hidden="true" focusable="false">'
        "<defs>{}</defs></svg>"
    ).format(made)

# SPDX-License-Identifier: Apache-2.0
"""What every chart of a page is made of: a picture with its table, cells of a heat map, a frame.

Rules enforced here: markup comes from a `Sheet` (which escapes) or from `Markup.format`; a cell of
a heat map says its number in its tip and, as far as it fits, on itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from standfast.desk.charting import heat, number

if TYPE_CHECKING:
    from standfast.desk.charting import Sheet

HIGH_FROM: Final = 3
MOST_SHOWN: Final = 999

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
        sheet.text(f"{ink} sf-count", shown, x=middle[0], y=middle[1], anchor="middle")
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

# SPDX-License-Identifier: Apache-2.0
"""Strokes for charts: SVG elements that a style sheet dresses, or that carry their own colours.

Rules enforced here:

* every text and attribute is escaped; a chart never refers to anything outside itself, apart from
  relative links that its caller gives;
* on the web an element has a class and no colour (pages forbid inline styles); on paper it has
  presentation attributes, so that it looks right without a style sheet;
* coordinates are whole numbers of tenths: the same chart is the same bytes everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from standfast.dossier.legible import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

FONT: Final = "Atkinson Hyperlegible, Noto Sans, sans-serif"
BAR_COLOURS: Final = ("#1f5673", "#d9943f", "#7fb5ad", "#6f5a8e", "#a3554b", "#9c9c94")
HEAT_COLOURS: Final = ("#f1f1ed", "#cfe1ea", "#8db9d0", "#3d7ea6", "#143f5c")
INK: Final = "#22282c"
BEYOND_LATIN: Final = "\u0250"

_TEXT: Final = {"font-family": FONT, "font-size": "10", "fill": INK}

PAPER: Final[Mapping[str, Mapping[str, str]]] = {
    "label": _TEXT,
    "strong": {**_TEXT, "font-weight": "bold"},
    "on-dark": {**_TEXT, "fill": "#ffffff", "font-size": "8"},
    "on-light": {**_TEXT, "font-size": "8"},
    "axis": {"stroke": "#6b7378", "stroke-width": "1", "fill": "none"},
    "grid": {"stroke": "#d9dcda", "stroke-width": "0.6", "fill": "none"},
    "night": {"fill": "#e6e4ee"},
    "plate": {"fill": "#ffffff"},
    "day": {"fill": "#a9c6d6"},
    "step": {"stroke": "#a3554b", "stroke-width": "2", "fill": "none"},
    **{f"heat-{step}": {"fill": colour} for step, colour in enumerate(HEAT_COLOURS)},
    **{f"bar-{step}": {"fill": colour} for step, colour in enumerate(BAR_COLOURS)},
}
"""What each class looks like on paper; the app's style sheet has the same classes with ``sf-``."""


class Medium(Enum):
    """Where a chart is shown."""

    WEB = "web"
    PAPER = "paper"


@dataclass(slots=True)
class Sheet:
    """A drawing while it grows."""

    name: str
    width: int
    height: int
    medium: Medium
    linked: bool = False
    parts: list[str] = field(default_factory=list)

    def bar(  # noqa: PLR0913 - a rectangle has four numbers
        self,
        look: str,
        *,
        x: float,
        y: float,
        width: float,
        height: float,
        tip: str = "",
        link: str = "",
    ) -> None:
        """Draw a filled rectangle, with a tip for the mouse and a link on the web."""
        box = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
        self._add(f"<rect {box}{self._look(look)}", "rect", tip, link)

    def line(self, look: str, *points: tuple[float, float]) -> None:
        """Draw a line through points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self.parts.append(f'<polyline points="{path}"{self._look(look)}/>')

    def text(self, look: str, said: str, *, x: float, y: float, anchor: str = "start") -> None:
        """Write one line; ``anchor`` is start, middle or end."""
        at = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"'
        self.parts.append(f"<text {at}{self._look(look)}>{escape(_label(said))}</text>")

    def finish(self, title: str, description: str) -> str:
        """Give the whole picture."""
        names = f"sf-{self.name}-title sf-{self.name}-description"
        role = "group" if self.linked else "img"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            f' width="{self.width}" height="{self.height}"{self._look("chart")}'
            f' role="{role}" aria-labelledby="{names}">'
            f'<title id="sf-{self.name}-title">{escape(title)}</title>'
            f'<desc id="sf-{self.name}-description">{escape(description)}</desc>'
            f"{''.join(self.parts)}</svg>"
        )

    def _look(self, look: str) -> str:
        if self.medium is Medium.WEB:
            return f' class="sf-{look}"'
        return "".join(f" {key}={quoteattr(value)}" for key, value in PAPER.get(look, {}).items())

    def _add(self, opened: str, tag: str, tip: str, link: str) -> None:
        if self.medium is Medium.PAPER:
            self.parts.append(f"{opened}/>")
            return
        shape = f"{opened}><title>{escape(tip)}</title></{tag}>" if tip else f"{opened}/>"
        if link:
            self.linked = True
            shape = f"<a href={quoteattr(link)} aria-label={quoteattr(tip)}>{shape}</a>"
        self.parts.append(shape)


def _label(said: str) -> str:
    """Spell what is neither Latin nor common punctuation: inside a picture no other font helps."""
    return "".join(
        letter if letter < BEYOND_LATIN or letter in "–…" else name_of(letter) for letter in said
    )


def _n(value: float) -> str:
    """Write a coordinate in tenths, without trailing zeros."""
    whole, tenth = divmod(round(value * 10), 10)
    return f"{whole}.{tenth}" if tenth else str(whole)

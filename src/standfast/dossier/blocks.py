# SPDX-License-Identifier: Apache-2.0
"""The pieces that pages are made of, as ``template.typ`` reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from standfast.dossier import wording
from standfast.dossier.legible import legible, one_line, runs_right_to_left
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

Block = dict[str, Any]
"""One piece of a page; ``k`` says which."""

DIGEST: Final = re.compile("[0-9a-fA-F]{1,64}")


def heading(level: int, text: str) -> Block:
    """Make a heading."""
    return {"k": "heading", "l": level, "t": text}


def para(text: str) -> Block:
    """Make a paragraph."""
    return {"k": "para", "t": text}


def note(text: str) -> Block:
    """Make a quiet paragraph."""
    return {"k": "note", "t": text}


def table(
    head: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[float], **more: Any
) -> Block:
    """Make a table; a width is millimetres, 0 for an equal share, -1 for what it needs."""
    return {"k": "table", "h": list(head), "r": [list(row) for row in rows], "w": widths, **more}


def line_number(row: int) -> str:
    """Refer to a line of the chronology; nothing for 0."""
    return _("chronology no. {number}").format(number=wording.number(row)) if row else ""


def styled(style: str, text: str) -> dict[str, Any]:
    """Make a cell with a style: mono, small, strong, number."""
    return {"s": style, "t": text}


def digest(untrusted_text: str) -> dict[str, Any]:
    """Make a cell of a hexadecimal digest, in one piece, so that it can be copied and searched."""
    if DIGEST.fullmatch(untrusted_text):
        return styled("mono", untrusted_text)
    return styled("small", one_line(untrusted_text, most=64) or "–")


def written(untrusted_text: str, most: int) -> tuple[dict[str, Any], int]:
    """Make a cell of a written text, and tell how many characters it leaves out."""
    shown = legible(untrusted_text, most=most)
    cell = {"s": "written", "t": shown.text, "rtl": runs_right_to_left(untrusted_text)}
    return cell, shown.left


def stacked(*cells: object) -> dict[str, Any]:
    """Make a cell of several lines."""
    return {"s": "stack", "p": [cell for cell in cells if cell]}

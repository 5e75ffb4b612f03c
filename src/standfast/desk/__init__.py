# SPDX-License-Identifier: Apache-2.0
"""The desk: every verb of standfast once, for every face.

A face parses what the person said, calls the desk, and shows the frozen value it gets back. The
desk decides nothing about how something looks; the parts below it know nothing of each other.
What stands here is loaded when it is first asked for, so that a face answers at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standfast.desk.adding import Added, AddReport
    from standfast.desk.board import Board, CarrierKind, Held
    from standfast.desk.browsing import DayCount, Days, Hours, Lane, Lanes, Row, View, Where
    from standfast.desk.case import Desk, NewCase, new_case
    from standfast.desk.looking import FindingView, OpenQuestion
    from standfast.desk.progress import Progress, Silent

HOMES = {
    "AddReport": "adding",
    "Added": "adding",
    "Board": "board",
    "CarrierKind": "board",
    "DayCount": "browsing",
    "Days": "browsing",
    "Desk": "case",
    "FindingView": "looking",
    "Held": "board",
    "Hours": "browsing",
    "Lane": "browsing",
    "Lanes": "browsing",
    "NewCase": "case",
    "OpenQuestion": "looking",
    "Progress": "progress",
    "Row": "browsing",
    "Silent": "progress",
    "View": "browsing",
    "Where": "browsing",
    "new_case": "case",
}
__all__ = [
    "AddReport",
    "Added",
    "Board",
    "CarrierKind",
    "DayCount",
    "Days",
    "Desk",
    "FindingView",
    "Held",
    "Hours",
    "Lane",
    "Lanes",
    "NewCase",
    "OpenQuestion",
    "Progress",
    "Row",
    "Silent",
    "View",
    "Where",
    "new_case",
]


def __getattr__(name: str) -> object:
    """Load a name's module when the name is first asked for (PEP 562)."""
    if name not in HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(importlib.import_module(f"{__name__}.{HOMES[name]}"), name)

# SPDX-License-Identifier: Apache-2.0
"""Browsing: a view of some events, and where in a text a search was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.timeline.folding import hits
from standfast.timeline.row import Row
from standfast.timeline.view import DayCount, Days, Hours, Lane, Lanes, View
from standfast.timeline.where import Where

if TYPE_CHECKING:
    from standfast.desk.case import Desk

__all__ = [
    "DayCount", "Days", "Hours", "Lane", "Lanes", "Row", "View", "Where", "browse", "hits",
]  # fmt: skip


def browse(desk: Desk, where: Where | None = None) -> View:
    """Give the view of some events; the newest few are kept for the next question.

    A view shows the timeline as it was when the view was made.
    """
    return desk.timeline.view(where)

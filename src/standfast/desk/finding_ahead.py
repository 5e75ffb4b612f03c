# SPDX-License-Identifier: Apache-2.0
"""Findings worked out beside the pages: nobody waits for a detector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk import ahead, looking

if TYPE_CHECKING:
    from standfast.desk.case import Desk
    from standfast.model.finding import Finding

GRACE = 0.05
"""Seconds that are waited for a small case."""


def found_by_now(desk: Desk, *, patience: float = GRACE) -> tuple[Finding, ...] | None:
    """Give what the detectors find, or ``None`` while they are at work, which this begins.

    Raises:
        Exception: whatever the last run ended with; the next call begins another one.
    """
    question = looking.settings(desk)
    return ahead.by_now(desk, question, lambda: looking.found(desk), patience, family="findings")

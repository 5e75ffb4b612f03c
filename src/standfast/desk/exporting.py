# SPDX-License-Identifier: Apache-2.0
"""How to get an export out of an app: what the pages and the command line show."""

from __future__ import annotations

from standfast.guidance.exports import Export, Said, Way, Words, exports

__all__ = ["Export", "Said", "Way", "Words", "export_named", "exports", "exports_for"]


def export_named(name: str) -> Export | None:
    """Give one app's page."""
    return next((one for one in exports() if one.id == name), None)


def exports_for(format_id: str) -> tuple[Export, ...]:
    """Give the pages about a format that is read."""
    return tuple(one for one in exports() if format_id in one.formats)

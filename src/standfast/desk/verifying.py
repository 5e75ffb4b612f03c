# SPDX-License-Identifier: Apache-2.0
"""Verifying: is a case, or a bundle, as it was left?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.timeline.segments import check_readings
from standfast.vault.check import check_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.vault.check import CaseReport


def verify_case(desk: Desk, notes: Sequence[bytes], progress: Progress) -> CaseReport:
    """Read the whole case folder and compare it with its ledger."""
    progress.start(_("Checking"), sum(item.size for item in desk.state.items.values()))
    return check_case(
        desk.vault,
        notes=notes,
        readings=lambda: check_readings(desk.vault, desk.state),
        progress=progress.step,
    )

# SPDX-License-Identifier: Apache-2.0
"""One byte of a bundle changed, as a forger would: the date of the request, ten days later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.errors import Damaged
from standfast.i18n import _
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from pathlib import Path

GENUINE = b"08.02.26, 19:42 - Mira: Bitte schreib mir nicht mehr"
FORGED = b"18.02.26, 19:42 - Mira: Bitte schreib mir nicht mehr"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed: the place in the bundle, and the line before and after."""

    place: int
    before: str
    after: str


def change_one_byte(bundle: Path, changed: Path) -> Change:
    """Write a copy of a bundle in which the request to stop is ten days later.

    Raises:
        Damaged: the line is not in the bundle.
        StorageFailed: the disk refused.
    """
    data = bundle.read_bytes()
    place = data.find(GENUINE)
    if place < 0:
        raise Damaged(
            _("The line that the demo changes is not in the bundle."),
            hint=_("Make the demo again in a new folder."),
        )
    with storage_errors(lambda: _("Writing the changed bundle")), changed.open("xb") as file:
        file.write(data[:place] + FORGED + data[place + len(FORGED) :])
    return Change(place, GENUINE.decode(), FORGED.decode())

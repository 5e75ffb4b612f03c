# SPDX-License-Identifier: Apache-2.0
"""Time zones as a person names them."""

from __future__ import annotations

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.times import zone as known_zone


def check_zone(zone: str) -> None:
    """Refuse a zone nobody knows.

    Raises:
        WrongUsage: there is no such zone.
    """
    if not zone:
        return
    try:
        known_zone(zone)
    except ValueError as problem:
        raise WrongUsage(
            _("There is no time zone named {name}.").format(name=zone),
            hint=_("Write it like Europe/Berlin, America/New_York or +02:00."),
        ) from problem

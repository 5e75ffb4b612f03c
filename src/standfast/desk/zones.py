# SPDX-License-Identifier: Apache-2.0
"""Time zones as a person names them."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import available_timezones

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.model.times import zone as known_zone

LOCAL_TIME = Path("/etc/localtime")
ZONES = "zoneinfo/"


def zone_of_this_computer() -> str:
    """Give the IANA name of this computer's zone, or nothing when it does not say."""
    named = os.environ.get("TZ", "").lstrip(":")
    if named:
        return named
    try:
        target = str(LOCAL_TIME.resolve())
    except OSError:
        return ""
    return target.split(ZONES, 1)[1] if ZONES in target else ""


def zones_to_choose() -> tuple[str, ...]:
    """Give the zones that are named by a place, such as ``Europe/Berlin``."""
    areas = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe",
             "Indian", "Pacific")  # fmt: skip
    return tuple(sorted(one for one in available_timezones() if one.split("/")[0] in areas))


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

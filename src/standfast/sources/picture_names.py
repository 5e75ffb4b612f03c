# SPDX-License-Identifier: Apache-2.0
"""What a picture's file name says: when it was made, and whether it is a screenshot.

Cameras, phones and messengers write the time into the name. Rules enforced here:

* only orders that put the year first are read (``20240312``, ``2024-03-12``), and Telegram
  Desktop's own ``@12-03-2024``: any other order could be read in two ways;
* a Pixel phone's ``PXL_`` names count in UTC, every other name shows the phone's own clock;
* three digits after the seconds are milliseconds when they follow at once, or after ``-`` or
  ``.``; after ``_`` they are a counter (Signal);
* a name with a day alone (WhatsApp's ``IMG-20240312-WA0001``) has the precision of a day;
* a date that no calendar has is no date.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from standfast.model.times import Precision

MAX_NAME: Final = 255
NOON: Final = 12

_DATE = r"(?P<year>(?:19|20)\d\d)(?P<dash>[-_.]?)(?P<month>\d\d)(?P=dash)(?P<day>\d\d)"
_GAP = r"(?:[-_ T.,]|\s(?:at|um|à|a las|alle|om|kl\.?)\s|\s-\s)"
_CLOCK = r"(?P<hour>\d\d)(?P<dot>[-_.:]?)(?P<minute>\d\d)(?P=dot)(?P<second>\d\d)"
_HALF_CLOCK = (
    r"(?P<hour>\d{1,2})[-_.:](?P<minute>\d\d)[-_.:](?P<second>\d\d)\s?(?P<half>[AP])\.?M(?![A-Z])"
)
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_DATE}{_GAP}{_HALF_CLOCK}",
        rf"(?<!\d){_DATE}{_GAP}{_CLOCK}(?:[-.]?(?P<milli>\d{{3}}))?(?!\d)",
        rf"@(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d{{4}})_{_CLOCK}(?!\d)",
        rf"(?<!\d){_DATE}(?!\d)",
    )
)
_UTC_NAME: Final = re.compile(r"PXL_\d{8}_\d{9}")
_SCREENSHOT: Final = re.compile(
    r"screen[ _-]?shot|bildschirm(?:foto|aufnahme)|capture d.[ée]cran|captura[ _]de[ _](?:pantalla|"
    r"ecr[aã]|tela)|schermata|schermafbeelding|skärmavbild|skjermbilde|skærmbillede|zrzut[ _]ekranu"
)


@dataclass(frozen=True, slots=True)
class NameTime:
    """A time that stands in a name; ``utc`` when the name is known to count in UTC."""

    wall: datetime
    precision: Precision
    utc: bool = False


def time_in_name(untrusted_name: str) -> NameTime | None:
    """Read the time in a file name; ``None`` when there is none that is certain."""
    name = unicodedata.normalize("NFC", untrusted_name[:MAX_NAME])
    for pattern in _PATTERNS:
        found = pattern.search(name)
        wall = _wall(found.groupdict()) if found else None
        if wall is not None and found is not None:
            return NameTime(wall, _precision(found.groupdict()), bool(_UTC_NAME.match(name)))
    return None


def is_screenshot_name(untrusted_name: str) -> bool:
    """Tell whether a phone or computer gives screenshots such a name, in any of its languages."""
    name = unicodedata.normalize("NFC", untrusted_name[:MAX_NAME]).casefold()
    return _SCREENSHOT.search(name) is not None


def _wall(parts: dict[str, str | None]) -> datetime | None:
    hour = int(parts.get("hour") or 0)
    half = parts.get("half")
    if half:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half in "Pp" else 0)
    try:
        moment = datetime(  # noqa: DTZ001 - a wall time is naive
            int(parts["year"] or 0),
            int(parts["month"] or 0),
            int(parts["day"] or 0),
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
        )
    except ValueError:
        return None
    return moment + timedelta(milliseconds=int(parts.get("milli") or 0))


def _precision(parts: dict[str, str | None]) -> Precision:
    if parts.get("milli"):
        return Precision.MILLISECOND
    return Precision.SECOND if parts.get("hour") else Precision.DAY

# SPDX-License-Identifier: Apache-2.0
"""A message of Meta's download as a page, made into an event.

Rules enforced here:

* the page names people by the name they showed, and does not say whose account it is;
* times are clock times in the account's language, without a zone; see `meta_dates`;
* what a message shows beside its text (reactions, shared links) is kept; nothing is followed.

The names of the classes are those that public readers of these pages use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from standfast.model.event import Attachment, Event, Kind, Locator
from standfast.model.times import ClockMark, Precision, ZoneBasis, wall_to_utc
from standfast.sources.json_native import file_beside
from standfast.sources.meta_dates import Order, written
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from datetime import datetime

    from standfast.sources import Options, Source
    from standfast.sources.html_blocks import Element, Stretch

OPENING: Final = re.compile(
    rb"<(?:div|section) class=\"(?:[^\"<>]{1,60} )?_a6-g(?: [^\"<>]{1,60})?\"[^<>]{0,200}>"
)
DATE: Final = re.compile(
    rb"<(?:div|footer) class=\"_3-94 _a6-o\">(?:<[^<>]{0,100}>)*+([^<>]{4,80})<"
)
MOST_NAMES: Final = 50_000
MOST_FILES: Final = 200
LONGEST_LINE: Final = 2000
YEARS: Final = range(1970, 2101)


@dataclass(slots=True)
class MetaPage:
    """What one page is read with.

    Attributes:
        senders: who sent messages, in the order met.
        undated: messages whose date says no time.
        zone_missing: whether a time stands without a zone that nobody has named.
    """

    source: Source
    options: Options
    order: Order
    channel: str
    title: str = ""
    senders: dict[str, None] = field(default_factory=dict)
    undated: int = 0
    replaced: int = 0
    zone_missing: bool = False

    def event(self, block: Element, stretch: Stretch) -> Event | None:
        """Give the event that a block is; ``None`` for a box without a date and without content.

        Such a box stands above the messages and lists who takes part.
        """
        name, date, content = block.first("_a6-h"), block.first("_a6-o"), block.first("_a6-p")
        if date is None and content is None:
            return None
        native: dict[str, str] = {}
        when = self._when(_line(date.text()) if date else "", native)
        sender = _line(name.text()) if name else ""
        if sender and len(self.senders) < MOST_NAMES:
            self.senders[sender] = None
        text = _said(content, native) if content else ""
        try:
            stretch.data.decode()
        except UnicodeDecodeError:
            self.replaced += 1
            native["bytes"] = "invalid_utf8"
        return Event(
            kind=Kind.MESSAGE, channel=self.channel, conversation=self.title, sender=sender,
            locator=Locator(self.source.path, stretch.start, stretch.end), text=text,
            attachments=self._files(block, native), native=native, **when,
        )  # fmt: skip

    def _when(self, text: str, native: dict[str, str]) -> dict[str, Any]:
        one = written(text)
        found = self.order.readings(one) if one else ()
        found = tuple(moment for moment in found if moment.year in YEARS)
        if one is None or not found:
            self.undated += 1
            if text:
                native["date"] = text
            return {}
        self.zone_missing = self.zone_missing or not self.options.zone
        fine = Precision.MINUTE if one.second_of_minute is None else Precision.SECOND
        given: dict[str, Any] = {"precision": fine, "zone": self.options.zone}
        basis = self.options.zone_basis if self.options.zone else "unknown"
        given["zone_basis"] = ZoneBasis(basis)
        if len(found) > 1:
            return {**given, "alternatives": found}
        return {**given, "wall": found[0], **self._utc(found[0], native)}

    def _utc(self, wall: datetime, native: dict[str, str]) -> dict[str, datetime]:
        if not self.options.zone:
            return {}
        utc, mark = wall_to_utc(wall, self.options.zone)
        if mark is not ClockMark.PLAIN:
            native["clock"] = str(mark)
        return {"utc": utc}

    def _files(self, block: Element, native: dict[str, str]) -> tuple[Attachment, ...]:
        names: dict[str, None] = {}
        links: dict[str, None] = {}
        for one in block.elements():
            link = one.attributes.get("src") or one.attributes.get("href") or ""
            if link and "://" not in link and not link.startswith(("#", "data:", "mailto:")):
                names[link.replace("../", "")] = None
            elif link:
                links[link[:LONGEST_LINE]] = None
        if links:
            native["links"] = compact(list(links)[:MOST_FILES])
        found = (file_beside(name, self.source.neighbours) for name in list(names)[:MOST_FILES])
        return tuple(Attachment(**one) for one in found)  # type: ignore[arg-type]  # as file_beside says


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_LINE]


def _said(content: Element, native: dict[str, str]) -> str:
    """Give the text of a message; what else it shows goes to ``native``.

    The text is the second part of the innermost box; where a page is built in another way, it is
    all of the box.
    """
    box = next((one for one in content.inside if not isinstance(one, str)), content)
    parts = [one for one in box.inside if not isinstance(one, str)]
    reactions = content.first("_a6-q")
    if reactions is not None:
        given = [_line(one.text()) for one in reactions.elements() if one.name == "li"]
        if given:
            native["reactions"] = compact(given[:MOST_FILES])
    divs = [one for one in parts if one.name == "div"]
    if len(divs) < 2:  # noqa: PLR2004 - another build of the page
        return _without(content, reactions).strip("\n ")
    rest = [_line(_without(one, reactions)) for one in (divs[0], *divs[2:])]
    shown = [line for line in rest if line]
    if shown:
        native["shown"] = "\n".join(shown)
    return _without(divs[1], reactions)


def _without(one: Element, left_out: Element | None) -> str:
    if one is left_out:
        return ""
    if one.name == "br":
        return "\n"
    return "".join(
        part if isinstance(part, str) else _without(part, left_out) for part in one.inside
    )

# SPDX-License-Identifier: Apache-2.0
"""A message of Telegram's export as a page, made into an event.

Rules enforced here:

* the day stands before the month: Telegram Desktop writes ``12.03.2024 08:51:07`` in every
  language (its source, ``export_output_html.cpp``), since 2022 with the offset behind it;
* a line of the app has no time of its own; its day is that of the line with a date above it;
* a message that is joined to the one above it is by the same sender, as the page shows it; after
  a stretch that cannot be read nobody is taken over from above it;
* a page names people by the name they showed; it does not say whose export it is. Only a call
  says from whose side it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from standfast.model.event import Attachment, Direction, Event, Kind, Locator
from standfast.model.times import Precision, ZoneBasis, from_micros, utc_from_micros
from standfast.sources.json_native import file_beside
from standfast.sources.tables import compact
from standfast.sources.telegram_time import UNDATED, Moment, TelegramTimes, clock_of

if TYPE_CHECKING:
    from standfast.sources import Options, Source
    from standfast.sources.html_blocks import Element, Stretch

OPENING: Final = re.compile(
    rb"<div class=\"message (?:default clearfix(?: joined)?|service)\"\s+id=\"message-?\d{1,20}\">"
)
MOST_NAMES: Final = 50_000
LONGEST_LINE: Final = 2000
_TITLE: Final = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d:\d\d:\d\d)(?: UTC([+-])(\d\d):(\d\d))?")
_DAY: Final = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2,8}) (\d{4})")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
"""The export writes English months, whatever the language of the app."""
_SECONDS: Final = re.compile(r"\((\d{1,9}) seconds\)")
_REPLY: Final = re.compile(r"go_to_message(\d{1,20})")
_END: Final = re.compile(r"\n *\Z")
_CALLS: Final = {
    "Outgoing": (Direction.OUT, "outgoing"),
    "Cancelled": (Direction.OUT, "outgoing"),
    "Incoming": (Direction.IN, "incoming"),
    "Missed": (Direction.IN, "missed"),
    "Declined": (Direction.IN, "rejected"),
}
_LINES: Final = (
    (" created group «", "group_created"),
    (" changed group title to «", "subject_changed"),
    (" changed group photo", "icon_changed"),
    (" removed group photo", "icon_changed"),
    (" joined group by ", "member_added"),
    (" took a screenshot", "screenshot_taken"),
    (" joined Telegram", "joined_telegram"),
    (" has set messages to auto-delete in ", "disappearing_changed"),
    (" has set messages not to auto-delete", "disappearing_changed"),
    ("History cleared", "history_cleared"),
    (" pinned ", "message_pinned"),
    (" invited ", "member_added"),
    (" removed ", "member_removed"),
)
"""What the export writes in English, whatever the language of the app."""
_MEDIA: Final = {
    "media_voice_message": "voice_message",
    "media_live_location": "location",
    "media_location": "location",
    "media_venue": "location",
    "media_contact": "contact_card",
    "media_poll": "poll",
    "sticker_wrap": "sticker",
    "animated_wrap": "animation",
}
_LINKED: Final = frozenset(
    {"media", "photo_wrap", "video_file_wrap", "animated_wrap", "sticker_wrap"}
)


@dataclass(slots=True)
class TelegramPage:
    """What one page is read with.

    Attributes:
        times: the times of the messages.
        senders: who sent messages, in the order met.
        replaced: messages with bytes that are no UTF-8.
    """

    source: Source
    options: Options
    title: str = ""
    senders: dict[str, None] = field(default_factory=dict)
    replaced: int = 0
    times: TelegramTimes = field(init=False)
    _days: TelegramTimes = field(init=False)
    _day: str = ""
    _sender: str = ""

    def __post_init__(self) -> None:
        """Begin with no day and no sender."""
        self.times = TelegramTimes(self.options)
        self._days = TelegramTimes(self.options)

    def event(self, message: Element, stretch: Stretch) -> Event | None:
        """Give the event that a message is; ``None`` for a line that only shows a day."""
        locator = Locator(self.source.path, stretch.start, stretch.end)
        native = {"id": message.attributes.get("id", "").removeprefix("message")}
        try:
            stretch.data.decode()
        except UnicodeDecodeError:
            self.replaced += 1
            native["bytes"] = "invalid_utf8"
        if "service" in message.classes:
            return self._line(message, locator, native)
        return self._message(message, locator, native)

    def lose(self) -> None:
        """Forget day and sender: something that cannot be read may have changed them."""
        self._day = self._sender = ""

    def _line(self, message: Element, locator: Locator, native: dict[str, str]) -> Event | None:
        body = message.first("body", "details")
        text = _plain(body.text() if body else message.text())
        self._sender = ""
        if native["id"].startswith("-"):
            day = _DAY.fullmatch(text)
            self._day = _iso_day(day) if day else ""
            if day is None:
                return self._made(Kind.SYSTEM, locator, native, UNDATED, text=text)
            return None
        strange: dict[str, str] = {}
        when = self._days.of({"date": f"{self._day}T00:00:00"}, strange) if self._day else UNDATED
        if when[0] is not None:
            when = (*when[:4], "day")
        detail = next((word for words, word in _LINES if _fits(words, text)), "")
        return self._made(Kind.SYSTEM, locator, native, when, text=text, detail=detail)

    def _message(self, message: Element, locator: Locator, native: dict[str, str]) -> Event:
        strange: dict[str, str] = {}
        when = self._when(message, strange)
        native |= strange
        forwarded = message.first("forwarded", "body")
        self._sent_by(message, forwarded, native)
        text = ""
        for one in message.elements():
            if one.classes == {"text"}:
                text = _END.sub("", one.text().removeprefix("\n"))
                _keep_links(one, native)
            elif "reply_to" in one.classes:
                _keep_reply(one, native)
        kind, side, detail = Kind.MESSAGE, Direction.UNKNOWN, ""
        media = next((o for o in message.elements() if _media_of(o)), None)
        files: tuple[Attachment, ...] = ()
        if media is not None:
            kind, side, detail = _sort(media, native)
            files = self._files(message)
        _keep_others(message, native)
        return self._made(
            kind, locator, native, when, text=text, detail=detail, side=side, files=files,
            sender=self._sender,
        )  # fmt: skip

    def _when(self, message: Element, strange: dict[str, str]) -> Moment:
        date = message.first("pull_right", "date", "details")
        written = date.attributes.get("title", "") if date else ""
        found = _TITLE.fullmatch(written)
        if found is None:
            strange["date"] = written[:LONGEST_LINE]
            return self.times.of({}, strange)
        day, month, year, clock, sign, hours, minutes = found.groups()
        given: dict[str, object] = {"date": f"{year}-{month}-{day}T{clock}"}
        if sign:
            offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1)
            moment = clock_of(str(given["date"]))
            given["date_unixtime"] = None if moment is None else moment - offset
        when = self.times.of(given, strange)
        if when[0] is None:
            strange["date"] = written
        return when

    def _sent_by(self, message: Element, forwarded: Element | None, native: dict[str, str]) -> None:
        if "joined" not in message.classes:
            self._sender = ""
        within = set(map(id, forwarded.elements())) if forwarded else set()
        for one in message.elements():
            if "from_name" not in one.classes:
                continue
            name, _via, bot = _name_of(one).partition(" via @")
            if bot:
                native["via_bot"] = bot[:LONGEST_LINE]
            if id(one) in within:
                native["forwarded_from"] = name
                date = one.first("date", "details")
                if date:
                    native["forwarded_date"] = date.attributes.get("title", "")[:LONGEST_LINE]
            else:
                self._sender = name
        if forwarded and "forwarded_from" not in native:
            native["forwarded"] = "yes"
        if self._sender and len(self.senders) < MOST_NAMES:
            self.senders[self._sender] = None

    def _files(self, message: Element) -> tuple[Attachment, ...]:
        found = []
        for one in message.elements():
            link = one.attributes.get("href", "")
            if one.classes & _LINKED and link and "://" not in link:
                found.append(_attachment(file_beside(link, self.source.neighbours)))
            elif one.name == "img" and "thumb" not in one.classes:
                near = file_beside(one.attributes.get("src", ""), self.source.neighbours)
                if near["state"] == "present":
                    found.append(_attachment(near))
        described = message.first("description")
        if described and not found:
            found.append(Attachment("", "missing"))
        return tuple(found)

    def _made(  # noqa: PLR0913 - an event has as many columns
        self, kind: Kind, locator: Locator, native: dict[str, str], when: Moment, *,
        text: str = "", detail: str = "", side: Direction = Direction.UNKNOWN, sender: str = "",
        files: tuple[Attachment, ...] = (),
    ) -> Event:  # fmt: skip
        wall, zone, basis, utc, precision = when
        return Event(
            kind=kind, channel="telegram", locator=locator, conversation=self.title,
            wall=None if wall is None else from_micros(wall), zone=zone,
            zone_basis=ZoneBasis(basis), utc=None if utc is None else utc_from_micros(utc),
            precision=Precision(precision), sender=sender, text=text, attachments=files,
            direction=Direction.SYSTEM if kind is Kind.SYSTEM else side, detail=detail,
            native={name: value for name, value in native.items() if value},
        )  # fmt: skip


def _fits(words: str, text: str) -> bool:
    """Say whether a line has these words: at its end, unless something follows them."""
    return words in text if words.endswith((" ", "«")) else text.endswith(words)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _iso_day(found: re.Match[str]) -> str:
    month = _MONTHS.get(found[2][:3], 0)
    return f"{found[3]}-{month:02}-{int(found[1]):02}" if month else ""


def _name_of(one: Element) -> str:
    """Give a name without the date that a forwarded one carries."""
    texts = (part for part in one.inside if isinstance(part, str))
    return _plain("".join(texts))


def _media_of(one: Element) -> bool:
    return bool(one.classes & (_LINKED | {"media_poll"}))


def _sort(media: Element, native: dict[str, str]) -> tuple[Kind, Direction, str]:
    for name in ("title", "description", "status", "question"):
        one = media.first(name)
        if one:
            native[f"media_{name}"] = _plain(one.text())[:LONGEST_LINE]
    if "media_call" in media.classes:
        status = native.get("media_status", "")
        seconds = _SECONDS.search(status)
        if seconds:
            native["duration_s"] = seconds[1]
        return Kind.CALL, *_CALLS.get(status.partition(" (")[0], (Direction.UNKNOWN, "call"))
    detail = next((word for name, word in _MEDIA.items() if name in media.classes), "")
    link = media.attributes.get("href", "")
    if "://" in link:
        native["link"] = link[:LONGEST_LINE]
    if native.get("media_title", "").startswith("Self-destructing "):
        native["self_destruct"] = native.get("media_status", "yes")
    return Kind.MESSAGE, Direction.UNKNOWN, detail


def _keep_links(text: Element, native: dict[str, str]) -> None:
    links = [
        {"href": one.attributes["href"][:LONGEST_LINE], "text": one.text()[:LONGEST_LINE]}
        for one in text.elements()
        if one.name == "a" and one.attributes.get("href", "") not in {"", one.text()}
    ]
    if links:
        native["links"] = compact(links)


def _keep_reply(one: Element, native: dict[str, str]) -> None:
    link = next((each for each in one.elements() if each.name == "a"), None)
    found = _REPLY.search(link.attributes.get("href", "")) if link else None
    native["reply_to"] = found[1] if found else _plain(one.text())[:LONGEST_LINE]


def _keep_others(message: Element, native: dict[str, str]) -> None:
    for name in ("signature", "reactions", "media_poll"):
        one = message.first(name)
        if one:
            native[name] = _plain(one.text())[:LONGEST_LINE]


def _attachment(file: dict[str, str | int]) -> Attachment:
    return Attachment(**file)  # type: ignore[arg-type]  # the names and kinds are those of the class

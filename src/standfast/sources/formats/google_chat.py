# SPDX-License-Identifier: Apache-2.0
"""Google Chat from Takeout: ``messages.json``, one file a conversation.

Rules enforced here:

* the date is written in the language of the account. English is read, as Google writes it, with
  ``UTC`` behind it; a date in any other language is kept as it is written and never guessed;
* an account is its mail address;
* the file does not say whose account made it: the person is asked.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.app_fields import first_text, text, thing, things
from standfast.sources.app_reading import Other, Participants, read_values
from standfast.sources.app_rows import Said
from standfast.sources.app_times import UNKNOWN, Moment, from_text
from standfast.sources.json_native import file_beside, native_of
from standfast.sources.json_walk import JsonWalk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.app_reading import Judgement
    from standfast.sources.json_walk import Path, Value

_START: Final = re.compile(
    rb'(?:\xef\xbb\xbf)?\s*\{\s*"messages"\s*:\s*\[\s*\{'
    rb'(?=.{0,60000}?"(?:created_date|message_id|topic_id)"\s*:\s*")',
    re.DOTALL,
)
_OURS: Final = re.compile(rb'"(?:topic_id|message_id|user_type|message_state)"\s*:')
_DATE: Final = re.compile(
    r"([A-Z][a-z]{2,5}day), ([A-Z][a-z]{2,8}) (\d{1,2}), (\d{4}) at "
    r"(\d{1,2}):(\d\d):(\d\d)\s([AP])M UTC",
    re.ASCII,
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS: Final = (*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),)
_THIN: Final = str.maketrans({"\u202f": " ", "\u00a0": " "})
_FOLDER: Final = re.compile(r"(?:^|/)((?:DM|Space) [^/]{1,200})(?=/|$)")
_NATIVE: Final = {
    "message_id": "message_id",
    "topic_id": "topic_id",
    "updated_date": "updated_date",
    "annotations": "annotations",
    "reactions": "reactions",
    "quoted_message_metadata": "quoted",
    "previous_message_versions": "revisions",
    "deletion_metadata": "deletion",
    "message_state": "message_state",
}
_PLACED: Final = frozenset({"creator", "created_date", "text", "attached_files"})
_NOON: Final = 12

ABOUT: Final = About(
    id="google_chat",
    version=1,
    title=N_("Google Chat (Takeout)"),
    channel="google_chat",
    accounting=Accounting.BYTES,
    export=N_(
        "At Google Takeout choose Google Chat alone, set the account's language to English before, "
        "and add the zip as it is."
    ),
    lacks=(
        N_("Messages in chats with the history turned off are not in it."),
        N_("The text of deleted messages is not in it, only that they were deleted."),
        N_("It does not say whose account made it."),
    ),
)


class _Messages:
    """What the values of one file are."""

    def __init__(self, source: Source, options: Options) -> None:
        self._source = source
        self._zone = options.zone
        self._people = Participants()
        self._foreign = 0
        found = _FOLDER.findall(source.path) or _FOLDER.findall(source.container)
        self._folder = found[-1] if found else ""

    def take(self, value: Value) -> Judgement:
        if len(value.path) != 2:  # noqa: PLR2004 - the list and a number
            return Other.FRAMING if value.path else Other.NOT_OURS
        data = value.data
        if not isinstance(data, dict) or not data.keys() & {"created_date", "creator", "text"}:
            return Other.NOT_OURS
        return self._message(data)

    def _message(self, data: dict[str, Any]) -> Said:
        creator, written = thing(data, "creator"), text(data, "created_date")
        said = Said(
            conversation=self._folder or text(data, "message_id").partition("/")[0],
            moment=english_time(written, self._zone),
            sender=first_text(creator, "email", "name"),
            text=text(data, "text"),
            native=native_of(data, _NATIVE, _PLACED),
        )
        said.note("from", text(creator, "name"))
        if text(creator, "user_type") != "Human":
            said.note("user_type", text(creator, "user_type"))
        if said.moment.wall is None:
            self._foreign += bool(written)
            said.note("created_date", data.get("created_date"))
        self._states(data, said)
        said.attachments = [self._file(one) for one in things(data, "attached_files")]
        self._people.met(said.sender, text(creator, "name"))
        return said

    def _states(self, data: dict[str, Any], said: Said) -> None:
        if text(data, "message_state") == "DELETED":
            said.state = said.detail = "deleted"
        elif data.get("previous_message_versions"):
            said.state = "edited"

    def _file(self, one: dict[str, Any]) -> dict[str, Any]:
        exported, shown = text(one, "export_name"), text(one, "original_name")
        return dict(file_beside(exported or shown, self._source.neighbours, "", shown))

    def remarks(self) -> Iterator[Yield]:
        yield from self._people.question(self._source.path)
        if self._foreign:
            sentence = _(
                "Dates that are not written in English: {count}. They stand with the messages as "
                "they are written. An export made with the account's language set to English can "
                "be read in full."
            )
            yield Remark("foreign_dates", sentence.format(count=self._foreign), self._source.path)


def english_time(written: str, zone: str) -> Moment:
    """Read ``Monday, March 4, 2024 at 11:00:01 PM UTC``; the day of the week must be right."""
    found = _DATE.fullmatch(written.translate(_THIN).strip())
    if found is None or found[2] not in _MONTHS or not 1 <= int(found[5]) <= _NOON:
        return UNKNOWN
    hour = int(found[5]) % _NOON + (_NOON if found[8] == "P" else 0)
    month = _MONTHS.index(found[2]) + 1
    iso = f"{found[4]}-{month:02}-{int(found[3]):02}T{hour:02}:{found[6]}:{found[7]}"
    moment = from_text(f"{iso}Z", zone)
    if moment.wall is None or _DAYS[datetime.fromisoformat(iso).weekday()] != found[1]:
        return UNKNOWN
    return moment


def _opens(path: Path) -> bool:
    return path in {(), ("messages",)}


class GoogleChat:
    """The format; see `standfast.sources.Format`."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the first message and the fields that only Google Chat has."""
        if _START.match(head.data) and _OURS.search(head.data):
            return Recognition(93, "messages, topic_id")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything in the file."""
        with source.open() as stream:
            walk = JsonWalk(stream, _opens, progress=source.progress)
            yield from read_values(walk.run(), _Messages(source, options), source, ABOUT.channel)


FORMAT: Final[Format] = GoogleChat()

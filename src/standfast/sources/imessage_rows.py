# SPDX-License-Identifier: Apache-2.0
"""Messages of an iPhone or a Mac, made into event columns.

Rules enforced here:

* each row of ``message`` is one event: a message, a reaction, or a line of the app itself;
* the text is the column ``text``, or the one within ``attributedBody``; the character that stands
  for a file (U+FFFC) is left out of it, the file is an attachment;
* every version of an edited message is kept, with its time, in ``native``; what was withdrawn is
  said; what lies among the recently deleted is ``deleted``;
* who sent it is the address of the other side; what the person sent has no sender and the others
  of the chat as recipients.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, Final

from standfast.model.event import EventBatch
from standfast.sources.imessage_edits import NoSummary, history_of, may_tell
from standfast.sources.imessage_people import Chat, People, number_or_zero
from standfast.sources.imessage_typedstream import NotDecoded, text_of
from standfast.sources.imessage_words import (
    ACTIONS,
    CHANNELS,
    FIRST_REACTION,
    FIRST_REMOVED,
    LOCATION,
    MESSAGE,
    NATIVE,
    REACTIONS,
    SHARING,
    STICKER,
    SUBJECT,
)
from standfast.sources.ios_times import COLUMNS as TIMES
from standfast.sources.ios_times import Clock, apple_micros
from standfast.sources.tables import compact, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour, Options, Source

BATCH: Final = 4096
BATCH_CHARACTERS: Final = 4 << 20
COLUMNS: Final = (
    *("kind", "channel", "conversation", *TIMES, "sender", "recipients", "direction", "text"),
    *("attachments", "state", "detail", "row", "native"),
)
FILE_MARK: Final = "\ufffc"
LONGEST_NATIVE: Final = 10_000
_AT: Final = {name: number for number, name in enumerate(MESSAGE, 1)}
_TIMES_KEPT: Final = (
    (_AT["date_delivered"], "delivered_at"), (_AT["date_edited"], "edited_at"),
    (_AT["date_played"], "played_at"), (_AT["date_read"], "read_at"),
    (_AT["date_retracted"], "unsent_at"),
)  # fmt: skip
_TEXTS_KEPT: Final = tuple((_AT[column], name) for column, name in NATIVE.items())
_GUID, _TEXT, _BODY, _HANDLE = (
    _AT[name] for name in ("guid", "text", "attributedBody", "handle_id")
)
_SERVICE, _DATE, _MINE = (_AT[name] for name in ("service", "date", "is_from_me"))
_ABOUT, _RELATION = _AT["associated_message_guid"], _AT["associated_message_type"]
_ITEM, _SUMMARY, _ERROR = _AT["item_type"], _AT["message_summary_info"], _AT["error"]


class MessageRows:
    """Collects the rows of one database.

    Attributes:
        total: messages taken so far.
        undated: those whose date says no time.
        homeless: those in no chat.
        undecoded: those whose text could not be decoded.
        full: whether it is time to hand rows out.
    """

    def __init__(self, source: Source, options: Options, people: People) -> None:
        """Collect messages that refer to these people."""
        self.total = self.undated = self.homeless = self.undecoded = 0
        self.full = False
        self._path = source.path
        self._neighbours: Mapping[str, Neighbour] = source.neighbours
        self._clock = Clock(options.zone)
        self._people = people
        self._rows: list[tuple[object, ...]] = []
        self._weight = 0

    def batch(self) -> EventBatch | None:
        """Hand out the rows collected since the last time; ``None`` when there are none."""
        if not self._rows:
            return None
        columns = dict(zip(COLUMNS, map(list, zip(*self._rows, strict=True)), strict=True))
        fixed = {"path": self._path, "pointer": "message"}
        batch = EventBatch(len(self._rows), {**columns, **fixed})
        self._rows, self._weight, self.full = [], 0, False
        return batch

    def take(self, row: tuple[Any, ...]) -> None:
        """Take one row of ``message``: its number, then the columns of `MESSAGE`."""
        native: dict[str, str] = {}
        utc = apple_micros(row[_DATE])
        if utc is None:
            self.undated += 1
            native["date"] = _shown(row[_DATE])
        chat, further = self._people.chat_of(row[0])
        sender, recipients, direction = self._sides(row, chat)
        if chat is None:
            self.homeless += 1
            native["in_no_chat"] = "1"
        elif further:
            native["also_in"] = compact(list(further))
        text = self._text(row, native)
        kind, detail = _sort(row, native, self._people)
        state = self._state(row, native, text)
        service = row[_SERVICE] if type(row[_SERVICE]) is str else ""
        self._keep(row, native)
        self._rows.append((
            kind, CHANNELS.get(service.lower(), "imessage"),
            chat.title if chat else self._without_chat(row),
            *self._clock.columns(utc), sender, recipients, direction, text,
            self._people.attachments(row[0], self._neighbours), state, detail, row[0],
            _written(native),
        ))  # fmt: skip
        self.total += 1
        self._weight += len(text)
        self.full = len(self._rows) >= BATCH or self._weight >= BATCH_CHARACTERS

    def _sides(self, row: tuple[Any, ...], chat: Chat | None) -> tuple[str, str, str]:
        handle = self._people.handles.get(row[_HANDLE], "")
        mine = row[_MINE]
        if mine == 1:
            others = chat.others if chat and chat.others else compact([handle]) if handle else ""
            return "", others, "out"
        return handle, "", "in" if mine == 0 else "unknown"

    def _without_chat(self, row: tuple[Any, ...]) -> str:
        room = row[_AT["cache_roomnames"]]
        return self._people.handles.get(row[_HANDLE], "") or (
            spelled(room) if type(room) is str else ""
        )

    def _text(self, row: tuple[Any, ...], native: dict[str, str]) -> str:
        text, body = row[_TEXT], row[_BODY]
        if type(text) is not str or not text:
            text = ""
            if type(body) is bytes and body:
                try:
                    text = text_of(body)
                except NotDecoded:
                    self.undecoded += 1
                    native["body"] = "not_decoded"
        return text.replace(FILE_MARK, "") if FILE_MARK in text else text

    def _state(self, row: tuple[Any, ...], native: dict[str, str], text: str) -> str:
        state = ""
        if row[_ERROR] and row[_MINE] == 1:
            state, native["error"] = "failed", _shown(row[_ERROR])
        summary = row[_SUMMARY]
        edited = bool(number_or_zero(row[_AT["date_edited"]]))
        if may_tell(summary):
            state = self._history(summary, native, text) or state
        elif edited:
            state = "edited"
        if number_or_zero(row[_AT["date_retracted"]]):
            state = "unsent"
        if row[0] in self._people.deleted:
            state = "deleted"
            when, _chat = self._people.deleted[row[0]]
            native["deleted_at"] = self._clock.iso(when) if when is not None else ""
        return state

    def _history(self, summary: bytes, native: dict[str, str], text: str) -> str:
        try:
            history = history_of(summary)
        except NoSummary:
            native["edits"] = "not_decoded"
            return "edited"
        if history.versions:
            native["edits"] = compact([
                {
                    "part": one.part,
                    "at": "" if one.utc is None else self._clock.iso(one.utc),
                    **({"text": one.text} if one.text is not None else {}),
                }
                for one in history.versions
            ])  # fmt: skip
        if history.withdrawn:
            native["unsent_parts"] = ",".join(history.withdrawn)
            if not text:
                return "unsent"
        return "edited" if history.versions or history.withdrawn else ""

    def _keep(self, row: tuple[Any, ...], native: dict[str, str]) -> None:
        for at, name in _TEXTS_KEPT:
            value = row[at]
            if value and type(value) is str:
                native[name] = value[:LONGEST_NATIVE]
        for at, name in _TIMES_KEPT:
            if row[at]:
                utc = apple_micros(row[at])
                native[name] = _shown(row[at]) if utc is None else self._clock.iso(utc)
        if row[_AT["is_audio_message"]] == 1:
            native["audio_message"] = "1"


def _sort(row: tuple[Any, ...], native: dict[str, str], people: People) -> tuple[str, str]:
    """Give kind and detail, and keep what they leave out."""
    relation = number_or_zero(row[_RELATION])
    if relation:
        about = row[_ABOUT] if type(row[_ABOUT]) is str else ""
        native["to_guid"] = about.rpartition("/")[2].removeprefix("bp:")[:LONGEST_NATIVE]
        return _reaction(relation, row, native)
    item, action = number_or_zero(row[_ITEM]), number_or_zero(row[_AT["group_action_type"]])
    if not item:
        return "message", ""
    other = people.handles.get(row[_AT["other_handle"]], "")
    if other:
        native["member"] = other
    if item == SUBJECT:
        return "system", "subject_changed"
    if item == LOCATION and not action:
        native["direction"] = _shown(row[_AT["share_direction"]])
        return "system", SHARING.get(number_or_zero(row[_AT["share_status"]]), "location_sharing")
    if (item, action) not in ACTIONS:
        native["item_type"], native["group_action_type"] = str(item), str(action)
    return "system", ACTIONS.get((item, action), "notice")


def _reaction(relation: int, row: tuple[Any, ...], native: dict[str, str]) -> tuple[str, str]:
    removed = relation >= FIRST_REMOVED
    named = REACTIONS.get(relation - (FIRST_REMOVED if removed else FIRST_REACTION))
    if named is None:
        native["relation"] = str(relation)
        return "message", "sticker" if relation == STICKER else ""
    native["reaction"] = named
    emoji = row[_AT["associated_message_emoji"]]
    if type(emoji) is str and emoji:
        native["emoji"] = emoji[:LONGEST_NATIVE]
    return "system", "reaction_removed" if removed else "reaction"


def _shown(value: object) -> str:
    return spelled(str(value))[:100] if isinstance(value, (int, float, str)) else ""


def _written(native: dict[str, str]) -> str:
    """Write a flat object the one way (`tables.compact`), quicker."""
    if not native:
        return ""
    text = "{" + ",".join(f"{quoted(key)}:{quoted(native[key])}" for key in sorted(native)) + "}"
    return spelled(text) if "\\ud" not in text else compact(native)

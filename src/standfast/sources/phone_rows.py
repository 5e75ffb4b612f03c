# SPDX-License-Identifier: Apache-2.0
"""Texts, multimedia messages and calls as a phone stores them, made into event columns.

The fields are those of Android's telephony and call-log providers, which SMS Backup & Restore
writes out one attribute a column. Rules enforced here:

* the text ``null`` is Android's word for an absent value;
* ``date`` counts milliseconds from 1970 in UTC. The date of a multimedia message counts seconds
  in some versions: below `LEAST_MILLISECONDS` (March 1973 in milliseconds) it is read as seconds;
* precision is ``ms`` when the milliseconds are not zero, else ``s``: a phone or network that
  states whole seconds writes ``000``, and stating too little is never wrong;
* a date that is no number, zero, negative or after the year 2100 gives no time; the event is
  kept, with the value as written in ``native``;
* the wall clock is that of the zone the person named, else UTC; the basis is always ``epoch``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Final

from standfast.model.event import EventBatch
from standfast.model.times import micros, utc_from_micros, utc_to_wall, zone
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

NULL: Final = "null"
ME: Final = "insert-address-token"
"""What Android writes where the phone's own number belongs."""
LEAST_MILLISECONDS: Final = 10**11
END_OF_2100: Final = 4_133_980_800_000
GROUP: Final = "~"
BATCH: Final = 4096
BATCH_BYTES: Final = 8 << 20
"""A batch is handed out at this many rows, or bytes of the original."""
MAX_NAME: Final = 255
MAX_SEQUENCE_DIGITS: Final = 9

COLUMNS: Final = (
    *("kind", "channel", "conversation", "wall", "zone", "zone_basis", "utc", "precision"),
    *("sender", "recipients", "direction", "text", "attachments", "state", "detail"),
    *("start", "end", "native"),
)
_BOXES: Final = {
    "1": ("in", "", ""),
    "2": ("out", "", ""),
    "3": ("out", "draft", ""),
    "4": ("out", "", "outbox"),
    "5": ("out", "failed", ""),
    "6": ("out", "", "queued"),
}
_CALLS: Final = {
    "1": ("in", "incoming"),
    "2": ("out", "outgoing"),
    "3": ("in", "missed"),
    "4": ("in", "voicemail"),
    "5": ("in", "rejected"),
    "6": ("in", "blocked"),
    "7": ("in", "answered_elsewhere"),
}
_FROM: Final = "137"
_TO: Final = frozenset({"151", "130", "129"})
_NOT_FETCHED: Final = "130"


def _keys(*pairs: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Pair each attribute with the key it has in ``native``, in the order JSON is written in."""
    ordered = sorted(pairs, key=lambda pair: pair[1])
    return tuple((name, f"{quoted(key)}:") for name, key in ordered)


_SMS: Final = _keys(
    *((name, name) for name in ("contact_name", "date_sent", "locked", "read", "readable_date")),
    *((name, name) for name in ("service_center", "sub_id", "subject")),
)
_MMS: Final = _keys(
    *((name, name) for name in ("contact_name", "date_sent", "locked", "m_id", "m_type", "read")),
    *((name, name) for name in ("readable_date", "sub_id")),
    ("sub", "subject"),
)
_CALL: Final = _keys(
    *((name, name) for name in ("contact_name", "presentation", "readable_date")),
    *((name, name) for name in ("subscription_id", "post_dial_digits")),
    ("duration", "duration_s"),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multimedia message: its attributes, and what its data came to."""

    attributes: Mapping[str, str]
    size: int = -1
    sha256: str = ""


@dataclass(slots=True)
class Multimedia:
    """A multimedia message being read."""

    attributes: Mapping[str, str]
    parts: list[Part] = field(default_factory=list)
    addresses: list[tuple[str, str]] = field(default_factory=list)
    """Type and address of each ``addr``, in file order."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """The time columns of one row: wall, zone, basis, UTC, precision."""

    known: bool
    columns: tuple[int | None, str, str, int | None, str]


_UNDATED: Final = _Moment(known=False, columns=(None, "", "unknown", None, "none"))


class PhoneRows:
    """Collects the rows of one file.

    Attributes:
        total: rows taken so far, handed out or not.
        undated: rows whose date says no time.
        damaged: attachments whose data was no base64.
        full: whether it is time to hand rows out.
    """

    def __init__(self, zone_name: str, path: str) -> None:
        """Write wall clocks in this zone (empty for UTC) for the member at ``path``."""
        self.total = 0
        self.undated = 0
        self.damaged = 0
        self.full = False
        self._rows: list[tuple[object, ...]] = []
        self._weight = 0
        self._zone = zone_name or "UTC"
        self._path = path
        zone(self._zone)

    def batch(self) -> EventBatch | None:
        """Hand out the rows collected since the last time; ``None`` when there are none."""
        if not self._rows:
            return None
        columns = dict(zip(COLUMNS, map(list, zip(*self._rows, strict=True)), strict=True))
        batch = EventBatch(len(self._rows), {**columns, "path": self._path})
        self._rows, self._weight, self.full = [], 0, False
        return batch

    def sms(self, values: dict[str, str], start: int, end: int) -> None:
        """Take one ``<sms>``."""
        moment = self._moment(values, seconds=False)
        direction, state, detail = _BOXES.get(values.get("type", ""), ("unknown", "", ""))
        address, text = _present(values, "address"), _present(values, "body")
        native = _native(values, _SMS, _strange(values, moment, "type", direction))
        self._add(
            ("message", "sms", address, *moment.columns),
            (*_sides(address, direction), direction, text, "", state, detail),
            (start, end, native),
        )

    def call(self, values: dict[str, str], start: int, end: int) -> None:
        """Take one ``<call>``."""
        moment = self._moment(values, seconds=False)
        direction, detail = _CALLS.get(values.get("type", ""), ("unknown", ""))
        number = _present(values, "number")
        native = _native(values, _CALL, _strange(values, moment, "type", direction))
        self._add(
            ("call", "phone", number, *moment.columns),
            (*_sides(number, direction), direction, "", "", "", detail),
            (start, end, native),
        )

    def mms(self, message: Multimedia, start: int, end: int) -> None:
        """Take one ``<mms>`` with its parts and addresses."""
        values = dict(message.attributes)
        moment = self._moment(values, seconds=True)
        direction, state, detail = _box_of(message)
        address = _present(values, "address")
        native = _native(values, _MMS, _strange(values, moment, "msg_box", direction))
        parts = sorted(message.parts, key=_sequence)
        said = ("\n".join(_texts(parts)), self._attachments(parts), state, detail)
        self._add(
            ("message", "sms", address, *moment.columns),
            (*_parties(message, address, direction), direction, *said),
            (start, end, native),
        )

    def _add(
        self, when: tuple[object, ...], what: tuple[object, ...], where: tuple[int, int, str]
    ) -> None:
        self._rows.append((*when, *what, *where))
        self.total += 1
        self._weight += where[1] - where[0]
        self.full = len(self._rows) >= BATCH or self._weight >= BATCH_BYTES

    def _moment(self, values: dict[str, str], *, seconds: bool) -> _Moment:
        raw = values.get("date", "")
        count = (
            int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= len("4133980800000") else 0
        )
        if seconds and count < LEAST_MILLISECONDS:
            count *= 1000
        if not 0 < count < END_OF_2100:
            self.undated += 1
            return _UNDATED
        if values.get("date_sent") in {raw, "0"}:
            del values["date_sent"]
        utc = wall = count * 1000
        if self._zone != "UTC":
            wall = micros(utc_to_wall(utc_from_micros(utc), self._zone))
        return _Moment(
            known=True, columns=(wall, self._zone, "epoch", utc, "ms" if count % 1000 else "s")
        )

    def _attachments(self, parts: list[Part]) -> str:
        files = [_attachment(part) for part in parts if _is_attachment(part)]
        self.damaged += sum(part.size >= 0 and not part.sha256 for part in parts)
        return compact(files) if files else ""


def _present(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    return "" if value == NULL else value


def _native(
    values: Mapping[str, str], keys: tuple[tuple[str, str], ...], strange: Mapping[str, str]
) -> str:
    pairs = [
        key + quoted(value) for name, key in keys if (value := values.get(name)) and value != NULL
    ]
    if strange:
        pairs = sorted(pairs + [f"{quoted(key)}:{quoted(value)}" for key, value in strange.items()])
    return "{" + ",".join(pairs) + "}" if pairs else ""


def _strange(
    values: Mapping[str, str], moment: _Moment, box: str, direction: str
) -> Mapping[str, str]:
    """Give what could not be understood, as it is written."""
    if moment.known and direction != "unknown":
        return {}
    said = {} if moment.known else {"date": values.get("date", "")}
    return said if direction != "unknown" else {**said, box: values.get(box, "")}


def _sides(address: str, direction: str) -> tuple[str, str]:
    """Give sender and recipients of a record that names one side only."""
    if direction == "in":
        return address, ""
    if direction != "out" or not address:
        return "", ""
    return "", _group(address) if len(address) <= MAX_NAME else compact(address.split(GROUP))


@lru_cache(maxsize=1024)
def _group(address: str) -> str:
    return compact(address.split(GROUP))


def _box_of(message: Multimedia) -> tuple[str, str, str]:
    direction, state, detail = _BOXES.get(message.attributes.get("msg_box", ""), ("", "", ""))
    if message.attributes.get("m_type") == _NOT_FETCHED:
        detail = "mms_not_fetched"
    if direction:
        return direction, state, detail
    mine = any(kind == _FROM and address == ME for kind, address in message.addresses)
    return ("out" if mine else "unknown"), state, detail


def _parties(message: Multimedia, address: str, direction: str) -> tuple[str, str]:
    """Give sender and recipients; the phone's own place holder stands for the person."""
    senders = [who for kind, who in message.addresses if kind == _FROM and who not in {ME, NULL}]
    others = [who for kind, who in message.addresses if kind in _TO and who not in {ME, NULL}]
    if direction == "out":
        return "", compact(others or address.split(GROUP)) if others or address else ""
    lone = address if GROUP not in address and direction == "in" else ""
    return (senders[0] if senders else lone), compact(others) if others else ""


def _sequence(part: Part) -> int:
    raw = part.attributes.get("seq", "")
    digits = raw.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MAX_SEQUENCE_DIGITS):
        return 0
    return int(raw)


def _type_of(part: Part) -> str:
    return _present(part.attributes, "ct").split(";")[0].strip().lower()


def _texts(parts: list[Part]) -> list[str]:
    texts = (_present(part.attributes, "text") for part in parts if _type_of(part) == "text/plain")
    return [text for text in texts if text]


def _is_attachment(part: Part) -> bool:
    kind = _type_of(part)
    if kind == "application/smil":
        return False
    return kind != "text/plain" or part.size >= 0


def _attachment(part: Part) -> dict[str, str | int]:
    names = (_present(part.attributes, name) for name in ("cl", "name", "fn"))
    size, sha256 = part.size, part.sha256
    text = _present(part.attributes, "text")
    if size < 0 and text:
        data = text.encode()
        size, sha256 = len(data), hashlib.sha256(data).hexdigest()
    found: dict[str, str | int] = {
        "name": next((name for name in names if name), "")[:MAX_NAME],
        "state": "present" if sha256 else "missing",
        "media_type": _type_of(part),
        "sha256": sha256,
    }
    if sha256:
        found["size"] = size
    return {key: value for key, value in found.items() if value != ""}

# SPDX-License-Identifier: Apache-2.0
"""Calls and voicemail of an iPhone or Mac, made into event columns.

Rules enforced here:

* each row of ``ZCALLRECORD``, ``voicemail`` and ``deleted`` (voicemail) is one event;
* missed means: it came in and was not answered. Whether a call had a picture is left as the
  number the phone stores, since public programs do not agree on what the numbers mean;
* a call over another app is on that app's channel, with the address that app gave the phone.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from standfast.model.event import EventBatch
from standfast.sources.ios_times import COLUMNS as TIMES
from standfast.sources.ios_times import Clock, apple_micros, unix_micros
from standfast.sources.tables import compact, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour, Options, Source

BATCH: Final = 4096
COLUMNS: Final = (
    *("channel", "conversation", *TIMES, "sender", "recipients", "direction", "attachments"),
    *("state", "detail", "row", "pointer", "native"),
)
CALLS: Final = "ZCALLRECORD"
CALL: Final = (
    *("ZDATE", "ZADDRESS", "ZORIGINATED", "ZANSWERED", "ZDURATION", "ZSERVICE_PROVIDER"),
    *("ZCALLTYPE", "ZNAME", "ZLOCATION", "ZISO_COUNTRY_CODE", "ZUNIQUE_ID", "ZREAD"),
    *("ZDISCONNECTED_CAUSE", "ZJUNKCONFIDENCE", "ZBLOCKEDBYEXTENSION"),
)
_CALL_KEPT: Final = {
    "ZDURATION": "duration_s", "ZSERVICE_PROVIDER": "service", "ZCALLTYPE": "call_type",
    "ZNAME": "contact_name", "ZLOCATION": "place_of_number", "ZISO_COUNTRY_CODE": "country",
    "ZUNIQUE_ID": "id", "ZREAD": "read", "ZDISCONNECTED_CAUSE": "end_cause",
    "ZJUNKCONFIDENCE": "junk", "ZBLOCKEDBYEXTENSION": "blocked_by",
}  # fmt: skip
VOICEMAIL: Final = (
    *("date", "sender", "callback_num", "duration", "trashed_date", "flags", "receiver", "label"),
)
_VOICEMAIL_KEPT: Final = {
    "callback_num": "call_back", "duration": "duration_s", "flags": "flags",
    "receiver": "own_address", "label": "line",
}  # fmt: skip
CHANNELS: Final = {
    "com.apple.facetime": "facetime", "net.whatsapp.whatsapp": "whatsapp",
    "ph.telegra.telegraph": "telegram",
}  # fmt: skip
LONGEST: Final = 1000
RECORDING: Final = "HomeDomain-Library/Voicemail/{number}.amr"


class CallRows:
    """Collects the calls of one database; ``undated`` counts those whose date says no time."""

    def __init__(self, source: Source, options: Options) -> None:
        """Collect calls of a source."""
        self.undated = 0
        self._path = source.path
        self._neighbours: Mapping[str, Neighbour] = source.neighbours
        self._clock = Clock(options.zone)
        self._rows: list[tuple[object, ...]] = []

    @property
    def full(self) -> bool:
        """Say whether it is time to hand rows out."""
        return len(self._rows) >= BATCH

    def batch(self) -> EventBatch | None:
        """Hand out the rows collected since the last time; ``None`` when there are none."""
        if not self._rows:
            return None
        columns = dict(zip(COLUMNS, map(list, zip(*self._rows, strict=True)), strict=True))
        batch = EventBatch(len(self._rows), {**columns, "path": self._path, "kind": "call"})
        self._rows = []
        return batch

    def call(self, row: tuple[Any, ...]) -> None:
        """Take a row of ``ZCALLRECORD``: its number, then the columns of `CALL`."""
        values = dict(zip(CALL, row[1:], strict=True))
        native = _kept(values, _CALL_KEPT)
        address, service = written(values["ZADDRESS"]), native.get("service", "").lower()
        if values["ZORIGINATED"] == 1:
            direction, detail = "out", "outgoing"
        elif values["ZORIGINATED"] == 0:
            direction, detail = "in", "missed" if values["ZANSWERED"] == 0 else "incoming"
        else:
            direction, detail = "unknown", ""
        moment = self._moment(apple_micros(values["ZDATE"]), values["ZDATE"], native)
        self._add(CHANNELS.get(service, "phone"), address, moment, direction, "", "", detail,
                  row[0], CALLS, native)  # fmt: skip

    def voicemail(self, row: tuple[Any, ...], table: str) -> None:
        """Take a row of ``voicemail`` or ``deleted``: its number, then `VOICEMAIL`."""
        values = dict(zip(VOICEMAIL, row[1:], strict=True))
        native = _kept(values, _VOICEMAIL_KEPT)
        trashed = apple_micros(values["trashed_date"])
        if trashed is not None:
            native["deleted_at"] = self._clock.iso(trashed)
        state = "deleted" if trashed is not None or table == "deleted" else ""
        moment = self._moment(unix_micros(values["date"]), values["date"], native)
        self._add("phone", written(values["sender"]), moment, "in", self._recording(row[0], table),
                  state, "voicemail", row[0], table, native)  # fmt: skip

    def _add(  # noqa: PLR0913, PLR0917 - one argument a column, each with one meaning
        self, channel: str, address: str, moment: tuple[Any, ...], direction: str, files: str,
        state: str, detail: str, row: int, table: str, native: dict[str, str],
    ) -> None:  # fmt: skip
        sender = address if direction == "in" else ""
        others = compact([address]) if direction == "out" and address else ""
        self._rows.append((
            channel, address, *moment, sender, others, direction, files, state, detail, row, table,
            compact(native) if native else "",
        ))  # fmt: skip

    def _moment(self, utc: int | None, raw: object, native: dict[str, str]) -> tuple[Any, ...]:
        if utc is None:
            self.undated += 1
            native["date"] = written(raw)[:LONGEST]
        return self._clock.columns(utc)

    def _recording(self, number: int, table: str) -> str:
        """Name the recording, which is called by its row; one that was deleted has none."""
        if table != "voicemail":
            return ""
        place = RECORDING.format(number=number)
        hashed = hashlib.sha1(place.encode(), usedforsecurity=False).hexdigest()
        name = f"{number}.amr"
        near = self._neighbours.get(hashed) or self._neighbours.get(name)
        if near is None:
            return compact([{"name": name, "state": "missing", "media_type": "audio/amr"}])
        return compact([{
            "name": name, "state": "present", "media_type": "audio/amr", "path": near.path,
            "size": near.size,
        }])  # fmt: skip


def written(value: object) -> str:
    """Give a stored value as text; old phones store an address as bytes."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:LONGEST]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else spelled(str(value))[:LONGEST]


def _kept(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    found = {name: written(values[column]) for column, name in names.items()}
    return {name: value for name, value in found.items() if value}

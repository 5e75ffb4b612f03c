# SPDX-License-Identifier: Apache-2.0
"""Texts, multimedia messages and calls as an Android phone itself keeps them.

Three files: ``mmssms.db`` (messages) and ``calllog.db`` or an old ``contacts2.db`` (calls), which
are SQLite databases of Android's own providers, and the parts of Android's backup of messages
(``000000_sms_backup``), which are a packed JSON list. What the fields mean is the same in all of
them and stands in `standfast.sources.phone_rows`.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_
from standfast.model.event import Accounting, EventBatch, Framing, Locator, Remark, Unreadable
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.phone_rows import GROUP, ME, Multimedia, Part, PhoneRows
from standfast.sources.sqlite_reading import Database, NotReadable, is_database
from standfast.sources.tables import spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from standfast.model.event import Yield
    from standfast.sources.sqlite_scan import Scan

_SMS_TABLE: Final = re.compile(
    rb"CREATE TABLE sms \(_id INTEGER PRIMARY KEY[^)]{0,15},\s*thread_id INTEGER,\s*address TEXT"
)
_CALLS_TABLE: Final = re.compile(
    rb"CREATE TABLE calls \(_id INTEGER PRIMARY KEY(?: AUTOINCREMENT)?,[^)]{0,120}number TEXT"
)
_LIST: Final = re.compile(rb'\s*\[\s*\{[^\x00]{0,4000}?"(?:address|mms_addresses|msg_box)"\s*:')
SMS: Final = (
    *("date", "type", "address", "body", "date_sent", "locked", "read", "service_center"),
    *("sub_id", "subject"),
)
PDU: Final = (
    *("date", "msg_box", "m_type", "sub", "date_sent", "locked", "read", "m_id", "sub_id"),
    "thread_id",
)
PART: Final = ("mid", "seq", "ct", "name", "fn", "cl", "text", "_data")
CALL: Final = (
    *("date", "type", "number", "duration", "presentation", "subscription_id"),
    *("post_dial_digits", "name"),
)
MOST_UNPACKED: Final = 64 << 20
PIECE: Final = 1 << 20
ZLIB: Final = 0x78

NOT_PHONE: Final = N_("This database holds no table of messages or calls as Android keeps them.")
BROKEN_LIST: Final = N_("This part of a backup is damaged or far too large and cannot be read.")
NOT_A_RECORD: Final = N_("This entry of the backup is no message.")
UNDATED: Final = N_("Some entries have no time that can be right.")

ABOUT: Final = About(
    id="android_telephony",
    version=1,
    title=N_("Messages and calls as Android keeps them"),
    channel="sms",
    accounting=Accounting.ROWS,
    export=N_(
        "These files come out of a full copy of an Android phone (mmssms.db, calllog.db) or of "
        "Android's own backup (000000_sms_backup); an app such as SMS Backup & Restore is easier."
    ),
    lacks=(
        N_("Messages and calls that were deleted are not in it; nothing looks for their remains."),
        N_("Pictures and voice messages lie in files of their own and are only named."),
        N_("Chat messages (RCS) are kept elsewhere by most phones."),
    ),
)


class AndroidTelephony:
    """The format of Android's own stores of messages and calls."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the tables, or for a packed list of messages."""
        if is_database(head.data):
            listed = head.catalogue or head.data
            for pattern, name in ((_SMS_TABLE, "sms"), (_CALLS_TABLE, "calls")):
                if pattern.search(listed):
                    return Recognition(92, f"CREATE TABLE {name}")
            return None
        if head.data[:1] == bytes([ZLIB]) and _LIST.match(_begin(head.data)):
            return Recognition(92, "zlib, list of messages")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield every message and call, in the order of their numbers."""
        with source.open() as stream:
            packed = stream.read(1) == bytes([ZLIB])
        if packed:
            yield from _packed(source, options)
            return
        try:
            database = Database(source)
        except NotReadable as problem:
            yield problem.unreadable
            return
        with database:
            yield from _stored(database, source, options)


class _Taker:
    """Hands rows of one table to `PhoneRows`, and gives them back with their numbers."""

    def __init__(self, source: Source, options: Options) -> None:
        self.phone = PhoneRows(options.zone, source.path)
        self._numbers: list[int] = []
        self._tables: list[str] = []

    def took(self, number: int, table: str) -> None:
        self._numbers.append(number)
        self._tables.append(table)

    def batch(self) -> Iterator[EventBatch]:
        made = self.phone.batch()
        if made is not None:
            places: dict[str, Any] = {
                "start": -1,
                "end": -1,
                "row": self._numbers,
                "pointer": self._tables,
            }
            self._numbers, self._tables = [], []
            yield EventBatch(made.rows, {**made.columns, **places})


def _stored(database: Database, source: Source, options: Options) -> Iterator[Yield]:
    messages, calls = database.has("sms", "address", "body"), database.has("calls", "number")
    if not messages and not calls:
        yield Unreadable("not_a_phone", NOT_PHONE, Locator(source.path, 0, source.size))
        return
    yield database.framing()
    taker = _Taker(source, options)
    if messages:
        yield from _single(database.scan("sms", SMS), SMS, taker.phone.sms, taker)
        yield from _multimedia(database, taker)
    if calls:
        yield from _single(database.scan("calls", CALL), CALL, taker.phone.call, taker)
    yield from database.remarks
    yield from _remarks(taker, source)


def _remarks(taker: _Taker, source: Source) -> Iterator[Yield]:
    if taker.phone.undated:
        yield Remark("undated", UNDATED, source.path)


def _single(
    scan: Scan, names: Sequence[str], take: Callable[[dict[str, str], int, int], None],
    taker: _Taker,
) -> Iterator[Yield]:  # fmt: skip
    for number, *values in scan:
        record = _record(zip(names, values, strict=True))
        record["contact_name"] = record.pop("name", "")
        take(record, 0, 0)
        taker.took(number, scan.table)
        if taker.phone.full:
            yield from taker.batch()
    yield from taker.batch()
    yield from scan.broken


def _multimedia(database: Database, taker: _Taker) -> Iterator[Yield]:
    parts: dict[int, list[Part]] = {}
    scan = database.scan("part", PART)
    for _number, message, *values in scan:
        parts.setdefault(message, []).append(Part(_record(zip(PART[1:], values, strict=True))))
    yield from _beside(database, scan)
    addresses: dict[int, list[tuple[str, str]]] = {}
    scan = database.scan("addr", ("msg_id", "type", "address"))
    for _number, message, sort, address in scan:
        addresses.setdefault(message, []).append((_text(sort), _text(address)))
    yield from _beside(database, scan)
    scan = database.scan("pdu", PDU)
    for number, *values in scan:
        record = _record(zip(PDU, values, strict=True))
        record.pop("thread_id", None)
        taker.phone.mms(_message(record, parts.get(number, []), addresses.get(number, [])), 0, 0)
        taker.took(number, scan.table)
        if taker.phone.full:
            yield from taker.batch()
    yield from taker.batch()
    yield from scan.broken


def _beside(database: Database, scan: Scan) -> Iterator[Yield]:
    if database.has(scan.table):
        yield scan.framing()
    yield from scan.broken


def _message(
    record: dict[str, str], parts: list[Part], addresses: list[tuple[str, str]]
) -> Multimedia:
    others = dict.fromkeys(address for _sort, address in addresses if address not in {ME, ""})
    record["address"] = GROUP.join(others)
    return Multimedia(record, parts, addresses)


def _record(pairs: Any) -> dict[str, str]:
    return {name: _text(value) for name, value in pairs if value is not None}


def _text(value: object) -> str:
    if isinstance(value, str):
        return spelled(value)
    return str(value) if isinstance(value, (int, float)) else ""


# -- the packed list -------------------------------------------------------------------------


def _begin(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, PIECE >> 4)
    except zlib.error:
        return b""


def _unpacked(source: Source) -> list[Any] | None:
    """Unpack the whole list; ``None`` when it is damaged, no list, or far too large."""
    unpacker, found = zlib.decompressobj(), bytearray()
    with source.open() as stream:
        try:
            while piece := stream.read(PIECE):
                found += unpacker.decompress(piece, MOST_UNPACKED + 1 - len(found))
                if len(found) > MOST_UNPACKED:
                    return None
                source.progress(stream.tell())
            whole = unpacker.eof and not unpacker.unused_data
            records = json.loads(found) if whole else None
        except (zlib.error, ValueError, RecursionError):
            return None
    return records if isinstance(records, list) else None


def _packed(source: Source, options: Options) -> Iterator[Yield]:
    records = _unpacked(source)
    if records is None:
        yield Unreadable("broken_list", BROKEN_LIST, Locator(source.path, 0, source.size))
        return
    yield Framing(0, source.size, source.path)
    taker = _Taker(source, options)
    for number, record in enumerate(records):
        pointer = f"/{number}"
        if not isinstance(record, dict):
            where = Locator(source.path, row=number, pointer=pointer)
            yield Unreadable("not_a_record", NOT_A_RECORD, where)
            continue
        _take(record, taker)
        taker.took(number, pointer)
        if taker.phone.full:
            yield from taker.batch()
    yield from taker.batch()
    yield from _remarks(taker, source)


def _take(record: Mapping[str, Any], taker: _Taker) -> None:
    values = _record(record.items())
    if "mms_addresses" not in record and "msg_box" not in record:
        taker.phone.sms(values, 0, 0)
        return
    listed = record.get("mms_addresses")
    addresses = [
        (_text(one.get("type")), _text(one.get("address")))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]
    own = _text(record.get("self_phone"))
    addresses = [(sort, ME if own and address == own else address) for sort, address in addresses]
    body = values.pop("mms_body", "")
    parts = [Part({"ct": "text/plain", "text": body})] if body else []
    taker.phone.mms(_message(values, parts, addresses), 0, 0)


FORMAT: Final[Format] = AndroidTelephony()

# SPDX-License-Identifier: Apache-2.0
"""What an iPhone's backup holds beside messages: calls, voicemail, and the list of its files.

A backup is a folder of files under names of 40 digits and letters; each that is known is
recognised by what is in it. ``Manifest.db`` says which file is which, ``Manifest.plist`` whether
the backup is locked with a password. Locked backups are kept and not read.
"""

from __future__ import annotations

import plistlib
import re
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_
from standfast.model.event import Accounting, Framing, Locator, Remark, Unreadable
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.ios_calls import CALL, CALLS, VOICEMAIL, CallRows
from standfast.sources.sqlite_reading import Database, NotReadable, is_database

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Yield
    from standfast.sources.sqlite_scan import Scan

_CALLS: Final = re.compile(rb"CREATE TABLE ZCALLRECORD\b")
_VOICEMAIL: Final = re.compile(
    rb"CREATE TABLE voicemail \(ROWID INTEGER PRIMARY KEY[^)]{0,60}remote_uid INTEGER"
)
_MANIFEST: Final = re.compile(rb"CREATE TABLE Files \(fileID TEXT PRIMARY KEY, domain TEXT")
_HASHED: Final = re.compile(r"[0-9a-f]{40}")
_PLIST: Final = (b"BackupKeyBag", b"IsEncrypted")
NAMES: Final = frozenset({"CallHistory.storedata", "5a4935c78a5255723f707230a451d79c540d2741"})
"""The last is the SHA-1 of ``HomeDomain-Library/CallHistoryDB/CallHistory.storedata``."""
MOST_PLIST: Final = 16 << 20
KNOWN: Final = {
    "HomeDomain-Library/SMS/sms.db": "messages",
    "HomeDomain-Library/CallHistoryDB/CallHistory.storedata": "calls",
    "HomeDomain-Library/Voicemail/voicemail.db": "voicemail",
}

NOT_KNOWN: Final = N_("This database holds no table of calls or voicemail that can be read.")
BROKEN_PLIST: Final = N_("The settings of this backup are damaged and cannot be read.")
ENCRYPTED: Final = N_(
    "This backup is locked with a password, so nothing in it can be read. Make another backup "
    "without a password and add that."
)
MISSING: Final = {
    "messages": N_("The backup lists a file of messages that is not among what was given."),
    "calls": N_("The backup lists a file of calls that is not among what was given."),
    "voicemail": N_("The backup lists a file of voicemail that is not among what was given."),
}

ABOUT: Final = About(
    id="ios_backup",
    version=1,
    title=N_("iPhone backup: calls and voicemail"),
    channel="phone",
    accounting=Accounting.ROWS,
    export=N_(
        "Make a backup of the iPhone on a computer, in the Finder or in Apple Devices, without a "
        "password, and add its whole folder; or on a Mac add CallHistory.storedata and "
        "CallHistory.storedata-wal together."
    ),
    lacks=(
        N_("A phone keeps only its newest calls; older ones are not in the backup."),
        N_("Since iOS 13 a backup without a password leaves out the list of calls."),
        N_("Calls that were deleted are not in it; standfast does not look for their remains."),
        N_("A backup locked with a password is kept, and cannot be read yet."),
        N_("Who else took part in a call of several people is not read."),
    ),
)


class IosBackup:
    """The format of what lies in an iPhone's backup beside messages."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the tables of calls, of voicemail, or of the backup's files."""
        if head.data.startswith((b"bplist00", b"<?xml")):
            found = all(key in head.data for key in _PLIST)
            return Recognition(90, "BackupKeyBag") if found else None
        if not is_database(head.data):
            return None
        listed = head.catalogue or head.data
        for pattern in (_CALLS, _VOICEMAIL, _MANIFEST):
            if pattern.search(listed):
                return Recognition(95, pattern.pattern[13:25].decode().strip())
        return Recognition(60, "SQLite, named as calls are") if head.name in NAMES else None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield every call and voicemail, in the order of their numbers."""
        with source.open() as stream:
            start = stream.read(8)
        if start.startswith((b"bplist00", b"<?xml")):
            yield from _settings(source)
            return
        try:
            database = Database(source)
        except NotReadable as problem:
            yield problem.unreadable
            return
        with database:
            yield from _tables(database, source, options)


def _tables(database: Database, source: Source, options: Options) -> Iterator[Yield]:
    taken = CallRows(source, options)
    if database.has(CALLS, "ZDATE", "ZADDRESS"):
        yield database.framing()
        scan = database.scan(CALLS, CALL)
        for row in scan:
            taken.call(row)
            if taken.full and (batch := taken.batch()):
                yield batch
        yield from scan.broken
    elif database.has("voicemail", "date", "sender"):
        yield database.framing()
        for table in ("voicemail", "deleted"):
            scan = database.scan(table, VOICEMAIL)
            for row in scan:
                taken.voicemail(row, table)
                if taken.full and (batch := taken.batch()):
                    yield batch
            yield from scan.broken
    elif database.has("Files", "fileID", "domain", "relativePath"):
        yield database.framing()
        yield from _listed(database.scan("Files", ("fileID", "domain", "relativePath")), source)
    else:
        yield Unreadable("not_a_backup", NOT_KNOWN, Locator(source.path, 0, source.size))
        return
    if batch := taken.batch():
        yield batch
    yield from database.remarks


def _listed(scan: Scan, source: Source) -> Iterator[Yield]:
    """Look in the list of files for those that should have been given along."""
    whole = any(_HASHED.fullmatch(name) for name in source.neighbours)
    for _row, name, domain, path in scan:
        sort = KNOWN.get(f"{domain}-{path}")
        if whole and sort and isinstance(name, str) and name not in source.neighbours:
            yield Remark(f"{sort}_not_given", MISSING[sort], source.path)
    yield scan.framing()
    yield from scan.broken


def _settings(source: Source) -> Iterator[Yield]:
    facts: Mapping[str, Any] = {}
    if source.size <= MOST_PLIST:
        with source.open() as stream:
            facts = _plist(stream.read())
    if not facts:
        where = Locator(source.path, 0, source.size)
        yield Unreadable("broken_settings", BROKEN_PLIST, where)
        return
    yield Framing(0, source.size, source.path)
    if facts.get("IsEncrypted") is True:
        yield Remark("encrypted", ENCRYPTED, source.path)


def _plist(data: bytes) -> Mapping[str, Any]:
    try:
        found = plistlib.loads(data)
    except Exception:  # noqa: BLE001 - plistlib raises many kinds on damaged bytes
        return {}
    return found if isinstance(found, dict) else {}


FORMAT: Final[Format] = IosBackup()

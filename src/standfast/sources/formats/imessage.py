# SPDX-License-Identifier: Apache-2.0
"""iMessage, SMS and RCS of Apple's Messages: ``chat.db`` of a Mac, ``sms.db`` of an iPhone.

Both are one SQLite database, in an iPhone's backup under a name of 40 digits and letters. How it
is opened stands in `standfast.sources.sqlite_reading`, what its rows mean in
`standfast.sources.imessage_rows`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_
from standfast.model.event import Accounting, Locator, Remark, Unreadable
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.imessage_people import People
from standfast.sources.imessage_rows import MessageRows
from standfast.sources.imessage_words import MESSAGE
from standfast.sources.sqlite_reading import Database, NotReadable, is_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

NAMES: Final = frozenset({"chat.db", "sms.db", "3d0d7e5fb2ce288813306e4d4636395e047a3d28"})
"""The last is the SHA-1 of the file's place in a backup, ``HomeDomain-Library/SMS/sms.db``."""
_TABLE: Final = re.compile(
    rb"CREATE TABLE \"?message\"? ?\(\s*ROWID INTEGER PRIMARY KEY AUTOINCREMENT[^)]{0,9},"
    rb"\s*guid TEXT"
)

NO_MESSAGES: Final = N_("This database holds no table of messages as Apple's Messages keeps them.")
HOMELESS: Final = N_(
    "Some messages are in no chat; their chat was probably deleted. They stand under the address "
    "of the other side."
)
LEFT_FILES: Final = N_(
    "The database lists files that belong to no message any more; their messages were probably "
    "deleted."
)
UNDECODED: Final = N_("The text of some messages is stored in a way that could not be decoded.")
REPLACED: Final = N_("Some texts have bytes that are no text; those are shown as “\ufffd”.")

ABOUT: Final = About(
    id="imessage",
    version=1,
    title=N_("iMessage and SMS on iPhone and Mac"),
    channel="imessage",
    accounting=Accounting.ROWS,
    export=N_(
        "Make a backup of the iPhone on a computer, without a password, and add its folder; or on "
        "a Mac close Messages and add chat.db, chat.db-wal and chat.db-shm together."
    ),
    lacks=(
        N_("Messages that were deleted are not in it; standfast does not look for their remains."),
        N_("Messages kept only in iCloud are not in it."),
        N_("Telephone and FaceTime calls are in another file, CallHistory.storedata."),
        N_("Who a number belongs to is in the address book and not in this file."),
    ),
)


class IMessage:
    """The format of Apple's Messages."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the definition of the table of messages."""
        if not is_database(head.data):
            return None
        if _TABLE.search(head.catalogue or head.data):
            return Recognition(95, "CREATE TABLE message")
        if head.name in NAMES:  # the list of tables may stand in its log
            return Recognition(60, "SQLite, named as Messages names it")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield every message, in the order of their numbers."""
        try:
            database = Database(source)
        except NotReadable as problem:
            yield problem.unreadable
            return
        with database:
            if not database.has("message", "date", "is_from_me", "handle_id"):
                yield Unreadable("not_messages", NO_MESSAGES, Locator(source.path, 0, source.size))
                return
            yield database.framing()
            yield from _messages(database, source, options)


def _messages(database: Database, source: Source, options: Options) -> Iterator[Yield]:
    people = People(database)
    yield from people.rows
    yield from people.broken
    taken = MessageRows(source, options, people)
    scan = database.scan("message", MESSAGE)
    for row in scan:
        taken.take(row)
        if taken.full and (batch := taken.batch()):
            yield batch
            source.progress(source.size)
    if batch := taken.batch():
        yield batch
    yield from scan.broken
    yield from database.remarks
    for code, detail, count in (
        ("in_no_chat", HOMELESS, taken.homeless),
        ("left_files", LEFT_FILES, people.left_files),
        ("not_decoded", UNDECODED, taken.undecoded),
        ("replaced", REPLACED, scan.replaced),
    ):
        if count:
            yield Remark(code, detail, source.path)


FORMAT: Final[Format] = IMessage()

# SPDX-License-Identifier: Apache-2.0
"""The files that lie beside a database in use: its log (``-wal``) and that log's index (``-shm``).

Neither holds anything by itself: the log is read together with its database
(`standfast.sources.sqlite_reading`), the index says nothing that the log does not. They are
recognised so that nobody is told they are unknown, and so that a log without its database is said.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_
from standfast.model.event import Accounting, Framing, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.sqlite_wal import HEADER, MAGIC, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

LOG, INDEX = "-wal", "-shm"
INDEX_HEADER: Final = 48
"""The index begins with two equal copies of its header ("WAL-Index Header")."""

BELONGS: Final = N_(
    "This file belongs to the database beside it; what it adds is read with the database."
)
ALONE: Final = N_(
    "This is the second file of a database and says nothing by itself. Add the database, which "
    "has the same name without the ending, from the same folder."
)

ABOUT: Final = About(
    id="sqlite_log",
    version=1,
    title=N_("Log of a database (-wal, -shm)"),
    channel="file",
    accounting=Accounting.ROWS,
    export=N_("It lies beside a database such as chat.db; add both together."),
    lacks=(N_("It holds no entries by itself; they are read with its database."),),
)


class SqliteLog:
    """The format of a database's log and of the log's index."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for the header of a log, or for the two headers of its index."""
        data = head.data
        if len(data) >= HEADER.size:
            magic, version, *_rest = HEADER.unpack_from(data)
            if magic & ~1 == MAGIC and version == VERSION:
                return Recognition(95, "SQLite, write-ahead log")
        first, second = data[:INDEX_HEADER], data[INDEX_HEADER : 2 * INDEX_HEADER]
        if len(second) == INDEX_HEADER and first == second:
            stated = {struct.unpack(f"{order}I", first[:4])[0] for order in "<>"}
            if VERSION in stated:
                return Recognition(90, "SQLite, index of a write-ahead log")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Say where it belongs."""
        del options
        if source.size:
            yield Framing(0, source.size, source.path)
        name = source.name.removesuffix(LOG).removesuffix(INDEX)
        there = name != source.name and name in source.neighbours
        code, detail = ("log_beside", BELONGS) if there else ("log_alone", ALONE)
        yield Remark(code, detail, source.path)


FORMAT: Final[Format] = SqliteLog()

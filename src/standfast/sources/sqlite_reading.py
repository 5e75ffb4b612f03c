# SPDX-License-Identifier: Apache-2.0
"""Reading the tables of a SQLite file that somebody else wrote, in memory and without trust.

Rules enforced here:

* the file is never opened by SQLite itself: its bytes are taken through the `Source`, its log
  (``-wal``, if it was given along) is applied to them (`sqlite_wal`), and SQLite gets the copy;
  so nothing is locked, written or followed;
* SQLite may only look: an authoriser refuses everything but reading columns of ordinary tables
  (never views or virtual ones, and only stored columns), schemas are not trusted, and a count of
  its machine's steps ends endless work;
* rows come in the order of their numbers, each number once. A row that cannot be read is said
  with its number, and what stands behind it is read on;
* deleted rows are not looked for.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from standfast.i18n import N_
from standfast.model.event import Framing, Locator, Remark, Unreadable
from standfast.sources.sqlite_scan import Scan
from standfast.sources.sqlite_wal import apply_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO, Self

    from standfast.sources import Source

MAGIC: Final = b"SQLite format 3\0"
HEADER_BYTES: Final = 100
LOG: Final = "-wal"
MOST_BYTES: Final = 768 << 20
"""The largest database, log applied, that is read: SQLite copies it while ours still stands."""
LONGEST_VALUE: Final = 16 << 20
"""The longest row that is read, texts and blobs together."""
LONGEST_QUERY: Final = 16_384
PIECE: Final = 8 << 20
STEPS: Final = 100_000
"""After so many steps SQLite's machine asks whether to go on."""
LEAST_PAUSES: Final = 2_000
PAUSES_PER_MIB: Final = 200
MOST_TABLES: Final = 1_000
_HASHED: Final = re.compile(r"[0-9a-f]{40}")
"""The name of a file in an iPhone's backup, which holds databases with their logs applied."""
_VERSIONS: Final = slice(18, 20)
_IN_LOG: Final = b"\2\2"
_PLAIN: Final = b"\1\1"
_CATALOGUE: Final = frozenset({"sqlite_master", "sqlite_schema"})

TOO_LARGE: Final = N_("This database is larger than what can be read at once; it is kept whole.")
BROKEN: Final = N_("This database is damaged or locked; its list of tables cannot be read.")
NO_LOG: Final = N_(
    "The newest entries may be in a second file, whose name ends in -wal and which was not given "
    "along. Add both files together, from the same folder."
)
LOG_READ: Final = N_("The newest entries were taken from the second file, ending in -wal.")
LOG_REFUSED: Final = N_(
    "The second file, ending in -wal, does not belong to this database or is damaged; nothing "
    "was taken from it."
)


@runtime_checkable
class WithCompanions(Protocol):
    """A source that can open files that belong to it."""

    def beside(self, name: str) -> BinaryIO | None:
        """Open a file beside it by its own name; ``None`` if there is none."""
        ...


class NotReadable(Exception):
    """Nothing of a database can be read; ``unreadable`` is shown in place of events."""

    def __init__(self, unreadable: Unreadable) -> None:
        """Carry what is shown."""
        super().__init__(unreadable.reason)
        self.unreadable = unreadable


class Database:
    """A database open for looking; use it as a context manager.

    Attributes:
        tables: the stored columns of each ordinary table, all names in lower case.
        remarks: what must be said of the file and its log.
    """

    def __init__(self, source: Source) -> None:
        """Take the bytes of a source.

        Raises:
            NotReadable: they are too many, or no database that can be read.
            OSError: they cannot be read.
        """
        self._path, self._size = source.path, source.size
        self.remarks: list[Remark] = []
        self.tables: Mapping[str, frozenset[str]] = {}
        if source.size > MOST_BYTES:
            raise NotReadable(self._whole("too_large", TOO_LARGE))
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            self._take(self._pages(source))
        except (sqlite3.Error, OverflowError, UnicodeError) as problem:
            self._connection.close()
            raise NotReadable(self._whole("broken_database", BROKEN)) from problem
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        """Stay open within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Forget the copy."""
        self._connection.close()

    def framing(self) -> Framing:
        """Give the bytes of the file, which hold rows and no event by themselves."""
        return Framing(0, self._size, self._path)

    def has(self, table: str, *columns: str) -> bool:
        """Say whether there is an ordinary table with these stored columns."""
        known = self.tables.get(table.lower())
        return known is not None and known.issuperset(column.lower() for column in columns)

    def scan(self, table: str, columns: Sequence[str]) -> Scan:
        """Prepare to read a table: of each row its number, then the columns; missing ones are None.

        A table that is missing has no rows.
        """
        known = self.tables.get(table.lower(), frozenset())
        chosen = [f'"{one}"' if one.lower() in known else "NULL" for one in columns]
        return Scan(self._connection, table, chosen, self._path, there=bool(known))

    def _pages(self, source: Source) -> bytearray:
        pages = bytearray(source.size)
        view, done = memoryview(pages), 0
        with source.open() as stream:
            while count := stream.readinto(view[done : done + PIECE]):  # type: ignore[attr-defined]  # every stream of ours is buffered
                done += count
                source.progress(done)
        view.release()
        del pages[done:]
        said_log = pages[_VERSIONS] == _IN_LOG
        log = source.beside(source.name + LOG) if isinstance(source, WithCompanions) else None
        if log is not None:
            with closing(log):
                self._apply(pages, log)
        elif said_log and not _HASHED.fullmatch(source.name):
            self._remark("no_log", NO_LOG)
        if pages[_VERSIONS] == _IN_LOG:
            pages[_VERSIONS] = _PLAIN
        return pages

    def _apply(self, pages: bytearray, log: BinaryIO) -> None:
        applied = apply_log(pages, log, most=MOST_BYTES)
        if applied.problem == "too_large":
            raise NotReadable(self._whole("too_large", TOO_LARGE))
        if applied.frames:
            self._remark("log_read", LOG_READ)
        elif applied.problem and applied.left:
            self._remark("log_refused", LOG_REFUSED)

    def _take(self, pages: bytearray) -> None:
        connection = self._connection
        if not hasattr(connection, "deserialize") or not pages.startswith(MAGIC):
            raise sqlite3.DatabaseError
        for setting in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON",
                        "temp_store=MEMORY", "cache_size=-8192"):  # fmt: skip
            connection.execute(f"PRAGMA {setting}")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._watch(len(pages))
        connection.deserialize(pages)
        pages.clear()
        connection.set_authorizer(_looking_at(None))
        self.tables = self._columns()
        connection.set_authorizer(_looking_at(frozenset(self.tables)))

    def _watch(self, size: int) -> None:
        left = LEAST_PAUSES + PAUSES_PER_MIB * (size >> 20)

        def go_on() -> int:
            nonlocal left
            left -= 1
            return int(left < 0)

        self._connection.set_progress_handler(go_on, STEPS)

    def _columns(self) -> dict[str, frozenset[str]]:
        """List the ordinary tables: a stored tree, and no virtual table over one."""
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND rootpage > 0"
        found: dict[str, frozenset[str]] = {}
        for name, made in self._connection.execute(query).fetchmany(MOST_TABLES):
            if not isinstance(name, str) or not isinstance(made, str) or '"' in name:
                continue
            columns = self._connection.execute(f'PRAGMA table_xinfo("{name}")').fetchall()
            found[name.lower()] = frozenset(one[1].lower() for one in columns if one[6] == 0)
        return found

    def _whole(self, reason: str, detail: str) -> Unreadable:
        return Unreadable(reason, detail, Locator(self._path, 0, self._size))

    def _remark(self, code: str, detail: str) -> None:
        self.remarks.append(Remark(code, detail, self._path))


def _looking_at(tables: frozenset[str] | None) -> Any:
    """Make SQLite's question what may be done: reading these tables, or only their list."""

    def decide(action: int, one: str | None, *_rest: object) -> int:
        allowed = action == sqlite3.SQLITE_SELECT
        if action == sqlite3.SQLITE_READ:
            allowed = (one or "").lower() in (_CATALOGUE if tables is None else tables)
        elif action == sqlite3.SQLITE_PRAGMA:
            allowed = tables is None and one == "table_xinfo"
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    return decide


def is_database(head: bytes) -> bool:
    """Say whether a file begins as a SQLite database does."""
    return head.startswith(MAGIC) and len(head) >= HEADER_BYTES

# SPDX-License-Identifier: Apache-2.0
"""One table of a SQLite database, read row by row as far as it can be read.

Rules enforced here:

* a row is given once, by its number; what is given is as stored, of whatever type;
* text that is not in the database's encoding has its bad bytes replaced and its row is counted;
* a row or a stretch of rows that cannot be read is one `Unreadable`, and reading goes on behind
  it: the next number that can be reached is searched for;
* a table whose numbers do not rise is damaged or forged: each number is still given at most once.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Final

from standfast.i18n import N_
from standfast.model.event import Locator, Rows, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
MOST_BROKEN: Final = 1000
"""Stretches skipped in one table before it is given up."""
BROKEN_ROW: Final = N_("This row is damaged or far too long and cannot be read.")
BROKEN_ROWS: Final = N_("Some rows here stand in a damaged part of the file and cannot be read.")
BROKEN_TABLE: Final = N_("This table is damaged; the rows behind this place cannot be read.")
ENDLESS: Final = N_("Reading this table takes more work than a table of its size can need.")
DOUBLED: Final = N_("This table is damaged: it leads to the same rows more than once.")
_ERRORS: Final = (sqlite3.Error, OverflowError, UnicodeError)


class Scan:
    """The rows of one table; iterate over it once, then look at what was found.

    Attributes:
        table: its name.
        given: rows given so far.
        replaced: rows with text that is not in the database's encoding.
        broken: what could not be read.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        table: str,
        columns: Sequence[str],
        path: str,
        *,
        there: bool,
    ) -> None:
        """Read these columns, each as SQL; a table that is not ``there`` has no rows."""
        self.table = table
        self.given = 0
        self.replaced = 0
        self.broken: list[Unreadable] = []
        self._connection = connection
        self._path = path
        self._there = there
        named = ", ".join(("rowid", *columns))
        self._query = f'SELECT {named} FROM "{table}" WHERE rowid >= ? ORDER BY rowid'  # noqa: S608 - names of our own
        self._numbers = f'SELECT rowid FROM "{table}" WHERE rowid >= ? ORDER BY rowid LIMIT ?'  # noqa: S608 - likewise
        self._next = LOWEST
        self._seen: set[int] | None = None

    def framing(self) -> Rows:
        """Say that what was given holds no events of its own."""
        return Rows(self.table, self.given, self._path)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Give number and columns of each row."""
        going = self._there
        while going:
            try:
                yield from self._run()
            except _ERRORS as problem:
                if self._is_over(problem):
                    return
            else:
                return
            row = self._alone()
            if row is None:
                going = self._past()
            else:
                going = row[0] < HIGHEST
                self._next = row[0] + 1
                self.given += 1
                yield row

    def _run(self) -> Iterator[tuple[Any, ...]]:
        cursor = self._connection.execute(self._query, (self._next,))
        for row in cursor:
            number = row[0]
            if self._seen is not None or type(number) is not int or number < self._next:
                if not self._once(number):
                    if len(self.broken) >= MOST_BROKEN:
                        return
                    continue
            elif number == HIGHEST:
                self.given += 1
                yield row
                return
            else:
                self._next = number + 1
            self.given += 1
            yield row

    def _once(self, number: object) -> bool:
        """Say whether a row out of order was not given yet."""
        if type(number) is not int:
            self._note("broken_row", BROKEN_ROW, -1)
            return False
        if self._seen is None:
            known = self._connection.execute(self._numbers, (LOWEST, self.given))
            self._seen = {row[0] for row in known}
        if number in self._seen:
            self._note("doubled_rows", DOUBLED, -1)
            return False
        self._seen.add(number)
        return True

    def _is_over(self, problem: Exception) -> bool:
        """Say whether a problem ends the table."""
        if getattr(problem, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            self._note("endless", ENDLESS, -1)
            return True
        if self._seen is not None or len(self.broken) >= MOST_BROKEN:
            self._note("broken_table", BROKEN_TABLE, -1)
            return True
        return False

    def _alone(self) -> tuple[Any, ...] | None:
        """Give the next row by itself, with its bad bytes replaced.

        Python's module drops a good row together with the one behind it that cannot be read.
        """
        wrong = False

        def decoded(data: bytes) -> str:
            nonlocal wrong
            try:
                return data.decode()
            except UnicodeDecodeError:
                wrong = True
                return data.decode("utf-8", "replace")

        self._connection.text_factory = decoded
        try:
            row = self._connection.execute(f"{self._query} LIMIT 1", (self._next,)).fetchone()
        except _ERRORS:
            return None
        finally:
            self._connection.text_factory = str
        if row is None or type(row[0]) is not int or row[0] < self._next:
            return None
        self.replaced += wrong
        return tuple(row)

    def _past(self) -> bool:
        """Say what cannot be read, and whether there is something behind it to go on from."""
        number = self._reached(self._next)
        if number is None:
            return self._leap()
        self._note("broken_row", BROKEN_ROW, number)
        self._next = min(number, HIGHEST - 1) + 1
        return number < HIGHEST

    def _leap(self) -> bool:
        """Find the next number that can be reached behind a damaged stretch."""
        missed, reached = self._next, None
        for power in range(63):
            probe = self._next + (1 << power) if self._next > LOWEST else (1 << power) - 1
            if probe > HIGHEST:
                break
            reached = self._reached(probe)
            if reached is not None:
                break
            missed = probe
        if reached is None:
            self._note("broken_table", BROKEN_TABLE, -1)
            return False
        while reached - missed > 1:  # the least place from which a row can be reached
            middle = (reached + missed) // 2
            found = self._reached(middle)
            if found is None:
                missed = middle
            elif found <= middle:
                reached = middle
            else:
                break
        self._note("broken_rows", BROKEN_ROWS, -1)
        self._next = reached
        return True

    def _reached(self, number: int) -> int | None:
        try:
            found = self._connection.execute(self._numbers, (number, 1)).fetchone()
        except _ERRORS:
            return None
        return found[0] if found and type(found[0]) is int and found[0] >= number else None

    def _note(self, reason: str, detail: str, number: int) -> None:
        where = Locator(self._path, row=max(-1, number), pointer=self.table)
        self.broken.append(Unreadable(reason, detail, where))

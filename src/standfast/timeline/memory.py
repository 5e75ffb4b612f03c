# SPDX-License-Identifier: Apache-2.0
"""DuckDB in memory: the one way standfast opens it.

Nothing spills to a disk, no extension is fetched or loaded, and the computer's time zone has no
say. After `lock`, no question can reach a file or change a setting. Several threads may ask one
database, each question through a cursor of its own (`Asked`).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from standfast.errors import StandfastError
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator


def memory(threads: int = 2) -> duckdb.DuckDBPyConnection:
    """Open an empty database in memory."""
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": str(threads),
            "temp_directory": "",
            "max_temp_directory_size": "0KB",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
        },
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")  # refused in `config`; for cursors as well
    return connection


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut the database off from files and from changes of its settings."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


class Asked:
    """A database that several threads ask at once, each through a cursor of its own.

    A connection refuses a second call while one is under way, and so does closing it; so it is
    closed when the last question that was begun has its answer.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take over a connection that nobody else uses."""
        self._connection = connection
        self._turn = threading.RLock()  # a desk that is collected may close it at any point
        self._under_way = 0
        self._closing = False

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a cursor for one question; temporary tables of the connection are not seen by it.

        Raises:
            StandfastError: the database was closed before the question began.
        """
        with self._turn:
            if self._closing:
                raise StandfastError(_("The case was closed."), hint=_("Open it again."))
            self._under_way += 1
        try:
            with self._turn:
                cursor = self._connection.cursor()
            with cursor:
                yield cursor
        finally:
            with self._turn:
                self._under_way -= 1
                self._close_unused()

    def close(self) -> None:
        """Take no more questions, and forget everything once those under way are answered."""
        with self._turn:
            self._closing = True
            self._close_unused()

    def _close_unused(self) -> None:
        if self._closing and not self._under_way:
            self._connection.close()

# SPDX-License-Identifier: Apache-2.0
"""DuckDB in memory: the one way standfast opens it.

Nothing spills to a disk, no extension is fetched or loaded, and the computer's time zone has no
say. After `lock`, no question can reach a file or change a setting.
"""

from __future__ import annotations

import duckdb


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
    connection.execute("SET TimeZone = 'UTC'")  # refused in `config`
    return connection


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut the database off from files and from changes of its settings."""
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")

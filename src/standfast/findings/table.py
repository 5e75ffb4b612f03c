# SPDX-License-Identifier: Apache-2.0
"""DuckDB in memory on one Arrow table, for as long as a question takes.

Rules enforced here:

* nothing spills: no temporary folder, and 0 bytes allowed in one;
* no file and no network: external access is off, no extension is fetched or loaded;
* the computer's time zone has no say (`TimeZone` is UTC), and the settings are locked;
* the connection is closed in every case, so that no plaintext outlives the question.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from standfast.timeline.memory import lock, memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb
    import pyarrow as pa

THREADS = 1
"""Threads of one question: a cluster runs one bucket a core, and a laptop stays usable."""


@contextmanager
def opened(events: pa.Table, *, threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that sees the table as ``events``.

    Args:
        events: any Arrow table; a detector's has the schema `standfast.findings.EVENTS`.
        threads: how many threads a question may use; the answer does not depend on it.
    """
    connection = memory(threads)
    try:
        connection.register("events", events)
        lock(connection)
        yield connection
    finally:
        connection.close()

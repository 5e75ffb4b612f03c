# SPDX-License-Identifier: Apache-2.0
"""Logs of databases: recognised by what is in them, and said where they belong.

``STANDFAST_GOLDEN=write`` writes the fixtures anew.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

import pytest

from held_bytes import Held
from standfast.model.event import Framing, Remark
from standfast.sources import Head, Neighbour, Options, recognise
from standfast.sources.formats.sqlite_log import FORMAT

FIXTURES: Final = Path(__file__).parents[1] / "fixtures" / "sqlite_log"
ENDINGS: Final = ("-wal", "-shm")


def made(folder: Path) -> dict[str, bytes]:
    """Let SQLite write a log and its index."""
    path = folder / "chat.db"
    opened = sqlite3.connect(path, isolation_level=None)
    opened.execute("PRAGMA page_size = 1024")
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("CREATE TABLE t (a)")
    opened.execute("INSERT INTO t VALUES ('only here')")
    files = {ending: path.with_name(f"chat.db{ending}").read_bytes() for ending in ENDINGS}
    opened.close()
    return files


def codes(data: bytes, name: str, *beside: str) -> list[str]:
    neighbours = {one: Neighbour(one, 1) for one in beside}
    found = list(FORMAT.read(Held(data, name, neighbours=neighbours), Options()))
    assert found[0] == Framing(0, len(data))
    return [one.code for one in found if isinstance(one, Remark)]


@pytest.mark.parametrize("ending", ENDINGS)
def test_what_sqlite_writes_today_is_recognised_as_the_fixture_is(
    tmp_path: Path, ending: str
) -> None:
    fresh, kept = made(tmp_path)[ending], FIXTURES / f"chat.db{ending}"
    if os.environ.get("STANDFAST_GOLDEN") == "write":
        kept.write_bytes(fresh)
    for data in (fresh, kept.read_bytes()):
        claim = recognise(Head("renamed", data[:65536], len(data)))
        assert claim is not None
        assert claim.format == "sqlite_log"


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_log_says_whether_its_database_is_there(tmp_path: Path, ending: str) -> None:
    data = made(tmp_path)[ending]
    assert codes(data, f"chat.db{ending}", "chat.db") == ["log_beside"]
    assert codes(data, f"chat.db{ending}", "other.db") == ["log_alone"]
    assert codes(data, "chat.db", "chat.db") == ["log_alone"]

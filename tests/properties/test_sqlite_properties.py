# SPDX-License-Identifier: Apache-2.0
"""SQLite originals: the log as SQLite itself applies it, and any damage without an error."""

from __future__ import annotations

import io
import random
import shutil
import sqlite3
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apple_messages import modern
from held_bytes import Held
from standfast.sources.sqlite_reading import Database, NotReadable
from standfast.sources.sqlite_wal import HEADER, apply_log

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.sources.sqlite_scan import Scan

MOST = 64 << 20
MODERN = modern().bytes()
Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "drop", "table", "undo", "checkpoint"]), st.integers(0, 60)),
    min_size=1,
    max_size=12,
)
slow = settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


class Beside(Held):
    """An original with a log beside it."""

    log: bytes | None = None

    def beside(self, name: str) -> io.BufferedReader | None:
        if self.log is None or name != self.name + "-wal":
            return None
        return io.BufferedReader(io.BytesIO(self.log))


def read(
    data: bytes, table: str, *columns: str, log: bytes | None = None
) -> tuple[list[Any], Scan]:
    source = Beside(data, "a.db")
    source.log = log
    with Database(source) as database:
        scan = database.scan(table, columns)
        return list(scan), scan


def written(folder: Path, steps: list[Step], page_size: int) -> tuple[bytes, bytes, bytes]:
    """Write a database with a log; give both, and the database with the log applied by SQLite."""
    path = folder / "a.db"
    for old in folder.iterdir():
        old.unlink()
    made = sqlite3.connect(path, isolation_level=None)
    made.execute(f"PRAGMA page_size = {page_size}")
    made.execute("CREATE TABLE t (a)")
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA wal_autocheckpoint = 0")
    for number, (what, count) in enumerate(steps):
        if what == "put":
            made.executemany(
                "INSERT INTO t VALUES (?)", [(f"{number}-{n}" * 9,) for n in range(count)]
            )
        elif what == "drop":
            made.execute("DELETE FROM t WHERE rowid % 3 = ?", (count % 3,))
        elif what == "table":
            made.execute(f"CREATE TABLE IF NOT EXISTS u{count % 4} (b)")
        elif what == "undo":
            made.execute("BEGIN")
            made.executemany("INSERT INTO t VALUES (?)", [("x" * 2000,)] * count)
            made.execute("ROLLBACK")
        else:
            made.execute("PRAGMA wal_checkpoint(PASSIVE)")
    log_path = folder / "a.db-wal"
    data, log = path.read_bytes(), log_path.read_bytes() if log_path.exists() else b""
    whole = made.serialize()
    made.close()
    return data, log, bytes(whole)


def opened(data: bytes) -> Database | None:
    """Open a database, or check that it is refused as a whole."""
    source = Held(data, "a.db")
    found, refused = None, None
    try:
        found = Database(source)
    except NotReadable as problem:
        refused = problem.unreadable
    assert all(stream.closed for stream in source.opened)
    assert refused is None or (refused.locator.start, refused.locator.end) == (0, len(data))
    return found


def lists(data: bytes) -> list[Any]:
    """Give the content as SQLite reads a plain database."""
    plain = bytearray(data)
    plain[18:20] = b"\1\1"
    made = sqlite3.connect(":memory:")
    made.deserialize(plain)
    return content(made)


def content(made: sqlite3.Connection) -> list[Any]:
    """Give everything in a database, or that its pages do not fit together."""
    try:
        return list(made.iterdump())
    except sqlite3.DatabaseError:
        return ["malformed"]
    finally:
        made.close()


@slow
@given(steps=STEPS, page_size=st.sampled_from([512, 1024, 4096, 65536]))
def test_a_log_is_applied_as_sqlite_applies_it(
    tmp_path: Path, steps: list[Step], page_size: int
) -> None:
    data, log, whole = written(tmp_path, steps, page_size)
    pages = bytearray(data)
    apply_log(pages, io.BytesIO(log), most=MOST)
    assert lists(bytes(pages)) == lists(whole)


@slow
@given(steps=STEPS, cut=st.floats(0, 1), flip=st.integers(0, 7))
def test_a_damaged_log_gives_what_sqlite_would_give(
    tmp_path: Path, steps: list[Step], cut: float, flip: int
) -> None:
    data, log, _whole = written(tmp_path, steps, 1024)
    spoilt = bytearray(log)
    if spoilt:
        spoilt[min(len(spoilt) - 1, int(cut * len(spoilt)))] ^= 1 << flip
    pages = bytearray(data)
    apply_log(pages, io.BytesIO(spoilt), most=MOST)
    (tmp_path / "b.db").write_bytes(data)
    (tmp_path / "b.db-wal").write_bytes(spoilt)
    assert lists(bytes(pages)) == content(sqlite3.connect(tmp_path / "b.db"))


@slow
@given(steps=STEPS, keep=st.floats(0, 1))
def test_a_cut_log_gives_what_sqlite_would_give(
    tmp_path: Path, steps: list[Step], keep: float
) -> None:
    data, log, _whole = written(tmp_path, steps, 1024)
    log = log[: int(keep * len(log))]
    pages = bytearray(data)
    apply_log(pages, io.BytesIO(log), most=MOST)
    (tmp_path / "b.db").write_bytes(data)
    (tmp_path / "b.db-wal").write_bytes(log)
    assert lists(bytes(pages)) == content(sqlite3.connect(tmp_path / "b.db"))


@given(st.binary(max_size=4000))
def test_any_bytes_are_no_log_or_change_nothing_wrongly(data: bytes) -> None:
    pages = bytearray(MODERN)
    applied = apply_log(pages, io.BytesIO(data), most=MOST)
    assert applied.frames == 0
    assert bytes(pages) == MODERN


def test_a_log_of_another_page_size_changes_nothing(tmp_path: Path) -> None:
    _data, log, _whole = written(tmp_path, [("put", 50)], 4096)
    pages = bytearray(MODERN)
    assert apply_log(pages, io.BytesIO(log), most=MOST).problem == "other_page_size"
    assert bytes(pages) == MODERN


def test_a_log_that_grows_too_far_is_refused(tmp_path: Path) -> None:
    data, log, _whole = written(tmp_path, [("put", 60)] * 5, 1024)
    assert apply_log(bytearray(data), io.BytesIO(log), most=4096).problem == "too_large"


def test_rows_of_the_log_are_read_and_it_is_said(tmp_path: Path) -> None:
    data, log, _whole = written(tmp_path, [("put", 40)], 1024)
    source = Beside(data, "a.db")
    source.log = log
    with Database(source) as database:
        assert len(list(database.scan("t", ("a",)))) == 40
        assert [one.code for one in database.remarks] == ["log_read"]
    with Database(Held(data, "a.db")) as database:
        assert len(list(database.scan("t", ("a",)))) == 0
        assert [one.code for one in database.remarks] == ["no_log"]
    shutil.rmtree(tmp_path)
    assert len(log) > HEADER.size


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 30), flips=st.integers(1, 40))
def test_any_damage_is_read_without_an_error_and_no_row_twice(seed: int, flips: int) -> None:
    chance = random.Random(seed)
    data = bytearray(MODERN)
    for _number in range(flips):
        data[chance.randrange(100, len(data))] = chance.randrange(256)
    database = opened(bytes(data))
    if database is None:
        return
    with database:
        for table in database.tables:
            scan = database.scan(table, ("guid", "text"))
            numbers = [row[0] for row in scan]
            assert len(set(numbers)) == len(numbers) == scan.given


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused_or_read(data: bytes, named: bool) -> None:  # noqa: FBT001 - given
    data = b"SQLite format 3\0" + data if named else data
    database = opened(data)
    with database or nullcontext():
        rows = list(database.scan("message", ("text",))) if database else []
    assert not rows


@pytest.mark.parametrize("page", range(2, 36))
def test_a_page_that_is_lost_costs_its_own_rows(page: int) -> None:
    data = bytearray(MODERN)
    data[(page - 1) * 1024 : page * 1024] = b"\xee" * 1024
    try:
        rows, scan = read(bytes(data), "message", "text", "guid")
    except NotReadable:
        return
    assert len(rows) == 21 or scan.broken


def tall() -> tuple[bytearray, int]:
    """Build a table of many pages; give it with the number of its root page."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("PRAGMA page_size = 512")
    made.execute("CREATE TABLE t (a)")
    made.executemany("INSERT INTO t VALUES (?)", [(f"row {number} " * 8,) for number in range(400)])
    (root,) = made.execute("SELECT rootpage FROM sqlite_master").fetchone()
    return bytearray(made.serialize()), root


def test_a_tree_that_leads_to_one_leaf_again_and_again_gives_each_row_once() -> None:
    data, root = tall()
    start = (root - 1) * 512
    assert data[start] == 5
    cells = int.from_bytes(data[start + 3 : start + 5])
    places = [int.from_bytes(data[start + 12 + 2 * n : start + 14 + 2 * n]) for n in range(cells)]
    child = data[start + places[0] : start + places[0] + 4]
    for place in places:
        data[start + place : start + place + 4] = child
    rows, scan = read(bytes(data), "t", "a")
    numbers = [row[0] for row in rows]
    assert numbers
    assert len(set(numbers)) == len(numbers)
    assert scan.broken


def test_one_wrong_number_costs_no_other_row() -> None:
    data, _root = tall()
    cell = data.index(b"row 200 ") - 5  # length, number (two bytes), header
    at = data.index((201 // 128 | 0x80).to_bytes(1) + (201 % 128).to_bytes(1), cell - 4)
    data[at : at + 2] = b"\xff\x7f"  # row 201 says that it is row 16,383
    rows, scan = read(bytes(data), "t", "a")
    assert len(rows) == 400
    assert rows[200][0] == 16_383
    assert not scan.broken

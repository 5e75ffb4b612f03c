# SPDX-License-Identifier: Apache-2.0
"""A question to DuckDB leaves nothing behind and reaches nothing outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from standfast.findings.table import opened

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = pa.table({"n": [3, 1, 2]})


def setting(name: str) -> object:
    with opened(NUMBERS) as connection:
        return connection.execute(f"SELECT current_setting('{name}')").fetchone()[0]


def test_the_table_is_seen_as_events() -> None:
    with opened(NUMBERS, threads=2) as connection:
        assert connection.execute("SELECT sum(n) FROM events").fetchone() == (6,)
        assert connection.execute("SELECT current_setting('threads')").fetchone() == (2,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TimeZone", "UTC"),
        ("temp_directory", ""),
        ("enable_external_access", False),
        ("lock_configuration", True),
        ("autoload_known_extensions", False),
        ("autoinstall_known_extensions", False),
        ("threads", 1),
    ],
)
def test_the_settings_are_those_of_the_house(name: str, value: object) -> None:
    assert setting(name) == value


def test_no_byte_may_be_spilled() -> None:
    assert str(setting("max_temp_directory_size")).startswith("0 ")


@pytest.mark.parametrize(
    "attempt",
    [
        "COPY events TO '{path}'",
        "SELECT * FROM read_csv('{path}')",
        "ATTACH '{path}'",
        "SET threads = 4",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_files_settings_and_extensions_are_out_of_reach(attempt: str, tmp_path: Path) -> None:
    with opened(NUMBERS) as connection, pytest.raises(duckdb.Error):
        connection.execute(attempt.format(path=tmp_path / "out"))
    assert list(tmp_path.iterdir()) == []


def test_the_connection_is_closed_even_when_a_question_fails() -> None:
    kept = []
    with pytest.raises(duckdb.Error), opened(NUMBERS) as connection:  # noqa: PT012 - both matter
        kept.append(connection)
        connection.execute("SELECT nothing FROM nowhere")
    with pytest.raises(duckdb.ConnectionException):
        kept[0].execute("SELECT 1")

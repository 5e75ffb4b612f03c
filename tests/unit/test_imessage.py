# SPDX-License-Identifier: Apache-2.0
"""iMessage: what each sort of row becomes, and how a database comes to be read."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from apple_messages import ALEX, BUILT, FIXTURES, NANO, SAM, START, Messages, attributed, modern
from held_bytes import Held
from standfast.model.event import Event, EventBatch, Remark, Rows, Unreadable
from standfast.sources import Head, Neighbour, Options, recognise, sqlite_reading
from standfast.sources.formats.imessage import FORMAT
from standfast.sources.originals import Original, head_of
from standfast.sources.reading import Order, Reader
from standfast.sources.tables import batch_of

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.model.event import Yield


def read(data: bytes, **more: Any) -> list[Yield]:
    return list(FORMAT.read(Held(data, "sms.db", **more), Options()))


def rows(found: list[Yield]) -> list[dict[str, Any]]:
    assert not any(isinstance(one, Event) for one in found)
    return [
        {**row, "native": json.loads(row["native"] or "{}")}
        for one in found
        if isinstance(one, EventBatch)
        for row in batch_of(one).to_pylist()
    ]


def codes(found: list[Yield]) -> list[str]:
    return [one.code for one in found if isinstance(one, Remark)]


@pytest.mark.parametrize("name", BUILT)
def test_a_fixture_is_what_its_builder_makes(name: str) -> None:
    def content(data: bytes) -> list[str]:
        made = sqlite3.connect(":memory:")
        made.deserialize(data)
        return list(made.iterdump())

    assert content((FIXTURES / name).read_bytes()) == content(BUILT[name]().bytes())


def test_each_sort_of_row_becomes_what_it_is() -> None:
    by_row = {row["row"]: row for row in rows(read(modern().bytes()))}
    told = {row: (one["kind"], one["detail"], one["state"]) for row, one in by_row.items()}
    assert told[1] == told[2] == ("message", "", "")
    assert told[5] == ("message", "", "edited")
    assert told[6] == ("message", "", "unsent")
    assert told[7] == ("system", "reaction", "")
    assert told[8] == ("system", "reaction_removed", "")
    assert told[11] == ("system", "member_removed", "")
    assert told[12] == ("system", "subject_changed", "")
    assert told[13] == ("system", "member_left", "")
    assert told[14] == ("system", "location_sharing_stopped", "")
    assert told[19] == ("message", "", "deleted")
    assert told[20] == ("message", "", "failed")


def test_an_edit_keeps_what_was_said_first() -> None:
    edited = next(row for row in rows(read(modern().bytes())) if row["row"] == 5)
    assert edited["text"] == "See you soon"
    first, last = json.loads(edited["native"]["edits"])
    assert first["text"] == "I know where you live"
    assert (first["at"], last["at"]) == ("2024-01-02T00:03:20Z", "2024-01-02T00:04:20Z")


def test_what_was_thrown_away_stands_in_its_chat() -> None:
    thrown = next(row for row in rows(read(modern().bytes())) if row["row"] == 19)
    assert (thrown["conversation"], thrown["text"]) == (ALEX, "Thrown away")
    assert "in_no_chat" not in thrown["native"]


def test_a_message_in_no_chat_stands_under_its_address_and_it_is_said() -> None:
    found = read(modern().bytes())
    homeless = next(row for row in rows(found) if row["row"] == 18)
    assert homeless["conversation"] == homeless["sender"] == "alex@example.org"
    assert "in_no_chat" in codes(found)
    assert "left_files" in codes(found)


def test_sides_and_channels_are_as_the_phone_says() -> None:
    by_row = {row["row"]: row for row in rows(read(modern().bytes()))}
    assert (by_row[1]["direction"], by_row[1]["sender"]) == ("in", ALEX)
    assert (by_row[4]["direction"], by_row[4]["sender"]) == ("out", "")
    assert json.loads(by_row[10]["recipients"]) == [ALEX, SAM]
    assert [by_row[row]["channel"] for row in (1, 16, 17)] == ["imessage", "sms", "sms"]


def test_old_phones_count_seconds_and_new_ones_nanoseconds() -> None:
    for version in ("ios6", "ios17"):
        made = Messages(version)
        made.message("at", at=5, who=ALEX)
        (row,) = rows(read(made.bytes()))
        assert row["utc"] == (START + 978_307_200 + 5) * 1_000_000
        assert row["precision"] == "s"
    made = Messages("ios17")
    made.message("at", at=0, who=ALEX, date=START * NANO + 123_456_789)
    assert rows(read(made.bytes()))[0]["precision"] == "ms"


def test_every_row_of_every_table_read_is_counted() -> None:
    made = modern()
    found = read(made.bytes())
    beside = {one.table: one.rows for one in found if isinstance(one, Rows)}
    for table, count in beside.items():
        assert made.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,)  # noqa: S608 - tables of the test
    assert len(rows(found)) == made.count()
    assert len(beside) == 7


def test_a_file_in_an_iphone_backup_is_found_by_the_hash_of_its_place() -> None:
    place = "MediaDomain-Library/SMS/Attachments/ab/11/AT-1/IMG_0001.HEIC"
    name = hashlib.sha1(place.encode(), usedforsecurity=False).hexdigest()
    beside = {name: Neighbour(f"backup/ab/{name}", 77)}
    (file,) = json.loads(
        next(row for row in rows(read(modern().bytes(), neighbours=beside)) if row["row"] == 15)[
            "attachments"
        ]
    )
    assert file == {
        "media_type": "image/heic", "name": "IMG_0001.HEIC", "path": f"backup/ab/{name}",
        "size": 77, "state": "present",
    }  # fmt: skip


def test_a_body_that_cannot_be_decoded_is_said_and_kept_as_an_event() -> None:
    made = Messages()
    made.message(None, at=1, who=ALEX, attributedBody=b"\x04\x0bstreamtyped\x81\xe8\x03\xff")
    found = read(made.bytes())
    (row,) = rows(found)
    assert (row["text"], row["native"]["body"]) == ("", "not_decoded")
    assert "not_decoded" in codes(found)


def test_text_that_is_no_text_has_its_bytes_replaced_and_it_is_said() -> None:
    made = Messages()
    made.message("first", at=1, who=ALEX)
    made.message("second", at=2, who=ALEX)
    made.message("third", at=3, who=ALEX)
    made.execute("UPDATE message SET text = CAST(x'61ff62' AS TEXT) WHERE ROWID = 2")
    found = read(made.bytes())
    assert [row["text"] for row in rows(found)] == ["first", "a\ufffdb", "third"]
    assert "replaced" in codes(found)


def test_a_row_that_is_far_too_long_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_reading, "LONGEST_VALUE", 100_000)
    made = Messages()
    for text in ("before", "x" * 200_000, "behind", "end"):
        made.message(text, at=1, who=ALEX)
    found = read(made.bytes())
    assert [row["text"] for row in rows(found)] == ["before", "behind", "end"]
    (broken,) = [one for one in found if isinstance(one, Unreadable)]
    assert (broken.reason, broken.locator.row, broken.locator.pointer) == (
        "broken_row",
        2,
        "message",
    )


def test_a_database_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_reading, "MOST_BYTES", 1000)
    (only,) = read(modern().bytes())
    assert isinstance(only, Unreadable)
    assert only.reason == "too_large"


def hostile(schema: str) -> bytes:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.executescript(schema)
    return bytes(made.serialize())


ENDLESS_VIEW = (
    "CREATE VIEW message AS WITH RECURSIVE c(date) AS (SELECT 1 UNION ALL SELECT 1 FROM c)"
    " SELECT date, 1 AS is_from_me, 1 AS handle_id FROM c;"
)


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE m (date, is_from_me, handle_id);CREATE VIEW message AS SELECT * FROM m;",
        ENDLESS_VIEW,
        "CREATE VIRTUAL TABLE message USING fts5(date, is_from_me, handle_id);",
        "CREATE TABLE message (date, is_from_me AS (1), handle_id);",
    ],
)  # fmt: skip
def test_what_is_no_ordinary_table_is_never_read(schema: str) -> None:
    (only,) = read(hostile(schema))
    assert isinstance(only, Unreadable)
    assert only.reason == "not_messages"


def test_a_computed_column_is_never_computed() -> None:
    found = read(hostile(
        "CREATE TABLE message (date, is_from_me, handle_id, text AS (hex(zeroblob(9000000))));"
        "INSERT INTO message (date, is_from_me, handle_id) VALUES (1, 0, 0);"
    ))  # fmt: skip
    assert [row["text"] for row in rows(found)] == [""]


def test_a_table_without_numbers_of_rows_is_said_to_be_unreadable() -> None:
    found = read(hostile(
        "CREATE TABLE message (date PRIMARY KEY, is_from_me, handle_id) WITHOUT ROWID;"
        "INSERT INTO message VALUES (1, 0, 0);"
    ))  # fmt: skip
    assert not rows(found)
    assert any(isinstance(one, Unreadable) for one in found)


def test_values_of_the_wrong_sort_are_survived() -> None:
    made = Messages()
    wrong: tuple[Any, ...] = (None, "x", b"\xff", 1.5, -1, 1 << 62)
    for at, value in enumerate(wrong):
        made.message("t", at=1, guid=f"g{at}", date=value, handle_id=value, item_type=value,
                     date_read=value, error=value, service=value, group_title=value,
                     associated_message_type=value)  # fmt: skip
        made.put("chat_message_join", chat_id=value, message_id=at + 1)
    assert len(rows(read(made.bytes()))) == len(wrong)


def test_the_list_of_tables_is_found_wherever_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "renamed"
    made = Messages("ios17", path, page_size=4096)
    made.execute("BEGIN")
    for at in range(800):
        made.message(f"{at} " * 20, at=at, who=ALEX)
    made.execute("COMMIT")
    made.execute("VACUUM")
    made.connection.close()
    claim = recognise(head_of(Original("renamed", path.stat().st_size, str(path))))
    assert claim is not None
    assert (claim.format, claim.confidence) == ("imessage", 95)


def test_other_databases_are_not_claimed() -> None:
    for schema in (
        "CREATE TABLE message (id INTEGER PRIMARY KEY, body TEXT);",
        "CREATE TABLE messages (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT);",
    ):
        data = hostile(schema)
        assert FORMAT.recognise(Head("x.db", data[:65536], len(data))) is None


def logged(folder: Path) -> Path:
    """Write a chat.db whose newest message stands in its log alone."""
    path = folder / "chat.db"
    made = Messages("ios17", path)
    made.message("Old", at=1, who=ALEX)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA wal_autocheckpoint = 0")
    made.message(None, at=2, who=ALEX, attributedBody=attributed("Newest"))
    (folder / "kept").mkdir()
    for name in ("chat.db", "chat.db-wal"):
        (folder / "kept" / name).write_bytes((folder / name).read_bytes())
    made.connection.close()
    return folder / "kept" / "chat.db"


def texts(order: Order) -> tuple[list[str], list[str]]:
    with Reader() as reader:
        reading = reader.read(order)
        found = [text for batch in reading.batches for text in batch.column("text").to_pylist()]
    assert reading.coverage.bytes == reading.coverage.bytes_accounted
    return found, [one.code for one in reading.coverage.remarks]


def test_the_worker_reads_a_database_with_the_log_beside_it(tmp_path: Path) -> None:
    path = logged(tmp_path)
    size, log = path.stat().st_size, path.with_name("chat.db-wal")
    alone = Order("chat.db", size, str(path))
    assert texts(alone) == (["Old"], ["no_log", "in_no_chat"])
    together = Order(
        "chat.db", size, str(path), companions={log.name: (str(log), log.stat().st_size)}
    )
    assert texts(together) == (["Old", "Newest"], ["log_read", "in_no_chat"])


def test_the_worker_reads_a_database_in_an_archive_with_its_log(tmp_path: Path) -> None:
    path = logged(tmp_path)
    packed = tmp_path / "messages.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("chat.db", "chat.db-wal"):
            archive.write(path.with_name(name), f"Messages/{name}")
    found, _codes = texts(Order("messages.zip", packed.stat().st_size, str(packed)))
    assert found == ["Old", "Newest"]

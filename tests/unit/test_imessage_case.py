# SPDX-License-Identifier: Apache-2.0
"""iMessage in a case: the log is sealed too, the same is read again, nothing is added twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apple_messages import ALEX, Messages, attributed
from desk_case import make
from standfast.desk.rebuilding import rebuild_missing, sound_batches

if TYPE_CHECKING:
    from pathlib import Path


def live(folder: Path) -> Path:
    """Write a folder of a Mac whose newest message stands in the log alone."""
    kept = folder / "Messages"
    kept.mkdir(parents=True)
    made = Messages("ios17", folder / "chat.db")
    chat = made.chat(ALEX, ALEX)
    made.message("Old", at=1, who=ALEX, chat=chat)
    made.execute("PRAGMA journal_mode = WAL")
    made.execute("PRAGMA wal_autocheckpoint = 0")
    for at in (2, 2):
        made.message(None, at=at, who=ALEX, chat=chat, attributedBody=attributed("Answer me"))
    for name in ("chat.db", "chat.db-wal", "chat.db-shm"):
        (kept / name).write_bytes((folder / name).read_bytes())
    made.connection.close()
    return kept


def later(folder: Path) -> Path:
    """Write a copy of the same chat from another day, with one message more."""
    made = Messages("ios17", folder / "later.db")
    chat = made.chat(ALEX, ALEX)
    made.message("Old", at=1, who=ALEX, chat=chat)
    for at in (2, 2, 9):
        made.message(None, at=at, who=ALEX, chat=chat, attributedBody=attributed("Answer me"))
    made.connection.close()
    return folder / "later.db"


def test_a_folder_with_a_log_is_read_whole_and_again_the_same(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.add([live(tmp_path / "mac")])
        texts = [row.text for row in desk.timeline.rows()]
        assert texts == ["Old", "Answer me", "Answer me"]
        (reading,) = [one for one in desk.state.readings.values() if one.format == "imessage"]
        again = [text for batch in sound_batches(desk, reading) for text in
                 batch.column("text").to_pylist()]  # fmt: skip
        assert again == texts


def test_events_that_were_lost_come_again_from_database_and_log(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.add([live(tmp_path / "mac")])
        (reading,) = [one for one in desk.state.readings.values() if one.format == "imessage"]
        root = reading.root
        desk.vault.segment_path(reading.id).unlink()
        assert rebuild_missing(desk) == 1
        assert desk.state.readings[reading.item].root == root


def test_a_later_copy_adds_only_what_is_new(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.add([live(tmp_path / "mac")])
        desk.add([later(tmp_path)])
        assert [row.text for row in desk.timeline.rows()] == ["Old"] + ["Answer me"] * 3

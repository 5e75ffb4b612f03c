# SPDX-License-Identifier: Apache-2.0
"""Opening a case: clocks, one writer and many readers, and folders as people treat them."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from standfast.errors import (
    CaseBusy,
    StandfastError,
    StorageFailed,
    WrongPassphrase,
)
from standfast.vault import entry as kinds
from standfast.vault import lock, opening
from standfast.vault.entry import Draft
from standfast.vault.storage import Disk
from vault_case import (
    FLOOR,
    OTHER,
    add,
    checked,
    item_draft,
    new,
    reopen,
    stretch_once,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from standfast.vault.case import Vault


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_once(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "case"


@pytest.fixture
def vault(folder: Path) -> Iterator[Vault]:
    with new(folder) as made:
        yield made


def note(text: str = "") -> Draft:
    return Draft(kinds.NOTE, {"text": text, "private": True})


# -- clocks ----------------------------------------------------------------------------------


def clock(*moments: datetime) -> Callable[[], datetime]:
    return iter(moments).__next__


def test_a_clock_that_goes_back_is_an_entry_and_said(folder: Path) -> None:
    noon = datetime(2026, 3, 4, 12, tzinfo=UTC)
    earlier = noon - timedelta(hours=3)
    with new(folder, clock=clock(noon, noon, earlier, earlier, noon)) as vault:
        for text in ("same", "back", "still back", "on"):
            vault.append(note(text))
        said = [(one.type, one.body.get("text", "")) for one in vault.entries[2:]]
        assert said == [("note", "same"), ("clock", ""), ("note", "back"),
                        ("note", "still back"), ("note", "on")]  # fmt: skip
        body = {"was": "2026-03-04T12:00:00.000Z", "is": "2026-03-04T09:00:00.000Z"}
        assert vault.entries[3].body == body
        report = checked(vault)
        assert report.whole
        assert [body["was"] in one and body["is"] in one for one in report.remarks] == [True]


# -- one writer ------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from standfast.vault.lock import WriterLock
WriterLock(Path(sys.argv[1])); print("held", flush=True); time.sleep(60)
"""


def test_another_process_that_writes_keeps_us_out_and_its_crash_frees_the_case(
    folder: Path,
) -> None:
    new(folder).close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(CaseBusy, match="another window"):
            reopen(folder)
        with reopen(folder, write=False) as reader:
            report = checked(reader)
            assert report.whole
            assert "Another window" in report.remarks[0]
        holder.kill()
    with reopen(folder) as vault:
        assert vault.writable
        assert checked(vault).remarks == ()


def test_files_a_writer_is_adding_do_not_alarm_a_reader(folder: Path, vault: Vault) -> None:
    vault.keep([b"not entered yet"])
    assert checked(vault).whole
    with reopen(folder, write=False) as reader, reopen(folder, write=False) as other:
        assert checked(reader).whole
        assert "Another window" in checked(other).remarks[0]
    vault.close()
    with reopen(folder, write=False) as reader:
        assert [one.code for one in checked(reader).problems] == ["unentered_original"]


def test_a_reader_beside_a_busy_writer_never_sees_damage(folder: Path, vault: Vault) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            vault.append(note())

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _round in range(60):
            with reopen(folder, write=False) as reader:
                assert reader.problems == ()
    finally:
        stop.set()
        writer.join()


def test_a_reader_looks_again_when_head_or_keys_changed_meanwhile(
    folder: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = opening.look, []

    def look(place: Path) -> opening.Seen:
        looks.append(1)
        if len(looks) == 2:
            vault.change_passphrase(OTHER, FLOOR)
        return real(place)

    monkeypatch.setattr(opening, "look", look)
    with reopen(folder, write=False) as reader:
        assert len(looks) == 3
        assert reader.head == vault.head
        assert reader.slots == vault.slots
        assert reader.problems == ()


def test_a_folder_that_knows_no_locks_is_not_called_busy(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new(folder).close()

    def refuse(_descriptor: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(StorageFailed, match="no locks available"):
        reopen(folder)
    with reopen(folder, write=False) as reader:
        assert checked(reader).whole


# -- how a case is opened --------------------------------------------------------------------


def test_a_case_opened_for_reading_takes_nothing(folder: Path) -> None:
    new(folder).close()
    with reopen(folder, write=False) as vault:
        assert not vault.writable
        for verb in (lambda: vault.append(note()), lambda: vault.keep([b""]),
                     lambda: vault.place_checkpoint("a", b""),
                     lambda: vault.change_passphrase("x", FLOOR)):  # fmt: skip
            with pytest.raises(StandfastError, match="not open for writing"):
                verb()


def test_a_folder_that_can_only_be_read_is_read(folder: Path) -> None:
    class ReadOnly(Disk):
        def make_folder(self, folder: Path) -> None:
            raise OSError(errno.EROFS, "read-only", str(folder))

    with new(folder) as vault:
        (item,) = add(vault, b"data")
    with pytest.raises(StorageFailed, match="can only be read"):
        reopen(folder, disk=ReadOnly())
    with reopen(folder, write=False, disk=ReadOnly()) as reader:
        assert text_of(reader, item) == b"data"
        assert checked(reader).whole


def test_a_wrong_passphrase_changes_nothing(folder: Path) -> None:
    new(folder).close()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(WrongPassphrase):
        reopen(folder, passphrase="wrong")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_copy_that_lost_its_empty_folders_opens_for_writing(folder: Path) -> None:
    new(folder).close()
    for name in ("blobs", "segments", "tmp"):
        (folder / name).rmdir()
    with reopen(folder, write=False) as reader:
        assert checked(reader).whole
    with reopen(folder) as vault:
        assert text_of(vault, add(vault, b"data")[0]) == b"data"


def test_closing_frees_the_case_and_can_be_done_twice(folder: Path, vault: Vault) -> None:
    vault.close()
    vault.close()
    with reopen(folder) as again:
        assert again.writable
    with pytest.raises(StandfastError):
        vault.append(note())


def test_files_beside_the_head_come_with_their_entry_and_not_before(
    folder: Path, vault: Vault
) -> None:
    vault.place_checkpoint("1.tsq", b"query")
    vault.place_checkpoint("1.note", b"note")
    vault.append(note("something else"))
    assert not (folder / "checkpoints" / "1.tsq").exists()
    vault.append(Draft(kinds.ANCHOR, {"files": {"1.tsq": "0" * 64}}))
    assert (folder / "checkpoints" / "1.tsq").read_bytes() == b"query"
    assert not (folder / "checkpoints" / "1.note").exists()
    assert [one.code for one in checked(vault).problems] == ["anchor_damaged"]


def test_a_draft_made_by_hand_is_all_a_person_needs(vault: Vault) -> None:
    (entry,) = vault.append(item_draft(vault, b"data", "bild \u202e.jpg"))
    assert entry.body["name"] == "bild \u202e.jpg"

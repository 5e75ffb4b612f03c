# SPDX-License-Identifier: Apache-2.0
"""An open case: making it, adding, events, erasing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from standfast.errors import (
    Damaged,
    TooLarge,
    WrongUsage,
)
from standfast.vault import entry as kinds
from standfast.vault import ledger as frames
from standfast.vault.case import Vault
from standfast.vault.entry import Draft
from vault_case import (
    add,
    checked,
    new,
    read_lines,
    reopen,
    stretch_once,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


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


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


# -- making ----------------------------------------------------------------------------------


def test_a_new_case_holds_what_the_person_said_and_nothing_readable(folder: Path) -> None:
    new(folder, body={"zone": "Europe/Berlin", "title": "unmistakable"}).close()
    for name in files(folder):
        assert b"unmistakable" not in (folder / name).read_bytes()
    with reopen(folder, write=False) as vault:
        assert [one.type for one in vault.entries] == [kinds.CASE, kinds.SLOTS]
        assert vault.entries[0].body["zone"] == "Europe/Berlin"
        assert checked(vault).whole


def test_only_the_owner_can_look_into_a_case(folder: Path) -> None:
    with new(folder) as vault:
        add(vault, b"data")
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_case_is_made_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    for place in ("file", "full"):
        with pytest.raises(WrongUsage, match="not empty"):
            new(tmp_path / place)
    with pytest.raises(WrongUsage, match="needs a passphrase"):
        Vault.create(tmp_path / "other", "")
    (tmp_path / "looked-at").mkdir()
    (tmp_path / "looked-at" / ".DS_Store").write_bytes(b"x")
    new(tmp_path / "looked-at").close()
    new(tmp_path / "far" / "away" / "case").close()


def test_a_relative_folder_does_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    new(Path("case")).close()
    with reopen(Path("case")) as vault:
        assert vault.problems == ()


# -- adding ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"x", os.urandom(700_000)])
def test_an_original_reads_back_byte_for_byte(folder: Path, vault: Vault, data: bytes) -> None:
    (item,) = add(vault, data)
    assert text_of(vault, item) == data
    vault.close()
    with reopen(folder) as again:
        assert text_of(again, item) == data
        assert checked(again).bytes == len(data)


def test_the_same_bytes_are_kept_once_also_within_one_group(folder: Path, vault: Vault) -> None:
    first, twin = vault.keep([b"same"]), vault.keep([b"sa", b"me"])
    assert first == twin
    assert not twin.known
    body = {"sha256": first.sha256, "size": 4, "file_id": first.file_id, "name": "a"}
    vault.append(Draft(kinds.ITEM, body))
    again = vault.keep([b"same"])
    assert (again.known, again.file_id) == (True, first.file_id)
    assert text_of(vault, first.sha256) == b"same"
    assert checked(vault).whole
    assert len([name for name in files(folder) if name.startswith(("blobs", "tmp"))]) == 1


def test_a_source_that_breaks_off_leaves_nothing(folder: Path, vault: Vault) -> None:
    before = files(folder)

    def parts() -> Iterator[bytes]:
        yield b"beginning"
        message = "the stick with the export was pulled out"
        raise ValueError(message)

    with pytest.raises(ValueError, match="pulled out"):
        vault.keep(parts())
    assert files(folder) == before
    assert vault.writable


def test_nothing_to_add_adds_nothing(vault: Vault) -> None:
    size = vault.head.size
    assert vault.append() == []
    assert vault.head.size == size


def test_what_is_too_long_is_refused_and_the_case_goes_on(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "COMMIT_LIMIT", 2000)
    with pytest.raises(TooLarge):
        vault.append(note("short"), note("x" * 3000))
    vault.append(note("short"))
    assert vault.entries[-1].body["text"] == "short"
    assert len(vault.entries) == 3


def test_there_is_no_item_that_was_never_added(vault: Vault) -> None:
    with pytest.raises(KeyError):
        vault.open_item("0" * 64)
    with pytest.raises(WrongUsage):
        vault.erase("0" * 64, "")


def test_a_missing_original_is_damage(vault: Vault) -> None:
    (item,) = add(vault, b"data")
    vault.blob_path(item).unlink()
    with pytest.raises(Damaged, match="missing"):
        vault.open_item(item)


def test_the_log_goes_on_in_a_second_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "RUN_BYTES", 1000)
    with new(folder) as vault:
        for number in range(12):
            vault.append(note(str(number)))
        assert checked(vault).whole
    assert len(list((folder / "ledger").iterdir())) > 2
    with reopen(folder) as again:
        texts = [one.body["text"] for one in again.entries if one.type == kinds.NOTE]
        assert texts == [str(number) for number in range(12)]
        assert checked(again).whole


# -- events ----------------------------------------------------------------------------------


def test_a_newer_list_of_events_replaces_the_older_one(folder: Path, vault: Vault) -> None:
    (item,) = add(vault, b"data")
    read_lines(vault, item, [b"one"])
    read_lines(vault, item, [b"one", b"two"])
    assert len([name for name in files(folder) if name.startswith("segments")]) == 1
    assert checked(vault) == checked(vault)
    assert (checked(vault).whole, checked(vault).remarks) == (True, ())


def test_a_missing_or_damaged_list_of_events_can_be_made_again(vault: Vault) -> None:
    (item,) = add(vault, b"data")
    reading = read_lines(vault, item, [b"one"]).body["id"]
    path = vault.segment_path(reading)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    assert [one.repairable for one in checked(vault).problems] == [True]
    path.unlink()
    assert [one.repairable for one in checked(vault).problems] == [True]
    vault.write_segment(reading, [b"one\n"])
    assert checked(vault).whole


# -- erasing ---------------------------------------------------------------------------------


def test_erasing_removes_the_original_and_all_its_events_and_leaves_a_tombstone(
    folder: Path, vault: Vault
) -> None:
    gone, stays = add(vault, b"gone", b"stays")
    old = read_lines(vault, gone, [b"one"]).body["id"]
    copy = vault.segment_path(old).read_bytes()
    read_lines(vault, gone, [b"one", b"two"])
    vault.segment_path(old).write_bytes(copy)  # as if its removal had been interrupted
    entry = vault.erase(gone, "a picture of a child")
    assert entry.type == kinds.ERASE
    assert not vault.blob_path(gone).exists()
    assert [name for name in files(folder) if name.startswith("segments")] == []
    assert text_of(vault, stays) == b"stays"
    report = checked(vault)
    assert (report.whole, report.items, report.erased) == (True, 1, 1)
    vault.close()
    with reopen(folder) as again, pytest.raises(KeyError):
        again.open_item(gone)


def test_what_was_erased_can_be_added_again(vault: Vault) -> None:
    (item,) = add(vault, b"data")
    vault.erase(item, "by mistake")
    assert add(vault, b"data") == [item]
    assert text_of(vault, item) == b"data"
    assert (checked(vault).items, checked(vault).erased) == (1, 0)


def test_an_erasing_that_was_interrupted_is_finished(folder: Path, vault: Vault) -> None:
    (item,) = add(vault, b"data")
    path = vault.blob_path(item)
    data = path.read_bytes()
    vault.erase(item, "")
    vault.close()
    path.write_bytes(data)
    with reopen(folder, write=False) as reader:
        report = checked(reader)
        assert report.whole
        assert path.relative_to(folder).as_posix() in report.remarks[0]
    with reopen(folder) as again:
        assert again.recovered == {"erased": 1}
        assert not path.exists()
        assert checked(again).whole

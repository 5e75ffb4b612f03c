# SPDX-License-Identifier: Apache-2.0
"""Trouble with real disks: full, too small a file size, read-only, pulled out."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from standfast.errors import Damaged, StandfastError, StorageFailed
from standfast.vault import entry as kinds
from standfast.vault import keys
from standfast.vault.entry import Draft
from standfast.vault.storage import Disk, storage_errors
from vault_case import add, checked, item_draft, new, read_lines, reopen, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent.parent
ARGON2ID = keys._stretch
BIG = 400_000


@pytest.fixture
def _real_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_stretch", ARGON2ID)  # a child uses the real one


class FullDisk(Disk):
    """A disk whose new files lie on a device that is always full."""

    def create(self, path: Path) -> int:
        path.symlink_to("/dev/full")
        return os.open(path, os.O_WRONLY)


def test_a_full_disk_is_said_and_what_was_there_stays(ram: Path) -> None:
    with new(ram / "case") as vault:
        (item,) = add(vault, b"before")
    with reopen(ram / "case", disk=FullDisk()) as vault:
        with pytest.raises(StorageFailed, match="the disk is full") as full:
            add(vault, b"more")
        assert "Free some space" in full.value.hint
        assert text_of(vault, item) == b"before"
    with reopen(ram / "case") as vault:
        assert checked(vault).whole
        assert text_of(vault, add(vault, b"more")[0]) == b"more"


LIMITED = """
import resource, sys
sys.path.insert(0, sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from pathlib import Path
from standfast.errors import StorageFailed
from vault_case import add, reopen
import json
with reopen(Path(sys.argv[2])) as vault:
    done = add(vault, b"small")
    try:
        add(vault, bytes(400_000))
    except StorageFailed as problem:
        told = problem.message
    done += add(vault, b"small as well")
print(json.dumps([done, told]))
"""


@pytest.mark.usefixtures("_real_passphrase")
def test_a_file_the_disk_cannot_hold_costs_only_itself(ram: Path) -> None:
    new(ram / "case").close()
    child = [sys.executable, "-c", LIMITED, str(TESTS), str(ram / "case")]
    items, told = json.loads(subprocess.check_output(child))
    assert "cannot hold a file as large as this" in told
    with reopen(ram / "case") as vault:
        assert [text_of(vault, item) for item in items] == [b"small", b"small as well"]
        assert checked(vault).whole
        assert vault.recovered == {}


class ReadOnlyDisk(Disk):
    """A disk that can only be read, where this computer gives us no real one."""

    def make_folder(self, folder: Path) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))


READ_ONLY = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from standfast.errors import StorageFailed
from vault_case import checked, reopen, text_of
with reopen(Path(sys.argv[2]), write=False) as vault:
    assert checked(vault).whole
    assert text_of(vault, sys.argv[3]) == b"data"
try:
    reopen(Path(sys.argv[2]))
except StorageFailed as problem:
    print(problem.message)
"""


@pytest.mark.usefixtures("_real_passphrase")
def test_a_case_on_a_read_only_disk_is_read_and_refuses_writing_plainly(ram: Path) -> None:
    folder = ram / "case"
    with new(folder) as vault:
        (item,) = add(vault, b"data")
    told = on_a_read_only_mount(folder, item)
    if not told:
        with pytest.raises(StorageFailed) as refused:
            reopen(folder, disk=ReadOnlyDisk())
        told = refused.value.message
        with reopen(folder, write=False, disk=ReadOnlyDisk()) as reader:
            assert text_of(reader, item) == b"data"
            assert checked(reader).whole
    assert "Opening the case did not work: the disk can only be read. Nothing was changed." in told


def on_a_read_only_mount(folder: Path, item: str) -> str:
    """Do it in a child that sees the folder mounted read-only, where the system allows that."""
    if shutil.which("unshare") is None:
        return ""
    mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
    child = [sys.executable, "-c", READ_ONLY, str(TESTS), str(folder), item]
    run = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", str(folder), *child],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Error" not in run.stderr, run.stderr
    return run.stdout


def test_a_stick_that_is_pulled_out_loses_nothing_and_leaves_no_folder_behind(ram: Path) -> None:
    with new(ram / "stick" / "case") as vault:
        (item,) = add(vault, b"before")

        def parts() -> Iterator[bytes]:
            yield bytes(BIG)
            (ram / "stick").rename(ram / "away")
            yield bytes(BIG)

        with pytest.raises(StorageFailed, match="the folder is gone") as gone:
            vault.keep(parts())
        assert "plugged in" in gone.value.hint
        for verb in (lambda: add(vault, b"more"), lambda: vault.write_segment("00" * 16, [b""]),
                     lambda: vault.append(Draft(kinds.NOTE, {"text": ""})),
                     lambda: vault.erase(item, "")):  # fmt: skip
            with pytest.raises(StandfastError):
                verb()
        with pytest.raises(Damaged, match="missing"):
            vault.open_item(item)
        assert not (ram / "stick").exists()
    (ram / "away").rename(ram / "stick")
    with reopen(ram / "stick" / "case") as vault:
        assert set(vault.recovered) <= {"unfinished", "set_aside"}
        assert text_of(vault, item) == b"before"
        assert checked(vault).whole


def test_erasing_that_cannot_remove_is_finished_by_the_next_opening(ram: Path) -> None:
    class Stuck(Disk):
        def remove(self, path: Path) -> None:
            raise PermissionError(errno.EACCES, "in use", str(path))

    with new(ram / "case") as vault:
        (item,) = add(vault, b"data")
        read_lines(vault, item, [b"one"])
        vault.disk = Stuck()
        read_lines(vault, item, [b"one", b"two"])
        with pytest.raises(StorageFailed, match="opening the case again finishes removing it"):
            vault.erase(item, "")
        vault.disk = Disk()
    with reopen(ram / "case", write=False) as reader:
        report = checked(reader)
        assert report.whole
        assert len(report.remarks) == 2
    with reopen(ram / "case") as again:
        assert again.recovered == {"erased": 1, "unfinished": 2}
        assert checked(again).whole


def test_a_scratch_file_that_cannot_be_removed_is_removed_later(ram: Path) -> None:
    class Stuck(Disk):
        def remove(self, path: Path) -> None:
            raise PermissionError(errno.EACCES, "in use", str(path))

    with new(ram / "case") as vault:
        draft = item_draft(vault, b"data")
        vault.append(draft)
        vault.disk = vault.blobs._disk = Stuck()
        assert vault.keep([b"data"]).known
    with reopen(ram / "case") as again:
        assert again.recovered == {"unfinished": 1}
        assert list((ram / "case" / "tmp").iterdir()) == []


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_cannot_flush_folders_is_good_enough(
    ram: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if os.path.isdir(f"/dev/fd/{descriptor}"):  # noqa: PTH112 - it is no path of ours
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with new(ram / "case") as vault:
        assert text_of(vault, add(vault, b"data")[0]) == b"data"


def test_a_folder_that_cannot_be_flushed_for_another_reason_is_a_failure(
    ram: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        Disk().flush_folder(ram)


def test_the_folder_above_may_be_closed_to_us(ram: Path) -> None:
    class Closed(Disk):
        def flush_folder(self, folder: Path) -> None:
            if folder == ram:
                raise PermissionError(errno.EACCES, "closed", str(folder))
            super().flush_folder(folder)

    with new(ram / "case", disk=Closed()) as vault:
        assert checked(vault).whole


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EACCES, "may not write"),
     (errno.EPERM, "may not write"), (errno.ENODEV, "gone"),
     (errno.EBUSY, os.strerror(errno.EBUSY))],
)  # fmt: skip
def test_what_the_disk_says_becomes_a_sentence(code: int, words: str) -> None:
    with pytest.raises(StorageFailed, match=words) as told, storage_errors(lambda: "Adding"):
        raise OSError(code, os.strerror(code))
    assert told.value.message.startswith("Adding did not work: ")
    assert "is unchanged" in told.value.message
    assert told.value.hint
    with pytest.raises(StorageFailed, match="something odd"), storage_errors(lambda: "Adding"):
        raise OSError("something odd")  # noqa: EM101, TRY003 - as libraries raise it

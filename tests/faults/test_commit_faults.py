# SPDX-License-Identifier: Apache-2.0
"""Every write, flush, rename and removal of the commit path fails once, at every place.

After each fault the case is opened again: every acknowledged item must be there, none half there,
and the check must find nothing.
"""

from __future__ import annotations

import errno
import random
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from faulty_disk import FailingDisk, RecordingDisk, Remains
from vault_road import POSSIBLE, Promise, Road, look_at_what_is_left, opened

from standfast.errors import StandfastError, StorageFailed
from standfast.vault import ledger as frames
from standfast.vault.storage import Disk
from vault_case import PASSPHRASE, add, checked, new, reopen

if TYPE_CHECKING:
    from pathlib import Path

NEVER = 10**9


@pytest.fixture(autouse=True)
def _short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "RUN_BYTES", 3000)  # so that the road crosses into a second file


def travelled(folder: Path, disk: Disk) -> tuple[Promise, StandfastError | None]:
    """Go the road and give what was promised when it ended, and the error that ended it."""
    promises = [Promise()]
    road = Road(folder, disk, promises.append)
    try:
        road.travel()
    except StandfastError as problem:
        promise = promises[-1].copy()
        promise.erased |= road.promise.erased
        promise.passphrases = road.promise.passphrases
        return promise, problem
    return promises[-1], None


def step_count(folder: Path) -> int:
    disk = FailingDisk(NEVER, 0)
    promise, problem = travelled(folder, disk)
    assert problem is None
    assert set(disk.steps) == {
        "create", "open_end", "write", "flush", "flush_folder", "rename", "make_folder", "remove"
    }  # fmt: skip
    look_at_what_is_left(folder, promise)
    return len(disk.steps)


@pytest.mark.parametrize(
    ("code", "partly", "lasting"),
    [
        (errno.EIO, False, False), (errno.EIO, True, False), (errno.ENOSPC, True, True),
        (errno.EROFS, False, True), (errno.ENOENT, False, True),
    ],
)  # fmt: skip
def test_a_step_that_fails_costs_nothing_that_was_acknowledged(
    ram: Path, code: int, *, partly: bool, lasting: bool
) -> None:
    count = step_count(ram / "whole")
    for number in range(count):
        folder = ram / str(number)
        disk = FailingDisk(number, code, partly=partly, lasting=lasting)
        promise, problem = travelled(folder, disk)
        assert isinstance(problem, StandfastError | None)
        assert not disk.flushed_after_failing
        if not promise.made:
            assert not folder.exists()
            new(folder).close()
            continue
        look_at_what_is_left(folder, promise)
        shutil.rmtree(folder)


def test_a_failed_flush_is_final(ram: Path) -> None:
    for number in range(30):
        with new(ram / str(number)) as vault:
            disk = FailingDisk(number, errno.EIO)
            vault.disk = vault.blobs._disk = disk
            with suppress(StorageFailed):
                add(vault, b"original")
            if number < len(disk.steps) and "flush" in disk.steps[number]:
                assert not vault.writable
                with pytest.raises(StandfastError, match="not open for writing"):
                    vault.keep([b"more"])
                assert not disk.flushed_after_failing
        with reopen(ram / str(number)) as again:
            assert checked(again).whole


# -- loss of power ---------------------------------------------------------------------------


def replayed(ram: Path, rounds: int, seed: int) -> None:
    """Lose power after every step of the road, in every way the model knows."""
    disk, acknowledged = RecordingDisk(), [(0, Promise())]
    folder = ram / "disk" / "case"
    folder.parent.mkdir()
    remains = Remains(folder.parent)
    road = Road(folder, disk, lambda promise: acknowledged.append((len(disk.steps), promise)))
    road.travel()
    chance = random.Random(seed)
    for number, step in enumerate([None, *disk.steps]):
        if step is not None:
            remains.take(step)
        promise = [one for at, one in acknowledged if at <= number][-1].copy()
        under_way = next((one for at, one in acknowledged if at > number), promise)
        promise.erased |= under_way.erased
        promise.passphrases = tuple({*promise.passphrases, *under_way.passphrases})
        for turn in range(rounds + 2):
            left = ram / "left"
            remains.leave(left, chance if turn > 1 else None, late=turn == 1)
            look_at_what_is_left(left / "case", promise, lost_power=True)
            shutil.rmtree(left)


def test_a_loss_of_power_at_any_step_costs_nothing_that_was_acknowledged(ram: Path) -> None:
    replayed(ram, rounds=2, seed=1)


@pytest.mark.long
def test_a_loss_of_power_in_many_more_ways(ram: Path) -> None:
    replayed(ram, rounds=60, seed=2)


def test_putting_in_order_can_itself_be_interrupted_anywhere(ram: Path) -> None:
    (ram / "disk").mkdir()
    folder = ram / "disk" / "case"
    promise, problem = travelled(folder, Disk())
    assert problem is None
    with opened(folder, promise) as vault:
        vault.keep([b"afterwards"])  # never entered
        vault.write_segment("00" * 16, [b"never entered\n"])
        stray = folder / "checkpoints" / "stray.tsr"
        stray.write_bytes(b"never entered")
        (folder / "tmp" / "left").write_bytes(b"x")
        last = vault.state.files[-1][0]
    last.write_bytes(last.read_bytes() + b"\0\0\1\0torn")
    start = shutil.copytree(ram / "disk", ram / "start")
    disk = RecordingDisk()
    remains = Remains(ram / "disk")
    with reopen(folder, passphrase=promise.passphrases[0], disk=disk) as vault:
        assert set(vault.recovered) == {"torn_bytes", "unfinished", "set_aside"}
        (aside,) = vault.recovered["set_aside"]
        assert aside["files"] == 3
    chance = random.Random(4)
    for step in disk.steps:
        remains.take(step)
        for turn in range(6):
            remains.leave(ram / "left", chance if turn > 1 else None, late=turn == 1)
            look_at_what_is_left(ram / "left" / "case", promise, lost_power=True)
            if turn < 2:  # chance tears a move in two, which no system with a journal does
                assert b"never entered" in tails(ram / "left" / "case")
            shutil.rmtree(ram / "left")
    shutil.rmtree(start)
    assert b"afterwards" in POSSIBLE.values()


def tails(folder: Path) -> bytes:
    """Everything that was set aside and is not encrypted."""
    return b"".join(path.read_bytes() for path in (folder / "set-aside").rglob("*stray.tsr"))


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_putting_in_order_that_fails_is_done_by_the_next_opening(ram: Path, code: int) -> None:
    promise, _problem = travelled(ram / "case", Disk())
    with opened(ram / "case", promise) as vault:
        vault.keep([b"afterwards"])
        last = vault.state.files[-1][0]
    last.write_bytes(last.read_bytes() + b"torn")
    number, done = 0, False
    while not done:
        folder = shutil.copytree(ram / "case", ram / str(number))
        disk = FailingDisk(number, code, partly=True)
        with suppress(StorageFailed):
            reopen(folder, passphrase=promise.passphrases[0], disk=disk).close()
        done = number >= len(disk.steps)
        look_at_what_is_left(folder, promise)
        shutil.rmtree(folder)
        number += 1
    assert number > 15
    assert promise.passphrases != (PASSPHRASE,)

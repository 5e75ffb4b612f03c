# SPDX-License-Identifier: Apache-2.0
"""Dossiers and bundles are written whole or not at all, whatever happens on the way."""

from __future__ import annotations

import errno
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from desk_case import (
    open_desk,
    put,
    told_case,
)
from standfast.errors import StorageFailed, WrongUsage
from standfast.vault.storage import Disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder / "told").close()
    return folder


@pytest.fixture
def told(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(prepared / "told", tmp_path, dirs_exist_ok=True)
    with open_desk(tmp_path / "case") as desk:
        yield desk


class Failing(Disk):
    """A disk that fails in one step when it is switched on."""

    def __init__(self, step: str, problem: BaseException) -> None:
        self.step, self.problem = step, problem

    def flush(self, descriptor: int) -> None:
        if self.step == "flush":
            raise self.problem
        super().flush(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        if self.step == "rename":
            raise self.problem
        super().rename(old, new)


@pytest.mark.parametrize("step", ["flush", "rename"])
@pytest.mark.parametrize("problem", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_nothing_half_written_is_left_when_the_disk_fails_or_somebody_stops_it(
    told: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, problem: Any
) -> None:
    real = told.append
    count = len(told.state.items)

    def then_fail(*drafts: Any) -> Any:
        entries = real(*drafts)
        if drafts[-1].body.get("kind") == "bundle":  # the seal: all that follows is the file
            told.vault.disk = Failing(step, problem)
        return entries

    monkeypatch.setattr(told, "append", then_fail)
    with pytest.raises(KeyboardInterrupt if step and not _is_os(problem) else StorageFailed):
        told.make_bundle(tmp_path / "b.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case", "chat.txt", "letter.eml"]
    told.close()
    with open_desk(tmp_path / "case") as again:
        assert again.verify().whole
        assert len(again.state.items) == count
        assert again.make_bundle(tmp_path / "b.zip").verdict.startswith("genuine")


def _is_os(problem: object) -> bool:
    return isinstance(problem, OSError)


def test_what_is_there_is_not_replaced_and_a_missing_folder_is_said_first(
    told: Desk, tmp_path: Path
) -> None:
    taken = put(tmp_path, "b.zip", "mine")
    dangling = tmp_path / "link.zip"
    dangling.symlink_to(tmp_path / "nowhere")
    before = len(told.vault.entries)
    for out in (taken, dangling, tmp_path / "no" / "b.zip"):
        with pytest.raises(WrongUsage):
            told.make_bundle(out)
        with pytest.raises(WrongUsage):
            told.make_dossier(out)
    assert taken.read_bytes() == b"mine"
    assert len(told.vault.entries) == before


def test_a_dossier_is_there_whole_with_its_entry_or_not_at_all(told: Desk, tmp_path: Path) -> None:
    told.vault.disk = Failing("rename", OSError(errno.ENOSPC, "full"))
    before = len(told.vault.entries)
    with pytest.raises(StorageFailed):
        told.make_dossier(tmp_path / "d.pdf")
    assert list(tmp_path.glob("d.pdf*")) == []
    assert len(told.vault.entries) == before

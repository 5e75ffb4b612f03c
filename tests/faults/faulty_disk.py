# SPDX-License-Identifier: Apache-2.0
"""Disks that fail: at any step, half way through a write, or with a loss of power after it.

`FailingDisk` refuses one step, or every step from one on. `RecordingDisk` does everything and
writes it down; `Remains` replays a beginning of that and gives the folders that a loss of power
may leave there:

* what was flushed is there;
* of the writes to a file since its last flush any beginning may be there, the last one torn at any
  byte, the rest missing or zero, and single sectors of it zero;
* of the names in a folder since its last flush each is as it was before or as any later step made
  it, whatever became of the others (so a rename may lose the file from both names).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from standfast.vault.storage import Disk

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

SECTOR = 512
DELAYED = frozenset({"write", "shorten"})


class FailingDisk(Disk):
    """A disk that refuses a step.

    Attributes:
        at: the number of the step that is refused, from 0.
        code: the `errno` it gives.
        partly: a refused write leaves half of its bytes.
        lasting: every later step is refused as well, as on a disk that is full or gone.
        steps: the names of the steps taken so far.
    """

    def __init__(self, at: int, code: int, *, partly: bool = False, lasting: bool = False) -> None:
        self.at, self.code, self.partly, self.lasting = at, code, partly, lasting
        self.steps: list[str] = []
        self.flushed_after_failing = False
        self._dead: set[int] = set()

    def _step(self, name: str) -> None:
        number = len(self.steps)
        self.steps.append(name)
        if number == self.at or (self.lasting and number > self.at):
            raise OSError(self.code, os.strerror(self.code))

    def create(self, path: Path) -> int:
        self._step("create")
        return self._fresh(super().create(path))

    def open_end(self, path: Path) -> int:
        self._step("open_end")
        return self._fresh(super().open_end(path))

    def _fresh(self, descriptor: int) -> int:
        self._dead.discard(descriptor)
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        if self.partly and len(self.steps) == self.at:
            super().write(descriptor, memoryview(data)[: len(data) // 2])
        self._step("write")
        super().write(descriptor, data)

    def shorten(self, descriptor: int, size: int) -> None:
        self._step("shorten")
        super().shorten(descriptor, size)

    def flush(self, descriptor: int) -> None:
        self.flushed_after_failing |= descriptor in self._dead
        try:
            self._step("flush")
        except OSError:
            self._dead.add(descriptor)
            raise

    def flush_folder(self, folder: Path) -> None:
        self._step("flush_folder")
        folder.stat()

    def rename(self, old: Path, new: Path) -> None:
        self._step("rename")
        super().rename(old, new)

    def make_folder(self, folder: Path) -> None:
        self._step("make_folder")
        super().make_folder(folder)

    def remove(self, path: Path) -> None:
        self._step("remove")
        super().remove(path)


@dataclass(frozen=True, slots=True)
class Step:
    """One recorded step: ``verb``, the file or folder, and what the verb needs."""

    verb: str
    path: Path
    data: bytes = b""
    size: int = 0
    other: Path | None = None


class RecordingDisk(Disk):
    """A disk that writes down each step, after doing it."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._open: dict[int, Path] = {}

    def _note(self, verb: str, path: Path, data: bytes = b"", size: int = 0) -> None:
        self.steps.append(Step(verb, path, data, size))

    def create(self, path: Path) -> int:
        descriptor = super().create(path)
        self._open[descriptor] = path
        self._note("create", path)
        return descriptor

    def open_end(self, path: Path) -> int:
        fresh = not path.exists()
        descriptor = super().open_end(path)
        self._open[descriptor] = path
        if fresh:
            self._note("create", path)
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> None:
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
        super().write(descriptor, data)
        self._note("write", self._open[descriptor], bytes(data), at)

    def shorten(self, descriptor: int, size: int) -> None:
        super().shorten(descriptor, size)
        self._note("shorten", self._open[descriptor], size=size)

    def flush(self, descriptor: int) -> None:
        self._note("flush", self._open[descriptor])

    def flush_folder(self, folder: Path) -> None:
        self._note("flush_folder", folder)

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.steps.append(Step("rename", old, other=new))

    def make_folder(self, folder: Path) -> None:
        fresh = not folder.exists()
        super().make_folder(folder)
        if fresh:
            self._note("make_folder", folder)

    def remove(self, path: Path) -> None:
        there = path.exists()
        super().remove(path)
        if there:
            self._note("remove", path)


@dataclass(slots=True)
class _File:
    kept: bytes = b""
    late: list[Step] = field(default_factory=list)


@dataclass(slots=True)
class _Name:
    """A name in a folder: what it surely names, and what later steps made of it."""

    kept: _Node | None = None
    late: list[_Node | None] = field(default_factory=list)

    @property
    def now(self) -> _Node | None:
        return self.late[-1] if self.late else self.kept


@dataclass(slots=True)
class _Folder:
    names: dict[str, _Name] = field(default_factory=dict)


_Node = _File | _Folder


class Remains:
    """What a disk holds for sure, and what it may hold, after a number of recorded steps."""

    def __init__(self, root: Path) -> None:
        """Begin with what lies in a folder now, all of it flushed."""
        self._root = root
        self._top = self._loaded(root)

    def _loaded(self, folder: Path) -> _Folder:
        found = _Folder()
        for path in folder.iterdir():
            node = self._loaded(path) if path.is_dir() else _File(path.read_bytes())
            found.names[path.name] = _Name(node)
        return found

    def _folder(self, path: Path) -> _Folder:
        node = self._top
        for part in path.relative_to(self._root).parts:
            below = node.names[part].now
            assert isinstance(below, _Folder)
            node = below
        return node

    def _name(self, path: Path) -> _Name:
        return self._folder(path.parent).names.setdefault(path.name, _Name())

    def _file(self, path: Path) -> _File:
        node = self._name(path).now
        assert isinstance(node, _File)
        return node

    def take(self, step: Step) -> None:
        """Replay one step."""
        if step.verb in DELAYED:
            self._file(step.path).late.append(step)
        elif step.verb == "flush":
            file = self._file(step.path)
            file.kept = _written(file.kept, file.late)
            file.late.clear()
        elif step.verb == "flush_folder":
            if step.path == self._root or self._root in step.path.parents:
                for name in self._folder(step.path).names.values():
                    name.kept = name.now
                    name.late.clear()
        elif step.verb == "rename":
            assert step.other is not None
            self._name(step.other).late.append(self._name(step.path).now)
            self._name(step.path).late.append(None)
        else:
            node = {"create": _File, "make_folder": _Folder}.get(step.verb, lambda: None)()
            self._name(step.path).late.append(node)

    def leave(self, target: Path, chance: random.Random | None, *, late: bool = False) -> None:
        """Write what is left into a folder: nothing late, all of it, or what chance decides."""
        self._leave(self._top, target, chance, late=late)

    def _leave(
        self, folder: _Folder, target: Path, chance: random.Random | None, *, late: bool
    ) -> None:
        target.mkdir()
        for text, name in folder.names.items():
            node = name.now if late else name.kept
            if chance is not None:
                node = chance.choice([name.kept, *name.late])
            if isinstance(node, _Folder):
                self._leave(node, target / text, chance, late=late)
            elif node is not None:
                (target / text).write_bytes(_left(node, chance, late=late))


def _written(data: bytes, steps: Sequence[Step]) -> bytes:
    held = bytearray(data)
    for step in steps:
        if step.verb == "shorten":
            del held[step.size :]
        else:
            held.extend(bytes(max(0, step.size - len(held))))
            held[step.size : step.size + len(step.data)] = step.data
    return bytes(held)


def _left(file: _File, chance: random.Random | None, *, late: bool) -> bytes:
    if chance is None:
        return _written(file.kept, file.late) if late else file.kept
    done = chance.randint(0, len(file.late))
    data = _written(file.kept, file.late[:done])
    if done < len(file.late) and file.late[done].verb == "write":
        torn = file.late[done]
        cut = chance.randint(0, len(torn.data))
        rest = bytes(len(torn.data) - cut) if chance.random() < 0.5 else b""
        data = _written(data, [Step("write", torn.path, torn.data[:cut] + rest, torn.size)])
    return _with_holes(data, len(file.kept), chance) if chance.random() < 0.3 else data


def _with_holes(data: bytes, sure: int, chance: random.Random) -> bytes:
    """Make a sector behind the flushed part zero, as where blocks came in another order."""
    if len(data) <= sure:
        return data
    start = chance.randint(sure, len(data) - 1) // SECTOR * SECTOR
    start, end = max(start, sure), min(start + SECTOR, len(data))
    return data[:start] + bytes(end - start) + data[end:]

# SPDX-License-Identifier: Apache-2.0
"""Originals as the formats see them: a file, or a member of an archive.

Rules enforced here:

* an archive's directory is judged before anything is unpacked: number of members, their sum, the
  ratio of each, how deep it nests; nothing is ever unpacked to a disk;
* a member's name is only a label: it is never used as a path.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from standfast.model.event import Locator, Unreadable
from standfast.sources import HEAD_BYTES, Head, Neighbour
from standfast.vault.sealed import SealedFile, open_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from standfast.sources.limits import Limits

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
NEST = "!/"
BUFFER = 1 << 18
SMALL_MEMBER = 16 << 20


def _quiet(_done: int) -> None:
    """Take no notice of progress."""


@dataclass(frozen=True, slots=True)
class Original:
    """A file on the disk: sealed in a case, or plain."""

    name: str
    size: int
    file: SealedFile | str
    container: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    path: str = ""
    progress: Callable[[int], None] = _quiet

    def open(self) -> BinaryIO:
        """Open the bytes from the beginning."""
        if isinstance(self.file, SealedFile):
            return open_sealed(self.file)
        return open(self.file, "rb")  # noqa: PTH123 - the format closes it


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    name: str
    path: str
    size: int
    container: str
    archive: Original | Member
    info: zipfile.ZipInfo
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    progress: Callable[[int], None] = _quiet

    def open(self) -> BinaryIO:
        """Unpack the bytes from the beginning, as they are asked for."""
        opened = zipfile.ZipFile(self.archive.open())
        return io.BufferedReader(opened.open(self.info), BUFFER)  # type: ignore[type-var]  # seeks


Found = Original | Member


def head_of(source: Found) -> Head:
    """Read what recognition may look at.

    Raises:
        OSError, ValueError, RuntimeError, NotImplementedError: the member cannot be unpacked.
    """
    with source.open() as file:
        return Head(source.name, file.read(HEAD_BYTES), source.size)


def is_archive(head: Head) -> bool:
    """Say whether the bytes are those of a zip."""
    return head.data.startswith(ZIP_MAGIC)


def members_of(archive: Found, limits: Limits) -> Iterator[Member | Unreadable]:
    """List an archive's files, or say why one will not be unpacked."""
    try:
        with archive.open() as file, zipfile.ZipFile(file) as opened:
            infos = [info for info in opened.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as problem:
        yield _refused(archive.path, "broken_archive", f"The archive cannot be read: {problem}.")
        return
    refusal = _too_much(infos, archive.size, limits)
    if refusal:
        yield _refused(archive.path, "bomb", refusal)
        return
    neighbours = {
        _own_name(info): Neighbour(_path(archive, info), info.file_size) for info in infos
    }
    container = archive.name.removesuffix(".zip")
    for info in infos:
        path = _path(archive, info)
        locked = _refusal(info, limits)
        if locked:
            yield _refused(path, *locked)
            continue
        yield Member(
            _own_name(info), path, info.file_size, container, archive, info, neighbours,
            archive.progress,
        )  # fmt: skip


def _own_name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/").rsplit("/", 1)[-1]


def _path(archive: Found, info: zipfile.ZipInfo) -> str:
    return f"{archive.path}{NEST}{info.filename}" if archive.path else info.filename


def _too_much(infos: list[zipfile.ZipInfo], size: int, limits: Limits) -> str:
    if len(infos) > limits.members:
        return f"The archive names {len(infos)} files; more than {limits.members} are not unpacked."
    total = sum(info.file_size for info in infos)
    if total > limits.output_free + size * limits.ratio:
        return f"The archive would unpack to {total} bytes, far more than its own {size}."
    return ""


def _refusal(info: zipfile.ZipInfo, limits: Limits) -> tuple[str, str] | None:
    if info.flag_bits & 1:
        return "encrypted", "This file in the archive is locked with a password."
    if info.file_size > SMALL_MEMBER and info.file_size > info.compress_size * limits.ratio:
        return "bomb", "This file in the archive would unpack to far more than it can hold."
    return None


def _refused(path: str, reason: str, detail: str) -> Unreadable:
    return Unreadable(reason, detail, Locator(path=path))

# SPDX-License-Identifier: Apache-2.0
"""Originals as the formats see them: a file, or a member of an archive.

Rules enforced here:

* an archive's directory is judged before anything is unpacked: number of members, their sum, the
  ratio of each, how deep it nests; the sums are those of the whole original, so that archives
  within archives share one allowance; nothing is ever unpacked to a disk;
* a member's name is only a label: it is never used as a path; of two members of one name, the
  second is called ``name#2``;
* whatever a damaged archive makes the unpacking raise comes out as `MemberBroken`, also a member
  that ends before the size its archive states;
* a plain file is opened only if it is one: no link, no device, no pipe; and of one that grows
  meanwhile, only as much is read as there was.
"""

from __future__ import annotations

import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from standfast.model.event import Locator, Unreadable
from standfast.sources import HEAD_BYTES, Head, Neighbour
from standfast.sources.sqlite_catalogue import catalogue_of
from standfast.vault.sealed import SealedFile, open_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from standfast.sources.limits import Limits

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
NEST = "!/"
BUFFER = 1 << 18
SMALL_MEMBER = 16 << 20
HELD = 256 << 20
"""An archive within an archive is unpacked into memory up to this size, else read as it comes."""
LONGEST_NAME = 1024
UNPACKING = (
    zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, IndexError, KeyError,
    OverflowError, struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What the standard library raises on a damaged archive."""


class MemberBroken(OSError):
    """A member of an archive, or a whole archive, cannot be unpacked."""


def _quiet(_done: int) -> None:
    """Take no notice of progress."""


def open_regular(path: str | Path) -> BinaryIO:
    """Open a file if it is one: no link, no device, no pipe, whatever it was a moment ago.

    Raises:
        OSError: it is not, or it cannot be opened.
    """
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY"):
        flags |= getattr(os, name, 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        message = "not a file"
        raise OSError(message)
    return os.fdopen(descriptor, "rb", buffering=BUFFER)


class Bounded(io.RawIOBase):
    """The first bytes of a file that may be growing."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Show ``size`` bytes of a file, and no more."""
        super().__init__()
        self._file = file
        self._size = size

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        if whence == os.SEEK_END:
            offset, whence = self._size + offset, os.SEEK_SET
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Give the position."""
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        """Read on, at most to the end there was."""
        view = memoryview(buffer).cast("B")
        data = self._file.read(max(0, min(len(view), self._size - self._file.tell())))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


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
    companions: Mapping[str, Original] = field(default_factory=dict)

    def beside(self, name: str) -> BinaryIO | None:
        """Open a file that lies beside it and belongs to it, if it was given along."""
        companion = self.companions.get(name)
        return companion.open() if companion else None

    def open(self) -> BinaryIO:
        """Open the bytes from the beginning."""
        if isinstance(self.file, SealedFile):
            return open_sealed(self.file)
        return io.BufferedReader(Bounded(open_regular(self.file), self.size), BUFFER)


class Unpacked(io.RawIOBase):
    """The bytes of a member, unpacked as they are asked for."""

    def __init__(self, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        """Open a member from its beginning.

        Raises:
            MemberBroken: its own header does not fit the archive's directory.
        """
        super().__init__()
        self._size = info.file_size
        try:
            self._file = opened.open(info)
        except UNPACKING as problem:
            raise MemberBroken from problem

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Give the position."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position; backwards, a packed member is unpacked anew."""
        try:
            return self._file.seek(offset, whence)
        except UNPACKING as problem:
            raise MemberBroken from problem

    def readinto(self, buffer: Any) -> int:
        """Read on; a checksum that does not fit is found at the end."""
        view = memoryview(buffer).cast("B")
        try:
            data = self._file.read(len(view))
        except UNPACKING as problem:
            raise MemberBroken from problem
        if len(view) and not data and self._file.tell() < self._size:
            raise MemberBroken
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it; the archive stays open."""
        if not self.closed:
            self._file.close()
        super().close()


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    name: str
    path: str
    size: int
    container: str
    opened: zipfile.ZipFile
    info: zipfile.ZipInfo
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    progress: Callable[[int], None] = _quiet

    def beside(self, name: str) -> BinaryIO | None:
        """Unpack a file in the same folder of the archive, if there is one and it is not locked."""
        folder = self.info.filename[: len(self.info.filename) - len(self.name)]
        try:
            info = self.opened.getinfo(folder + name)
        except KeyError:
            return None
        if info.flag_bits & 1:
            return None
        return io.BufferedReader(Unpacked(self.opened, info), BUFFER)

    def open(self) -> BinaryIO:
        """Unpack the bytes from the beginning, as they are asked for.

        Raises:
            MemberBroken: it cannot be unpacked.
        """
        return io.BufferedReader(Unpacked(self.opened, self.info), BUFFER)


Found = Original | Member


@dataclass(slots=True)
class Allowance:
    """What one original may still unpack to, over all archives in it."""

    members: int
    bytes: int

    @classmethod
    def of(cls, size: int, limits: Limits) -> Allowance:
        """Give the allowance of an original of that size."""
        return cls(limits.members, limits.output_free + size * limits.ratio)

    def refuse(self, infos: list[zipfile.ZipInfo]) -> str:
        """Take an archive's files off, or say why it is too much."""
        total = sum(info.file_size for info in infos)
        if len(infos) > self.members:
            return "The archive names far more files than are unpacked at once."
        if total > self.bytes:
            return "The archive would unpack to far more than it can hold."
        self.members -= len(infos)
        self.bytes -= total
        return ""


def head_of(source: Found) -> Head:
    """Read what recognition may look at.

    Raises:
        OSError: it cannot be read; `MemberBroken` when it cannot be unpacked.
    """
    with source.open() as file:
        data = file.read(HEAD_BYTES)
        return Head(source.name, data, source.size, catalogue_of(data, file))


def is_archive(head: Head) -> bool:
    """Say whether the bytes are those of a zip."""
    return head.data.startswith(ZIP_MAGIC)


def members_of(
    archive: Found, limits: Limits, allowance: Allowance
) -> Iterator[Member | Unreadable]:
    """List an archive's files, or say why one will not be unpacked."""
    try:
        opened = zipfile.ZipFile(_seekable(archive))
    except UNPACKING:
        detail = "The archive is damaged, or not a zip file to its end; nothing in it can be read."
        yield _refused(archive.path, "broken_archive", detail)
        return
    infos = [info for info in opened.infolist() if not info.filename.endswith("/")]
    refusal = allowance.refuse(infos)
    if refusal:
        yield _refused(archive.path, "bomb", refusal)
        return
    paths = _paths(archive, infos)
    neighbours = {
        _own_name(info): Neighbour(path, info.file_size)
        for info, path in zip(infos, paths, strict=True)
    }
    container = archive.name.removesuffix(".zip")
    for info, path in zip(infos, paths, strict=True):
        locked = _refusal(info, path, limits)
        if locked:
            yield _refused(path[:LONGEST_NAME], *locked)
            continue
        yield Member(
            _own_name(info), path, info.file_size, container, opened, info, neighbours,
            archive.progress,
        )  # fmt: skip


def member_at(
    archive: Found, path: str, limits: Limits, allowance: Allowance, *, depth: int = 0
) -> Member | None:
    """Find a file inside an archive, or in one within it, by the path that `members_of` gave it.

    Raises:
        MemberBroken: an archive on the way cannot be unpacked.
    """
    if depth >= limits.nesting:
        return None
    for member in members_of(archive, limits, allowance):
        if isinstance(member, Unreadable):
            continue
        if member.path == path:
            return member
        if path.startswith(member.path + NEST) and is_archive(head_of(member)):
            found = member_at(member, path, limits, allowance, depth=depth + 1)
            if found is not None:
                return found
    return None


def _seekable(archive: Found) -> BinaryIO:
    packed = isinstance(archive, Member) and archive.info.compress_type != zipfile.ZIP_STORED
    if not packed or archive.size > HELD:
        return archive.open()
    with archive.open() as file:
        return io.BytesIO(file.read())


def _own_name(info: zipfile.ZipInfo) -> str:
    return info.filename.replace("\\", "/").rsplit("/", 1)[-1]


def _paths(archive: Found, infos: list[zipfile.ZipInfo]) -> list[str]:
    taken: dict[str, None] = {}  # in their order
    counts: dict[str, int] = {}
    for info in infos:
        path = f"{archive.path}{NEST}{info.filename}" if archive.path else info.filename
        label = path
        while label in taken:
            counts[path] = counts.get(path, 1) + 1
            label = f"{path}#{counts[path]}"
        taken[label] = None
    return list(taken)


def _refusal(info: zipfile.ZipInfo, path: str, limits: Limits) -> tuple[str, str] | None:
    if info.flag_bits & 1:
        return "encrypted", "This file in the archive is locked with a password."
    if len(path) > LONGEST_NAME:
        return "long_name", "The name of this file in the archive is far too long."
    if info.file_size > SMALL_MEMBER and info.file_size > info.compress_size * limits.ratio:
        return "bomb", "This file in the archive would unpack to far more than it can hold."
    return None


def _refused(path: str, reason: str, detail: str) -> Unreadable:
    return Unreadable(reason, detail, Locator(path=path))

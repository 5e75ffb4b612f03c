# SPDX-License-Identifier: Apache-2.0
"""Uploads under way: what was announced, and what of it has come. It survives a killed program.

Rules enforced here:

* the names are sealed like an original, under a key of their own; the folder tells how many
  uploads are under way and how large, and nothing else;
* nothing here is evidence: losing it costs a list of what is missing, and no entry names it;
* a name counts as come after its original is in the log, so a crash between the two asks for a
  file once more, and never passes one over;
* how many uploads and names there may be, and how long they are, is bounded.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.errors import Damaged, TooLarge
from standfast.i18n import _
from standfast.vault.aside import files_below
from standfast.vault.entry import stamp
from standfast.vault.keys import derive
from standfast.vault.sealed import (
    HEADER_BYTES,
    MAGIC,
    SealedFile,
    file_key,
    new_file_id,
    open_sealed,
    seal,
)
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from standfast.vault.case import Vault

FOLDER = "pending"
NAMES, CAME = ".names", ".came"
MOST_UPLOADS = 64
MOST_NAMES = 200_000
LONGEST_NAME = 4096
LONGEST_ID = 200
MOST_BYTES = 64 << 20
MARK_BYTES = 16
MOST_MARKS = 4 * MOST_NAMES


@dataclass(frozen=True, slots=True)
class Pending:
    """An upload that is not settled.

    Attributes:
        announced: when, UTC, as entries write it.
        names: every file that was announced, with its size in bytes.
        missing: those of them that have not come.
    """

    upload: str
    announced: str
    names: tuple[tuple[str, int], ...]
    missing: tuple[tuple[str, int], ...]


def announce(vault: Vault, upload: str, names: Iterable[tuple[str, int]]) -> None:
    """Remember what an upload is going to bring; what it announced before is replaced.

    Raises:
        TooLarge: too many uploads or names, or names too long; nothing was remembered.
        Damaged, StandfastError: the case cannot be written.
    """
    vault.must_write()
    given = list(dict.fromkeys(names))
    at = stamp(vault.clock())
    data = json.dumps({"upload": upload, "announced": at, "names": given}).encode()
    path = _path(vault, upload)
    others = [one for one in _announced(vault) if one != path]
    if (
        len(others) >= MOST_UPLOADS
        or len(given) > MOST_NAMES
        or len(upload) > LONGEST_ID
        or len(data) > MOST_BYTES
        or any(len(name) > LONGEST_NAME for name, _size in given)
    ):
        raise TooLarge(
            _("These are more files than can be taken in at once. Nothing was added."),
            hint=_("Add smaller folders one after the other."),
        )
    file_id = new_file_id()
    with storage_errors(lambda: _("Preparing the upload")):
        vault.disk.make_folder(vault.folder / FOLDER)
        vault.disk.remove(path.with_suffix(CAME))
        vault.place(path, seal([data], _key(vault, file_id), file_id))


def arrived(vault: Vault, files: Iterable[tuple[str, int]]) -> None:
    """Take notice that files, by name and size, are in the log."""
    under_way = _announced(vault)
    if not under_way:
        return
    marks = b"".join(_mark(vault, name, size) for name, size in files)
    with storage_errors(lambda: _("Preparing the upload"), _is_kept):
        for path in under_way:
            _add_marks(vault, path.with_suffix(CAME), marks)


def _is_kept() -> str:
    return _("The files themselves are kept.")


def settled(vault: Vault, upload: str) -> None:
    """Forget an upload: all of it has come, or the rest is not wanted."""
    vault.must_write()
    path = _path(vault, upload)
    with storage_errors(lambda: _("Preparing the upload"), _is_kept):
        for one in (path, path.with_suffix(CAME)):
            vault.disk.remove(one)


def pending(vault: Vault) -> tuple[Pending, ...]:
    """Give the uploads that are not settled, the oldest first."""
    found = [one for path in _announced(vault) if (one := _read(vault, path)) is not None]
    return tuple(sorted(found, key=lambda one: (one.announced, one.upload)))


def sound_files(vault: Vault) -> set[Path]:
    """Give the files of uploads under way that are as they were left."""
    names = {path for path in _announced(vault) if _read(vault, path) is not None}
    return names | {path.with_suffix(CAME) for path in names}


def left_behind(vault: Vault) -> list[Path]:
    """Give marks whose upload is settled: a crash between the two leaves them."""
    marks = [path for path in files_below(vault.folder / FOLDER) if path.suffix == CAME]
    return [path for path in marks if not path.with_suffix(NAMES).exists()]


def strange(vault: Vault) -> list[Path]:
    """Give files in the folder of uploads that no upload of this case has left."""
    known = sound_files(vault).union(left_behind(vault))
    return [path for path in files_below(vault.folder / FOLDER) if path not in known]


def _path(vault: Vault, upload: str) -> Path:
    what = f"pending\n{upload}".encode("utf-8", "surrogatepass")
    name = hmac.new(vault.keys.names, what, "sha256").hexdigest()
    return vault.folder / FOLDER / f"{name}{NAMES}"


def _key(vault: Vault, file_id: bytes) -> bytes:
    return file_key(derive(vault.keys.case, "pending"), file_id, "pending")


def _announced(vault: Vault) -> list[Path]:
    return [path for path in files_below(vault.folder / FOLDER) if path.suffix == NAMES]


def _read(vault: Vault, path: Path) -> Pending | None:
    """Read what an upload announced; nothing where the file is not one we left there."""
    try:
        if path.is_symlink() or path.stat().st_size > 2 * MOST_BYTES:
            return None
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        file_id = header[len(MAGIC) :]
        with open_sealed(SealedFile(str(path), _key(vault, file_id), file_id)) as file:
            told: dict[str, Any] = json.loads(file.read())
    except (OSError, Damaged):
        return None
    if _path(vault, told["upload"]) != path:
        return None
    names = tuple((name, size) for name, size in told["names"])
    came = _marks(path.with_suffix(CAME))
    missing = tuple(one for one in names if _mark(vault, *one) not in came)
    return Pending(told["upload"], told["announced"], names, missing)


def _mark(vault: Vault, name: str, size: int) -> bytes:
    what = f"came\n{size}\n{name}".encode("utf-8", "surrogatepass")
    return hmac.digest(vault.keys.names, what, "sha256")[:MARK_BYTES]


def _marks(path: Path) -> set[bytes]:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_MARKS * MARK_BYTES)
    except OSError:
        return set()
    return {data[at : at + MARK_BYTES] for at in range(0, len(data), MARK_BYTES)}


def _add_marks(vault: Vault, path: Path, marks: bytes) -> None:
    descriptor = vault.disk.open_end(path)
    try:
        size = os.lseek(descriptor, 0, os.SEEK_END)
        if size + len(marks) <= MOST_MARKS * MARK_BYTES:
            os.lseek(descriptor, size - size % MARK_BYTES, os.SEEK_SET)
            vault.disk.write(descriptor, marks)
    finally:
        os.close(descriptor)

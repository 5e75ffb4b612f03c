# SPDX-License-Identifier: Apache-2.0
"""Receiving: a bundle, or a signed head, that somebody brings to be looked at.

Rules enforced here:

* what comes in lies encrypted and nameless in the case folder (`Sheet`) while it is looked at, and
  nowhere else; nothing of it is added to the case;
* what is neither is refused at its first bytes; what would fill the disk is refused while it
  comes in;
* the words of the answer are the verifier's own.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from zipfile import BadZipFile, ZipFile

from standfast.dossier.verifier import verify
from standfast.errors import InputUnreadable, TooLarge
from standfast.i18n import _, language
from standfast.vault.note import fingerprint
from standfast.vault.opening import NOTE_LIMIT
from standfast.vault.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.vault.check import CaseReport

BUNDLE, HEAD = "bundle", "head"
ZIP_BEGINS = b"PK\x03\x04"
SEALED_BEGINS = b"age-encryption.org/"
NOTE_BEGINS = b"standfast/"
MOST_BYTES = 1 << 38
KEPT_FREE = 1 << 29
"""So much room stays free on the disk of the case, whatever comes in."""
LOOK_EVERY = 1 << 26
HEAD_NAME = "bundle/proof/head.note"


@dataclass(frozen=True, slots=True)
class Brought:
    """Something that was brought: ``kind`` is ``bundle`` or ``head``."""

    kind: str
    sheet: Sheet


@dataclass(frozen=True, slots=True)
class Judged:
    """What the verifier says of a bundle.

    Attributes:
        verdict: ``genuine``, ``genuine_partial``, ``altered`` or ``cannot_tell``.
        lines: the whole answer in its words; a detail begins with two spaces.
        timestamp: ``stated``, ``broken`` or ``none``.
        own: whether it says that it comes from the case that is open.
    """

    verdict: str
    lines: tuple[str, ...]
    timestamp: str
    own: bool

    @property
    def genuine(self) -> bool:
        """Say whether it is what was sealed."""
        return self.verdict.startswith("genuine")

    @property
    def details(self) -> tuple[str, ...]:
        """Give what differs, one line each."""
        return tuple(line.removeprefix("  - ") for line in self.lines if line.startswith("  "))


@dataclass(frozen=True, slots=True)
class CaseChecked:
    """What was found in the case folder, and the fingerprint of the case's key."""

    report: CaseReport
    fingerprint: str


def receive(desk: Desk, parts: Iterable[bytes]) -> Brought:
    """Take in a bundle or a signed head as it streams in.

    Raises:
        InputUnreadable: it is neither. TooLarge: the disk of the case has no room for it.
        StorageFailed: the disk refused.
    """
    sheet = Sheet.of(desk.vault, lambda: _("Looking at the file"))
    begun, kind, looked = b"", "", 0
    for part in parts:
        if not kind:
            begun += part
            if len(begun) < len(SEALED_BEGINS):
                continue
            kind, part = _kind(begun), begun  # noqa: PLW2901 - the parts so far are one part
        if sheet.size + len(part) >= looked:
            _must_fit(desk.vault.folder, sheet.size)
            looked = sheet.size + LOOK_EVERY
        sheet.write(part)
    if not kind or (kind == HEAD and sheet.size > NOTE_LIMIT):
        raise _neither()
    return Brought(kind, sheet.finish())


def _kind(begun: bytes) -> str:
    if begun.startswith(ZIP_BEGINS):
        return BUNDLE
    if begun.startswith(NOTE_BEGINS):
        return HEAD
    if begun.startswith(SEALED_BEGINS):
        raise InputUnreadable(
            _("This file is encrypted for somebody (age), so nothing in it can be checked here."),
            hint=_("Whom it was made for can open it and check the bundle inside."),
        )
    raise _neither()


def _neither() -> InputUnreadable:
    return InputUnreadable(
        _("This is neither a bundle nor a signed head. Nothing was changed."),
        hint=_("Give a bundle (zip) or the file proof/head.note out of one."),
    )


def _must_fit(folder: Path, size: int) -> None:
    if size > MOST_BYTES or shutil.disk_usage(folder).free < KEPT_FREE:
        raise TooLarge(
            _("There is not enough room on the disk to look at this file. Nothing was changed."),
            hint=_("Free some space, or open verify.html out of the bundle in a browser."),
        )


def judge(desk: Desk, brought: Brought, progress: Progress) -> Judged:
    """Have the verifier judge a bundle that was brought."""
    progress.start(_("Checking the bundle"), brought.sheet.size)
    with brought.sheet.open() as file:
        verdict = verify.check_bundle(_Watched(file, progress))  # type: ignore[arg-type]  # it only reads
    code = language()
    told = verdict.as_json(code)
    return Judged(
        verdict.verdict, tuple(verdict.text(code).split("\n")), told["timestamp"]["state"],
        own=bool(told["case"]) and told["case"] == desk.vault.case_id,
    )  # fmt: skip


class _Watched:
    """A file whose reading is progress, so that it can be stopped."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file = file
        self._progress = progress

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress.step(len(data))
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)


def head_of(brought: Brought) -> bytes:
    """Give the signed head in something that was brought.

    Raises:
        InputUnreadable: there is none in it.
    """
    if brought.kind == HEAD:
        return b"".join(_first(brought.sheet.parts()))
    try:
        with brought.sheet.open() as file, ZipFile(file) as bundle, bundle.open(HEAD_NAME) as note:
            return note.read(NOTE_LIMIT)
    except (
        BadZipFile,
        KeyError,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
    ) as problem:
        raise _neither() from problem


def check_case(desk: Desk, heads: Sequence[bytes], progress: Progress) -> CaseChecked:
    """Read the whole case and compare it with its log, and with heads known from elsewhere."""
    return CaseChecked(desk.verify(heads, progress), fingerprint(desk.vault.keys.public))


def _first(parts: Iterator[bytes]) -> Iterator[bytes]:
    left = NOTE_LIMIT
    for part in parts:
        yield part[:left]
        left = max(0, left - len(part))

# SPDX-License-Identifier: Apache-2.0
"""Adding originals: keep first, read second.

Rules enforced here:

* every byte is kept and committed before anything tries to understand it;
* files are committed in groups, so a folder of thousands costs few flushes; an interruption loses
  at most the group under way, and adding the same again goes on where it stopped;
* links are not followed and devices not opened; what was left out is said, file by file.
"""

from __future__ import annotations

import mimetypes
import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from standfast.errors import InputUnreadable
from standfast.i18n import _
from standfast.sources.reading import Reader
from standfast.timeline.segments import Nearby, read_item
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.timeline.state import Item
    from standfast.vault.case import Kept

GROUP_FILES = 64
GROUP_BYTES = 256 << 20
PART = 1 << 20
FILE_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file.

    ``outcome`` is ``kept``, ``known`` (its very bytes were in the case already) or ``left_out``
    (with a sentence in ``reason``). ``format`` and the counts are of its reading.
    """

    path: str
    outcome: str
    sha256: str = ""
    size: int = 0
    number: int = 0
    format: str = ""
    events: int = 0
    unreadable: int = 0
    questions: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of everything that was added."""

    files: tuple[Added, ...] = ()

    @property
    def left_out(self) -> tuple[Added, ...]:
        """Give the files that could not be taken in."""
        return tuple(one for one in self.files if one.outcome == "left_out")


@dataclass(slots=True)
class FoundFile:
    """A file to take in, and where it lay."""

    path: Path
    shown: str
    folder: str
    size: int = 0
    problem: str = ""


@dataclass(slots=True)
class _Group:
    """Files that lie in the folder and wait for their entries."""

    kept: list[tuple[FoundFile, Kept]] = field(default_factory=list)
    bytes: int = 0

    @property
    def full(self) -> bool:
        return len(self.kept) >= GROUP_FILES or self.bytes >= GROUP_BYTES


def add(desk: Desk, paths: Sequence[Path], progress: Progress, *, forced: str = "") -> AddReport:
    """Keep files and folders, then read what is readable.

    Raises:
        InputUnreadable: a path does not exist; nothing was added.
    """
    found = list(files_below(paths))
    progress.start(_("Keeping"), sum(one.size for one in found))
    outcomes: dict[str, Added] = {}
    fresh: list[str] = []
    group = _Group()
    for one in found:
        if one.problem:
            outcomes[one.shown] = Added(one.shown, "left_out", reason=one.problem)
            continue
        try:
            kept = desk.vault.keep(_parts(one.path, progress))
        except _SourceFailed as problem:
            outcomes[one.shown] = Added(one.shown, "left_out", reason=str(problem))
            continue
        twice = any(kept.sha256 == other.sha256 for _one, other in group.kept)
        outcomes[one.shown] = Added(
            one.shown, "known" if kept.known or twice else "kept", kept.sha256, kept.size
        )
        if not kept.known and not twice:
            fresh.append(kept.sha256)
            group.kept.append((one, kept))
            group.bytes += kept.size
        if group.full:
            _commit(desk, group)
            group = _Group()
    _commit(desk, group)
    unread = [item for item in desk.state.items if _needs_reading(desk, item)]
    read(desk, [*dict.fromkeys([*fresh, *unread])], progress, forced=forced)
    asked = Counter(one.item for one in desk.questions())
    return AddReport(tuple(_outcome(desk, outcomes[one.shown], asked) for one in found))


def read(desk: Desk, items: Sequence[str], progress: Progress, *, forced: str = "") -> None:
    """Read items through the bounded worker and commit what was read."""
    known = [desk.state.items[item] for item in items]
    progress.start(_("Reading"), sum(item.size for item in known))
    with Reader() as reader:
        drafts: list[Draft] = []
        for item in known:
            drafts.append(
                read_item(
                    desk.vault,
                    reader,
                    item,
                    desk.state.options(item.sha256),
                    _nearby(desk, item),
                    forced=forced,
                )
            )
            progress.step(item.size)
            if len(drafts) >= GROUP_FILES:
                desk.append(*drafts)
                drafts = []
        if drafts:
            desk.append(*drafts)


def _needs_reading(desk: Desk, item: str) -> bool:
    return item not in desk.state.readings and not desk.state.items[item].erased


def _nearby(desk: Desk, item: Item) -> Nearby:
    if not item.folder:
        return Nearby()
    beside = [one for one in desk.state.items.values() if one.folder == item.folder]
    container = item.folder.rsplit("/", 1)[-1]
    return Nearby(container, {one.name: one.size for one in beside if one is not item})


def _commit(desk: Desk, group: _Group) -> None:
    if group.kept:
        desk.append(*(Draft(kinds.ITEM, _facts(one, kept)) for one, kept in group.kept))


def _facts(found: FoundFile, kept: Kept) -> dict[str, Any]:
    return {
        "sha256": kept.sha256,
        "size": kept.size,
        "file_id": kept.file_id,
        "name": found.path.name,
        "folder": found.folder,
        "media_type": mimetypes.guess_type(found.path.name)[0] or "application/octet-stream",
        "modified": _modified(found.path),
    }


def _modified(path: Path) -> str:
    """Give the file's own date on the disk it came from: a fact, and no proof of anything."""
    try:
        return stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (OSError, ValueError, OverflowError):
        return ""


def _outcome(desk: Desk, added: Added, asked: Counter[str]) -> Added:
    if added.outcome == "left_out":
        return added
    item = desk.state.items[added.sha256]
    reading = desk.state.readings.get(added.sha256)
    if reading is None:
        return added
    coverage = reading.coverage
    return Added(
        added.path, added.outcome, added.sha256, added.size, item.number, reading.format,
        reading.events, coverage["unreadable_total"], asked[added.sha256], added.reason,
    )  # fmt: skip


class _SourceFailed(Exception):
    """The file to take in could not be read from its own disk."""


def _parts(path: Path, progress: Progress) -> Iterator[bytes]:
    try:
        with path.open("rb", buffering=0) as file:
            while part := file.read(PART):
                progress.step(len(part))
                yield part
    except OSError as problem:
        message = _("It cannot be read: {reason}.").format(reason=problem.strerror or problem)
        raise _SourceFailed(message) from problem


def files_below(paths: Sequence[Path]) -> Iterator[FoundFile]:
    """Find the files in paths and in folders below them; links are not followed.

    Raises:
        InputUnreadable: a path does not exist, or there are far too many files.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise InputUnreadable(
                _("There is no file or folder named {name}. Nothing was added.").format(
                    name=path.name
                ),
                hint=_("Check the name, or drag the file into the window to get its path."),
            )
    count = 0
    for path in paths:
        for found in _below(path, path.parent):
            count += 1
            if count > FILE_LIMIT:
                raise InputUnreadable(
                    _("These folders hold more than {count} files.").format(count=FILE_LIMIT),
                    hint=_("Add smaller folders one after the other."),
                )
            yield found


def _below(path: Path, root: Path) -> Iterator[FoundFile]:
    shown = str(path)
    folder = "" if path.parent == root else path.parent.relative_to(root).as_posix()
    try:
        facts = path.lstat()
    except OSError as problem:
        reason = _("It cannot be read: {reason}.").format(reason=problem.strerror or problem)
        yield FoundFile(path, shown, folder, problem=reason)
        return
    if stat.S_ISDIR(facts.st_mode):
        for below in sorted(path.iterdir()):
            yield from _below(below, root)
    elif stat.S_ISREG(facts.st_mode):
        yield FoundFile(path, shown, folder, facts.st_size)
    else:
        reason = _("It is a link or a device, not a file; add what it points to instead.")
        yield FoundFile(path, shown, folder, problem=reason)

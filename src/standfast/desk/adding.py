# SPDX-License-Identifier: Apache-2.0
"""Adding originals: keep first, read second.

Rules enforced here:

* every byte is kept and committed before anything tries to understand it;
* files are committed in groups, so a folder of thousands costs few flushes; an interruption loses
  at most the group under way, and adding the same again goes on where it stopped;
* links are not followed and devices not opened, also when a file turns into one meanwhile; what
  was left out is said, file by file;
* of a file that grows, as much is kept as there was when it was opened; that it changed is said;
* a person's choice of format holds for every later reading of the item;
* an original on which the reader was stopped is read again when it is given again.
"""

from __future__ import annotations

import mimetypes
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from standfast.desk.files import PART, FoundFile, files_below, is_other, no_access
from standfast.i18n import _
from standfast.sources.originals import open_regular
from standfast.sources.reading import NO_START, SILENT, STOPPED, Reader
from standfast.sources.tables import spelled
from standfast.timeline.segments import Nearby, read_item
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft, stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.timeline.state import Item
    from standfast.vault.case import Kept

GROUP_FILES = 64
GROUP_BYTES = 256 << 20
GROUP_DRAFTS = 2 * GROUP_FILES
AGAIN = frozenset({NO_START, SILENT, STOPPED})
"""Why a reading ended that may well end better the next time."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file.

    ``outcome`` is ``kept``, ``known`` (its very bytes were in the case already) or ``left_out``
    (with a sentence in ``reason``). ``format`` and the counts are of its reading. Of a file that
    was kept, ``reason`` says why nothing in it could be read, or that it changed meanwhile.
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

    @property
    def in_doubt(self) -> tuple[Added, ...]:
        """Give the files that were kept, and about which there is something to say."""
        return tuple(one for one in self.files if one.reason and one.outcome != "left_out")


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
    group = _Group()
    for one in found:
        outcomes[one.shown] = _keep(desk, one, group, progress)
        if group.full:
            _commit(desk, group)
            group = _Group()
    _commit(desk, group)
    given = {one.sha256 for one in outcomes.values() if one.sha256}
    unread = [item for item in desk.state.items if _needs_reading(desk, item, given)]
    read(desk, unread, progress, forced=forced)
    asked = Counter(one.item for one in desk.questions())
    return AddReport(tuple(_outcome(desk, outcomes[one.shown], asked) for one in found))


def _keep(desk: Desk, one: FoundFile, group: _Group, progress: Progress) -> Added:
    if one.problem:
        return Added(one.shown, "left_out", reason=one.problem)
    try:
        kept = desk.vault.keep(_parts(one, progress))
    except _SourceFailed as problem:
        return Added(one.shown, "left_out", reason=str(problem))
    known = kept.known or any(kept.sha256 == other.sha256 for _one, other in group.kept)
    if not known:
        group.kept.append((one, kept))
        group.bytes += kept.size
    reason = ""
    if one.changed:
        reason = _("It changed while it was being taken in; what was read then is kept.")
    return Added(one.shown, "known" if known else "kept", kept.sha256, kept.size, reason=reason)


def read(desk: Desk, items: Sequence[str], progress: Progress, *, forced: str = "") -> None:
    """Read items through the bounded worker and commit what was read."""
    known = [desk.state.items[item] for item in items]
    progress.start(_("Reading"), sum(item.size for item in known))
    beside = Beside(desk)
    with Reader() as reader:
        drafts: list[Draft] = []
        for item in known:
            options, nearby = desk.state.options(item.sha256), beside.nearby(item)
            wanted = forced or beside.forced(item)
            drafts += read_item(desk.vault, reader, item, options, nearby, forced=wanted)
            progress.step(item.size)
            if len(drafts) >= GROUP_DRAFTS:
                desk.append(*drafts)
                drafts = []
        if drafts:
            desk.append(*drafts)


def _needs_reading(desk: Desk, item: str, given: Collection[str]) -> bool:
    """Say whether nothing has read an item yet, or was stopped on it and it is given again."""
    if desk.state.items[item].erased:
        return False
    reading = desk.state.readings.get(item)
    if reading is None:
        return True
    trouble = reading.coverage["unreadable"]
    stopped = not reading.format and any(one["reason"] in AGAIN for one in trouble)
    return stopped and item in given


class Beside:
    """What lies beside each item of a case: worked out once for all of them."""

    def __init__(self, desk: Desk) -> None:
        """Sort the items by the folder each came from."""
        self._readings = desk.state.readings
        self._folders: dict[str, dict[str, int]] = {}
        for item in desk.state.items.values():
            self._folders.setdefault(item.folder, {})[item.name] = item.size

    def nearby(self, item: Item) -> Nearby:
        """Give the folder an item came from and everything in it, the item as well."""
        if not item.folder:
            return Nearby()
        return Nearby(item.folder.rsplit("/", 1)[-1], self._folders[item.folder])

    def forced(self, item: Item) -> str:
        """Give the format the person once chose for an item, empty for none."""
        before = self._readings.get(item.sha256)
        return before.forced if before else ""


def _commit(desk: Desk, group: _Group) -> None:
    if group.kept:
        desk.append(*(Draft(kinds.ITEM, _facts(one, kept)) for one, kept in group.kept))


def _facts(found: FoundFile, kept: Kept) -> dict[str, Any]:
    return {
        "sha256": kept.sha256,
        "size": kept.size,
        "file_id": kept.file_id,
        "name": spelled(found.path.name),
        "folder": spelled(found.folder),
        "media_type": mimetypes.guess_type(found.path.name)[0] or "application/octet-stream",
        "modified": _modified(found.path),
    }


def _modified(path: Path) -> str:
    """Give the file's own date on the disk it came from: a fact, and no proof of anything."""
    try:
        return stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (OSError, ValueError, OverflowError):
        return ""


def _outcome(desk: Desk, added: Added, asked: Mapping[str, int]) -> Added:
    if added.outcome == "left_out":
        return added
    item = desk.state.items[added.sha256]
    reading = desk.state.readings.get(added.sha256)
    if reading is None:
        return replace(added, number=item.number)
    coverage = reading.coverage
    reason = added.reason
    if not reason and not reading.events and coverage["unreadable"]:
        reason = coverage["unreadable"][0]["detail"]
    return replace(
        added,
        number=item.number,
        format=reading.format,
        events=reading.events,
        unreadable=coverage["unreadable_total"],
        questions=asked.get(added.sha256, 0),
        reason=reason,
    )


class _SourceFailed(Exception):
    """The file to take in could not be read from its own disk."""


def _parts(found: FoundFile, progress: Progress) -> Iterator[bytes]:
    """Read a file as far as it went when it was opened, and note whether it changed."""
    try:
        with open_regular(found.path) as file:
            before = os.fstat(file.fileno())
            left = before.st_size
            while part := file.read(min(PART, left)):
                left -= len(part)
                progress.step(len(part))
                yield part
            found.changed = bool(left) or is_other(before, os.fstat(file.fileno()))
    except OSError as problem:
        raise _SourceFailed(no_access(problem)) from problem

# SPDX-License-Identifier: Apache-2.0
"""Adding files that lie on this computer: found, taken in, read.

Rules enforced here:

* links are not followed and devices not opened, also when a file turns into one meanwhile; what
  was left out is said, file by file;
* of a file that grows, as much is kept as there was when it was opened; that it changed is said.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from standfast.desk import unread
from standfast.desk.files import PART, FoundFile, files_below, is_other, no_access
from standfast.desk.taking import (
    Added,
    AddReport,
    Arrival,
    Arrivals,
    outcome,
    questions_by_item,
)
from standfast.i18n import _
from standfast.sources.originals import open_regular
from standfast.vault.entry import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress


def add(desk: Desk, paths: Sequence[Path], progress: Progress, *, forced: str = "") -> AddReport:
    """Keep files and folders, then read what is readable.

    Raises:
        InputUnreadable: a path does not exist; nothing was added.
    """
    found = list(files_below(paths))
    progress.start(_("Keeping"), sum(one.size for one in found))
    outcomes: dict[str, Added] = {}
    group = Arrivals(desk)
    for one in found:
        outcomes[one.shown] = _keep(one, group, progress)
        if group.full:
            group.commit()
    group.commit()
    given = {one.sha256 for one in outcomes.values() if one.sha256}
    unread.read(desk, unread.unread(desk, given), progress, forced=forced)
    asked = questions_by_item(desk)
    return AddReport(tuple(outcome(desk, outcomes[one.shown], asked) for one in found))


def _keep(one: FoundFile, group: Arrivals, progress: Progress) -> Added:
    if one.problem:
        return Added(one.shown, "left_out", reason=one.problem)
    arrival = Arrival(one.shown, one.path.name, one.folder, _modified(one.path))
    try:
        added = group.keep(arrival, _parts(one, progress))
    except _SourceFailed as problem:
        return Added(one.shown, "left_out", reason=str(problem))
    if one.changed:
        why = _("It changed while it was being taken in; what was read then is kept.")
        return replace(added, reason=why)
    return added


def _modified(path: Path) -> str:
    """Give the file's own date on the disk it came from: a fact, and no proof of anything."""
    try:
        return stamp(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    except (OSError, ValueError, OverflowError):
        return ""


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

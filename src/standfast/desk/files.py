# SPDX-License-Identifier: Apache-2.0
"""Files on this computer's disk, as a person names them: found, and looked at before reading.

Links are not followed and devices not opened; what is left out is said with its reason.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.errors import InputUnreadable
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PART = 1 << 20
FILE_LIMIT = 200_000
SHELF = re.compile(r"/[0-9a-f]{2}$")


@dataclass(slots=True)
class FoundFile:
    """A file to take in, and where it lay."""

    path: Path
    shown: str
    folder: str
    size: int = 0
    problem: str = ""
    changed: bool = False


def shelf(folder: str) -> str:
    """Give the folder whose files count as lying together.

    An iPhone's backup spreads its files over folders of two digits, each file named by a hash.
    """
    return SHELF.sub("", folder)


def is_other(before: os.stat_result, after: os.stat_result) -> bool:
    """Say whether a file is another one, or was written to, between two looks at it."""
    facts = ("st_size", "st_mtime_ns", "st_ino", "st_dev")
    return any(getattr(before, name) != getattr(after, name) for name in facts)


def no_access(problem: OSError) -> str:
    """Word why a file cannot be read."""
    return _("It cannot be read: {reason}.").format(reason=problem.strerror or problem)


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
        for found in _below(path):
            count += 1
            if count > FILE_LIMIT:
                raise InputUnreadable(
                    _("These folders hold more than {count} files.").format(count=FILE_LIMIT),
                    hint=_("Add smaller folders one after the other."),
                )
            yield found


def _below(start: Path) -> Iterator[FoundFile]:
    """Find the files in a folder of any depth, in the order of their names."""
    if start.name in {"", ".."}:  # "." too: it has no name of its own
        start = start.absolute().resolve()
    root, waiting = start.parent, [start]
    while waiting:
        path = waiting.pop()
        found = FoundFile(path, str(path), "")
        if path != start:
            found.folder = path.parent.relative_to(root).as_posix()
        try:
            facts = path.lstat()
            if stat.S_ISDIR(facts.st_mode):
                waiting += sorted(path.iterdir(), reverse=True)
                continue
        except OSError as problem:
            found.problem = no_access(problem)
        else:
            found.size = facts.st_size
            if not stat.S_ISREG(facts.st_mode):
                found.problem = _(
                    "It is a link or a device, not a file; add what it points to instead."
                )
        yield found

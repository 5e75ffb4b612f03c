# SPDX-License-Identifier: Apache-2.0
"""Files handed over: each appears under its name whole, or not at all.

Rules enforced here:

* nothing that lies there already is replaced;
* a file is written beside its name, flushed, and named when all of them are there; whatever goes
  wrong, or interrupts, nothing half-written is left behind.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING

from standfast.errors import WrongUsage
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from standfast.vault.storage import Disk


def must_be_new(path: Path) -> None:
    """Refuse a name that is taken, or a folder that is not there.

    Raises:
        WrongUsage: nothing was written.
    """
    if os.path.lexists(path):
        raise WrongUsage(
            _("{name} exists already. Nothing was written.").format(name=path.name),
            hint=_("Choose another name for it."),
        )
    if not path.parent.is_dir():
        raise WrongUsage(
            _("There is no folder {name}. Nothing was written.").format(name=path.parent.name),
            hint=_("Make the folder first, or choose another one."),
        )


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a name for writing beside ``path``; whatever lies there at the end is removed."""
    scratch = path.with_name(f"{path.name}.{token_hex(4)}.partial")
    try:
        yield scratch
    finally:
        with suppress(OSError):  # a stick that was pulled out: nothing can be done
            scratch.unlink(missing_ok=True)


def place_all(disk: Disk, files: Sequence[tuple[Path, bytes]]) -> None:
    """Write files and name them in this order, when all of them are there.

    Raises:
        WrongUsage: a name is taken.
        OSError: the disk refused; none of them is there.
    """
    if not files:
        return
    (path, data), *rest = files
    with beside(path) as scratch:
        descriptor = disk.create(scratch)
        try:
            disk.write(descriptor, data)
            disk.flush(descriptor)
        finally:
            os.close(descriptor)
        place_all(disk, rest)
        must_be_new(path)
        disk.rename(scratch, path)

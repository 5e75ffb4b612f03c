# SPDX-License-Identifier: Apache-2.0
"""A mailbox beside the standard library's reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from make_mbox import write
from measuring import against, bare, ours, thousands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Bench, Row

BAR = 1 / 3
FULL = 200_000


def rows(bench: Bench) -> Iterator[Row]:
    """Measure a small mailbox and, unless in haste, a large one."""
    for count in (20_000,) if bench.quick else (20_000, FULL):
        path = bench.folder / f"{count}.mbox"
        if not path.exists():
            write(count, path)
        bar = BAR if count == FULL else None
        theirs = bare("bare_mailbox.py", path)
        read = ours("read", path)
        yield against("read a mailbox", thousands(count), read, "mailbox.mbox", theirs, bar=bar)

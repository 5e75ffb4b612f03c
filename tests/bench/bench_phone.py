# SPDX-License-Identifier: Apache-2.0
"""A phone backup in XML beside expat alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from make_sms import write
from measuring import against, bare, ours, thousands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Bench, Row


def rows(bench: Bench) -> Iterator[Row]:
    """Measure one size, or a larger one too."""
    for count in (10_000,) if bench.quick else (10_000, 100_000):
        path = bench.folder / f"sms-{count}.xml"
        if not path.exists():
            write(count, path)
        theirs = bare("bare_expat.py", path)
        read = ours("read", path)
        yield against("read a phone backup", thousands(count), read, "expat alone", theirs)

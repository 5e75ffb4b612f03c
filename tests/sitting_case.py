# SPDX-License-Identifier: Apache-2.0
"""What tests of a sitting share."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from standfast.desk import Desk


def noting(text: str) -> Callable[[Desk], int]:
    """Give work that writes a note."""
    return lambda desk: desk.note(text)


def until(holds: Callable[[], object], *, seconds: float = 120.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.01)

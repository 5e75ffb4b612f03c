# SPDX-License-Identifier: Apache-2.0
"""A bug of ours, told to whoever started the server, without anything that was worked on."""

from __future__ import annotations

import sys
from contextlib import suppress

from standfast.errors import places_of


def tell_bug(bug: BaseException) -> None:
    """Name places in the program on standard error, no content; a closed terminal is no problem."""
    with suppress(OSError, ValueError):
        sys.stderr.write("\n".join(places_of(bug)) + "\n")

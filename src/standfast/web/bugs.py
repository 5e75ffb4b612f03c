# SPDX-License-Identifier: Apache-2.0
"""A bug of ours, told to whoever started the server, without anything that was worked on."""

from __future__ import annotations

import sys

from standfast.errors import places_of


def tell_bug(bug: BaseException) -> None:
    """Name places in the program on standard error, no content."""
    sys.stderr.write("\n".join(places_of(bug)) + "\n")

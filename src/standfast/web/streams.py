# SPDX-License-Identifier: Apache-2.0
"""Whether a body that streams in came from one of our pages, before a page is given any of it.

Rules enforced here:

* a script of ours says the session's token in a header;
* a form without scripts has it as its first field (as ``csrf()`` writes it), so that nothing of the
  body has to be kept to find it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from standfast.web.visit import Visit

FIRST_BYTES = 1024
FIRST_FIELD = re.compile(
    rb"--[^\r\n]{1,70}\r\n"
    rb'content-disposition: *form-data; *name="form"\r\n\r\n'
    rb"([0-9a-f]{64})\r\n",
    re.IGNORECASE,
)


async def proven(visit: Visit, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes] | None:
    """Give the whole body again if it came from one of our pages, else ``None``."""
    given = visit.headers.get("x-form", "")
    if given or visit.method != "POST":
        return stream if visit.session.fits(given) else None
    first = b""
    async for part in stream:
        first += part
        if len(first) >= FIRST_BYTES:
            break
    found = FIRST_FIELD.match(first)
    if found is None or not visit.session.fits(found[1].decode("ascii")):
        return None
    return _again(first, stream)


async def _again(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part

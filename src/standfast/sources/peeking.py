# SPDX-License-Identifier: Apache-2.0
"""Looking at one place of an original: a stretch of its bytes, or a picture in it.

Rules enforced here:

* this runs in the bounded worker alone, within its limits for archives;
* bytes are given as they stand in the file the event names, unpacked and nothing else;
* of a picture only what `small_view` draws anew is given.
"""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any

from standfast.sources.attached import MOST_BYTES, attached
from standfast.sources.originals import Allowance, Found, Original, member_at
from standfast.sources.viewing import small_view

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.sources.limits import Limits


class NotThere(ValueError):
    """The original has no such member, or the event carries no such file."""


class Peek:
    """One look at an original."""

    def __init__(self, source: Original, request: Mapping[str, Any], limits: Limits) -> None:
        """Find the file that is wanted.

        Raises:
            NotThere: the original has no such member.
            MemberBroken: an archive on the way cannot be unpacked.
        """
        self._file: Found = source
        if path := request.get("member"):
            allowance = Allowance.of(source.size, limits)
            member = member_at(source, path, limits, allowance)
            if member is None:
                raise NotThere
            self._file = member
        self._spans: list[tuple[int, int]] = request.get("spans", [])
        self._attached: str = request.get("attached", "")

    def stretches(self) -> Iterator[bytes]:
        """Give the bytes of each span, fewer where the file ends."""
        for start, end in self._spans:
            with self._file.open() as file:
                file.seek(start)
                yield file.read(end - start)

    def view(self) -> bytes:
        """Draw the picture that is the file, or that stands within a span of it.

        Raises:
            NotThere: no such file stands there, or the span is far too long to look through.
            NotViewable: it cannot be drawn.
        """
        if not self._attached:
            return small_view(self._file.open)
        if any(end - start > MOST_BYTES for start, end in self._spans):
            raise NotThere
        for event in self.stretches():
            content = attached(event, self._attached)
            if content is not None:
                return small_view(partial(io.BytesIO, content))
        raise NotThere

# SPDX-License-Identifier: Apache-2.0
"""UTF-16: an export that a Windows program has saved anew.

Rules enforced here:

* the text is read as UTF-8 like any other, and every span is measured back into the bytes of the
  original, so that a span still cuts out exactly its message;
* the whole text is held in memory, therefore no more than `LARGEST` bytes; a larger file is
  `Unreadable` as a whole, never half.
"""

from __future__ import annotations

import codecs
import io
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.model.event import EventBatch, Framing, Locator, Unreadable
from standfast.sources.whatsapp_text.pieces import character_start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from standfast.model.event import Yield
    from standfast.sources import Options, Source

    Read = Callable[[Source, Options, Callable[[], BinaryIO]], Iterator[Yield]]

LARGEST = 32 << 20
STEP = 1 << 10
BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
NAMES = frozenset({"utf-16", "utf-16-le", "utf-16-be"})


def is_wide(head: bytes, stated: str) -> bool:
    """Tell whether a file is UTF-16, by its byte order mark or because the person said so."""
    return head[:2] in BOMS or stated.lower() in NAMES


class Wide:
    """A UTF-16 original, seen as UTF-8."""

    def __init__(self, source: Source, options: Options) -> None:
        """Hold what is needed to read it."""
        self._source = source
        self._options = replace(options, encoding="")
        with source.open() as stream:
            head = stream.read(2)
        stated = options.encoding.lower()
        self._encoding = BOMS.get(head) or (stated if stated != "utf-16" else "utf-16-le")
        self._bom = 2 if head in BOMS else 0
        self._text = b""
        self._marks: list[tuple[int, int]] = [(0, self._bom)]

    def read(self, read: Read) -> Iterator[Yield]:
        """Yield what reading the text as UTF-8 yields, with spans in the original's bytes."""
        source = self._source
        if source.size > LARGEST:
            detail = _("This file is written in UTF-16 and is too large to be read in that form.")
            yield Unreadable("bad_encoding", detail, Locator(source.path, 0, source.size))
            return
        with source.open() as stream:
            raw = stream.read(LARGEST + 1)
        if self._bom:
            yield Framing(0, self._bom, source.path)
        odd = (len(raw) - self._bom) % 2
        text = raw[self._bom : len(raw) - odd].decode(self._encoding, "surrogatepass")
        self._text = text.encode("utf-8", "surrogatepass")
        self._measure()
        for each in read(source, self._options, lambda: io.BytesIO(self._text)):
            yield self._moved(each)
        if odd:
            detail = _("The file ends in the middle of a character.")
            yield Unreadable("bad_encoding", detail, Locator(source.path, len(raw) - 1, len(raw)))

    def _measure(self) -> None:
        place = 0
        while place + STEP < len(self._text):
            after = character_start(self._text, place + STEP)
            self._marks.append((after, self._marks[-1][1] + self._width(place, after)))
            place = after

    def _width(self, start: int, end: int) -> int:
        part = self._text[start:end].decode("utf-8", "surrogatepass")
        return len(part.encode(self._encoding, "surrogatepass"))

    def _at(self, place: int) -> int:
        known, width = self._marks[bisect_right(self._marks, (place, 1 << 62)) - 1]
        return width + self._width(known, place)

    def _moved(self, each: Yield) -> Yield:
        if isinstance(each, Framing):
            return Framing(self._at(each.start), self._at(each.end), each.path)
        if isinstance(each, Unreadable):
            span = each.locator
            locator = replace(span, start=self._at(span.start), end=self._at(span.end))
            return replace(each, locator=locator)
        if isinstance(each, EventBatch):
            columns = dict(each.columns)
            for name in ("start", "end"):
                places = columns[name]
                if isinstance(places, list):
                    columns[name] = [self._at(place) for place in places]
            return EventBatch(each.rows, columns)
        return each

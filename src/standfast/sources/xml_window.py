# SPDX-License-Identifier: Apache-2.0
"""A sliding window over an XML file, in bytes, that knows where in the original it stands.

Rules enforced here:

* an 8-bit file is looked at as it is, byte for byte: nothing is replaced, so an index in the
  window is an offset in the original;
* a UTF-16 file is looked at as UTF-8, and every index is counted back to its original offset;
* the window holds one chunk, or one tag of at most `MAX_TAG` bytes: memory does not grow with
  the file.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from standfast.sources.xml_text import SINGLE_BYTE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

CHUNK: Final = 1 << 18
MAX_TAG: Final = 8 << 20
"""The longest tag that is read; an attachment's data may be longer and is streamed."""

HEAD: Final = 256
"""How many bytes are looked at for the encoding."""
CONTINUATION: Final = 0x80

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_SPACE: Final = re.compile(rb"[ \t\r\n]*+")


def encoding_of(head: bytes, chosen: str = "") -> tuple[str, int]:
    """Tell the encoding of a file and the length of its byte order mark.

    A mark decides, then what the person chose, then the shape of the first two bytes, then the
    declaration (XML 1.0, appendix F); an encoding nobody knows is read as UTF-8.
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, len(mark)
    declared = _DECLARED.match(head)
    wide = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(head[:2], "")
    said = chosen or wide or (declared[1].decode("ascii") if declared else "utf-8")
    try:
        name = codecs.lookup(said).name
    except LookupError:
        name = "utf-8"
    known = SINGLE_BYTE | ({"utf-16-le", "utf-16-be"} if chosen or wide else frozenset())
    return (name if name in known else "utf-8"), 0


class Window:
    """Bytes of a file around a position.

    Attributes:
        data: what can be seen; always UTF-8 or the file's own 8-bit encoding.
        pos: index in ``data`` of the next byte to look at; only its owner moves it.
        encoding: how ``data`` is to be decoded.
        dropped: how many bytes of ``data`` have been let go of.
        ended: whether ``data`` reaches to the end of the file.
    """

    def __init__(self, stream: BinaryIO, progress: Callable[[int], None], chosen: str) -> None:
        """Look at the start of a stream."""
        self._stream = stream
        self._progress = progress
        first = _read(stream, max(CHUNK, HEAD))
        name, mark = encoding_of(first, chosen)
        wide = name.startswith("utf-16")
        self.encoding = "utf-8" if wide else name
        self._wide = name if wide else ""
        self._decoder = codecs.getincrementaldecoder(name)("surrogatepass") if wide else None
        self._read = len(first)
        self._base = mark
        self._cursor = (0, mark)
        self._odd = b""
        self.ended = not first
        self.dropped = 0
        self.pos = 0
        self.data = self._seen(first[mark:])

    def more(self) -> bool:
        """Let go of everything before ``pos`` and read on; False at the end of the file."""
        if self.ended:
            return False
        self.pos = self._aligned(self.pos)
        self._base = self.offset(self.pos)
        self._cursor = (0, self._base)
        self.dropped += self.pos
        kept = self.data[self.pos :]
        raw = _read(self._stream, max(CHUNK, len(kept)))
        self._read += len(raw)
        self.ended = not raw
        self.data = kept + self._seen(raw)
        self.pos = 0
        self._progress(self._read)
        return bool(raw)

    def offset(self, index: int) -> int:
        """Give the original offset of an index in ``data``."""
        if not self._wide:
            return self._base + index
        index = self._aligned(index)
        known, offset = self._cursor if self._cursor[0] <= index else (0, self._base)
        text = self.data[known:index].decode("utf-8", "surrogatepass")
        offset += len(text.encode(self._wide, "surrogatepass"))
        self._cursor = (index, offset)
        return offset

    def here(self) -> int:
        """Give the original offset of the position."""
        return self.offset(self.pos)

    def size(self) -> int:
        """Give the count of bytes read so far: the file's size once it has ended."""
        return self._read

    def skip_space(self) -> bool:
        """Go to the next byte that is no white space; False when there is none."""
        self._past_space()
        while self.pos == len(self.data) and self.more():
            self._past_space()
        return self.pos < len(self.data)

    def _past_space(self) -> None:
        found = _SPACE.match(self.data, self.pos)
        self.pos = found.end() if found else self.pos

    def find(self, needle: bytes, start: int, limit: int) -> int:
        """Find bytes from ``pos + start`` on, within ``limit`` bytes; -1 when not there.

        The answer is an index in ``data``; ``pos`` stays on the same byte of the file.
        """
        looked = start
        while True:
            index = self.data.find(needle, self.pos + looked)
            if index >= 0:
                return index if index - self.pos <= limit else -1
            available = len(self.data) - self.pos
            if available > limit:
                return -1
            looked = max(start, available - len(needle) + 1)
            if not self.more():
                return -1

    def need(self, count: int) -> None:
        """See at least this many bytes from the position on, if the file has them."""
        while len(self.data) - self.pos < count and self.more():
            pass

    def _aligned(self, index: int) -> int:
        """Go back to the first byte of a character, where the bytes are not the original's."""
        while self._wide and index < len(self.data) and self.data[index] & 0xC0 == CONTINUATION:
            index -= 1
        return index

    def _seen(self, raw: bytes) -> bytes:
        if self._decoder is None:
            return raw
        raw = self._odd + raw
        cut = len(raw) - len(raw) % 2
        self._odd = raw[cut:]
        text = self._decoder.decode(raw[:cut], final=self.ended)
        return text.encode("utf-8", "surrogatepass")


def _read(stream: BinaryIO, count: int) -> bytes:
    """Read that many bytes, fewer only at the end."""
    data = stream.read(count)
    while data and len(data) < count and (more := stream.read(count - len(data))):
        data += more
    return data

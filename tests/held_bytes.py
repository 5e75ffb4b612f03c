# SPDX-License-Identifier: Apache-2.0
"""An original in memory, for tests that run a format in their own process."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour


@dataclass
class Held:
    """An original in memory that keeps to the protocol and notices what is done to it."""

    data: bytes
    name: str
    path: str = ""
    container: str = ""
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    times: int = 1
    opened: list[BinaryIO] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.data) * self.times

    def open(self) -> BinaryIO:
        whole = io.BytesIO(self.data) if self.times == 1 else Repeated(self.data, self.times)
        stream = io.BufferedReader(whole)  # type: ignore[arg-type]  # a raw stream in all but name
        self.opened.append(stream)
        return stream

    def progress(self, done: int) -> None:
        assert done >= 0


class Repeated(io.RawIOBase):
    """The same bytes again and again, without holding them more than once."""

    def __init__(self, data: bytes, times: int) -> None:
        super().__init__()
        self.data, self.at, self.size = data, 0, len(data) * times

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = (0, self.at, self.size)[whence] + offset
        return self.at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        within = self.at % len(self.data)
        part = self.data[within : within + min(len(view), self.size - self.at)]
        view[: len(part)] = part
        self.at += len(part)
        return len(part)

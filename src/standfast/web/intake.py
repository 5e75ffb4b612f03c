# SPDX-License-Identifier: Apache-2.0
"""A stream from the network handed to work in a thread, a few parts ahead of it and no more.

Rules enforced here:

* what is under way at any time is `AHEAD` parts, whatever the size of the file;
* a stream that breaks off breaks the work off: what is not whole is not kept.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import anyio
from anyio import from_thread, to_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

T = TypeVar("T")
PART: Final = 1 << 20
AHEAD: Final = 3


class BrokenOff(Exception):
    """The stream ended before its end."""


class Intake(Generic[T]):
    """One file on its way; use `taking`."""

    def __init__(self, work: Callable[[Iterator[bytes]], T]) -> None:
        """Name the work, which is given the parts in a thread."""
        self._work = work
        self._send, self._receive = anyio.create_memory_object_stream[bytes](AHEAD)
        self._buffer = bytearray()
        self._whole = False
        self._finished = anyio.Event()
        self._result: T | None = None
        self._problem: Exception | None = None

    async def put(self, data: bytes) -> None:
        """Hand over the next bytes; waits while the work has enough.

        Raises:
            Exception: what the work failed with.
        """
        self._buffer += data
        if len(self._buffer) >= PART:
            await self._hand_over()

    async def done(self) -> T:
        """Say that it is whole, and give what came of it.

        Raises:
            Exception: what the work failed with.
        """
        if self._buffer:
            await self._hand_over()
        self._whole = True
        self._send.close()
        await self._finished.wait()
        if self._problem is not None:
            raise self._problem
        return self._result  # type: ignore[return-value]  # it finished without a problem

    async def _hand_over(self) -> None:
        part, self._buffer = bytes(self._buffer), bytearray()
        try:
            await self._send.send(part)
        except anyio.BrokenResourceError:
            await self._finished.wait()
            raise (self._problem or BrokenOff()) from None

    async def run(self) -> None:
        """Do the work; never raises."""
        try:
            self._result = await to_thread.run_sync(self._work, self._parts())
        except Exception as problem:  # noqa: BLE001 - it is raised where the stream is read
            self._problem = problem
        finally:
            self._receive.close()
            self._finished.set()

    def close(self) -> None:
        """Take nothing more; without `done` the work is broken off."""
        self._send.close()

    def _parts(self) -> Iterator[bytes]:
        while True:
            try:
                yield from_thread.run(self._receive.receive)
            except anyio.EndOfStream:
                if not self._whole:
                    raise BrokenOff from None
                return


@asynccontextmanager
async def taking(work: Callable[[Iterator[bytes]], T]) -> AsyncIterator[Intake[T]]:
    """Run work beside a stream; it has ended when the block is left."""
    intake, failed = Intake(work), None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(intake.run)
        try:
            yield intake
        except Exception as problem:  # noqa: BLE001 - raised below, outside of the group
            failed = problem
        finally:
            intake.close()
    if failed is not None:
        raise failed

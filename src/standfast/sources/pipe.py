# SPDX-License-Identifier: Apache-2.0
"""The worker process as its parent holds it: started, asked, listened to, ended.

Rules enforced here:

* a frame is never longer than `FRAME_LIMIT` or than its original may yield, and never more than
  `AHEAD` wait to be worked on, so a worker that was taken over cannot fill the parent's memory;
* the parent never waits without a clock: asking happens beside it, listening has a time limit;
* ending a worker ends whatever it started, and waits until its pipe has run dry.
"""

from __future__ import annotations

import os
import queue
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import BinaryIO

FRAME = struct.Struct(">cI")
FRAME_LIMIT = 256 << 20
"""Bytes of one frame; the worker cuts its batches far smaller (`worker.BATCH_BYTES`)."""
AHEAD = 2
"""Frames the parent takes off the pipe before it has worked on them."""
ENDING = 10.0
"""Seconds a killed worker's pipe may take to run dry."""
NONSENSE = b"!"
"""The kind of a frame that was too long to be taken off the pipe."""
WORKER = ("-I", "-m", "standfast.sources.worker")

Frame = tuple[bytes, bytes]


class Pipe:
    """One worker process and the two pipes to it."""

    def __init__(self, arguments: tuple[str, ...] = WORKER) -> None:
        """Start it.

        Raises:
            OSError: the system refused.
        """
        self.heard = False
        self._most = [FRAME_LIMIT]
        self._frames: queue.Queue[Frame | None] = queue.Queue(AHEAD)
        self._process = subprocess.Popen(  # noqa: S603 - this Python, and a module of ours
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            bufsize=0,
            start_new_session=True,
        )
        out = self._process.stdout
        assert out is not None  # noqa: S101 - both pipes are asked for
        self._pump = threading.Thread(
            target=_pump, args=(out, self._frames, self._most), daemon=True
        )
        self._pump.start()

    @property
    def pid(self) -> int:
        """Give the number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Say whether it still runs."""
        return self._process.poll() is None

    def ask(self, request: bytes, most: int) -> None:
        """Send a request, for which a frame may have ``most`` bytes.

        A worker that does not take it in is noticed by its silence.
        """
        self._most[0] = min(FRAME_LIMIT, most)
        threading.Thread(target=self._write, args=(request,), daemon=True).start()

    def _write(self, request: bytes) -> None:
        with suppress(OSError, ValueError):  # it has ended: the next frame says so
            assert self._process.stdin is not None  # noqa: S101 - both pipes are asked for
            left = memoryview(request)
            while left:
                left = left[self._process.stdin.write(left) :]

    def frame(self, timeout: float) -> Frame | None:
        """Give the next frame, or nothing when the worker has ended.

        Raises:
            queue.Empty: there was none for so many seconds.
        """
        frame = self._frames.get(timeout=max(timeout, 0.0))
        self.heard = self.heard or frame is not None
        return frame

    def stop(self) -> None:
        """End the worker, whatever it is doing."""
        self._kill()
        self._process.wait()
        until = time.monotonic() + ENDING
        while self._pump.is_alive() and time.monotonic() < until:
            with suppress(queue.Empty):
                self._frames.get(timeout=0.02)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _kill(self) -> None:
        if self._process.poll() is None and hasattr(os, "killpg"):
            with suppress(OSError):  # it may be gone by now
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()


def _pump(out: BinaryIO, frames: queue.Queue[Frame | None], most: list[int]) -> None:
    """Take frames off the pipe until it ends; runs beside the parent's own work."""
    with suppress(OSError, ValueError):  # the parent closed the pipe
        while len(head := _exactly(out, FRAME.size)) == FRAME.size:
            kind, length = FRAME.unpack(head)
            if length > most[0]:
                frames.put((NONSENSE, b""))
                break
            payload = _exactly(out, length)
            if len(payload) < length:
                break
            frames.put((kind, payload))
    frames.put(None)


def _exactly(pipe: BinaryIO, count: int) -> bytes:
    parts = []
    while count:
        part = pipe.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _environment() -> dict[str, str]:
    """Give the worker no more of this process's surroundings than Python needs to start."""
    wanted = (
        "SYSTEMROOT",
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "COVERAGE_PROCESS_START",
    )
    kept = {name: os.environ[name] for name in wanted if name in os.environ}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}

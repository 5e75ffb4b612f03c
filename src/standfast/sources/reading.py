# SPDX-License-Identifier: Apache-2.0
"""Reading an original through the bounded worker.

Rules enforced here:

* one worker serves many originals, one after the other; after a crash, a limit or a silence it is
  ended and the next original gets a new one;
* what a worker sends is counted and bounded too: it may have been taken over by what it read;
* a reading that did not end properly yields no events: it raises `ReadingStopped`, and the
  original stays kept.
"""

from __future__ import annotations

import json
import os
import queue
import struct
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from standfast.errors import InputUnreadable
from standfast.i18n import _
from standfast.model.coverage import Coverage
from standfast.model.event import Locator, Question, Remark, Unreadable
from standfast.sources import Options
from standfast.sources.limits import Limits
from standfast.vault.sealed import SealedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

FRAME = struct.Struct(">cI")
FRAME_LIMIT = 1 << 30
LIST_LIMIT = 1000
VIEW_LIMIT = 16 << 20
AHEAD = 8
"""Frames the parent takes off the pipe before it has worked on them."""
NEIGHBOUR_LIMIT = 20_000
TOO_MUCH, NO_START, SILENT, STOPPED = "too_much", "no_start", "silent", "stopped"


def _reasons() -> Mapping[str, str]:
    return {
        TOO_MUCH: _("it unfolds to far more than it can hold"),
        NO_START: _("the reader did not start"),
        SILENT: _("it took too long"),
        STOPPED: _("it needed too much time or memory"),
    }


class ReadingStopped(InputUnreadable):
    """An original could not be read to its end; its bytes are kept all the same."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Word a reason; ``detail`` is what the worker itself said."""
        detail = detail or _reasons().get(reason, reason)
        super().__init__(
            _("The file was kept, but reading it was stopped: {detail}").format(detail=detail),
            hint=_("You can still hand it over as it is; its content is not in the timeline."),
        )
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Order:
    """What to read.

    Attributes:
        file: the sealed original, or the path of a plain one.
        neighbours: sizes of the files beside it, by name.
        format: a format's id to use whatever recognition says.
        view: a small picture of it is wanted, not its events.
    """

    name: str
    size: int
    file: SealedFile | str
    options: Options = field(default_factory=Options)
    container: str = ""
    neighbours: Mapping[str, int] = field(default_factory=dict)
    format: str = ""
    view: bool = False

    def request(self) -> bytes:
        """Write the order as the worker reads it."""
        sealed = isinstance(self.file, SealedFile)
        request = {
            "name": self.name,
            "size": self.size,
            "path": self.file.path if isinstance(self.file, SealedFile) else self.file,
            "key": self.file.key.hex() if isinstance(self.file, SealedFile) else "",
            "file_id": self.file.file_id.hex() if isinstance(self.file, SealedFile) else "",
            "options": asdict(self.options),
            "container": self.container,
            "neighbours": {} if sealed and not self.neighbours else _nearby(self.neighbours),
            "format": self.format,
            "view": self.view,
        }
        data = json.dumps(request).encode()
        return struct.pack(">I", len(data)) + data


@dataclass(slots=True)
class Reading:
    """One reading under way: take `batches`, then look at the account.

    Attributes:
        formats: each recognised part: format id, version and path in the archive.
    """

    batches: Iterator[pa.RecordBatch]
    formats: list[Mapping[str, Any]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    account: Mapping[str, Any] = field(default_factory=dict)

    @property
    def coverage(self) -> Coverage:
        """Give the account, once every batch has been taken."""
        return Coverage(
            events=self.account["events"],
            framing=self.account["framing"],
            bytes=self.account["bytes"],
            bytes_accounted=self.account["accounted"],
            unreadable=tuple(self.unreadable),
            unreadable_total=self.account["unreadable"],
            questions=tuple(self.questions),
            remarks=tuple(self.remarks),
            unread=tuple(self.account["unread"]),
        )

    @property
    def main_format(self) -> str:
        """Give the format most of it is in, or nothing when no part was recognised."""
        names = [found["format"] for found in self.formats if found["format"] != "zip"]
        return names[0] if names else ""


class Reader:
    """A worker process and the pipe to it; use it as a context manager."""

    def __init__(self, limits: Limits | None = None) -> None:
        """Nothing is started before the first order."""
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: queue.Queue[tuple[bytes, bytes] | None] = queue.Queue(AHEAD)

    def __enter__(self) -> Self:
        """Stay ready within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the worker."""
        self.stop()

    def read(self, order: Order, progress: Callable[[int], None] = lambda _done: None) -> Reading:
        """Start reading an original.

        The reading's batches raise `ReadingStopped` when it cannot be read to its end.
        """
        reading = Reading(iter(()))
        reading.batches = self._batches(order, reading, progress)
        return reading

    def view(self, order: Order) -> bytes:
        """Give a small view of a picture, as a PNG that was drawn anew.

        Raises:
            ReadingStopped: it cannot be decoded within the limits.
        """
        finished = False
        try:
            self._ask(replace(order, view=True))
            kind, payload = self._frame()
            finished = True
        finally:
            if not finished:
                self.stop()
        if kind == b"e":
            _take(kind, json.loads(payload), Reading(iter(())))
        if kind != b"v" or len(payload) > VIEW_LIMIT:
            self.stop()
            raise ReadingStopped(STOPPED)
        return payload

    def _batches(
        self, order: Order, reading: Reading, progress: Callable[[int], None]
    ) -> Iterator[pa.RecordBatch]:
        finished = False
        try:
            self._ask(order)
            allowance = self._limits.output(order.size)
            while True:
                kind, payload = self._frame()
                allowance -= len(payload)
                if allowance < 0:
                    raise ReadingStopped(TOO_MUCH)
                if kind == b"d":
                    reading.account = json.loads(payload)
                    break
                if kind == b"p":
                    progress(int(json.loads(payload)))
                elif kind == b"b":
                    yield pa.ipc.open_stream(payload).read_next_batch()
                else:
                    _take(kind, json.loads(payload), reading)
            finished = True
        finally:
            if not finished:
                self.stop()

    def _ask(self, order: Order) -> None:
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - both pipes are asked for
        try:
            process.stdin.write(order.request())
            process.stdin.flush()
        except OSError as problem:
            raise ReadingStopped(NO_START) from problem

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._frames = queue.Queue(AHEAD)
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", "standfast.sources.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                bufsize=0,
            )
            pump = threading.Thread(target=_pump, args=(self._process, self._frames), daemon=True)
            pump.start()
        return self._process

    def _frame(self) -> tuple[bytes, bytes]:
        try:
            frame = self._frames.get(timeout=self._limits.silence)
        except queue.Empty as problem:
            raise ReadingStopped(SILENT) from problem
        if frame is None:
            raise ReadingStopped(STOPPED)
        return frame

    def stop(self) -> None:
        """End the worker, whatever it is doing."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        while not self._frames.empty():  # let the pump go
            self._frames.get_nowait()


def _pump(
    process: subprocess.Popen[bytes], frames: queue.Queue[tuple[bytes, bytes] | None]
) -> None:
    """Take frames off the pipe until it ends; runs beside the parent's own work."""
    assert process.stdout is not None  # noqa: S101 - the pipe is asked for
    try:
        while len(head := _exactly(process.stdout, FRAME.size)) == FRAME.size:
            kind, length = FRAME.unpack(head)
            if length > FRAME_LIMIT:
                break
            payload = _exactly(process.stdout, length)
            if len(payload) < length:
                break
            frames.put((kind, payload))
    except (OSError, ValueError):  # the parent closed the pipe
        pass
    frames.put(None)


def _exactly(pipe: Any, count: int) -> bytes:
    parts = []
    while count:
        part = pipe.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _take(kind: bytes, value: Mapping[str, Any], reading: Reading) -> None:
    if kind == b"f":
        reading.formats.append(value)
    elif kind == b"q" and len(reading.questions) < LIST_LIMIT:
        lists = {name: tuple(value[name]) for name in ("choices", "examples")}
        reading.questions.append(Question(**{**value, **lists}))
    elif kind == b"r" and len(reading.remarks) < LIST_LIMIT:
        reading.remarks.append(Remark(**value))
    elif kind == b"u" and len(reading.unreadable) < LIST_LIMIT:
        place = Locator(**value["locator"])
        reading.unreadable.append(Unreadable(value["reason"], value["detail"], place))
    elif kind == b"e":
        raise ReadingStopped(value["reason"], value["detail"])


def _nearby(neighbours: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    first = list(neighbours.items())[:NEIGHBOUR_LIMIT]
    return {name: (name, size) for name, size in first}


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

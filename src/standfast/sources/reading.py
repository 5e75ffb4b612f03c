# SPDX-License-Identifier: Apache-2.0
"""Reading an original through the bounded worker.

Rules enforced here:

* one worker serves many originals, one after the other; after a crash, a limit or a silence it is
  ended and the next original gets a new one;
* what a worker sends is counted, bounded and checked (`told`): it may have been taken over by what
  it read;
* a worker has so many seconds between two signs of life, and so many in all;
* a reading that did not end properly yields no events: it raises `ReadingStopped`, and the
  original stays kept.
"""

from __future__ import annotations

import json
import queue
import struct
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from standfast.errors import InputUnreadable
from standfast.i18n import N_, _
from standfast.model.coverage import Coverage
from standfast.sources import Options, told
from standfast.sources.limits import Limits
from standfast.sources.pipe import NONSENSE, WORKER, Pipe
from standfast.sources.viewing import EDGE
from standfast.sources.wording import in_words
from standfast.vault.sealed import SealedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    import pyarrow as pa

    from standfast.model.event import Question, Remark, Unreadable

LIST_LIMIT = 1000
"""Parts, questions, remarks and unreadable stretches that are kept; the rest is only counted."""
FRAME_COST = 16
"""Bytes a frame counts beside its content."""
NEIGHBOUR_LIMIT = 200_000
LOG = "-wal"
"""What the name of a database's own log ends in: its newest pages (SQLite)."""
TOO_MUCH, NO_START, SILENT, STOPPED = "too_much", "no_start", "silent", "stopped"
MALFORMED = "malformed"


REASONS = {
    TOO_MUCH: N_("It unfolds to far more than it can hold."),
    NO_START: N_("The reader did not start."),
    SILENT: N_("It took too long."),
    STOPPED: N_("It needed too much time or memory."),
    MALFORMED: N_("The reader gave answers that cannot be right."),
}


class ReadingStopped(InputUnreadable):
    """An original could not be read to its end; its bytes are kept all the same."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """Word a reason; ``detail`` is what the worker itself said, and stays English."""
        detail = detail or REASONS.get(reason, reason)
        sentence = _("The file was kept, but reading it was stopped. {detail}")
        super().__init__(
            sentence.format(detail=in_words(detail)),
            hint=_("You can still hand it over as it is; its content is not in the timeline."),
        )
        self.reason = reason
        self.detail = detail


class _Refused(Exception):
    """Inside this module only: the worker said that it cannot, and goes on."""

    def __init__(self, stopped: ReadingStopped) -> None:
        super().__init__()
        self.stopped = stopped


@dataclass(frozen=True, slots=True)
class Order:
    """What to read.

    Attributes:
        file: the sealed original, or the path of a plain one.
        neighbours: sizes of the files beside it, by name.
        format: a format's id to use whatever recognition says.
        view: a small picture of it is wanted, not its events.
        member: the path of a file in it, an archive; that one is wanted.
        spans: stretches of bytes that are wanted, not its events; for a view, where the file
            stands that has the SHA-256 ``attached``.
        companions: files that belong to it and may be opened with it, by name, with their sizes.
    """

    name: str
    size: int
    file: SealedFile | str
    options: Options = field(default_factory=Options)
    container: str = ""
    neighbours: Mapping[str, int] = field(default_factory=dict)
    format: str = ""
    view: bool = False
    member: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    attached: str = ""
    companions: Mapping[str, tuple[SealedFile | str, int]] = field(default_factory=dict)

    def request(self, *, same_neighbours: bool = False) -> bytes:
        """Write the order as the worker reads it.

        ``same_neighbours`` says that they are those of the order before, which the worker has.
        """
        request = {
            "name": self.name,
            "size": self.size,
            **_place(self.file),
            "options": asdict(self.options),
            "container": self.container,
            "neighbours": None if same_neighbours else _nearby(self.neighbours),
            "format": self.format,
            "view": self.view,
            "member": self.member,
            "spans": self.spans,
            "attached": self.attached,
            "companions": {
                name: {**_place(file), "size": size}
                for name, (file, size) in self.companions.items()
            },
        }
        data = json.dumps(request).encode()
        return struct.pack(">I", len(data)) + data


@dataclass(slots=True)
class Reading:
    """One reading under way: take `batches`, then look at the account.

    Attributes:
        formats: each recognised part: format id, version and path in the archive.
        parts: how many were recognised.
    """

    batches: Iterator[pa.RecordBatch]
    formats: list[Mapping[str, Any]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    account: Mapping[str, Any] = field(default_factory=dict)
    parts: int = 0

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
            rows=self.account["rows"],
        )

    @property
    def main_format(self) -> str:
        """Give the format most of it is in, or nothing when no part was recognised."""
        names = [found["format"] for found in self.formats if found["format"] != "zip"]
        return names[0] if names else ""


class Reader:
    """A worker process and what is told to it; use it as a context manager.

    Attributes:
        pid: the number of the worker process, 0 when there is none.
    """

    def __init__(self, limits: Limits | None = None, worker: tuple[str, ...] = WORKER) -> None:
        """Nothing is started before the first order; ``worker`` are Python's arguments for it."""
        self._limits = limits or Limits()
        self._worker = worker
        self._pipe: Pipe | None = None
        self._neighbours: Mapping[str, int] | None = None
        self._patience = 0.0

    def __enter__(self) -> Self:
        """Stay ready within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the worker."""
        self.stop()

    @property
    def pid(self) -> int:
        """Give the number of the worker process."""
        return self._pipe.pid if self._pipe else 0

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
        with self._whole():
            self._ask(replace(order, view=True))
            return told.view_from(self._payload(b"v"), EDGE)

    def stretches(self, order: Order) -> list[bytes]:
        """Give the bytes of the order's ``spans``, as far as there are any.

        Raises:
            ReadingStopped: the file cannot be unpacked, or holds no such member.
        """
        with self._whole():
            self._ask(order)
            found = [self._payload(b"x") for _span in order.spans]
            told.stretches_from(found, order.spans)
            return found

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """End the worker unless it gave its whole answer, or said that it cannot."""
        finished = False
        try:
            yield
            finished = True
        except told.Malformed as problem:
            raise ReadingStopped(MALFORMED) from problem
        except _Refused as refused:
            finished = True
            raise refused.stopped from refused
        finally:
            if not finished:
                self.stop()

    def _payload(self, wanted: bytes) -> bytes:
        kind, payload = self._frame()
        if kind == b"e":
            failure = told.failure_from(told.value_from(payload))
            raise _Refused(ReadingStopped(*failure))
        if kind != wanted:
            raise told.Malformed
        return payload

    def _batches(
        self, order: Order, reading: Reading, progress: Callable[[int], None]
    ) -> Iterator[pa.RecordBatch]:
        finished = False
        try:
            self._ask(order)
            yield from self._told(order, reading, progress)
            finished = True
        except told.Malformed as problem:
            raise ReadingStopped(MALFORMED) from problem
        finally:
            if not finished:
                self.stop()

    def _told(
        self, order: Order, reading: Reading, progress: Callable[[int], None]
    ) -> Iterator[pa.RecordBatch]:
        allowance = self._limits.output(order.size)
        events = 0
        while True:
            kind, payload = self._frame()
            allowance -= FRAME_COST + len(payload)
            if kind == b"b" and allowance >= 0:
                batch, written_out = told.batch_from(payload, order.size)
                events += len(batch)
                allowance -= max(0, written_out - len(payload))
            if allowance < 0:
                raise ReadingStopped(TOO_MUCH)
            if kind == b"b":
                yield batch
            elif kind == b"d":
                reading.account = told.account_from(told.value_from(payload), events)
                return
            elif kind == b"p":
                progress(told.progress_from(told.value_from(payload)))
            else:
                _take(kind, told.value_from(payload), reading, order.size)

    def _ask(self, order: Order) -> None:
        pipe = self._started()
        same = order.neighbours is self._neighbours
        self._neighbours = order.neighbours
        self._patience = self._limits.patience(order.size)
        pipe.ask(order.request(same_neighbours=same), self._limits.output(order.size))

    def _started(self) -> Pipe:
        if self._pipe is not None and not self._pipe.alive:
            self.stop()
        if self._pipe is None:
            try:
                self._pipe = Pipe(self._worker)
            except OSError as problem:
                raise ReadingStopped(NO_START) from problem
        return self._pipe

    def _frame(self) -> tuple[bytes, bytes]:
        assert self._pipe is not None  # noqa: S101 - it was asked just now
        before = time.monotonic()
        try:
            frame = self._pipe.frame(min(self._limits.silence, self._patience))
        except queue.Empty as problem:
            raise ReadingStopped(SILENT) from problem
        self._patience -= time.monotonic() - before
        if frame is None:
            raise ReadingStopped(STOPPED if self._pipe.heard else NO_START)
        if frame[0] == NONSENSE:
            raise ReadingStopped(MALFORMED)
        return frame

    def stop(self) -> None:
        """End the worker, whatever it is doing."""
        pipe, self._pipe, self._neighbours = self._pipe, None, None
        if pipe is not None:
            pipe.stop()


def _take(kind: bytes, value: Any, reading: Reading, size: int) -> None:
    if kind == b"f":
        reading.parts += 1
        _keep(reading.formats, told.part_from(value))
    elif kind == b"q":
        _keep(reading.questions, told.question_from(value))
    elif kind == b"r":
        _keep(reading.remarks, told.remark_from(value))
    elif kind == b"u":
        _keep(reading.unreadable, told.unreadable_from(value, size))
    elif kind == b"e":
        raise ReadingStopped(*told.failure_from(value))
    else:
        raise told.Malformed


def _keep(kept: list[Any], one: Any) -> None:
    if len(kept) < LIST_LIMIT:
        kept.append(one)


def _place(file: SealedFile | str) -> dict[str, str]:
    if isinstance(file, SealedFile):
        return {"path": file.path, "key": file.key.hex(), "file_id": file.file_id.hex()}
    return {"path": file, "key": "", "file_id": ""}


def _nearby(neighbours: Mapping[str, int]) -> dict[str, int]:
    return dict(list(neighbours.items())[:NEIGHBOUR_LIMIT])

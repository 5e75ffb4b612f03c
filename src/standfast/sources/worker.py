# SPDX-License-Identifier: Apache-2.0
"""The bounded worker: the only process that ever parses an original.

It is started by `standfast.sources.reading`, speaks over its two pipes, and holds no key but those
of the one file it is reading and of a log that belongs to it (``-wal``). Rules enforced here:

* memory, files, processor time and nesting are bounded before the first byte is read (`limits`);
* a file that belongs to it is opened only if the parent gave it along, with its own key;
* nothing is written but frames to the parent: ``kind (1) | u32 length | payload``; what libraries
  print goes nowhere;
* a member of an archive that cannot be read, or whose reader fails, costs its own rest: what was
  read of it and everything beside it stays;
* what goes to the parent is text: half characters of a file name are spelled, no text is endless.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from standfast.errors import Damaged
from standfast.model.event import (
    Event,
    EventBatch,
    Framing,
    Locator,
    Question,
    Remark,
    Rows,
    Unreadable,
    Yield,
)
from standfast.sources import Neighbour, Options, known_formats, recognise
from standfast.sources.limits import Limits, allow_cpu, confine
from standfast.sources.originals import (
    Allowance,
    Found,
    MemberBroken,
    Original,
    head_of,
    is_archive,
    members_of,
)
from standfast.sources.peeking import NotThere, Peek
from standfast.sources.pipe import FRAME, FRAME_LIMIT
from standfast.sources.tables import SCHEMA, batch_of, batch_of_events, spelled
from standfast.sources.told import LONGEST_CHOICE, MOST_CHOICES, MOST_ROWS
from standfast.sources.viewing import NotViewable
from standfast.vault.sealed import SealedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SINGLE_EVENTS = 2000
SINGLE_CHARACTERS = 8 << 20
BATCH_BYTES = 16 << 20
"""Batches above this are cut in two before they are sent."""
MANY = 1000
"""How many unreadable stretches are listed one by one; all are counted."""
LOCKED_OUT = "This file cannot be unpacked: it is damaged, or packed in an unknown way."
DAMAGED_END = "This file in the archive is damaged; what could be read of it is shown."
BROKEN = "The reader failed ({kind})."
NOT_THERE = "The original holds no such file, or not where the event says."
UNREAD = "The original could not be read to its end."
FAILED = "The reader for this kind of file failed ({kind}); what it had read until then is shown."


@dataclass(slots=True)
class Account:
    """What has become of the bytes so far."""

    events: int = 0
    framing: int = 0
    bytes: int = 0
    accounted: int = 0
    unreadable: int = 0
    unread: list[str] = field(default_factory=list)
    rows: int = 0


class Job:
    """One original, from its first byte to the account of it."""

    def __init__(self, out: BinaryIO, limits: Limits, options: Options) -> None:
        """Name where frames go and what the person has answered."""
        self._out = out
        self._limits = limits
        self._options = options
        self._single: list[Event] = []
        self._characters = 0
        self._allowance = Allowance(0, 0)
        self._attached: set[str] = set()
        self.account = Account()

    def run(self, source: Found, forced: str) -> None:
        """Read an original and everything in it."""
        self._allowance = Allowance.of(source.size, self._limits)
        self._open(source, forced, depth=0)
        account = asdict(self.account)
        self._send(b"d", account)

    def _open(self, source: Found, forced: str, *, depth: int) -> None:
        try:
            head = head_of(source)
        except MemberBroken:
            self._whole(source, "broken_member", LOCKED_OUT)
            return
        except OSError:
            self._whole(source, "unread", UNREAD)
            return
        if not forced and is_archive(head):  # also when a chat lies in it unpacked
            self._archive(source, depth)
            return
        try:
            claim = None if forced else recognise(head)
        except Exception as bug:  # noqa: BLE001 - a bug of ours costs this file, and is shown
            self._whole(source, "reader_failed", BROKEN.format(kind=type(bug).__name__))
            return
        name = forced or (claim.format if claim else "")
        if not name:
            self._count_whole(source)
            self.account.unread.append(source.path or source.name)
            return
        self.account.bytes += source.size
        self._send(b"f", {"format": name, "path": source.path, "version": _version(name)})
        self._read(source, name)

    def _archive(self, source: Found, depth: int) -> None:
        if depth >= self._limits.nesting:
            self._whole(source, "nested", "Archives within archives are not followed any deeper.")
            return
        self._send(b"f", {"format": "zip", "path": source.path, "version": 1})
        pictures = []
        for member in members_of(source, self._limits, self._allowance):
            if isinstance(member, Unreadable):
                self._take(member)
            elif _may_be_attached(member):
                pictures.append(member)
            else:
                self._open(member, "", depth=depth + 1)
        for member in pictures:  # after the conversations that may name them
            if member.path in self._attached:
                self._count_whole(member)
            else:
                self._open(member, "", depth=depth + 1)

    def _read(self, source: Found, name: str) -> None:
        before, problem = self.account.accounted, None
        try:
            for found in known_formats()[name].read(source, self._options):
                self._take(found)
        except MemberBroken:
            problem = "broken_member", DAMAGED_END
        except OSError:
            problem = "unread", UNREAD
        except (MemoryError, Damaged):
            raise
        except Exception as bug:  # noqa: BLE001 - a bug of ours costs this file's rest, and is shown
            problem = "reader_failed", FAILED.format(kind=type(bug).__name__)
        self._flush()
        if problem:
            rest = max(0, source.size - (self.account.accounted - before))
            end = Locator(path=source.path, start=source.size - rest, end=source.size)
            self._take(Unreadable(*problem, end))

    def _take(self, found: Yield) -> None:
        if isinstance(found, Event):
            self._single.append(found)
            self._characters += len(found.text)
            if len(self._single) >= SINGLE_EVENTS or self._characters >= SINGLE_CHARACTERS:
                self._flush()
            return
        if isinstance(found, EventBatch):
            self._flush()
            if found.rows:
                self._send_batch(batch_of(found))
        elif isinstance(found, Framing):
            self.account.framing += 1
            self.account.accounted += found.end - found.start
        elif isinstance(found, Rows):
            self.account.rows += found.rows
        elif isinstance(found, Unreadable):
            self.account.rows += found.locator.row >= 0
            self.account.accounted += max(0, found.locator.end - found.locator.start)
            self._note(found)
        elif isinstance(found, Question):
            self._send(b"q", asdict(found))
        elif isinstance(found, Remark):
            self._send(b"r", asdict(found))

    def _flush(self) -> None:
        if self._single:
            self._send_batch(batch_of_events(self._single))
            self._single.clear()
            self._characters = 0

    def _send_batch(self, batch: pa.RecordBatch) -> None:
        if len(batch) > MOST_ROWS or (len(batch) > 1 and batch.nbytes > BATCH_BYTES):
            half = len(batch) // 2
            self._send_batch(_compacted(batch.slice(0, half)))
            self._send_batch(_compacted(batch.slice(half)))
            return
        self.account.events += len(batch)
        spans = pc.subtract(batch.column("end"), batch.column("start"))
        self.account.accounted += pc.sum(spans).as_py()
        self.account.rows += pc.sum(pc.greater_equal(batch.column("row"), 0)).as_py()
        self._remember_attached(batch.column("attachments"))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, SCHEMA) as writer:
            writer.write_batch(batch)
        self._frame(b"b", sink.getvalue())

    def _remember_attached(self, column: pa.Array) -> None:
        for text in pc.filter(column, pc.not_equal(column, "")).to_pylist():
            self._attached.update(file["path"] for file in json.loads(text) if "path" in file)

    def _note(self, found: Unreadable) -> None:
        self.account.unreadable += 1
        if self.account.unreadable <= MANY:
            self._send(b"u", asdict(found))

    def _count_whole(self, source: Found) -> None:
        self.account.bytes += source.size
        self.account.accounted += source.size

    def _whole(self, source: Found, reason: str, detail: str) -> None:
        self._count_whole(source)
        self._note(Unreadable(reason, detail, Locator(path=source.path)))

    def _send(self, kind: bytes, value: object) -> None:
        self._frame(kind, json.dumps(_bounded(value)).encode())

    def peek(self, source: Original, request: Mapping[str, Any]) -> None:
        """Send a small view of a picture, or some stretches of bytes as they are."""
        try:
            peek = Peek(source, request, self._limits)
            if request["view"]:
                self._frame(b"v", peek.view())
            else:
                for stretch in peek.stretches():
                    self._frame(b"x", stretch)
        except NotViewable as problem:
            self.fail("not_viewable", f"The picture cannot be shown: {problem}."[:500])
        except NotThere:
            self.fail("not_there", NOT_THERE)
        except MemberBroken:
            self.fail("broken_member", LOCKED_OUT)

    def fail(self, reason: str, detail: str) -> None:
        """End a reading that cannot go on."""
        self._send(b"e", {"reason": reason, "detail": detail})

    def progress(self, done: int) -> None:
        """Tell the parent how far reading has come."""
        self._send(b"p", done)

    def _frame(self, kind: bytes, payload: bytes | pa.Buffer) -> None:
        if len(payload) > FRAME_LIMIT:
            raise MemoryError
        self._out.write(FRAME.pack(kind, len(payload)))
        self._out.write(payload)
        self._out.flush()


def _version(name: str) -> int:
    return known_formats()[name].about.version


def _may_be_attached(member: Found) -> bool:
    return not member.name.lower().endswith((".txt", ".xml", ".eml", ".mbox", ".zip", ".json"))


def _compacted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Leave out of a slice what only the rest of its batch used."""
    columns = [
        pc.dictionary_encode(column.dictionary_decode())
        if isinstance(column, pa.DictionaryArray)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _bounded(value: Any) -> Any:
    """Cut endless texts and lists of choices, and spell half characters."""
    if isinstance(value, str):
        return spelled(value)[:LONGEST_CHOICE]
    if isinstance(value, dict):
        return {name: _bounded(one) for name, one in value.items()}
    if isinstance(value, tuple):  # choices and examples
        return [_bounded(one) for one in value[:MOST_CHOICES]]
    return [_bounded(one) for one in value] if isinstance(value, list) else value


def _source(request: dict[str, Any], progress: Callable[[int], None]) -> Original:
    companions = {
        name: Original(spelled(name), place["size"], _file(place))
        for name, place in request.get("companions", {}).items()
    }
    return Original(
        spelled(request["name"]), request["size"], _file(request), spelled(request["container"]),
        request["neighbours"], progress=progress, companions=companions,
    )  # fmt: skip


def _file(place: dict[str, Any]) -> SealedFile | str:
    if not place["key"]:
        return str(place["path"])
    key, file_id = bytes.fromhex(place["key"]), bytes.fromhex(place["file_id"])
    return SealedFile(place["path"], key, file_id)


def _requests(stdin: BinaryIO) -> Iterator[dict[str, Any]]:
    beside: dict[str, Neighbour] = {}
    while head := stdin.read(4):
        (length,) = struct.unpack(">I", head)
        request = json.loads(stdin.read(length))
        if request["neighbours"] is not None:  # else they are those of the order before
            names = request["neighbours"].items()
            beside = {spelled(name): Neighbour(spelled(name), size) for name, size in names}
        request["neighbours"] = beside
        yield request


def serve(out: BinaryIO, stdin: BinaryIO, limits: Limits) -> None:
    """Do what is asked until the parent closes the pipe."""
    for request in _requests(stdin):
        allow_cpu(limits.cpu(request["size"]))
        job = Job(out, limits, Options(**request["options"]))
        try:
            if request["view"] or request.get("spans"):
                job.peek(_source(request, job.progress), request)
            else:
                job.run(_source(request, job.progress), request["format"])
        except MemoryError:
            job.fail("too_large", "Reading it needs more memory than one file may have.")
        except Damaged:
            job.fail("original_damaged", "The original in the case folder is damaged.")
        except Exception as problem:  # noqa: BLE001 - a bug of ours costs one item, and is shown
            job.fail("reader_failed", BROKEN.format(kind=type(problem).__name__))


def main() -> None:
    """Confine this process for good, then serve its parent."""
    stdin = sys.stdin.buffer
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints now, prints to nobody
    known_formats()  # everything is imported before the limits bind
    import PIL.Image  # noqa: F401, PLC0415 - likewise

    limits = Limits()
    confine(limits)
    serve(out, stdin, limits)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Reading without a case: what would come out of these files? Nothing is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from hashlib import file_digest
from typing import TYPE_CHECKING, Any

from standfast.desk.adding import files_below
from standfast.errors import InputUnreadable, NotRecognised
from standfast.i18n import _
from standfast.sources.lines import lines_of
from standfast.sources.reading import Order, Reader, ReadingStopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from standfast.desk.progress import Progress
    from standfast.sources import Options
    from standfast.sources.reading import Reading


@dataclass(slots=True)
class Total:
    """The account over several files.

    Attributes:
        problems: one sentence for each file that could not be read, by its path.
    """

    events: int = 0
    framing: int = 0
    bytes: int = 0
    bytes_accounted: int = 0
    unreadable: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    remarks: list[dict[str, Any]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    problems: dict[str, InputUnreadable] = field(default_factory=dict)

    def add(self, path: str, reading: Reading) -> None:
        """Add the account of one file."""
        coverage = reading.coverage
        self.events += coverage.events
        self.framing += coverage.framing
        self.bytes += coverage.bytes
        self.bytes_accounted += coverage.bytes_accounted
        self.unreadable += [{"file": path, **asdict(one)} for one in coverage.unreadable]
        self.questions += [{"file": path, **asdict(one)} for one in coverage.questions]
        self.remarks += [{"file": path, **asdict(one)} for one in coverage.remarks]
        self.unread += [path if one == path else f"{path}: {one}" for one in coverage.unread]
        self.formats[path] = reading.main_format

    def as_json(self) -> dict[str, Any]:
        """Give the account as the last line of ``read`` shows it."""
        whole = asdict(self)
        del whole["problems"]
        return whole


def read_paths(
    paths: Sequence[Path],
    options: Options,
    total: Total,
    progress: Progress,
    *,
    forced: str = "",
) -> Iterator[bytes]:
    """Give every event of some files as its line, and fill the account on the way.

    Raises:
        InputUnreadable: a path does not exist.
    """
    found = list(files_below(paths))
    progress.start(_("Reading"), sum(one.size for one in found))
    with Reader() as reader:
        for one in found:
            if one.problem:
                total.problems[one.shown] = InputUnreadable(f"{one.path.name}: {one.problem}")
                continue
            beside = {other.path.name: other.size for other in found
                      if other.folder == one.folder and other is not one}  # fmt: skip
            order = Order(
                one.path.name, one.size, str(one.path), options,
                one.path.parent.name if one.folder else "", beside, forced,
            )  # fmt: skip
            yield from _lines(reader, order, one.path, total)
            progress.step(one.size)


def _lines(reader: Reader, order: Order, path: Path, total: Total) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            item = file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        message = _("{name}: It cannot be read: {reason}.").format(name=path.name, reason=reason)
        total.problems[str(path)] = InputUnreadable(message)
        return
    reading = reader.read(order)
    try:
        for batch in reading.batches:
            yield from lines_of(batch, item)
    except ReadingStopped as stopped:
        total.bytes += order.size
        total.problems[str(path)] = stopped
        return
    total.add(path.name, reading)
    if not reading.formats:
        total.problems[str(path)] = NotRecognised(
            _("{name}: This kind of file is not known.").format(name=path.name),
            hint=_("“standfast formats” lists what can be read. “add” keeps it all the same."),
        )

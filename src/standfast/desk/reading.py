# SPDX-License-Identifier: Apache-2.0
"""Reading without a case: what would come out of these files? Nothing is kept."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO

from standfast.desk.files import PART, files_below, is_other, no_access, shelf
from standfast.errors import InputUnreadable, NotRecognised
from standfast.i18n import _
from standfast.sources.lines import lines_of
from standfast.sources.originals import open_regular
from standfast.sources.reading import LOG, Order, Reader, ReadingStopped
from standfast.sources.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from standfast.desk.files import FoundFile
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


def read_paths(  # noqa: PLR0913 - two of them are choices of the caller, by name only
    paths: Sequence[Path],
    options: Options,
    total: Total,
    progress: Progress,
    *,
    forced: str = "",
    lines: bool = True,
) -> Iterator[bytes]:
    """Give every event of some files as its line, and fill the account on the way.

    Without ``lines`` only the account is wanted: none is written, and nothing is hashed for them.

    Raises:
        InputUnreadable: a path does not exist.
    """
    found = list(files_below(paths))
    folders: dict[str, dict[str, int]] = {}
    for one in found:
        folders.setdefault(shelf(one.folder), {})[one.path.name] = one.size
    sizes = {str(one.path): one.size for one in found if not one.problem}
    progress.start(_("Reading"), sum(one.size for one in found))
    with Reader() as reader:
        for one in found:
            if one.problem:
                total.problems[one.shown] = _about(one, one.problem)
                continue
            beside = folders[shelf(one.folder)] if one.folder else {}
            container = one.path.parent.name if one.folder else ""
            path = str(one.path)
            order = Order(
                one.path.name, one.size, path, options, container, beside, forced,
                companions=_companions(one, sizes),
            )  # fmt: skip
            yield from _lines(reader, order, one, total, lines=lines)
            progress.step(one.size)


def _companions(one: FoundFile, sizes: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    """Find the log of a database among the files that were named."""
    log = f"{one.path}{LOG}"
    return {one.path.name + LOG: (log, sizes[log])} if log in sizes else {}


def _lines(
    reader: Reader, order: Order, one: FoundFile, total: Total, *, lines: bool
) -> Iterator[bytes]:
    try:
        with open_regular(one.path) as file:
            before = os.fstat(file.fileno())
            item = _digest(file, before.st_size) if lines else ""
        reading = reader.read(replace(order, size=before.st_size))
        for batch in reading.batches:
            yield from lines_of(batch, item) if lines else ()
        changed = is_other(before, one.path.lstat())
    except OSError as problem:
        total.problems[one.shown] = _about(one, no_access(problem))
        return
    except ReadingStopped as stopped:
        total.bytes += order.size
        why = _("Reading it was stopped. {detail}").format(detail=in_words(stopped.detail))
        total.problems[one.shown] = _about(one, why)
        return
    total.add(one.path.name, reading)
    trouble = _trouble(one, reading, changed=changed)
    if trouble:
        total.problems[one.shown] = trouble


def _trouble(one: FoundFile, reading: Reading, *, changed: bool) -> InputUnreadable | None:
    coverage = reading.coverage
    if changed:
        return _about(one, _("It changed while it was being read; read it again."))
    if not coverage.events and coverage.unreadable:
        return _about(one, in_words(coverage.unreadable[0].detail))
    if not reading.formats:
        return NotRecognised(
            _("{name}: This kind of file is not known.").format(name=one.path.name),
            hint=_("“standfast formats” lists what can be read. “add” keeps it all the same."),
        )
    return None


def _about(one: FoundFile, sentence: str) -> InputUnreadable:
    return InputUnreadable(f"{one.path.name}: {sentence}")


def _digest(file: BinaryIO, size: int) -> str:
    """Hash a file as far as it went when it was opened."""
    digest = sha256()
    while size and (part := file.read(min(PART, size))):
        digest.update(part)
        size -= len(part)
    return digest.hexdigest()

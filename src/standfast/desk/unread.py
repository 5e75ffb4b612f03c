# SPDX-License-Identifier: Apache-2.0
"""Reading what is kept in the case and was not read yet.

Rules enforced here:

* originals are read one by one through the bounded worker and committed in groups; whatever stops
  the work, what was read to its end until then is committed, and the next call goes on from there;
* a person's choice of format holds for every later reading of the item;
* an original on which the reader was stopped is read again when it is given again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk.files import shelf
from standfast.i18n import _
from standfast.sources.reading import LOG, NO_START, SILENT, STOPPED, Reader
from standfast.timeline.segments import Nearby, read_item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.timeline.state import Item
    from standfast.vault.entry import Draft

GROUP_DRAFTS = 128
AGAIN = frozenset({NO_START, SILENT, STOPPED})
"""Why a reading ended that may well end better the next time."""


def unread(desk: Desk, given: Collection[str] = ()) -> list[str]:
    """Give the originals nothing has read yet, and of those given again what stopped the reader."""
    return [item for item in desk.state.items if _needs_reading(desk, item, given)]


def _needs_reading(desk: Desk, item: str, given: Collection[str]) -> bool:
    if desk.state.items[item].erased:
        return False
    reading = desk.state.readings.get(item)
    if reading is None:
        return True
    trouble = reading.coverage["unreadable"]
    stopped = not reading.format and any(one["reason"] in AGAIN for one in trouble)
    return stopped and item in given


def read(desk: Desk, items: Sequence[str], progress: Progress, *, forced: str = "") -> None:
    """Read items and commit what was read; ``forced`` is the format that was asked for."""
    known = [desk.state.items[item] for item in items]
    progress.start(_("Reading"), sum(item.size for item in known))
    beside = Beside(desk)
    with Reader() as reader, _Group(desk) as group:
        for item in known:
            options, nearby = desk.state.options(item.sha256), beside.nearby(item)
            wanted, meter = forced or beside.forced(item), _Meter(item.size, progress)
            group.take(
                read_item(
                    desk.vault, reader, item, options, nearby,
                    progress=meter.reach, forced=wanted,
                )
            )  # fmt: skip
            meter.reach(item.size)


class _Group:
    """Readings that are committed together; at the end, and when the work is stopped, as well."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._drafts: list[Draft] = []

    def take(self, drafts: Iterable[Draft]) -> None:
        self._drafts += drafts
        if len(self._drafts) >= GROUP_DRAFTS:
            self._commit()

    def _commit(self) -> None:
        drafts, self._drafts = self._drafts, []
        if drafts:
            self._desk.append(*drafts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _problem: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._desk.vault.writable:
            self._commit()


class _Meter:
    """Turns how far a reading has come into steps."""

    def __init__(self, size: int, progress: Progress) -> None:
        self._size = size
        self._reached = 0
        self._progress = progress

    def reach(self, done: int) -> None:
        step = min(done, self._size) - self._reached
        if step > 0:
            self._reached += step
            self._progress.step(step)


class Beside:
    """What lies beside each item of a case: worked out once for all of them."""

    def __init__(self, desk: Desk) -> None:
        """Sort the items by the folder each came from."""
        self._readings = desk.state.readings
        self._folders: dict[str, dict[str, int]] = {}
        self._named: dict[tuple[str, str], list[Item]] = {}
        for item in desk.state.items.values():
            self._folders.setdefault(shelf(item.folder), {})[item.name] = item.size
            self._named.setdefault((item.folder, item.name), []).append(item)

    def nearby(self, item: Item) -> Nearby:
        """Give the folder an item came from and everything in it, the item as well."""
        companions = self._companions(item)
        if not item.folder:
            return Nearby(companions=companions)
        container = item.folder.rsplit("/", 1)[-1]
        return Nearby(container, self._folders[shelf(item.folder)], companions)

    def _companions(self, item: Item) -> tuple[Item, ...]:
        """Find the log of a database: of copies of both, as many, each has the one in its turn."""
        logs = self._named.get((item.folder, item.name + LOG), [])
        copies = self._named[item.folder, item.name] if logs else []
        paired = len(logs) == len(copies) and item in copies
        return (logs[copies.index(item)],) if paired else ()

    def forced(self, item: Item) -> str:
        """Give the format the person once chose for an item, empty for none."""
        before = self._readings.get(item.sha256)
        return before.forced if before else ""

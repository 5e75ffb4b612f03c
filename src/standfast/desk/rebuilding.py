# SPDX-License-Identifier: Apache-2.0
"""Reading again: with another answer, or because a list of events is gone or damaged.

Rules enforced here:

* what is read again is read as it was: with the same answers and the same choice of format;
* when the same events come out, they take their old place under the commitment in the ledger;
  when they do not (another version reads more), the new reading is an entry of its own;
* an original that cannot be read now changes nothing: its old reading stands.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from standfast.desk.unread import Beside
from standfast.errors import Damaged
from standfast.i18n import _
from standfast.sources import Options
from standfast.sources.reading import Reader, ReadingStopped
from standfast.timeline.segments import batches_of, order_of, read_item, root_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.timeline.state import Item, ReadingFacts
    from standfast.vault.entry import Draft


def rebuild_missing(desk: Desk) -> int:
    """Make again every list of events whose file is gone; gives how many."""
    gone = [
        reading
        for reading in desk.state.readings.values()
        if reading.events and not desk.vault.segment_path(reading.id).exists()
    ]
    return sum(_rebuild(desk, reading) for reading in gone)


def rebuild_all(desk: Desk) -> int:
    """Read every list of events, and make again what is gone or damaged; gives how many."""
    readings = [one for one in desk.state.readings.values() if one.format]
    return sum(_rebuild(desk, one) for one in readings if not _is_whole(desk, one))


def _is_whole(desk: Desk, reading: ReadingFacts) -> bool:
    try:
        return root_of(desk.vault, reading) == (reading.events, reading.root)
    except (OSError, Damaged):
        return False


def read_with(desk: Desk, item: Item, options: Options, progress: Progress) -> tuple[Draft, Draft]:
    """Read one item with these answers, and give the entries for the caller to append."""
    progress.start(_("Reading"), item.size)
    beside = Beside(desk)
    how = (item, options, beside.nearby(item))
    with Reader() as reader:
        drafts = read_item(desk.vault, reader, *how, forced=beside.forced(item))
    progress.step(item.size)
    return drafts


def sound_batches(desk: Desk, reading: ReadingFacts) -> Iterator[pa.RecordBatch]:
    """Give the events of a reading, made again if need be.

    A case that is open for writing keeps what was made again; one that is not is left as it is.
    """
    kept = _kept(desk, reading)
    if kept is None and desk.vault.writable and _rebuild(desk, reading):
        kept = _kept(desk, desk.state.readings[reading.item])
    yield from _read_again(desk, reading) if kept is None else kept


def _kept(desk: Desk, reading: ReadingFacts) -> list[pa.RecordBatch] | None:
    try:
        return list(batches_of(desk.vault, reading))
    except (OSError, Damaged):
        return None


def _rebuild(desk: Desk, reading: ReadingFacts) -> bool:
    item = desk.state.items[reading.item]
    how = (item, _options(reading), Beside(desk).nearby(item))
    with Reader() as reader:
        _told, again = read_item(
            desk.vault, reader, *how, forced=reading.forced, reading_id=reading.id
        )
        if (again.body["events"], again.body["root"]) == (reading.events, reading.root):
            return True
        if not again.body["format"]:
            return False
        fresh = read_item(desk.vault, reader, *how, forced=reading.forced)
    desk.append(*fresh)
    return True


def _options(reading: ReadingFacts) -> Options:
    return Options(**{"zone_basis": "case", **reading.options})


def _read_again(desk: Desk, reading: ReadingFacts) -> list[pa.RecordBatch]:
    """Give all events of an original, or none where it cannot be read to its end."""
    item = desk.state.items[reading.item]
    nearby = Beside(desk).nearby(item)
    order = order_of(desk.vault, item, _options(reading), nearby, reading.forced)
    with Reader() as reader, suppress(ReadingStopped):
        return list(reader.read(order).batches)
    return []

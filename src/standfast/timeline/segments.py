# SPDX-License-Identifier: Apache-2.0
"""Readings kept: events as encrypted columns, with their commitment.

A segment is an Arrow stream (zstd), sealed like an original. It is disposable: `read_item` makes
it again from the original. The commitment in the ledger is made from the same batches.
"""

from __future__ import annotations

import io
import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from standfast.errors import Damaged
from standfast.i18n import _
from standfast.sources import Options, known_formats
from standfast.sources.lines import lines_of
from standfast.sources.reading import Order, Reading, ReadingStopped
from standfast.sources.tables import SCHEMA
from standfast.vault import entry as kinds
from standfast.vault.commitment import Salts, leaves
from standfast.vault.entry import Draft
from standfast.vault.merkle import Tree
from standfast.vault.opening import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from standfast.sources.reading import Reader
    from standfast.timeline.state import CaseState, Item, ReadingFacts
    from standfast.vault.case import Vault

READING_ID_BYTES = 16
LISTED = 100
"""How many unreadable stretches, questions and remarks a ledger entry lists; all are counted."""
NAMING = ("unreadable", "questions", "remarks", "unread")
"""Parts of an account that may hold names of people or files."""
NUMBERS = (
    "events", "framing", "bytes", "bytes_accounted", *(f"{name}_total" for name in NAMING)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Nearby:
    """What lay beside an original when it was added."""

    container: str = ""
    sizes: Mapping[str, int] | None = None
    companions: tuple[Item, ...] = ()


def read_item(  # noqa: PLR0913 - the vault, the worker and four facts about one original
    vault: Vault,
    reader: Reader,
    item: Item,
    options: Options,
    nearby: Nearby,
    *,
    progress: Callable[[int], None] = lambda _done: None,
    forced: str = "",
    reading_id: str = "",
) -> tuple[Draft, Draft]:
    """Read an original, keep its events, and give the two ledger entries to append.

    The first is the full account of the reading, which may name people and files; the second
    commits to the events and names nobody, so that it can be shown with any one of them.
    ``reading_id`` is given to read again what an earlier reading had.

    An original that cannot be read to its end gives entries with no events that say why.
    """
    order = order_of(vault, item, options, nearby, forced)
    reading = reader.read(order, progress)
    reading_id = reading_id or secrets.token_hex(READING_ID_BYTES)
    tally = _Tally(Salts(vault.keys.salts, bytes.fromhex(reading_id)), item.sha256)
    try:
        vault.write_segment(reading_id, _packed(tally.through(reading.batches)))
    except ReadingStopped as stopped:
        return _drafts(
            reading_id, item, _stopped(item, stopped), options=given(options), forced=forced
        )
    name = reading.main_format
    return _drafts(
        reading_id,
        item,
        {**coverage_facts(reading), "parts": reading.formats[:LISTED]},
        format=name,
        version=known_formats()[name].about.version if name else 0,
        options=given(options),
        events=tally.count,
        root=Tree(tally.leaves).root().hex(),
        forced=forced,
    )


def order_of(vault: Vault, item: Item, options: Options, nearby: Nearby, forced: str) -> Order:
    """Give the order for the events of an original, with the files that belong to it."""
    companions = {one.name: (vault.item_file(one.sha256), one.size) for one in nearby.companions}
    return Order(
        item.name, item.size, vault.item_file(item.sha256), options, nearby.container,
        nearby.sizes or {}, forced, companions=companions,
    )  # fmt: skip


def _drafts(
    reading_id: str, item: Item, coverage: Mapping[str, Any], **facts: Any
) -> tuple[Draft, Draft]:
    numbers = {name: coverage[name] for name in NUMBERS} | {name: [] for name in NAMING}
    nothing = {"format": "", "version": 0, "events": 0, "root": Tree().root().hex(), "forced": ""}
    body = {"id": reading_id, "item": item.sha256, "coverage": numbers, **nothing, **facts}
    told = {"reading": reading_id, "item": item.sha256, "coverage": coverage}
    return Draft(kinds.COVERAGE, told), Draft(kinds.READING, body)


def coverage_facts(reading: Reading) -> dict[str, Any]:
    """Give the account of a reading as the ledger and ``--json`` show it."""
    coverage = asdict(reading.coverage)
    for name in NAMING:
        coverage[f"{name}_total"] = max(len(coverage[name]), coverage.get(f"{name}_total", 0))
        coverage[name] = list(coverage[name][:LISTED])
    return coverage


def given(options: Options) -> dict[str, str]:
    """Give the answers a reading was made with, as its entry keeps them."""
    return {name: value for name, value in asdict(options).items() if value}


def _stopped(item: Item, stopped: ReadingStopped) -> dict[str, Any]:
    place = {"path": "", "start": 0, "end": item.size, "row": -1, "pointer": ""}
    trouble = {"reason": stopped.reason, "detail": stopped.detail, "locator": place}
    return {
        "events": 0, "framing": 0, "bytes": item.size, "bytes_accounted": item.size,
        "unreadable": [trouble], "unreadable_total": 1, "questions": [], "questions_total": 0,
        "remarks": [], "remarks_total": 0, "unread": [], "unread_total": 0,
    }  # fmt: skip


class _Tally:
    """Commits to events while they pass."""

    def __init__(self, salts: Salts, item: str) -> None:
        self.count = 0
        self.leaves: list[bytes] = []
        self._salts = salts
        self._item = item

    def through(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            lines = lines_of(batch, self._item)
            self.leaves += leaves(lines, self._salts.take(len(lines)))
            self.count += len(lines)
            yield batch


def _packed(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Write batches as one Arrow stream, handing on what is ready."""
    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(pa.PythonFile(sink, "w"), SCHEMA, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield sink.getvalue()
            sink.seek(0)
            sink.truncate()
    yield sink.getvalue()


def batches_of(vault: Vault, reading: ReadingFacts) -> Iterator[pa.RecordBatch]:
    """Give the events of a reading as they were kept.

    Raises:
        OSError: the segment is gone; `rebuild` makes it again.
        Damaged: it is not as it was written; likewise.
    """
    with vault.read_segment(reading.id) as file:
        try:
            yield from pa.ipc.open_stream(file)
        except pa.ArrowInvalid as problem:
            raise Damaged(_("A list of events in the case is damaged.")) from problem


def root_of(vault: Vault, reading: ReadingFacts) -> tuple[int, str]:
    """Count and commit to the kept events of a reading, as `read_item` did."""
    tally = _Tally(Salts(vault.keys.salts, bytes.fromhex(reading.id)), reading.item)
    for _batch in tally.through(batches_of(vault, reading)):
        pass
    return tally.count, Tree(tally.leaves).root().hex()


def check_readings(vault: Vault, state: CaseState) -> Iterator[Problem]:
    """Hold every kept list of events against its commitment in the ledger."""
    for reading in state.readings.values():
        if not reading.format:
            continue
        item = state.items[reading.item]
        try:
            fits = root_of(vault, reading) == (reading.events, reading.root)
        except OSError:
            code, fits = "events_missing", False
        except Damaged:
            code, fits = "events_damaged", False
        else:
            code = "events_damaged"
        if not fits:
            yield Problem(
                code,
                f"{item.sha256[:12]} {item.name}",
                _("The list of events read from this original is missing or damaged."),
                _("The original is kept; its events can be read from it again."),
                repairable=True,
            )

# SPDX-License-Identifier: Apache-2.0
"""An event's original bytes, and where they stand.

Rules enforced here:

* bytes are shown as they stand in the original; beside them a text in which nothing hides, and
  whether that text says all the bytes say;
* nothing is unpacked in this process: a file within an archive is opened by the bounded worker;
* everything is bounded, and how much is not shown is a number;
* what cannot be shown is said in a sentence, and never an error of the person's.
"""

from __future__ import annotations

import codecs
import mimetypes
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from standfast.errors import Damaged, WrongUsage
from standfast.i18n import _
from standfast.model.event import Locator
from standfast.model.harmless import harmless
from standfast.sources.reading import Order, Reader, ReadingStopped
from standfast.sources.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from standfast.desk.case import Desk
    from standfast.timeline.row import Row
    from standfast.timeline.state import Item

AROUND: Final = 600
"""Bytes shown before and after the event; an even number, for UTF-16."""
MOST_BYTES: Final = 1 << 16
"""Bytes of the event that are shown."""
HEAD: Final = 4
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
LONGEST_CHARACTER: Final = 4
TAIL_BITS: Final = 0xC0
TAIL: Final = 0x80
"""A byte within a character of UTF-8 begins with these bits."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some bytes, and what they say.

    Attributes:
        text: with every character that hides, moves or turns something spelled by its number.
        exact: every byte was text in the encoding of the file.
    """

    data: bytes = b""
    text: str = ""
    exact: bool = True


@dataclass(frozen=True, slots=True)
class OriginalView:
    """Where an event stands, and what stands there.

    Attributes:
        item: the original's number in the case, 0 when the person wrote the event down.
        name: the original's own name; ``sha256`` and ``size`` are those of its bytes.
        media_type: of the original, or of the file within it, as its name says.
        encoding: what the text is read as, empty when no bytes are shown.
        own: the bytes of the event; ``before`` and ``after`` what stands around them.
        left: bytes of the event that are not shown.
        also: the references of the same event in other originals.
        sentence: why no bytes are shown; empty when they are.
    """

    event: str
    item: int
    name: str
    sha256: str
    size: int
    media_type: str
    locator: Locator
    encoding: str = ""
    before: Stretch = Stretch()
    own: Stretch = Stretch()
    after: Stretch = Stretch()
    left: int = 0
    also: tuple[str, ...] = ()
    sentence: str = ""


class Peeker:
    """One worker for many looks, from any thread, one at a time; use it as a context manager."""

    def __init__(self) -> None:
        """Nothing is started before the first look."""
        self._reader = Reader()
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        """Stay ready within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """End the worker."""
        self.close()

    def close(self) -> None:
        """End the worker; another look starts a new one."""
        with self._turn:
            self._reader.stop()

    def stretches(self, order: Order) -> list[bytes]:
        """Give bytes of a file; raises `ReadingStopped`."""
        with self._turn:
            return self._reader.stretches(order)

    def view(self, order: Order) -> bytes:
        """Draw a picture anew; raises `ReadingStopped`."""
        with self._turn:
            return self._reader.view(order)


def original(desk: Desk, event: str, peeker: Peeker | None = None) -> OriginalView:
    """Show where an event stands in its original, and the bytes there.

    A ``peeker`` spares a process a look; without one, a worker is started where it is needed.

    Raises:
        WrongUsage: there is no such event.
    """
    row = row_of(desk, event)
    locator = Locator(row.path, row.start, row.end, row.row, row.pointer)
    item = desk.state.items.get(row.item)
    if item is None:
        sentence = _("You wrote this down yourself, in the case; no file holds it.")
        return OriginalView(row.event, 0, "", "", 0, "", locator, sentence=sentence)
    view = OriginalView(
        row.event, item.number, item.name, item.sha256, item.size,
        mimetypes.guess_type(row.path or item.name)[0] or "application/octet-stream",
        locator, also=tuple(desk.timeline.also(row.event)),
    )  # fmt: skip
    if row.start < 0:
        return replace(view, sentence=_unspanned(row))
    spans = _spans(row)
    try:
        found = _bytes(desk, item, row.path, spans, peeker)
    except ReadingStopped as stopped:
        return replace(view, sentence=stopped_words(stopped))
    except (OSError, Damaged, KeyError):
        return replace(view, sentence=_gone())
    return _with_bytes(view, row, found, _encoding(desk, item, found[0]))


def row_of(desk: Desk, event: str) -> Row:
    """Give an event by its reference.

    Raises:
        WrongUsage: there is none.
    """
    row = desk.timeline.by_reference([event]).get(event)
    if row is None:
        raise WrongUsage(
            _("There is no event {id}.").format(id=event),
            hint=_("“standfast timeline” shows the number of each event in brackets."),
        )
    return row


def _unspanned(row: Row) -> str:
    if row.pointer:
        sentence = _("This event stands at {pointer} in its original, not in one run of bytes.")
        return sentence.format(pointer=harmless(row.pointer))
    if row.row >= 0:
        sentence = _("This event is row {row} of a table in its original, not one run of bytes.")
        return sentence.format(row=row.row)
    return _("This event is the original as a whole, not one run of bytes in it.")


def stopped_words(stopped: ReadingStopped) -> str:
    """Say that a place in an original cannot be shown."""
    sentence = _("The original is kept, but this place in it cannot be shown. {detail}")
    return sentence.format(detail=in_words(stopped.detail))


def _gone() -> str:
    return _(
        "The original is missing from the case folder or damaged there; “standfast verify” says"
        " more."
    )


def _spans(row: Row) -> tuple[tuple[int, int], ...]:
    """Give the head of the file, what stands before the event, its own bytes, what follows."""
    shown = min(row.end, row.start + MOST_BYTES)
    follows = row.end + AROUND if shown == row.end else shown
    return (
        (0, HEAD),
        (max(0, row.start - AROUND), row.start),
        (row.start, shown),
        (shown, follows),
    )


def _bytes(
    desk: Desk,
    item: Item,
    path: str,
    spans: tuple[tuple[int, int], ...],
    peeker: Peeker | None,
) -> list[bytes]:
    if not path:
        with desk.vault.open_item(item.sha256) as file:
            return [_read(file, *span) for span in spans]
    order = replace(order_of(desk, item), member=path, spans=spans)
    if peeker is not None:
        return peeker.stretches(order)
    with Peeker() as own:
        return own.stretches(order)


def _read(file: Any, start: int, end: int) -> bytes:
    file.seek(start)
    found: bytes = file.read(end - start)
    return found


def order_of(desk: Desk, item: Item) -> Order:
    """Give the order for an original; what is wanted of it is added by the caller."""
    return Order(item.name, item.size, desk.vault.item_file(item.sha256))


def _encoding(desk: Desk, item: Item, head: bytes) -> str:
    for mark, name in MARKS:
        if head.startswith(mark):
            return name
    reading = desk.state.readings.get(item.sha256)
    chosen = reading.options.get("encoding", "").lower() if reading else ""
    if chosen == "utf-16":  # without a mark, as the reader takes it
        return "utf-16-le"
    try:
        return codecs.lookup(chosen).name if chosen else "utf-8"
    except LookupError:
        return "utf-8"


def _with_bytes(
    view: OriginalView, row: Row, found: Sequence[bytes], encoding: str
) -> OriginalView:
    _head, before, own, after = found
    return replace(
        view,
        encoding=encoding,
        before=_stretch(before, encoding, cut_before=row.start > AROUND),
        own=_stretch(own, encoding, cut_after=row.end - row.start > MOST_BYTES),
        after=_stretch(after, encoding, cut_after=True),
        left=row.end - row.start - len(own),
    )


def _stretch(
    data: bytes, encoding: str, *, cut_before: bool = False, cut_after: bool = False
) -> Stretch:
    """Read bytes as text; a character cut by the edge of a window is left out of the text."""
    start = 0
    if cut_before and encoding == "utf-8":
        start = next(
            (at for at, one in enumerate(data[:LONGEST_CHARACTER]) if one & TAIL_BITS != TAIL), 0
        )
    part = data[start:]
    try:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        return Stretch(data, harmless(decoder.decode(part, final=not cut_after)))
    except (UnicodeError, LookupError):
        text = part.decode("utf-8" if "16" not in encoding else encoding, "backslashreplace")
        return Stretch(data, harmless(text), exact=False)

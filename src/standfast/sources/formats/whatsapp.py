# SPDX-License-Identifier: Apache-2.0
"""WhatsApp's own "Export chat": a text file, alone or in an archive with its media.

Rules enforced here:

* the file is gone through twice, first for what its headers and dates look like
  (`whatsapp_text.survey`), then for the events; neither holds more than a few megabytes;
* a line is a message when it begins with a header of the file's own shape. Somebody can type
  such a line inside a message; nothing in the file tells the two apart, and it becomes an event
  of its own with exactly that span;
* which number of a date is the day is decided by evidence or asked (`whatsapp_text.evidence`);
* the file has no time zone and does not say whose phone wrote it: both are questions;
* every byte is an event's, framing, or `Unreadable`.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import (
    Accounting,
    Framing,
    Locator,
    Question,
    Remark,
    Unreadable,
)
from standfast.model.times import iso_wall
from standfast.sources import About
from standfast.sources.whatsapp_text.batches import PARTICIPANTS, Batches
from standfast.sources.whatsapp_text.contents import NOTICE
from standfast.sources.whatsapp_text.dates import DAY, DMY, MDY, day_of, written
from standfast.sources.whatsapp_text.pieces import Piece, pieces
from standfast.sources.whatsapp_text.recognition import recognised, title_of
from standfast.sources.whatsapp_text.shapes import header_start_pattern
from standfast.sources.whatsapp_text.survey import survey
from standfast.sources.whatsapp_text.wide import Wide, is_wide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

    from standfast.model.event import Yield
    from standfast.sources import Head, Options, Recognition, Source
    from standfast.sources.whatsapp_text.evidence import Decision
    from standfast.sources.whatsapp_text.survey import Survey

CAP_WITHOUT_MEDIA = 40_000
CAP_WITH_MEDIA = 10_000
"""Messages in the longest export that WhatsApp makes, without media and with."""


class WhatsApp:
    """The format; see `standfast.sources.Format`."""

    about = About(
        id="whatsapp",
        version=1,
        title=N_("WhatsApp chat export"),
        channel="whatsapp",
        accounting=Accounting.BYTES,
        export=N_(
            "In WhatsApp open the chat, tap its menu, choose “Export chat” and save the file. "
            "With media the export is larger and keeps the pictures and voice messages."
        ),
        lacks=(
            N_("An export holds the newest 40,000 messages at most, 10,000 with media."),
            N_("It does not say which of the people in the chat owns the phone."),
            N_("It has no time zone: times are those of the phone that made the export."),
            N_("Reactions, edits before the last one and read receipts are not in it."),
        ),
    )

    def recognise(self, head: Head) -> Recognition | None:
        """Look for headers at the beginning of lines, and for the app's own words."""
        return recognised(head)

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield the export's events, in file order; see `standfast.sources.Format`."""
        with source.open() as stream:
            head = stream.read(4)
        if is_wide(head, options.encoding):
            yield from Wide(source, options).read(_read)
        else:
            yield from _read(source, options, source.open)


def _read(source: Source, options: Options, open_: Callable[[], BinaryIO]) -> Iterator[Yield]:
    with open_() as stream:
        begin = len(codecs.BOM_UTF8) if stream.read(3) == codecs.BOM_UTF8 else 0
    found = survey(open_, begin)
    if begin:
        yield Framing(0, begin, source.path)
    if found is None:
        yield from _nothing(source, open_, begin)
        return
    several = len(found.shapes) > 1
    decisions = [each.decide(options.date_order, several=several) for each in found.evidence]
    basis = options.zone_basis if options.zone else "unknown"
    fixed = {
        "channel": WhatsApp.about.channel,
        "conversation": title_of(source.name) or title_of(source.container),
        "path": source.path,
        "zone": options.zone,
        "zone_basis": basis,
    }
    batches = Batches(found.shapes, decisions, fixed, options, source.neighbours)
    header = header_start_pattern(found.shapes)
    with open_() as stream:
        stream.seek(begin)
        for part in pieces(stream.read, header, begin):
            if isinstance(part, Piece):
                yield from batches.of(part)
                source.progress(part.start + len(part.data))
            elif part.too_large:
                yield batches.too_large(part.start, part.end)
            elif part.blank:
                yield Framing(part.start, part.end, source.path)
            else:
                yield _not_a_message(source, part.start, part.end)
    yield from _questions(source, options, decisions, batches)
    yield from _remarks(source, found, batches)


def _nothing(source: Source, open_: Callable[[], BinaryIO], begin: int) -> Iterator[Yield]:
    """Account for a file without a single header."""
    with open_() as stream:
        size = stream.seek(0, 2)
        stream.seek(begin)
        blank = not stream.read(1 << 16).strip()
    if size > begin and blank and size - begin <= 1 << 16:
        yield Framing(begin, size, source.path)
    elif size > begin:
        yield _not_a_message(source, begin, size)


def _not_a_message(source: Source, start: int, end: int) -> Unreadable:
    detail = _("These lines do not begin with a date and time as WhatsApp writes them.")
    return Unreadable("not_a_message", detail, Locator(source.path, start, end))


def _questions(
    source: Source, options: Options, decisions: list[Decision], batches: Batches
) -> Iterator[Question]:
    undecided = next((each for each in decisions if not each.order and each.example), None)
    if undecided is not None:
        yield Question(
            "date_order", (DMY, MDY), _both_ways(undecided.example), undecided.why, source.path
        )
    if not options.zone:
        yield Question("zone", path=source.path, why="no_zone_in_file")
    people = tuple(batches.participants)[:PARTICIPANTS]
    if people:
        yield Question("me", people, path=source.path, why="owner_not_in_file")


def _both_ways(raw: bytes) -> tuple[str, ...]:
    date_ = written(raw)
    if date_ is None:
        return ()
    days = [day_of(date_, order) for order in (DMY, MDY)]
    return tuple(iso_wall(day * DAY)[:10] for day in days if day is not None)


def _remarks(source: Source, found: Survey, batches: Batches) -> Iterator[Remark]:
    capped = found.messages >= CAP_WITHOUT_MEDIA or found.messages == CAP_WITH_MEDIA
    if capped and batches.first_detail != NOTICE:
        detail = _(
            "The chat probably began earlier: this export is as long as WhatsApp allows and does "
            "not begin with the notice that begins every chat."
        )
        yield Remark("cut_start", detail, source.path)


FORMAT: Final = WhatsApp()

# SPDX-License-Identifier: Apache-2.0
"""The originals of a case, each with the account of what was read in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from standfast.desk.exhibits import coverage_of, question_words
from standfast.dossier.wording import locator
from standfast.i18n import _
from standfast.sources import known_formats
from standfast.sources.wording import in_words
from standfast.vault import entry as kinds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from standfast.desk.case import Desk
    from standfast.timeline.state import Item

PLACES = 200
"""Unreadable places that are shown; how many there are is always said."""


@dataclass(frozen=True, slots=True)
class Original:
    """An original: what it is, and what became of it.

    Attributes:
        format: the title of what it was read as; empty when nothing could read it, or nobody has
            tried.
        events: how many events were read.
        unreadable: how many places in it could not be read.
        questions: what is open about it, in words.
        sentence: why nothing could be read, if so.
        erased_at: when it was erased (UTC); empty while it is kept. ``erased_why`` is the reason.
        places: the unreadable places, each with where it is and why.
        remarks: what is true of the whole of it.
        unread: names within an archive that hold nothing this version reads.
    """

    item: Item
    format: str = ""
    events: int = 0
    unreadable: int = 0
    questions: tuple[str, ...] = ()
    sentence: str = ""
    erased_at: str = ""
    erased_why: str = ""
    places: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def originals(desk: Desk) -> tuple[Original, ...]:
    """Give every original in the order of its number, also those that were erased."""
    asked = _asked(desk)
    found = sorted(desk.state.items.values(), key=lambda one: one.number)
    return tuple(_told(desk, one, asked.get(one.sha256, ())) for one in found)


def original(desk: Desk, number: int) -> Original | None:
    """Give one original by its number, with the full account of its reading."""
    item = next((one for one in desk.state.items.values() if one.number == number), None)
    if item is None:
        return None
    told = _told(desk, item, _asked(desk).get(item.sha256, ()))
    reading = desk.state.readings.get(item.sha256)
    if item.erased or reading is None:
        return told
    coverage = coverage_of(reading.coverage)
    return replace(
        told,
        places=tuple((locator(one.locator), one.detail) for one in coverage.unreadable[:PLACES]),
        remarks=tuple(one.detail for one in coverage.remarks),
        unread=coverage.unread[:PLACES],
    )


def _asked(desk: Desk) -> dict[str, tuple[str, ...]]:
    asked: dict[str, tuple[str, ...]] = {}
    for one in desk.questions():
        asked[one.item] = (*asked.get(one.item, ()), question_words(one.question))
    return asked


def _told(desk: Desk, item: Item, asked: tuple[str, ...]) -> Original:
    if item.erased:
        at, why = _tombstone(desk, item)
        return Original(item, erased_at=at, erased_why=why)
    reading = desk.state.readings.get(item.sha256)
    if reading is None:
        return Original(item, questions=asked, sentence=_("It has not been read yet."))
    unreadable = reading.coverage["unreadable_total"]
    return Original(
        item, _title(reading.format), reading.events, unreadable, asked,
        _why_nothing(reading.events, reading.coverage),
    )  # fmt: skip


def _title(format_id: str) -> str:
    """Name a format; one that this version does not have keeps its short name."""
    known = known_formats().get(format_id)
    return known.about.title if known else format_id


def _why_nothing(events: int, coverage: Mapping[str, Any]) -> str:
    if events or not coverage["unreadable"]:
        return ""
    return in_words(coverage["unreadable"][0]["detail"])


def _tombstone(desk: Desk, item: Item) -> tuple[str, str]:
    """Find when an original was erased, and the reason that was given."""
    for entry in reversed(desk.vault.entries):
        if entry.type == kinds.ERASE and entry.body["item"] == item.sha256:
            return entry.at, str(entry.body.get("reason", ""))
    return "", ""

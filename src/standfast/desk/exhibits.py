# SPDX-License-Identifier: Apache-2.0
"""What a dossier says of the originals: each with its account, its picture, its timestamps."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from standfast.dossier import document as doc
from standfast.i18n import _, ngettext
from standfast.model.coverage import Coverage
from standfast.model.event import Locator, Remark, Unreadable
from standfast.model.times import iso_utc, micros
from standfast.sources.reading import Order, Reader, ReadingStopped
from standfast.sources.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from standfast.desk.case import Desk
    from standfast.desk.choosing import Selection
    from standfast.timeline.query import Row
    from standfast.timeline.state import Item

PICTURES = 60
"""Small views a dossier holds at most; every picture is an exhibit all the same."""


def exhibit(desk: Desk, item: Item, shown: Sequence[Row], chosen: Selection) -> doc.Exhibit:
    """Describe one original; of one that is not given, the account without its names."""
    reading = desk.state.readings.get(item.sha256)
    coverage = coverage_of(reading.coverage) if reading else Coverage()
    kept = doc.Kept.ERASED if item.erased else doc.Kept.PRESENT
    if not item.erased and item.sha256 not in chosen.whole:
        kept = doc.Kept.WITHHELD
        coverage = replace(coverage, unreadable=(), questions=(), remarks=(), unread=())
    return doc.Exhibit(
        number=item.number,
        name=item.name,
        size=item.size,
        sha256=item.sha256,
        added=item.added,
        format=reading.format if reading else "",
        coverage=coverage,
        kept=kept,
        shown=sum(1 for row in shown if row.item == item.sha256),
    )


def coverage_of(facts: Mapping[str, Any]) -> Coverage:
    """Give the account of a reading as the ledger keeps it, with its sentences translated."""
    return Coverage(
        events=facts["events"],
        framing=facts["framing"],
        bytes=facts["bytes"],
        bytes_accounted=facts["bytes_accounted"],
        unreadable=tuple(
            Unreadable(one["reason"], in_words(one["detail"]), Locator(**one["locator"]))
            for one in facts["unreadable"]
        ),
        unreadable_total=facts["unreadable_total"],
        remarks=tuple(
            Remark(one["code"], in_words(one["detail"]), one["path"]) for one in facts["remarks"]
        ),
        unread=tuple(facts["unread"]),
    )


def pictures(desk: Desk, chosen: Selection) -> Iterable[doc.Picture]:
    """Give small views of the pictures whose originals are given, drawn anew by the worker."""
    given = [one for one in desk.state.items.values() if one.sha256 in chosen.whole]
    with Reader() as reader:
        for item in [one for one in given if _is_picture(desk, one)][:PICTURES]:
            order = Order(item.name, item.size, desk.vault.item_file(item.sha256))
            try:
                png = reader.view(order)
            except ReadingStopped:
                continue  # the exhibit's own account says that it could not be read
            width, height = struct.unpack(">II", png[16:24])
            yield doc.Picture(
                exhibit=item.number, caption=item.name, png=png, width=width, height=height
            )


def _is_picture(desk: Desk, item: Item) -> bool:
    reading = desk.state.readings.get(item.sha256)
    return reading is not None and reading.format == "picture"


def anchors(desk: Desk) -> Iterable[doc.Anchor]:
    """Give the timestamps, also those that are still waiting."""
    waiting = [one["entry"] for one in desk.state.waiting]
    for one in desk.state.anchors:
        if one["state"] == "queued" and one["entry"] not in waiting:
            continue
        stamped = one["state"] == "stamped"
        state = doc.Anchored.VERIFIED if stamped else doc.Anchored.QUEUED
        moment = datetime.fromisoformat(one["time"]) if stamped else None
        yield doc.Anchor(
            authority=one.get("authority") or one["url"],
            state=state,
            time=iso_utc(micros(moment)) if moment else "",
            size=one["size"],
        )


def missing(desk: Desk, chosen: Selection, findings: int, *, by_choice: int = 0) -> Iterable[str]:
    """Say what is open and what was left out.

    ``findings`` is how many of these rest on events that are kept back, ``by_choice`` how many
    more the person left out.
    """
    for one in desk.questions():
        if one.item not in chosen.whole:
            continue
        yield _("A question about exhibit “{name}” is still open: {question}.").format(
            name=one.name, question=question_words(one.question)
        )
    others = sum(not (item.erased or chosen.has(item.sha256)) for item in desk.state.items.values())
    if others:
        yield ngettext(
            "{count} more original is kept in the case and not handed over.",
            "{count} more originals are kept in the case and not handed over.",
            others,
        ).format(count=others)
    if findings:
        yield ngettext(
            "{count} confirmed finding is left out, because it also counts events that are kept"
            " back.",
            "{count} confirmed findings are left out, because they also count events that are kept"
            " back.",
            findings,
        ).format(count=findings)
    if by_choice:
        yield ngettext(
            "{count} confirmed finding is left out by choice.",
            "{count} confirmed findings are left out by choice.",
            by_choice,
        ).format(count=by_choice)


def withheld(desk: Desk, chosen: Selection) -> Iterable[doc.Withheld]:
    """Count the events that are kept back of the originals from which some are shown."""
    for sha, numbers in chosen.numbers.items():
        kept_back = desk.state.readings[sha].events - len(numbers)
        if kept_back:
            yield doc.Withheld(exhibit=desk.state.items[sha].number, count=kept_back)


def question_words(question: str) -> str:
    """Word what a question is about."""
    return {
        "date_order": _("whether the day or the month comes first in its dates"),
        "zone": _("the time zone of its times"),
        "me": _("which participant is the person whose case this is"),
    }.get(question, question)

# SPDX-License-Identifier: Apache-2.0
"""Pictures: originals and files that events name, drawn anew.

Rules enforced here:

* no byte of an original reaches a face: a picture is decoded by the bounded worker, and what comes
  out is a fresh PNG of bounded size;
* a file is found by what the event says of it, never by a name alone where the event says more;
* what cannot be shown is said in a sentence, and never an error of the person's.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from standfast.desk.originals import Peeker, order_of, row_of, stopped_words
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.sources.reading import ReadingStopped

if TYPE_CHECKING:
    from standfast.desk.case import Desk
    from standfast.sources.reading import Order
    from standfast.timeline.row import Row
    from standfast.timeline.state import Item


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture drawn anew as a PNG of bounded size, or a sentence why not."""

    name: str
    png: bytes = b""
    width: int = 0
    height: int = 0
    sentence: str = ""


def picture(
    desk: Desk,
    event: str = "",
    *,
    item: int = 0,
    attachment: int = -1,
    peeker: Peeker | None = None,
) -> PictureView:
    """Draw a picture anew: an original by its number, an event's own, or a file it names.

    ``attachment`` is the place of the file in the event's list, from 0; -1 is the event's own.

    Raises:
        WrongUsage: there is no such event, original or attachment.
    """
    name, order, sentence = _wanted(desk, event, item, attachment)
    if order is None:
        return PictureView(name, sentence=sentence)
    try:
        if peeker is None:
            with Peeker() as own:
                png = own.view(order)
        else:
            png = peeker.view(order)
    except ReadingStopped as stopped:
        return PictureView(name, sentence=_not_drawn(stopped))
    width, height = struct.unpack(">II", png[16:24])
    return PictureView(name, png, width, height)


def _not_drawn(stopped: ReadingStopped) -> str:
    if stopped.reason == "not_viewable":
        return _(
            "This file cannot be shown as a picture: it is none, is damaged, is far too large, or"
            " is of a kind that is not drawn here. It is kept as it is."
        )
    return stopped_words(stopped)


def _wanted(desk: Desk, event: str, number: int, attachment: int) -> tuple[str, Order | None, str]:
    """Give the picture's name, and how to draw it or why it is not drawn."""
    if not event:
        found = next((one for one in desk.state.items.values() if one.number == number), None)
        if found is None:
            raise WrongUsage(_("There is no exhibit {number}.").format(number=number))
        return found.name, *_of_item(desk, found)
    row = row_of(desk, event)
    holder = desk.state.items.get(row.item)
    if attachment < 0:
        name = row.path.rpartition("/")[2] or (holder.name if holder else "")
        return name, *_of_item(desk, holder, member=row.path)
    files = json.loads(row.attachments or "[]")
    if attachment >= len(files):
        raise WrongUsage(_("This event names no such file."))
    file = files[attachment]
    return file.get("name", ""), *_of_attachment(desk, row, holder, file)


def _of_item(desk: Desk, item: Item | None, **more: Any) -> tuple[Order | None, str]:
    if item is None:
        return None, _("You wrote this down yourself, in the case; no file holds it.")
    if item.erased:
        return None, _("This original was erased; the log says when and why.")
    return replace(order_of(desk, item), **more), ""


def _of_attachment(
    desk: Desk, row: Row, holder: Item | None, file: dict[str, Any]
) -> tuple[Order | None, str]:
    if file["state"] == "omitted":
        return None, _("The app left this file out of the export.")
    if file["state"] != "present" or holder is None:
        return None, _("This file was not in what was added.")
    if "path" not in file:
        spans = ((row.start, row.end),)
        return _of_item(desk, holder, member=row.path, spans=spans, attached=file["sha256"])
    if row.path:
        return _of_item(desk, holder, member=file["path"])
    beside = [
        one
        for one in desk.state.items.values()
        if (one.folder, one.name) == (holder.folder, file["path"])
    ]
    if not beside:
        return None, _("This file was not in what was added.")
    same = [one for one in beside if one.size == file.get("size", one.size)]
    return _of_item(desk, (same or beside)[0])

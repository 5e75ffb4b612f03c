# SPDX-License-Identifier: Apache-2.0
"""How to get an export out of an app, for somebody who may be watched while doing so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.web.page import Page
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk.exporting import Export
    from standfast.web.visit import Visit


def _list(visit: Visit) -> Response:
    from standfast.desk.exporting import exports  # noqa: PLC0415 - the first page comes at once

    now = [one for one in exports() if one.read == "now"]
    later = [one for one in exports() if one.read != "now"]
    return visit.render("exports/list.html", now=now, later=later, address=number_of)


def _show(visit: Visit) -> Response:
    from standfast.desk.exporting import exports  # noqa: PLC0415 - as above

    found = next((one for one in exports() if number_of(one) == visit.params["key"]), None)
    if found is None:
        raise NotFound
    unread = found.read != "now"
    return visit.render(
        "exports/show.html",
        one=found,
        devices=device_words(),
        unread=unread,
        sources=list(dict.fromkeys(_sources(found))),
    )


def _sources(one: Export) -> list[str]:
    said = [each.source for each in (*one.noticed, *one.needs, *one.lacks)]
    return said + [way.source for way in one.ways]


def number_of(one: Export) -> str:
    """Give what stands for an app in an address: a number tells a history nothing."""
    return str(one.order)


def device_words() -> dict[str, str]:
    """Word the kinds of devices."""
    return {
        "iphone": _("On an iPhone"),
        "android": _("On an Android phone"),
        "computer": _("On a computer"),
    }


PAGES = (
    Page(name="exports", path="/a/h", get=_list, locked=True),
    Page(name="export", path="/a/h/{key}", get=_show, locked=True),
)

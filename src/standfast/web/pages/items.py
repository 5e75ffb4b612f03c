# SPDX-License-Identifier: Apache-2.0
"""The originals: what each is, what was read in it, taking a copy out, and erasing.

Nothing leaves or is destroyed by one press: a page says first what it means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk import handing
from standfast.desk.inventory import Original, original, originals
from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.web.page import Page
from standfast.web.pages.people import events_url
from standfast.web.sending import parts_of, send
from standfast.web.visit import NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.web.visit import Visit

SHOWN = 100


def _list(visit: Visit, start: int = 0) -> Response:
    found = originals(visit.desk)
    some = found[start : start + SHOWN]
    return visit.render(
        "items/list.html",
        lines=[(one, _url(visit, one)) for one in some],
        total=len(found),
        start=start,
        newer=visit.key({"start": max(0, start - SHOWN)}) if start else "",
        older=visit.key({"start": start + SHOWN}) if start + SHOWN < len(found) else "",
    )


def _more(visit: Visit) -> Response:
    return _list(visit, int(visit.value(visit.params["key"])["start"]))


def _url(visit: Visit, one: Original) -> str:
    return visit.url("item", key=visit.key({"item": one.item.number}))


def _one(visit: Visit) -> Original:
    found = original(visit.desk, int(visit.value(visit.params["key"])["item"]))
    if found is None:
        raise NotFound
    return found


def _show(visit: Visit) -> Response:
    one = _one(visit)
    return visit.render(
        "items/show.html",
        one=one,
        key=visit.params["key"],
        events=events_url(visit, item=one.item.sha256),
    )


# -- taking a copy out -------------------------------------------------------------------------


def _before_saving(visit: Visit) -> Response:
    return visit.render("items/save.html", one=_kept(visit), key=visit.params["key"])


def _kept(visit: Visit) -> Original:
    one = _one(visit)
    if one.item.erased:
        raise NotFound
    return one


def _save(visit: Visit) -> Response:
    number = _kept(visit).item.number
    item, file = visit.write(lambda desk: handing.take_out(desk, number))
    return send(visit, parts_of(file), size=item.size, name=item.name)


# -- erasing -----------------------------------------------------------------------------------


def _before_erasing(visit: Visit, problem: WrongUsage | None = None) -> Response:
    return visit.render(
        "items/erase.html",
        one=_kept(visit),
        key=visit.params["key"],
        reason=visit.form.get("reason", ""),
        problem=problem,
        asked=False,
    )


def _erase(visit: Visit) -> Response:
    one, reason = _kept(visit), visit.form.get("reason", "").strip()
    if not reason:
        return _before_erasing(
            visit, WrongUsage(_("A reason is needed; it stays in the log."), hint="")
        )
    if visit.form.get("sure") != "yes":
        return visit.render(
            "items/erase.html", one=one, key=visit.params["key"], reason=reason, problem=None,
            asked=True,
        )  # fmt: skip
    number = one.item.number
    visit.write(lambda desk: desk.erase(number, reason))
    visit.say(_("Original {number} was erased. The log says so.").format(number=number))
    return visit.go("items")


PAGES = (
    Page(name="items", path="/d/i", get=_list),
    Page(name="items_more", path="/d/a/{key}", get=_more),
    Page(name="item", path="/d/i/{key}", get=_show),
    Page(name="item_save", path="/d/o/{key}", get=_before_saving, post=_save),
    Page(name="item_erase", path="/d/e/{key}", get=_before_erasing, post=_erase),
)

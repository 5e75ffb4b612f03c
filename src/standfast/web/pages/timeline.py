# SPDX-License-Identifier: Apache-2.0
"""The timeline: everything in one order, narrowed down and searched.

Rules enforced here:

* what is asked for stands behind an opaque key; an address holds at most a position besides;
* no page waits for a question about all events: until it is answered, a page says so and comes by
  itself;
* without scripts the same events stand on pages of a hundred.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from standfast.errors import WrongUsage
from standfast.i18n import N_, _
from standfast.web.filters import LONGEST_SEARCH, Filter, chips, filter_of, where_of
from standfast.web.page import Page
from standfast.web.rendering import day
from standfast.web.visit import JSON, NotFound

if TYPE_CHECKING:
    from starlette.responses import Response

    from standfast.desk import View
    from standfast.web.visit import Visit

PAGE = 100
CHUNK = 60
MOST_DIGITS = 9


# -- what is asked for -----------------------------------------------------------------------


def asked_of(visit: Visit) -> Filter:
    """Give the filter that the address stands for."""
    return filter_of(visit.value(visit.params["key"]) if "key" in visit.params else {})


def url_of(visit: Visit, asked: Filter, name: str = "timeline_filtered") -> str:
    """Give the address of a filter."""
    if name == "timeline_filtered" and asked == Filter():
        return visit.url("timeline")
    return visit.url(name, key=visit.key(asked.value))


def view_of(visit: Visit, asked: Filter) -> View | None:
    """Give the view that is asked for, or ``None`` while it is worked out."""
    from standfast.desk.browsing_ahead import view_by_now  # noqa: PLC0415 - the first page must come at once

    if loading(visit):
        return None
    where = where_of(visit.desk, asked)
    return None if where is None else view_by_now(visit.desk, where)


def loading(visit: Visit) -> bool:
    """Say whether the first timeline after unlocking is still being made."""
    sitting = visit.sitting
    if not (sitting.behind and not sitting.as_of):
        return False
    if sitting.trouble:
        raise WrongUsage(sitting.trouble, hint=_("Go to “Verify” to have the case examined."))
    return True


def working(visit: Visit, asked: Filter, name: str) -> Response:
    """Show that it is being worked out; the page comes by itself."""
    return visit.render(
        "timeline/working.html",
        again=url_of(visit, asked, name),
        state=visit.url("timeline_state", key=visit.key(asked.value)),
        loading=loading(visit),
    )


def _state(visit: Visit) -> Response:
    """Tell the page's script whether it is worked out."""
    return visit.json({"over": view_of(visit, asked_of(visit)) is not None})


def _position(visit: Visit, name: str = "at") -> int:
    text = visit.params[name]
    if not (text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS):
        raise NotFound(text)
    return int(text)


# -- the page --------------------------------------------------------------------------------


def _timeline(visit: Visit) -> Response:
    return _page(visit, "timeline/scroll.html")


def _paged(visit: Visit) -> Response:
    return _page(visit, "timeline/paged.html", name="timeline_pages")


def _page(visit: Visit, template: str, *, name: str = "timeline_filtered") -> Response:
    from standfast.web.scroll import shown  # noqa: PLC0415 - likewise

    asked = asked_of(visit)
    view = view_of(visit, replace(asked, mark=""))
    if view is None:
        return working(visit, asked, name)
    at = _begin(view, asked)
    return visit.render(
        template,
        asked=asked,
        rows=shown(visit, view, at, PAGE, mark=asked.words_to_mark),
        at=at,
        page=PAGE,
        chunk=CHUNK,
        total=view.total,
        undated=view.undated,
        first=view.first_day,
        last=view.last_day,
        chosen=asked.event,
        zone=visit.desk.state.zone,
        nothing_yet=not visit.desk.state.readings and not visit.desk.state.incidents,
        chips=[(one, url_of(visit, one.without)) for one in chips(visit.desk, asked)],
        lacking=_lacking(visit, asked),
        **_links(visit, asked, view, at, name),
    )


def _begin(view: View, asked: Filter) -> int:
    """Give the position to begin at."""
    place = asked.at
    if asked.event:
        place = view.position_of(asked.event) or 0
    elif asked.day:
        place = view.position_at(asked.day)
    return max(0, min(place, view.total - 1))


def _links(visit: Visit, asked: Filter, view: View, at: int, name: str) -> dict[str, Any]:
    bare = asked.bare
    key = visit.key(bare.value)

    def there(place: int) -> str:
        return url_of(visit, replace(bare, at=max(0, place)), name)

    return {
        "key": key,
        "here": url_of(visit, replace(bare, at=at)),
        "pages": url_of(visit, replace(bare, at=at), "timeline_pages"),
        "everything": url_of(visit, Filter()),
        "narrow": url_of(visit, bare, "timeline_narrow"),
        "zoom": url_of(visit, bare, "timeline_zoom"),
        "start": there(0),
        "end": there(view.total - PAGE),
        "earlier": there(at - PAGE) if at else "",
        "later": there(at + PAGE) if at + PAGE < view.total else "",
        "to_undated": there(view.total - view.undated) if view.undated else "",
        "feed": feed_of(visit, bare),
        "name": name,
    }


def feed_of(visit: Visit, asked: Filter) -> str:
    """Give the address that rows come from, without the position at its end."""
    return visit.url("timeline_rows", key=visit.key(asked.value), at="0")[:-1]


def _lacking(visit: Visit, asked: Filter) -> tuple[int, str]:
    """Count what a question about time leaves out because its time is unknown."""
    where = where_of(visit.desk, asked)
    lacking = where.lacking() if where is not None else None
    if lacking is None:
        return 0, ""
    from standfast.desk.browsing_ahead import view_by_now  # noqa: PLC0415 - likewise

    view = view_by_now(visit.desk, lacking)
    other = replace(
        asked.bare, first="", last="", hours=None, weekdays=(), lacks=tuple(lacking.lacks)
    )
    return (view.total, url_of(visit, other)) if view is not None else (0, "")


# -- for the script --------------------------------------------------------------------------


def _rows(visit: Visit) -> Response:
    from standfast.web.scroll import shown  # noqa: PLC0415 - likewise

    asked = asked_of(visit)
    view = view_of(visit, replace(asked, mark=""))
    if view is None:
        return visit.json({"wait": True})
    at = _position(visit)
    rows = shown(visit, view, at, CHUNK, mark=asked.words_to_mark)
    return visit.json({"at": at, "total": view.total, "rows": [one.value for one in rows]})


def _days(visit: Visit) -> Response:
    """Give where each day begins, so that a script can say which one a position is in."""
    view = view_of(visit, replace(asked_of(visit), mark=""))
    if view is None:
        return visit.json({"wait": True})
    days = view.days().days
    return visit.json(
        {
            "firsts": [one.first for one in days],
            "days": [day(one.day) for one in days],
            "undated": view.total - view.undated,
        }
    )


# -- searching -------------------------------------------------------------------------------


def _search(visit: Visit) -> Response:
    """Take what is searched for: from a form, or as it is typed from a script."""
    asked = asked_of(visit).bare
    words = visit.form.get("search", "").strip()[:LONGEST_SEARCH]
    if visit.headers.get("accept") != JSON:
        return _go(visit, replace(asked, search=words, mark=""))
    marked = replace(asked, mark=words)
    hits = view_of(visit, replace(asked, search=words, mark="")) if words else None
    if words and hits is None:
        return visit.json({"wait": True})
    return visit.json(
        {
            "hits": hits.total if hits else 0,
            "words": bool(words),
            "feed": feed_of(visit, marked),
            "hit": visit.url("timeline_hit", key=visit.key(marked.value), at="0")[:-1],
            "from": visit.url("timeline_hit_from", key=visit.key(marked.value), at="0")[:-1],
            "only": url_of(visit, replace(asked, search=words)),
        }
    )


def _go(visit: Visit, asked: Filter) -> Response:
    if asked == Filter():
        return visit.go("timeline")
    return visit.go("timeline_filtered", key=visit.key(asked.value))


def _both(visit: Visit) -> tuple[View, View] | None:
    """Give the view and, of its events, those that are hits."""
    asked = asked_of(visit)
    base = view_of(visit, replace(asked, mark=""))
    hits = view_of(visit, replace(asked, search=asked.mark, mark=""))
    return (base, hits) if base is not None and hits is not None else None


def _hit(visit: Visit) -> Response:
    """Say where a hit stands, by its number."""
    from standfast.desk.browsing_ahead import place_of_hit  # noqa: PLC0415 - likewise

    both = _both(visit)
    if both is None:
        return visit.json({"wait": True})
    number = _position(visit)
    return visit.json({"number": number, "at": place_of_hit(*both, number)})


def _hit_from(visit: Visit) -> Response:
    """Say which hit is the first from a position on; behind the last one, the first of all."""
    from standfast.desk.browsing_ahead import hit_from, place_of_hit  # noqa: PLC0415 - likewise

    both = _both(visit)
    if both is None:
        return visit.json({"wait": True})
    number = hit_from(*both, _position(visit))
    number = number if number < both[1].total else 0
    return visit.json({"number": number, "at": place_of_hit(*both, number)})


# -- jumping ---------------------------------------------------------------------------------


def _jump(visit: Visit) -> Response:
    """Go to a day."""
    asked, wanted = asked_of(visit).bare, visit.form.get("day", "").strip()
    view = view_of(visit, replace(asked, mark=""))
    if view is not None and wanted:
        with visit.problems() as caught:
            at = view.position_at(wanted)
            if visit.headers.get("accept") == JSON:
                return visit.json({"at": at})
            return _go(visit, replace(asked, day=wanted))
        if caught.problem:
            visit.say(f"{caught.problem.message} {caught.problem.hint}", tone="attention")
    return _go(visit, asked)


PAGES = (
    Page(name="timeline", path="/t", get=_timeline, menu=(20, N_("Timeline"))),
    Page(name="timeline_state", path="/t/w/{key}", get=_state, active=False),
    Page(name="timeline_pages", path="/t/p/{key}", get=_paged),
    Page(name="timeline_rows", path="/t/r/{key}/{at}", get=_rows),
    Page(name="timeline_days", path="/t/y/{key}", get=_days),
    Page(name="timeline_search", path="/t/q/{key}", post=_search),
    Page(name="timeline_hit", path="/t/h/{key}/{at}", get=_hit),
    Page(name="timeline_hit_from", path="/t/g/{key}/{at}", get=_hit_from),
    Page(name="timeline_jump", path="/t/j/{key}", post=_jump),
    Page(name="timeline_filtered", path="/t/{key}", get=_timeline),
)

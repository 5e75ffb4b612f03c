# SPDX-License-Identifier: Apache-2.0
"""Quoting events on a page: each with a way to its place in the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from standfast.i18n import _, ngettext
from standfast.model.times import iso_wall
from standfast.web.rendering import day, moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from standfast.desk.citing import Cited
    from standfast.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Quote:
    """A cited event with the words of its head and the address of its place."""

    cited: Cited
    when: str
    more: str
    href: str


def quotes(visit: Visit, references: Sequence[str]) -> tuple[Quote, ...]:
    """Quote events by their references; those that are not there any more are left out."""
    from standfast.desk.citing import cite  # noqa: PLC0415 - the first page must come at once

    return tuple(_quote(visit, one) for one in cite(visit.desk, references))


def _quote(visit: Visit, cited: Cited) -> Quote:
    more = ngettext("(and {n} more character)", "(and {n} more characters)", cited.cut)
    href = visit.url("event", key=cited.event)
    return Quote(cited, _when(cited), more.format(n=cited.cut) if cited.cut else "", href)


def _when(cited: Cited) -> str:
    if cited.when is None:
        return _("time unknown")
    return day(iso_wall(cited.when)[:10]) if cited.whole_day else moment(cited.when)


def timeline_url(visit: Visit, wanted: Mapping[str, Any]) -> str:
    """Give the address of the timeline with a filter (`web.filters.Filter`)."""
    return visit.url("timeline_filtered", key=visit.key(dict(wanted)))

# SPDX-License-Identifier: Apache-2.0
"""What became of files that were added, in sentences a person can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.desk.taking import Added, outcome, questions_by_item
from standfast.i18n import _, ngettext
from standfast.sources import known_formats
from standfast.sources.wording import in_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from standfast.desk.case import Desk

__all__ = ["Added", "became", "outcomes"]


def outcomes(desk: Desk, added: Iterable[Added]) -> tuple[Added, ...]:
    """Tell of files that were kept what their reading came to, as it stands now."""
    asked = questions_by_item(desk)
    return tuple(outcome(desk, one, asked) for one in added)


def became(one: Added) -> str:
    """Say what became of a file."""
    if one.outcome == "left_out":
        return _("Not taken in. {reason}").format(reason=one.reason)
    first = _("It was in the case already.") if one.outcome == "known" else _("It is kept.")
    return " ".join([first, *_reading(one)])


def _reading(one: Added) -> list[str]:
    known = known_formats().get(one.format)
    if known is None:
        return [in_words(one.reason) if one.reason else _("Its content cannot be read yet.")]
    found = [_("It was read as: {format}.").format(format=_(known.about.title))]
    if one.events:
        events = ngettext("It holds {count} event.", "It holds {count} events.", one.events)
        found.append(events.format(count=one.events))
    if one.unreadable:
        places = ngettext(
            "{count} place in it could not be read.",
            "{count} places in it could not be read.",
            one.unreadable,
        )
        found.append(places.format(count=one.unreadable))
    if one.reason:
        found.append(in_words(one.reason))
    return found

# SPDX-License-Identifier: Apache-2.0
"""The account of a JSON file's bytes: what lies between the values that were taken is framing.

Rules enforced here:

* stretches lie side by side in the order of the file; none is counted twice, none is empty;
* a stretch that is no value is `Unreadable`, with a sentence that says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.model.event import Framing, Locator, Unreadable

if TYPE_CHECKING:
    from standfast.model.event import Yield
    from standfast.sources.json_walk import Broken


class JsonSpans:
    """Collects what lies around the events of one file.

    Attributes:
        out: what was collected and not yet handed out.
        cut: whether the file ends in the middle of something.
    """

    def __init__(self, path: str) -> None:
        """Account for the member at ``path``."""
        self.out: list[Yield] = []
        self.cut = False
        self._path = path
        self._mark = 0

    def take(self, start: int, end: int) -> None:
        """Account for an event's bytes, and for what lies before it."""
        if start > self._mark:
            self.out.append(Framing(self._mark, start, self._path))
        self._mark = end

    def broken(self, one: Broken) -> None:
        """Account for a stretch that is no value."""
        self.cut = self.cut or one.reason == "cut"
        self.unreadable(one.start, one.end, "cut_off" if one.reason == "cut" else one.reason)

    def unreadable(self, start: int, end: int, reason: str, pointer: str = "") -> None:
        """Account for a stretch that cannot be read as anything of ours."""
        self.take(start, end)
        if end > start:
            where = Locator(self._path, start, end, pointer=pointer)
            self.out.append(Unreadable(reason, _sentence(reason), where))

    def finish(self, size: int) -> None:
        """Account for the rest of the file."""
        self.take(max(size, self._mark), size)


def _sentence(reason: str) -> str:
    """Say what a reason means, in the reader's language."""
    return {
        "not_json": _("This stretch is damaged: it is not written as JSON."),
        "cut_off": _("The file ends before it is complete; what came after is not in it."),
        "too_large": _("This entry is far longer than any message and was not taken apart."),
        "too_deep": _("This entry is nested far deeper than any message and was not taken apart."),
        "broken_page": _("This message is damaged: it does not end before the next one begins."),
        "not_a_message": _("This entry is not written as a message of this app."),
    }[reason]

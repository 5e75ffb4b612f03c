# SPDX-License-Identifier: Apache-2.0
"""Mails gathered into column batches, and what must be said of the whole file.

Rules enforced here:

* a batch is given out when it holds `MOST_ROWS` mails or `MOST_CHARS` of text, so that memory
  does not grow with the file;
* each limit that mails went over becomes one remark with their number.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, ngettext
from standfast.model.event import EventBatch, Kind, Remark
from standfast.model.times import Precision, ZoneBasis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from standfast.sources.mail_text.letter import Letter

MOST_ROWS: Final = 4000
MOST_CHARS: Final = 8 << 20
CHANNEL: Final = "mail"
NO_TIME: Final = (None, "", ZoneBasis.UNKNOWN.value, None, Precision.NONE.value)

COLUMNS: Final = (
    "wall", "zone", "zone_basis", "utc", "precision", "conversation", "sender", "recipients",
    "direction", "text", "attachments", "state", "native", "start", "end",
)  # fmt: skip


SENTENCES: Final = {
    "size": (
        N_(
            "{count} e-mail is larger than 64 MiB. The original is kept whole; only its first"
            " 64 MiB were read for this event."
        ),
        N_(
            "{count} e-mails are larger than 64 MiB. The originals are kept whole; only the first"
            " 64 MiB of each were read for its event."
        ),
    ),
    "header": (
        N_(
            "{count} e-mail has an unusually long header. The original is kept whole; only the"
            " beginning of that header was read."
        ),
        N_(
            "{count} e-mails have an unusually long header. The originals are kept whole; only"
            " the beginning of each header was read."
        ),
    ),
    "parts": (
        N_(
            "{count} e-mail has more than 1,000 parts. The original is kept whole; the parts"
            " after the first 1,000 are not listed."
        ),
        N_(
            "{count} e-mails have more than 1,000 parts. The originals are kept whole; the parts"
            " after the first 1,000 are not listed."
        ),
    ),
    "depth": (
        N_(
            "{count} e-mail is nested more than 20 levels deep. What lies deeper is listed as one"
            " attachment."
        ),
        N_(
            "{count} e-mails are nested more than 20 levels deep. What lies deeper is listed as"
            " one attachment each."
        ),
    ),
    "html": (
        N_(
            "{count} e-mail has an unusually long HTML text. The original is kept whole; only the"
            " beginning of the text is shown."
        ),
        N_(
            "{count} e-mails have an unusually long HTML text. The originals are kept whole; only"
            " the beginning of each text is shown."
        ),
    ),
    "enclosing": (
        N_(
            "{count} e-mail states its own length and holds lines inside that look like the"
            " beginning of another e-mail. It was kept as one."
        ),
        N_(
            "{count} e-mails state their own length and hold lines inside that look like the"
            " beginning of another e-mail. Each was kept as one."
        ),
    ),
}
"""What is said of the mails that went over each limit, of one and of many."""


class Rows:
    """Collects mails in file order."""

    def __init__(self, path: str) -> None:
        """Begin with nothing; ``path`` is the member that is read."""
        self.path = path
        self._rows: list[tuple[object, ...]] = []
        self._chars = 0
        self.full = False  # a batch should be given out

    def add(self, letter: Letter, start: int, end: int) -> None:
        """Take a mail and the span of its bytes."""
        thread, time, sender, recipients, direction, text, files, state, native, _limits = letter
        told = (thread, sender, recipients, direction, text, files, state, native, start, end)
        self._rows.append((time or NO_TIME) + told)
        self._chars += len(text) + len(native)
        if self._chars >= MOST_CHARS or len(self._rows) >= MOST_ROWS:
            self.full = True

    def flush(self) -> Iterator[EventBatch]:
        """Give out what has been collected, and begin anew."""
        if not self._rows:
            return
        columns = dict(zip(COLUMNS, map(list, zip(*self._rows, strict=True)), strict=True))
        kept = {"kind": Kind.MAIL.value, "channel": CHANNEL, "path": self.path}
        yield EventBatch(len(self._rows), {**kept, **columns})
        self._rows, self._chars, self.full = [], 0, False


class Limits:
    """Counts the mails that went over each limit."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.counts: Counter[str] = Counter()

    def add(self, codes: Iterable[str]) -> None:
        """Count one mail under each code."""
        self.counts.update(codes)

    def remarks(self, path: str) -> Iterator[Remark]:
        """Give one remark for each limit that was met."""
        for code in sorted(self.counts):
            yield Remark(f"mail_{code}", _sentence(code, self.counts[code]), path)


def _sentence(code: str, count: int) -> str:
    return ngettext(*SENTENCES[code], count).format(count=count)

# SPDX-License-Identifier: Apache-2.0
"""Uploads: what a browser said it would send, and what became of each file so far.

It lives beside the open case and is forgotten with it. What must outlive a server that was killed
(which files were announced and have not arrived) is the desk's, sealed in the case folder.
"""

from __future__ import annotations

import secrets
import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.desk import Added
    from standfast.desk.sitting import Sitting

WAITING, COMING, KEPT, KNOWN, LEFT_OUT = "waiting", "coming", "kept", "known", "left_out"
OVER: Final = frozenset({KEPT, KNOWN, LEFT_OUT})
REMEMBERED: Final = 20
"""Uploads that are remembered, the newest."""
SHORT: Final = 12


@dataclass(slots=True)
class Sent:
    """One file of an upload; ``received`` bytes have come, ``reason`` says what must be said."""

    name: str
    folder: str
    size: int
    modified: str = ""
    state: str = WAITING
    received: int = 0
    sha256: str = ""
    reason: str = ""

    @property
    def percent(self) -> int:
        """Give how much of it came, 0 to 100."""
        if self.state in (KEPT, KNOWN):
            return 100
        return min(99, self.received * 100 // self.size) if self.size > 0 else 0

    @property
    def short_hash(self) -> str:
        """Give the beginning of what names it in the case."""
        return self.sha256[:SHORT]

    def settle(self, added: Added) -> None:
        """Take notice of what became of it."""
        self.state, self.sha256, self.reason = added.outcome, added.sha256, added.reason

    def interrupt(self, reason: str = "") -> None:
        """Take notice that it did not come whole; it may be sent again."""
        self.state, self.received, self.reason = WAITING, 0, reason


@dataclass(slots=True, eq=False)
class Upload:
    """Files that were chosen together.

    ``read`` says that reading them was begun; ``trouble`` what must be said of the whole.
    """

    files: list[Sent] = field(default_factory=list)
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    read: bool = False
    trouble: str = ""

    @property
    def counts(self) -> Counter[str]:
        """Count its files by their state."""
        return Counter(one.state for one in self.files)

    @property
    def total(self) -> int:
        """Give how many bytes were announced."""
        return sum(one.size for one in self.files)

    @property
    def received(self) -> int:
        """Give how many of them came, counting what is settled as come."""
        return sum(one.size if one.state in OVER else one.received for one in self.files)

    @property
    def missing(self) -> list[Sent]:
        """Give the files that have not come."""
        return [one for one in self.files if one.state not in OVER]

    def notable(self, most: int) -> list[tuple[int, Sent]]:
        """Give the files a page shows, by number: what is coming or needs words first."""
        rank = {COMING: 0, LEFT_OUT: 1, WAITING: 3, KNOWN: 4, KEPT: 5}
        rows = enumerate(self.files)
        first = sorted(rows, key=lambda row: (2 if row[1].reason else rank[row[1].state], row[0]))
        return sorted(first[:most])


class Uploads:
    """The uploads of one open case."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: OrderedDict[str, Upload] = OrderedDict()

    def begin(self, files: Sequence[Sent] = ()) -> Upload:
        """Take notice of files that will be sent together."""
        return self.remember(Upload(list(files)))

    def remember(self, upload: Upload) -> Upload:
        """Keep an upload in mind."""
        self._known[upload.id] = upload
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return upload

    def find(self, upload: object) -> Upload | None:
        """Give an upload by its id."""
        return self._known.get(str(upload))

    def unfinished(self) -> list[Upload]:
        """Give the uploads that were not read yet, the newest first."""
        return [one for one in reversed(self._known.values()) if not one.read]


_ALL: WeakKeyDictionary[Sitting, Uploads] = WeakKeyDictionary()
_TURN = threading.Lock()


def uploads_of(sitting: Sitting) -> Uploads:
    """Give the uploads of an open case; they go when it is closed."""
    with _TURN:
        return _ALL.setdefault(sitting, Uploads())

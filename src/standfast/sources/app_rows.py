# SPDX-License-Identifier: Apache-2.0
"""Events of an app's export, collected into columns.

Rules enforced here:

* what came from outside is kept within bounds: a field too long to be kept beside its event is
  named under ``left_out``, and stays in the original;
* an event without a time is counted, so that the reading can say so;
* batches are handed out at `BATCH` rows or `BATCH_BYTES` of the original.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, Final

from standfast.model.event import EventBatch
from standfast.sources.app_times import UNKNOWN, Moment
from standfast.sources.json_native import written
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BATCH: Final = 4096
BATCH_BYTES: Final = 8 << 20
LONGEST_NAME: Final = 1000
_PLAIN: Final = {True: "true", False: "false"}
COLUMNS: Final = (
    *(
        "kind",
        "conversation",
        "wall",
        "wall_other",
        "zone",
        "zone_basis",
        "utc",
        "precision",
        "sender",
    ),
    *("recipients", "direction", "text", "attachments", "state", "detail", "native"),
    *("start", "end", "pointer", "row"),
)


@dataclass(slots=True, kw_only=True)
class Said:
    """One event on its way into columns; fields as in `standfast.model.event.Event`."""

    kind: str = "message"
    conversation: str = ""
    moment: Moment = UNKNOWN
    sender: str = ""
    recipients: Sequence[str] = ()
    direction: str = "unknown"
    text: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    state: str = ""
    detail: str = ""
    native: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, value: Any) -> None:
        """Keep a field of the source as text or JSON; an empty one is not kept."""
        if value is None or value in ("", [], {}):
            return
        kept = _PLAIN.get(value) if isinstance(value, bool) else written(value)
        if kept is None:
            self.native["left_out"] = f"{self.native.get('left_out', '')} {name}".strip()
        else:
            self.native[name] = kept


class AppRows:
    """Collects the rows of one file.

    Attributes:
        total: rows taken so far.
        undated: rows without a time.
        full: whether it is time to hand rows out.
    """

    def __init__(self, channel: str, path: str) -> None:
        """Collect events of a channel from the member at ``path``."""
        self.total = 0
        self.undated = 0
        self.full = False
        self._fixed = {"channel": channel, "path": path}
        self._rows: list[tuple[Any, ...]] = []
        self._weight = 0

    def add(self, said: Said, start: int, end: int, pointer: str = "", row: int = -1) -> None:
        """Take one event that stands in these bytes."""
        when = said.moment
        if when.mark:
            said.native["clock"] = when.mark
        names = tuple(name[:LONGEST_NAME] for name in said.recipients if name)
        self._rows.append((
            said.kind, said.conversation[:LONGEST_NAME], when.wall, when.other, when.zone,
            when.basis, when.utc, when.precision, said.sender[:LONGEST_NAME],
            _listed(names) if names else "", said.direction, said.text,
            compact(said.attachments) if said.attachments else "", said.state, said.detail,
            flat(said.native) if said.native else "", start, end, pointer, row,
        ))  # fmt: skip
        self.total += 1
        self.undated += when.wall is None
        self._weight += end - start
        self.full = len(self._rows) >= BATCH or self._weight >= BATCH_BYTES

    def batch(self) -> EventBatch | None:
        """Hand out the rows collected since the last time; ``None`` when there are none."""
        if not self._rows:
            return None
        columns = dict(zip(COLUMNS, map(list, zip(*self._rows, strict=True)), strict=True))
        batch = EventBatch(len(self._rows), {**columns, **self._fixed})
        self._rows, self._weight, self.full = [], 0, False
        return batch


@lru_cache(maxsize=1024)
def _listed(names: tuple[str, ...]) -> str:
    return compact(list(names))


def flat(texts: Mapping[str, str]) -> str:
    """Write an object of texts, as `compact` does."""
    parts = [f"{quoted(name)}:{quoted(texts[name])}" for name in sorted(texts)]
    told = "{" + ",".join(parts) + "}"
    if told.isascii():
        return told
    try:
        told.encode()
    except UnicodeEncodeError:  # half a character: spelled
        return compact(dict(texts))
    return told

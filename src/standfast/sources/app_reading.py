# SPDX-License-Identifier: Apache-2.0
"""Reading an app's export of JSON values: what each is, and the account of every byte.

Rules enforced here:

* a format looks at one value at a time and says what it is: an event, nothing of its own (a name,
  a header: framing), or not written as the app writes it;
* an event's bytes are those of its value; framing is what lies between;
* everything comes out in the order of the file, memory bounded by one batch.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from standfast.i18n import _
from standfast.model.event import Question, Remark
from standfast.sources.app_rows import LONGEST_NAME, AppRows, Said
from standfast.sources.json_spans import JsonSpans
from standfast.sources.json_walk import Broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from standfast.model.event import Yield
    from standfast.sources import Source
    from standfast.sources.json_walk import Path, Value

MOST_CHOICES: Final = 200
"""People among whom the person is asked to find themselves."""
PENDING: Final = 8192
"""Stretches beside events that are held back at most."""


class Other(Enum):
    """What a value is that is no event."""

    FRAMING = "framing"
    NOT_OURS = "not_ours"


Judgement = Said | Other


class Participants:
    """Who wrote something: addresses, with the name each had first."""

    def __init__(self) -> None:
        """Know nobody."""
        self._names: dict[str, str] = {}

    def met(self, address: str, name: str = "") -> None:
        """Remember somebody, up to a bound."""
        if address and address not in self._names and len(self._names) < MOST_CHOICES:
            self._names[address[:LONGEST_NAME]] = name[:LONGEST_NAME]

    def question(self, path: str) -> Iterator[Question]:
        """Ask which of them is the person, because the file does not say."""
        if self._names:
            choices, names = tuple(self._names), tuple(self._names.values())
            yield Question("me", choices, names, "owner_not_in_file", path)


class Taker(Protocol):
    """What a format knows of its values."""

    def take(self, value: Value) -> Judgement:
        """Say what a value is."""
        ...

    def remarks(self) -> Iterator[Yield]:
        """Say what is true of the whole file, after the last value."""
        ...


def read_values(
    values: Iterable[Value | Broken], taker: Taker, source: Source, channel: str
) -> Iterator[Yield]:
    """Yield the events of a file's values, in file order, and account for its every byte."""
    rows, spans, replaced = AppRows(channel, source.path), JsonSpans(source.path), 0
    for one in values:
        if isinstance(one, Broken):
            spans.broken(one)
        else:
            replaced += not one.exact
            _sort(taker.take(one), one, rows, spans)
        if rows.full or len(spans.out) >= PENDING:
            yield from _drained(rows, spans)
    spans.finish(source.size)
    yield from _drained(rows, spans)
    yield from taker.remarks()
    yield from counted(source.path, undated=rows.undated, replaced_characters=replaced)


def _sort(judged: Judgement, value: Value, rows: AppRows, spans: JsonSpans) -> None:
    if judged is Other.FRAMING:
        return
    pointer, row = pointer_of(value.path)
    if isinstance(judged, Said):
        spans.take(value.start, value.end)
        rows.add(judged, value.start, value.end, pointer, row)
    else:
        spans.unreadable(value.start, value.end, "not_a_message", pointer)


def _drained(rows: AppRows, spans: JsonSpans) -> Iterator[Yield]:
    batch = rows.batch()
    if batch is not None:
        yield batch
    yield from spans.out
    spans.out = []


def pointer_of(path: Path) -> tuple[str, int]:
    """Write a place in a document as a JSON pointer (RFC 6901).

    In a file of one document a line the place is the line's number instead.
    """
    if len(path) == 2 and path[0] is LINE:  # noqa: PLR2004 - that mark and a number
        return "", int(path[1])
    if path and isinstance(path[-1], int):
        return f"{_written(path[:-1])}/{path[-1]}", -1
    return _written(path), -1


@lru_cache(maxsize=8)
def _written(path: Path) -> str:
    steps = (str(step).replace("~", "~0").replace("/", "~1")[:LONGEST_STEP] for step in path)
    return "".join(f"/{step}" for step in steps)


LINE: Final = "\0line"
"""Stands before the number of a line where other paths have names."""
LONGEST_STEP: Final = 500


def counted(path: str, **counts: int) -> Iterator[Remark]:
    """Say how often something happened in a file, where it happened at all."""
    sentences: dict[str, Any] = {
        "undated": _("Entries without a usable date: {count}."),
        "replaced_characters": _(
            "Entries with bytes that stand for no character, shown as a replacement sign: {count}."
        ),
    }
    for code, count in counts.items():
        if count:
            yield Remark(code, sentences[code].format(count=count), path)

# SPDX-License-Identifier: Apache-2.0
"""The timeline: every event of a case in one order, in memory, for questions.

Rules enforced here:

* rows go in as Arrow batches, never one by one, and only from segments that verify;
* an ambiguous or unknown time is never used for order: such events stand at the end, marked.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from standfast.timeline.loading import load
from standfast.timeline.memory import Asked, lock, memory
from standfast.timeline.merge import merge
from standfast.timeline.naming import REF_DIGITS, introduce, name_all
from standfast.timeline.places import Places, places
from standfast.timeline.row import SHOWN, Row
from standfast.timeline.view import View
from standfast.timeline.where import OF_REFERENCES, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    import pyarrow as pa

__all__ = ["REF_DIGITS", "Row", "Timeline", "View", "Where"]
VIEWS_KEPT = 8
"""Views that are kept, the newest ones; one holds four bytes an event."""

EVENTS = """
CREATE VIEW events AS
SELECT s.ref || '-' || f.n AS event, f.* EXCLUDE (setting), s.* EXCLUDE (setting, ref)
FROM facts f JOIN named s USING (setting)
"""

HIDDEN = """
CREATE TABLE hidden AS
SELECT i.ref || '-' || a.n AS event, j.ref || '-' || b.n AS shown
FROM copies c JOIN raw a ON a.r = c.r JOIN raw b ON b.r = c.shown
JOIN items i ON i.item_no = a.item_no JOIN items j ON j.item_no = b.item_no
WHERE c.r <> c.shown
"""
"""Every other place of an event that stands in several files."""

ONCE = """
DELETE FROM facts WHERE r IN (SELECT r FROM copies WHERE r <> shown);
UPDATE facts SET copies = c.copies FROM copies c WHERE c.r = facts.r AND c.copies > 1
"""

MERGING = ("copies", "placed", "woven", "joined", "counted", "keyed", "spans", "strands", "sources")


class Timeline:
    """The events of a case, ready for questions. Close it: it holds plain text in memory.

    Any thread may ask, several at once: each question has a cursor of its own.
    """

    def __init__(self, batches: Iterator[tuple[int, int, pa.RecordBatch]], **facts: Any) -> None:
        """Load events: item number, number of the first event, and the batch.

        Keyword arguments: ``items``, the SHA-256 by item number (number 0 stands for what the
        person wrote down), and ``people``, as stated.
        """
        self.connection = memory()
        try:
            load(self.connection, batches)
            introduce(self.connection, facts["items"], facts["people"])
            self._merge()
            name_all(self.connection)
            self.connection.execute(EVENTS)
            self.connection.execute("DROP VIEW raw; DROP TABLE settings")
            lock(self.connection)
        except BaseException:
            self.connection.close()
            raise
        self._asked = Asked(self.connection)
        self._views: dict[Where, View] = {}
        self._turn = threading.Lock()
        self._ordering = threading.Lock()
        self._places: Places | None = None

    def _merge(self) -> None:
        several = self.connection.execute(
            "SELECT channel FROM settings WHERE item_no > 0 GROUP BY channel "
            "HAVING count(DISTINCT item_no::VARCHAR || '/' || path) > 1"
        ).fetchall()
        if not several:
            self.connection.execute("CREATE TABLE hidden (event VARCHAR, shown VARCHAR)")
            return
        merge(self.connection)
        self.connection.execute(HIDDEN)
        self.connection.execute(ONCE)
        for name in MERGING:
            self.connection.execute(f"DROP TABLE IF EXISTS {name}")

    def close(self) -> None:
        """Forget everything, once the questions under way have their answers."""
        self._asked.close()

    def __enter__(self) -> Self:
        """Stay open within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Forget everything at its end."""
        self.close()

    # -- questions ---------------------------------------------------------------------------

    def ask(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        """Ask in SQL of our own and give all rows; any thread may, several at once."""
        with self._asked.cursor() as cursor:
            return cursor.execute(question, list(values)).fetchall()

    def ordered(self) -> Places:
        """Give the order of all events, worked out when it is first asked for."""
        with self._ordering:
            if self._places is None:
                with self._asked.cursor() as cursor:
                    self._places = places(cursor)
            return self._places

    def view(self, where: Where | None = None) -> View:
        """Give a view of events, kept for the next question about the same ones."""
        where = where or Where()
        with self._turn:
            known = self._views.pop(where, None)
        if known is None:
            clause, values = where.clause()
            question = f"SELECT r::INTEGER AS r FROM events WHERE {clause}"  # noqa: S608 - as below
            with self._asked.cursor() as cursor:
                rows = cursor.sql(question, params=values).to_arrow_table().column("r")
            ordered = self.ordered()
            known = View(self.ask, ordered, ordered.positions(rows.combine_chunks()))
        with self._turn:
            while len(self._views) >= VIEWS_KEPT:
                del self._views[next(iter(self._views))]
            self._views[where] = known
        return known

    def rows(self, where: Where | None = None, *, limit: int = -1, offset: int = 0) -> list[Row]:
        """Give events in order."""
        clause, values = (where or Where()).clause()
        columns = ", ".join(f'"{name}"' for name in SHOWN)
        order = "ORDER BY ts NULLS LAST, item_no, n"
        if limit >= 0 or offset:  # order the numbers alone, then fetch what is shown
            bound = f" LIMIT {int(limit)}" if limit >= 0 else ""
            page = f"SELECT r FROM events WHERE {clause} {order}{bound} OFFSET {int(offset)}"  # noqa: S608 - as below
            clause = f"r IN ({page})"
        question = f"SELECT {columns} FROM events WHERE {clause} {order}"  # noqa: S608 - as below
        return [Row(*row) for row in self.ask(question, values)]

    def count(self, where: Where | None = None) -> int:
        """Count events."""
        clause, values = (where or Where()).clause()
        question = f"SELECT count(*) FROM events WHERE {clause}"  # noqa: S608 - as above
        return int(self.ask(question, values)[0][0])

    def by_reference(self, references: Sequence[str]) -> dict[str, Row]:
        """Give events by their references; unknown ones are left out.

        A reference to another place of an event that several files show finds that event.
        """
        if not references:
            return {}
        columns = ", ".join(f'e."{name}"' for name in SHOWN)
        question = f"SELECT a.wanted, {columns} {OF_REFERENCES}"
        return {row[0]: Row(*row[1:]) for row in self.ask(question, [list(references)])}

    def also(self, event: str) -> list[str]:
        """Give the references of an event's other places, in other originals."""
        question = "SELECT event FROM hidden WHERE shown = ? ORDER BY event"
        return [reference for (reference,) in self.ask(question, [event])]

    def accounts(self) -> list[tuple[str, str, str, str, int, int]]:
        """Give every account met: channel, address, person, how often it came in and went out."""
        return self.ask(
            "SELECT channel, account, person, role, "
            "count(*) FILTER (direction = 'in')::BIGINT, "
            "count(*) FILTER (direction = 'out')::BIGINT "
            "FROM events WHERE account <> '' GROUP BY ALL ORDER BY channel, account"
        )

    def arrow(self, columns: Sequence[str]) -> pa.Table:
        """Give the dated events' columns as Arrow, in the order of ``(ts, event)``."""
        names = ", ".join(f'"{name}"' for name in columns)
        question = f"SELECT {names} FROM events WHERE ts IS NOT NULL ORDER BY ts, event"  # noqa: S608 - as above
        with self._asked.cursor() as cursor:
            return cursor.sql(question).to_arrow_table()

    def undecided_channels(self) -> list[tuple[str, int]]:
        """Give the channels with contacts of which it is not known who wrote to whom."""
        question = (
            "SELECT channel, count(*)::BIGINT FROM events WHERE direction = 'unknown' "
            "AND kind IN ('message', 'call', 'mail') GROUP BY channel ORDER BY channel"
        )
        return self.ask(question)

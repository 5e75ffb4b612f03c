# SPDX-License-Identifier: Apache-2.0
"""The timeline: every event of a case in one order, in memory, for questions.

Rules enforced here:

* rows go in as Arrow batches, never one by one, and only from segments that verify;
* an ambiguous or unknown time is never used for order: such events stand at the end, marked;
* who somebody is comes from the person's statements alone; from whose side an event came is
  decided by them only where the source does not say, and never from a name nobody has stated;
* a missed call that the app's own line reports without a name came from the only other side of a
  conversation between two: apps write no such line about a call that the phone's owner made.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from standfast.timeline.loading import load
from standfast.timeline.memory import Asked, lock, memory
from standfast.timeline.merge import merge
from standfast.timeline.people import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from standfast.model.people import Person

REF_DIGITS = 12
"""How many digits of an original's SHA-256 an event's reference begins with."""

WHO = pa.schema([(n, pa.string()) for n in ("channel", "written", "account", "person", "role")])

SIDES = """
CREATE TEMP TABLE threads AS
SELECT r.item_no, r.path, r.channel, r.conversation,
       bool_or(w.role = 'me') AS has_me, bool_or(w.role IN ('other', 'third')) AS has_other,
       count(DISTINCT w.account) FILTER (w.role <> 'me') AS others,
       min(w.account) FILTER (w.role <> 'me') AS other
FROM (SELECT DISTINCT item_no, path, channel, conversation, sender
      FROM settings WHERE sender <> '') r
JOIN who w ON w.channel = r.channel AND w.written = r.sender
GROUP BY ALL
"""

NAMED = """
CREATE TABLE named AS
WITH sided AS (
  SELECT r.*, i.ref, i.item, s.account AS sender_account, f.account AS first_recipient,
         CASE WHEN t.others = 1 THEN t.other END AS only_other,
         CASE WHEN r.direction <> 'unknown' THEN r.direction
              WHEN s.role = 'me' THEN 'out'
              WHEN s.role IN ('other', 'third') THEN 'in'
              WHEN r.sender <> '' AND (t.has_me OR f.role = 'me') THEN 'in'
              WHEN r.sender = '' AND r.kind = 'call' AND starts_with(r.detail, 'missed')
                   AND t.others = 1 AND (t.has_me OR t.has_other) THEN 'in'
              ELSE 'unknown' END AS side
  FROM settings r JOIN items i ON i.item_no = r.item_no
  LEFT JOIN who s ON s.channel = r.channel AND s.written = r.sender AND r.sender <> ''
  LEFT JOIN first_of x ON x.recipients = r.recipients
  LEFT JOIN who f ON f.channel = r.channel AND f.written = x.written
  LEFT JOIN threads t ON t.item_no = r.item_no AND t.path = r.path AND t.channel = r.channel
       AND t.conversation = r.conversation
), met AS (
  SELECT *, coalesce(CASE side WHEN 'in' THEN coalesce(sender_account, only_other)
                               WHEN 'out' THEN coalesce(first_recipient, only_other)
                               WHEN 'system' THEN coalesce(sender_account, only_other)
                               ELSE sender_account END, '') AS account
  FROM sided)
SELECT m.* EXCLUDE (item_no, sender_account, first_recipient, only_other, side, direction, account),
       m.side AS direction, m.account, coalesce(w.person, '') AS person,
       coalesce(w.role, '') AS role
FROM met m
LEFT JOIN (SELECT DISTINCT channel, account, person, role FROM who) w
     ON w.channel = m.channel AND w.account = m.account
"""
"""Everything that depends on who and where alone is worked out once for each ``setting``."""

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

FOUND = """
FROM (SELECT DISTINCT unnest(?::VARCHAR[]) AS wanted) a
LEFT JOIN hidden h ON h.event = a.wanted
JOIN events e ON e.event = coalesce(h.shown, a.wanted)
  AND e.n = try_cast(split_part(coalesce(h.shown, a.wanted), '-', -1) AS BIGINT)
"""
"""The number in a reference leads to few events, whose references are then compared."""

MERGING = ("copies", "placed", "woven", "joined", "counted", "keyed", "spans", "strands", "sources")


@dataclass(frozen=True, slots=True)
class Where:
    """Which events are wanted; empty means any.

    ``start`` and ``end`` are microseconds like ``ts``; ``wall_start`` and ``wall_end`` are of the
    wall clock, for days as the person lived them (an ambiguous time fits if either reading does).
    """

    start: int | None = None
    end: int | None = None
    wall_start: int | None = None
    wall_end: int | None = None
    person: str = ""
    account: str = ""
    channel: str = ""
    kind: str = ""
    direction: str = ""
    search: str = ""
    item: str = ""
    dated: bool | None = None
    """Only events with a decided time, only those without, or both."""

    def clause(self) -> tuple[str, list[Any]]:
        """Give the SQL condition and its values."""
        tests: list[tuple[str, Any]] = [
            ("ts >= ?", self.start),
            ("ts < ?", self.end),
            ("greatest(wall, coalesce(wall_other, wall)) >= ?", self.wall_start),
            ("least(wall, coalesce(wall_other, wall)) < ?", self.wall_end),
            ("person = ?", self.person or None),
            ("account = ?", self.account or None),
            ("channel = ?", self.channel or None),
            ("kind = ?", self.kind or None),
            ("direction = ?", self.direction or None),
            ("contains(folded, lower(nfc_normalize(?)))", self.search or None),
            ("item = ?", self.item or None),
        ]
        used = [(test, value) for test, value in tests if value is not None]
        words = [test for test, _value in used]
        if self.dated is not None:
            words.append("ts IS NOT NULL" if self.dated else "ts IS NULL")
        return " AND ".join(words) or "true", [value for _test, value in used]


SHOWN = (
    "event", "ts", "wall", "wall_other", "utc", "zone", "zone_basis", "precision", "kind",
    "channel", "conversation", "sender", "recipients", "account", "person", "role", "direction",
    "text", "attachments", "state", "detail", "item", "path", "start", "end", "row", "pointer",
    "native", "copies", "n",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """An event as the timeline shows it; the columns are those of `sources.tables` and more.

    ``account`` is the counterpart's address in its one form, ``person`` whose it was said to be,
    ``copies`` in how many originals the event stands.
    """

    event: str
    ts: int | None
    wall: int | None
    wall_other: int | None
    utc: int | None
    zone: str
    zone_basis: str
    precision: str
    kind: str
    channel: str
    conversation: str
    sender: str
    recipients: str
    account: str
    person: str
    role: str
    direction: str
    text: str
    attachments: str
    state: str
    detail: str
    item: str
    path: str
    start: int
    end: int
    row: int
    pointer: str
    native: str
    copies: int
    n: int


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
            self._name(facts["items"], facts["people"])
            self._merge()
            self.connection.execute(NAMED)
            self.connection.execute(EVENTS)
            self.connection.execute("DROP VIEW raw; DROP TABLE settings")
            lock(self.connection)
        except BaseException:
            self.connection.close()
            raise
        self._asked = Asked(self.connection)

    def _name(self, items: Mapping[int, str], people: Sequence[Person]) -> None:
        rows = [{"item_no": no, "item": sha, "ref": sha[:REF_DIGITS]} for no, sha in items.items()]
        kinds = [("item_no", pa.int32()), ("item", pa.string()), ("ref", pa.string())]
        self._table("items", pa.Table.from_pylist(rows, schema=pa.schema(kinds)))
        first = self._first_recipients()
        self._table("first_of", first)
        self._table("who", self._who(people))
        self.connection.execute(SIDES)

    def _first_recipients(self) -> pa.Table:
        lists = self.connection.execute(
            "SELECT DISTINCT recipients FROM settings WHERE recipients <> ''"
        ).fetchall()
        rows = [{"recipients": text, "written": json.loads(text)[0]} for (text,) in lists]
        kinds = [("recipients", pa.string()), ("written", pa.string())]
        return pa.Table.from_pylist(rows, schema=pa.schema(kinds))

    def _who(self, people: Sequence[Person]) -> pa.Table:
        written = self.connection.execute(
            "SELECT DISTINCT channel, sender FROM settings WHERE sender <> '' UNION "
            "SELECT DISTINCT channel, written FROM settings JOIN first_of USING (recipients)"
        ).fetchall()
        owner = {
            (one.channel, canonical(one.channel, one.address)): person
            for person in people
            for one in person.accounts
        }
        rows = []
        for channel, address in sorted(written):
            account = canonical(channel, address)
            person = owner.get((channel, account))
            facts = (person.id, str(person.role)) if person else ("", "")
            rows.append(dict(zip(WHO.names, (channel, address, account, *facts), strict=True)))
        return pa.Table.from_pylist(rows, schema=WHO)

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

    def _table(self, name: str, table: pa.Table) -> None:
        self.connection.register("given", table)
        self.connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")  # noqa: S608 - a name of ours
        self.connection.unregister("given")

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
        question = f"SELECT a.wanted, {columns} {FOUND}"
        return {row[0]: Row(*row[1:]) for row in self.ask(question, [list(references)])}

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

# SPDX-License-Identifier: Apache-2.0
"""Who stands behind the events: the person's statements, worked into the timeline.

Rules enforced here:

* who somebody is comes from the person's statements alone; from whose side an event came is
  decided by them only where the source does not say, and never from a name nobody has stated;
* a missed call that the app's own line reports without a name came from the only other side of a
  conversation between two: apps write no such line about a call that the phone's owner made.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from standfast.timeline.people import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

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


def introduce(
    connection: duckdb.DuckDBPyConnection, items: Mapping[int, str], people: Sequence[Person]
) -> None:
    """Make the tables ``items`` and ``who``, and what of `name_all` rests on the raw events."""
    rows = [{"item_no": no, "item": sha, "ref": sha[:REF_DIGITS]} for no, sha in items.items()]
    kinds = [("item_no", pa.int32()), ("item", pa.string()), ("ref", pa.string())]
    _table(connection, "items", pa.Table.from_pylist(rows, schema=pa.schema(kinds)))
    _table(connection, "first_of", _first_recipients(connection))
    _table(connection, "who", _who(connection, people))
    connection.execute(SIDES)


def name_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``named``: every ``setting`` with direction, account and person."""
    connection.execute(NAMED)


def _first_recipients(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    lists = connection.execute(
        "SELECT DISTINCT recipients FROM settings WHERE recipients <> ''"
    ).fetchall()
    rows = [{"recipients": text, "written": json.loads(text)[0]} for (text,) in lists]
    kinds = [("recipients", pa.string()), ("written", pa.string())]
    return pa.Table.from_pylist(rows, schema=pa.schema(kinds))


def _who(connection: duckdb.DuckDBPyConnection, people: Sequence[Person]) -> pa.Table:
    written = connection.execute(
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


def _table(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("given", table)
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")  # noqa: S608 - a name of ours
    connection.unregister("given")

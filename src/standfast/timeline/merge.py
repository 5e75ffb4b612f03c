# SPDX-License-Identifier: Apache-2.0
"""One event once: overlapping exports of the same conversation, put together.

Rules enforced here:

* two conversations in two originals are the same only by evidence: the same channel, and in the
  stretch of time both cover, at least four of five events of the shorter side are alike; where
  their titles differ, at least three events must be alike;
* alike means the same time, sender, kind, text and detail; identical messages in a row are told
  apart by their place among themselves, so three in one export and two in another are three;
* nothing is dropped: an event that several originals show keeps the place of every one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

ALIKE_OF_FIVE = 4
FEWEST_ALIKE = 3

KEYED = """
CREATE TEMP TABLE keyed AS
SELECT rowid AS r, item_no, channel, n,
       item_no::VARCHAR || chr(31) || path || chr(31) || conversation AS thread, conversation,
       coalesce(utc, wall) AS t,
       hash(channel, coalesce(wall, -1), coalesce(utc, -1), sender, kind, direction, text, detail)
         AS key
FROM raw WHERE item_no > 0 AND channel IN
  (SELECT channel FROM raw WHERE item_no > 0 GROUP BY channel HAVING count(DISTINCT item_no) > 1)
"""

PAIRS = """
WITH counted AS (SELECT thread, any_value(item_no) AS item_no, any_value(channel) AS channel,
                        any_value(conversation) AS conversation, key, any_value(t) AS t,
                        count(*) AS c
                 FROM keyed WHERE t IS NOT NULL GROUP BY thread, key),
spans AS (SELECT thread, min(t) AS first, max(t) AS last FROM counted GROUP BY thread),
alike AS (SELECT a.thread AS one, b.thread AS two, any_value(a.conversation) AS title,
                 any_value(b.conversation) AS other, sum(least(a.c, b.c))::BIGINT AS same
          FROM counted a JOIN counted b ON a.key = b.key AND a.item_no < b.item_no
          GROUP BY a.thread, b.thread)
SELECT one, two, title = other AS titled, same,
       (SELECT sum(c) FROM counted WHERE thread = one
          AND t BETWEEN greatest(s.first, u.first) AND least(s.last, u.last))::BIGINT,
       (SELECT sum(c) FROM counted WHERE thread = two
          AND t BETWEEN greatest(s.first, u.first) AND least(s.last, u.last))::BIGINT
FROM alike JOIN spans s ON s.thread = one JOIN spans u ON u.thread = two
ORDER BY one, two
"""

COPIES = """
CREATE TEMP TABLE copies AS
WITH placed AS (
  SELECT k.r, k.item_no, k.n, coalesce(j.joined, k.thread) AS joined, k.key,
         row_number() OVER (PARTITION BY k.item_no, coalesce(j.joined, k.thread), k.key
                            ORDER BY k.n) AS place
  FROM keyed k LEFT JOIN joined j ON j.thread = k.thread)
SELECT r, first_value(r) OVER w AS shown, count(*) OVER (PARTITION BY joined, key, place) AS copies
FROM placed
WINDOW w AS (PARTITION BY joined, key, place ORDER BY item_no, n)
"""


def merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``copies``: for each raw row, the row that stands for it."""
    connection.execute(KEYED)
    pairs = connection.execute(PAIRS).fetchall()
    joined = _joined(pair[:2] for pair in pairs if _same(*pair[2:]))
    connection.execute("CREATE TEMP TABLE joined (thread VARCHAR, joined VARCHAR)")
    if joined:
        connection.executemany("INSERT INTO joined VALUES (?, ?)", joined)
    connection.execute(COPIES)


def _same(titled: bool, alike: int, one: int, two: int) -> bool:  # noqa: FBT001 - a table's row
    enough = 1 if titled else FEWEST_ALIKE
    return alike >= enough and alike * 5 >= ALIKE_OF_FIVE * min(one, two)


def _joined(pairs: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Give each joined thread with the name they share: the first of them."""
    parent: dict[str, str] = {}

    def top(thread: str) -> str:
        while parent.setdefault(thread, thread) != thread:
            thread = parent[thread]
        return thread

    for one, two in pairs:
        a, b = sorted((top(one), top(two)))
        parent[b] = a
    return [(thread, top(thread)) for thread in sorted(parent)]

# SPDX-License-Identifier: Apache-2.0
"""One event once: overlapping exports of the same conversation, put together.

Rules enforced here:

* two conversations in two files are the same only by evidence. They share a channel; and in the
  stretch of time both cover, at least four of five events of the shorter side are alike. Under one
  title one such event is enough. Under two titles it takes three, by more than one sender: the
  same "ok" to two people is two events. Where a file names no title, ten or more by one sender
  are enough if not a single one differs;
* alike means the same time, sender, recipients, kind, text, detail and state. Times are compared as
  the source counts them: in UTC where it says so itself, else by the wall clock it wrote, whatever
  zone the person has since named;
* identical messages in a row are told apart by their place among themselves, so three in one
  export and two in another are three; where one export ends and another begins within one minute,
  by the order of everything in that minute;
* nothing is dropped: an event that several files show has the place of every one (table
  ``hidden``), and a reference to any of them finds it;
* cost grows with the number of events, also when thousands of files hold the same one.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import duckdb

ALIKE_OF_FIVE = 4
FEWEST_ALIKE = 3
FEWEST_BY_ONE = 10
MOST_SHARED = 16
"""A conversation is compared with so many others that hold the same event, the first ones."""
LONGEST_WEAVE = 2000
"""Events at one time, in all exports, whose order is looked at."""

KEYED = """
CREATE TEMP TABLE sources AS
SELECT row_number() OVER (ORDER BY item_no, path) AS source, item_no, path
FROM (SELECT DISTINCT item_no, path FROM raw WHERE item_no > 0);
CREATE TEMP TABLE strands AS
SELECT row_number() OVER (ORDER BY item_no, path, channel, conversation) AS strand, *
FROM (SELECT DISTINCT item_no, path, channel, conversation FROM raw WHERE item_no > 0
      AND channel IN (SELECT channel FROM raw WHERE item_no > 0 GROUP BY channel
                      HAVING count(DISTINCT item_no::VARCHAR || '/' || path) > 1));
CREATE TEMP TABLE keyed AS
WITH timed AS (
  SELECT *, CASE WHEN zone_basis IN ('epoch', 'in_file') THEN coalesce(utc, wall)
                             ELSE coalesce(wall, utc) END AS t
  FROM raw WHERE item_no > 0)
SELECT x.r, s.source, d.strand, x.item_no, x.n, x.t, x.sender,
       hash(x.channel, coalesce(x.t, -1), coalesce(x.wall_other, -1), x.sender, x.recipients,
            x.kind, x.direction, x.text, x.detail, x.state) AS key
FROM timed x JOIN sources s ON s.item_no = x.item_no AND s.path = x.path
JOIN strands d ON d.item_no = x.item_no AND d.path = x.path AND d.channel = x.channel
              AND d.conversation = x.conversation;
CREATE TEMP TABLE counted AS
SELECT k.strand, any_value(k.source) AS source, any_value(d.channel) AS channel,
       any_value(d.conversation) AS title, k.key, any_value(k.sender) AS sender,
       any_value(k.t) AS t, count(*) AS c
FROM keyed k JOIN strands d USING (strand) WHERE k.t IS NOT NULL GROUP BY k.strand, k.key;
CREATE TEMP TABLE spans AS
SELECT strand, min(t) AS first, max(t) AS last, sum(c) AS size FROM counted GROUP BY strand
"""

PAIRS = """
WITH titled AS (
  SELECT *, row_number() OVER (PARTITION BY key, title ORDER BY strand) AS nth
  FROM counted WHERE title <> ''
), untitled AS (
  SELECT c.*, row_number() OVER (PARTITION BY key ORDER BY strand) AS nth
  FROM counted c JOIN spans s USING (strand) WHERE s.size >= {fewest}
), met AS (
  SELECT a.strand AS one, b.strand AS two, true AS titled, false AS named, a.sender,
         least(a.c, b.c) AS c
  FROM titled a JOIN titled b ON a.key = b.key AND a.title = b.title AND a.strand < b.strand
       AND a.source <> b.source AND a.nth <= {shared}
  UNION ALL
  SELECT a.strand, b.strand, false, a.title <> '' AND b.title <> '', a.sender, least(a.c, b.c)
  FROM untitled a JOIN untitled b ON a.key = b.key AND a.strand < b.strand
       AND a.source <> b.source AND (a.title <> b.title OR a.title = '') AND a.nth <= {shared}
), alike AS (
  SELECT one, two, any_value(titled) AS titled, any_value(named) AS named,
         sum(c)::BIGINT AS same, count(DISTINCT nullif(sender, '')) AS senders
  FROM met GROUP BY one, two
  HAVING any_value(titled) OR sum(c) >= {fewest}
), stretch AS (
  SELECT a.*, greatest(s.first, u.first) AS low, least(s.last, u.last) AS high
  FROM alike a JOIN spans s ON s.strand = one JOIN spans u ON u.strand = two
), sides AS (
  SELECT one, two, one AS strand FROM stretch UNION ALL SELECT one, two, two FROM stretch
), weighed AS (
  SELECT z.one, z.two, z.strand, sum(c.c)::BIGINT AS c
  FROM sides z JOIN stretch x ON x.one = z.one AND x.two = z.two
  JOIN spans s ON s.strand = z.strand
  JOIN counted c ON c.strand = z.strand AND c.t BETWEEN x.low AND x.high
       AND (c.t > x.low OR s.first = x.low) AND (c.t < x.high OR s.last = x.high)
  GROUP BY z.one, z.two, z.strand)
SELECT x.one, x.two, x.titled, x.named, x.same, x.senders, coalesce(p.c, 0), coalesce(q.c, 0)
FROM stretch x
LEFT JOIN weighed p ON p.one = x.one AND p.two = x.two AND p.strand = x.one
LEFT JOIN weighed q ON q.one = x.one AND q.two = x.two AND q.strand = x.two
ORDER BY x.one, x.two
"""

PLACED = """
CREATE TEMP TABLE placed AS
SELECT k.r, k.source, k.item_no, k.n, k.t, k.key, coalesce(j.joined, k.strand) AS joined,
       row_number() OVER (PARTITION BY k.source, coalesce(j.joined, k.strand), k.key ORDER BY k.n)
         AS place
FROM keyed k LEFT JOIN joined j ON j.strand = k.strand
"""

SEAMS = """
WITH reach AS (
  SELECT joined, source, min(t) AS first, max(t) AS last FROM placed
  WHERE joined IN (SELECT joined FROM joined) GROUP BY joined, source
), met AS (
  SELECT DISTINCT a.joined, a.last AS t FROM reach a JOIN reach b
  ON a.joined = b.joined AND a.last = b.first AND a.source <> b.source AND a.first < b.last
), shapes AS (
  SELECT p.joined, p.t, p.source, hash(list(p.key ORDER BY p.n)) AS shape
  FROM placed p JOIN met m ON m.joined = p.joined AND m.t = p.t GROUP BY p.joined, p.t, p.source
), uneven AS (
  SELECT joined, t FROM shapes GROUP BY joined, t HAVING count(DISTINCT shape) > 1)
SELECT p.joined, p.t, p.source, p.key, p.r
FROM placed p JOIN uneven u ON u.joined = p.joined AND u.t = p.t
ORDER BY p.joined, p.t, p.source, p.n
"""

COPIES = """
CREATE TEMP TABLE copies AS
WITH settled AS (
  SELECT p.* EXCLUDE (place), coalesce(w.place, p.place) AS place
  FROM placed p LEFT JOIN woven w ON w.r = p.r)
SELECT r, first_value(r) OVER w AS shown, count(*) OVER (PARTITION BY joined, key, place) AS copies
FROM settled
WINDOW w AS (PARTITION BY joined, key, place ORDER BY item_no, source, n)
"""


def merge(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table ``copies``: for each raw row, the row that stands for it."""
    connection.execute(KEYED)
    question = PAIRS.format(fewest=FEWEST_ALIKE, shared=MOST_SHARED)
    pairs = connection.execute(question).fetchall()
    joined = _joined(
        (one, two)
        for one, two, titled, named, alike, senders, size, other in pairs
        if _same((titled, named), alike, senders, (size, other))
    )
    _table(connection, "joined", ("strand", "joined"), joined)
    connection.execute(PLACED)
    seams = connection.execute(SEAMS).fetchall() if joined else []
    _table(connection, "woven", ("r", "place"), list(_woven(seams)))
    connection.execute(COPIES)


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: tuple[str, str],
    rows: Sequence[tuple[int, int]],
) -> None:
    kinds = pa.schema([(column, pa.int64()) for column in columns])
    arrays = [pa.array([row[at] for row in rows], pa.int64()) for at in (0, 1)]
    connection.register("given", pa.Table.from_arrays(arrays, schema=kinds))
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM given")  # noqa: S608 - a name of ours
    connection.unregister("given")


def _same(titles: tuple[bool, bool], alike: int, senders: int, sizes: tuple[int, int]) -> bool:
    titled, named = titles
    fits = alike * 5 >= ALIKE_OF_FIVE * min(sizes)
    if titled:
        return fits
    if senders > 1:
        return fits and alike >= FEWEST_ALIKE
    return bool(senders) and not named and alike >= max(FEWEST_BY_ONE, *sizes)


def _joined(pairs: Iterable[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """Give each joined strand with the one they share: the first of them."""
    parent: dict[int, int] = {}

    def top(strand: int) -> int:
        above = parent.setdefault(strand, strand)
        while above != strand:
            parent[strand] = parent[above]
            strand, above = above, parent[above]
        return strand

    for one, two in pairs:
        a, b = sorted((top(one), top(two)))
        parent[b] = a
    return [(strand, top(strand)) for strand in sorted(parent)]


def _woven(
    seams: Iterable[tuple[int, int, int, int, int]],
) -> Iterator[tuple[int, int]]:
    """Give the place of each event at a seam among its equals, by the order of all at that time."""
    times: dict[tuple[int, int], dict[int, list[tuple[int, int]]]] = defaultdict(dict)
    for joined, t, source, key, row in seams:
        times[joined, t].setdefault(source, []).append((key, row))
    for sources in times.values():
        if sum(map(len, sources.values())) <= LONGEST_WEAVE:
            yield from _places(sources)


def _places(sources: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[tuple[int, int]]:
    whole: list[int] = []
    begins: dict[int, int] = {}
    for source in _by_overlap(sources):
        keys = [key for key, _row in sources[source]]
        shift = _shift(whole, keys)
        if shift is None:
            return  # not one stretch: their places among themselves decide
        if shift < 0:
            begins = {other: at - shift for other, at in begins.items()}
            whole = keys[:-shift] + whole
            shift = 0
        whole += keys[len(whole) - shift :]
        begins[source] = shift
    seen: dict[int, int] = defaultdict(int)
    places = []
    for key in whole:
        seen[key] += 1
        places.append(seen[key])
    for source, start in begins.items():
        for at, (_key, row) in enumerate(sources[source]):
            yield row, places[start + at]


def _by_overlap(sources: Mapping[int, Sequence[tuple[int, int]]]) -> list[int]:
    return sorted(sources, key=lambda source: (-len(sources[source]), source))


def _shift(whole: list[int], part: list[int]) -> int | None:
    """Give where a part begins in the whole, so that most of it lies on its equals.

    Negative when it begins before; nothing when no stretch of it does.
    """
    if not whole:
        return 0
    best, found = 0, None
    for shift in range(1 - len(part), len(whole)):
        start, end = max(0, shift), min(len(whole), shift + len(part))
        if end - start > best and whole[start:end] == part[start - shift : end - shift]:
            best, found = end - start, shift
    return found

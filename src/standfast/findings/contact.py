# SPDX-License-Identifier: Apache-2.0
"""What counts as contact, with whom, and how a finding about it is put together.

Rules enforced here:

* contact is a message, call, mail or incident that went in or out; a draft or an outgoing message
  that failed is none, nor is a line of the app or an event whose side nobody knows;
* a call was missed when nobody spoke: missed, rejected, on voicemail, or held back by the phone;
* a reply is outgoing contact with the same subject, on whatever channel;
* the subject is the person behind an account as stated; an account of nobody is a subject of its
  own (``account:<channel>:<address>``) once something came in from it; third people are left out;
* days, hours and weeks are those of the wall clock, order is by ``(ts, event)``;
* an identity is a hash of what the finding says, so a finding that says something else is
  another finding, and the same events give the same one.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from standfast.findings.table import opened
from standfast.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import duckdb

    from standfast.model.finding import Confidence

SECOND: Final = 1_000_000
HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR
CITED: Final = 200
"""References a finding carries at most."""
LONGEST_ADDRESS: Final = 120
MOST_WEEKS: Final = 1100
"""Weeks that a series fills with zeros at most: 21 years; a longer one leaves them out."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST_WALL: Final = (date(2, 1, 1).toordinal() - _EPOCH) * DAY
_LAST_WALL: Final = (date(9998, 12, 31).toordinal() - _EPOCH) * DAY

_CONTACT: Final = f"""
CREATE TEMP TABLE contact AS
WITH meant AS (
    SELECT event, ts, wall, precision, kind, channel, account, direction = 'in' AS incoming,
        kind = 'call' AS is_call,
        kind = 'call' AND (starts_with(detail, 'missed')
            OR detail IN ('rejected', 'voicemail', 'blocked')) AS missed,
        (wall - ((wall % {DAY}) + {DAY}) % {DAY}) // {DAY} AS day,
        ((wall % {DAY}) + {DAY}) % {DAY} // {HOUR} AS hour,
        person <> '' AS stated,
        CASE WHEN person <> '' THEN person ELSE 'account:' || channel || ':' || account END
            AS subject
    FROM events
    WHERE direction IN ('in', 'out') AND role NOT IN ('third', 'me')
        AND kind IN ('message', 'call', 'mail', 'incident') AND state NOT IN ('draft', 'failed')
        AND (person <> '' OR account <> '') AND wall BETWEEN {_FIRST_WALL} AND {_LAST_WALL}
)
SELECT * FROM meant
WHERE stated OR subject IN (SELECT subject FROM meant WHERE incoming)
"""  # noqa: S608 - whole numbers of this file

_shared: ContextVar[tuple[pa.Table, duckdb.DuckDBPyConnection] | None] = ContextVar(
    "shared", default=None
)


@contextmanager
def contacts(events: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with the table ``contact`` beside ``events``.

    Columns: event, ts, wall, precision, kind, channel, account, incoming, is_call, missed, day
    (days since 1970 by the wall clock), hour (0 to 23), stated (a person is behind it), subject.
    """
    shared = _shared.get()
    if shared is not None and shared[0] is events:
        yield shared[1]
        return
    with opened(events) as connection:
        connection.execute(_CONTACT)
        yield connection


@contextmanager
def sharing(events: pa.Table) -> Iterator[None]:
    """Let every detector that looks at this table within the block use one connection."""
    with contacts(events) as connection:
        token = _shared.set((events, connection))
        try:
            yield
        finally:
            _shared.reset(token)


@lru_cache(maxsize=8192)
def iso_day(day: int) -> str:
    """Write a count of days since 1970 as an ISO date."""
    return date.fromordinal(_EPOCH + day).isoformat()


def day_of(wall: int) -> int:
    """Give the day, counted from 1970, of a wall time in microseconds."""
    return wall // DAY


def by_week(days: Iterable[tuple[int, int]]) -> tuple[tuple[str, int], ...]:
    """Add up ``(day, count)`` by ISO week, named by its Monday; weeks without contact are zeros."""
    sums: dict[int, int] = {}
    for day, count in days:
        monday = day - (day + 3) % 7  # 1970-01-01 was a Thursday
        sums[monday] = sums.get(monday, 0) + count
    if not sums:
        return ()
    first, last = min(sums), max(sums)
    filled = (last - first) // 7 < MOST_WEEKS
    mondays = range(first, last + 1, 7) if filled else sorted(sums)
    return tuple((iso_day(monday), sums.get(monday, 0)) for monday in mondays)


def by_month(days: Iterable[tuple[int, int]]) -> tuple[tuple[str, int], ...]:
    """Add up ``(day, count)`` by month (``2024-03``); months without contact are left out."""
    sums: dict[str, int] = {}
    for day, count in days:
        month = iso_day(day)[:7]
        sums[month] = sums.get(month, 0) + count
    return tuple(sorted(sums.items()))


def account_of(subject: str) -> tuple[str, str]:
    """Give channel and address of a subject that is an account, and two blanks for a person."""
    if not subject.startswith("account:"):
        return "", ""
    _, channel, address = subject.split(":", 2)
    return channel, address


def ends(references: Sequence[str], most: int = CITED) -> tuple[str, ...]:
    """Keep the first and the last references of a longer list, ``most`` together."""
    if len(references) <= most:
        return tuple(references)
    return (*references[: most - most // 2], *references[len(references) - most // 2 :])


def cited(
    connection: duckdb.DuckDBPyConnection, where: str = "incoming", most: int = CITED
) -> dict[str, tuple[str, ...]]:
    """Give for each subject the first and last references among the rows that ``where`` keeps.

    ``where`` is SQL of a detector, never something that came from outside.
    """
    half = most // 2
    rows = connection.execute(
        f"""
        SELECT subject, event FROM (
            SELECT subject, event, ts,
                row_number() OVER (PARTITION BY subject ORDER BY ts, event) AS place,
                count(*) OVER (PARTITION BY subject) AS total
            FROM contact WHERE {where})
        WHERE place <= {half} OR place > total - {half}
        ORDER BY subject, ts, event
        """  # noqa: S608 - a detector's own SQL
    ).fetchall()
    found: dict[str, list[str]] = {}
    for subject, event in rows:
        found.setdefault(subject, []).append(event)
    return {subject: tuple(references) for subject, references in found.items()}


def finding(  # noqa: PLR0913 - a finding has this many parts, all named
    detector: str,
    version: int,
    subject: str,
    *,
    confidence: Confidence,
    numbers: Mapping[str, int | str],
    events: Sequence[str],
    events_total: int,
    days: tuple[int, int],
    series: Mapping[str, tuple[tuple[str, int], ...]] | None = None,
) -> Finding:
    """Put a finding together; ``days`` are its first and last, counted from 1970."""
    first, last = iso_day(days[0]), iso_day(days[1])
    channel, address = account_of(subject)
    all_numbers = dict(numbers)
    if address:
        all_numbers |= {"account": address[:LONGEST_ADDRESS], "account_channel": channel}
    said = [subject, version, first, last, all_numbers]
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    digest = hashlib.sha256(canonical.encode("ascii")).hexdigest()
    return Finding(
        id=f"{detector}:{digest[:16]}",
        detector=detector,
        version=version,
        subject=subject,
        confidence=confidence,
        numbers=all_numbers,
        events=ends(events),
        events_total=events_total,
        series=series or {},
        first=first,
        last=last,
    )


def quoted(
    connection: duckdb.DuckDBPyConnection,
    spans: Sequence[tuple[str, int, int]],
    *,
    column: str,
    where: str = "incoming",
    most: int = CITED,
) -> list[tuple[str, ...]]:
    """Give for each span the first and last references in it, in the order of the spans.

    Args:
        connection: from `contacts`.
        spans: subject, lowest and highest value of ``column``, both included.
        column: ``ts`` or ``day``.
        where: SQL of a detector that says which rows count.
        most: how many references a span gets at most.
    """
    subjects, lows, highs = zip(*spans, strict=True) if spans else ((), (), ())
    asked = {
        "place": pa.array(range(len(spans)), pa.int64()),
        "subject": pa.array(subjects, pa.string()),
        "low": pa.array(lows, pa.int64()),
        "high": pa.array(highs, pa.int64()),
    }
    connection.register("spans", pa.table(asked))
    half = most // 2
    rows = connection.execute(
        f"""
        SELECT place, event FROM (
            SELECT place, event, ts,
                row_number() OVER (PARTITION BY place ORDER BY ts, event) AS nth,
                count(*) OVER (PARTITION BY place) AS total
            FROM spans JOIN (SELECT * FROM contact WHERE {where}) USING (subject)
            WHERE {column} BETWEEN low AND high)
        WHERE nth <= {half} OR nth > total - {half}
        ORDER BY place, ts, event
        """  # noqa: S608 - a detector's own SQL
    ).fetchall()
    connection.unregister("spans")
    found: list[list[str]] = [[] for _ in spans]
    for place, event in rows:
        found[place].append(event)
    return [tuple(references) for references in found]


def in_order(
    connection: duckdb.DuckDBPyConnection, references: Iterable[str]
) -> tuple[tuple[str, int], ...]:
    """Give those references that exist with the day of each, in the order of ``(ts, event)``."""
    asked = pa.table({"event": pa.array(sorted(set(references)), pa.string())})
    connection.register("asked", asked)
    rows = connection.execute(
        "SELECT event, wall FROM events SEMI JOIN asked USING (event) ORDER BY ts, event"
    ).fetchall()
    connection.unregister("asked")
    return tuple((event, day_of(wall)) for event, wall in rows)

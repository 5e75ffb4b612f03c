# SPDX-License-Identifier: Apache-2.0
"""Entries: what the ledger holds, each the leaf data of the case's Merkle tree.

An entry is JSON in one form: keys sorted, no spaces, UTF-8. It carries 32 bytes of randomness
(``salt``), so its leaf hash says nothing about it to anyone who has not been given the entry.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from standfast import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = f"standfast {__version__}"
SALT_BYTES = 32
FORMAT = 1
KEYS = frozenset({"app", "at", "body", "salt", "seq", "type", "v"})

CASE = "case"
SLOTS = "slots"
ITEM = "item"
READING = "reading"
COVERAGE = "coverage"
ANSWER = "answer"
PERSON = "person"
INCIDENT = "incident"
NOTE = "note"
STOP = "stop"
BLOCK = "block"
DECISION = "decision"
ERASE = "erase"
ANCHOR = "anchor"
RECOVER = "recover"
CLOCK = "clock"
EXPORT = "export"
KNOWLEDGE = "knowledge"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has its place in the ledger."""

    type: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    Attributes:
        at: when it was entered, UTC by this computer's clock, ``2024-03-04T09:05:00.123Z``.
        raw: the very bytes that are hashed into the tree.
    """

    seq: int
    type: str
    at: str
    body: Mapping[str, Any]
    raw: bytes


def utc_now() -> datetime:
    """Give the time by this computer's clock."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Write a moment as entries do, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_entry(seq: int, draft: Draft, at: str) -> Entry:
    """Give a draft its place, time and salt."""
    whole = {
        "app": APP,
        "at": at,
        "body": dict(draft.body),
        "salt": secrets.token_hex(SALT_BYTES),
        "seq": seq,
        "type": draft.type,
        "v": FORMAT,
    }
    raw = json.dumps(
        whole, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True
    )
    return read_entry(_whole_characters(raw).encode())


def _whole_characters(text: str) -> str:
    """Replace what is no character: a file name may hold bytes that are not text."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def read_entry(raw: bytes) -> Entry:
    """Read an entry.

    Raises:
        ValueError: the bytes are no entry.
    """
    whole = json.loads(raw)
    if not isinstance(whole, dict) or set(whole) != KEYS or whole["v"] != FORMAT:
        message = "not an entry this version knows"
        raise ValueError(message)
    return Entry(whole["seq"], whole["type"], whole["at"], whole["body"], raw)

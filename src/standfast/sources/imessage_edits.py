# SPDX-License-Identifier: Apache-2.0
"""Edits and withdrawals of an iMessage: the property list ``message_summary_info``.

Its keys, as public programs read them: ``ec`` (by part of the message: a list of versions, the
first of them the original, each with a time ``d`` in seconds from 2001 and a text ``t``), ``rp``
(the parts that were withdrawn). Rules enforced here:

* every version is kept with its time, in the order of the list; one that cannot be decoded is
  kept without its text;
* a list that is too large, too deep or no property list says nothing, and that is told.
"""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from typing import Any, Final

from standfast.sources.imessage_typedstream import NotDecoded, text_of
from standfast.sources.ios_times import apple_micros

MOST_BYTES: Final = 4 << 20
MOST_PARTS: Final = 200
MOST_VERSIONS: Final = 200
LONGEST_PART: Final = 8
KEYS: Final = (b"\x52ec", b"\x52rp")
"""How the two keys stand in a binary property list: a text of two letters."""
BINARY: Final = b"bplist00"


class NoSummary(ValueError):
    """The bytes are no property list that can be read."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of one part: its time in microseconds (``None`` unknown) and its text."""

    part: str
    utc: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class History:
    """What became of a message: its versions, and the numbers of the parts withdrawn."""

    versions: tuple[Version, ...] = ()
    withdrawn: tuple[str, ...] = ()


def may_tell(data: object) -> bool:
    """Say quickly whether a summary can hold a history at all."""
    return isinstance(data, bytes) and any(key in data for key in KEYS)


def history_of(data: bytes) -> History:
    """Read a history.

    Raises:
        NoSummary: the bytes are no such property list, or one beyond a limit.
    """
    if not data.startswith(BINARY) or len(data) > MOST_BYTES:
        raise NoSummary
    try:
        info = plistlib.loads(data, fmt=plistlib.FMT_BINARY)
    except Exception as problem:  # plistlib raises many kinds on damaged bytes
        raise NoSummary from problem
    if not isinstance(info, dict):
        raise NoSummary
    return History(_versions(info.get("ec")), _withdrawn(info.get("rp")))


def _versions(parts: Any) -> tuple[Version, ...]:
    found: list[Version] = []
    if not isinstance(parts, dict) or len(parts) > MOST_PARTS:
        return ()
    for part, versions in sorted(parts.items(), key=lambda pair: str(pair[0])[:LONGEST_PART]):
        if not isinstance(part, str) or not isinstance(versions, list):
            continue
        for one in versions[:MOST_VERSIONS]:
            if isinstance(one, dict):
                utc = apple_micros(one.get("d"))
                found.append(Version(part[:LONGEST_PART], utc, _text(one.get("t"))))
    return tuple(found)


def _text(data: Any) -> str | None:
    if isinstance(data, str):
        return data
    if not isinstance(data, bytes):
        return None
    try:
        return text_of(data)
    except NotDecoded:
        return None


def _withdrawn(parts: Any) -> tuple[str, ...]:
    if not isinstance(parts, list):
        return ()
    return tuple(str(one) for one in parts[:MOST_PARTS] if type(one) is int and 0 <= one < 10**6)

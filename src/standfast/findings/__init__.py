# SPDX-License-Identifier: Apache-2.0
"""Detectors: pure functions from a case's event table to findings.

A detector is one file below ``findings/`` that ends in ``DETECTOR: Final = …``. It sees one Arrow
table (`standfast.findings.EVENTS`) and the person's settings, and gives the same findings on a
laptop and in a cluster: integer arithmetic, windows ordered by ``(ts, event)``, no clock, no
randomness, no file, no network.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from standfast.model.finding import Finding, Statement

EVENTS = pa.schema(
    [
        pa.field("event", pa.string()),  # reference: first 12 digits of the item, "-", number
        pa.field("ts", pa.int64()),  # microseconds UTC, or of the wall clock when no zone is known
        pa.field("wall", pa.int64()),  # microseconds of the wall clock
        pa.field("precision", pa.string()),
        pa.field("kind", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("detail", pa.string()),
        pa.field("state", pa.string()),
        pa.field("conversation", pa.string()),
        pa.field("account", pa.string()),  # the counterpart's address, also on outgoing events
        pa.field("person", pa.string()),  # the counterpart's person id, or "" when not stated
        pa.field("role", pa.string()),  # the counterpart's role: other, third, ""
        pa.field("direction", pa.string()),  # in, out, system, unknown
        pa.field("text", pa.string()),
    ]
)
"""What a detector sees: one row an event with a decided time, in the order of ``(ts, event)``."""


@dataclass(frozen=True, slots=True)
class StopRequest:
    """A request to stop contact that the person confirmed as clear and received.

    ``ts`` is in the microseconds of the events' ``ts``; ``event`` may be empty (said aloud).
    """

    person: str
    ts: int
    event: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """The person blocked an account at a time (a system line, or their own statement)."""

    person: str
    channel: str
    account: str
    ts: int
    event: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the person has stated that detectors need.

    ``night`` is the first and the last hour of the night by the wall clock, ``(22, 6)``.
    """

    stops: tuple[StopRequest, ...] = ()
    blocks: tuple[Block, ...] = ()
    night: tuple[int, int] = (22, 6)


class Detector(Protocol):
    """One question put to the whole timeline.

    Attributes:
        id: short and stable; it stands in the ledger.
        version: raised whenever the same events would give other findings.
    """

    id: str
    version: int

    def look(self, events: pa.Table, settings: Settings) -> Sequence[Finding]:
        """Give the findings, in a fixed order."""
        ...

    def say(self, finding: Finding) -> Statement:
        """Word one of its own findings in the language in force."""
        ...


@cache
def detectors() -> Mapping[str, Detector]:
    """Find every detector by its id."""
    from standfast.findings import patterns  # noqa: PLC0415 - detectors import this module

    found = {}
    for module in pkgutil.iter_modules(patterns.__path__):
        loaded = importlib.import_module(f"{patterns.__name__}.{module.name}")
        detector: Detector | None = getattr(loaded, "DETECTOR", None)
        if detector is not None:
            found[detector.id] = detector
    return dict(sorted(found.items()))


def look(events: pa.Table, settings: Settings) -> tuple[Finding, ...]:
    """Run every detector over a case."""
    from standfast.findings.contact import sharing  # noqa: PLC0415 - it imports this package

    with sharing(events):
        return tuple(
            finding
            for detector in detectors().values()
            for finding in detector.look(events, settings)
        )


def say(finding: Finding) -> Statement:
    """Word a finding in the language in force."""
    return detectors()[finding.detector].say(finding)

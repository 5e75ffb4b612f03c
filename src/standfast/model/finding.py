# SPDX-License-Identifier: Apache-2.0
"""Findings: statements that rest on cited events, with their reason and their doubt.

A finding holds numbers and references, never prose: each detector words it in the reader's
language (`standfast.findings.Detector.say`), so that the same finding reads the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Confidence(StrEnum):
    """How sure a finding is: by rule and count, likely, or a hint to look at."""

    COUNTED = "counted"
    LIKELY = "likely"
    HINT = "hint"


class Status(StrEnum):
    """What the person has said about a finding."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One statement of one detector.

    Attributes:
        id: stable over runs on the same events: ``<detector>:<16 hex digits>``.
        subject: the person (or account) it speaks of.
        numbers: everything the wording needs, as integers and strings.
        events: references of the events it rests on, in time order.
        series: named tables of ``(label, count)`` rows for charts and their tables.
        first: first day it covers, ISO date; ``last`` likewise.
    """

    id: str
    detector: str
    version: int
    subject: str
    confidence: Confidence
    numbers: Mapping[str, int | str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    events_total: int = 0
    series: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A finding in words, every part a whole sentence or more, in one language."""

    title: str
    seen: str
    why: str
    otherwise: str
    sure: str
    next_step: str
    notice: str

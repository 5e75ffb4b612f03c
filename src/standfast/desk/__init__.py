# SPDX-License-Identifier: Apache-2.0
"""The desk: every verb of standfast once, for every face.

A face parses what the person said, calls the desk, and shows the frozen value it gets back. The
desk decides nothing about how something looks; the parts below it know nothing of each other.
What stands here is loaded when it is first asked for, so that a face answers at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from standfast.desk.anchoring import AnchorReport, describe, queued, send_queued
    from standfast.desk.board import Board, CarrierKind, Held
    from standfast.desk.browsing import DayCount, Days, Hours, Lane, Lanes, Row, View, Where
    from standfast.desk.bundling import Choice
    from standfast.desk.case import Desk, NewCase, new_case
    from standfast.desk.dossier import Range
    from standfast.desk.looking import FindingView, OpenQuestion
    from standfast.desk.originals import OriginalView, Peeker, Stretch
    from standfast.desk.picturing import PictureView
    from standfast.desk.progress import Progress, Silent
    from standfast.desk.sitting import Sitting
    from standfast.desk.taking import Added, AddReport
    from standfast.desk.verifying import known_heads, verify_bundle
    from standfast.desk.words import event_words, verdict_words
    from standfast.dossier.verifier.verify import Verdict
    from standfast.model.finding import Status
    from standfast.model.people import Account, Person, Role
    from standfast.net import Consent, Request, what_will_happen
    from standfast.vault.check import CaseReport
    from standfast.vault.opening import Unlock
    from standfast.vault.pending import Pending

HOMES = {
    "Account": "standfast.model.people",
    "AddReport": "taking",
    "Added": "taking",
    "AnchorReport": "anchoring",
    "Board": "board",
    "CarrierKind": "board",
    "CaseReport": "standfast.vault.check",
    "Choice": "bundling",
    "Consent": "standfast.net",
    "DayCount": "browsing",
    "Days": "browsing",
    "Desk": "case",
    "FindingView": "looking",
    "Held": "board",
    "Hours": "browsing",
    "Lane": "browsing",
    "Lanes": "browsing",
    "NewCase": "case",
    "OpenQuestion": "looking",
    "OriginalView": "originals",
    "Peeker": "originals",
    "Pending": "standfast.vault.pending",
    "Person": "standfast.model.people",
    "PictureView": "picturing",
    "Progress": "progress",
    "Range": "dossier",
    "Request": "standfast.net",
    "Role": "standfast.model.people",
    "Row": "browsing",
    "Silent": "progress",
    "Sitting": "sitting",
    "Status": "standfast.model.finding",
    "Stretch": "originals",
    "Unlock": "standfast.vault.opening",
    "Verdict": "standfast.dossier.verifier.verify",
    "View": "browsing",
    "Where": "browsing",
    "describe": "anchoring",
    "event_words": "words",
    "known_heads": "verifying",
    "new_case": "case",
    "queued": "anchoring",
    "send_queued": "anchoring",
    "verdict_words": "words",
    "verify_bundle": "verifying",
    "what_will_happen": "standfast.net",
}
"""Modules of the desk, or of the parts below it where a name is theirs."""
__all__ = [
    "Account",
    "AddReport",
    "Added",
    "AnchorReport",
    "Board",
    "CarrierKind",
    "CaseReport",
    "Choice",
    "Consent",
    "DayCount",
    "Days",
    "Desk",
    "FindingView",
    "Held",
    "Hours",
    "Lane",
    "Lanes",
    "NewCase",
    "OpenQuestion",
    "OriginalView",
    "Peeker",
    "Pending",
    "Person",
    "PictureView",
    "Progress",
    "Range",
    "Request",
    "Role",
    "Row",
    "Silent",
    "Sitting",
    "Status",
    "Stretch",
    "Unlock",
    "Verdict",
    "View",
    "Where",
    "describe",
    "event_words",
    "known_heads",
    "new_case",
    "queued",
    "send_queued",
    "verdict_words",
    "verify_bundle",
    "what_will_happen",
]


def __getattr__(name: str) -> object:
    """Load a name's module when the name is first asked for (PEP 562)."""
    if name not in HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = HOMES[name]
    module = home if home.startswith("standfast.") else f"{__name__}.{home}"
    return getattr(importlib.import_module(module), name)

# SPDX-License-Identifier: Apache-2.0
"""Words that every face shares."""

from __future__ import annotations

from standfast.i18n import _
from standfast.model.event import Kind


def verdict_words(verdict: str) -> str:
    """Word what a verifier says of a bundle."""
    return {
        "genuine": _("Verified: genuine and complete."),
        "genuine_partial": _("Verified: genuine, and incomplete on purpose."),
        "altered": _("It was altered."),
        "cannot_tell": _("It cannot be told whether this is genuine."),
    }[verdict]


def event_words(text: str, kind: str, detail: str, state: str = "") -> str:
    """Give an event's text, or what sort of event it is, worded as in the dossier."""
    from standfast.dossier.wording import kind as told  # noqa: PLC0415 - help must answer at once

    if text:
        return text
    parts = told(Kind(kind), detail, state)
    if kind == Kind.CALL and len(parts) > 1:
        parts = parts[1:]  # “missed call” says already that it is a call
    return ", ".join(parts) or (_("E-mail") if kind == Kind.MAIL else _("Message"))

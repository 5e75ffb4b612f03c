# SPDX-License-Identifier: Apache-2.0
"""Words that several commands share."""

from __future__ import annotations

from standfast.i18n import _


def verdict_words(verdict: str) -> str:
    """Word what a verifier says of a bundle."""
    return {
        "genuine": _("Verified: genuine and complete."),
        "genuine_partial": _("Verified: genuine, and incomplete on purpose."),
        "altered": _("It was altered."),
        "cannot_tell": _("It cannot be told whether this is genuine."),
    }[verdict]

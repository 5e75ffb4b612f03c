# SPDX-License-Identifier: Apache-2.0
"""Why a timestamp is not accepted: one code and one sentence for each reason.

Rules enforced here:

* a refusal never says that the evidence is doubtful: a stamp adds to what the case itself proves;
* the code is for the ledger and for tests, the sentences are for people, and ``detail`` is a
  technical word in English that holds nothing the authority sent except printable characters.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from standfast.errors import InputUnreadable
from standfast.i18n import _

MAX_DETAIL: Final = 200


class Reason(StrEnum):
    """Why a response was refused."""

    STATUS_REJECTED = "status_rejected"
    WRONG_IMPRINT = "wrong_imprint"
    WRONG_NONCE = "wrong_nonce"
    MISSING_CERTIFICATE = "missing_certificate"
    BAD_SIGNATURE = "bad_signature"
    WRONG_USAGE = "wrong_usage"
    EXPIRED_BEFORE = "expired_before"
    UNKNOWN_ROOT = "unknown_root"
    CHECKS_DISAGREE = "checks_disagree"
    MALFORMED = "malformed"
    UNSUPPORTED_ALGORITHM = "unsupported_algorithm"
    TOO_LARGE = "too_large"
    HTML_INSTEAD = "html_instead"
    BARE_TOKEN = "bare_token"  # noqa: S105 - the name of a reason, no password


class StampRefused(InputUnreadable):
    """A response that proves no time.

    Attributes:
        reason: which rule it breaks.
        detail: a technical addition in English, possibly empty.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Say it in the language in force."""
        super().__init__(reason_sentence(reason), hint=reason_hint(reason))
        self.reason = reason
        self.detail = printable(detail)[:MAX_DETAIL]


def printable(untrusted_text: str) -> str:
    """Replace what would steer a terminal or turn the reading direction."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in untrusted_text)


def reason_sentence(reason: Reason) -> str:
    """Say what is wrong with a response."""
    return {
        Reason.STATUS_REJECTED: _("The timestamp authority answered, but gave no stamp."),
        Reason.WRONG_IMPRINT: _("This timestamp belongs to something else, not to this case."),
        Reason.WRONG_NONCE: _("This timestamp answers another question than the one we asked."),
        Reason.MISSING_CERTIFICATE: _(
            "The timestamp does not contain the certificate of the authority that signed it."
        ),
        Reason.BAD_SIGNATURE: _("The signature of this timestamp does not fit its content."),
        Reason.WRONG_USAGE: _(
            "The certificate behind this timestamp was not issued for timestamps."
        ),
        Reason.EXPIRED_BEFORE: _(
            "A certificate behind this timestamp was not valid at the time the stamp states."
        ),
        Reason.UNKNOWN_ROOT: _(
            "This timestamp does not lead to the root certificate that was given."
        ),
        Reason.CHECKS_DISAGREE: _(
            "Two independent checks of this timestamp came to different answers, so standfast"
            " does not rely on it."
        ),
        Reason.MALFORMED: _("This is not a timestamp response, or it has been cut or changed."),
        Reason.UNSUPPORTED_ALGORITHM: _(
            "This timestamp uses a method that standfast does not know or no longer trusts."
        ),
        Reason.TOO_LARGE: _("The answer is far larger than any timestamp."),
        Reason.HTML_INSTEAD: _("A web page came back instead of a timestamp."),
        Reason.BARE_TOKEN: _(
            "This is only the inner part of a timestamp. standfast keeps and checks whole"
            " responses."
        ),
    }[reason]


def reason_hint(reason: Reason) -> str:
    """Say what is safe and what to do next."""
    match reason:
        case Reason.HTML_INSTEAD:
            advice = _(
                "Networks in hotels, trains and cafés often do this until one has logged in. Try"
                " again from a network that you trust."
            )
        case Reason.UNKNOWN_ROOT:
            advice = _("Check that the root certificate comes from this same authority.")
        case Reason.BARE_TOKEN:
            advice = _("Use the complete response, usually a file that ends in .tsr.")
        case _other:
            advice = _("Try again later, or ask another authority.")
    return _("Nothing in the case is lost or changed.") + " " + advice

# SPDX-License-Identifier: Apache-2.0
"""Who may ask: whoever brought the one-time token, by the cookie it became.

Rules enforced here:

* the token opens one session, once; brought a second time by somebody without that session it ends
  everything, because one of the two is not who the program was started for;
* a session's secret is compared in constant time, lives in memory, and dies with the server;
* what a form must send back is derived from the session and never stands in an address.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

COOKIE = "n"


@dataclass(slots=True)
class Session:
    """One browser that may ask.

    ``said`` are messages that wait for its next page; ``kept`` is what a person has typed on a way
    of several pages that has not ended yet: it is nowhere else, and gone when the server ends.
    """

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    said: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def form_token(self) -> str:
        """Give what each of its forms sends back."""
        return hmac.new(self.secret.encode(), b"form", "sha256").hexdigest()

    def fits(self, form_token: str) -> bool:
        """Say whether a form came from one of its pages."""
        return hmac.compare_digest(self.form_token.encode(), form_token.encode())


class Sessions:
    """The one-time token and the session it opened."""

    def __init__(self) -> None:
        """Make a token; nobody has a session yet."""
        self.token = secrets.token_urlsafe(32)
        self._spent = False
        self._open: list[Session] = []

    def bring(self, token: str) -> Session | None:
        """Open a session for the one-time token; ``None`` if it is not the token."""
        if not hmac.compare_digest(self.token.encode(), token.encode()):
            return None
        if self._spent:
            raise TokenSpent
        self._spent = True
        session = Session()
        self._open.append(session)
        return session

    def find(self, cookie: str) -> Session | None:
        """Give the session of a cookie."""
        given = cookie.encode()
        return next(
            (one for one in self._open if hmac.compare_digest(one.secret.encode(), given)), None
        )

    def end(self) -> None:
        """Let nobody ask any more."""
        self._open.clear()


class TokenSpent(Exception):
    """The one-time token was brought a second time."""

# SPDX-License-Identifier: Apache-2.0
"""Who may ask: whoever brought the one-time token, by the cookie it became.

Rules enforced here:

* the token opens one session, once; brought a second time by somebody without that session it ends
  everything, because one of the two is not who the program was started for;
* a session's secret is compared in constant time, lives in memory, and dies with the server;
* what a form must send back is derived from the session and never stands in an address;
* a browser keeps cookies by host and not by port, so the cookie is named after the port: two open
  cases do not take each other's, and one that another program put beside ours changes nothing.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

COOKIE = "n"
"""What the cookie's name begins with; the port follows."""
SAID = 50


@dataclass(slots=True)
class Session:
    """One browser that may ask.

    ``said`` are messages that wait for its next page; ``kept`` is what a person has typed on a way
    of several pages that has not ended yet: it is nowhere else, and gone when the server ends.
    ``unseen`` are addresses that the browser will ask for by itself.
    """

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    said: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def form_token(self) -> str:
        """Give what each of its forms sends back."""
        return hmac.new(self.secret.encode(), b"form", "sha256").hexdigest()

    def fits(self, form_token: str) -> bool:
        """Say whether a form came from one of its pages."""
        given = form_token.encode("utf-8", "replace")
        return hmac.compare_digest(self.form_token.encode(), given)

    def say(self, tone: str, sentence: str) -> None:
        """Have the next page say something, whichever of several windows it is in."""
        with self._lock:
            self.said.append((tone, sentence))
            del self.said[:-SAID]

    def take(self) -> list[tuple[str, str]]:
        """Give what is to be said; it is said once."""
        with self._lock:
            said, self.said = self.said, []
        return said

    def hush(self) -> None:
        """Forget what was typed and what was to be said: both can tell of the case."""
        with self._lock:
            self.said = []
            self.kept = {key: value for key, value in self.kept.items() if value is True}
            self.unseen.clear()


class Sessions:
    """The one-time token and the session it opened."""

    def __init__(self) -> None:
        """Make a token; nobody has a session yet."""
        self.token = secrets.token_urlsafe(32)
        self.cookie = COOKIE
        self._spent = False
        self._open: list[Session] = []

    def bring(self, token: str) -> Session | None:
        """Open a session for the one-time token; ``None`` if it is not the token.

        Raises:
            TokenSpent: it was brought before.
        """
        given = token.encode("utf-8", "replace")
        if not hmac.compare_digest(self.token.encode(), given):
            return None
        if self._spent:
            raise TokenSpent
        self._spent = True
        session = Session()
        self._open.append(session)
        return session

    def find(self, *cookies: str) -> Session | None:
        """Give the session of a cookie; a browser can send several of one name."""
        given = [one.encode("utf-8", "replace") for one in cookies]
        return next((one for one in self._open if _is_among(one.secret.encode(), given)), None)

    def hush(self) -> None:
        """Forget what was typed and what was to be said."""
        for session in list(self._open):
            session.hush()

    def end(self) -> None:
        """Let nobody ask any more."""
        self.hush()
        self._open.clear()


def _is_among(secret: bytes, given: Iterable[bytes]) -> bool:
    fitting = [hmac.compare_digest(secret, one) for one in given]  # every one is looked at
    return any(fitting)


class TokenSpent(Exception):
    """The one-time token was brought a second time."""

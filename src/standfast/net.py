# SPDX-License-Identifier: Apache-2.0
"""The only module that may open a connection.

Rules enforced here:

* a connection needs a `Consent` that names this host and this purpose. A face makes one only
  after it has shown the person `what_will_happen`;
* one request, one answer: no redirect is followed, nothing is tried twice, no proxy from the
  environment is used, no cookie is kept, nothing is written to disk;
* at most ``CONNECT_SECONDS`` to connect and ``TOTAL_SECONDS`` in all (looking up the name
  included), at most ``MAX_ANSWER_BYTES`` of answer;
* TLS is checked against the system's certificates, and its secrets are never logged (Python's
  default context would obey ``SSLKEYLOGFILE``);
* what we send holds no name of ours. The headers are the fewest HTTP/1.1 allows with a body,
  and there is no ``User-Agent``: a made-up one would be a lie, our own would tell everyone on
  the way who is asking. ``openssl`` sends none either when it asks such servers.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from standfast.errors import Incomplete, WrongUsage
from standfast.i18n import _

if TYPE_CHECKING:
    from urllib.parse import SplitResult

CONNECT_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0
MAX_ANSWER_BYTES: Final = 1 << 20
MAX_URL: Final = 2000

TIME_STAMP: Final = "timestamp"
QUERY_TYPE: Final = "application/timestamp-query"
REPLY_TYPE: Final = "application/timestamp-reply"

_PORTS = {"http": 80, "https": 443}
_OK = 200
_FAILURES = (OSError, http.client.HTTPException, ValueError)
_REDIRECTS = range(300, 400)
_HOST_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._:")


class Unreachable(Incomplete):
    """The other side could not be reached, or not in time."""


class AnswerRefused(Incomplete):
    """The other side answered in a way that is of no use."""


class NotAgreed(WrongUsage):
    """Nobody agreed to this connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One connection, described before it is made.

    Attributes:
        purpose: what it is for, such as `TIME_STAMP`.
        url: where it goes.
        method: the HTTP method.
        body: exactly what is sent.
        content_type: what the body is.
        accept: what is expected back.
        sends: in words, exactly what leaves this computer.
        who_could_notice: in words, who could see that it happens.
    """

    purpose: str
    url: str
    method: Literal["POST"] = "POST"
    body: bytes
    content_type: str
    accept: str
    sends: str
    who_could_notice: str

    @property
    def host(self) -> str:
        """The host, with the port unless it is the usual one.

        Raises:
            WrongUsage: the URL is none that we open.
        """
        parts = _split(self.url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        usual = parts.port in {None, _PORTS[parts.scheme]}
        return f"{name}" if usual else f"{name}:{parts.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A person's yes to one purpose at one host, given after seeing what will happen."""

    purpose: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back with status 200.

    Attributes:
        untrusted_type: the media type as stated, in lower case, without parameters.
        untrusted_body: the octets.
    """

    untrusted_type: str
    untrusted_body: bytes


def time_stamping(url: str, query: bytes) -> Request:
    """Describe sending a timestamp query to an authority.

    Raises:
        WrongUsage: the URL is none that we open.
    """
    parts = _split(url)
    return Request(
        purpose=TIME_STAMP,
        url=url,
        body=query,
        content_type=QUERY_TYPE,
        accept=REPLY_TYPE,
        sends=_(
            "A fingerprint of 32 bytes and a random number. Nobody can work out from them what"
            " is in the case. No name, no text and no picture is sent."
        ),
        who_could_notice=_who_could_notice(parts),
    )


def _who_could_notice(parts: SplitResult) -> str:
    seen = _(
        "{host} learns the internet address of this connection and the time. Whoever runs or"
        " watches this network, the internet account or this computer can see that it contacts"
        " {host}, a service for timestamps, and when."
    ).format(host=parts.hostname)
    if parts.scheme == "https":
        return seen
    return seen + " " + _("This address is not encrypted: they can see the fingerprint too.")


def what_will_happen(request: Request) -> tuple[str, ...]:
    """Say, sentence by sentence, what a person agrees to."""
    return (
        _("standfast will connect once to {host}.").format(host=request.host),
        _("What is sent: {sends}").format(sends=request.sends),
        _("Who could notice: {who}").format(who=request.who_could_notice),
    )


def ask(request: Request, consent: Consent, *, seconds: float = TOTAL_SECONDS) -> Answer:
    """Make the one connection that was agreed to.

    Args:
        request: what to send and where.
        consent: the yes for this purpose and host.
        seconds: the time the whole may take.

    Raises:
        NotAgreed: the consent is for something else; nothing was opened.
        WrongUsage: the URL is none that we open; nothing was opened.
        Unreachable: no connection, or no full answer in time.
        AnswerRefused: an answer of no use: a redirect, an error, too long.
    """
    if (consent.purpose, consent.host) != (request.purpose, request.host):
        raise NotAgreed(
            _("Nobody has agreed to a connection to {host}. Nothing was sent.").format(
                host=request.host
            ),
            hint=_("Look at what will be sent and to whom, and then decide."),
        )
    return _Exchange(request).within(seconds)


def _split(url: str) -> SplitResult:
    """Take a URL apart if it is plain http or https with nothing hidden in it."""
    try:
        parts = urlsplit(url)
        fits = (
            len(url) <= MAX_URL
            and url.isascii()
            and url.isprintable()
            and " " not in url
            and parts.scheme in _PORTS
            and set(parts.hostname or "?") <= _HOST_SIGNS
            and parts.username is None
            and not parts.fragment
            and parts.port != 0
        )
    except ValueError:
        fits = False
    if not fits:
        raise WrongUsage(
            _("This is not an address that standfast can open. Nothing was sent."),
            hint=_("An address looks like this: https://tsa.example.org/tsr"),
        )
    return parts


class _Exchange:
    """One request and its answer in a thread of its own, so that its time can be limited.

    Time-outs of the socket bound each single step only: a name server that is silent or a server
    that sends one octet a second would hold a person for minutes.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._connection = _connection(_split(request.url))
        self._given_up = threading.Event()
        self._answer: Answer | None = None
        self._error: Exception | None = None

    def within(self, seconds: float) -> Answer:
        """Wait so long and no longer; afterwards nothing more is sent."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            thread.join(seconds)
        finally:
            self._give_up()
        if self._answer is not None:
            return self._answer
        if self._error is None or isinstance(self._error, _FAILURES):
            raise _unreachable(self._request.host) from self._error
        raise self._error

    def _run(self) -> None:
        try:
            self._connection.connect()
            if not self._given_up.is_set():
                self._answer = self._talk()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            self._error = error
        finally:
            self._connection.close()

    def _give_up(self) -> None:
        """End a connection that is still open, also while its thread waits on it."""
        self._given_up.set()
        open_socket = self._connection.sock
        if open_socket is not None:
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    def _talk(self) -> Answer:
        request, connection = self._request, self._connection
        parts = _split(request.url)
        connection.putrequest(
            request.method,
            (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            skip_accept_encoding=True,
        )
        connection.putheader("Content-Type", request.content_type)
        connection.putheader("Content-Length", str(len(request.body)))
        connection.putheader("Accept", request.accept)
        connection.putheader("Connection", "close")
        connection.endheaders(request.body)
        return self._read(connection.getresponse())

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        if response.status != _OK:
            raise _refused(response.status)
        body = response.read(MAX_ANSWER_BYTES + 1)
        if len(body) > MAX_ANSWER_BYTES:
            raise AnswerRefused(
                _("The answer is far larger than it should be and was not kept."),
                hint=_still_there(),
            )
        if response.length:
            raise http.client.IncompleteRead(body, response.length)
        kind = response.headers.get("Content-Type", "").split(";")[0].strip().lower()
        return Answer(untrusted_type=kind, untrusted_body=body)


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return http.client.HTTPSConnection(
            host, parts.port, timeout=CONNECT_SECONDS, context=_context()
        )
    return http.client.HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)


def _context() -> ssl.SSLContext:
    """Make a TLS context by hand: the default one may log secrets to a file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks host names and certificates
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def _still_there() -> str:
    return _("Nothing in the case is lost or changed. You can try again at any time.")


def _unreachable(host: str) -> Unreachable:
    return Unreachable(
        _("{host} could not be reached, or did not answer in time.").format(host=host),
        hint=_still_there(),
    )


def _refused(status: int) -> AnswerRefused:
    if status in _REDIRECTS:
        return AnswerRefused(
            _("The address answered by sending us elsewhere, and standfast does not follow."),
            hint=_(
                "Networks in hotels, trains and cafés often do this until one has logged in."
                " Try again from a network that you trust."
            ),
        )
    return AnswerRefused(
        _("The other side answered with error {status}.").format(status=status),
        hint=_still_there(),
    )

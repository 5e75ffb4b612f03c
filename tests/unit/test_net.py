# SPDX-License-Identifier: Apache-2.0
"""The one place that may connect: consent, limits, and what exactly leaves."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from standfast import net
from standfast.errors import WrongUsage
from standfast.vault.timestamp import build_query, check
from tsa import HTML, Signer, builder, make_ca, new_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tsa import Authority

DIGEST = bytes(range(32))
QUERY = build_query(DIGEST)


def agreed(request: net.Request) -> net.Consent:
    return net.Consent(purpose=request.purpose, host=request.host)


def ask(url: str, **limits: float) -> net.Answer:
    request = net.time_stamping(url, QUERY)
    return net.ask(request, agreed(request), **limits)


def received(connection: socket.socket) -> bytes:
    """Take the whole request; a server that closes with some unread resets the connection."""
    seen = b""
    while not seen.endswith(QUERY) and (more := connection.recv(65536)):
        seen += more
    return seen


@contextmanager
def answering(talk: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """Run a server that does whatever ``talk`` does with one connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(5)

    def run() -> None:
        with listener.accept()[0] as connection:
            connection.settimeout(5)
            talk(connection, received(connection))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        thread.join()
        listener.close()


def test_an_answer_over_loopback_is_a_stamp_that_checks(authority: Authority) -> None:
    with authority.serve() as url:
        answer = ask(url)
    assert answer.untrusted_type == net.REPLY_TYPE
    stamp = check(answer.untrusted_body, QUERY, DIGEST, roots=[authority.root_pem])
    assert stamp.library == "verified"


def test_exactly_these_octets_leave_and_no_others() -> None:
    seen = bytearray()

    def talk(connection: socket.socket, asked: bytes) -> None:
        seen.extend(asked)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    with answering(talk) as url:
        ask(f"{url}tsr?a=1")
    port = url.strip("/").rpartition(":")[2]
    head = (
        f"POST /tsr?a=1 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/timestamp-query\r\nContent-Length: {len(QUERY)}\r\n"
        "Accept: application/timestamp-reply\r\nConnection: close\r\n\r\n"
    )
    assert bytes(seen) == head.encode() + QUERY


@pytest.mark.parametrize(
    "other", [{"host": "other.example.org"}, {"purpose": "something else"}, {"host": "127.0.0.1"}]
)
def test_without_consent_for_this_host_and_purpose_nothing_is_opened(
    other: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "create_connection", pytest.fail)
    request = net.time_stamping("http://127.0.0.1:8318/tsr", QUERY)
    with pytest.raises(net.NotAgreed) as refused:
        net.ask(request, replace(agreed(request), **other))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "url",
    [
        "ftp://tsa.example.org/",
        "file:///etc/hostname",
        "tsa.example.org/tsr",
        "https://",
        "https://user:secret@tsa.example.org/",
        "https://user@tsa.example.org/",
        "https://tsa.example.org/#part",
        "https://tsa.example.org:0/",
        "https://tsa.example.org:99999/",
        "https://tsa.example.org:x/",
        "https://tsä.example.org/",
        "https://tsa%2eexample.org/",
        "https://tsa.example.org/\r\nHost: evil.example.net",
        "https://tsa.example.org/a b",
        "https://[::1",
        "https://tsa.example.org/" + "a" * 2000,
    ],
)
def test_an_address_with_anything_hidden_in_it_is_refused(url: str) -> None:
    with pytest.raises(WrongUsage):
        net.time_stamping(url, QUERY)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://TSA.example.org/tsr", "tsa.example.org"),
        ("https://tsa.example.org:443/tsr", "tsa.example.org"),
        ("http://tsa.example.org:80", "tsa.example.org"),
        ("http://tsa.example.org:443/", "tsa.example.org:443"),
        ("https://[2001:db8::1]:8443/", "[2001:db8::1]:8443"),
    ],
)
def test_the_host_to_agree_to_is_named_plainly(url: str, host: str) -> None:
    assert net.time_stamping(url, QUERY).host == host


def test_what_will_happen_names_host_content_and_onlookers() -> None:
    plain = net.what_will_happen(net.time_stamping("http://tsa.example.org/", QUERY))
    assert "tsa.example.org" in plain[0]
    assert "32 bytes" in plain[1]
    assert "this network" in plain[2]
    assert "not encrypted" in plain[2]
    hidden = net.what_will_happen(net.time_stamping("https://tsa.example.org/", QUERY))
    assert "not encrypted" not in hidden[2]


def test_a_redirect_is_not_followed(authority: Authority) -> None:
    asked = len(authority.asked)
    with authority.serve("redirect") as url, pytest.raises(net.AnswerRefused) as refused:
        ask(url)
    assert "elsewhere" in refused.value.message
    assert len(authority.asked) == asked + 1


def test_an_error_of_the_server_is_told_with_its_number(authority: Authority) -> None:
    with authority.serve("error") as url, pytest.raises(net.AnswerRefused, match="503") as refused:
        ask(url)
    assert refused.value.exit_code == 6
    assert "Nothing in the case is lost" in refused.value.hint


def test_a_huge_answer_is_dropped(authority: Authority) -> None:
    with authority.serve("huge") as url, pytest.raises(net.AnswerRefused, match="larger"):
        ask(url)


def test_a_web_page_instead_is_handed_on_with_its_type(authority: Authority) -> None:
    with authority.serve("html") as url:
        answer = ask(url)
    assert (answer.untrusted_type, answer.untrusted_body) == ("text/html", HTML)


def test_an_answer_that_drips_ends_when_the_time_is_over(authority: Authority) -> None:
    start = time.monotonic()
    with authority.serve("slow") as url, pytest.raises(net.Unreachable):
        ask(url, seconds=0.4)
    assert time.monotonic() - start < 3


def test_headers_that_drip_end_when_the_time_is_over() -> None:
    def talk(connection: socket.socket, _asked: bytes) -> None:
        try:
            for _turn in range(200):
                connection.sendall(b"H")
                time.sleep(0.02)
        except OSError:
            return

    start = time.monotonic()
    with answering(talk) as url, pytest.raises(net.Unreachable):
        ask(url, seconds=0.3)
    assert time.monotonic() - start < 3


def test_a_name_server_that_is_silent_holds_nobody_and_nothing_is_sent_later(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real, slept = len(authority.asked), socket.getaddrinfo, threading.Event()

    def slow(*arguments: object, **named: object) -> object:
        time.sleep(0.6)
        slept.set()
        return real(*arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with authority.serve() as url:
        with pytest.raises(net.Unreachable):
            ask(url, seconds=0.2)
        assert slept.wait(5)
        time.sleep(0.2)
    assert len(authority.asked) == before


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n",
    ],
)
def test_a_broken_answer_is_unreachable_and_never_a_crash(answer: bytes) -> None:
    def talk(connection: socket.socket, _asked: bytes) -> None:
        try:
            connection.sendall(answer)
        except OSError:
            return

    with answering(talk) as url, pytest.raises(net.Unreachable):
        ask(url)


def test_nobody_there_is_unreachable_and_says_that_nothing_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(net.Unreachable) as refused:
        ask(f"http://127.0.0.1:{port}/")
    assert refused.value.exit_code == 6
    assert "again at any time" in refused.value.hint


def test_a_fault_of_our_own_is_not_hidden_as_a_bad_network(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError

    monkeypatch.setattr(net._Exchange, "_read", broken)
    with authority.serve() as url, pytest.raises(KeyError):
        ask(url)


def test_proxies_of_the_environment_are_not_used(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with authority.serve() as url:
        assert ask(url).untrusted_type == net.REPLY_TYPE


def tls_server(folder: Path, host: str) -> tuple[ssl.SSLContext, Path]:
    """Give a context of a server for this host name, and its root in a file."""
    root = make_ca("Root of the web")
    key = new_key("ec")
    made = builder("web", key, root).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False
    )
    leaf = Signer(made.sign(root.key, hashes.SHA256()), key)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "leaf.pem").write_bytes(leaf.pem + leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    return context, folder / "root.pem"


@contextmanager
def answering_in_tls(context: ssl.SSLContext) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
                received(connection)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except OSError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


def test_tls_works_with_the_store_of_the_system_and_logs_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, root = tls_server(tmp_path, "localhost")
    secrets = tmp_path / "secrets.txt"
    monkeypatch.setenv("SSL_CERT_FILE", str(root))
    monkeypatch.setenv("SSLKEYLOGFILE", str(secrets))
    with answering_in_tls(context) as port:
        assert ask(f"https://localhost:{port}/").untrusted_body == b"ok"
    assert not secrets.exists()


@pytest.mark.parametrize(("name", "trusted"), [("localhost", False), ("elsewhere.test", True)])
def test_tls_without_a_fitting_certificate_is_unreachable(
    name: str, *, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, root = tls_server(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(root))
    with answering_in_tls(context) as port, pytest.raises(net.Unreachable):
        ask(f"https://localhost:{port}/")

# SPDX-License-Identifier: Apache-2.0
"""A real RFC 3161 authority for tests: ``openssl ts`` behind an HTTP server on loopback.

Certificates are made with ``cryptography`` (any dates and usages), stamps by the ``openssl``
command, so that two implementations other than ours stand behind every accepted stamp. What
``openssl`` refuses to do (sign with a certificate of the wrong usage, write BER) is done to its
answers afterwards, in ``tsa_forge``.
"""

from __future__ import annotations

import shlex
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import tsa_forge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
Validity = tuple[datetime, datetime]
More = tuple[tuple[x509.ExtensionType, bool], ...]

POLICY = "1.3.6.1.4.1.55555.1"
HUGE_BYTES = 3 << 20
MAX_QUERY_BYTES = 1 << 16
HTML = b"<!DOCTYPE html><html><body>Please accept the terms of this network.</body></html>"

CONFIG = """[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/certs.pem
default_policy = {policy}
signer_digest = sha256
digests = {digests}
accuracy = secs:1, millisecs:500
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Time"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def new_key(kind: str) -> Key:
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "short":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - must be refused
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case "ed25519":
            return ed25519.Ed25519PrivateKey.generate()
        case _other:
            return ec.generate_private_key(ec.SECP256R1())


def builder(
    common: str, key: Key, issuer: Signer | None, valid: Validity | None = None
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    start, end = valid or (now - timedelta(days=400), now + timedelta(days=400))
    return (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(issuer.certificate.subject if issuer else name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def make_ca(  # noqa: PLR0913 - each option is one way an issuer can be wrong
    common: str,
    kind: str = "ec",
    issuer: Signer | None = None,
    *,
    path_length: int | None = None,
    valid: Validity | None = None,
    more: More = (),
) -> Signer:
    """Make an issuer; without one above it, it signs itself."""
    key = new_key(kind)
    made = builder(common, key, issuer, valid).add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    )
    for extension, critical in more:
        made = made.add_extension(extension, critical=critical)
    return Signer(made.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def make_tsa(  # noqa: PLR0913 - each option is one way a certificate can be wrong
    issuer: Signer | None,
    common: str = "Timestamp unit",
    *,
    kind: str = "ec",
    usages: tuple[x509.ObjectIdentifier, ...] = (ExtendedKeyUsageOID.TIME_STAMPING,),
    critical: bool = True,
    valid: Validity | None = None,
    more: More = (),
) -> Signer:
    """Make a timestamping certificate; without an issuer it signs itself."""
    key = new_key(kind)
    made = builder(common, key, issuer, valid)
    for extension, marked in more:
        made = made.add_extension(extension, critical=marked)
    if usages:
        made = made.add_extension(x509.ExtendedKeyUsage(usages), critical=critical)
    return Signer(made.sign(issuer.key if issuer else key, hashes.SHA256()), key)


class Authority:
    """An authority with its own root, in a folder of its own."""

    def __init__(
        self, folder: Path, *, kind: str = "ec", intermediate: bool = False, common: str = "One"
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.root = make_ca(f"Root {common}", kind)
        self.issuer = make_ca(f"Issuer {common}", kind, self.root) if intermediate else self.root
        self.kind = kind
        self.asked: list[bytes] = []
        self._lock = threading.Lock()
        (folder / "serial").write_text("01\n")
        self.install(make_tsa(self.issuer, f"Timestamp unit {common}", kind=kind))

    def install(self, signer: Signer, *, embed: tuple[Signer, ...] | None = None) -> None:
        """Stamp with this certificate from now on, embedding these others."""
        self.signer = signer
        others = embed if embed is not None else ((self.issuer, self.root))
        unique = {other.der: other.pem for other in others if other.der != signer.der}
        (self.folder / "tsa.pem").write_bytes(signer.pem)
        (self.folder / "tsa.key").write_bytes(signer.key_pem)
        (self.folder / "certs.pem").write_bytes(b"".join(unique.values()) or signer.pem)
        for digests in ("sha256, sha384, sha512", "sha512"):
            config = CONFIG.format(folder=self.folder, policy=POLICY, digests=digests)
            (self.folder / f"{digests.split(',')[0]}.cnf").write_text(config)

    @property
    def root_pem(self) -> bytes:
        return self.root.pem

    def stamp(self, query: bytes, behaviour: str = "good") -> bytes:
        """Answer a query, well or in one of the bad ways of `BEHAVIOURS`."""
        return BEHAVIOURS[behaviour](self, query)

    def reply(self, query: bytes) -> bytes:
        """Let ``openssl ts`` answer, with the certificates in the order of DER."""
        return tsa_forge.certificates_sorted(self.raw_reply(query))

    def raw_reply(self, query: bytes, config: str = "sha256") -> bytes:
        """Let ``openssl ts`` answer."""
        with self._lock:
            place = self.folder / "query.tsq"
            place.write_bytes(query)
            return openssl(
                "ts", "-reply", "-config", f"{self.folder}/{config}.cnf", "-queryfile", str(place)
            )

    @contextmanager
    def serve(self, behaviour: str = "good") -> Iterator[str]:
        """Answer over HTTP on loopback; gives the URL."""
        stopped = threading.Event()
        server = Server(("127.0.0.1", 0), Handler)
        server.authority, server.behaviour, server.stopped = self, behaviour, stopped
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
        finally:
            stopped.set()
            server.shutdown()
            thread.join()
            server.server_close()


def openssl(*arguments: str) -> bytes:
    return subprocess.run(
        ("openssl", *arguments), check=True, capture_output=True, timeout=20
    ).stdout


def verified_by_openssl(command: str, folder: Path) -> bool:
    """Run a command line of ours as a stranger would, in this folder."""
    done = subprocess.run(
        shlex.split(command), check=False, capture_output=True, cwd=folder, timeout=20
    )
    return done.returncode == 0


def _older(authority: Authority, query: bytes) -> bytes:
    """Answer an older question about the same digest: another nonce."""
    digest = tsa_forge.digest_of(query)
    older = openssl("ts", "-query", "-sha256", "-digest", digest.hex(), "-cert")
    return authority.reply(older)


def _other(authority: Authority, query: bytes) -> bytes:
    """Answer about another digest with the right nonce."""
    return authority.reply(tsa_forge.with_digest(query, bytes(32)))


def _wrong_usage(authority: Authority, query: bytes) -> bytes:
    signer = make_tsa(
        authority.issuer, kind=authority.kind, usages=(ExtendedKeyUsageOID.CODE_SIGNING,)
    )
    return tsa_forge.resigned(authority.reply(query), signer)


def _expired(authority: Authority, query: bytes) -> bytes:
    now = datetime.now(UTC)
    spent = (now - timedelta(days=300), now - timedelta(days=1))
    signer = make_tsa(authority.issuer, kind=authority.kind, valid=spent)
    return tsa_forge.resigned(authority.reply(query), signer)


BEHAVIOURS = {
    "good": Authority.reply,
    "rejected": lambda authority, query: authority.raw_reply(query, "sha512"),
    "wrong_nonce": _older,
    "wrong_imprint": _other,
    "wrong_usage": _wrong_usage,
    "expired": _expired,
    "bare_token": lambda authority, query: tsa_forge.bare_token(authority.reply(query)),
    "no_certificate": lambda authority, query: tsa_forge.stripped(authority.reply(query)),
    "not_der": lambda authority, query: tsa_forge.certificates_sorted(
        authority.reply(query), wrongly=True
    ),
    "attributes_turned": lambda authority, query: tsa_forge.attributes_reversed(
        authority.reply(query)
    ),
    "html": lambda _authority, _query: HTML,
    "huge": lambda _authority, _query: bytes(HUGE_BYTES),
}


class Server(ThreadingHTTPServer):
    """One thread a connection; all end with the server."""

    daemon_threads = True
    authority: Authority
    behaviour: str
    stopped: threading.Event


class Handler(BaseHTTPRequestHandler):
    """Answers a POST; keeps what was asked, headers and all, in `Authority.asked`."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = min(int(self.headers["Content-Length"]), MAX_QUERY_BYTES)
        query = self.rfile.read(length)
        self.server.authority.asked.append(self.requestline.encode() + b"\n" + bytes(self.headers))
        behaviour = self.server.behaviour
        if behaviour == "slow":
            self._drip()
        elif behaviour == "redirect":
            self._answer(b"", status=302, location="http://127.0.0.1:9/elsewhere")
        elif behaviour == "error":
            self._answer(b"out of order", status=503)
        else:
            self._answer(self.server.authority.stamp(query, behaviour))

    def _answer(self, body: bytes, *, status: int = 200, location: str = "") -> None:
        kind = "text/html" if body.startswith(b"<") else "application/timestamp-reply"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:  # the client has had enough, as it should
            self.close_connection = True

    def _drip(self) -> None:
        """Send one octet at a time, so that no single read ever times out."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.close_connection = True
        while not self.server.stopped.wait(0.05):
            try:
                self.wfile.write(b"0")
            except OSError:
                return

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""

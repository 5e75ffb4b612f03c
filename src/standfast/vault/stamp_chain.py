# SPDX-License-Identifier: Apache-2.0
"""The certificates behind a timestamp, from the one that signs up to a root.

Rules enforced here:

* the certificate that signs has exactly one extended usage, timestamping, marked critical
  (RFC 3161, 2.3), may sign, and goes by the name the stamp states, if it states one;
* every certificate of the chain was valid at the time of the stamp (never "is valid now");
* an issuer is a certification authority, may sign certificates and, if it limits its usage,
  allows timestamping; a critical extension that we do not know is refused;
* if roots are given the chain ends in one of them. Without, it ends in a self-signed certificate
  that came with the stamp, or stays open, and the result says which;
* certificates that came along and lead nowhere are passed over; at most ``MAX_LINKS`` signatures
  are tried and ``MAX_LENGTH`` certificates joined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from standfast.vault import der
from standfast.vault.stamp_refused import Reason, StampRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

RootFrom = Literal["given", "embedded", "missing"]

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

MAX_LENGTH: Final = 8
MAX_LINKS: Final = 64

_KNOWN_CRITICAL = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.CERTIFICATE_POLICIES,
    }
)
_DIRECTORY_NAME = der.context(4)
_TEXTS = {  # the kinds of DirectoryString, and IA5String
    0x0C: "utf-8",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_STAMPING = {ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate that could be read; two are the same if their octets are.

    Attributes:
        issuer: the issuer's distinguished name as it is encoded.
    """

    encoded: bytes
    certificate: x509.Certificate = field(compare=False)
    issuer: der.Part = field(compare=False)
    serial: int = field(compare=False)

    def pem(self) -> str:
        """Write it the way ``openssl`` reads it."""
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Certificates from the one that signs upwards; the root stands apart."""

    certificates: tuple[Held, ...]
    root: Held | None
    root_from: RootFrom


def hold(untrusted_certificate: bytes) -> Held | None:
    """Read a certificate in DER, or give nothing if it is none."""
    try:
        body = der.Fields(der.Fields(der.read(untrusted_certificate)).take(der.SEQUENCE))
        body.maybe(der.context(0))
        serial = der.integer(body.take())
        body.take(der.SEQUENCE)
        issuer = body.take(der.SEQUENCE)
        if serial <= 0:
            return None
        certificate = x509.load_der_x509_certificate(untrusted_certificate)
        _read_all(certificate)
    except Exception:  # noqa: BLE001 - hostile octets: the parser has many ways to refuse them
        return None
    return Held(untrusted_certificate, certificate, issuer, serial)


def _read_all(certificate: x509.Certificate) -> tuple[object, ...]:
    """Touch what is read only on use, so that a fault shows now and not later."""
    return (
        certificate.subject,
        certificate.issuer,
        certificate.extensions,
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _extension(extensions: x509.Extensions, kind: type[_Kind]) -> x509.Extension[_Kind] | None:
    try:
        return extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound:
        return None


def goes_by(held: Held, name: der.Part) -> bool:
    """Tell if a GeneralName is one of those a certificate is issued to.

    Distinguished names are compared by what they say: kinds of strings, case and runs of spaces
    may differ (RFC 5280, 7.1).
    """
    subject = der.read(held.certificate.subject.public_bytes())
    alternative = _extension(held.certificate.extensions, x509.SubjectAlternativeName)
    others = der.read(alternative.value.public_bytes()).parts() if alternative else ()
    if any(name.raw == other.raw for other in others):
        return True
    if name.tag != _DIRECTORY_NAME:
        return False
    directory = (der.Fields(other).take() for other in others if other.tag == _DIRECTORY_NAME)
    stated = der.Fields(name).take()
    return any(same_name(stated, known) for known in (subject, *directory))


def same_name(one: der.Part, other: der.Part) -> bool:
    """Tell if two distinguished names say the same."""
    return one.raw == other.raw or _said(one) == _said(other)


def _said(name: der.Part) -> list[set[tuple[str, str]]]:
    """Give what a distinguished name says, level by level."""
    levels = name.expect(der.SEQUENCE).parts()
    return [{_attribute(one) for one in level.expect(der.SET).parts()} for level in levels]


def _attribute(part: der.Part) -> tuple[str, str]:
    fields = der.Fields(part.expect(der.SEQUENCE))
    kind, value = der.oid(fields.take()), fields.take()
    fields.end()
    if value.tag not in _TEXTS:
        return kind, value.raw.hex()
    text = value.content.decode(_TEXTS[value.tag], errors="replace")
    return kind, " ".join(text.casefold().split())


def check_stamping(held: Held, when: datetime) -> None:
    """Check that a certificate may sign timestamps and was valid at that time.

    Raises:
        StampRefused: it may not, or was not.
    """
    extensions = held.certificate.extensions
    usage = _extension(extensions, x509.ExtendedKeyUsage)
    if (
        usage is None
        or not usage.critical
        or list(usage.value) != [ExtendedKeyUsageOID.TIME_STAMPING]
    ):
        raise StampRefused(Reason.WRONG_USAGE, "extended key usage")
    key_usage = _extension(extensions, x509.KeyUsage)
    if key_usage and not (key_usage.value.digital_signature or key_usage.value.content_commitment):
        raise StampRefused(Reason.WRONG_USAGE, "key usage")
    if refusal := _unfit(held, when):
        raise refusal


def _unfit(held: Held, when: datetime) -> StampRefused | None:
    """Tell what speaks against any certificate of a chain."""
    certificate = held.certificate
    second = when.replace(microsecond=0)
    if not certificate.not_valid_before_utc <= second <= certificate.not_valid_after_utc:
        return StampRefused(Reason.EXPIRED_BEFORE)
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _KNOWN_CRITICAL:
            return StampRefused(
                Reason.WRONG_USAGE, f"critical extension {extension.oid.dotted_string}"
            )
    return None


def _unfit_issuer(held: Held, when: datetime, below: int) -> StampRefused | None:
    """Tell what speaks against an issuer with so many issuers below it."""
    extensions = held.certificate.extensions
    basic = _extension(extensions, x509.BasicConstraints)
    if basic is None or not basic.value.ca:
        return StampRefused(Reason.WRONG_USAGE, "an issuer is no authority")
    if basic.value.path_length is not None and basic.value.path_length < below:
        return StampRefused(Reason.WRONG_USAGE, "path length")
    key_usage = _extension(extensions, x509.KeyUsage)
    if key_usage and not key_usage.value.key_cert_sign:
        return StampRefused(Reason.WRONG_USAGE, "an issuer's key usage")
    usage = _extension(extensions, x509.ExtendedKeyUsage)
    if usage and not _STAMPING & set(usage.value):
        return StampRefused(Reason.WRONG_USAGE, "an issuer's extended key usage")
    return _unfit(held, when)


def build_chain(
    signer: Held, embedded: Sequence[Held], roots: Sequence[Held], when: datetime
) -> Chain:
    """Join certificates from the one that signs to a root.

    Raises:
        StampRefused: roots are given and none is reached, or only through a certificate that was
            not valid or may not issue.
    """
    search = _Search(embedded, roots, when)
    longest: tuple[Held, ...] = (signer,)
    for path, ends in search.paths((signer,)):
        if ends:
            return Chain(
                certificates=path[:-1] or path,
                root=path[-1],
                root_from="given" if roots else "embedded",
            )
        longest = max(longest, path, key=len)
    if search.refusal:
        raise search.refusal
    if roots:
        raise StampRefused(Reason.UNKNOWN_ROOT)
    return Chain(certificates=longest, root=None, root_from="missing")


class _Search:
    """All ways up from a certificate, the given roots first, within a budget."""

    def __init__(self, embedded: Sequence[Held], roots: Sequence[Held], when: datetime) -> None:
        self._issuers = tuple(dict.fromkeys((*roots, *embedded)))
        self._roots = frozenset(roots)
        self._when = when
        self._links = MAX_LINKS
        self.refusal: StampRefused | None = None

    def paths(self, path: tuple[Held, ...]) -> Iterator[tuple[tuple[Held, ...], bool]]:
        """Give each way up and whether it ends in a root."""
        top = path[-1]
        ends = self._is_root(top)
        if not ends and len(path) < MAX_LENGTH:
            for issuer in self._issuers:
                if issuer not in path and self._issued(top, issuer, len(path) - 1):
                    yield from self.paths((*path, issuer))
        yield path, ends

    def _is_root(self, held: Held) -> bool:
        return held in self._roots if self._roots else self._signs(held, held)

    def _issued(self, held: Held, issuer: Held, below: int) -> bool:
        if not self._signs(issuer, held):
            return False
        refusal = _unfit_issuer(issuer, self._when, below)
        self.refusal = self.refusal or refusal
        return refusal is None

    def _signs(self, issuer: Held, held: Held) -> bool:
        """Tell if a certificate's key signed another; names are compared first, for nothing."""
        if issuer.certificate.subject != held.certificate.issuer or not self._links:
            return False
        self._links -= 1
        try:
            held.certificate.verify_directly_issued_by(issuer.certificate)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            return False
        return True

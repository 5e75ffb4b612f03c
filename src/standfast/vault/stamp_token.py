# SPDX-License-Identifier: Apache-2.0
"""What a timestamp query and response say (RFC 3161; CMS of RFC 5652), before any trust.

Rules enforced here:

* a response is a status and one token; the status must be "granted" or "granted with changes";
* a token is a SignedData of version-1 timestamp information with exactly one signer, and each
  signed attribute appears once with one value;
* an extension of the timestamp information that is critical is refused: we know none;
* the signer's digest is in the list of digests, where ``openssl`` looks for it;
* what else is not signed (version numbers, revocation lists, unsigned attributes) is passed over
  and never used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from standfast.vault import der
from standfast.vault.der import Fields, Malformed
from standfast.vault.stamp_refused import Reason, StampRefused

if TYPE_CHECKING:
    from datetime import datetime

SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
TIME_STAMP_INFO: Final = "1.2.840.113549.1.9.16.1.4"
SHA256: Final = "2.16.840.1.101.3.4.2.1"

MAX_CERTIFICATES: Final = 32
MICROSECONDS: Final = 1_000_000

_GRANTED = (0, 1)
_FAILURES = {
    0: "badAlg",
    2: "badRequest",
    5: "badDataFormat",
    14: "timeNotAvailable",
    15: "unacceptedPolicy",
    16: "unacceptedExtension",
    17: "addInfoNotAvailable",
    25: "systemFailure",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What was asked."""

    algorithm: str
    digest: bytes
    nonce: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """What the authority states.

    Attributes:
        algorithm: the object identifier of the digest's algorithm.
        accuracy: how far the time may be off, in microseconds, if the authority says so.
        name: the GeneralName the authority gives itself, if it does.
    """

    policy: str
    algorithm: str
    digest: bytes
    serial: int
    gen_time: datetime
    accuracy: int | None
    nonce: int | None
    name: der.Part | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerInfo:
    """Who signs, how, and over which attributes.

    Attributes:
        issuer: the issuer's name in the certificate that signs.
        serial: that certificate's serial number.
        attributes: the one value of each signed attribute, by object identifier.
        encoded_attributes: the signed attributes as they came, in their order.
    """

    issuer: der.Part
    serial: int
    digest_algorithm: str
    attributes: dict[str, der.Part]
    encoded_attributes: tuple[bytes, ...]
    signature_algorithm: der.Part
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A response, read and not yet trusted."""

    status: int
    info: Info
    encoded_info: bytes
    certificates: tuple[bytes, ...]
    signer: SignerInfo


def read_query(query: bytes) -> Query:
    """Read a TimeStampReq.

    Raises:
        Malformed: it is none.
    """
    fields = Fields(der.read(query).expect(der.SEQUENCE))
    der.integer(fields.take())
    algorithm, digest = _imprint(fields.take(der.SEQUENCE))
    fields.maybe(der.OID)
    nonce = fields.maybe(der.INTEGER)
    return Query(algorithm=algorithm, digest=digest, nonce=der.integer(nonce) if nonce else None)


def read_response(untrusted_response: bytes) -> Token:
    """Read a TimeStampResp.

    Raises:
        Malformed: it is none.
        StampRefused: it is a bare token, or the authority gave no stamp.
    """
    fields = Fields(der.read(untrusted_response).expect(der.SEQUENCE))
    first = fields.take()
    if first.tag == der.OID and der.oid(first) == SIGNED_DATA:
        raise StampRefused(Reason.BARE_TOKEN)
    status = _status(first.expect(der.SEQUENCE))
    token = Fields(fields.take(der.SEQUENCE))
    fields.end()
    if der.oid(token.take()) != SIGNED_DATA:
        message = "the token is not signed data"
        raise Malformed(message)
    signed = _only(token.take(der.context(0)))
    token.end()
    return _signed_data(status, Fields(signed.expect(der.SEQUENCE)))


def _status(part: der.Part) -> int:
    fields = Fields(part)
    status = der.integer(fields.take())
    if status in _GRANTED:
        return status
    fields.maybe(der.SEQUENCE)
    bits = fields.maybe(der.BIT_STRING)
    raise StampRefused(Reason.STATUS_REJECTED, _failures(bits.content if bits else b""))


def _failures(content: bytes) -> str:
    """Name the failures of a BIT STRING; the first octet counts unused bits."""
    octets = content[1:]
    names = (
        name
        for bit, name in _FAILURES.items()
        if bit // 8 < len(octets) and octets[bit // 8] & 0x80 >> bit % 8
    )
    return ", ".join(names)


def _only(part: der.Part) -> der.Part:
    inside = part.parts()
    if len(inside) != 1:
        message = f"{len(inside)} parts stand where one is expected"
        raise Malformed(message)
    return inside[0]


def _signed_data(status: int, fields: Fields) -> Token:
    der.integer(fields.take())
    digests = {algorithm_oid(one) for one in fields.take(der.SET).parts()}
    content = Fields(fields.take(der.SEQUENCE))
    if der.oid(content.take()) != TIME_STAMP_INFO:
        message = "what is signed is not timestamp information"
        raise Malformed(message)
    encoded_info = der.octets(_only(content.take(der.context(0))))
    content.end()
    embedded = fields.maybe(der.context(0))
    certificates = embedded.parts() if embedded else ()
    if len(certificates) > MAX_CERTIFICATES:
        message = "too many certificates"
        raise Malformed(message)
    fields.maybe(der.context(1))
    signer = _signer(_only(fields.take(der.SET)).expect(der.SEQUENCE))
    fields.end()
    if signer.digest_algorithm not in digests:
        message = "the signer's digest is not in the list of digests"
        raise Malformed(message)
    return Token(
        status=status,
        info=_info(der.read(encoded_info).expect(der.SEQUENCE)),
        encoded_info=encoded_info,
        certificates=tuple(one.raw for one in certificates if one.tag == der.SEQUENCE),
        signer=signer,
    )


def _info(part: der.Part) -> Info:
    fields = Fields(part)
    if der.integer(fields.take()) != 1:
        message = "the timestamp information has an unknown version"
        raise Malformed(message)
    policy = der.oid(fields.take())
    algorithm, digest = _imprint(fields.take(der.SEQUENCE))
    serial = der.integer(fields.take())
    gen_time = der.moment(fields.take())
    accuracy = fields.maybe(der.SEQUENCE)
    if ordering := fields.maybe(der.BOOLEAN):
        der.boolean(ordering)
    nonce = fields.maybe(der.INTEGER)
    name = fields.maybe(der.context(0))
    _no_critical(fields.maybe(der.context(1)))
    fields.end()
    return Info(
        policy=policy,
        algorithm=algorithm,
        digest=digest,
        serial=serial,
        gen_time=gen_time,
        accuracy=_accuracy(accuracy) if accuracy else None,
        nonce=der.integer(nonce) if nonce else None,
        name=_only(name) if name else None,
    )


def _imprint(part: der.Part) -> tuple[str, bytes]:
    fields = Fields(part)
    algorithm = algorithm_oid(fields.take(der.SEQUENCE))
    digest = der.octets(fields.take())
    fields.end()
    return algorithm, digest


def _accuracy(part: der.Part) -> int:
    """Read seconds, [0] milliseconds and [1] microseconds, each optional."""
    fields = Fields(part)
    total = 0
    for tag, factor in ((der.INTEGER, MICROSECONDS), (0x80, 1000), (0x81, 1)):
        found = fields.maybe(tag)
        if found is not None:
            total += factor * der.integer(der.Part(der.INTEGER, found.content, found.raw))
    fields.end()
    return total


def _no_critical(extensions: der.Part | None) -> None:
    for extension in extensions.parts() if extensions else ():
        fields = Fields(extension.expect(der.SEQUENCE))
        kind = der.oid(fields.take())
        critical = fields.maybe(der.BOOLEAN)
        if critical and der.boolean(critical):
            raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, f"critical extension {kind}")


def algorithm_oid(part: der.Part) -> str:
    """Read which algorithm an AlgorithmIdentifier names."""
    return der.oid(Fields(part.expect(der.SEQUENCE)).take())


def _signer(part: der.Part) -> SignerInfo:
    fields = Fields(part)
    der.integer(fields.take())
    issuer, serial = _signer_name(fields.take())
    digest_algorithm = algorithm_oid(fields.take())
    attributes = fields.take(der.context(0)).parts()
    signature_algorithm = fields.take(der.SEQUENCE)
    signature = der.octets(fields.take())
    fields.maybe(der.context(1))
    fields.end()
    return SignerInfo(
        issuer=issuer,
        serial=serial,
        digest_algorithm=digest_algorithm,
        attributes=_by_kind(attributes),
        encoded_attributes=tuple(one.raw for one in attributes),
        signature_algorithm=signature_algorithm,
        signature=signature,
    )


def _signer_name(part: der.Part) -> tuple[der.Part, int]:
    """Read issuer and serial number; ``openssl ts`` knows no other way to name a signer."""
    fields = Fields(part.expect(der.SEQUENCE))
    issuer = fields.take(der.SEQUENCE)
    serial = der.integer(fields.take())
    fields.end()
    return issuer, serial


def _by_kind(attributes: tuple[der.Part, ...]) -> dict[str, der.Part]:
    found: dict[str, der.Part] = {}
    for attribute in attributes:
        fields = Fields(attribute.expect(der.SEQUENCE))
        kind = der.oid(fields.take())
        value = _only(fields.take(der.SET))
        fields.end()
        if kind in found:
            message = f"the attribute {kind} appears twice"
            raise Malformed(message)
        found[kind] = value
    return found

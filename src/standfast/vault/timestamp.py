# SPDX-License-Identifier: Apache-2.0
"""RFC 3161 timestamps: ask a question, check an answer. Nothing here reads files or connects.

Rules enforced here:

* a question holds a SHA-256 digest and a random number of 64 bits, nothing else, and asks for
  the authority's certificates;
* an answer is accepted only if our own check (`stamp_token`, `stamp_signature`, `stamp_chain`)
  accepts it; where ``rfc3161-client`` can read it, that library must accept it too, and the stamp
  says so. Real authorities send BER that the library refuses to read: then the stamp says
  "lenient" and why;
* everything is checked for the time the stamp states, so that a certificate that has expired
  since does no harm;
* a stamp says "existed before", nothing more; a remark says what its worth depends on.
"""

from __future__ import annotations

import secrets
import shlex
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

from standfast.i18n import _
from standfast.vault import der
from standfast.vault.stamp_chain import (
    Chain,
    Held,
    build_chain,
    check_stamping,
    goes_by,
    hold,
    same_name,
)
from standfast.vault.stamp_refused import Reason, StampRefused, printable
from standfast.vault.stamp_signature import check_signature, names_certificate
from standfast.vault.stamp_token import SHA256 as SHA256_OID
from standfast.vault.stamp_token import Token, read_query, read_response

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from standfast.vault.stamp_chain import RootFrom

DIGEST_BYTES: Final = 32
NONCE_BITS: Final = 64
MAX_RESPONSE_BYTES: Final = 1 << 20
MAX_AUTHORITY: Final = 300

Remark = Literal[
    "root_embedded",
    "root_missing",
    "granted_with_changes",
    "not_der",
    "method_unknown_to_library",
    "expired_since",
    "later_than_clock",
]

_RSA_PSS = "1.2.840.113549.1.1.10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A timestamp that was checked.

    Attributes:
        gen_time: the moment the authority states, in UTC.
        accuracy: how far that may be off, if the authority says so.
        policy: the policy it stamps under, as an object identifier.
        serial: the stamp's number at this authority.
        authority: the subject of the certificate that signs, safe to print.
        digest_algorithm: the algorithm of the digest that was stamped.
        chain: the certificates in PEM from the one that signs upwards, without the root unless
            the one that signs is itself the root.
        root: the root in PEM, or empty if it is missing.
        root_fingerprint: the SHA-256 of the root's DER in hexadecimal, or empty.
        root_from: where the root came from. Anyone can make an "embedded" one: it proves nothing
            until its fingerprint is compared with the authority's own publication.
        valid_until: when the certificate that signs expires: stamp again before.
        library: "verified" if ``rfc3161-client`` agreed, "lenient" if only our check could tell.
        remarks: what a reader has to know; see `remark_sentence`.
    """

    gen_time: datetime
    accuracy: timedelta | None
    policy: str
    serial: int
    authority: str
    digest_algorithm: str
    chain: tuple[str, ...]
    root: str
    root_fingerprint: str
    root_from: RootFrom
    valid_until: datetime
    library: Literal["verified", "lenient"]
    remarks: tuple[Remark, ...]


def build_query(digest_sha256: bytes, nonce: int | None = None) -> bytes:
    """Write a TimeStampReq in DER (RFC 3161, 2.4.1).

    Args:
        digest_sha256: the digest to be stamped.
        nonce: a positive number; random with 64 bits if none is given.
    """
    if len(digest_sha256) != DIGEST_BYTES:
        message = f"a SHA-256 digest has {DIGEST_BYTES} octets"
        raise ValueError(message)
    number = secrets.randbits(NONCE_BITS) if nonce is None else nonce
    algorithm = der.write(der.SEQUENCE, der.write_oid(SHA256_OID), der.write(der.NULL))
    return der.write(
        der.SEQUENCE,
        der.write_integer(1),
        der.write(der.SEQUENCE, algorithm, der.write(der.OCTET_STRING, digest_sha256)),
        der.write_integer(number),
        der.write(der.BOOLEAN, b"\xff"),
    )


def check(
    untrusted_response: bytes,
    query: bytes,
    digest: bytes,
    *,
    roots: Sequence[bytes] = (),
    at: datetime | None = None,
) -> Stamp:
    """Check an authority's answer to our question.

    Args:
        untrusted_response: the whole TimeStampResp as it came.
        query: the question as it was sent.
        digest: the SHA-256 that must be stamped.
        roots: certificates to end in, PEM or DER; without any, what came along is used and the
            stamp says so.
        at: the present, for the remarks that depend on it.

    Raises:
        StampRefused: the answer proves nothing; `StampRefused.reason` says why.
        ValueError: a root that was given is no certificate.
    """
    trusted = [_given(root) for root in roots]
    _look(untrusted_response)
    try:
        token = read_response(untrusted_response)
        _check_answer(token, query, digest)
        signer, embedded = _signer(token, trusted)
        check_signature(token, signer)
        if token.info.name and not goes_by(signer, token.info.name):
            raise StampRefused(Reason.BAD_SIGNATURE, "the stamp states another name")
    except der.Malformed as error:
        raise StampRefused(Reason.MALFORMED, str(error)) from error
    check_stamping(signer, token.info.gen_time)
    chain = build_chain(signer, embedded, trusted, token.info.gen_time)
    obstacle = _ask_library(untrusted_response, digest, token, chain)
    remarks = (obstacle, *_remarks(token, chain, at))
    return _stamp(token, chain, remarks=remarks, verified=obstacle is None)


def _given(root: bytes) -> Held:
    encoded = root
    if root.lstrip().startswith(b"-----BEGIN"):
        encoded = x509.load_pem_x509_certificate(root).public_bytes(Encoding.DER)
    held = hold(encoded)
    if held is None:
        message = "a root that was given is not a certificate"
        raise ValueError(message)
    return held


def _look(response: bytes) -> None:
    """Refuse what needs no parsing to be refused."""
    if len(response) > MAX_RESPONSE_BYTES:
        raise StampRefused(Reason.TOO_LARGE)
    if response[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise StampRefused(Reason.HTML_INSTEAD)


def _check_answer(token: Token, query: bytes, digest: bytes) -> None:
    """Check that the stamp is about our digest and answers our question."""
    asked, info = read_query(query), token.info
    if info.algorithm != SHA256_OID:
        raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, f"digest {info.algorithm}")
    if not info.digest == asked.digest == digest or asked.algorithm != SHA256_OID:
        raise StampRefused(Reason.WRONG_IMPRINT)
    if asked.nonce is not None and info.nonce != asked.nonce:
        raise StampRefused(Reason.WRONG_NONCE)


def _signer(token: Token, trusted: Sequence[Held]) -> tuple[Held, list[Held]]:
    """Find the certificate that signs among those that came along or were given."""
    embedded = [held for one in token.certificates if (held := hold(one)) is not None]
    signer = token.signer
    fitting = [
        held
        for held in dict.fromkeys((*embedded, *trusted))
        if held.serial == signer.serial and same_name(held.issuer, signer.issuer)
    ]
    if not fitting:
        raise StampRefused(Reason.MISSING_CERTIFICATE)
    named = [held for held in fitting if names_certificate(signer, held.encoded)]
    if not named:
        raise StampRefused(Reason.BAD_SIGNATURE, "the stamp names another certificate")
    return named[0], embedded


def _ask_library(response: bytes, digest: bytes, token: Token, chain: Chain) -> Remark | None:
    """Let ``rfc3161-client`` check the same, or say why it cannot.

    Raises:
        StampRefused: it can, and does not accept.
    """
    if chain.root is None:
        return "root_missing"
    if token.status:
        return "granted_with_changes"
    if der.oid(token.signer.signature_algorithm.parts()[0]) == _RSA_PSS:
        return "method_unknown_to_library"
    builder = VerifierBuilder(roots=[chain.root.certificate], nonce=token.info.nonce)
    try:
        builder.build().verify(decode_timestamp_response(response), digest)
    except VerificationError as error:
        raise StampRefused(Reason.CHECKS_DISAGREE, str(error)) from error
    except Exception:  # noqa: BLE001 - the library lets through whatever its parsers raise
        return "not_der"
    return None


def _remarks(token: Token, chain: Chain, at: datetime | None) -> tuple[Remark | None, ...]:
    signer, gen_time = chain.certificates[0].certificate, token.info.gen_time
    return (
        "root_embedded" if chain.root_from == "embedded" else None,
        "expired_since" if at and signer.not_valid_after_utc < at else None,
        "later_than_clock" if at and gen_time > at else None,
    )


def _stamp(
    token: Token, chain: Chain, *, remarks: Sequence[Remark | None], verified: bool
) -> Stamp:
    info, root = token.info, chain.root
    leaf = chain.certificates[0].certificate
    return Stamp(
        gen_time=info.gen_time,
        accuracy=None if info.accuracy is None else timedelta(microseconds=info.accuracy),
        policy=info.policy,
        serial=info.serial,
        authority=printable(leaf.subject.rfc4514_string())[:MAX_AUTHORITY],
        digest_algorithm="sha256",
        chain=tuple(held.pem() for held in chain.certificates),
        root=root.pem() if root else "",
        root_fingerprint=root.certificate.fingerprint(SHA256()).hex() if root else "",
        root_from=chain.root_from,
        valid_until=leaf.not_valid_after_utc,
        library="verified" if verified else "lenient",
        remarks=tuple(remark for remark in remarks if remark is not None),
    )


def remark_sentence(remark: Remark) -> str:
    """Say a remark to a person."""
    return {
        "root_embedded": _(
            "The root certificate came with the timestamp itself. Compare its fingerprint with"
            " the one that the authority publishes."
        ),
        "root_missing": _(
            "The root certificate of the authority is not here. The stamp is kept; get the root"
            " certificate from the authority to check it to the end."
        ),
        "granted_with_changes": _(
            "The authority stamped under other terms than were asked for. Time and content are as"
            " they should be."
        ),
        "not_der": _(
            "The authority does not keep to the strict form. standfast's own check accepted the"
            " timestamp; the library it normally asks as well could not read it."
        ),
        "method_unknown_to_library": _(
            "The timestamp is signed by a method that only standfast's own check could examine."
            " Common tools may refuse it; a second authority helps."
        ),
        "expired_since": _(
            "The certificate behind the timestamp has expired since. It was valid when the stamp"
            " was made, and the stamp remains good evidence."
        ),
        "later_than_clock": _(
            "The timestamp is later than the clock of this computer. The clock may be wrong."
        ),
    }[remark]


def openssl_command(stamp: Stamp, *, response: str, data: str, root: str, chain: str) -> str:
    """Write the command by which anyone can check the stamp without standfast.

    ``-attime`` is needed because ``openssl`` otherwise refuses every stamp whose certificate has
    expired by the day of the check.

    Args:
        stamp: what `check` gave.
        response: the name of the file with the whole response.
        data: the name of the file whose SHA-256 was stamped.
        root: the name of the file with `Stamp.root`.
        chain: the name of the file with `Stamp.chain`.
    """
    moment = str(int(stamp.gen_time.timestamp()))
    words = ["openssl", "ts", "-verify", "-in", response, "-data", data, "-CAfile", root]
    words += ["-untrusted", chain, "-attime", moment]
    return shlex.join(words)

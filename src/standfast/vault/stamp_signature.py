# SPDX-License-Identifier: Apache-2.0
"""Whether a token is signed by a certificate (RFC 5652, 5.4 and 5.6; RFC 5816).

Rules enforced here:

* the signed attributes name the content type, the digest of the content and the certificate that
  signs, and all three must fit;
* digests are SHA-256, SHA-384 or SHA-512 (SHA-1 only in the old way to *name* a certificate,
  where it guards nothing alone); keys are RSA from 2048 bits (PKCS #1 v1.5 or PSS) and ECDSA;
* the signature is over the attributes in the order in which they came. An authority that signs
  one order and sends another is refused, as ``openssl`` refuses it: a stamp that a stranger
  cannot check with common tools is worth little.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from standfast.vault import der
from standfast.vault.der import Fields, Malformed
from standfast.vault.stamp_refused import Reason, StampRefused
from standfast.vault.stamp_token import TIME_STAMP_INFO, algorithm_oid

if TYPE_CHECKING:
    from standfast.vault.stamp_chain import Held
    from standfast.vault.stamp_token import SignerInfo, Token

MIN_RSA_BITS: Final = 2048

_DIGESTS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
_SHA256, _SHA384, _SHA512 = _DIGESTS
_RSA = "1.2.840.113549.1.1.1"
_RSA_PSS = "1.2.840.113549.1.1.10"
_MGF1 = "1.2.840.113549.1.1.8"
_RSA_WITH = {
    "1.2.840.113549.1.1.11": _SHA256,
    "1.2.840.113549.1.1.12": _SHA384,
    "1.2.840.113549.1.1.13": _SHA512,
}
_EC = "1.2.840.10045.2.1"
_ECDSA_WITH = {
    "1.2.840.10045.4.3.2": _SHA256,
    "1.2.840.10045.4.3.3": _SHA384,
    "1.2.840.10045.4.3.4": _SHA512,
}
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_CERTIFICATE_V1 = "1.2.840.113549.1.9.16.2.12"
_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"


def names_certificate(signer: SignerInfo, certificate: bytes) -> bool:
    """Tell if the signed attributes name this certificate (ESSCertID or ESSCertIDv2).

    Raises:
        Malformed: they name none, or not in the way they must.
        StampRefused: they name it by a digest we do not know.
    """
    named = [
        _first_named(signer.attributes[kind], version)
        for kind, version in ((_CERTIFICATE_V1, 1), (_CERTIFICATE_V2, 2))
        if kind in signer.attributes
    ]
    if not named:
        message = "the signed attributes name no certificate"
        raise Malformed(message)
    return all(hashlib.new(name, certificate).digest() == digest for name, digest in named)


def _first_named(value: der.Part, version: int) -> tuple[str, bytes]:
    """Read the first certificate named, the one that signs: its digest and the algorithm."""
    listed = Fields(Fields(value.expect(der.SEQUENCE)).take(der.SEQUENCE))
    fields = Fields(listed.take(der.SEQUENCE))
    algorithm = fields.maybe(der.SEQUENCE) if version > 1 else None
    if algorithm is not None:
        name = digest_algorithm(algorithm_oid(algorithm)).name
    else:
        name = "sha256" if version > 1 else "sha1"
    return name, der.octets(fields.take())


def digest_algorithm(oid: str) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    """Give the digest an object identifier names.

    Raises:
        StampRefused: it is none that we trust.
    """
    if oid not in _DIGESTS:
        raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, f"digest {oid}")
    return _DIGESTS[oid]()


def check_signature(token: Token, held: Held) -> None:
    """Check that the holder of a certificate signed this token.

    Raises:
        Malformed: a signed attribute is missing.
        StampRefused: it did not, or the method is none that we know.
    """
    signer = token.signer
    digest = digest_algorithm(signer.digest_algorithm)
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= signer.attributes.keys():
        message = "a signed attribute is missing"
        raise Malformed(message)
    stated = der.octets(signer.attributes[_MESSAGE_DIGEST])
    if (
        der.oid(signer.attributes[_CONTENT_TYPE]) != TIME_STAMP_INFO
        or hashlib.new(digest.name, token.encoded_info).digest() != stated
    ):
        raise StampRefused(Reason.BAD_SIGNATURE, "the attributes do not fit the content")
    _check_key(signer, held, der.write(der.SET, *signer.encoded_attributes))


def _check_key(signer: SignerInfo, held: Held, data: bytes) -> None:
    try:
        key = held.certificate.public_key()
        if isinstance(key, rsa.RSAPublicKey):
            _verify_rsa(key, signer, data)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            _verify_ec(key, signer, data)
        else:
            raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, "kind of key")
    except InvalidSignature as error:
        raise StampRefused(Reason.BAD_SIGNATURE) from error
    except Malformed:
        raise
    except (UnsupportedAlgorithm, ValueError) as error:
        raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, "key or signature") from error


def _verify_rsa(key: rsa.RSAPublicKey, signer: SignerInfo, data: bytes) -> None:
    if key.key_size < MIN_RSA_BITS:
        raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, f"RSA key of {key.key_size} bits")
    kind = algorithm_oid(signer.signature_algorithm)
    if kind == _RSA_PSS:
        digest, scheme = _pss(signer.signature_algorithm)
        key.verify(signer.signature, data, scheme, digest)
        return
    named = signer.digest_algorithm if kind == _RSA else _RSA_WITH.get(kind, kind)
    key.verify(signer.signature, data, padding.PKCS1v15(), digest_algorithm(named))


def _verify_ec(key: ec.EllipticCurvePublicKey, signer: SignerInfo, data: bytes) -> None:
    kind = algorithm_oid(signer.signature_algorithm)
    named = signer.digest_algorithm if kind == _EC else _ECDSA_WITH.get(kind, kind)
    key.verify(signer.signature, data, ec.ECDSA(digest_algorithm(named)))


def _pss(algorithm: der.Part) -> tuple[hashes.HashAlgorithm, padding.PSS]:
    """Read RSASSA-PSS-params (RFC 4055, 3.1); its SHA-1 defaults are refused."""
    fields = Fields(algorithm)
    fields.take(der.OID)
    parameters = Fields(fields.take(der.SEQUENCE))
    digest = digest_algorithm(algorithm_oid(_inside(parameters.take(der.context(0)))))
    mask = Fields(_inside(parameters.take(der.context(1))).expect(der.SEQUENCE))
    if der.oid(mask.take()) != _MGF1:
        raise StampRefused(Reason.UNSUPPORTED_ALGORITHM, "mask of PSS")
    mask_digest = digest_algorithm(algorithm_oid(mask.take()))
    salt = der.integer(_inside(parameters.take(der.context(2))))
    return digest, padding.PSS(padding.MGF1(mask_digest), salt)


def _inside(part: der.Part) -> der.Part:
    return Fields(part).take()

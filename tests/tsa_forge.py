# SPDX-License-Identifier: Apache-2.0
"""Timestamp responses taken apart and put together differently.

Everything here starts from an answer of ``openssl ts`` and changes one thing. A tree is a tuple
``(tag, content)`` where the content of a constructed part is a list of trees.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding

from standfast.vault import der

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tsa import Signer

INDEFINITE_END = b"\0\0"
SIGNING_CERTIFICATE_V1 = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
RSA = "1.2.840.113549.1.1.1"
RSA_PSS = "1.2.840.113549.1.1.10"
SHA256 = "2.16.840.1.101.3.4.2.1"
DIGESTS = {
    "sha1": "1.3.14.3.2.26",
    "sha256": SHA256,
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
ECDSA_WITH = {
    "sha1": "1.2.840.10045.4.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
RSA_WITH = {
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
ED25519 = "1.3.101.112"
HASHES = {
    "sha1": hashes.SHA1,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
MGF1 = "1.2.840.113549.1.1.8"


class Tree:
    """An ASN.1 part that can be changed."""

    def __init__(self, tag: int, content: bytes = b"", inside: list[Tree] | None = None) -> None:
        self.tag, self.content, self.inside = tag, content, inside
        self.fixed = False

    @classmethod
    def read(cls, data: bytes) -> Tree:
        return cls.of(der.read(data))

    @classmethod
    def of(cls, part: der.Part) -> Tree:
        if part.tag & der.CONSTRUCTED:
            return cls(part.tag, inside=[cls.of(inner) for inner in part.parts()])
        return cls(part.tag, part.content)

    def bytes(self) -> bytes:
        if self.inside is None:
            return der.write(self.tag, self.content)
        return der.write(self.tag, *(inner.bytes() for inner in self.inside))

    def loose(self) -> bytes:
        """Write as BER: no constructed part has a length, except those that are fixed."""
        if self.inside is None or self.fixed:
            return self.bytes()
        return b"".join(
            (bytes((self.tag, 0x80)), *(inner.loose() for inner in self.inside), INDEFINITE_END)
        )

    def spoil(self) -> None:
        """Turn the last bit of a plain value."""
        self.content = self.content[:-1] + bytes((self.content[-1] ^ 1,))

    def span_of(self, wanted: Tree, start: int = 0) -> tuple[int, int] | None:
        """Find where a part lies in the octets of this one."""
        whole = self.bytes()
        if self is wanted:
            return start, start + len(whole)
        place = start + len(whole) - sum(len(inner.bytes()) for inner in self.inside or ())
        for inner in self.inside or ():
            if found := inner.span_of(wanted, place):
                return found
            place += len(inner.bytes())
        return None

    def at(self, *way: int) -> Tree:
        found = self
        for step in way:
            found = found.inside[step]
        return found


class Response:
    """The parts of a response by name."""

    def __init__(self, response: bytes) -> None:
        self.tree = Tree.read(response)
        self.token = self.tree.at(1)
        self.signed = self.token.at(1, 0)
        self.content = self.signed.at(2, 1, 0)
        self.certificates = next((part for part in self.signed.inside if part.tag == 0xA0), None)
        self.signer = self.signed.at(-1, 0)
        self.attributes = next(part for part in self.signer.inside if part.tag == 0xA0)

    def bytes(self) -> bytes:
        return self.tree.bytes()


def digest_of(query: bytes) -> bytes:
    return Tree.read(query).at(1, 1).content


def with_digest(query: bytes, digest: bytes) -> bytes:
    tree = Tree.read(query)
    tree.at(1, 1).content = digest
    return tree.bytes()


def bare_token(response: bytes) -> bytes:
    return Response(response).token.bytes()


def stripped(response: bytes) -> bytes:
    """Take all certificates out, as an authority does that ignores certReq."""
    parts = Response(response)
    parts.signed.inside.remove(parts.certificates)
    return parts.bytes()


def certificates_sorted(response: bytes, *, wrongly: bool = False) -> bytes:
    """Sort the certificates as DER wants it (``openssl ts`` does not), or just the other way."""
    parts = Response(response)
    parts.certificates.inside.sort(key=Tree.bytes, reverse=wrongly)
    return parts.bytes()


def attributes_reversed(response: bytes) -> bytes:
    parts = Response(response)
    parts.attributes.inside.reverse()
    return parts.bytes()


def with_certificates(response: bytes, certificates: Iterable[bytes]) -> bytes:
    """Put these certificates (DER) beside those that are there."""
    parts = Response(response)
    parts.certificates.inside += [Tree.read(one) for one in certificates]
    parts.certificates.inside.sort(key=Tree.bytes)
    return parts.bytes()


def with_status(response: bytes, status: int) -> bytes:
    parts = Response(response)
    parts.tree.at(0, 0).content = bytes((status,))
    return parts.bytes()


def loose(response: bytes) -> bytes:
    """Write in BER, as some authorities do: no lengths outside, the content in two pieces."""
    parts = Response(response)
    octets = parts.content.content
    parts.content.tag |= der.CONSTRUCTED
    parts.content.inside = [
        Tree(der.OCTET_STRING, octets[:50]),
        Tree(der.OCTET_STRING, octets[50:]),
    ]
    for inner in (*parts.certificates.inside, parts.signer):
        inner.fixed = True
    return parts.tree.loose()


def resigned(  # noqa: PLR0913 - each option is one way to sign differently
    response: bytes,
    signer: Signer,
    *,
    digest: str = "sha256",
    method: str = "plain",
    sorted_attributes: bool = True,
    ess: str | None = SIGNING_CERTIFICATE_V2,
    info: bytes | None = None,
    name: bytes | None = None,
    keep: tuple[bytes, ...] = (),
) -> bytes:
    """Let another certificate sign the same (or another) statement about time.

    ``method`` is "plain", "full" (RSA with its digest named) or "pss". ``name`` is the GeneralName
    to state instead of the certificate's subject; ``keep`` lists further certificates to embed
    beside those of the response.
    """
    parts = Response(response)
    named = name or der.write(0xA4, signer.certificate.subject.public_bytes())
    parts.content.content = _stating(info or parts.content.content, named)
    _name_signer(parts, signer)
    algorithm = Tree.read(der.write(der.SEQUENCE, der.write_oid(DIGESTS[digest])))
    parts.signed.at(1).inside[:] = [algorithm]
    parts.signer.inside[2] = algorithm
    _rewrite_attributes(parts, signer, ess, digest)
    parts.attributes.inside.sort(key=Tree.bytes, reverse=not sorted_attributes)
    signed = der.write(der.SET, *(one.bytes() for one in parts.attributes.inside))
    place = parts.signer.inside.index(parts.attributes)
    kind, signature = _sign(signer, signed, digest, method)
    parts.signer.inside[place + 1] = Tree.read(kind)
    parts.signer.inside[place + 2] = Tree(der.OCTET_STRING, signature)
    parts.certificates.inside += [Tree.read(one) for one in (signer.der, *keep)]
    parts.certificates.inside.sort(key=Tree.bytes)
    return parts.bytes()


def _stating(info: bytes, name: bytes) -> bytes:
    tree = Tree.read(info)
    next(part for part in tree.inside if part.tag == 0xA0).inside[:] = [Tree.read(name)]
    return tree.bytes()


def _name_signer(parts: Response, signer: Signer) -> None:
    certificate = signer.certificate
    parts.signer.inside[1] = Tree.read(
        der.write(
            der.SEQUENCE,
            certificate.issuer.public_bytes(),
            der.write_integer(certificate.serial_number),
        )
    )


def _rewrite_attributes(parts: Response, signer: Signer, ess: str | None, digest: str) -> None:
    kept = []
    for attribute in parts.attributes.inside:
        kind = der.oid(der.read(attribute.at(0).bytes()))
        if kind == "1.2.840.113549.1.9.4":
            attribute.at(1, 0).content = hashlib.new(digest, parts.content.content).digest()
        if kind not in {SIGNING_CERTIFICATE_V1, SIGNING_CERTIFICATE_V2}:
            kept.append(attribute)
    if ess:
        kept.append(Tree.read(_ess(ess, signer.der, digest)))
    parts.attributes.inside[:] = kept


def _ess(kind: str, certificate: bytes, digest: str) -> bytes:
    """Name a certificate; SHA-256 is the default of version 2 and is left out."""
    used = "sha1" if kind == SIGNING_CERTIFICATE_V1 else digest
    named = der.write(der.OCTET_STRING, hashlib.new(used, certificate).digest())
    if kind == SIGNING_CERTIFICATE_V2 and used != "sha256":
        named = der.write(der.SEQUENCE, der.write_oid(DIGESTS[used])) + named
    inner = der.write(der.SEQUENCE, der.write(der.SEQUENCE, der.write(der.SEQUENCE, named)))
    return der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.SET, inner))


def _sign(signer: Signer, data: bytes, digest: str, method: str) -> tuple[bytes, bytes]:
    hashed, key = HASHES[digest](), signer.key
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return der.write(der.SEQUENCE, der.write_oid(ED25519)), key.sign(data)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        made = key.sign(data, ec.ECDSA(hashed))
        return der.write(der.SEQUENCE, der.write_oid(ECDSA_WITH[digest])), made
    if method == "pss":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return _pss_algorithm(), key.sign(data, scheme, hashes.SHA256())
    kind = RSA_WITH[digest] if method == "full" else RSA
    made = key.sign(data, padding.PKCS1v15(), hashed)
    return der.write(der.SEQUENCE, der.write_oid(kind), der.write(der.NULL)), made


def _pss_algorithm() -> bytes:
    hashed = der.write(der.SEQUENCE, der.write_oid(SHA256))
    return der.write(
        der.SEQUENCE,
        der.write_oid(RSA_PSS),
        der.write(
            der.SEQUENCE,
            der.write(der.context(0), hashed),
            der.write(der.context(1), der.write(der.SEQUENCE, der.write_oid(MGF1), hashed)),
            der.write(der.context(2), der.write_integer(32)),
        ),
    )

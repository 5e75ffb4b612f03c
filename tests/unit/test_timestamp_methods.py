# SPDX-License-Identifier: Apache-2.0
"""Methods of signing, and issuers that may not issue: each beside the verdict of ``openssl``."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

import tsa_forge
from standfast.vault import der
from standfast.vault.stamp_chain import MAX_LENGTH
from standfast.vault.stamp_refused import Reason
from standfast.vault.timestamp import check
from tsa import make_ca, make_tsa
from tsa_checks import DIGEST, QUERY, openssl_accepts, openssl_agrees, reason
from tsa_forge import DIGESTS, Response, Tree

if TYPE_CHECKING:
    from pathlib import Path

    from tsa import Authority, More, Signer

NOW = datetime.now(UTC)
LONG_AGO = (NOW - timedelta(days=900), NOW - timedelta(days=300))
NO_USAGE = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}
STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def key_usage(*allowed: str) -> x509.KeyUsage:
    return x509.KeyUsage(**NO_USAGE | dict.fromkeys(allowed, True))


@pytest.mark.parametrize(
    ("kind", "digest", "method"),
    [
        ("rsa", "sha256", "full"),
        ("rsa", "sha384", "plain"),
        ("rsa", "sha512", "plain"),
        ("rsa", "sha512", "full"),
        ("ec", "sha384", "plain"),
        ("p384", "sha384", "plain"),
        ("p384", "sha512", "plain"),
    ],
)
def test_common_methods_are_accepted_by_all_three(
    kind: str, digest: str, method: str, authority: Authority, tmp_path: Path
) -> None:
    signer = make_tsa(authority.issuer, kind=kind)
    response = tsa_forge.resigned(authority.stamp(QUERY), signer, digest=digest, method=method)
    assert check(response, QUERY, DIGEST, roots=[authority.root_pem]).library == "verified"
    assert openssl_accepts(response, authority, tmp_path)
    parts = Response(response)
    parts.signer.inside[-1].spoil()
    assert reason(parts.bytes()) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("kind", "digest"), [("short", "sha256"), ("ed25519", "sha512"), ("ec", "sha1")]
)
def test_weak_and_unknown_methods_are_refused(kind: str, digest: str, authority: Authority) -> None:
    signer = make_tsa(authority.issuer, kind=kind)
    response = tsa_forge.resigned(authority.stamp(QUERY), signer, digest=digest)
    assert reason(response) is Reason.UNSUPPORTED_ALGORITHM


def test_pss_with_no_or_unknown_or_absurd_parameters_is_refused(
    second_authority: Authority,
) -> None:
    signer = second_authority.signer
    response = tsa_forge.resigned(second_authority.stamp(QUERY), signer, method="pss")
    mask, salt, empty = (Response(response) for _turn in range(3))
    empty.signer.at(4, 1).inside.clear()
    assert reason(empty.bytes()) is Reason.MALFORMED
    mask.signer.at(4, 1, 1, 0, 0).content = b"\x2a\x03\x04"
    salt.signer.at(4, 1, 2, 0).content = b"\x7f\xff\xff\xff"
    assert reason(mask.bytes()) is Reason.UNSUPPORTED_ALGORITHM
    assert reason(salt.bytes()) in {Reason.UNSUPPORTED_ALGORITHM, Reason.BAD_SIGNATURE}


def test_a_key_on_an_unknown_curve_is_refused(authority: Authority) -> None:
    signer = make_tsa(authority.issuer)
    strange = Tree.read(signer.der)
    strange.at(0, 6, 0, 1).content = b"\x2a\x03\x04"
    posing = SimpleNamespace(certificate=signer.certificate, key=signer.key, der=strange.bytes())
    response = tsa_forge.resigned(authority.stamp(QUERY), posing)
    assert reason(response) is Reason.UNSUPPORTED_ALGORITHM


def test_a_method_for_another_kind_of_key_is_refused(authority: Authority) -> None:
    parts = Response(authority.stamp(QUERY))
    parts.signer.at(4, 0).content = der.read(der.write_oid(tsa_forge.RSA_PSS)).content
    assert reason(parts.bytes()) is Reason.UNSUPPORTED_ALGORITHM


def test_signed_attributes_that_do_not_fit_are_refused(authority: Authority) -> None:
    digest, kind, missing = (Response(authority.stamp(QUERY)) for _turn in range(3))
    for place, attribute in enumerate(digest.attributes.inside):
        name = der.oid(der.read(attribute.at(0).bytes()))
        if name == "1.2.840.113549.1.9.4":
            digest.attributes.at(place, 1, 0).content = hashlib.sha256(b"other").digest()
            del missing.attributes.inside[place]
        if name == "1.2.840.113549.1.9.3":
            kind.attributes.at(place, 1, 0).content = b"\x2a\x03\x04"
    assert reason(digest.bytes()) is Reason.BAD_SIGNATURE
    assert reason(kind.bytes()) is Reason.BAD_SIGNATURE
    assert reason(missing.bytes()) is Reason.MALFORMED


def test_a_signed_attribute_or_signer_that_comes_twice_is_malformed(authority: Authority) -> None:
    attribute, signer = Response(authority.stamp(QUERY)), Response(authority.stamp(QUERY))
    attribute.attributes.inside.append(attribute.attributes.inside[0])
    signer.signed.at(-1).inside.append(signer.signer)
    assert reason(attribute.bytes()) is Reason.MALFORMED
    assert reason(signer.bytes()) is Reason.MALFORMED


def test_a_digest_missing_in_the_list_is_refused_as_openssl_does(
    authority: Authority, tmp_path: Path
) -> None:
    parts = Response(authority.stamp(QUERY))
    other = der.write(der.SEQUENCE, der.write_oid(DIGESTS["sha512"]))
    parts.signed.at(1).inside[:] = [Tree.read(other)]
    assert reason(parts.bytes()) is Reason.MALFORMED
    assert not openssl_accepts(parts.bytes(), authority, tmp_path)


def through(authority: Authority, issuers: tuple[Signer, ...], signer: Signer) -> bytes:
    """Stamp with a certificate below these issuers, and embed them."""
    keep = tuple(issuer.der for issuer in issuers)
    return tsa_forge.resigned(authority.stamp(QUERY), signer, keep=keep)


FAULTS: dict[str, tuple[dict[str, object], Reason]] = {
    "may not sign certificates": (
        {"more": ((key_usage("digital_signature"), True),)},
        Reason.WRONG_USAGE,
    ),
    "has a strange critical addition": ({"more": ((STRANGE, True),)}, Reason.WRONG_USAGE),
    "had expired": ({"valid": LONG_AGO}, Reason.EXPIRED_BEFORE),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_issuer_between_that_may_not_issue_is_refused_as_openssl_does(
    fault: str, authority: Authority, tmp_path: Path
) -> None:
    options, expected = FAULTS[fault]
    issuer = make_ca("Between", issuer=authority.root, **options)
    response = through(authority, (issuer,), make_tsa(issuer))
    assert reason(response, (authority.root_pem,)) is expected
    assert reason(response) is expected
    assert not openssl_accepts(response, authority, tmp_path)


def test_an_issuer_between_that_is_for_programs_is_refused(authority: Authority) -> None:
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
    issuer = make_ca("Between", issuer=authority.root, more=((usage, False),))
    response = through(authority, (issuer,), make_tsa(issuer))
    assert reason(response, (authority.root_pem,)) is Reason.WRONG_USAGE


@pytest.mark.parametrize(
    "more",
    [
        (),
        ((key_usage("key_cert_sign", "crl_sign"), True),),
        ((x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),),
        ((STRANGE, False),),
    ],
)
def test_an_issuer_between_that_may_issue_is_accepted(
    more: More, authority: Authority, tmp_path: Path
) -> None:
    issuer = make_ca("Between", issuer=authority.root, path_length=0, more=more)
    response = through(authority, (issuer,), make_tsa(issuer))
    stamp = check(response, QUERY, DIGEST, roots=[authority.root_pem])
    assert (stamp.library, len(stamp.chain)) == ("verified", 2)
    assert openssl_agrees(stamp, response, tmp_path)


def test_an_issuer_that_allows_none_below_has_none_below(
    authority: Authority, tmp_path: Path
) -> None:
    upper = make_ca("Upper", issuer=authority.root, path_length=0)
    lower = make_ca("Lower", issuer=upper)
    response = through(authority, (upper, lower), make_tsa(lower))
    assert reason(response, (authority.root_pem,)) is Reason.WRONG_USAGE
    assert not openssl_accepts(response, authority, tmp_path)


def test_a_second_way_up_is_found_when_the_first_is_barred(authority: Authority) -> None:
    good = make_ca("Between", issuer=authority.root)
    barred = make_ca("Between", issuer=authority.root, valid=LONG_AGO)
    signer = make_tsa(good)
    for order in ((good, barred), (barred, good)):
        response = through(authority, order, signer)
        assert check(response, QUERY, DIGEST, roots=[authority.root_pem]).root_from == "given"


def test_a_chain_longer_than_any_is_refused(authority: Authority) -> None:
    issuers = [authority.root]
    for number in range(MAX_LENGTH):
        issuers.append(make_ca(f"Level {number}", issuer=issuers[-1]))
    for levels, accepted in ((MAX_LENGTH - 2, True), (MAX_LENGTH - 1, False)):
        signer = make_tsa(issuers[levels])
        response = through(authority, tuple(issuers[1 : levels + 1]), signer)
        if accepted:
            assert check(response, QUERY, DIGEST, roots=[authority.root_pem])
        else:
            assert reason(response, (authority.root_pem,)) is Reason.UNKNOWN_ROOT


@pytest.mark.parametrize(
    ("usage", "accepted"),
    [
        ("digital_signature", True),
        ("content_commitment", True),
        ("key_encipherment", False),
        ("key_cert_sign", False),
    ],
)
def test_the_key_of_a_signing_certificate_must_be_for_signing(
    usage: str,
    accepted: bool,  # noqa: FBT001 - a parameter of the table above
    authority: Authority,
    tmp_path: Path,
) -> None:
    signer = make_tsa(authority.issuer, more=((key_usage(usage), True),))
    response = tsa_forge.resigned(authority.stamp(QUERY), signer)
    assert openssl_accepts(response, authority, tmp_path) is accepted
    if accepted:
        assert check(response, QUERY, DIGEST)
    else:
        assert reason(response) is Reason.WRONG_USAGE


def test_certificates_that_are_none_are_passed_over(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    numberless = Tree.read(make_tsa(authority.issuer).der)
    numberless.at(0, 1).content = b"\0"
    parts = Response(response)
    parts.certificates.inside += [numberless, Tree(0xA1, inside=[]), Tree(0x30, inside=[])]
    stamp = check(parts.bytes(), QUERY, DIGEST, roots=[authority.root_pem])
    assert (stamp.library, stamp.remarks) == ("lenient", ("not_der",))

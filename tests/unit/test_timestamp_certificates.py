# SPDX-License-Identifier: Apache-2.0
"""The certificates behind a timestamp: who may sign, for how long, and who vouches for whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

import tsa_forge
from standfast.vault import der
from standfast.vault.stamp_refused import Reason
from standfast.vault.timestamp import check, openssl_command
from tsa import Authority, make_ca, make_tsa, verified_by_openssl
from tsa_checks import DIGEST, QUERY, openssl_accepts, openssl_agrees, reason
from tsa_forge import SIGNING_CERTIFICATE_V1, Response, Tree

if TYPE_CHECKING:
    from pathlib import Path


def test_without_roots_the_root_that_came_along_is_named_as_such(authority: Authority) -> None:
    stamp = check(authority.stamp(QUERY), QUERY, DIGEST)
    assert (stamp.root_from, stamp.library) == ("embedded", "verified")
    assert stamp.remarks == ("root_embedded",)
    assert stamp.root.encode() == authority.root_pem


def test_a_chain_without_a_root_is_kept_and_says_that_it_ends_open(tmp_path: Path) -> None:
    authority = Authority(tmp_path, intermediate=True)
    authority.install(authority.signer, embed=(authority.issuer,))
    response = authority.stamp(QUERY)
    stamp = check(response, QUERY, DIGEST)
    assert (stamp.root, stamp.root_fingerprint, stamp.root_from) == ("", "", "missing")
    assert (stamp.library, stamp.remarks) == ("lenient", ("root_missing",))
    assert len(stamp.chain) == 2
    whole = check(response, QUERY, DIGEST, roots=[authority.root_pem])
    assert (whole.library, whole.root_from) == ("verified", "given")


def test_the_root_of_somebody_else_is_not_enough(
    authority: Authority, second_authority: Authority
) -> None:
    assert reason(authority.stamp(QUERY), (second_authority.root_pem,)) is Reason.UNKNOWN_ROOT


def test_a_root_with_the_right_name_and_another_key_is_not_enough(authority: Authority) -> None:
    twin = make_ca("Root One")
    assert reason(authority.stamp(QUERY), (twin.pem,)) is Reason.UNKNOWN_ROOT


def test_one_of_several_roots_suffices(authority: Authority, second_authority: Authority) -> None:
    roots = [second_authority.root_pem, authority.root_pem]
    assert check(authority.stamp(QUERY), QUERY, DIGEST, roots=roots).root_from == "given"


def test_a_stamp_outlives_its_certificate(authority: Authority, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    brief = make_tsa(authority.issuer, valid=(now - timedelta(days=9), now + timedelta(minutes=1)))
    response = tsa_forge.resigned(authority.stamp(QUERY), brief)
    later = now + timedelta(days=3000)
    stamp = check(response, QUERY, DIGEST, roots=[authority.root_pem], at=later)
    assert stamp.remarks == ("expired_since",)
    assert stamp.library == "verified"
    assert openssl_agrees(stamp, response, tmp_path)


def test_openssl_needs_the_moment_of_the_stamp_once_the_certificate_has_expired(
    authority: Authority, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    spent = make_tsa(authority.issuer, valid=(now - timedelta(days=9), now - timedelta(days=2)))
    response = _stamped_at(authority, now - timedelta(days=5), spent)
    stamp = check(response, QUERY, DIGEST, roots=[authority.root_pem], at=now)
    assert stamp.remarks == ("expired_since",)
    assert openssl_agrees(stamp, response, tmp_path)
    command = openssl_command(
        stamp, response="x.tsr", data="head.note", root="root.pem", chain="chain.pem"
    )
    without = command[: command.index(" -attime")]
    assert not verified_by_openssl(without, tmp_path)


def test_a_certificate_that_was_not_yet_valid_is_refused(authority: Authority) -> None:
    early = datetime.now(UTC) - timedelta(days=500)
    assert reason(_stamped_at(authority, early)) is Reason.EXPIRED_BEFORE


@pytest.mark.parametrize(
    ("usages", "critical"),
    [
        ((), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING,), False),
        ((ExtendedKeyUsageOID.CODE_SIGNING,), True),
        ((ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING), True),
        ((ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,), True),
    ],
)
def test_only_a_certificate_for_time_stamps_alone_will_do(
    usages: tuple[x509.ObjectIdentifier, ...],
    critical: bool,  # noqa: FBT001 - a parameter of the table above
    authority: Authority,
) -> None:
    signer = make_tsa(authority.issuer, usages=usages, critical=critical)
    assert reason(tsa_forge.resigned(authority.stamp(QUERY), signer)) is Reason.WRONG_USAGE


def test_an_authority_that_signs_itself_counts_only_as_far_as_its_root_does(
    authority: Authority, tmp_path: Path
) -> None:
    own = make_tsa(None, "Own clock")
    response = tsa_forge.resigned(authority.stamp(QUERY), own)
    stamp = check(response, QUERY, DIGEST)
    assert (stamp.root_from, stamp.remarks) == ("embedded", ("root_embedded",))
    assert stamp.root.encode() == own.pem
    assert openssl_agrees(stamp, response, tmp_path)
    assert reason(response, (authority.root_pem,)) is Reason.UNKNOWN_ROOT
    assert check(response, QUERY, DIGEST, roots=[own.pem]).root_from == "given"


def test_an_issuer_that_is_no_authority_is_refused(authority: Authority) -> None:
    false_issuer = make_tsa(authority.issuer, "No authority")
    signer = make_tsa(false_issuer)
    response = tsa_forge.resigned(authority.stamp(QUERY), signer, keep=(false_issuer.der,))
    assert reason(response) is Reason.WRONG_USAGE
    assert reason(response, (authority.root_pem,)) is Reason.WRONG_USAGE


def test_certificates_that_were_slipped_in_change_nothing(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    twin = make_ca("Root One")
    more = [twin.der, make_tsa(twin).der, make_tsa(twin, "Timestamp unit One").der]
    stamp = check(
        tsa_forge.with_certificates(response, more), QUERY, DIGEST, roots=[authority.root_pem]
    )
    assert stamp == check(response, QUERY, DIGEST, roots=[authority.root_pem])


def test_a_crowd_of_cross_signed_certificates_costs_no_time(authority: Authority) -> None:
    crowd = [make_ca("Crowd", issuer=make_ca("Crowd")) for _turn in range(25)]
    signer = make_tsa(crowd[0])
    keep = tuple(one.der for one in crowd)
    response = tsa_forge.resigned(authority.stamp(QUERY), signer, keep=keep)
    assert reason(response, (authority.root_pem,)) is Reason.UNKNOWN_ROOT


def test_a_crowd_larger_than_any_chain_is_malformed(authority: Authority) -> None:
    more = [authority.root.der] * 40
    response = tsa_forge.with_certificates(authority.stamp(QUERY), more)
    assert reason(response) is Reason.MALFORMED


def test_a_certificate_swapped_for_one_with_the_same_name_and_number_is_noticed(
    authority: Authority,
) -> None:
    parts = Response(authority.stamp(QUERY))
    for held in parts.certificates.inside:
        if held.bytes() == authority.signer.der:
            held.at(2).spoil()
    assert reason(parts.bytes()) is Reason.BAD_SIGNATURE


def test_the_older_way_to_name_the_certificate_is_understood(authority: Authority) -> None:
    response = tsa_forge.resigned(
        authority.stamp(QUERY), authority.signer, ess=SIGNING_CERTIFICATE_V1
    )
    assert check(response, QUERY, DIGEST, roots=[authority.root_pem]).library == "verified"


def test_a_stamp_that_names_no_certificate_is_malformed(authority: Authority) -> None:
    response = tsa_forge.resigned(authority.stamp(QUERY), authority.signer, ess=None)
    assert reason(response) is Reason.MALFORMED


@pytest.mark.parametrize(
    ("common", "accepted"),
    [
        (der.write(0x0C, b"Timestamp unit One"), True),
        (der.write(0x13, b"timestamp  UNIT one"), True),
        (der.write(0x1E, "Timestamp unit One".encode("utf-16-be")), True),
        (der.write(0x0C, b"Timestamp unit Two"), False),
    ],
)
def test_an_authority_that_states_a_name_must_go_by_it(
    common: bytes,
    accepted: bool,  # noqa: FBT001 - a parameter of the table above
    authority: Authority,
    tmp_path: Path,
) -> None:
    tree = Tree.read(authority.signer.certificate.subject.public_bytes())
    tree.at(1, 0).inside[1] = Tree.read(common)
    name = der.write(0xA4, tree.bytes())
    response = tsa_forge.resigned(authority.stamp(QUERY), authority.signer, name=name)
    assert openssl_accepts(response, authority, tmp_path) is accepted
    if accepted:
        assert check(response, QUERY, DIGEST).library == "verified"
    else:
        assert reason(response) is Reason.BAD_SIGNATURE


def test_an_authority_may_go_by_an_alternative_name(authority: Authority) -> None:
    name = der.write(0x82, b"tsa.example.org")
    known = x509.SubjectAlternativeName([x509.DNSName("tsa.example.org")])
    bare, named = make_tsa(authority.issuer), make_tsa(authority.issuer, more=((known, False),))
    response = authority.stamp(QUERY)
    assert check(tsa_forge.resigned(response, named, name=name), QUERY, DIGEST)
    assert reason(tsa_forge.resigned(response, bare, name=name)) is Reason.BAD_SIGNATURE


def test_what_steers_a_terminal_is_taken_out_of_the_name(authority: Authority) -> None:
    signer = make_tsa(authority.issuer, "Clock\u202egpj.exe\x1b[31m")
    stamp = check(tsa_forge.resigned(authority.stamp(QUERY), signer), QUERY, DIGEST)
    assert stamp.authority.isprintable()
    assert "gpj.exe" in stamp.authority


def test_the_certificates_of_a_stamp_are_pem_that_others_read(second_authority: Authority) -> None:
    stamp = check(second_authority.stamp(QUERY), QUERY, DIGEST)
    read = [x509.load_pem_x509_certificate(one.encode()) for one in stamp.chain]
    assert read[0].public_bytes(Encoding.DER) == second_authority.signer.der
    assert read[1].public_bytes(Encoding.DER) == second_authority.issuer.der


def _stamped_at(authority: Authority, moment: datetime, signer: object = None) -> bytes:
    response = authority.stamp(QUERY)
    info = Tree.read(Response(response).content.content)
    info.at(4).content = moment.strftime("%Y%m%d%H%M%SZ").encode()
    signed_by = signer or authority.signer
    return tsa_forge.resigned(response, signed_by, info=info.bytes())

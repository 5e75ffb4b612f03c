# SPDX-License-Identifier: Apache-2.0
"""Time stamps of a real authority: what is accepted, what is refused, and for which reason."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

import tsa_forge
from standfast.errors import InputUnreadable
from standfast.vault import der, timestamp
from standfast.vault.stamp_refused import Reason, StampRefused, reason_sentence
from standfast.vault.timestamp import Stamp, build_query, check, openssl_command, remark_sentence
from tsa import BEHAVIOURS, POLICY, Authority, make_ca, make_tsa, openssl, verified_by_openssl
from tsa_forge import SIGNING_CERTIFICATE_V1, Response, Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTE = b"a signed checkpoint of a fictional case\n"
DIGEST = hashlib.sha256(NOTE).digest()
QUERY = build_query(DIGEST)


def reason(response: bytes, roots: tuple[bytes, ...] = (), digest: bytes = DIGEST) -> Reason:
    with pytest.raises(StampRefused) as refused:
        check(response, QUERY, digest, roots=roots)
    return refused.value.reason


def openssl_agrees(stamp: Stamp, response: bytes, folder: Path) -> bool:
    files = {"x.tsr": response, "head.note": NOTE}
    files |= {"root.pem": stamp.root.encode(), "chain.pem": "".join(stamp.chain).encode()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    command = openssl_command(
        stamp, response="x.tsr", data="head.note", root="root.pem", chain="chain.pem"
    )
    return verified_by_openssl(command, folder)


def openssl_accepts(response: bytes, authority: Authority, folder: Path) -> bool:
    """Ask ``openssl`` about any response, with our query so that it checks the nonce too."""
    for name, content in {"r": response, "q": QUERY, "ca": authority.root_pem}.items():
        (folder / name).write_bytes(content)
    moment = int(datetime.now(UTC).timestamp())
    command = f"openssl ts -verify -in r -queryfile q -CAfile ca -attime {moment}"
    return verified_by_openssl(command, folder)


def test_a_query_is_what_openssl_reads_and_nothing_more(tmp_path: Path) -> None:
    (tmp_path / "q").write_bytes(QUERY)
    told = openssl("ts", "-query", "-in", str(tmp_path / "q"), "-text").decode()
    assert "Hash Algorithm: sha256" in told
    assert "Certificate required: yes" in told
    assert "Policy OID: unspecified" in told
    assert told.endswith("Extensions:\n")


def test_a_query_is_octet_for_octet_what_openssl_writes() -> None:
    theirs = openssl("ts", "-query", "-sha256", "-digest", DIGEST.hex(), "-cert")
    nonce = der.integer(der.read(theirs).parts()[2])
    assert build_query(DIGEST, nonce) == theirs


def test_two_queries_never_share_their_number() -> None:
    assert len({build_query(DIGEST) for _turn in range(100)}) == 100


def test_only_a_digest_can_be_asked_about() -> None:
    with pytest.raises(ValueError, match="32 octets"):
        build_query(NOTE)


@pytest.mark.parametrize("which", ["authority", "second_authority"])
def test_a_good_stamp_is_accepted_by_us_by_the_library_and_by_openssl(
    which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    authority: Authority = request.getfixturevalue(which)
    response = authority.stamp(QUERY)
    before = datetime.now(UTC)
    stamp = check(response, QUERY, DIGEST, roots=[authority.root_pem], at=before)
    assert stamp.library == "verified"
    assert stamp.root_from == "given"
    assert stamp.remarks == ()
    assert abs(stamp.gen_time - before) < timedelta(seconds=30)
    assert stamp.accuracy == timedelta(seconds=1, milliseconds=500)
    assert stamp.policy == POLICY
    assert stamp.authority.startswith("CN=Time-stamp unit")
    assert stamp.root.encode() == authority.root_pem
    assert stamp.root_fingerprint == hashlib.sha256(authority.root.der).hexdigest()
    assert stamp.chain[0].encode() == authority.signer.pem
    assert len(stamp.chain) == (1 if authority.issuer is authority.root else 2)
    assert openssl_agrees(stamp, response, tmp_path)


def test_roots_may_be_given_in_pem_or_der(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    both = [
        check(response, QUERY, DIGEST, roots=[root])
        for root in (authority.root_pem, authority.root.der)
    ]
    assert both[0] == both[1]


def test_a_root_that_is_none_is_our_callers_fault(authority: Authority) -> None:
    with pytest.raises(ValueError, match="not a certificate"):
        check(authority.stamp(QUERY), QUERY, DIGEST, roots=[b"no certificate"])


REASONS = {
    "rejected": Reason.STATUS_REJECTED,
    "wrong_nonce": Reason.WRONG_NONCE,
    "wrong_imprint": Reason.WRONG_IMPRINT,
    "wrong_usage": Reason.WRONG_USAGE,
    "expired": Reason.EXPIRED_BEFORE,
    "bare_token": Reason.BARE_TOKEN,
    "no_certificate": Reason.MISSING_CERTIFICATE,
    "attributes_turned": Reason.BAD_SIGNATURE,
    "html": Reason.HTML_INSTEAD,
    "huge": Reason.TOO_LARGE,
}


@pytest.mark.parametrize("which", ["authority", "second_authority"])
@pytest.mark.parametrize("behaviour", REASONS)
def test_each_misbehaviour_has_its_own_reason_and_openssl_refuses_it_too(
    behaviour: str, which: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    authority: Authority = request.getfixturevalue(which)
    response = authority.stamp(QUERY, behaviour)
    assert reason(response, (authority.root_pem,)) is REASONS[behaviour]
    assert reason(response) is REASONS[behaviour]
    assert not openssl_accepts(response, authority, tmp_path)


def test_every_way_to_misbehave_is_tested() -> None:
    assert set(BEHAVIOURS) == {"good", "not_der", *REASONS}


@pytest.mark.parametrize(
    "change",
    [
        lambda authority: authority.stamp(QUERY, "not_der"),
        lambda authority: authority.raw_reply(QUERY),
        lambda authority: tsa_forge.loose(authority.stamp(QUERY)),
        lambda authority: tsa_forge.resigned(
            authority.stamp(QUERY), authority.signer, sorted_attributes=False
        ),
    ],
    ids=["certificates out of order", "as openssl writes", "without lengths", "attributes"],
)
def test_ber_is_accepted_with_a_remark_where_the_library_refuses_to_read(
    change: Callable[[Authority], bytes], second_authority: Authority, tmp_path: Path
) -> None:
    response = change(second_authority)
    stamp = check(response, QUERY, DIGEST, roots=[second_authority.root_pem])
    assert (stamp.library, stamp.remarks) == ("lenient", ("not_der",))
    assert openssl_agrees(stamp, response, tmp_path)


def test_the_lenient_check_states_the_same_as_the_strict_one(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    strict = check(response, QUERY, DIGEST)
    lenient = check(tsa_forge.loose(response), QUERY, DIGEST)
    remarks = ("not_der", *strict.remarks)
    assert lenient == replace(strict, library="lenient", remarks=remarks)


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


def _stamped_at(authority: Authority, moment: datetime, signer: object = None) -> bytes:
    response = authority.stamp(QUERY)
    info = Tree.read(Response(response).content.content)
    info.at(4).content = moment.strftime("%Y%m%d%H%M%SZ").encode()
    signed_by = signer or authority.signer
    return tsa_forge.resigned(response, signed_by, info=info.bytes())


def test_a_certificate_that_was_not_yet_valid_is_refused(authority: Authority) -> None:
    early = datetime.now(UTC) - timedelta(days=500)
    assert reason(_stamped_at(authority, early)) is Reason.EXPIRED_BEFORE


def test_a_stamp_later_than_the_clock_is_remarked(authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    stamp = check(authority.stamp(QUERY), QUERY, DIGEST, at=yesterday)
    assert "later_than_clock" in stamp.remarks


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
    more = [twin.der, make_tsa(twin).der, make_tsa(twin, "Time-stamp unit One").der]
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
            held.at(2).content = held.at(2).content[:-1] + b"\0"
    assert reason(parts.bytes()) is Reason.BAD_SIGNATURE


def test_the_older_way_to_name_the_certificate_is_understood(authority: Authority) -> None:
    response = tsa_forge.resigned(
        authority.stamp(QUERY), authority.signer, ess=SIGNING_CERTIFICATE_V1
    )
    assert check(response, QUERY, DIGEST, roots=[authority.root_pem]).library == "verified"


def test_a_stamp_that_names_no_certificate_is_malformed(authority: Authority) -> None:
    response = tsa_forge.resigned(authority.stamp(QUERY), authority.signer, ess=None)
    assert reason(response) is Reason.MALFORMED


def test_pss_is_checked_by_us_alone(second_authority: Authority) -> None:
    response = tsa_forge.resigned(second_authority.stamp(QUERY), second_authority.signer, pss=True)
    stamp = check(response, QUERY, DIGEST, roots=[second_authority.root_pem])
    assert (stamp.library, stamp.remarks) == ("lenient", ("method_unknown_to_library",))
    parts = Response(response)
    parts.signer.inside[-1].content = bytes(256)
    assert reason(parts.bytes()) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("common", "accepted"),
    [
        (der.write(0x0C, b"Time-stamp unit One"), True),
        (der.write(0x13, b"time-stamp  UNIT one"), True),
        (der.write(0x1E, "Time-stamp unit One".encode("utf-16-be")), True),
        (der.write(0x0C, b"Time-stamp unit Two"), False),
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
    bare, named = make_tsa(authority.issuer), make_tsa(authority.issuer, host="tsa.example.org")
    response = authority.stamp(QUERY)
    assert check(tsa_forge.resigned(response, named, name=name), QUERY, DIGEST)
    assert reason(tsa_forge.resigned(response, bare, name=name)) is Reason.BAD_SIGNATURE


def test_granted_with_changes_is_accepted_and_said(authority: Authority) -> None:
    response = tsa_forge.with_status(authority.stamp(QUERY), 1)
    stamp = check(response, QUERY, DIGEST, roots=[authority.root_pem])
    assert (stamp.library, stamp.remarks) == ("lenient", ("granted_with_changes",))


@pytest.mark.parametrize("status", [2, 3, 4, 5, 6, 0x80])
def test_no_other_status_is_accepted_even_with_a_good_token(
    status: int, authority: Authority
) -> None:
    response = tsa_forge.with_status(authority.stamp(QUERY), status)
    assert reason(response) is Reason.STATUS_REJECTED


def test_a_stamp_over_sha1_is_refused(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    info = Tree.read(Response(response).content.content)
    info.at(2, 0, 0).content = der.read(der.write_oid("1.3.14.3.2.26")).content
    info.at(2, 1).content = hashlib.sha1(NOTE, usedforsecurity=False).digest()
    response = tsa_forge.resigned(response, authority.signer, info=info.bytes())
    assert reason(response) is Reason.UNSUPPORTED_ALGORITHM


def test_a_critical_addition_that_we_do_not_know_is_refused(authority: Authority) -> None:
    response = authority.stamp(QUERY)
    info = Tree.read(Response(response).content.content)
    value = der.write(der.OCTET_STRING, b"")
    for critical in (b"\xff", b"\0"):
        extension = der.write(
            der.SEQUENCE, der.write_oid("1.2.3.4"), der.write(der.BOOLEAN, critical), value
        )
        changed = Tree(info.tag, inside=[*info.inside, Tree.read(der.write(0xA1, extension))])
        forged = tsa_forge.resigned(response, authority.signer, info=changed.bytes())
        if critical == b"\xff":
            assert reason(forged) is Reason.UNSUPPORTED_ALGORITHM
        else:
            assert check(forged, QUERY, DIGEST).library == "lenient"


def test_the_query_and_the_digest_must_belong_together(authority: Authority) -> None:
    assert reason(authority.stamp(QUERY), digest=bytes(32)) is Reason.WRONG_IMPRINT


def test_if_the_library_refuses_what_we_accept_the_stamp_is_refused(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = authority.stamp(QUERY)
    real = timestamp.decode_timestamp_response
    other = real(authority.stamp(build_query(bytes(32))))
    monkeypatch.setattr(timestamp, "decode_timestamp_response", lambda _response: other)
    assert reason(response) is Reason.CHECKS_DISAGREE


def test_what_steers_a_terminal_is_taken_out_of_the_name(authority: Authority) -> None:
    signer = make_tsa(authority.issuer, "Clock\u202egpj.exe\x1b[31m")
    stamp = check(tsa_forge.resigned(authority.stamp(QUERY), signer), QUERY, DIGEST)
    assert stamp.authority.isprintable()
    assert "gpj.exe" in stamp.authority


def test_the_command_for_openssl_survives_odd_file_names(authority: Authority) -> None:
    stamp = check(authority.stamp(QUERY), QUERY, DIGEST)
    command = openssl_command(stamp, response="a b.tsr", data="$(x)", root="r", chain="c")
    assert "'a b.tsr'" in command
    assert "'$(x)'" in command
    assert command.endswith(f"-attime {int(stamp.gen_time.timestamp())}")


def test_every_reason_and_remark_has_a_sentence_and_no_refusal_alarms() -> None:
    for one in Reason:
        refused = StampRefused(one)
        assert isinstance(refused, InputUnreadable)
        assert refused.message == reason_sentence(one)
        assert "Nothing in the case is lost or changed." in refused.hint
    for remark in timestamp.Remark.__args__:
        assert remark_sentence(remark).endswith(".")


def test_the_certificates_of_a_stamp_are_pem_that_others_read(second_authority: Authority) -> None:
    stamp = check(second_authority.stamp(QUERY), QUERY, DIGEST)
    read = [x509.load_pem_x509_certificate(one.encode()) for one in stamp.chain]
    assert read[0].public_bytes(Encoding.DER) == second_authority.signer.der
    assert read[1].public_bytes(Encoding.DER) == second_authority.issuer.der

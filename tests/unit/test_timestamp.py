# SPDX-License-Identifier: Apache-2.0
"""Timestamps of a real authority: what is accepted, what is refused, and for which reason."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import tsa_forge
from standfast.errors import InputUnreadable
from standfast.vault import der, timestamp
from standfast.vault.stamp_refused import Reason, StampRefused, reason_sentence
from standfast.vault.timestamp import build_query, check, openssl_command, remark_sentence
from tsa import BEHAVIOURS, POLICY, Authority, openssl
from tsa_checks import DIGEST, NOTE, QUERY, openssl_accepts, openssl_agrees, reason
from tsa_forge import Response, Tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


def test_a_query_has_the_octets_of_the_reference_page() -> None:
    imprint = "30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00 04 20" + DIGEST.hex()
    written = "30 3c 02 01 01" + imprint + "02 01 07" + "01 01 ff"
    assert build_query(DIGEST, 7) == bytes.fromhex(written)
    assert len(build_query(DIGEST, (1 << 63) - 1)) == 69


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
    assert stamp.authority.startswith("CN=Timestamp unit")
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


def test_a_stamp_later_than_the_clock_is_remarked(authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    stamp = check(authority.stamp(QUERY), QUERY, DIGEST, at=yesterday)
    assert "later_than_clock" in stamp.remarks


def test_pss_is_checked_by_us_alone(second_authority: Authority) -> None:
    response = tsa_forge.resigned(
        second_authority.stamp(QUERY), second_authority.signer, method="pss"
    )
    stamp = check(response, QUERY, DIGEST, roots=[second_authority.root_pem])
    assert (stamp.library, stamp.remarks) == ("lenient", ("method_unknown_to_library",))
    parts = Response(response)
    parts.signer.inside[-1].content = bytes(256)
    assert reason(parts.bytes()) is Reason.BAD_SIGNATURE


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

# SPDX-License-Identifier: Apache-2.0
"""Timestamps that were damaged or made up: never another statement, never another exception."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.vault import der
from standfast.vault.stamp_refused import Reason, StampRefused
from standfast.vault.timestamp import MAX_RESPONSE_BYTES, Stamp, build_query, check
from tsa import verified_by_openssl
from tsa_forge import Response, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tsa import Authority

DIGEST = hashlib.sha256(b"a signed checkpoint of a fictional case\n").digest()
QUERY = build_query(DIGEST)
FLIPS = 1200
SHARED = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

#: where a flipped bit may go unnoticed: nobody signs these, and nobody relies on them
UNSIGNED = {
    "status",
    "version of the signed data",
    "list of digests",
    "version of the signer",
    "digest of the signer",
    "method of the signature",
    "certificate not used",
}


def accepted(response: bytes, roots: tuple[bytes, ...] = ()) -> Stamp | None:
    try:
        return check(response, QUERY, DIGEST, roots=roots)
    except StampRefused:
        return None


def stated(stamp: Stamp) -> tuple[object, ...]:
    return stamp.gen_time, stamp.policy, stamp.serial, stamp.accuracy, stamp.chain


@cache
def stamped(authority: Authority) -> bytes:
    return authority.stamp(QUERY)


@cache
def spans(response: bytes) -> list[tuple[int, int, str]]:
    """Find where the unsigned fields of a response lie."""
    parts = Response(response)
    signed, signer = parts.signed, parts.signer
    root = max(
        parts.certificates.inside, key=lambda one: one.at(0, 3).bytes() == one.at(0, 5).bytes()
    )
    fields = [
        (parts.tree.at(0, 0), "status"),
        (signed.at(0), "version of the signed data"),
        (signed.at(1), "list of digests"),
        (signer.at(0), "version of the signer"),
        (signer.at(2), "digest of the signer"),
        (signer.at(4), "method of the signature"),
        (root, "certificate not used"),
    ]
    return [(*parts.tree.span_of(tree), name) for tree, name in fields]


def names(response: bytes, bit: int) -> set[str]:
    """Name the field a bit lies in, or its octet where it is none of those."""
    found = {name for start, end, name in spans(response) if start <= bit // 8 < end}
    return found or {f"octet {bit // 8}"}


def flipped(response: bytes, *, seed: int, count: int) -> Iterator[tuple[int, bytes]]:
    """Flip so many single bits, one at a time."""
    for bit in random.Random(seed).sample(range(len(response) * 8), count):
        changed = bytearray(response)
        changed[bit // 8] ^= 1 << bit % 8
        yield bit, bytes(changed)


def issued_itself(certificate: Tree) -> bool:
    return certificate.at(0, 3).bytes() == certificate.at(0, 5).bytes()


@pytest.mark.parametrize("which", ["authority", "second_authority"])
def test_one_flipped_bit_never_makes_another_statement(
    which: str, request: pytest.FixtureRequest
) -> None:
    authority: Authority = request.getfixturevalue(which)
    response = stamped(authority)
    whole = stated(accepted(response, (authority.root_pem,)))
    where = set()
    for bit, changed in flipped(response, seed=3161, count=FLIPS):
        stamp = accepted(changed, (authority.root_pem,))
        if stamp is not None:
            assert stated(stamp) == whole
            where |= names(response, bit)
    assert where <= UNSIGNED


def test_one_flipped_bit_in_ber_never_makes_another_statement(authority: Authority) -> None:
    response = authority.stamp(QUERY, "not_der")
    whole = stated(accepted(response, (authority.root_pem,)))
    for _bit, changed in flipped(response, seed=1, count=600):
        stamp = accepted(changed, (authority.root_pem,))
        assert stamp is None or stated(stamp) == whole


def test_what_we_accept_openssl_accepts_except_where_nobody_signed(
    authority: Authority, tmp_path: Path
) -> None:
    response = stamped(authority)
    (tmp_path / "q").write_bytes(QUERY)
    (tmp_path / "ca").write_bytes(authority.root_pem)
    moment = int(datetime.now(UTC).timestamp())
    command = f"openssl ts -verify -in r -queryfile q -CAfile ca -attime {moment}"
    differ = set()
    for bit, changed in flipped(response, seed=2, count=150):
        (tmp_path / "r").write_bytes(changed)
        ours = accepted(changed, (authority.root_pem,)) is not None
        if ours and not verified_by_openssl(command, tmp_path):
            differ |= names(response, bit)
    assert differ <= UNSIGNED


def test_every_truncation_is_refused_and_nothing_else_happens(authority: Authority) -> None:
    response = stamped(authority)
    for length in range(len(response)):
        with pytest.raises(StampRefused) as refused:
            check(response[:length], QUERY, DIGEST)
        assert refused.value.reason is Reason.MALFORMED


def test_octets_behind_the_end_are_refused(authority: Authority) -> None:
    assert accepted(stamped(authority) + b"\0") is None


@SHARED
@given(st.binary(max_size=400))
def test_any_octets_are_refused_and_nothing_else_happens(untrusted: bytes) -> None:
    assert accepted(untrusted) is None


@SHARED
@given(data=st.data())
def test_any_part_replaced_by_any_other_is_refused_or_changes_nothing(
    data: st.DataObject, authority: Authority
) -> None:
    response = stamped(authority)
    tree = Tree.read(response)
    places = list(_inner(tree))
    holder, place = data.draw(st.sampled_from(places))
    other, number = data.draw(st.sampled_from(places))
    action = data.draw(st.sampled_from(["swap", "drop", "double", "octets"]))
    if action == "swap":
        holder.inside[place] = Tree.read(other.inside[number].bytes())
    elif action == "drop":
        del holder.inside[place]
    elif action == "double":
        holder.inside.insert(place, holder.inside[place])
    else:
        kind = data.draw(st.sampled_from([0x02, 0x04, 0x06, 0x0C, 0x18, 0x80]))
        holder.inside[place] = Tree(kind, data.draw(st.binary(max_size=70)))
    stamp = accepted(tree.bytes(), (authority.root_pem,))
    assert stamp is None or stated(stamp) == stated(accepted(response, (authority.root_pem,)))


def _inner(tree: Tree) -> list[tuple[Tree, int]]:
    found = []
    for place, inner in enumerate(tree.inside or ()):
        found.append((tree, place))
        found += _inner(inner)
    return found


@pytest.mark.parametrize(
    "page",
    [
        b"<html>",
        b"\xef\xbb\xbf<!DOCTYPE html>",
        b"\r\n\t <?xml version='1.0'?>",
        b"<" + b"\0" * 100,
    ],
)
def test_any_page_is_told_from_a_stamp(page: bytes) -> None:
    with pytest.raises(StampRefused) as refused:
        check(page, QUERY, DIGEST)
    assert refused.value.reason is Reason.HTML_INSTEAD


@pytest.mark.parametrize(
    ("bomb", "reason"),
    [
        (b"\x30" * MAX_RESPONSE_BYTES, Reason.MALFORMED),
        (b"\x30\x80" * (MAX_RESPONSE_BYTES // 2), Reason.MALFORMED),
        (b"\x30\x80" + b"\x05\x00" * (MAX_RESPONSE_BYTES // 2 - 1), Reason.MALFORMED),
        (der.write(der.SEQUENCE, b"\x05\x00" * 500_000), Reason.MALFORMED),
        (b"\x30\x84\xff\xff\xff\xff", Reason.MALFORMED),
        (b"\x30\x88" + b"\xff" * 8, Reason.MALFORMED),
        (bytes(MAX_RESPONSE_BYTES + 1), Reason.TOO_LARGE),
        (b"", Reason.MALFORMED),
    ],
)
def test_a_bomb_is_refused_at_once(bomb: bytes, reason: Reason) -> None:
    with pytest.raises(StampRefused) as refused:
        check(bomb, QUERY, DIGEST)
    assert refused.value.reason is reason


@SHARED
@given(st.binary(max_size=200))
def test_a_query_that_is_none_is_malformed_and_nothing_else(
    authority: Authority, query: bytes
) -> None:
    with pytest.raises(StampRefused):
        check(stamped(authority), query, DIGEST)

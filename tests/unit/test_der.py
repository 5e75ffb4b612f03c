# SPDX-License-Identifier: Apache-2.0
"""The bounded reader of BER: what it reads, and that nothing else comes out of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from standfast.vault import der
from standfast.vault.der import Malformed, Part

PLAIN = st.builds(der.write, st.sampled_from([2, 4, 6]), st.binary(max_size=20))
NESTED = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: der.write(der.SEQUENCE, *parts)),
    max_leaves=30,
)


def walk(part: Part) -> list[Part]:
    """Touch every part."""
    if not part.tag & der.CONSTRUCTED:
        return [part]
    return [part, *(inner for one in part.parts() for inner in walk(one))]


def loose(part: Part) -> bytes:
    """Write a part in BER without lengths."""
    if not part.tag & der.CONSTRUCTED:
        return part.raw
    return bytes((part.tag, 0x80)) + b"".join(map(loose, part.parts())) + b"\0\0"


@given(NESTED)
def test_what_is_written_is_read_back(data: bytes) -> None:
    part = der.read(data)
    assert part.raw == data
    assert der.write(part.tag, part.content) == data


@given(NESTED)
def test_parts_without_lengths_hold_the_same_values(data: bytes) -> None:
    strict, ber = der.read(data), der.read(loose(der.read(data)))
    values = [
        [part.content for part in walk(one) if not part.tag & der.CONSTRUCTED]
        for one in (strict, ber)
    ]
    assert values[0] == values[1]


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_malformed_and_nothing_else(data: bytes) -> None:
    try:
        parts = walk(der.read(data))
    except Malformed:
        return
    for part in parts:
        assert part.raw in data
        for reads in (der.integer, der.oid, der.octets, der.moment, der.boolean):
            try:
                reads(part)
            except Malformed:
                continue


@given(st.integers(min_value=0, max_value=1 << 500))
def test_numbers_survive(value: int) -> None:
    assert der.integer(der.read(der.write_integer(value))) == value


@given(
    st.tuples(st.integers(0, 2), st.integers(0, 39)),
    st.lists(st.integers(0, 1 << 40), max_size=6),
)
def test_object_identifiers_survive(first: tuple[int, int], rest: list[int]) -> None:
    dotted = ".".join(map(str, (*first, *rest)))
    assert der.oid(der.read(der.write_oid(dotted))) == dotted
    assert x509.ObjectIdentifier(dotted).dotted_string == dotted


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"20261121080910Z", datetime(2026, 11, 21, 8, 9, 10, tzinfo=UTC)),
        (b"20261121080910.5Z", datetime(2026, 11, 21, 8, 9, 10, 500_000, tzinfo=UTC)),
        (b"20261121080910.123456789Z", datetime(2026, 11, 21, 8, 9, 10, 123_456, tzinfo=UTC)),
        (b"20380119031408Z", datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC)),
        (b"21060207062816Z", datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC)),
        (b"20240229235959Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_utc(written: bytes, read: datetime) -> None:
    assert der.moment(der.read(der.write(der.GENERALIZED_TIME, written))) == read


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"20261121080910",
        b"202611210809Z",
        b"20261121080910+0100",
        b"20261121080910,5Z",
        b"20261121080910.Z",
        b"20261321080910Z",
        b"20250229080910Z",
        b"20261121080960Z",
        b"00001121080910Z",
        b"2026112108 910Z",
        "２０261121080910Z".encode(),
    ],
)
def test_times_written_otherwise_are_malformed(written: bytes) -> None:
    with pytest.raises(Malformed):
        der.moment(der.read(der.write(der.GENERALIZED_TIME, written)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x30",
        b"\x30\x01",
        b"\x04\x80\x00\x00",
        b"\x30\x80\x05\x00",
        b"\x30\x80\x05\x00\x00",
        b"\x30\x85\x00\x00\x00\x00\x00",
        b"\x1f\x81\x01\x00",
        b"\x00\x00",
        b"\x30\x00\x00",
        b"\x30\xff",
    ],
)
def test_what_is_cut_or_unusual_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        walk(der.read(data))


def test_a_length_may_be_longer_than_it_has_to_be() -> None:
    assert der.read(b"\x04\x83\x00\x00\x01A").content == b"A"


def test_octets_may_come_in_pieces() -> None:
    pieces = der.write(0x24, der.write(4, b"ab"), der.write(4, b"c"))
    assert der.octets(der.read(pieces)) == b"abc"


def test_depth_is_bounded() -> None:
    def nested(levels: int) -> bytes:
        data = b""
        for _turn in range(levels):
            data = der.write(der.SEQUENCE, data)
        return data

    assert len(walk(der.read(nested(der.MAX_DEPTH)))) == der.MAX_DEPTH
    with pytest.raises(Malformed, match="levels"):
        walk(der.read(nested(der.MAX_DEPTH + 2)))


def test_the_number_of_parts_is_bounded() -> None:
    most = b"\x05\x00" * der.MAX_PARTS
    assert len(der.read(der.write(der.SEQUENCE, most)).parts()) == der.MAX_PARTS
    with pytest.raises(Malformed, match="too many"):
        der.read(der.write(der.SEQUENCE, most, b"\x05\x00")).parts()
    with pytest.raises(Malformed, match="end marker"):
        der.read(b"\x30\x80" + most + b"\0\0")


def test_fields_are_taken_in_order_and_to_the_end() -> None:
    fields = der.Fields(der.read(der.write(der.SEQUENCE, der.write_integer(1), b"\x05\x00")))
    assert fields.maybe(der.NULL) is None
    assert der.integer(fields.take(der.INTEGER)) == 1
    with pytest.raises(Malformed, match="more parts"):
        fields.end()
    assert fields.maybe(der.NULL) is not None
    fields.end()
    with pytest.raises(Malformed, match="too early"):
        fields.take()


@pytest.mark.parametrize("content", [b"", b"\xff\xff"])
def test_a_truth_value_has_one_octet(content: bytes) -> None:
    with pytest.raises(Malformed):
        der.boolean(der.read(der.write(der.BOOLEAN, content)))


def test_a_plain_value_holds_no_parts() -> None:
    with pytest.raises(Malformed, match="holds no others"):
        der.read(b"\x05\x00").parts()

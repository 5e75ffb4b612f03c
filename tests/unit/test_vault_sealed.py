# SPDX-License-Identifier: Apache-2.0
"""Sealed files: any stretch reads as it was, and no change of the file passes."""

from __future__ import annotations

import io
import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.errors import Damaged
from standfast.vault import sealed
from standfast.vault.sealed import CHUNK, HEADER_BYTES, TAG, SealedFile, SealedReader, open_sealed

if TYPE_CHECKING:
    from pathlib import Path

KEY, FILE_ID = bytes(range(32)), bytes(range(32, 64))
SIZES = [0, 1, TAG, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK, 3 * CHUNK + 17]
PLAIN = random.Random(7).randbytes(max(SIZES))


def write(path: Path, data: bytes, step: int = 100_003) -> SealedFile:
    parts = (data[at : at + step] for at in range(0, len(data), step))
    path.write_bytes(b"".join(sealed.seal(parts, KEY, FILE_ID)))
    return SealedFile(str(path), KEY, FILE_ID)


def read(file: SealedFile) -> bytes:
    with open_sealed(file) as opened:
        return opened.read()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [1 << 20, CHUNK, 100_003])
def test_what_was_sealed_reads_back_whatever_its_size(tmp_path: Path, size: int, step: int) -> None:
    file = write(tmp_path / "file", PLAIN[:size], step)
    assert read(file) == PLAIN[:size]
    with open_sealed(file) as opened:
        assert opened.seek(0, os.SEEK_END) == size
        assert opened.read(1) == b""
    stored = (tmp_path / "file").stat().st_size
    assert stored == HEADER_BYTES + size + TAG * max(1, -(-size // CHUNK))


def test_parts_may_be_empty_or_tiny() -> None:
    tiny = [b"", b"a", b"", b"bc", b""]
    assert list(sealed.seal(tiny, KEY, FILE_ID)) == list(sealed.seal([b"abc"], KEY, FILE_ID))


@given(st.integers(0, len(PLAIN) + 5), st.integers(0, CHUNK + 5), st.data())
def test_any_stretch_reads_as_it_stood(start: int, length: int, data: st.DataObject) -> None:
    with open_sealed(FILE) as opened:
        opened.seek(start)
        assert opened.read(length) == PLAIN[start : start + length]
        again = data.draw(st.integers(0, len(PLAIN)))
        opened.seek(again)
        assert opened.read(length) == PLAIN[again : again + length]


FILE: SealedFile


@pytest.fixture(scope="module", autouse=True)
def long_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    global FILE  # noqa: PLW0603 - hypothesis takes no fixture that lives as long as a test
    FILE = write(tmp_path_factory.mktemp("sealed") / "long", PLAIN)


def test_the_reader_is_a_plain_seekable_file() -> None:
    reader = SealedReader(FILE)
    assert (reader.readable(), reader.seekable(), reader.writable()) == (True, True, False)
    assert reader.seek(-5, os.SEEK_END) == len(PLAIN) - 5
    assert reader.seek(2, os.SEEK_CUR) == reader.tell() == len(PLAIN) - 3
    assert reader.seek(-1) == 0
    assert reader.readinto(bytearray()) == 0
    assert isinstance(open_sealed(FILE), io.BufferedReader)
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read()


STORED_SIZES = [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK]


def cuts(stored: int) -> list[int]:
    whole = CHUNK + TAG
    edges = [HEADER_BYTES + n * whole + more for n in range(4) for more in range(-2, 2 * TAG + 2)]
    spread = [*range(HEADER_BYTES + 3), *range(0, stored, 20_011), stored - 1]
    return sorted({one for one in (*edges, *spread) if 0 <= one < stored})


@pytest.mark.parametrize("size", STORED_SIZES)
def test_a_file_that_was_cut_anywhere_is_damaged_at_once(tmp_path: Path, size: int) -> None:
    file = write(tmp_path / "file", PLAIN[:size])
    data = (tmp_path / "file").read_bytes()
    for at in cuts(len(data)):
        (tmp_path / "file").write_bytes(data[:at])
        with pytest.raises(Damaged):
            open_sealed(file)


@pytest.mark.parametrize("size", STORED_SIZES)
def test_a_file_that_was_made_longer_is_damaged_at_once(tmp_path: Path, size: int) -> None:
    file = write(tmp_path / "file", PLAIN[:size])
    data = (tmp_path / "file").read_bytes()
    last = data[HEADER_BYTES:][-(CHUNK + TAG) :]
    for more in (b"\0", bytes(TAG), bytes(TAG + 1), last, data[HEADER_BYTES:], bytes(CHUNK)):
        (tmp_path / "file").write_bytes(data + more)
        with pytest.raises(Damaged):
            read(file)


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 1])
def test_every_flipped_bit_is_found(tmp_path: Path, size: int) -> None:
    file = write(tmp_path / "file", PLAIN[:size])
    data = bytearray((tmp_path / "file").read_bytes())
    places = [*range(HEADER_BYTES + 40), *range(len(data) - 40, len(data))]
    places += random.Random(size).sample(range(len(data)), 40)
    for place in (one for one in places if one < len(data)):
        data[place] ^= 1 << place % 8
        (tmp_path / "file").write_bytes(data)
        with pytest.raises(Damaged):
            read(file)
        data[place] ^= 1 << place % 8


def test_chunks_that_were_swapped_dropped_or_doubled_are_found(tmp_path: Path) -> None:
    file = write(tmp_path / "file", PLAIN[: 3 * CHUNK])
    data = (tmp_path / "file").read_bytes()
    head, body, whole = data[:HEADER_BYTES], data[HEADER_BYTES:], CHUNK + TAG
    one, two, three = (body[n * whole : (n + 1) * whole] for n in range(3))
    for order in ((two, one, three), (one, three), (two, three), (one, one, three), (one, two),
                  (one, two, two), (three,), (one, two, three, three)):  # fmt: skip
        (tmp_path / "file").write_bytes(head + b"".join(order))
        with pytest.raises(Damaged):
            read(file)


def test_chunks_before_the_damage_can_still_be_read(tmp_path: Path) -> None:
    file = write(tmp_path / "file", PLAIN[: 3 * CHUNK])
    data = bytearray((tmp_path / "file").read_bytes())
    data[HEADER_BYTES + CHUNK + TAG + 5] ^= 4
    (tmp_path / "file").write_bytes(data)
    with open_sealed(file) as opened:
        assert opened.read(CHUNK) == PLAIN[:CHUNK]
        with pytest.raises(Damaged):
            opened.read(1)


def test_another_file_of_the_same_case_is_not_taken_for_this_one(tmp_path: Path) -> None:
    file = write(tmp_path / "file", b"one")
    with pytest.raises(Damaged):
        open_sealed(SealedFile(file.path, KEY, bytes(32)))
    other = sealed.file_key(KEY, bytes(32), "blob")
    with pytest.raises(Damaged):
        open_sealed(SealedFile(file.path, other, FILE_ID))
    assert other != sealed.file_key(KEY, FILE_ID, "blob") != sealed.file_key(KEY, FILE_ID, "s")
    with pytest.raises(FileNotFoundError):
        open_sealed(SealedFile(file.path + "x", KEY, FILE_ID))


def test_file_ids_are_random() -> None:
    assert len({sealed.new_file_id() for _ in range(20)}) == 20

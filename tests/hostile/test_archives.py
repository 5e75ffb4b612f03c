# SPDX-License-Identifier: Apache-2.0
"""Archives made to harm: bombs, lies, escapes. Each costs at most itself."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hostile_case import GOOD, GOOD_EVENTS, GOOD_NAME, attacked, desk, place, reasons, zipped
from standfast.sources import Head
from standfast.sources.limits import Limits
from standfast.sources.originals import (
    Allowance,
    Member,
    MemberBroken,
    Original,
    head_of,
    is_archive,
    members_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import Added

DIRECTORY = b"PK\x01\x02"
END = b"PK\x05\x06"
MIB = 1 << 20


def attack(folder: Path, data: bytes) -> tuple[Added, list[str]]:
    """Add one hostile archive beside the good chat; give its outcome and what was refused."""
    with desk(folder) as opened:
        report = opened.add(place(folder / "given", {"bad.zip": data}))
        bad = report.files[0]
        assert report.files[1].events == GOOD_EVENTS
        assert opened.verify().whole
        return bad, reasons(opened, bad)


def patched(data: bytes, offset: int, form: str, value: int, *, record: int = 0) -> bytes:
    """Overwrite a field of a record of the central directory."""
    at = -1
    for _number in range(record + 1):
        at = data.index(DIRECTORY, at + 1)
    out = bytearray(data)
    struct.pack_into(form, out, at + offset, value)
    return bytes(out)


def test_a_member_that_unfolds_a_thousandfold_is_refused_and_its_neighbour_is_read(
    tmp_path: Path,
) -> None:
    found, why = attack(tmp_path, zipped({"zeros.bin": bytes(32 * MIB), GOOD_NAME: GOOD}))
    assert (found.events, why) == (GOOD_EVENTS, ["bomb"])


def test_archives_within_archives_share_one_allowance(tmp_path: Path) -> None:
    zeros = zipped({"0.bin": bytes(15 * MIB)})
    layer = zipped({f"{n}.zip": zeros for n in range(16)})
    bomb = zipped({f"{n}.zip": layer for n in range(16)})
    found, why = attack(tmp_path, bomb)
    assert found.events == 0
    assert "bomb" in why


def test_an_archive_that_lies_in_itself_too_often_is_not_followed(tmp_path: Path) -> None:
    data = zipped({GOOD_NAME: GOOD})
    for _level in range(5):
        data = zipped({"inner.zip": data})
    found, why = attack(tmp_path, data)
    assert (found.events, why) == (0, ["nested"])
    shallow = zipped({"inner.zip": zipped({"inner.zip": zipped({GOOD_NAME: GOOD})})})
    (tmp_path / "2").mkdir()
    found, why = attack(tmp_path / "2", shallow)
    assert (found.events, why) == (GOOD_EVENTS, [])


def test_a_stored_archive_within_an_archive_is_read_in_place(tmp_path: Path) -> None:
    data = zipped({"inner.zip": zipped({GOOD_NAME: GOOD})}, zipfile.ZIP_STORED)
    assert attack(tmp_path, data)[0].events == GOOD_EVENTS


def overlapping(count: int) -> bytes:
    """Make a zip whose directory names the same bytes under many names."""
    data = zipped({"a.bin": bytes(8 * MIB)})
    start, end = data.index(DIRECTORY), data.index(END)
    record = data[start:end]
    records = b"".join(record.replace(b"a.bin", b"%05d" % n) for n in range(count))
    size = struct.pack("<HHLL", count, count, len(records), start)
    return data[:start] + records + END + b"\0" * 4 + size + b"\0\0"


def test_members_that_lie_over_one_another_are_refused(tmp_path: Path) -> None:
    found, why = attack(tmp_path, overlapping(2000))
    assert (found.events, why) == (0, ["bomb"])
    (tmp_path / "2").mkdir()
    found, why = attack(tmp_path / "2", overlapping(3))
    assert found.events == 0
    assert why == ["broken_member"] * 3


def test_more_members_than_are_unpacked_at_once_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(100_001):
            archive.writestr(str(number), b"")
    found, why = attack(tmp_path, out.getvalue())
    assert (found.events, why) == (0, ["bomb"])


def test_thousands_of_members_cost_no_more_than_their_number(tmp_path: Path) -> None:
    members = {f"{number}.bin": b"x" for number in range(20_000)}
    found, why = attack(tmp_path, zipped({**members, GOOD_NAME: GOOD}))
    assert (found.events, why) == (GOOD_EVENTS, [])


def test_a_member_that_states_less_than_it_holds_ends_where_it_said(tmp_path: Path) -> None:
    data = zipped({GOOD_NAME: GOOD * 1000, "b.txt": b"notes"})
    found, why = attack(tmp_path, patched(data, 24, "<L", len(GOOD)))
    assert why == ["broken_member"]
    assert found.unreadable == 1


def test_a_member_that_states_more_than_it_holds_is_said_to_be_damaged(tmp_path: Path) -> None:
    data = zipped({GOOD_NAME: GOOD, "b.txt": b"notes"})
    _found, why = attack(tmp_path, patched(data, 24, "<L", 1000))
    assert why == ["broken_member"]


def test_a_member_with_a_wrong_checksum_keeps_what_was_read_and_says_so(tmp_path: Path) -> None:
    data = zipped({GOOD_NAME: GOOD, "2/" + GOOD_NAME: GOOD.replace(b"2024", b"2023")})
    found, why = attack(tmp_path, patched(data, 16, "<L", 1))
    assert why == ["broken_member"]
    assert found.events >= GOOD_EVENTS


def test_a_locked_member_is_named_and_its_neighbour_read(tmp_path: Path) -> None:
    data = zipped({"locked.txt": GOOD, GOOD_NAME: GOOD})
    found, why = attack(tmp_path, patched(data, 8, "<H", 1))
    assert (found.events, why) == (GOOD_EVENTS, ["encrypted"])


@pytest.mark.parametrize("method", [1, 9, 97, 99, 65535])
def test_an_unknown_way_of_packing_costs_that_member(tmp_path: Path, method: int) -> None:
    data = zipped({"odd.txt": GOOD, GOOD_NAME: GOOD})
    found, why = attack(tmp_path, patched(data, 10, "<H", method))
    assert (found.events, why) == (GOOD_EVENTS, ["broken_member"])


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_known_ways_of_packing_are_read_and_their_damage_is_said(
    tmp_path: Path, method: int
) -> None:
    data = zipped({GOOD_NAME: GOOD, "b.txt": b"notes" * 100}, method)
    assert attack(tmp_path, data)[0].events == GOOD_EVENTS
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        second = archive.infolist()[1]
    broken = bytearray(data)
    at = second.header_offset + 30 + len(second.filename)
    broken[at : at + second.compress_size] = b"\xff" * second.compress_size
    (tmp_path / "2").mkdir()
    found, why = attack(tmp_path / "2", bytes(broken))
    assert (found.events, why) == (GOOD_EVENTS, ["broken_member"])


def test_sizes_beyond_all_disks_are_refused(tmp_path: Path) -> None:
    data = zipped({GOOD_NAME: GOOD})
    start, end = data.index(DIRECTORY), data.index(END)
    record = bytearray(data[start:end])
    struct.pack_into("<LL", record, 20, 0xFFFFFFFF, 0xFFFFFFFF)
    extra = struct.pack("<HHQQ", 1, 16, (1 << 63) - 1, (1 << 63) - 1)
    struct.pack_into("<H", record, 30, len(extra))
    whole = bytes(record) + extra
    tail = struct.pack("<HHLL", 1, 1, len(whole), start)
    lying = data[:start] + whole + END + b"\0" * 4 + tail + b"\0\0"
    found, why = attack(tmp_path, lying)
    assert (found.events, why) == (0, ["bomb"])


@pytest.mark.parametrize(("offset", "value"), [(8, 9), (10, 9), (12, 0xFFFFFFF0), (16, 0xFFFFFFF0)])
def test_a_directory_that_lies_about_itself_costs_the_archive(
    tmp_path: Path, offset: int, value: int
) -> None:
    data = bytearray(zipped({GOOD_NAME: GOOD}))
    form = "<H" if value < 0xFFFF else "<L"
    struct.pack_into(form, data, data.index(END) + offset, value)
    _found, why = attack(tmp_path, bytes(data))
    assert set(why) <= {"broken_archive"}


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "C:\\x\\y.txt", "\\\\host\\y.txt", "a\x01b.txt",
     "\u202etxt.exe", "con.txt", "a\nb.txt", "-rf", "~/x.txt", "%s%n", "{name}"],
)  # fmt: skip
def test_a_name_is_a_label_and_never_a_path(tmp_path: Path, name: str) -> None:
    with desk(tmp_path) as opened:
        data = zipped({name: GOOD})
        report = opened.add(place(tmp_path / "given", {"bad.zip": data}))
        assert report.files[0].events == GOOD_EVENTS
        shown = {row.path for row in opened.events() if row.item == report.files[0].sha256}
        assert shown == {name}
        assert opened.verify().whole
    assert {path.name for path in tmp_path.iterdir()} == {"case", "given"}


def test_a_member_without_a_name_is_read_all_the_same(tmp_path: Path) -> None:
    data = bytearray(zipped({"a": GOOD, "notes.txt": b"notes"}))
    data[30] = data[data.index(DIRECTORY) + 46] = 0  # a name ends at its first zero byte
    found, why = attack(tmp_path, bytes(data))
    assert (found.events, why) == (GOOD_EVENTS, [])


def test_a_name_of_ten_thousand_characters_costs_that_member(tmp_path: Path) -> None:
    found, why = attack(tmp_path, zipped({"a" * 10_000: GOOD, GOOD_NAME: GOOD}))
    assert (found.events, why) == (GOOD_EVENTS, ["long_name"])


def test_two_members_of_one_name_have_two_places(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", GOOD)
        archive.writestr("a.txt#2", GOOD.replace(b"2024", b"2022"))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", GOOD.replace(b"2024", b"2023"))
    with desk(tmp_path) as opened:
        (report,) = opened.add([*place(tmp_path / "given", {"bad.zip": out.getvalue()})][:1]).files
        assert report.events == 3 * GOOD_EVENTS
        assert {row.path for row in opened.events()} == {"a.txt", "a.txt#2", "a.txt#3"}


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04", b"PK\x05\x06", END + b"\0" * 18])
def test_an_archive_of_nothing_is_kept(tmp_path: Path, data: bytes) -> None:
    found, why = attack(tmp_path, data)
    assert found.events == 0
    assert set(why) <= {"broken_archive"}


def test_a_name_that_is_no_text_costs_the_archive_and_no_more(tmp_path: Path) -> None:
    data = zipped({"\u00e4.txt": GOOD})
    found, why = attack(tmp_path, data.replace("\u00e4".encode(), b"\xff\xfe"))
    assert (found.events, why) == (0, ["broken_archive"])


def test_all_attacks_in_one_folder_leave_every_other_file_alone(tmp_path: Path) -> None:
    names = attacked(
        tmp_path,
        {
            "bomb.zip": zipped({"zeros": bytes(32 * MIB)}),
            "empty.zip": b"",
            "overlap.zip": overlapping(9),
            "cut.zip": zipped({GOOD_NAME: GOOD})[:-30],
            "fine.zip": zipped({GOOD_NAME: GOOD.replace(b"2024", b"2023")}),
        },
    )
    assert names["fine.zip"].events == GOOD_EVENTS
    assert names["bomb.zip"].reason
    assert names["cut.zip"].reason


BASE = zipped({GOOD_NAME: GOOD, "notes.txt": b"nothing " * 40, "inner.zip": zipped({"x": b"y"})})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, len(BASE) - 1), st.integers(0, 255)), max_size=6),
       st.integers(0, len(BASE)))  # fmt: skip
def test_no_damage_to_an_archive_raises_anything_unforeseen(
    edits: list[tuple[int, int]], end: int
) -> None:
    data = bytearray(BASE)
    for at, value in edits:
        data[at] = value
    walk(bytes(data[:end]) if end % 3 == 0 else bytes(data))


class InMemory(Original):
    """An original whose bytes are at hand."""

    __slots__ = ("data",)

    def open(self) -> io.BytesIO:  # type: ignore[override]  # a stream is a stream
        return io.BytesIO(self.data)  # type: ignore[attr-defined]  # set below


def walk(data: bytes) -> None:
    """Open everything in an archive as the worker does."""
    original = InMemory("a.zip", len(data), "")
    object.__setattr__(original, "data", data)
    limits = Limits()
    allowance = Allowance.of(len(data), limits)
    assert is_archive(Head("", data, len(data))) == data.startswith((b"PK\x03\x04", END))
    for member in members_of(original, limits, allowance):
        if isinstance(member, Member):
            read_through(member)


def read_through(member: Member) -> None:
    try:
        head_of(member)
        with member.open() as stream:
            size = len(stream.read())
            assert size == member.size
            assert stream.tell() == size
            stream.seek(0)
            assert len(stream.read(10)) == min(10, size)
    except MemberBroken:
        pass


def test_reading_backwards_in_a_damaged_member_is_still_said_to_be_damage() -> None:
    packed = bytearray(zipped({"a.txt": bytes(range(256)) * 4096}))
    packed[200:260] = b"\xff" * 60
    walk(bytes(packed))
    assert zlib.crc32(bytes(packed)) != zlib.crc32(zipped({"a.txt": bytes(range(256)) * 4096}))

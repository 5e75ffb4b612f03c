# SPDX-License-Identifier: Apache-2.0
import zipfile
from binascii import crc32
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.dossier.bundle import original_name
from standfast.dossier.verifier import verify
from standfast.dossier.zipping import (
    WIDE,
    Stored,
    ZipWriter,
    directory_record,
    ending,
    is_safe,
    local_header,
    safe_part,
)


def written(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    writer = ZipWriter(out)
    for name, data in files.items():
        writer.add(name, size=len(data), crc=crc32(data), parts=[data[:3], data[3:]])
    assert writer.finish() == len(out.getvalue())
    return out.getvalue()


def test_the_standard_library_reads_what_is_written() -> None:
    files = {"bundle/a.txt": b"one", "bundle/b/c.bin": bytes(1000), "bundle/empty": b""}
    with zipfile.ZipFile(BytesIO(written(files))) as found:
        assert {one.filename: found.read(one) for one in found.infolist()} == files
        assert {one.date_time for one in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {one.external_attr for one in found.infolist()} == {0o100644 << 16}
        assert {one.flag_bits for one in found.infolist()} == {0x800}
        assert {one.compress_type for one in found.infolist()} == {zipfile.ZIP_STORED}


@pytest.mark.parametrize("count", [65534, 65535])
def test_many_files_take_the_wide_ending_only_when_they_must(count: int) -> None:
    data = written({f"bundle/{number}": b"" for number in range(count)})
    assert (b"PK\x06\x06" in data) == (count >= 65535)
    with zipfile.ZipFile(BytesIO(data)) as found:
        assert len(found.infolist()) == count
    report = verify.Report()
    assert len(verify.Zip(BytesIO(data), report).members) == count
    assert not [path for code, path in report.reasons if path == ""]


SIZES = [0, 1, WIDE - 1, WIDE, WIDE + 1, 1 << 40]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("offset", SIZES)
def test_writer_and_verifier_derive_the_same_headers(size: int, offset: int) -> None:
    stored = Stored(b"bundle/data/film.mp4", size, 0xDEADBEEF, offset)
    entry = verify.Entry(stored.name, stored.crc, stored.size)
    assert verify.local_header(entry) == local_header(stored)
    assert verify.directory_header(entry, offset) == directory_record(stored)


def test_a_file_over_four_gigabytes_is_found_by_other_readers(tmp_path: Path) -> None:
    """A sparse file: only headers are written; the content is a hole."""
    big = Stored(b"bundle/big", 5 << 30, 0, 0)
    after = Stored(b"bundle/z", 3, crc32(b"end"), len(local_header(big)) + big.size)
    place = tmp_path / "big.zip"
    with place.open("wb") as out:
        out.write(local_header(big))
        out.seek(after.offset)
        out.write(local_header(after) + b"end")
        start = out.tell()
        records = directory_record(big) + directory_record(after)
        out.write(records + ending(2, start, len(records)))
    with zipfile.ZipFile(place) as found:
        assert [one.file_size for one in found.infolist()] == [5 << 30, 3]
        assert found.read("bundle/z") == b"end"
    report = verify.Report()
    with place.open("rb") as file:
        members = verify.Zip(file, report).members
    assert not report.reasons
    assert [member.size for member in members.values()] == [5 << 30, 3]


@given(st.text(max_size=300), st.integers(1, 99999))
def test_every_name_becomes_safe_and_two_verdicts_agree(name: str, number: int) -> None:
    path = original_name(number, name)
    assert is_safe("bundle/" + path)
    assert verify.safe_name(b"bundle/" + path.encode())
    assert len(path.rsplit("/", 1)[1].encode()) <= 120


@given(st.text(alphabet="aZ09._-/ ~:\\\u202e\nÄ", max_size=30))
def test_writer_and_verifier_agree_on_what_is_safe(name: str) -> None:
    assert is_safe("bundle/" + name) == verify.safe_name(b"bundle/" + name.encode())


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("WhatsApp Chat mit Jürgen.txt", "WhatsApp_Chat_mit_Jurgen.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\Brief.pdf", "Brief.pdf"),
        ("\u202egpj.exe", "gpj.exe"),
        ("con", "con"),
        ("...", "file"),
        ("صورة.jpg", "file.jpg"),
        ("صورة", "file"),
        ("a. b.tar.gz", "a_b.tar.gz"),
        ("a" * 300 + ".jpeg", "a" * 95 + ".jpeg"),
        ("trailing. .", "trailing"),
    ],
)
def test_names_keep_what_can_be_kept(name: str, made: str) -> None:
    assert safe_part(name, 100) == made


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "x/", "a//b", "~/x", "C:/x", "//host/x", "x\\y", "NUL", "com1.txt", "x.", ".x"],
)
def test_names_that_could_do_harm_are_refused(name: str) -> None:
    assert not is_safe("bundle/" + name)
    assert not verify.safe_name(b"bundle/" + name.encode())

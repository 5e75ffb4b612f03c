# SPDX-License-Identifier: Apache-2.0
"""The zip around a bundle: names, order, directories, junk, cuts."""

from __future__ import annotations

import zipfile
from binascii import crc32
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from bundle_case import files_of, stamped_bundle, zipped
from bundle_edits import (
    MANIFEST,
    PICTURE,
    raw_zip,
)
from script_verifier import ScriptVerifier, ask, reasons
from standfast.dossier import zipping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsa import Authority


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptVerifier]:
    with ScriptVerifier(tmp_path_factory.mktemp("script")) as running:
        yield running


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> bytes:
    return stamped_bundle(tmp_path_factory.mktemp("good"), authority, second_authority)


# -- the zip -------------------------------------------------------------------------------------


def test_a_packed_zip_with_the_same_files_is_not_the_same(
    script: ScriptVerifier, good: bytes
) -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files_of(good).items():
            made.writestr("bundle/" + name, data)
    answer = ask(script, out.getvalue())
    assert answer["verdict"] in {"altered", "cannot_tell"}


def test_another_order_is_not_the_same(script: ScriptVerifier, good: bytes) -> None:
    out = BytesIO()
    writer = zipping.ZipWriter(out)
    for name, data in sorted(files_of(good).items()):
        writer.add("bundle/" + name, size=len(data), crc=crc32(data), parts=[data])
    writer.finish()
    assert {code for code, _ in reasons(ask(script, out.getvalue()))} == {"container"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"bundle/data/../../evil", "name_unsafe"),
        (b"../evil", "name_unsafe"),
        (b"/etc/passwd", "name_unsafe"),
        (b"C:\\evil", "name_unsafe"),
        (b"\\\\host\\evil", "name_unsafe"),
        (b"bundle/~/x", "name_unsafe"),
        (b"bundle/data/x\xe2\x80\xaegnp.exe", "name_unsafe"),
        (b"bundle/data/a\x00b", "name_unsafe"),
        (b"bundle/data/nul.txt", "name_unsafe"),
        (b"bundle/data/folder/", "name_unsafe"),
        (b"", "name_unsafe"),
        (b"x" * 65535, "name_unsafe"),
        (b"bundle/data/Dossier.pdf", "name_twice"),
        (b"bundle/data/dossier.pdf", "name_twice"),
        (b"bundle/READ-ME-FIRST.TXT", "name_twice"),
    ],
)
def test_names_that_do_harm_are_named(
    script: ScriptVerifier, good: bytes, name: bytes, code: str
) -> None:
    entries = [(b"bundle/" + path.encode(), data) for path, data in files_of(good).items()]
    entries.append((name, b"evil"))
    answer = ask(
        script, raw_zip(sorted(entries, key=lambda e: (e[0].startswith(b"bundle/data/"), e[0])))
    )
    assert answer["verdict"] == "altered"
    assert code in {found for found, _ in reasons(answer)}


def test_a_second_directory_before_the_real_one_is_noticed(
    script: ScriptVerifier, good: bytes
) -> None:
    start = good.index(b"PK\x01\x02")
    assert ask(script, good[:start] + good[start:] + good[start:])["verdict"] == "altered"


@pytest.mark.parametrize("junk", [b"\0", b"PK\x05\x06" + bytes(18), b"x" * 70000])
def test_bytes_before_or_after_are_noticed(
    script: ScriptVerifier, good: bytes, junk: bytes
) -> None:
    assert ask(script, good + junk)["verdict"] == "altered"
    assert ask(script, junk + good)["verdict"] in {"altered", "cannot_tell"}


@pytest.mark.parametrize("data", [b"", b"PK", b"hello" * 100, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_not_called_altered(script: ScriptVerifier, data: bytes) -> None:
    answer = ask(script, data)
    assert (answer["verdict"], reasons(answer)) == ("cannot_tell", {("not_a_bundle", "")})


def test_enormous_sizes_in_the_directory_cost_nothing(script: ScriptVerifier, good: bytes) -> None:
    end = good[-22:]
    for place, value in ((10, 2), (12, 4), (16, 4)):
        forged = end[:place] + b"\xff" * value + end[place + value :]
        assert ask(script, good[:-22] + forged)["verdict"] == "altered"


def test_a_flip_in_the_list_of_files_leaves_every_file_proven(
    script: ScriptVerifier, good: bytes
) -> None:
    files = files_of(good)
    answer = ask(script, zipped({**files, MANIFEST: b"0" + files[MANIFEST][1:]}))
    assert answer["seal_holds"]
    assert answer["intact"] == answer["files"] == 5
    assert MANIFEST in answer["affected"]


def test_a_cut_bundle_still_proves_what_is_there(script: ScriptVerifier, good: bytes) -> None:
    answer = ask(script, good[: good.index(b"bundle/data/originals/0002") - 30])
    assert answer["seal_holds"]
    assert (answer["intact"], answer["files"]) == (4, 5)
    assert ("file_missing", PICTURE) in reasons(answer)

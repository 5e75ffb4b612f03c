# SPDX-License-Identifier: Apache-2.0
"""A form with files, taken apart while it comes in, whatever is in it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.errors import WrongUsage
from standfast.web.multipart import HEAD_BYTES, Begins, Ends, Form, place_of

BOUNDARY = "-----------------------------3815"


def part(name: str, data: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
    return head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data + b"\r\n"


def whole(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def files_of(pieces: list[Begins | bytes | Ends]) -> list[tuple[str, str, bytes]]:
    found: list[tuple[str, str, bytes]] = []
    for piece in pieces:
        if isinstance(piece, Begins):
            found.append((piece.name, piece.folder, b""))
        elif isinstance(piece, bytes):
            name, folder, data = found.pop()
            found.append((name, folder, data + piece))
    return found


@given(
    st.lists(st.binary(max_size=400) | st.sampled_from([b"\r\n", b"\r\n--", BOUNDARY.encode()])),
    st.lists(st.integers(1, 60), min_size=1),
)
def test_files_come_out_of_a_form_as_they_went_in_however_it_is_cut(
    files: list[bytes], cuts: list[int]
) -> None:
    body = whole(*(part(f"folder/{n}.bin", data) for n, data in enumerate(files)))
    form = Form(f"multipart/form-data; boundary={BOUNDARY}")
    pieces: list[Begins | bytes | Ends] = []
    at = turn = 0
    while at < len(body):
        step = cuts[turn % len(cuts)]
        pieces += form.feed(body[at : at + step])
        at, turn = at + step, turn + 1
    expected = [(f"{n}.bin", "folder", data) for n, data in enumerate(files)]
    assert files_of(pieces) == expected
    assert form.whole is bool(files) or not files


@given(st.binary(max_size=600))
def test_no_bytes_break_the_form_in_any_other_way_than_in_words(junk: bytes) -> None:
    form = Form(f"multipart/form-data; boundary={BOUNDARY}")
    with contextlib.suppress(WrongUsage):
        form.feed(f"--{BOUNDARY}\r\n".encode() + junk)


def test_a_head_without_end_and_words_without_end_are_refused() -> None:
    form = Form(f"multipart/form-data; boundary={BOUNDARY}")
    with pytest.raises(WrongUsage):
        form.feed(f"--{BOUNDARY}\r\nX: ".encode() + b"a" * (HEAD_BYTES + 10))
    form = Form(f"multipart/form-data; boundary={BOUNDARY}")
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\n'.encode()
    with pytest.raises(WrongUsage):
        form.feed(head + b"a" * (1 << 20))


def test_too_many_files_at_once_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("standfast.web.multipart.PARTS", 2)
    form = Form(f"multipart/form-data; boundary={BOUNDARY}")
    with pytest.raises(WrongUsage, match="more than 2"):
        form.feed(whole(*(part(str(n), b"") for n in range(3))))


@given(st.text())
def test_no_name_leads_anywhere(untrusted_name: str) -> None:
    name, folder = place_of(untrusted_name)
    parts = [*folder.split("/"), name]
    assert not {"..", "."} & set(parts)
    assert "/" not in name
    assert "\\" not in name + folder
    assert len(name) <= 255
    assert len(folder) <= 1000

# SPDX-License-Identifier: Apache-2.0
"""Looks at one place of an original: what is not there, what is broken, what a liar answers."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hostile_worker import SIZE, frame, worker
from inside_worker import served
from standfast.model.event import Unreadable
from standfast.sources import attached as attached_module
from standfast.sources import peeking
from standfast.sources.attached import attached
from standfast.sources.limits import Limits
from standfast.sources.originals import Allowance, Member, Original, member_at, members_of
from standfast.sources.reading import Order, Reader, ReadingStopped

if TYPE_CHECKING:
    from pathlib import Path


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (3, 2), "red").save(out, "PNG")
    return out.getvalue()


PNG = picture()
DIGEST = hashlib.sha256(PNG).hexdigest()
DIGITS = base64.b64encode(PNG)
MAIL = (
    b"From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    b"--x\nContent-Type: application/pdf\n\nnothing\n--x\nContent-Type: image/png\n"
    b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(PNG) + b"--x--\n"
)


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def put(folder: Path, data: bytes, name: str = "a.zip") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def nested(depth: int) -> tuple[bytes, str]:
    data, path = zipped(("a.txt", b"found")), "a.txt"
    for _layer in range(depth):
        data, path = zipped(("z.zip", data)), f"z.zip!/{path}"
    return data, path


def test_stretches_of_a_member_are_given_in_their_order(tmp_path: Path) -> None:
    path = put(tmp_path, zipped(("b.txt", b"other"), ("a.txt", b"0123456789")))
    told = served(path, member="a.txt", spans=[(4, 6), (0, 4), (8, 99), (50, 60)])
    assert told == [(b"x", b"45"), (b"x", b"0123"), (b"x", b"89"), (b"x", b"")]


def test_archives_are_followed_as_deep_as_reading_does_and_no_deeper(tmp_path: Path) -> None:
    deepest = Limits().nesting
    data, path = nested(deepest - 1)
    assert served(put(tmp_path, data), member=path, spans=[(0, 9)]) == [(b"x", b"found")]
    data, path = nested(deepest)
    assert served(put(tmp_path, data), member=path, spans=[(0, 9)])[0][1]["reason"] == "not_there"


@pytest.mark.parametrize("member", ["b.txt", "a.txt!/b.txt", "z.zip!/b.txt", "../a.txt", "a.txt/"])
def test_a_member_that_is_not_there_is_said_to_be_missing(tmp_path: Path, member: str) -> None:
    path = put(tmp_path, zipped(("a.txt", b"x"), ("z.zip", zipped(("a.txt", b"y")))))
    told = served(path, member=member, spans=[(0, 9)])
    assert [(kind, value["reason"]) for kind, value in told] == [(b"e", "not_there")]
    assert served(put(tmp_path, b"no zip"), member=member, spans=[(0, 9)])[0][0] == b"e"


def test_a_member_that_is_broken_or_too_much_is_not_given(tmp_path: Path) -> None:
    data = bytearray(zipped(("a.txt", bytes(range(256)) * 40)))
    data[60:70] = bytes(10)
    told = served(put(tmp_path, bytes(data)), member="a.txt", spans=[(0, 9999)])
    assert told[-1][1]["reason"] == "broken_member"
    bomb = zipped(("a.txt", bytes(40 << 20)))
    told = served(put(tmp_path, bomb), member="a.txt", spans=[(0, 9)])
    assert told[0][1]["reason"] == "not_there"


def test_a_member_is_found_under_every_name_that_reading_gave(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a", b"1"), ("a", b"2"), ("a#2", b"3"), ("z.zip", zipped(("a", b"4"))))
    source = Original("a.zip", len(data), str(put(tmp_path, data)))
    allowance = Allowance.of(len(data), Limits())
    for member in members_of(source, Limits(), allowance):
        assert not isinstance(member, Unreadable)
        found = member_at(source, member.path, Limits(), Allowance.of(len(data), Limits()))
        assert isinstance(found, Member)
        assert found.open().read() == member.open().read()


def test_a_picture_in_a_member_or_in_an_event_is_drawn(tmp_path: Path) -> None:
    path = put(tmp_path, zipped(("a.png", PNG), ("m.eml", MAIL)))
    inside = {"member": "m.eml", "spans": [(0, len(MAIL))]}
    for wanted in ({"member": "a.png"}, inside | {"attached": DIGEST}):
        ((kind, drawn),) = served(path, view=True, **wanted)
        assert kind == b"v"
        assert Image.open(io.BytesIO(drawn)).size == (3, 2)
    for wanted, reason in (
        (inside | {"attached": "0" * 64}, "not_there"),
        (inside | {"attached": DIGEST, "spans": []}, "not_there"),
        ({"member": "m.eml"}, "not_viewable"),
    ):
        assert served(path, view=True, **wanted)[0][1]["reason"] == reason


def test_an_endless_event_is_not_looked_through(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(peeking, "MOST_BYTES", len(MAIL) - 1)
    path = put(tmp_path, MAIL, "m.eml")
    told = served(path, view=True, spans=[(0, len(MAIL))], attached=DIGEST)
    assert told[0][1]["reason"] == "not_there"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (MAIL, True),
        (b"From a@example.org Sat Mar 16 10:00:00 2024\n" + MAIL + b"\n", True),
        (b"no mail at all", False),
        (b"", False),
        (b"From: a@example.org\n\nno file", False),
        (b'<mms><part data="' + DIGITS + b'"/></mms>', True),
        (b"<mms><part data = '" + DIGITS[:8] + b"\n&#10;" + DIGITS[8:] + b"'/></mms>", True),
        (f'<mms><part data="{DIGITS.decode()}"/></mms>'.encode("utf-16-le"), True),
        (f'<mms><part data="{DIGITS.decode()}"/></mms>'.encode("utf-16-be"), True),
        (b'<mms><part data="no base64!"/><part data=""/></mms>', False),
        (b'<mms><part data="' + DIGITS[4:] + b'"/></mms>', False),
    ],
)
def test_a_file_is_given_only_under_its_digest(data: bytes, *, found: bool) -> None:
    assert attached(data, DIGEST) == (PNG if found else None)


@given(
    st.binary(max_size=200) | st.builds(lambda a, b: MAIL[:a] + b, st.integers(0, 400), st.binary())
)
def test_no_bytes_make_looking_for_a_file_fail(data: bytes) -> None:
    assert attached(data, "0" * 64) is None
    assert attached_module.attached(b"<" + data, "0" * 64) is None


LIES: dict[str, bytes] = {
    "too long": frame(b"x", b"123456"),
    "another kind": frame(b"v", b"1"),
    "an event": frame(b"b", b"1"),
    "nonsense for a refusal": frame(b"e", {"reason": 5}),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lying_answer_is_malformed_and_ends_the_worker(tmp_path: Path, name: str) -> None:
    with worker(tmp_path, LIES[name], "time.sleep(60)") as reader:
        with pytest.raises(ReadingStopped) as stopped:
            reader.stretches(Order("a.zip", SIZE, "a.zip", spans=((0, 5),)))
        assert (stopped.value.reason, reader.pid) == ("malformed", 0)


def test_a_refusal_is_told_and_the_worker_stays(tmp_path: Path) -> None:
    no = {"reason": "not_there", "detail": "The original holds no such file, or not where."}
    with worker(tmp_path, frame(b"e", no), "time.sleep(60)") as reader:
        with pytest.raises(ReadingStopped) as stopped:
            reader.stretches(Order("a.zip", SIZE, "a.zip", spans=((0, 5),)))
        assert (stopped.value.reason, reader.pid > 0) == ("not_there", True)


def test_the_real_worker_answers_one_look_after_the_other(tmp_path: Path) -> None:
    path = put(tmp_path, zipped(("a.txt", b"0123456789"), ("b.png", PNG)))
    order: dict[str, Any] = {"name": path.name, "size": path.stat().st_size, "file": str(path)}
    with Reader() as reader:
        for _again in range(2):
            spans = ((0, 3), (3, 5))
            looked = reader.stretches(Order(**order, member="a.txt", spans=spans))
            assert looked == [b"012", b"34"]
            assert reader.view(Order(**order, member="b.png")).startswith(b"\x89PNG")
            with pytest.raises(ReadingStopped):
                reader.stretches(Order(**order, member="nothing", spans=spans))

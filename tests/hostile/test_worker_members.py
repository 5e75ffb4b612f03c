# SPDX-License-Identifier: Apache-2.0
"""The worker seen from within: archives, sealed originals, pictures, and the limits on itself."""

from __future__ import annotations

import io
import resource
import sys
import zipfile
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa
import pytest
from PIL import Image

from hostile_case import GOOD, GOOD_NAME, zipped
from inside_worker import event, of, served
from standfast import sources
from standfast.model.event import (
    EventBatch,
)
from standfast.sources import known_formats, limits, worker
from standfast.sources.limits import Limits
from standfast.sources.originals import (
    Allowance,
    Member,
    MemberBroken,
    Original,
    Unpacked,
    members_of,
)
from standfast.sources.tables import batch_of, batch_of_events
from standfast.vault.sealed import SealedFile, new_file_id, seal

if TYPE_CHECKING:
    from pathlib import Path


def test_an_archive_tells_of_every_member(tmp_path: Path) -> None:
    inner = zipped({"deep.txt": GOOD})
    chat = GOOD.replace(b"answer me", b"a.jpg (file attached)", 1)
    data = zipped(
        {GOOD_NAME: chat, "a.jpg": b"\xff\xd8\xff", "b.jpg": b"\xff\xd8\xff", "c.bin": b"?",
         "folder/": b"", "inner.zip": inner}
    )  # fmt: skip
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    told = served(path, neighbours=None)
    formats = [(one["format"], one["path"]) for one in of(b"f", told)]
    assert ("zip", "inner.zip") in formats
    assert ("whatsapp", "inner.zip!/deep.txt") in formats
    assert ("picture", "b.jpg") in formats
    assert ("picture", "a.jpg") not in formats  # the chat names it
    (account,) = of(b"d", told)
    assert account["unread"] == ["c.bin"]
    assert account["bytes"] == account["accounted"]
    shallow = served(path, bounds=Limits(nesting=1))
    assert "nested" in [one["reason"] for one in of(b"u", shallow)]


def test_members_share_what_an_original_may_unpack_to(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{at}.txt": GOOD for at in range(5)}))
    few = Limits(members=4)
    assert [one["reason"] for one in of(b"u", served(path, bounds=few))] == ["bomb"]
    small = Limits(output_free=0, ratio=0)
    assert [one["reason"] for one in of(b"u", served(path, bounds=small))] == ["bomb"]


def test_a_large_packed_archive_within_an_archive_is_read_as_it_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("standfast.sources.originals.HELD", 10)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"inner.zip": zipped({"chat.txt": GOOD})}))
    assert of(b"d", served(path))[0]["events"] == 3


def test_a_broken_member_is_broken_wherever_it_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    data = zipped({"a.txt": bytes(range(256)) * 999})
    path.write_bytes(data)
    allowance = Allowance.of(len(data), Limits())
    (member,) = members_of(Original("a.zip", len(data), str(path)), Limits(), allowance)
    assert isinstance(member, Member)
    raw = Unpacked(member.opened, member.info)
    assert raw.readable()
    assert raw.seekable()
    raw.close()
    raw.close()
    stream = Unpacked(member.opened, member.info)

    def fails(*_arguments: object) -> int:
        raise zipfile.BadZipFile

    stream._file.seek = fails  # type: ignore[method-assign]  # a damaged stretch
    with pytest.raises(MemberBroken):
        stream.seek(5)


def test_a_sealed_original_is_read_and_a_damaged_one_said_to_be(tmp_path: Path) -> None:
    key, file_id = bytes(32), new_file_id()
    path = tmp_path / "sealed"
    path.write_bytes(b"".join(seal([GOOD], key, file_id)))
    facts = {"name": GOOD_NAME, "size": len(GOOD), "key": key.hex(), "file_id": file_id.hex()}
    assert of(b"d", served(path, **facts))[0]["events"] == 3
    sealed = SealedFile(str(path), key, file_id)
    assert Original(GOOD_NAME, len(GOOD), sealed).open().read() == GOOD
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert served(path, **facts)[-1][1]["reason"] == "original_damaged"


def test_a_picture_is_drawn_anew_and_what_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (1000, 500)).save(path)
    ((kind, view),) = served(path, view=True)
    assert (kind, view[:4]) == (b"v", b"\x89PNG")
    for broken in (b"no picture", path.read_bytes()[:60]):
        path.write_bytes(broken)
        ((kind, value),) = served(path, view=True)
        assert (kind, value["reason"]) == (b"e", "not_viewable")


def test_a_file_without_a_format_in_the_folder_of_formats_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = __import__("standfast.sources.formats", fromlist=["x"])
    (tmp_path / "nothing_here.py").write_text("", encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    sources.known_formats.cache_clear()
    assert "nothing_here" not in known_formats()
    sources.known_formats.cache_clear()


def test_a_column_of_another_length_is_a_bug_and_said_to_be() -> None:
    with pytest.raises(ValueError, match="has 1 of 2"):
        batch_of(EventBatch(2, {"text": ["a"]}))
    moments = (datetime(2024, 3, 4), datetime(2024, 4, 3))  # noqa: DTZ001 - wall clocks
    batch = batch_of_events([event(alternatives=moments)])
    assert pa.compute.all(pa.compute.less(batch["wall"], batch["wall_other"])).as_py()


def test_limits_bind_everything_the_system_can_bind(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, how: bound.update({what: how}))
    asked = Limits()
    limits.confine(asked)
    assert bound[resource.RLIMIT_AS] == (asked.memory, asked.memory)
    assert bound[resource.RLIMIT_FSIZE] == bound[resource.RLIMIT_CORE] == (0, 0)
    assert bound[resource.RLIMIT_NOFILE] == (64, 64)
    limits.allow_cpu(5)
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = bound[resource.RLIMIT_CPU][0]
    assert 4 < soft - used.ru_utime - used.ru_stime < 8
    bound.clear()
    monkeypatch.setattr("sys.platform", "darwin")
    limits.confine(asked)
    assert resource.RLIMIT_AS not in bound
    bound.clear()
    monkeypatch.setattr("sys.platform", "win32")
    limits.confine(asked)
    limits.allow_cpu(5)
    assert bound == {}
    assert asked.patience(0) > asked.silence


def test_what_an_archive_says_of_a_member_is_judged_before_it_is_opened(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", GOOD)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", GOOD)
        archive.writestr("n" * 2000, GOOD)
        archive.writestr("zeros", bytes(32 << 20))
        archive.writestr("locked", b"x")
    data = bytearray(out.getvalue())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    told = served(path)
    assert {one["path"] for one in of(b"f", told)} == {"", "a.txt", "a.txt#2"}
    assert [one["reason"] for one in of(b"u", told)] == ["long_name", "bomb", "encrypted"]
    path.write_bytes(data[:-9])
    assert [one["reason"] for one in of(b"u", served(path))] == ["broken_archive"]


def test_a_recogniser_that_fails_costs_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_head: object) -> None:
        message = "ours"
        raise KeyError(message)

    monkeypatch.setattr(worker, "recognise", fails)
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": GOOD, "b.txt": GOOD}))
    told = served(path)
    assert [one["reason"] for one in of(b"u", told)] == ["reader_failed"] * 2
    assert of(b"d", told)[0]["bytes"] == 2 * len(GOOD)


def test_a_picture_beyond_all_bounds_is_not_decoded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    Image.new("L", (100, 100)).save(path)
    monkeypatch.setattr("standfast.sources.viewing.PIXELS", 99)
    assert served(path, view=True)[0][1]["reason"] == "not_viewable"
    monkeypatch.undo()
    monkeypatch.setattr("PIL.Image.MAX_IMAGE_PIXELS", 10)
    assert served(path, view=True)[0][1]["reason"] == "not_viewable"


def test_a_worker_serves_its_pipes_and_prints_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[object] = []

    def serve(out: BinaryIO, _stdin: BinaryIO, _limits: Limits) -> None:
        with out:
            out.write(b"frame")

    monkeypatch.setattr(worker, "confine", asked.append)
    monkeypatch.setattr(worker, "serve", serve)
    with ExitStack() as stack:
        for name in ("stdin", "stdout", "stderr"):
            file = stack.enter_context((tmp_path / name).open("w+", encoding="utf-8"))
            monkeypatch.setattr("sys." + name, file)
        worker.main()
        sys.stdout.write("printed")
    assert isinstance(asked[0], Limits)
    assert (tmp_path / "stdout").read_bytes() == b"frame"
    assert (tmp_path / "stderr").read_bytes() == b"printed"

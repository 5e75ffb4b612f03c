# SPDX-License-Identifier: Apache-2.0
"""Files and folders that are not what they seem: links, pipes, devices, changes under the hand."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hostile_case import GOOD, GOOD_EVENTS, GOOD_NAME, attacked, desk, place, survives, zipped
from standfast.desk import adding, files, taking
from standfast.desk.files import files_below, is_other
from standfast.errors import InputUnreadable
from standfast.sources import originals
from standfast.sources.originals import Bounded, Original, open_regular
from standfast.sources.tables import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES = GOOD.splitlines(keepends=True)


def program(*words: str | bytes | Path, **more: Any) -> tuple[int, bytes, bytes]:
    """Run the program as a process."""
    done = subprocess.run(
        [sys.executable, "-m", "standfast", *words],
        capture_output=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=100,
        **more,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def oddities(tmp_path: Path) -> Iterator[Path]:
    """A folder with one of everything that is no file, and one good file."""
    folder = tmp_path / "given"
    place(folder, {"empty.txt": b"", "empty.zip": b""})
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to("..")
    (folder / "zeros.bin").symlink_to("/dev/zero")
    (folder / "good link.txt").symlink_to(GOOD_NAME)
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)  # the path of a socket is short
    listening.bind("socket")
    os.chdir(here)
    yield folder
    listening.close()


ODD = {"pipe", "loop", "up", "zeros.bin", "good link.txt", "socket"}


def test_what_is_no_file_is_left_out_by_name_and_the_rest_is_kept(
    tmp_path: Path, oddities: Path
) -> None:
    with desk(tmp_path) as opened:
        began = time.monotonic()
        report = opened.add([oddities])
        assert time.monotonic() - began < 30
        assert {Path(one.path).name for one in report.left_out} == ODD
        assert all("link or a device" in one.reason for one in report.left_out)
        kept = [one for one in report.files if one.outcome == "kept"]
        assert sum(one.events for one in kept) == GOOD_EVENTS
        assert opened.verify().whole


def test_reading_without_a_case_says_one_sentence_for_each_and_ends_with_three(
    oddities: Path,
) -> None:
    code, out, err = program("read", oddities, "--json")
    found = json.loads(out)
    assert (code, len(found["events"])) == (3, GOOD_EVENTS)
    lines = err.decode().splitlines()
    for name in ODD | {"empty.txt", "empty.zip"}:
        assert sum(line.startswith(f"{name}: ") for line in lines) == 1, name


def test_a_device_or_a_pipe_by_itself_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", "/dev/null", tmp_path / "pipe"):
        code, out, err = program("read", path, "--jsonl")
        assert code == 3
        assert json.loads(out)["coverage"]["events"] == 0
        assert err.decode().count("link or a device") == 1


def test_what_does_not_exist_is_said_before_anything_is_added(tmp_path: Path) -> None:
    with desk(tmp_path) as opened:
        (tmp_path / GOOD_NAME).write_bytes(GOOD)
        with pytest.raises(InputUnreadable, match="Nothing was added"):
            opened.add([tmp_path / GOOD_NAME, tmp_path / "no"])
        assert not opened.state.items


def test_a_file_that_turns_into_a_pipe_or_a_link_is_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(GOOD)
    paths = place(tmp_path / "given", {"link.txt": b"x", "pipe.txt": b"x", "gone.txt": b"x"})
    real = list(files_below([tmp_path / "given"]))
    paths[0].unlink()
    paths[0].symlink_to(secret)
    paths[1].unlink()
    os.mkfifo(paths[1])
    paths[2].unlink()
    with pytest.MonkeyPatch.context() as patch, desk(tmp_path) as opened:
        patch.setattr(adding, "files_below", lambda _paths: iter(real))
        report = opened.add([tmp_path / "given"])
        assert {Path(one.path).name for one in report.left_out} == {
            "link.txt", "pipe.txt", "gone.txt",
        }  # fmt: skip
        assert opened.verify().whole


def test_a_folder_that_may_not_be_looked_into_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path / "given", {})
    (tmp_path / "given" / "closed").mkdir()
    real = Path.iterdir

    def closed(self: Path) -> Iterator[Path]:
        if self.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(Path, "iterdir", closed)
    with desk(tmp_path) as opened:
        report = opened.add([tmp_path / "given"])
        (left,) = report.left_out
        assert Path(left.path).name == "closed"
        assert "Permission denied" in left.reason
        assert report.files[0].events == GOOD_EVENTS


def test_folders_within_folders_without_end_are_walked(tmp_path: Path) -> None:
    levels, here, top = 1200, Path.cwd(), tmp_path / "top"
    top.mkdir()
    try:
        os.chdir(top)
        for _level in range(levels):
            Path("d").mkdir()
            os.chdir("d")
        Path("a.txt").write_bytes(GOOD)
        (found,) = files_below([top])
        assert found.problem == "" or "too long" in found.problem
    finally:  # what removes folders after a test may not get that deep
        os.chdir(here)
        subprocess.run(["rm", "-rf", top], check=True)


def test_the_folder_one_is_in_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path / "given", {})
    monkeypatch.chdir(tmp_path / "given")
    (one,) = files_below([Path()])
    assert (one.folder, one.path.name) == ("given", GOOD_NAME)


def test_too_many_files_are_refused_before_anything_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FILE_LIMIT", 2)
    place(tmp_path / "given", {"a": b"", "b": b""})
    with desk(tmp_path) as opened, pytest.raises(InputUnreadable, match="more than 2"):
        opened.add([tmp_path / "given"])


class Meddling:
    """Progress that changes a file while it is being taken in."""

    def __init__(self, path: Path, change: str) -> None:
        self.path, self.change, self.done = path, change, False

    def start(self, what: str, total: int) -> None:
        pass

    def step(self, done: int) -> None:
        if self.done or done <= 0:
            return
        self.done = True
        if self.change == "grow":
            with self.path.open("ab") as file:
                file.write(LINES[0] * 1000)
        elif self.change == "shrink":
            os.truncate(self.path, files.PART + 100)
        elif self.change == "vanish":
            self.path.unlink()


@pytest.mark.parametrize("change", ["grow", "shrink", "vanish"])
def test_a_file_that_changes_while_it_is_taken_in_is_kept_as_read_and_that_is_said(
    tmp_path: Path, change: str
) -> None:
    path = tmp_path / GOOD_NAME
    path.write_bytes(LINES[0] * 60_000)
    size = path.stat().st_size
    with desk(tmp_path) as opened:
        report = opened.add([path], Meddling(path, change))
        (one,) = report.files
        assert one.outcome == "kept"
        assert len(report.in_doubt) == (change != "vanish")
        if change == "shrink":
            assert one.size < size
        else:
            assert one.size == size
        assert bool(one.reason) == (change != "vanish")
        assert one.events == one.size // len(LINES[0]) + (1 if one.size % len(LINES[0]) else 0)
        assert opened.verify().whole


def test_a_file_that_grows_while_it_is_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / GOOD_NAME
    path.write_bytes(LINES[0] * 100_000)
    stop = threading.Event()

    def grow() -> None:
        while not stop.is_set():
            with path.open("ab") as file:
                file.write(LINES[1])
            time.sleep(0.001)

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        code, out, err = program("read", path, "--summary")
    finally:
        stop.set()
        growing.join()
    account = json.loads(out)["coverage"]
    assert code == 3
    assert b"changed while it was being read" in err
    assert account["bytes"] == account["bytes_accounted"]


def test_the_beginning_of_a_growing_file_is_all_that_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with Original("a", 5, str(path)).open() as stream:
        assert stream.read() == b"01234"
        assert stream.seek(-2, os.SEEK_END) == 3
        assert stream.read(9) == b"34"
        assert stream.seek(0) == 0
        assert stream.tell() == 0
    raw = Bounded(open_regular(path), 5)
    assert raw.readable()
    assert raw.seekable()
    raw.close()
    before = path.stat()
    path.write_bytes(b"0")
    assert is_other(before, path.stat())
    with pytest.raises(OSError, match="not a file"):
        open_regular("/dev/null")


def test_names_that_are_no_text_are_spelled_and_read(tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    name = b"WhatsApp Chat with \xff\xfe.txt"
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(GOOD)
    with desk(tmp_path) as opened:
        (one,) = opened.add([folder]).files
        assert one.events == GOOD_EVENTS
        (item,) = opened.state.items.values()
        assert item.name == "WhatsApp Chat with \\udcff\\udcfe.txt"
        assert {row.conversation for row in opened.events()} == {"\\udcff\\udcfe"}
        assert opened.verify().whole
    code, out, _err = program(b"read", os.fsencode(folder), b"--json")
    assert code == 0
    assert len(json.loads(out)["events"]) == GOOD_EVENTS


NAMES = (
    "-rf", "--help", "a\nb.txt", "a\x1b[31mred.txt", "\u202egpj.exe", "\u200bhidden", " ", "a'\"b",
    "=HYPERLINK(1)", "%s{name}", "\x07bell", "x" * 255, "CON", "a\\b", "\ufeffbom", "\u0085next",
    "\U000e0041tag", "é" * 120,
)  # fmt: skip


def test_names_made_to_harm_are_kept_as_they_are(tmp_path: Path) -> None:
    files = {name: GOOD.replace(b"2024", b"%d" % (1990 + at)) for at, name in enumerate(NAMES)}
    with desk(tmp_path) as opened:
        report = opened.add(place(tmp_path / "given", files))
        survives(opened, report)
        assert {item.name for item in opened.state.items.values()} == {*NAMES, GOOD_NAME}
        assert all(one.events == GOOD_EVENTS for one in report.files)


@pytest.mark.parametrize("count", [400, pytest.param(5000, marks=pytest.mark.long)])
def test_many_small_files_cost_few_entries_and_little_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number:04}.bin").write_bytes(b"%d" % number)
    with desk(tmp_path) as opened:
        commits = []
        real = opened.vault.commit
        monkeypatch.setattr(opened.vault, "commit", lambda d: commits.append(1) or real(d))
        began = time.monotonic()
        report = opened.add([folder])
        spent = time.monotonic() - began
        assert len(report.files) == count
        assert all(one.outcome == "kept" for one in report.files)
        assert len(commits) <= 2 * count // taking.GROUP_FILES + 4
        assert spent < 10 + count * 0.03, f"{spent:.0f} s"
        assert opened.verify().whole


def test_garbage_of_every_sort_beside_a_good_file_loses_nothing(tmp_path: Path) -> None:
    garbage = {
        "nul.txt": bytes(100_000),
        "utf8.txt": b"\xff\xfe\xfd\xc0\x80" * 1000,
        "utf16.txt": b"\xff\xfe" + b"\x00\xd8" * 1000,
        "half.txt": "14/03/2024, 23:40 - Alex: \u0000 hi".encode() + b"\xed\xa0\x80",
        "head.mbox": b"From \xff Thu Jan  1 00:00:00 1970\n\n" + b"\xff" * 100,
        "x.eml": b"From:\xff\nTo: \xff\nDate: \xff\nMessage-ID: <\xff>\n\n\xff",
        "x.xml": b"<?xml version='1.0' encoding='\xff'?><smses>",
        "WhatsApp Chat with Mo.txt": b'14/03/2024, 23:40 - =cmd|"/c calc": =HYPERLINK("http://example.org")\n',
        "x.zip": zipped({"a": b"b"})[:20],
    }
    found = attacked(tmp_path, garbage)
    assert found["WhatsApp Chat with Mo.txt"].events == 1


def test_half_characters_are_spelled_and_whole_ones_joined() -> None:
    assert spelled("a\ud83d\ude00\udcff") == "a\U0001f600\\udcff"
    assert originals.LONGEST_NAME < 4096

# SPDX-License-Identifier: Apache-2.0
"""A worker that dies, hangs, floods or is struck costs one item, and ends with all it started."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from hostile_case import GOOD, GOOD_EVENTS, GOOD_NAME, desk, place, reasons
from hostile_worker import (
    PART,
    QUICK,
    SIZE,
    columns,
    frame,
    refused,
    worker,
)
from standfast.sources.limits import Limits
from standfast.sources.reading import Order, Reader, ReadingStopped

if TYPE_CHECKING:
    from pathlib import Path


def test_a_worker_that_ends_at_once_did_not_start(tmp_path: Path) -> None:
    assert refused(tmp_path, b"") == "no_start"


def test_a_worker_that_ends_in_the_middle_was_stopped(tmp_path: Path) -> None:
    said = frame(b"f", PART) + frame(b"b", columns())[:-20]
    assert refused(tmp_path, said) == "stopped"


def test_a_worker_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    began = time.monotonic()
    assert refused(tmp_path, b"", "time.sleep(60)") == "silent"
    assert time.monotonic() - began < 8


def test_a_worker_that_only_says_that_it_lives_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    limits = Limits(silence=1, cpu_seconds=0, cpu_per_mib=0)
    said = frame(b"p", 1)
    script = (
        f"\nwhile True:\n    sys.stdout.buffer.write({said!r})\n    sys.stdout.buffer.flush()\n"
        "    time.sleep(0.2)\n"
    )
    began = time.monotonic()
    with worker(tmp_path, said, script) as reader:
        reader._limits = limits
        with pytest.raises(ReadingStopped) as stopped:
            list(reader.read(Order("a", SIZE, "a")).batches)
    assert stopped.value.reason == "silent"
    assert time.monotonic() - began < 8


def test_a_worker_that_floods_is_too_much(tmp_path: Path) -> None:
    said = frame(b"p", 1) * 1000
    remark = frame(b"r", {"code": "a", "detail": "b" * 1900, "path": ""})
    script = f"\nwhile True:\n    sys.stdout.buffer.write({remark!r} * 999)\n"
    assert refused(tmp_path, said, script) == "too_much"


def test_a_worker_that_does_not_take_its_request_is_not_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "deaf.py"
    script.write_text("import time\ntime.sleep(60)\n", encoding="utf-8")
    many = {f"{number}.jpg": number for number in range(20_000)}
    began = time.monotonic()
    with Reader(QUICK, ("-I", str(script))) as reader, pytest.raises(ReadingStopped) as stopped:
        list(reader.read(Order("a", SIZE, "a", neighbours=many)).batches)
    assert stopped.value.reason == "silent"
    assert time.monotonic() - began < 8


def test_what_a_worker_has_started_ends_with_it(tmp_path: Path) -> None:
    child = tmp_path / "child"
    script = (
        f"\nif os.fork() == 0:\n    open({str(child)!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\ntime.sleep(60)\n"
    )
    assert refused(tmp_path, b"", script) == "silent"
    pid = int(child.read_text())
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - no file of ours
            return file.read().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def test_python_that_cannot_be_started_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with Reader() as reader, pytest.raises(ReadingStopped) as stopped:
        list(reader.read(Order("a", SIZE, "a")).batches)
    assert stopped.value.reason == "no_start"


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_a_worker_that_is_struck_costs_one_item_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blow: signal.Signals
) -> None:
    struck: list[int] = []
    real = Reader._ask

    def strike(self: Reader, order: Order) -> None:
        real(self, order)
        if order.name == "bad.txt":
            struck.append(self.pid)
            os.kill(self.pid, blow)

    monkeypatch.setattr(Reader, "_ask", strike)
    monkeypatch.setattr("standfast.sources.reading.Limits", lambda: Limits(silence=3))
    with desk(tmp_path) as opened:
        given_files = {"bad.txt": GOOD.replace(b"2024", b"2022") * 20_000}
        report = opened.add(place(tmp_path / "given", given_files))
        bad, good = report.files
        assert (bad.outcome, bad.events, good.events) == ("kept", 0, GOOD_EVENTS)
        assert set(reasons(opened, bad)) <= {"stopped", "silent", "no_start"}
        assert bad.reason
        assert opened.verify().whole
        monkeypatch.setattr(Reader, "_ask", real)
        again = opened.add([tmp_path / "given" / "bad.txt"])
        assert (again.files[0].outcome, again.files[0].events) == ("known", 20_000 * GOOD_EVENTS)
        assert len(opened.events()) == 20_000 * GOOD_EVENTS + GOOD_EVENTS
    assert len(struck) == 1
    assert not alive(struck[0])


def test_a_reading_that_is_given_up_ends_its_worker(tmp_path: Path) -> None:
    chat = tmp_path / GOOD_NAME
    chat.write_bytes(GOOD * 50_000)
    with Reader() as reader:
        reading = reader.read(Order(chat.name, chat.stat().st_size, str(chat)))
        next(iter(reading.batches))
        pid = reader.pid
        reading.batches.close()  # type: ignore[attr-defined]  # it is a generator
        assert not alive(pid)
        assert reader.pid == 0
        again = reader.read(Order(chat.name, len(GOOD), str(chat)))
        assert sum(len(batch) for batch in again.batches) == GOOD_EVENTS


def test_a_worker_that_died_while_nothing_was_asked_is_replaced(tmp_path: Path) -> None:
    chat = tmp_path / GOOD_NAME
    chat.write_bytes(GOOD)
    order = Order(chat.name, len(GOOD), str(chat))
    with Reader() as reader:
        for _time in range(2):
            assert sum(len(batch) for batch in reader.read(order).batches) == GOOD_EVENTS
            assert reader._pipe is not None
            os.kill(reader.pid, signal.SIGKILL)
            while reader._pipe.alive:
                time.sleep(0.01)

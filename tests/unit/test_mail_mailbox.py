# SPDX-License-Identifier: Apache-2.0
"""Where one mail of a mailbox ends and the next begins."""

from __future__ import annotations

import io

import pytest

from mail_source import complete, read
from standfast.sources.mail_text import mailbox, rows
from standfast.sources.mail_text.mailbox import Mailbox, is_separator

MAIL = b"From: a@example.org\nSubject: s\n\nbody\n\n"
LINE = b"From a@example.org Mon Mar  4 09:05:00 2024\n"


@pytest.mark.parametrize(
    "line",
    [
        b"From a@example.org Mon Mar  4 09:05:00 2024",
        b"From a@example.org Mon Mar 4 09:05 2024",
        b"From - Mon Mar 04 09:05:00 2024",
        b"From 1234567890@xxx Mon Mar 04 09:05:00 +0000 2024",
        b"From a@example.org Mon Mar  4 09:05:00 CET 2024",
        b"From a@example.org Mon Mar  4 09:05:00 2024 +0100",
        b"From a b c Mon, 04 Mar 2024 09:05:00 +0000",
        b"From a@example.org 2024-03-04T09:05:00Z",
        b"From a@example.org Mon Mar  4 09:05:00 2024 remote from relay",
    ],
)
def test_the_shapes_of_a_separator(line: bytes) -> None:
    for end in (b"\nFrom: x", b"\r\nX-Y: z", b"\n>From x", b"\n", b"", b"\r\n"):
        assert is_separator(line + end)
    assert not is_separator(line + b"\n\nno header")
    assert not is_separator(line + b" and more\nFrom: x")
    assert not is_separator(b">" + line + b"\nFrom: x")


@pytest.mark.parametrize(
    "line",
    [
        b"From now on: no", b"From", b"From ", b"From a@example.org", b"From: a@example.org",
        b"From a Mon Mar  4 2024", b"From a Mon Foo  4 09:05:00 2024",
        b"from a Mon Mar 4 09:05 2024",
        b"From " + b"x" * 2000 + b" Mon Mar  4 09:05:00 2024",
    ],
)  # fmt: skip
def test_what_is_no_separator(line: bytes) -> None:
    assert not is_separator(line + b"\nFrom: x")


def test_a_line_without_a_blank_one_before_it_belongs_to_the_mail() -> None:
    data = LINE + b"From: a@example.org\n\nhe wrote:\n" + LINE + MAIL
    found = read(data, "mbox")
    assert len(found.rows) == 1
    assert complete(found, len(data))


@pytest.mark.parametrize("chunk", [1, 7, 64, 4096])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_cut_does_not_depend_on_how_the_file_is_read(chunk: int, end: bytes) -> None:
    stated = LINE + b"From: x\nContent-Length: 60\n\n" + b"y" * 59 + b"\n\n"
    inside = (
        LINE + b"From: x\nContent-Length: 78\n\n1\n\n" + LINE + b"To: y\n\nin the first mail\n\n"
    )
    data = (b"\n\n" + LINE + MAIL + stated + inside + LINE + MAIL * 3).replace(b"\n", end)
    slices = [piece._replace(data=b"") for piece in cut(data, chunk)]
    assert slices == [piece._replace(data=b"") for piece in cut(data, 1 << 20)]
    assert [data[piece.start : piece.start + 5] for piece in slices[1:]] == [b"From "] * (
        len(slices) - 1
    )


def cut(data: bytes, chunk: int) -> list[mailbox.Slice]:
    return list(Mailbox(io.BytesIO(data), progress=lambda _done: None, chunk=chunk).slices())


def test_a_stated_length_that_leads_nowhere_does_not_count() -> None:
    for length in (b"0", b"3", b"5", b"7", b"999999999999", b"-1", b"x"):
        data = LINE + b"From: a\nContent-Length: " + length + b"\n\nbody\n\n" + LINE + MAIL
        found = read(data, "mbox")
        assert len(found.rows) == 2, length
        assert found.codes() == []
        assert complete(found, len(data))


def test_a_mail_over_the_limit_is_read_in_part_and_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MAIL_BYTES", 5000)
    monkeypatch.setattr("standfast.sources.formats.mbox.MAIL_BYTES", 5000)
    monkeypatch.setattr(mailbox, "CHUNK_BYTES", 512)
    monkeypatch.setitem(Mailbox.__init__.__kwdefaults__, "chunk", 512)
    monkeypatch.setattr(mailbox, "LENGTH_HEADER_BYTES", 600)
    big = LINE + b"From: a@example.org\n\n" + b"word " * 4000 + b"\n\n"
    data = LINE + MAIL + big + LINE + MAIL
    found = read(data, "mbox")
    assert [len(row["text"]) < 5000 for row in found.rows] == [True] * 3
    assert len(found.rows[1]["text"]) > 4000
    assert found.rows[2]["text"] == "body\n"
    assert found.codes() == ["mail_size"]
    assert complete(found, len(data))


def test_batches_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 3)
    found = read((LINE + MAIL) * 10, "mbox")
    assert len(found.rows) == 10
    assert [row["start"] for row in found.rows] == sorted(row["start"] for row in found.rows)


def test_a_mailbox_quoted_once_is_left_as_written() -> None:
    once = read(LINE + b"From: a@example.org\n\n>From here\n", "mbox").rows[0]
    assert once["text"] == ">From here\n"
    twice = read(LINE + b"From: a@example.org\n\n>>From b\n>From here\n", "mbox").rows[0]
    assert twice["text"] == ">From b\nFrom here\n"
    lone = read(b"From: a@example.org\nTo: b\n\n>>From b\n>From here\n").rows[0]
    assert lone["text"] == ">>From b\n>From here\n"


def test_a_mailbox_without_mails_is_said_to_be_unreadable() -> None:
    found = read(b"no mail at all\n" * 100, "mbox")
    assert found.codes() == ["not_a_message"]
    assert complete(found, 1500)
    assert read(LINE, "mbox").codes() == ["not_a_message"]
    assert read(b"", "mbox").others == []
    assert [type(one).__name__ for one in read(b" \n\n", "mbox").others] == ["Framing"]

# SPDX-License-Identifier: Apache-2.0
"""Files read without a case: lines, the account, and one sentence for each that could not be."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from hostile_case import GOOD, GOOD_EVENTS, GOOD_NAME, place, zipped
from standfast.desk import reading
from standfast.desk.progress import Silent
from standfast.desk.reading import Total, read_paths
from standfast.errors import NotRecognised
from standfast.i18n import speaking
from standfast.sources import Options
from standfast.sources.reading import SILENT, ReadingStopped
from standfast.sources.wording import in_words
from standfast.timeline.people import canonical

if TYPE_CHECKING:
    from pathlib import Path


ARCHIVE = "Archives within archives are not followed any deeper."


def told(folder: Path, files: dict[str, bytes]) -> tuple[list[bytes], Total]:
    place(folder / "given", files)
    total = Total()
    lines = list(read_paths([folder / "given"], Options(), total, Silent()))
    return lines, total


def sentence(total: Total, name: str) -> str:
    (found,) = [one for path, one in total.problems.items() if path.endswith(name)]
    return found.message


def test_each_file_that_cannot_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    bad = {"a.bin": b"?", "b.zip": zipped({"c.txt": b"x"})[:40], "c.txt": b""}
    lines, total = told(tmp_path, bad)
    assert len(lines) == total.events == GOOD_EVENTS
    assert total.bytes == total.bytes_accounted
    assert "not known" in sentence(total, "a.bin")
    assert isinstance(next(iter(total.problems.values())), NotRecognised)
    assert sentence(total, "b.zip").startswith("b.zip: The archive is damaged")
    assert len(total.problems) == 3
    assert total.unread == ["a.bin", "c.txt"]
    assert json.loads(json.dumps(total.as_json()))["events"] == GOOD_EVENTS


def test_a_link_and_a_file_that_vanished_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path / "given", {"gone.txt": b"x"})
    (tmp_path / "given" / "link").symlink_to(GOOD_NAME)
    real = list(reading.files_below([tmp_path / "given"]))
    (tmp_path / "given" / "gone.txt").unlink()
    monkeypatch.setattr(reading, "files_below", lambda _paths: iter(real))
    total = Total()
    assert len(list(read_paths([tmp_path], Options(), total, Silent()))) == GOOD_EVENTS
    assert "link or a device" in sentence(total, "link")
    assert "No such file" in sentence(total, "gone.txt")


def test_a_reading_that_was_stopped_is_said_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_arguments: object) -> None:
        raise ReadingStopped(SILENT)

    monkeypatch.setattr(reading.Reader, "read", stopped)
    lines, total = told(tmp_path, {})
    assert lines == []
    assert "It took too long" in sentence(total, GOOD_NAME)
    assert total.bytes == len(GOOD)


def test_a_file_that_changed_meanwhile_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "is_other", lambda _before, _after: True)
    lines, total = told(tmp_path, {})
    assert len(lines) == GOOD_EVENTS
    assert "changed while it was being read" in sentence(total, GOOD_NAME)


def test_a_file_is_hashed_as_far_as_it_went() -> None:
    assert reading._digest(io.BytesIO(b"abc" * 10), 3) == reading._digest(io.BytesIO(b"abc"), 3)
    assert reading._digest(io.BytesIO(b"ab"), 9) == reading._digest(io.BytesIO(b"ab"), 2)


def test_the_workers_sentences_are_translated_where_they_are_shown() -> None:
    with speaking("de"):
        assert in_words(ARCHIVE) != ARCHIVE
        assert in_words("Nobody has translated 5 of these.") == "Nobody has translated 5 of these."
        assert in_words("x" * 1000 + "1") == "x" * 1000 + "1"
    assert in_words(ARCHIVE) == ARCHIVE
    assert in_words("5 of these.") == "5 of these."


@pytest.mark.parametrize(
    ("channel", "written", "plain"),
    [
        ("sms", "+49 30 23125 123", "+493023125123"),
        ("sms", "004930 23125123", "+493023125123"),
        ("whatsapp", "\u202a+44 7700 900123\u202c", "+447700900123"),
        ("sms", "+999 000000000", "+999 000000000"),
        ("sms", "12345", "12345"),
        ("mail", "Alex@Example.ORG", "alex@example.org"),
        ("whatsapp", " Alex \u200b  M. ", "Alex M."),
        ("sms", "00" + "9" * 20, "00" + "9" * 20),
    ],
)
def test_an_address_has_one_form(channel: str, written: str, plain: str) -> None:
    assert canonical(channel, written) == plain

# SPDX-License-Identifier: Apache-2.0
"""``standfast timeline``: its filters, and the original bytes of an event."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from desk_case import CHAT, PHRASE, put, told_case
from standfast.cli.commands.timeline import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case with a chat, a letter, a picture and an incident without a date."""
    place = tmp_path_factory.mktemp("timeline")
    with told_case(place) as desk:
        desk.add([put(place, "IMG-20240316-WA0001.png", PNG)])
        desk.incident("He stood at the gate.", "")
        desk.incident("A call at work.", "2024-03-15")
    return place / "case"


def ask(folder: Path, *words: str) -> Result:
    read, write = os.pipe()
    os.write(write, PHRASE.encode())
    os.close(write)
    try:
        return CliRunner().invoke(
            COMMAND, [str(folder), *words, "--passphrase-fd", str(read), "--lang", "en"]
        )
    finally:
        os.close(read)


def found(folder: Path, *words: str) -> dict[str, Any]:
    done = ask(folder, *words, "--json")
    assert done.exit_code == 0, done.output
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def texts(folder: Path, *words: str) -> list[str]:
    return [one["text"] for one in found(folder, *words)["events"]]


def test_hours_and_weekdays_are_asked_of_the_clock_as_written(folder: Path) -> None:
    night = found(folder, "--hours", "22-6", "--channel", "whatsapp")
    assert len(night["events"]) == 4
    assert found(folder, "--hours", "22-6")["unknown_time"] == 3
    assert texts(folder, "--weekday", "sun") == ["I know you read this"]
    assert len(texts(folder, "--weekday", "sun", "--weekday", "fri")) == 4
    told = ask(folder, "--hours", "22-6").stderr
    assert "3 more events may belong here" in told


def test_several_channels_and_kinds_and_people(folder: Path) -> None:
    assert found(folder, "--channel", "mail", "--channel", "photo")["total"] == 2
    assert found(folder, "--kind", "mail", "--kind", "incident")["total"] == 3
    assert found(folder, "--with", "Alex", "--with", "Kim", "--search", "I WILL")["total"] == 1


def test_undated_events_and_those_of_a_finding(folder: Path) -> None:
    assert texts(folder, "--undated") == ["He stood at the gate."]
    assert found(folder, "--with-attachments")["total"] == 0
    nothing = ask(folder, "--finding", "night:0")
    assert (nothing.exit_code, "There is no finding" in nothing.stderr) == (2, True)


@pytest.mark.parametrize("odd", ["22", "22-25", "24-6", "-1-5", "x-y", "1-2-3"])
def test_what_is_no_stretch_of_the_day_is_refused(folder: Path, odd: str) -> None:
    done = ask(folder, f"--hours={odd}")
    assert (done.exit_code, "is not a stretch of the day" in done.stderr) == (2, True)


def test_the_original_bytes_of_an_event_are_shown_with_their_place(folder: Path) -> None:
    (event,) = found(folder, "--search", "I can wait")["events"]
    view = found(folder, "--original", event["event"])["original"]
    start, end = view["locator"]["start"], view["locator"]["end"]
    assert bytes.fromhex(view["own"]["data"]) == CHAT.encode()[start:end]
    shown = ask(folder, "--original", event["event"]).stdout
    assert f"SHA-256: {view['sha256']}" in shown
    assert f"bytes {start} to {end}" in shown
    assert "16/03/2024, 00:30 - Alex: I can wait" in shown


def test_bytes_that_are_no_text_are_shown_as_numbers(folder: Path) -> None:
    (event,) = found(folder, "--kind", "photo")["events"]
    done = ask(folder, "--original", event["event"])
    assert "89 50 4e 47 0d 0a 1a 0a 00 01" in done.stdout
    assert ".PNG......" in done.stdout
    assert f"{len(PNG) - 640} more bytes of the event are not shown" in done.stderr


def test_what_no_file_holds_is_said_to_be_held_by_none(folder: Path) -> None:
    (event,) = found(folder, "--undated")["events"]
    assert "no file holds it" in ask(folder, "--original", event["event"]).stderr
    assert ask(folder, "--original", "entry-999").exit_code == 2

# SPDX-License-Identifier: Apache-2.0
"""The main road by the command line, as a person or a script walks it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PHRASE = "several quiet words"
CHAT = """\
04/03/2024, 09:05 - Messages and calls are end-to-end encrypted.
04/03/2024, 09:05 - Alex: are you there
04/03/2024, 09:06 - Mira: please do not write to me any more
14/03/2024, 23:40 - Alex: answer me
14/03/2024, 23:41 - Alex: answer me
14/03/2024, 23:41 - Alex: answer me
15/03/2024, 02:10 - Alex: I know you read this \u202eevil\x1b[31m
"""
LETTER = b"""\
From: Alex <alex@example.org>
To: mira@example.net
Subject: please
Date: Sat, 16 Mar 2024 10:00:00 +0100
Message-ID: <1@example.org>

I will wait.
"""


class Road:
    """Runs the program in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *words: str, passphrase: str = PHRASE) -> tuple[int, str, str]:
        read, write = os.pipe()
        os.write(write, passphrase.encode() + b"\n")
        os.close(write)
        with_fd = [] if words[0] in {"read", "formats"} else ["--passphrase-fd", str(read)]
        done = subprocess.run(
            [sys.executable, "-m", "standfast", *words, *with_fd],
            cwd=self.folder,
            capture_output=True,
            pass_fds=[read],
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
        )
        os.close(read)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def json(self, *words: str) -> dict[str, object]:
        code, out, err = self.run(*words, "--json")
        assert code == 0, err
        found = json.loads(out)
        assert found["schema"] == 1
        return found


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """A case with one chat and one letter, its question answered and its people named."""
    folder = tmp_path_factory.mktemp("road")
    (folder / "WhatsApp Chat with Alex.txt").write_text(CHAT, encoding="utf-8")
    (folder / "letter.eml").write_bytes(LETTER)
    walk = Road(folder)
    made = walk.json("new", "case", "--zone", "Europe/Berlin", "--title", "Mira")
    assert len(made["recovery_code"].split("-")) == 9
    added = walk.json("add", "case", "WhatsApp Chat with Alex.txt", "letter.eml")
    assert [one["events"] for one in added["files"]] == [7, 1]
    (asked,) = walk.json("questions", "case")["questions"]
    assert (asked["id"], asked["choices"]) == ("1.me", ["Alex", "Mira"])
    assert walk.run("questions", "case", "answer", "1.me", "Mira")[0] == 0
    assert walk.json("questions", "case")["questions"] == []
    walk.run("people", "case", "me", "mail:mira@example.net")
    code, _out, err = walk.run(
        "people", "case", "other", "Alex", "whatsapp:Alex", "mail:alex@example.org"
    )
    assert code == 0, err
    return walk


def test_the_timeline_is_one_order_over_channels(road: Road) -> None:
    events = road.json("timeline", "case", "--with", "Alex")["events"]
    sides = ["system", "in", "out", "in", "in", "in", "in", "in"]
    assert [one["direction"] for one in events] == sides
    assert [one["channel"] for one in events][-1] == "mail"
    assert events[-1]["utc"] == "2024-03-16T09:00:00Z"
    assert events[1]["utc"] == "2024-03-04T08:05:00Z"
    same = [one for one in events if one["text"] == "answer me"]
    assert len({one["event"] for one in same}) == 3


def test_days_are_those_of_the_clock_on_the_wall(road: Road) -> None:
    night = road.json("timeline", "case", "--from", "2024-03-15", "--to", "2024-03-15")["events"]
    assert [one["at"] for one in night] == ["2024-03-15T02:10:00"]
    before = road.json("timeline", "case", "--from", "2024-03-14", "--to", "2024-03-14")["events"]
    assert len(before) == 3


def test_adding_the_same_again_adds_nothing(road: Road) -> None:
    before = road.json("timeline", "case")["total"]
    added = road.json("add", "case", "WhatsApp Chat with Alex.txt")
    assert added["files"][0]["outcome"] == "known"
    assert road.json("timeline", "case")["total"] == before


def test_nothing_a_message_holds_reaches_the_terminal_as_a_control(road: Road) -> None:
    for words in (["timeline", "case"], ["people", "case"], ["findings", "case"]):
        _code, out, err = road.run(*words)
        assert not [c for c in out + err if ord(c) < 32 and c != "\n"]
        assert "\u202e" not in out + err
    assert "[U+202E]evil[U+001B][31m" in road.run("timeline", "case")[1]


def test_a_request_to_stop_is_counted_from(road: Road) -> None:
    events = road.json("timeline", "case", "--search", "do not write")["events"]
    code, _out, err = road.run("people", "case", "stop", "Alex", "--event", events[0]["event"])
    assert code == 0, err
    found = road.json("findings", "case")["findings"]
    (after,) = [one for one in found if one["finding"]["detector"] == "after_stop"]
    assert after["finding"]["numbers"]["incoming"] == 5
    code, out, _err = road.run("findings", "case", "--confirm", after["finding"]["id"])
    assert code == 0
    assert "(confirmed)" in out


def test_incidents_and_notes_are_entries(road: Road) -> None:
    entry = road.json("incident", "case", "He stood outside.", "--at", "2024-03-17 18:00")
    assert entry["incidents"][-1]["when"] == "2024-03-17T18:00:00"
    assert road.json("note", "case", "for myself")["notes"][-1]["private"] is True
    shown = road.json("timeline", "case", "--kind", "incident")["events"]
    assert [one["text"] for one in shown] == ["He stood outside."]


def test_a_bundle_is_verified_and_a_changed_byte_is_found(road: Road) -> None:
    made = road.json("bundle", "case", "-o", "bundle.zip")
    assert made["events"] == 8
    code, out, _err = road.run("verify", "bundle.zip")
    assert code == 0
    assert made["fingerprint"] in out
    data = bytearray((road.folder / "bundle.zip").read_bytes())
    at = data.rfind(b"I will wait.")
    data[at] ^= 1
    (road.folder / "changed.zip").write_bytes(data)
    code, out, _err = road.run("verify", "changed.zip")
    assert code == 5
    assert "0002__letter.eml" in out
    code, out, _err = road.run("verify", "case", "--against", "bundle.zip")
    assert code == 0


def test_the_dossier_is_a_pdf_in_german_too(road: Road) -> None:
    made = road.json("dossier", "case", "-o", "akte.pdf", "--lang", "de")
    assert (road.folder / "akte.pdf").read_bytes().startswith(b"%PDF")
    assert "PDF/A-3" in made["standard"]
    assert road.run("dossier", "case", "-o", "akte.pdf")[0] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["timeline", "case", "--from", "yesterday"], 2),
        (["people", "case", "other", "Alex", "no-colon"], 2),
        (["people", "case", "third", "Alex", "sms:1"], 2),
        (["questions", "case", "answer", "9.me", "x"], 2),
        (["findings", "case", "--confirm", "none:0"], 2),
        (["add", "case", "not-there.txt"], 3),
        (["read", "not-there.txt"], 3),
        (["verify", "not-there.zip"], 3),
        (["timeline", "no-case"], 1),
        (["new", "case"], 2),
        (["new", "fresh", "--zone", "Middle/Earth"], 2),
        (["keys", "case", "recipient", "age1nonsense"], 2),
    ],
)
def test_every_mistake_has_its_code_and_a_sentence(road: Road, words: list[str], code: int) -> None:
    found, _out, err = road.run(*words)
    assert found == code, err
    assert "Traceback" not in err
    assert err.strip().endswith((".", "…", ")")) or "→" in err


def test_a_wrong_passphrase_is_code_4(road: Road) -> None:
    code, out, err = road.run("timeline", "case", passphrase="guess")
    assert (code, out) == (4, "")
    assert "does not open the case" in err


def test_damage_is_code_5_and_names_what_is_affected(road: Road, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", road.folder / "case", copy], check=True)
    blob = max((copy / "blobs").rglob("*"), key=lambda path: path.is_file() and path.stat().st_size)
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    code, out, _err = Road(tmp_path).run("verify", "copy")
    assert code == 5
    assert "WhatsApp Chat with Alex.txt" in out
    assert Road(tmp_path).run("timeline", "copy")[0] == 0


def test_the_passphrase_can_be_changed_and_the_old_one_no_longer_opens(tmp_path: Path) -> None:
    walk = Road(tmp_path)
    made = walk.json("new", "case")
    read, write = os.pipe()
    os.write(write, b"another one\n")
    os.close(write)
    first_read, first_write = os.pipe()
    os.write(first_write, PHRASE.encode())
    os.close(first_write)
    subprocess.run(
        [sys.executable, "-m", "standfast", "keys", "case", "passphrase",
         "--passphrase-fd", str(first_read), "--new-passphrase-fd", str(read)],
        cwd=tmp_path, pass_fds=[read, first_read], check=True, capture_output=True,
    )  # fmt: skip
    os.close(read)
    os.close(first_read)
    assert walk.run("timeline", "case")[0] == 4
    assert walk.run("timeline", "case", passphrase="another one")[0] == 0
    assert walk.run("timeline", "case", "--recovery", passphrase=made["recovery_code"])[0] == 0

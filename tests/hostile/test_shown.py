# SPDX-License-Identifier: Apache-2.0
"""What untrusted names, texts and senders become on a terminal, in JSON, in the PDF and bundle."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from standfast.cli.output import harmless, print_json, say, tell, visible
from standfast.desk.case import Desk, new_case
from standfast.dossier.verifier import verify
from standfast.dossier.zipping import is_safe
from standfast.model.people import Role
from standfast.vault.opening import Unlock
from vault_case import FLOOR, PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TO_TEXT = shutil.which("pdftotext")
MARKS = (
    "\x1b[31m\x1b]0;title\x07", "\u202egnp.exe", "\u2066hidden\u2069", "\u200b\u200e\u200f\u2060",
    "\x00\x08\x7f", "\u0085\u009b31m", "\ufeff", "\u2028next\u2029", "\u061c\u180e", "\ue000",
    "\U000e0041\U000e007f", "\u034f\u3164\u115f", "a\u200d\u200db", "\u00ad",
)  # fmt: skip
NASTY = "".join(MARKS)
FORMULA = '=HYPERLINK("http://example.org";"x")'
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
HEART = "\u2764\ufe0f"
NAME = NASTY.replace("\x00", "").replace("\x1b]0;title\x07", "")
SENDER = "Alex" + NAME.replace("\u2028", "").replace("\u2029", "").replace("\u0085", "")


def chat() -> bytes:
    lines = [f"14/03/2024, 23:{at:02} - {SENDER}: answer {NASTY} me {at}" for at in range(40)]
    lines += [
        f"14/03/2024, 23:5{at} - Mira{NAME[:4]}: {FORMULA} {FAMILY} {HEART}" for at in range(5)
    ]
    lines += ["15/03/2024, 10:00 - Mira: please stop"]
    return "\n".join(lines).encode()


LETTER = f"""\
From: "{NASTY[6:]}" <alex@example.org>
To: mira@example.net
Subject: {NASTY[6:]} {FORMULA}
Date: Sat, 16 Mar 2024 10:00:00 +0100
Message-ID: <{NASTY[20:]}@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{NASTY} {FORMULA}
--b
Content-Type: application/pdf; name="{NASTY[6:]}.pdf"
Content-Disposition: attachment

x
--b--
""".encode()


@dataclass
class Nasty:
    """A case full of strings that move, turn and hide, made once."""

    folder: Path
    case: Path

    def run(self, *words: str | bytes) -> tuple[int, bytes, bytes]:
        read, write = os.pipe()
        os.write(write, PASSPHRASE.encode() + b"\n")
        os.close(write)
        opens = [] if words[0] in {"read", "formats"} else ["--passphrase-fd", str(read)]
        done = subprocess.run(
            [sys.executable, "-m", "standfast", *words, *opens],
            cwd=self.folder,
            capture_output=True,
            pass_fds=[read],
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        os.close(read)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Nasty:
    folder = tmp_path_factory.mktemp("nasty")
    given = folder / "given"
    given.mkdir()
    (given / f"WhatsApp Chat with {NAME[:40]}.txt").write_bytes(chat())
    (given / f"{NAME[:30]}.eml").write_bytes(LETTER)
    (given / os.fsdecode(b"\xff\xfe\x1b[2J.bin")).write_bytes(b"unknown")
    (given / "-rf\n.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (given / "link\x1b[1m").symlink_to("nowhere")
    with zipfile.ZipFile(given / "a.zip", "w") as archive:
        archive.writestr(f"../{NAME[:40]}/WhatsApp Chat with {NAME[10:40]}.txt", chat())
        archive.writestr(f"{NAME[:40]}.bin", b"unknown")
    case = folder / "case"
    new_case(case, PASSPHRASE, title=NASTY, zone="Europe/Berlin", work=FLOOR)
    with Desk.open_case(case, Unlock(PASSPHRASE), write=True) as desk:
        desk.add([given])
        desk.link("me", Role.ME, "whatsapp", "Mira")
        desk.link(f"Alex{NASTY}", Role.OTHER, "whatsapp", SENDER)
        desk.link(f"Alex{NASTY}", Role.OTHER, "mail", "alex@example.org")
        desk.incident(NASTY, "2024-03-20 10:00", place=NASTY, witnesses=NASTY)
        desk.note(NASTY, private=False)
        desk.stop_request(f"Alex{NASTY}", when="2024-03-15 10:00", words=NASTY)
        desk.block(f"Alex{NASTY}", "whatsapp", SENDER, "2024-03-16 10:00")
    return Nasty(folder, case)


def harms(text: str) -> Iterator[str]:
    """Give every character that moves, turns or hides something; joiners within emoji do not."""
    plain = text.replace(FAMILY, "").replace(HEART, "")
    for character in plain:
        category = unicodedata.category(character)
        if character != "\n" and category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}:
            yield f"U+{ord(character):04X}"


WORDS: tuple[tuple[str, ...], ...] = (
    ("add", "case", "given"),
    ("read", "given"),
    ("read", "given", "--zone", "Europe/Berlin", "--date-order", "dmy"),
    ("timeline", "case", "--limit", "-1"),
    ("timeline", "case", "--search", NASTY[1:]),
    ("people", "case"),
    ("questions", "case"),
    ("questions", "case", "answer", NASTY[1:].replace("\x00", ""), "x"),
    ("findings", "case"),
    ("findings", "case", "--confirm", NASTY.replace("\x00", "")),
    ("verify", "case"),
    ("note", "case"),
    ("incident", "case"),
    ("formats",),
    ("read", f"no such {NAME}"),
    ("read", "given", "--as", NAME),
    ("read", "given", f"--{NAME}"),
    ("timeline", "case", "--from", NAME),
    ("people", "case", NAME, NAME, NAME),
    ("verify", f"{NAME}.zip"),
    (NAME,),
    ("erase", "case", NAME),
    ("people", f"no{NAME}case"),
)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: ascii(" ".join(words))[:60])
def test_no_byte_on_a_terminal_moves_turns_or_hides_anything(
    nasty: Nasty, words: tuple[str, ...]
) -> None:
    code, out, err = nasty.run(*(word.replace("\x00", "") for word in words))
    assert code in {0, 1, 2, 3, 4}
    assert b"our fault" not in err, err.decode("utf-8", "replace")[-2000:]
    assert list(harms(out.decode())) == []
    assert list(harms(err.decode())) == []
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [("add", "case", "given"), ("read", "given"), ("timeline", "case", "--limit", "-1"),
     ("people", "case"), ("questions", "case"), ("findings", "case"), ("verify", "case"),
     ("note", "case"), ("incident", "case"), ("formats",)],
    ids=lambda words: words[0],
)  # fmt: skip
def test_json_is_one_object_with_every_character_as_it_was(
    nasty: Nasty, words: tuple[str, ...]
) -> None:
    _code, out, err = nasty.run(*words, "--json")
    found = json.loads(out)
    assert found["schema"] == 1, err
    bidi = {"\u202e", "\u2066", "\u200b", "\u0085", "\u009b", "\u2028", "\u00ad", "\x7f"}
    assert not bidi & set(out.decode())
    if words[0] in {"timeline", "read"}:
        texts = {event["text"] for event in found["events"]}
        assert any(FORMULA in text and FAMILY in text for text in texts)
        kept = NASTY.replace("\x00", "")
        assert any(kept in text.replace("\x00", "") for text in texts)


@pytest.mark.skipif(TO_TEXT is None, reason="pdftotext is not installed")
def test_the_dossier_spells_them_and_the_bundle_carries_safe_names(nasty: Nasty) -> None:
    with Desk.open_case(nasty.case, Unlock(PASSPHRASE), write=True) as desk:
        made = desk.make_dossier(nasty.folder / "out.pdf")
        assert made.events
        bundle = nasty.folder / "out.zip"
        desk.make_bundle(bundle)
    verdict = verify.check_bundle(str(bundle))
    assert verdict.exit_code == 0
    with zipfile.ZipFile(bundle) as opened:
        names = opened.namelist()
        assert all(is_safe(name) for name in names), names
        contents = json.loads(opened.read("bundle/data/contents.json"))
    assert contents
    shown = pdf_text(nasty.folder / "out.pdf")
    joined = shown.replace("\n", "").replace("\u200b", "").replace(" ", "")
    for spelled in ("[U+202E]", "[U+001B]"):
        assert spelled in joined, spelled
    assert not {"\u202e", "\u2066", "\x1b", "\u2028", "\x07"} & set(shown)
    code, out, err = nasty.run("verify", "out.zip")
    assert code == 0
    assert list(harms(out.decode() + err.decode())) == []


def pdf_text(path: Path) -> str:
    """Take the words out of a PDF by way of its own character maps."""
    assert TO_TEXT is not None
    done = subprocess.run([TO_TEXT, "-enc", "UTF-8", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().replace("\f", "\n")


def test_a_dossier_is_a_whole_pdf(nasty: Nasty) -> None:
    path = nasty.folder / "whole.pdf"
    with Desk.open_case(nasty.case, Unlock(PASSPHRASE), write=True) as desk:
        desk.make_dossier(path)
    with pikepdf.open(path) as document:
        assert len(document.pages) > 1
        assert "/JavaScript" not in str(document.Root.get("/Names", ""))
        assert "/OpenAction" not in document.Root


def test_emoji_stay_whole_and_joiners_elsewhere_are_spelled() -> None:
    rainbow = "\U0001f3f3\ufe0f\u200d\U0001f308"
    worker = "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"
    for emoji in (FAMILY, HEART, rainbow, worker, "1\ufe0f\u20e3", "\u2194\ufe0f", "\u203c\ufe0f"):
        assert harmless(emoji) == emoji
    assert harmless("a\u200db") == "a[U+200D]b"
    assert harmless("\u200d") == "[U+200D]"
    assert harmless("\U0001f469\u200d") == "\U0001f469[U+200D]"
    assert harmless("\U0001f469\u200dx") == "\U0001f469[U+200D]x"
    assert harmless("^\u200d`") == "^[U+200D]`"
    assert harmless("\ufe0f") == "[U+FE0F]"
    assert harmless("a\ufe0f") == "a[U+FE0F]"
    assert harmless("-\ufe0f") == "-[U+FE0F]"
    assert harmless("a\nb") == "a\nb"
    assert visible("a\nb\r\nc") == "a ⏎ b ⏎ c"
    assert visible("abc", most=2) == "ab… (+1)"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8", "cp1252"])
def test_a_terminal_without_a_character_is_shown_its_number(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, stream)
    say("\u4f60 → \tx\x1b")
    tell("\u4f60")
    stream.flush()
    shown = raw.getvalue().decode(encoding)
    assert ("\u4f60" in shown) == (encoding == "utf-8")
    assert "[U+001B]" in shown
    assert "\t" not in shown


def test_json_escapes_what_a_terminal_obeys(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    value: dict[str, Any] = {"text": NASTY + "\udcff" + FAMILY}
    print_json(value)
    out = capsysbinary.readouterr().out
    assert json.loads(out) == {"schema": 1, **value}
    assert list(harms(out.decode().replace("\ue000", ""))) == []

# SPDX-License-Identifier: Apache-2.0
"""Small fictional cases on the desk, through real sources, a real vault and real verifiers."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pikepdf

from standfast.desk import Desk, new_case
from standfast.dossier.verifier import verify
from standfast.model.people import Role
from standfast.vault.keys import Work
from standfast.vault.opening import Unlock

if TYPE_CHECKING:
    from pathlib import Path

TO_TEXT = shutil.which("pdftotext")
PHRASE = "several quiet words"
FLOOR = Work(64 * 1024, 3, 4)
"""The least work that is accepted, so that tests are quick."""

CHAT = """\
14/03/2024, 09:05 - Messages and calls are end-to-end encrypted.
14/03/2024, 09:05 - Alex: are you there
14/03/2024, 09:06 - Mira: please do not write to me any more
15/03/2024, 23:40 - Alex: answer me
15/03/2024, 23:41 - Alex: answer me
16/03/2024, 00:30 - Alex: I can wait
17/03/2024, 02:10 - Alex: I know you read this
"""
LETTER = b"""\
From: Alex <alex@example.org>
To: mira@example.net
Subject: please
Date: Sat, 16 Mar 2024 10:00:00 +0100
Message-ID: <1@example.org>

I will wait for you.
"""


def open_desk(folder: Path, *, write: bool = True) -> Desk:
    """Open the case there."""
    return Desk.open_case(folder, Unlock(PHRASE), write=write)


def make(folder: Path, *, zone: str = "Europe/Berlin", title: str = "Mira") -> Desk:
    """Make an empty case and open it."""
    new_case(folder, PHRASE, title=title, zone=zone, work=FLOOR)
    return open_desk(folder)


def put(folder: Path, name: str, text: str | bytes) -> Path:
    """Write a file to be added."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def told_case(folder: Path) -> Desk:
    """Make a case with a chat and a letter, whose people are named."""
    desk = make(folder / "case")
    desk.add([put(folder, "chat.txt", CHAT), put(folder, "letter.eml", LETTER)])
    desk.link("me", Role.ME, "whatsapp", "Mira")
    desk.link("me", Role.ME, "mail", "mira@example.net")
    desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
    desk.link("Alex", Role.OTHER, "mail", "alex@example.org")
    return desk


def found(path: Path) -> dict[str, Any]:
    """Ask the verifier."""
    answer: dict[str, Any] = verify.check_bundle(path).as_json()
    return answer


def whole_text(path: Path) -> bytes:
    """Give everything that can be read in a bundle: every file, entries and PDF texts unpacked."""
    texts = [path.read_bytes()]
    with zipfile.ZipFile(path) as bundle:
        for name in bundle.namelist():
            data = bundle.read(name)
            texts.append(data)
            if name.endswith("proofs.json"):
                texts += [
                    base64.b64decode(raw) for _n, raw in json.loads(data)["ledger"]["entries"]
                ]
            if name.endswith(".pdf"):
                texts.append(pdf_text(data).encode())
    return b"\n".join(texts)


def pdf_text(data: bytes) -> str:
    """Read the words of a PDF in one line; without ``pdftotext``, unpack its streams at least."""
    if TO_TEXT is None:
        with pikepdf.open(BytesIO(data)) as pdf:
            streams = [one for one in pdf.objects if isinstance(one, pikepdf.Stream)]
            return " ".join(one.read_bytes().decode("latin-1") for one in streams)
    done = subprocess.run([TO_TEXT, "-", "-"], input=data, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def names_in(path: Path) -> list[str]:
    """Give the places of the files in a bundle."""
    with zipfile.ZipFile(path) as bundle:
        return bundle.namelist()


def entries_in(path: Path) -> list[dict[str, Any]]:
    """Give the ledger entries that a bundle discloses."""
    with zipfile.ZipFile(path) as bundle:
        proofs = json.loads(bundle.read("bundle/proof/proofs.json"))
    return [json.loads(base64.b64decode(raw)) for _number, raw in proofs["ledger"]["entries"]]


def everything_on_disk(folder: Path) -> bytes:
    """Give all bytes below a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

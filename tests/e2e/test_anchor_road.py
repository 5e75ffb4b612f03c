# SPDX-License-Identifier: Apache-2.0
"""Anchors from the question to the bundle, with real authorities on loopback."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from desk_case import PHRASE, entries_in, found, names_in, open_desk, pdf_text, told_case
from script_verifier import ScriptVerifier, ask
from standfast.desk import dossier as dossiers
from standfast.desk.anchoring import describe, queued, send_queued
from standfast.errors import Damaged, WrongUsage
from standfast.net import Consent, NotAgreed
from standfast.vault.note import read_note
from tsa import Handler, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk
    from tsa import Authority

NOBODY = "http://127.0.0.1:9/tsr"
"""The port where nothing listens."""
MISBEHAVING = ("rejected", "html", "wrong_nonce", "wrong_imprint", "wrong_usage", "expired",
               "bare_token", "no_certificate")  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder).close()
    return folder


@pytest.fixture
def place(prepared: Path, tmp_path: Path) -> Path:
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def desk(place: Path) -> Iterator[Desk]:
    with open_desk(place / "case") as opened:
        yield opened


def run(place: Path, *words: str, typed: str = "") -> tuple[int, str, str]:
    read, write = os.pipe()
    os.write(write, PHRASE.encode() + b"\n")
    os.close(write)
    done = subprocess.run(
        [sys.executable, "-m", "standfast", *words, "--passphrase-fd", str(read)],
        cwd=place, capture_output=True, pass_fds=[read], check=False, input=typed, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    os.close(read)
    return done.returncode, done.stdout, done.stderr


def agreed(url: str) -> Consent:
    request = describe(url)
    return Consent(purpose=request.purpose, host=request.host)


def states(desk: Desk) -> list[str]:
    return [one["state"] for one in desk.state.anchors]


# -- asking first ----------------------------------------------------------------------------


def test_nothing_is_sent_before_somebody_agrees(place: Path, authority: Authority) -> None:
    with authority.serve() as url:
        asked = len(authority.asked)
        for typed in ("", "n\n"):
            code, out, err = run(place, "anchor", "case", "--tsa", url, typed=typed)
            assert code == 130
            assert out == ""
            assert "fingerprint of 32 bytes" in err
            assert "Who could notice" in err
        assert len(authority.asked) == asked
        with open_desk(place / "case") as desk:
            with pytest.raises(NotAgreed):
                desk.anchor(url, agreed("http://127.0.0.1:1/tsr"))
            assert states(desk) == []
        code, out, _err = run(place, "anchor", "case", "--tsa", url, typed="y\n")
        assert code == 0
        assert "existed before" in out
        assert len(authority.asked) == asked + 1


def test_two_authorities_are_asked_stored_told_and_handed_over(
    place: Path, authority: Authority, second_authority: Authority
) -> None:
    with authority.serve() as one, second_authority.serve() as two:
        words = ("anchor", "case", "--tsa", one, "--tsa", two, "--yes", "--json")
        code, out, err = run(place, *words)
    assert code == 0, err
    reports = json.loads(out)["anchors"]
    assert [one["state"] for one in reports] == ["stamped", "stamped"]
    assert reports[0]["root_fingerprint"] != reports[1]["root_fingerprint"]
    with open_desk(place / "case") as desk:
        for anchor in desk.state.anchors:
            assert {name.rpartition(".")[2] for name in anchor["files"]} == {
                "note", "tsq", "tsr", "pem",
            }  # fmt: skip
            for name, digest in anchor["files"].items():
                data = (place / "case" / "checkpoints" / name).read_bytes()
                assert sha256(data).hexdigest() == digest
        assert desk.verify().whole
        desk.make_bundle(place / "b.zip")
    answer = found(place / "b.zip")
    assert (answer["verdict"], answer["timestamp"]["state"]) == ("genuine", "stated")
    stamps = answer["timestamp"]["stamps"]
    assert {stamp["root"] for stamp in stamps} == {one["root_fingerprint"] for one in reports}
    with ScriptVerifier(place) as script:
        assert ask(script, (place / "b.zip").read_bytes())["timestamp"]["state"] == "stated"
    with zipfile.ZipFile(place / "b.zip") as bundle:
        text = pdf_text(bundle.read("bundle/data/dossier.pdf"))
    assert "existed before" in text
    assert "not timestamped" not in text.split("How to check")[0]


def test_openssl_checks_the_files_of_a_bundle_by_the_command_of_its_first_page(
    place: Path, desk: Desk, authority: Authority, second_authority: Authority
) -> None:
    for server in (authority, second_authority):
        with server.serve() as url:
            assert desk.anchor(url, agreed(url)).state == "stamped"
    desk.make_bundle(place / "b.zip")
    with zipfile.ZipFile(place / "b.zip") as bundle:
        bundle.extractall(place / "unpacked")
    inside = place / "unpacked" / "bundle"
    page = (inside / "READ-ME-FIRST.txt").read_text(encoding="utf-8")
    command = re.search(r"openssl ts -verify.*?-attime [^\n]*", page, re.DOTALL)
    assert command
    for anchor in desk.state.anchors:
        stem = next(name for name in anchor["files"] if name.endswith(".tsr")).removesuffix(".tsr")
        said = subprocess.run(
            ["openssl", "ts", "-reply", "-in", f"{stem}.tsr", "-text"],
            cwd=inside / "proof" / "anchors", capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        stated = re.search(r"Time stamp: (.*)", said)
        assert stated
        words = command[0].replace("NAME", stem).replace("NUMBER", stem[:12])
        words = words.replace("TIMESTAMP", stated[1])
        where = inside / "proof" / "anchors"
        assert _accepted(words, where)
        other = next(
            name for name in sorted(where.glob("*.note")) if not stem.startswith(name.stem)
        )
        assert not _accepted(words.replace(f"{stem[:12]}.note", other.name), where)


def _accepted(words: str, folder: Path) -> bool:
    done = subprocess.run(["sh", "-c", words], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


# -- waiting ---------------------------------------------------------------------------------


def test_offline_it_waits_in_sight_and_later_stamps_the_head_of_that_day(
    place: Path, authority: Authority
) -> None:
    with authority.serve() as url:
        pass  # the authority is gone again
    code, out, _err = run(place, "anchor", "case", "--tsa", url, "--yes")
    assert code == 0
    assert "Waiting" in out
    with open_desk(place / "case") as desk:
        (waiting,) = queued(desk)
        old = waiting["size"]
        desk.incident("Something later.", "")
        assert [one.state for one in dossiers.fill(desk, dossiers.Range()).anchors] == ["queued"]
        desk.make_bundle(place / "before.zip")
    assert found(place / "before.zip")["timestamp"]["state"] == "none"
    code, out, _err = run(place, "verify", "case")
    assert code == 0
    assert "waiting" in out.lower()
    port = url.rsplit(":", 1)[1].split("/")[0]
    with served_at(authority, int(port)):
        code, out, err = run(place, "anchor", "case", "--send", "--yes")
    assert code == 0, err
    assert f"first {old} entries existed before" in out
    with open_desk(place / "case") as desk:
        assert queued(desk) == ()
        assert [one.state for one in dossiers.fill(desk, dossiers.Range()).anchors] == ["verified"]
        note = next(name for name in desk.state.anchors[-1]["files"] if name.endswith(".note"))
        data = (place / "case" / "checkpoints" / note).read_bytes()
        assert read_note(data, desk.vault.case_id, desk.vault.keys.public).size == old
        desk.make_bundle(place / "after.zip")
    (stamp,) = found(place / "after.zip")["timestamp"]["stamps"]
    assert stamp["covered"] == old
    assert "waiting" not in run(place, "verify", "case")[1].lower()
    assert "Nothing is waiting" in run(place, "anchor", "case", "--send", "--yes")[1]


@contextmanager
def served_at(authority: Authority, port: int) -> Iterator[None]:
    """Serve on the very port that was asked for before."""
    server = Server(("127.0.0.1", port), Handler)
    server.authority, server.behaviour, server.stopped = authority, "good", threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_asking_again_in_vain_does_not_make_it_wait_twice(desk: Desk) -> None:
    assert desk.anchor(NOBODY, agreed(NOBODY)).state == "queued"
    before = len(desk.vault.entries)
    for _again in range(3):
        (report,) = send_queued(desk, agreed(NOBODY))
        assert report.state == "queued"
        assert report.trouble
    assert len(queued(desk)) == 1
    assert len(desk.vault.entries) == before
    with pytest.raises(WrongUsage):
        send_queued(desk, agreed("http://127.0.0.1:10/tsr"))


def test_a_waiting_request_that_was_changed_on_the_disk_is_not_sent(
    place: Path, desk: Desk, authority: Authority
) -> None:
    with authority.serve() as url:
        desk.anchor(url, None)
        (query,) = (place / "case" / "checkpoints").glob("*.tsq")
        flip(query)
        asked = len(authority.asked)
        with pytest.raises(Damaged):
            send_queued(desk, agreed(url))
        assert len(authority.asked) == asked


# -- an authority that misbehaves ------------------------------------------------------------


@pytest.mark.parametrize("behaviour", MISBEHAVING)
def test_an_answer_that_proves_nothing_leaves_no_stamp(
    desk: Desk, authority: Authority, behaviour: str
) -> None:
    before = desk.vault.head_note()
    with authority.serve(behaviour) as url:
        report = desk.anchor(url, agreed(url))
        assert report.state == "refused"
        assert report.trouble
        assert desk.vault.head_note() == before
        desk.anchor(url, None)
        (report,) = send_queued(desk, agreed(url))
    assert report.state == "refused"
    assert states(desk) == ["queued"]
    assert len(queued(desk)) == 1


@pytest.mark.parametrize("behaviour", ["redirect", "error", "huge"])
def test_an_answer_of_no_use_leaves_the_request_waiting(
    desk: Desk, authority: Authority, behaviour: str
) -> None:
    with authority.serve(behaviour) as url:
        assert desk.anchor(url, agreed(url)).state == "queued"
    assert states(desk) == ["queued"]


def test_the_second_authority_is_asked_though_the_first_misbehaves(
    place: Path, authority: Authority, second_authority: Authority
) -> None:
    with authority.serve("wrong_nonce") as bad, second_authority.serve() as good:
        words = ("anchor", "case", "--tsa", bad, "--tsa", good, "--yes")
        code, out, _err = run(place, *words)
    assert code == 3
    assert "answers another question" in out
    assert "existed before" in out
    with open_desk(place / "case", write=False) as desk:
        assert states(desk) == ["stamped"]


# -- a stored stamp that was changed ---------------------------------------------------------


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_changed_stamp_is_found_and_does_not_spoil_a_bundle(
    place: Path, desk: Desk, authority: Authority
) -> None:
    with authority.serve() as url:
        desk.anchor(url, agreed(url))
        desk.anchor(url, agreed(url))
    first = min((place / "case" / "checkpoints").glob("*.tsr"))
    flip(first)
    (problem,) = desk.verify().problems
    assert (problem.code, problem.what) == ("anchor_damaged", f"checkpoints/{first.name}")
    desk.make_bundle(place / "b.zip")
    answer = found(place / "b.zip")
    assert answer["reasons"] == []
    assert len(answer["timestamp"]["stamps"]) == 1
    assert not any(first.name in name for name in names_in(place / "b.zip"))
    shown = [one for one in entries_in(place / "b.zip") if one["type"] == "anchor"]
    assert len(shown) == 1
    desk.close()
    code, out, _err = run(place, "verify", "case")
    assert code == 5
    assert first.name in out


def test_the_moment_a_stamp_states_is_kept_in_utc(desk: Desk, authority: Authority) -> None:
    with authority.serve() as url:
        report = desk.anchor(url, agreed(url))
    moment = datetime.fromisoformat(report.time)
    assert moment.utcoffset() is not None
    assert moment.utcoffset().total_seconds() == 0  # type: ignore[union-attr]  # seen just above

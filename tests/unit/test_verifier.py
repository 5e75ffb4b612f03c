# SPDX-License-Identifier: Apache-2.0
"""What is genuine, what is kept back, what both verifiers read alike, and the program."""

from __future__ import annotations

import ast
import base64
import json
import re
import subprocess
import sys
import zipfile
from hashlib import sha256
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bundle_case import BundleCase, compact, files_of, make_case, relisted, stamped_bundle, zipped
from bundle_edits import (
    CONTENTS,
    HEAD,
    MANIFEST,
    PROOFS,
    raw_zip,
)
from script_verifier import ScriptVerifier, ask
from standfast.dossier.verifier import verify
from standfast.dossier.verifier.verify import check_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsa import Authority


ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptVerifier]:
    with ScriptVerifier(tmp_path_factory.mktemp("script")) as running:
        yield running


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> bytes:
    return stamped_bundle(tmp_path_factory.mktemp("good"), authority, second_authority)


# -- genuine -----------------------------------------------------------------------------------


def test_a_whole_bundle_is_genuine_and_timestamped(script: ScriptVerifier, good: bytes) -> None:
    answer = ask(script, good)
    assert (answer["verdict"], answer["reasons"]) == ("genuine", [])
    assert answer["timestamp"]["state"] == "stated"
    stamps = answer["timestamp"]["stamps"]
    assert [(stamp["covered"], stamp["size"]) for stamp in stamps] == [(6, 10), (8, 10)]
    assert stamps[1]["authority"].endswith("unit Two, Example Time")
    assert answer["counts"]["events"] == answer["counts"]["events_all"] == 6


def test_large_files_are_read_piece_by_piece_with_the_same_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, good: bytes
) -> None:
    monkeypatch.setattr(verify, "CHUNK", 777)
    with ScriptVerifier(tmp_path, small_steps=True) as script:
        assert ask(script, good)["verdict"] == "genuine"
        for at in range(50, len(good), 1_999):
            altered = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
            assert ask(script, altered)["verdict"] == "altered"


def test_a_bundle_without_anchors_is_genuine_and_not_timestamped(script: ScriptVerifier) -> None:
    answer = ask(script, make_case().write(short=True))
    assert answer["verdict"] == "genuine"
    assert answer["timestamp"] == {"state": "none", "stamps": []}


def test_what_is_kept_back_is_counted(script: ScriptVerifier) -> None:
    case = make_case(events=40)
    digests = list(case.originals)
    data = case.write(keep_back=[digests[1]], shown=[0, 3, 4, 39], hide=[4, 5], short=True)
    answer = ask(script, data)
    assert answer["verdict"] == "genuine_partial"
    assert answer["counts"] == {
        "items": 1,
        "items_all": 2,
        "erased": 0,
        "events": 4,
        "events_all": 40,
        "entries": 5,
        "entries_all": 7,
        "withheld": {"note": 1, "person": 1},
        "partial": True,
    }


@pytest.mark.parametrize("which", [0, 1])
def test_an_erased_original_stays_visible_as_erased(script: ScriptVerifier, which: int) -> None:
    case = make_case()
    case.erase(list(case.originals)[which])
    answer = ask(script, case.write(short=True))
    assert answer["verdict"] == "genuine_partial"
    assert (answer["counts"]["items"], answer["counts"]["erased"]) == (1, 1)


def test_everything_may_be_kept_back(script: ScriptVerifier) -> None:
    case = make_case()
    data = case.write(keep_back=list(case.originals), hide=[1, 2, 3, 4, 5], short=True)
    files = files_of(data)
    contents = json.loads(files[CONTENTS])
    contents["items"] = []
    answer = ask(script, zipped(resealed_partly(case, files, {CONTENTS: compact(contents)})))
    assert answer["verdict"] == "genuine_partial"
    assert answer["counts"]["entries"] == 2


def resealed_partly(
    case: BundleCase, files: dict[str, bytes], changes: dict[str, bytes]
) -> dict[str, bytes]:
    """Seal anew a bundle that hides entries: the test's own ledger still has them."""
    fixed = relisted({**files, **changes})
    last = json.loads(case.ledger.entries[-1])
    last["body"]["manifest"] = sha256(fixed[MANIFEST]).hexdigest()
    case.ledger.entries[-1] = compact(last)
    proofs = json.loads(fixed[PROOFS])
    shown = [index for index, _ in proofs["ledger"]["entries"]]
    proofs["ledger"] = {
        "size": len(case.ledger.entries),
        "entries": [[i, base64.b64encode(case.ledger.entries[i]).decode()] for i in shown],
        "hashes": [found.hex() for found in case.ledger.tree.prove(shown)],
    }
    fixed |= {PROOFS: compact(proofs), HEAD: case.ledger.note()}
    return relisted(fixed)


def test_a_reading_without_shown_events_needs_no_file(script: ScriptVerifier) -> None:
    answer = ask(script, make_case().write(shown=[], short=True))
    assert answer["verdict"] == "genuine_partial"
    assert (answer["counts"]["events"], answer["counts"]["events_all"]) == (0, 6)


# -- the program -----------------------------------------------------------------------------------


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    place = resources.files("standfast.dossier.verifier") / "verify.py"
    command = [sys.executable, "-I", "-W", "error", str(place), *arguments]
    return subprocess.run(command, capture_output=True, check=False, cwd=cwd, timeout=60)


def test_the_program_answers_by_its_exit_code(tmp_path: Path, good: bytes) -> None:
    (tmp_path / "good.zip").write_bytes(good)
    (tmp_path / "bad.zip").write_bytes(good[:-100] + b"x" + good[-99:])
    (tmp_path / "text.zip").write_bytes(b"hello")
    assert run("good.zip", cwd=tmp_path).returncode == 0
    assert run("bad.zip", cwd=tmp_path).returncode == 5
    assert run("text.zip", cwd=tmp_path).returncode == 6
    assert run("none.zip", cwd=tmp_path).returncode == 2
    assert run(cwd=tmp_path).returncode == 2
    answer = json.loads(run("--json", "good.zip", cwd=tmp_path).stdout)
    assert answer == check_bundle(BytesIO(good)).as_json()
    assert run("--lang", "de", "good.zip", cwd=tmp_path).stdout.startswith(b"ECHT.")


def test_an_unpacked_bundle_is_checked_too(tmp_path: Path, good: bytes) -> None:
    with zipfile.ZipFile(BytesIO(good)) as found:
        found.extractall(tmp_path)
    for place in (tmp_path, tmp_path / "bundle"):
        assert check_bundle(place).verdict == "genuine"
    (tmp_path / "bundle" / "data" / ".DS_Store").write_bytes(b"the system's own")
    assert check_bundle(tmp_path).verdict == "genuine"
    (tmp_path / "bundle" / "data" / ".hidden").write_bytes(b"")
    (tmp_path / "bundle" / "data" / "link").symlink_to("/etc/passwd")
    verdict = check_bundle(tmp_path)
    assert verdict.reasons == [("name_unsafe", "data/.hidden"), ("name_unsafe", "data/link")]


def test_the_program_writes_no_control_characters(tmp_path: Path, good: bytes) -> None:
    entries = [(b"bundle/" + path.encode(), data) for path, data in files_of(good).items()]
    (tmp_path / "evil.zip").write_bytes(raw_zip([*entries, (b"\x1b[2J\xe2\x80\xae", b"")]))
    shown = run("evil.zip", cwd=tmp_path).stdout.decode()
    assert "\\x1b[2J\\xe2" in shown
    assert all(c.isprintable() or c == "\n" for c in shown)


def test_the_program_needs_nothing_newer_than_python_3_8() -> None:
    place = resources.files("standfast.dossier.verifier") / "verify.py"
    tree = ast.parse(place.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {
        alias.name
        for found in ast.walk(tree)
        if isinstance(found, ast.Import)
        for alias in found.names
    }
    assert imported <= set(sys.stdlib_module_names)
    methods = {found.attr for found in ast.walk(tree) if isinstance(found, ast.Attribute)}
    assert not methods & {"removeprefix", "removesuffix", "bit_count", "randbytes", "readinto1"}
    assert not any(isinstance(found, ast.Match) for found in ast.walk(tree))


def test_a_file_that_cannot_be_opened_is_no_verdict_on_it(tmp_path: Path) -> None:
    verdict = check_bundle(tmp_path / "gone.zip")
    assert (verdict.verdict, verdict.reasons) == ("cannot_tell", [("unreadable", "")])
    assert verdict.exit_code == 6


def test_what_is_too_large_to_read_is_no_verdict_on_it(
    monkeypatch: pytest.MonkeyPatch, good: bytes
) -> None:
    monkeypatch.setattr(verify, "MAX_TEXT", 100)
    verdict = check_bundle(BytesIO(good))
    assert verdict.verdict == "cannot_tell"
    assert {code for code, _ in verdict.reasons} == {"too_large"}


@pytest.mark.parametrize("lang", ["en", "de"])
def test_the_answer_in_words_says_what_is_affected_and_what_is_not(good: bytes, lang: str) -> None:
    files = files_of(good)
    part = zipped({**files, "data/dossier.pdf": b"%PDF forged"})
    whole = zipped({**files, PROOFS: b"{}"})
    said = [check_bundle(BytesIO(data)).text(lang) for data in (good, part, whole, b"")]
    assert len(set(said)) == 4
    assert "4 " in said[1]
    assert "data/dossier.pdf" in said[1]
    assert "proof/proofs.json" in said[2]
    assert check_bundle(BytesIO(good)).fingerprint in said[0]
    partial = make_case().write(hide=[4], shown=[1], short=True)
    assert "note 1" in check_bundle(BytesIO(partial)).text(lang)


def test_a_flood_of_reasons_is_cut_in_words_only(good: bytes) -> None:
    files = {**files_of(good), **{f"data/x{number}.txt": b"" for number in range(300)}}
    verdict = check_bundle(BytesIO(zipped(files)))
    assert len(verdict.reasons) == 300
    assert len(verdict.text().splitlines()) < 210


def test_every_reason_has_words_in_both_languages() -> None:
    source = (resources.files("standfast.dossier.verifier") / "verify.py").read_text()
    for english, german in verify.WORDS.values():
        assert english
        assert german
        assert english != german
    for code in ("head_key", "anchor_time", "events_unproven"):
        assert f'"{code}"' in source


def test_every_reason_stands_in_the_reference_and_no_other() -> None:
    page = (ROOT / "docs" / "reference" / "bundle.md").read_text(encoding="utf-8")
    table = page[page.index("| change nothing but") : page.index("How a damaged zip is read")]
    listed = set(re.findall(r"`([a-z_]+)`", table))
    said = set(list(verify.WORDS)[: list(verify.WORDS).index("genuine")])
    assert listed == said

# SPDX-License-Identifier: Apache-2.0
"""Every way a bundle can be edited, one by one: both verifiers must name it alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bundle_case import files_of, relisted, stamped_bundle, zipped
from bundle_edits import (
    CONTENTS,
    EVENTS,
    HEAD,
    MANIFEST,
    PICTURE,
    PROOFS,
    TAGS,
    Edit,
    Reasons,
    adding,
    backwards,
    edited,
    in_json,
    replaced,
    setting,
    without,
)
from script_verifier import ScriptVerifier, ask, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsa import Authority


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptVerifier]:
    with ScriptVerifier(tmp_path_factory.mktemp("script")) as running:
        yield running


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> bytes:
    return stamped_bundle(tmp_path_factory.mktemp("good"), authority, second_authority)


# -- altered, with the manifests put right ---------------------------------------------------------


RAW: dict[str, tuple[Edit, Reasons]] = {
    "a file edited": (
        edited("data/dossier.pdf", bytes.upper),
        {("file_altered", "data/dossier.pdf")},
    ),
    "a file dropped": (without(PICTURE), {("file_missing", PICTURE), ("contents_items", CONTENTS)}),
    "a file added": (adding("data/new.txt"), {("file_extra", "data/new.txt")}),
    "a tag file added": (adding("new.txt"), {("file_extra", "new.txt")}),
    "manifest dropped": (
        without(MANIFEST),
        {("file_missing", MANIFEST)},
    ),
    "tag manifest dropped": (without(TAGS), {("file_missing", TAGS)}),
    "head dropped": (without(HEAD), {("file_missing", HEAD)}),
    "proofs dropped": (without(PROOFS), {("file_missing", PROOFS)}),
    "contents dropped": (without(CONTENTS), {("file_missing", CONTENTS)}),
    "events dropped": (without(EVENTS), {("file_missing", EVENTS)}),
    "a manifest in another order": (
        edited(MANIFEST, lambda data: b"".join(sorted(data.splitlines(keepends=True)))),
        {("manifest_form", MANIFEST), ("file_altered", MANIFEST), ("export_manifest", MANIFEST)},
    ),
    "a manifest that lists a file twice": (
        edited(MANIFEST, lambda data: data + data.splitlines(keepends=True)[-1]),
        {("manifest_form", MANIFEST), ("file_altered", MANIFEST), ("export_manifest", MANIFEST)},
    ),
    "a manifest with capital hashes": (
        edited(MANIFEST, bytes.upper),
        {("manifest_form", MANIFEST), ("file_altered", MANIFEST), ("export_manifest", MANIFEST)},
    ),
    "a space before the colon in bagit.txt": (
        replaced("bagit.txt", b"Version:", b"Version :"),
        {("bag_form", "bagit.txt"), ("file_altered", "bagit.txt"), ("export_tags", "bagit.txt")},
    ),
}


@pytest.mark.parametrize("name", RAW)
def test_an_edit_alone_is_named(script: ScriptVerifier, good: bytes, name: str) -> None:
    change, expected = RAW[name]
    answer = ask(script, zipped(change(files_of(good))))
    assert answer["verdict"] == "altered"
    assert reasons(answer) == expected


RELISTED: dict[str, tuple[Edit, Reasons]] = {
    "a file edited": (
        edited("data/dossier.pdf", bytes.upper),
        {("export_manifest", MANIFEST)},
    ),
    "an original edited": (
        edited(PICTURE, bytes.upper),
        {
            ("export_manifest", MANIFEST),
            ("original_unknown", PICTURE),
            ("contents_items", CONTENTS),
        },
    ),
    "an original added": (
        adding("data/originals/0003__new.txt"),
        {
            ("export_manifest", MANIFEST),
            ("original_unknown", "data/originals/0003__new.txt"),
            ("contents_items", CONTENTS),
        },
    ),
    "an event edited": (
        replaced(EVENTS, b"wei", b"WEI"),
        {("export_manifest", MANIFEST), ("events_proof", EVENTS)},
    ),
    "an event dropped": (
        edited(EVENTS, lambda data: b"".join(data.splitlines(keepends=True)[1:])),
        {("export_manifest", MANIFEST), ("events_proof", EVENTS)},
    ),
    "an event repeated": (
        edited(EVENTS, lambda data: data + data.splitlines(keepends=True)[-1]),
        {("export_manifest", MANIFEST), ("events_proof", EVENTS)},
    ),
    "events turned round": (
        edited(EVENTS, lambda data: b"".join(data.splitlines(keepends=True)[::-1])),
        {("export_manifest", MANIFEST), ("events_proof", EVENTS)},
    ),
    "the last newline gone": (
        edited(EVENTS, lambda data: data[:-1]),
        {("export_manifest", MANIFEST), ("events_proof", EVENTS)},
    ),
    "events nobody proved": (
        adding("data/events/0002.jsonl"),
        {("export_manifest", MANIFEST), ("events_unproven", "data/events/0002.jsonl")},
    ),
    "a verifier replaced": (
        edited("verify.html", lambda _: b"<p>ALL GOOD</p>"),
        {("export_tags", "verify.html")},
    ),
    "the first page replaced": (
        edited("READ-ME-FIRST.txt", lambda _: b"trust me"),
        {("export_tags", "READ-ME-FIRST.txt")},
    ),
    "a stranger's file beside the anchors": (
        adding("proof/anchors/9999.txt"),
        {("file_extra", "proof/anchors/9999.txt")},
    ),
    "the head of another size": (
        replaced(HEAD, b"\n10\n", b"\n9\n"),
        {("head_signature", HEAD), ("ledger_size", HEAD)},
    ),
    "the head's size with a zero before it": (
        replaced(HEAD, b"\n10\n", b"\n010\n"),
        {("head_form", HEAD)},
    ),
    "the head with an extension line": (
        replaced(HEAD, b"=\n\n", b"=\nextra\n\n"),
        {("head_form", HEAD)},
    ),
    "the head with a second signature": (
        edited(HEAD, lambda data: data + data.splitlines(keepends=True)[-1]),
        {("head_form", HEAD)},
    ),
    "the head with a carriage return": (
        replaced(HEAD, b"\n10\n", b"\r\n10\n"),
        {("head_form", HEAD)},
    ),
    "the head that is not text": (
        replaced(HEAD, b"standfast", b"stand\xffast"),
        {("head_form", HEAD)},
    ),
    "the head of another case": (
        edited(HEAD, lambda data: data.replace(b"5f5f5f5f", b"5f5f5f50")),
        {("head_key", HEAD)},
    ),
    "the proofs with a space": (replaced(PROOFS, b":", b": "), {("proofs_form", PROOFS)}),
    "the proofs with a strange key": (
        in_json(PROOFS, lambda value: value.update(more=1)),
        {("proofs_form", PROOFS)},
    ),
    "the proofs of a later version": (
        in_json(PROOFS, setting("schema", to=2)),
        {("schema_unknown", PROOFS)},
    ),
    "another case in the proofs": (
        in_json(PROOFS, setting("case", to="0" * 32)),
        {
            ("head_key", HEAD),
            ("case_entry", "ledger/0"),
            ("anchor_note", "proof/anchors/0001.note"),
            ("anchor_note", "proof/anchors/0002.note"),
        },
    ),
    "a hash of the ledger proof too many": (
        in_json(PROOFS, lambda value: value["ledger"]["hashes"].append("0" * 64)),
        {("ledger_proof", PROOFS)},
    ),
    "an entry left out": (
        in_json(PROOFS, lambda value: value["ledger"]["entries"].pop(4)),
        {("ledger_proof", PROOFS), ("contents_counts", CONTENTS)},
    ),
    "the export left out": (
        in_json(PROOFS, lambda value: value["ledger"]["entries"].pop()),
        {("ledger_proof", PROOFS), ("contents_counts", CONTENTS), ("export_missing", "ledger/9")},
    ),
    "the first entry left out": (
        in_json(PROOFS, lambda value: value["ledger"]["entries"].pop(0)),
        {("ledger_proof", PROOFS), ("contents_counts", CONTENTS), ("case_entry", "ledger/0")},
    ),
    "a reading's proof left out": (
        in_json(PROOFS, lambda value: value["readings"].clear()),
        {("contents_counts", CONTENTS), ("events_unproven", EVENTS)},
    ),
    "salts exchanged": (
        in_json(PROOFS, setting("readings", 0, "salts", to=backwards)),
        {("events_proof", EVENTS)},
    ),
    "an older head's proof broken": (
        in_json(PROOFS, lambda value: value["anchors"][0]["consistency"].pop()),
        {("anchor_consistency", "proof/anchors/0001.note")},
    ),
    "one anchor's note in the place of the other": (
        lambda files: {**files, "proof/anchors/0001.note": files["proof/anchors/0002.note"]},
        {
            ("anchor_note", "proof/anchors/0001.note"),
            ("anchor_file", "proof/anchors/0001.note"),
        },
    ),
    "an anchor left out": (
        lambda files: in_json(PROOFS, lambda value: value["anchors"].pop())(
            {path: data for path, data in files.items() if "anchors/0002" not in path}
        ),
        {("file_missing", f"proof/anchors/0002.{kind}") for kind in ("note", "pem", "tsq", "tsr")},
    ),
    "an answer of the authority edited": (
        edited("proof/anchors/0001.tsr", lambda data: data[:-1] + b"x"),
        {
            ("anchor_signature", "proof/anchors/0001.tsr"),
            ("anchor_file", "proof/anchors/0001.tsr"),
        },
    ),
    "a chain with a word before it": (
        edited("proof/anchors/0001.pem", lambda data: b"hello\n" + data),
        {("anchor_file", "proof/anchors/0001.pem")},
    ),
}


@pytest.mark.parametrize("name", RELISTED)
def test_an_edit_with_fitting_manifests_is_named(
    script: ScriptVerifier, good: bytes, name: str
) -> None:
    change, expected = RELISTED[name]
    answer = ask(script, zipped(relisted(change(files_of(good)))))
    assert reasons(answer) == expected
    codes = {code for code, _ in expected}
    if any(code.startswith("anchor_") for code in codes):
        assert answer["timestamp"]["state"] == "broken"
    assert answer["verdict"] == ("cannot_tell" if codes == {"schema_unknown"} else "altered")

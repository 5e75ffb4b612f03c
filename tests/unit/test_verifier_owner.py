# SPDX-License-Identifier: Apache-2.0
"""What a forger who fixes everything cannot hide, and what even the key's owner cannot claim."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bundle_case import compact, files_of, make_case, resealed, stamped_bundle, zipped
from bundle_edits import (
    CONTENTS,
    EVENTS,
    HEAD,
    PICTURE,
    PROOFS,
    Edit,
    Reasons,
    adding,
    edited,
    in_entry,
    in_json,
    setting,
    without,
)
from script_verifier import ScriptVerifier, ask, reasons

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tsa import Authority

KEY = make_case().ledger.key


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScriptVerifier]:
    with ScriptVerifier(tmp_path_factory.mktemp("script")) as running:
        yield running


@pytest.fixture(scope="module")
def good(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, second_authority: Authority
) -> bytes:
    return stamped_bundle(tmp_path_factory.mktemp("good"), authority, second_authority)


# -- by somebody who fixes everything, with and without the key ---------------------------------


def test_without_the_key_a_whole_forgery_fails_at_the_signature(
    script: ScriptVerifier, good: bytes
) -> None:
    files = edited("data/dossier.pdf", bytes.upper)(files_of(good))
    answer = ask(script, zipped(resealed(files)))
    assert reasons(answer) == {("head_signature", HEAD)}
    assert answer["affected"] == ["*"]


def test_with_another_key_it_fails_because_the_first_entry_names_the_key(
    script: ScriptVerifier, good: bytes
) -> None:
    files = edited("data/dossier.pdf", bytes.upper)(files_of(good))
    answer = ask(script, zipped(resealed(files, Ed25519PrivateKey.generate())))
    assert ("head_key", HEAD) in reasons(answer)


def test_with_the_key_history_still_cannot_contradict_an_anchor(
    script: ScriptVerifier, good: bytes
) -> None:
    """The owner rewrites an entry that an authority has stamped."""
    files = files_of(good)
    proofs = json.loads(files[PROOFS])
    entry = json.loads(base64.b64decode(proofs["ledger"]["entries"][4][1]))
    entry["body"] = {"text": "something else"}
    proofs["ledger"]["entries"][4][1] = base64.b64encode(compact(entry)).decode()
    files[PROOFS] = compact(proofs)
    answer = ask(script, zipped(resealed(files, KEY)))
    assert {code for code, _ in reasons(answer)} == {"anchor_consistency"}
    assert (answer["verdict"], answer["timestamp"]["state"]) == ("altered", "broken")


OWNER: dict[str, tuple[Edit, Reasons]] = {
    "nothing": (lambda files: files, set()),
    "contents that are not JSON": (adding(CONTENTS, b"{"), {("contents_form", CONTENTS)}),
    "contents of a later version": (
        in_json(CONTENTS, setting("schema", to=2)),
        {("schema_unknown", CONTENTS)},
    ),
    "contents that hide an original": (
        in_json(CONTENTS, lambda value: value["items"].pop()),
        {("contents_items", CONTENTS)},
    ),
    "contents that call erased what is not": (
        lambda files: in_json(
            CONTENTS, lambda value: value["items"][1].update(file=None, why="erased")
        )(without(PICTURE)(files)),
        {("contents_items", CONTENTS)},
    ),
    "contents that name another original": (
        in_json(CONTENTS, setting("items", 1, "name", to="other")),
        {("contents_items", CONTENTS)},
    ),
    "contents that count wrongly": (
        in_json(CONTENTS, lambda value: value["withheld"].update(note=1)),
        {("contents_counts", CONTENTS)},
    ),
    "contents with fewer events": (
        in_json(CONTENTS, setting("events", "total", to=5)),
        {("contents_counts", CONTENTS)},
    ),
    "an entry out of its place": (
        in_json(PROOFS, in_entry(5, setting("seq", to=4))),
        {("entry_form", "ledger/5")},
    ),
    "an entry with a fraction": (
        in_json(PROOFS, in_entry(5, setting("body", to={"x": 1.5}))),
        {("entry_form", "ledger/5")},
    ),
    "an entry of a later version": (
        in_json(PROOFS, in_entry(5, setting("v", to=2))),
        {("schema_unknown", "ledger/5")},
    ),
    "an entry without salt": (
        in_json(PROOFS, in_entry(5, lambda entry: entry.pop("salt"))),
        {("entry_form", "ledger/5")},
    ),
    "an item without a name": (
        in_json(PROOFS, in_entry(2, lambda entry: entry["body"].pop("name"))),
        {
            ("entry_form", "ledger/2"),
            ("contents_items", CONTENTS),
            ("original_unknown", PICTURE),
        },
    ),
    "an entry of a type nobody knows": (
        in_json(PROOFS, in_entry(5, setting("type", to="zeta"))),
        set(),
    ),
    "an export of something else": (
        in_json(PROOFS, in_entry(6, setting("body", "kind", to="letter"))),
        {("export_missing", "ledger/6")},
    ),
    "an export with a tag too few": (
        in_json(PROOFS, in_entry(6, lambda entry: entry["body"]["tags"].pop("verify.py"))),
        {("export_missing", "ledger/6")},
    ),
    "a first entry with another key": (
        in_json(
            PROOFS, in_entry(0, setting("body", "key", to=base64.b64encode(bytes(32)).decode()))
        ),
        {("case_entry", "ledger/0")},
    ),
}


@pytest.mark.parametrize("name", OWNER)
def test_what_even_the_owner_of_the_key_cannot_claim(script: ScriptVerifier, name: str) -> None:
    change, expected = OWNER[name]
    files = files_of(make_case().write(short=True))
    answer = ask(script, zipped(resealed(change(files), KEY)))
    assert reasons(answer) == expected
    codes = {code for code, _ in expected}
    verdict = "cannot_tell" if codes == {"schema_unknown"} else "altered"
    assert answer["verdict"] == (verdict if expected else "genuine")


def test_an_event_of_another_item_is_noticed_even_if_it_was_sealed(script: ScriptVerifier) -> None:
    case = make_case()
    other = list(case.originals)[1]
    entry = json.loads(case.ledger.entries[3])
    entry["body"]["item"] = other
    case.ledger.entries[3] = compact(entry)
    answer = ask(script, case.write(short=True))
    assert reasons(answer) == {("event_line", EVENTS)}


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b"{}",
        b'{"locator":1}',
        b"{",
        b"\xff",
        b"",
        b'\xef\xbb\xbf{"locator":{"item":"ITEM"}}',
        b'{"a":NaN,"locator":{"item":"ITEM"}}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b',"locator":{"item":"ITEM"}}',
        b'{"a":' + b"[" * 4000 + b"]" * 4000 + b',"locator":{"item":"ITEM"}}',
        b'{"a":"\\ud800","locator":{"item":"ITEM"}}|ok',
        b'{"a":1e999,"b":' + b"9" * 5000 + b',"locator":{"item":"ITEM"}}|ok',
        b'{"locator":{"item":"ITEM"},"__proto__":{"item":1}}|ok',
        b'{"locator":{"item":"x"},"locator":{"item":"ITEM"}}|ok',
    ],
)
def test_both_read_the_same_lines_as_events(script: ScriptVerifier, line: bytes) -> None:
    line, _, fine = line.partition(b"|")
    case = make_case()
    line = line.replace(b"ITEM", case.reading.item.encode())
    case.reading.lines[2] = line
    entry = json.loads(case.ledger.entries[3])
    entry["body"]["root"] = case.reading.tree.root().hex()
    case.ledger.entries[3] = compact(entry)
    answer = ask(script, case.write(short=True))
    assert reasons(answer) == (set() if fine else {("event_line", EVENTS)})


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"b":1,"a":2}',
        '{"a":01}',
        '{"a":-0}',
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":9007199254740992}',
        '{"a":-9007199254740991}|ok',
        '{"a":"\\u00e9"}',
        '{"a":"é\\u007f"}',
        '{"a":"é\x7f\u2028\ufeff\U0001f319"}|ok',
        '{"a":"\\ud800"}',
        '{"a":"\\ud83c\\udf19"}',
        '{"a":"\\/"}',
        '{"a":"\\b\\f\\n\\r\\t\\u0001\\"\\\\"}|ok',
        '{"a":"\\u0008"}',
        '{"\ue000":1,"\U0001f319":2}|ok',
        '{"\U0001f319":2,"\ue000":1}',
        '{"10":1,"9":2}|ok',
        '{"__proto__":{"a":1}}|ok',
        '{"a":[true,false,null,{},[]]}|ok',
        '{"a":' + "[" * 30 + "]" * 30 + "}|ok",
        '{"a":' + "[" * 31 + "]" * 31 + "}",
        '{"a":' + "[" * 5000 + "]" * 5000 + "}",
        "{}\n",
        "",
    ],
)
def test_both_agree_on_the_one_form_of_json(script: ScriptVerifier, text: str) -> None:
    """Through the body of an entry, the freest JSON there is in a bundle."""
    text, _, fine = text.partition("|")
    case = make_case()
    raw = case.ledger.entries[5]
    body = compact(json.loads(raw)["body"])
    case.ledger.entries[5] = raw.replace(body, text.encode("utf-8", "surrogatepass"))
    answer = ask(script, case.write(short=True))
    assert reasons(answer) == (set() if fine else {("entry_form", "ledger/5")})

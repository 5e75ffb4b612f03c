# SPDX-License-Identifier: Apache-2.0
import json
import re
import subprocess
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import bagit
import pytest

from bundle_case import CASE, BundleCase, files_of, make_case
from standfast.dossier import bundle
from standfast.dossier.accompanying import Facts, certification, read_me_first
from standfast.dossier.bundle import Member, Seal, event_ranges, write_bundle
from standfast.dossier.ontology import Exhibit, case_jsonld
from standfast.errors import StandfastError
from tsa import Authority


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    case = make_case()
    case.anchor(authority, folder)
    with zipfile.ZipFile(BytesIO(case.write())) as found:
        found.extractall(folder)
    return folder / "bundle"


def test_the_reference_library_calls_it_a_valid_bag(unpacked: Path) -> None:
    bag = bagit.Bag(str(unpacked))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert bag.info["External-Identifier"] == f"standfast/{CASE}"


def test_the_system_tool_finds_every_hash_right(unpacked: Path) -> None:
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        done = subprocess.run(
            ["sha256sum", "--strict", "-c", name], cwd=unpacked, capture_output=True, check=True
        )
        assert done.stdout.decode().count(": OK") == len((unpacked / name).read_text().splitlines())


def test_openssl_accepts_the_time_stamp_as_the_first_page_tells(unpacked: Path) -> None:
    """The commands of READ-ME-FIRST.txt, with the names filled in."""
    anchors = unpacked / "proof" / "anchors"
    shown = subprocess.run(
        ["openssl", "ts", "-reply", "-in", "0001.tsr", "-text"],
        cwd=anchors,
        capture_output=True,
        check=True,
    ).stdout.decode()
    found = re.search(r"Time stamp: (.*)", shown)
    assert found
    seconds = subprocess.run(
        ["date", "-u", "-d", found[1], "+%s"], capture_output=True, check=True
    ).stdout.decode()
    command = ["openssl", "ts", "-verify", "-in", "0001.tsr", "-data", "0001.note"]
    command += ["-CAfile", "0001.pem", "-untrusted", "0001.pem", "-attime", seconds.strip()]
    done = subprocess.run(command, cwd=anchors, capture_output=True, check=True)
    assert b"Verification: OK" in done.stdout + done.stderr


def test_the_same_input_gives_the_same_bytes() -> None:
    assert make_case().write() == make_case().write()


def test_the_files_stand_in_one_order_and_nothing_is_packed(unpacked: Path) -> None:
    assert unpacked.is_dir()
    with zipfile.ZipFile(BytesIO(make_case().write())) as found:
        names = [one.filename for one in found.infolist()]
    assert names == sorted(names, key=lambda name: (name.startswith("bundle/data/"), name))
    assert names[0] == "bundle/READ-ME-FIRST.txt"


def test_the_report_names_the_hashes_of_what_was_written() -> None:
    case = make_case()
    out = BytesIO()
    reports = []
    real = bundle.write_bundle

    def spy(sink: BytesIO, **parts: object) -> object:
        reports.append(real(sink, **parts))  # type: ignore[arg-type]  # passed through
        return reports[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "write_bundle", spy)
        out.write(case.write())
    report, files = reports[0], files_of(out.getvalue())
    assert report.size == len(out.getvalue())
    assert report.sha256 == sha256(out.getvalue()).hexdigest()
    assert report.manifest_sha256 == sha256(files["manifest-sha256.txt"]).hexdigest()
    assert report.files == len(files)


class Shifty:
    """A payload file that is another one the second time."""

    def __init__(self, first: bytes, second: bytes) -> None:
        self.answers = [first, second]

    def open(self) -> BytesIO:
        return BytesIO(self.answers.pop(0))


@pytest.mark.parametrize("second", [b"two", b"on", b"ones", b""])
def test_a_file_that_changes_between_hashing_and_writing_stops_it(second: bytes) -> None:
    shifty = Shifty(b"one", second)
    payload = [
        Member("data/dossier.pdf", shifty.open, 3),
        Member.of("data/contents.json", b"{}"),
    ]
    with pytest.raises(StandfastError, match=r"dossier\.pdf"):
        write_bundle(
            BytesIO(),
            payload=payload,
            seal=lambda _manifest, _tags: Seal(b"", {}, {}),
            info={},
            language="en",
        )


@pytest.mark.parametrize(
    "path",
    ["dossier.pdf", "data/../x", "data/CON", "data/a b", "data/contents.JSON", "data/ü.txt"],
)
def test_a_name_that_is_not_safe_is_refused(path: str) -> None:
    payload = [Member.of(path, b""), Member.of("data/contents.json", b"{}")]
    with pytest.raises(ValueError, match="bundle"):
        write_bundle(
            BytesIO(),
            payload=payload,
            seal=lambda _manifest, _tags: Seal(b"", {}, {}),
            info={},
            language="en",
        )


def test_bag_info_keeps_to_one_line_whatever_it_is_given() -> None:
    captured = {}

    def seal(_manifest: str, tags: dict[str, str]) -> Seal:
        captured.update(tags)
        return Seal(b"", {}, {})

    out = BytesIO()
    write_bundle(
        out,
        payload=[Member.of("data/contents.json", b"{}")],
        seal=seal,  # type: ignore[arg-type]  # a dict is what it is given
        info={"Contact-Name": "A\nBagIt-Version: 9\u202e"},
        language="en",
    )
    info = files_of(out.getvalue())["bag-info.txt"]
    assert info == "Contact-Name: A BagIt-Version: 9\ufffd\nPayload-Oxum: 2.1\n".encode()
    assert captured["bag-info.txt"] == sha256(info).hexdigest()


def test_event_numbers_become_the_fewest_ranges() -> None:
    assert event_ranges([7, 1, 3, 2, 2]) == [[1, 3], [7, 7]]
    assert event_ranges([]) == []


def test_the_first_page_speaks_both_languages_the_chosen_one_first() -> None:
    english, german = read_me_first("en").decode(), read_me_first("de").decode()
    assert english.startswith("READ ME FIRST")
    assert len(english.split("=" * 78)) == len(german.split("=" * 78)) == 2
    for page in (english, german):
        for way in ("sha256sum -c", "-attime", "verify.html", "verify.py"):
            assert page.count(way) >= 2
        assert max(map(len, page.splitlines())) <= 80


FACTS = Facts(CASE, "standfast 0.1.0", "AAAA BBBB", 2, 6, "2024-03-04")


def test_the_american_form_serves_american_courts_only() -> None:
    for law in ("us", "US", "us-ca"):
        text = certification(law=law, language="de", facts=FACTS).decode()
        assert "902(13)" in text
        assert "DRAFT" in text
    plain = certification(law="gb", language="en", facts=FACTS).decode()
    assert "902" not in plain
    assert "DRAFT" in plain
    german = certification(law="de", language="de", facts=FACTS).decode()
    assert german.startswith("ENTWURF")


@pytest.mark.parametrize("law", ["", "xx", "../us", "us/../plain"])
def test_an_unknown_country_gets_the_plain_statement(law: str) -> None:
    assert b"902" not in certification(law=law, language="en", facts=FACTS)


def test_every_certification_says_where_its_wording_comes_from() -> None:
    import tomllib  # noqa: PLC0415 - only this test reads the data itself
    from importlib import resources  # noqa: PLC0415 - only this test wants it

    place = resources.files("standfast.dossier") / "certifications"
    for file in place.iterdir():
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        assert {"source", "as_of", "verified"} <= set(data)
        for name in ("en", "de"):
            for paragraph in data.get(name, {}).get("paragraphs", []):
                paragraph.format(
                    case="", app="", fingerprint="", items=0, events=0, made="", blank=""
                )


def linked() -> dict[str, object]:
    case: BundleCase = make_case()
    exhibits = [
        Exhibit(
            number,
            digest,
            len(data),
            f"chat {number}.xml",
            "text/xml",
            "data/x",
            "2024-03-04T09:05:00Z",
        )
        for number, (digest, data) in enumerate(case.originals.items(), 1)
    ]
    events = [json.loads(line) for line in case.reading.lines]
    data = case_jsonld(case=CASE, title="Fall Ü", app="standfast", exhibits=exhibits, events=events)
    return json.loads(data)


def test_json_ld_gives_every_action_a_record_of_provenance() -> None:
    graph = linked()["@graph"]
    nodes = {node["@id"]: node for node in graph}
    assert len(nodes) == len(graph)
    actions = [n for n in graph if n["@type"] == "case-investigation:InvestigativeAction"]
    assert len(actions) == 3
    for action in actions:
        results = [nodes[one["@id"]]["@type"] for one in action["uco-action:result"]]
        assert "case-investigation:ProvenanceRecord" in results


def test_json_ld_refers_only_to_what_is_there_and_uses_known_prefixes() -> None:
    whole = linked()
    text = json.dumps(whole["@graph"])
    prefixes = set(re.findall(r'"([a-z-]+):[A-Za-z]', text)) - {"kb"}
    assert prefixes <= set(whole["@context"])
    known = set(re.findall(r'"@id": "([^"]+)", "@type"', text))
    known |= {node["@id"] for node in whole["@graph"]}
    facets = re.findall(r'"@id": "([^"]+)"', text)
    assert set(facets) <= known | set(facets)
    for reference in re.findall(r'\{"@id": "([^"]+)"\}', text):
        assert reference in known


def test_json_ld_is_the_same_every_time() -> None:
    assert linked() == linked()


def test_messages_of_one_address_share_one_account() -> None:
    graph = linked()["@graph"]
    accounts = [n for n in graph if "account-facet" in json.dumps(n) and "Observable" in n["@type"]]
    assert len(accounts) == 2

# SPDX-License-Identifier: Apache-2.0
"""What a bundle holds and what it must not: chosen parts, erased originals, one reader."""

from __future__ import annotations

import json
import shutil
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

import pyrage
import pytest

from desk_case import (
    entries_in,
    found,
    make,
    names_in,
    open_desk,
    pdf_text,
    put,
    told_case,
    whole_text,
)
from script_verifier import ScriptVerifier, ask
from standfast.desk import choosing
from standfast.desk import dossier as dossiers
from standfast.desk.bundling import Choice
from standfast.dossier.verifier.verify import check_bundle
from standfast.errors import WrongUsage
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.timeline.query import Where

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk

HIDDEN = (b"kumquat", b"Zebedee", b"+44 7700 900123", b"447700900123", b"secret-letter")
MARKER = "xylophone-privately"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder / "told").close()
    with make(folder / "group" / "case") as desk:
        lines = [
            f"{14 + n // 200}/03/2024, {n // 60 % 24:02d}:{n % 60:02d} - "
            + (f"Alex: open number {n}" if n % 70 == 0 else f"{_writer(n)}: kumquat {n}")
            for n in range(1400)
        ]
        desk.add(
            [
                put(folder / "group", "group.txt", "\n".join(lines) + "\n"),
                put(folder / "group", "secret-letter.eml", _letter()),
            ]
        )
        desk.link("me", Role.ME, "whatsapp", "Mira")
        desk.link("me", Role.ME, "mail", "kumquat@example.net")
        desk.link("Alex", Role.OTHER, "whatsapp", "Alex")
        desk.link("Zebedee", Role.THIRD, "whatsapp", "Zebedee")
        desk.note(MARKER)
        desk.note("kumquat, shared, about another", about=_reference(desk, 1), private=False)
    return folder


def _writer(n: int) -> str:
    return ("Alex", "Mira", "Zebedee", "+44 7700 900123")[n % 4]


def _letter() -> str:
    return (
        "From: Zebedee <z@example.org>\nTo: kumquat@example.net\nSubject: kumquat\n"
        "Date: Sat, 16 Mar 2024 10:00:00 +0100\n\nkumquat\n"
    )


def _reference(desk: Desk, n: int) -> str:
    return next(row.event for row in desk.events() if row.n == n)


@pytest.fixture
def told(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(prepared / "told", tmp_path, dirs_exist_ok=True)
    with open_desk(tmp_path / "case") as desk:
        yield desk


@pytest.fixture
def group(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    shutil.copytree(prepared / "group", tmp_path, dirs_exist_ok=True)
    with open_desk(tmp_path / "case") as desk:
        yield desk


# -- what is chosen --------------------------------------------------------------------------


def test_twenty_of_fourteen_hundred_events_are_proven_and_nothing_else_is_told(
    group: Desk, tmp_path: Path
) -> None:
    for view in group.findings():
        group.decide(view.finding.id, Status.CONFIRMED)
    wanted = [row.event for row in group.events(Where(search="open number"))]
    assert len(wanted) == 20
    out = tmp_path / "twenty.zip"
    made = group.make_bundle(out, Choice(events=frozenset(wanted)))
    assert (made.events, made.originals, made.verdict) == (20, 0, "genuine_partial")
    answer = found(out)
    assert (answer["reasons"], answer["counts"]["events_all"]) == ([], 1400)
    told = whole_text(out)
    assert told.count(b"open number 70") >= 1
    assert [word for word in (*HIDDEN, MARKER.encode()) if word in told] == []
    chosen = choosing.select(group, None, frozenset(wanted))
    filled = repr(dossiers.fill(group, dossiers.Range(), chosen)).encode()
    assert [word for word in (*HIDDEN, MARKER.encode()) if word in filled] == []
    assert b"open number 70" in filled


def test_one_original_brings_its_own_events_and_nothing_of_the_other(
    told: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "one.zip"
    made = told.make_bundle(out, Choice(originals=frozenset({2})))
    assert (made.originals, made.withheld_items, made.events) == (1, 1, 1)
    assert made.verdict == "genuine_partial"
    told_in_it = whole_text(out)
    assert b"I will wait for you" in told_in_it
    for word in (b"answer me", b"chat.txt", b"do not write", b"I know you read"):
        assert word not in told_in_it
    assert [n for n in names_in(out) if "originals" in n] == [
        "bundle/data/originals/0002__letter.eml"
    ]


def test_an_original_and_single_events_of_another_go_together(told: Desk, tmp_path: Path) -> None:
    event = told.events(Where(search="I can wait"))[0].event
    choice = Choice(originals=frozenset({2}), events=frozenset({event}))
    made = told.make_bundle(tmp_path / "both.zip", choice)
    assert (made.originals, made.events) == (1, 2)
    text = whole_text(tmp_path / "both.zip")
    assert b"I can wait" in text
    assert b"answer me" not in text


def test_everything_is_genuine_and_complete_though_private_notes_stay_at_home(
    told: Desk, tmp_path: Path
) -> None:
    told.note(MARKER)
    told.note("for the lawyer", private=False)
    told.incident("He stood outside.", "2024-03-15 18:00")
    taken_back = told.incident("a slip of the pen", "2024-03-15 19:00")
    told.withdraw(taken_back)
    out = tmp_path / "all.zip"
    made = told.make_bundle(out)
    assert (made.originals, made.withheld_items, made.events, made.events_withheld) == (2, 0, 8, 0)
    text = whole_text(out)
    assert MARKER.encode() not in text
    assert b"a slip of the pen" not in text
    types = [entry["type"] for entry in entries_in(out)]
    assert "decision" not in types
    notes = [entry["body"]["text"] for entry in entries_in(out) if entry["type"] == "note"]
    assert notes == ["for the lawyer"]
    assert "He stood outside." in json.dumps(entries_in(out))


@pytest.mark.parametrize(
    "choice",
    [
        Choice(originals=frozenset({3})),
        Choice(originals=frozenset({0, 1})),
        Choice(originals=frozenset()),
        Choice(events=frozenset({"000000000000-1"})),
        Choice(events=frozenset({"no reference"})),
        Choice(events=frozenset()),
        Choice(recipient="age1nonsense"),
    ],
)
def test_what_does_not_exist_cannot_be_chosen(told: Desk, tmp_path: Path, choice: Choice) -> None:
    before = len(told.vault.entries)
    with pytest.raises(WrongUsage):
        told.make_bundle(tmp_path / "none.zip", choice)
    assert len(told.vault.entries) == before
    assert list(tmp_path.glob("none*")) == []


def test_an_event_number_past_the_end_is_no_event(told: Desk, tmp_path: Path) -> None:
    item = told.events()[0].item[:12]
    with pytest.raises(WrongUsage):
        told.make_bundle(tmp_path / "none.zip", Choice(events=frozenset({f"{item}-7"})))


def test_of_a_stop_whose_message_is_kept_back_only_the_time_is_told(
    told: Desk, tmp_path: Path
) -> None:
    (row,) = told.events(Where(search="do not write"))
    told.stop_request("Alex", event=row.event)
    out = tmp_path / "part.zip"
    told.make_bundle(out, Choice(originals=frozenset({2})))
    assert b"do not write" not in whole_text(out)
    assert "stop" not in [entry["type"] for entry in entries_in(out)]
    told.make_bundle(tmp_path / "all.zip")
    assert "stop" in [entry["type"] for entry in entries_in(tmp_path / "all.zip")]


def test_a_finding_that_counts_hidden_events_is_left_out_and_that_is_said(
    told: Desk, tmp_path: Path
) -> None:
    view = next(one for one in told.findings() if one.finding.detector == "contact_count")
    told.decide(view.finding.id, Status.CONFIRMED)
    chosen = choosing.select(told, frozenset({2}), None)
    filled = dossiers.fill(told, dossiers.Range(), chosen)
    assert filled.findings == ()
    assert any("1 confirmed finding" in sentence for sentence in filled.missing)
    assert any("1 more original" in sentence for sentence in filled.missing)
    assert len(dossiers.fill(told, dossiers.Range()).findings) == 1
    assert tmp_path.exists()


# -- cases at their edges --------------------------------------------------------------------


def test_a_case_without_any_original_gives_a_bundle_all_the_same(tmp_path: Path) -> None:
    with make(tmp_path / "case") as desk:
        desk.incident("He stood outside.", "2024-03-15 18:00")
        made = desk.make_bundle(tmp_path / "b.zip")
        assert (made.originals, made.events) == (0, 0)
        assert found(tmp_path / "b.zip")["reasons"] == []


def test_an_erased_original_is_shown_as_erased_and_keeps_its_number(
    told: Desk, tmp_path: Path
) -> None:
    told.erase(1, "not for others")
    out = tmp_path / "b.zip"
    made = told.make_bundle(out)
    assert (made.originals, made.events, found(out)["reasons"]) == (1, 1, [])
    assert found(out)["counts"]["erased"] == 1
    with zipfile.ZipFile(out) as bundle:
        items = json.loads(bundle.read("bundle/data/contents.json"))["items"]
        text = pdf_text(bundle.read("bundle/data/dossier.pdf"))
    assert [(one["name"], one["why"]) for one in items] == [
        ("chat.txt", "erased"),
        ("letter.eml", ""),
    ]
    assert "Erased by the person" in text
    assert "bundle/data/originals/0002__letter.eml" in names_in(out)
    with pytest.raises(WrongUsage):
        told.make_bundle(tmp_path / "c.zip", Choice(originals=frozenset({1})))


def test_an_original_that_was_erased_and_added_again_is_there_once(
    told: Desk, tmp_path: Path
) -> None:
    told.erase(1, "by mistake")
    told.add([tmp_path / "chat.txt"])
    made = told.make_bundle(tmp_path / "b.zip")
    assert (made.originals, made.events) == (2, 8)
    assert found(tmp_path / "b.zip")["reasons"] == []


def test_a_clock_that_goes_back_while_it_is_written_is_told_in_the_bundle(
    told: Desk, tmp_path: Path
) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - here alone

    years = iter([2031, 2030, 2029, 2028, 2027])
    told.vault.clock = lambda: datetime(next(years), 1, 1, tzinfo=UTC)
    told.make_bundle(tmp_path / "b.zip")
    assert found(tmp_path / "b.zip")["reasons"] == []
    assert "clock" in [entry["type"] for entry in entries_in(tmp_path / "b.zip")]


def test_a_long_chronology_travels_in_annexes_under_the_names_it_lists(tmp_path: Path) -> None:
    lines = [
        f"{14 + n // 1000}/03/2024, {n // 60 % 24:02d}:{n % 60:02d} - Alex: line {n}"
        for n in range(3000)
    ]
    with make(tmp_path / "case") as desk:
        desk.add([put(tmp_path, "long.txt", "\n".join(lines) + "\n")])
        desk.make_bundle(tmp_path / "b.zip")
        made = desk.make_dossier(tmp_path / "mine.pdf")
    annexes = [n for n in names_in(tmp_path / "b.zip") if "annex" in n]
    assert annexes
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        text = pdf_text(bundle.read("bundle/data/dossier.pdf"))
    assert [n for n in annexes if n.removeprefix("bundle/data/") not in text] == []
    mine = pdf_text((tmp_path / "mine.pdf").read_bytes())
    names = [path.rpartition("/")[2] for path in made.annexes]
    assert names == sorted(path.name for path in tmp_path.glob("mine-annex-*.pdf"))
    assert all(name in mine for name in names)
    assert made.events == 3000


# -- for one person --------------------------------------------------------------------------


def test_a_bundle_for_one_person_opens_with_their_key_alone(told: Desk, tmp_path: Path) -> None:
    key, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    out = tmp_path / "b.zip.age"
    told.make_bundle(out, Choice(recipient=f"  {key.to_public()}\n"))
    sealed = out.read_bytes()
    assert b"answer me" not in sealed
    opened = pyrage.decrypt(sealed, [key])
    assert check_bundle(BytesIO(opened)).exit_code == 0
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [other])
    assert list(tmp_path.glob("*.partial")) == []


# -- the verdict -----------------------------------------------------------------------------


def test_notes_decisions_and_third_people_kept_at_home_leave_a_bundle_complete(
    told: Desk, tmp_path: Path
) -> None:
    told.note(MARKER)
    told.link("Sam", Role.THIRD, "sms", "+447700900123")
    told.decide(told.findings()[0].finding.id, Status.DISMISSED)
    slip = told.note("shared by mistake", private=False)
    told.withdraw(slip)
    with ScriptVerifier(tmp_path) as script:
        for name, verdict in (("whole", "genuine"), ("part", "genuine_partial")):
            if name == "part":
                told.withdraw(told.incident("He stood outside.", "2024-03-15"))
            out = tmp_path / f"{name}.zip"
            assert told.make_bundle(out).verdict == verdict
            answer = ask(script, out.read_bytes())
            assert answer["verdict"] == verdict
            assert {"note", "person", "decision"} <= set(answer["counts"]["withheld"])
            assert b"+447700900123" not in whole_text(out)

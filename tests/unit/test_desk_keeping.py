# SPDX-License-Identifier: Apache-2.0
"""A case over time: interrupted, damaged in what can be made again, erased from, opened twice."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from desk_case import CHAT, LETTER, everything_on_disk, make, open_desk, put, told_case
from standfast.desk.progress import Silent
from standfast.errors import CaseBusy, WrongUsage
from standfast.timeline.query import Where

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk import Desk


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    told_case(folder / "told").close()
    make(folder / "empty" / "case").close()
    return folder


@pytest.fixture
def told(prepared: Path, tmp_path: Path) -> Path:
    """Give the folder of a closed case."""
    return shutil.copytree(prepared / "told", tmp_path, dirs_exist_ok=True) / "case"


def segments(case: Path) -> list[Path]:
    return sorted(path for path in (case / "segments").rglob("*") if path.is_file())


def shown(desk: Desk) -> list[tuple[Any, ...]]:
    return [(row.event, row.ts, row.text, row.direction, row.copies) for row in desk.events()]


# -- interruptions ---------------------------------------------------------------------------


class Stops(Silent):
    """Somebody presses the keys to stop at one step."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self, _done: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_adding_again_after_an_interruption_at_any_step_ends_as_if_undisturbed(
    prepared: Path, tmp_path: Path
) -> None:
    sources = tmp_path / "sources"
    for name, text in (("chat.txt", CHAT), ("letter.eml", LETTER), ("other.bin", b"\x00\x01")):
        put(sources, name, text)
    put(sources / "sub", "again.txt", CHAT)
    shutil.copytree(prepared / "empty" / "case", tmp_path / "calm")
    with open_desk(tmp_path / "calm") as desk:
        desk.add([sources])
        expected = shown(desk)
        items = {one.sha256: (one.number, one.name) for one in desk.state.items.values()}
    assert len(expected) == 8
    for at in range(20):
        case = tmp_path / f"case{at}"
        shutil.copytree(prepared / "empty" / "case", case)
        with open_desk(case) as desk:
            interrupted = _add(desk, sources, Stops(at))
            if interrupted and at % 2:
                assert not _add(desk, sources, Silent())  # in the same window
        with open_desk(case) as desk:
            assert not _add(desk, sources, Silent())
            assert shown(desk) == expected
            found = {one.sha256: (one.number, one.name) for one in desk.state.items.values()}
            assert found == items
            assert desk.verify().whole
        if not interrupted:
            break
    else:
        pytest.fail("there are more steps than were tried")
    assert at >= 6


def _add(desk: Desk, source: Path, progress: Silent) -> bool:
    try:
        desk.add([source], progress)
    except KeyboardInterrupt:
        return True
    return False


# -- lists of events that are gone or damaged ------------------------------------------------


def test_without_its_lists_of_events_the_timeline_is_complete_and_verify_says_so(
    told: Path,
) -> None:
    with open_desk(told) as desk:
        before = shown(desk)
    for path in segments(told):
        path.unlink()
    with open_desk(told, write=False) as desk:
        assert shown(desk) == before
        problems = desk.verify().problems
        assert [(one.code, one.repairable) for one in problems] == [("events_missing", True)] * 2
    assert segments(told) == []


def test_opening_for_writing_makes_missing_lists_again_under_their_old_proof(told: Path) -> None:
    with open_desk(told) as desk:
        before, entries = shown(desk), len(desk.vault.entries)
    names = segments(told)
    for path in names:
        path.unlink()
    with open_desk(told) as desk:
        assert segments(told) == names
        assert desk.verify().whole
        assert shown(desk) == before
        assert len(desk.vault.entries) == entries


@pytest.mark.parametrize("hurt", ["flipped", "empty"])
def test_a_damaged_list_is_made_again_by_rebuilding_or_when_it_is_needed(
    told: Path, hurt: str
) -> None:
    with open_desk(told) as desk:
        before = shown(desk)
    for explicitly in (True, False):
        path = segments(told)[0]
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes({"flipped": bytes(data), "empty": b""}[hurt])
        with open_desk(told, write=False) as desk:
            assert [one.code for one in desk.verify().problems] == ["events_damaged"]
            assert shown(desk) == before
        with open_desk(told) as desk:
            assert desk.rebuild() == 1 if explicitly else shown(desk) == before
            assert desk.verify().whole
            assert desk.rebuild() == 0
            assert shown(desk) == before


def test_a_bundle_can_be_made_though_a_list_of_events_was_damaged(
    told: Path, tmp_path: Path
) -> None:
    segments(told)[0].write_bytes(b"")
    with open_desk(told) as desk:
        assert desk.make_bundle(tmp_path / "b.zip").events == 8


def test_a_list_is_made_again_with_the_answers_and_the_format_it_was_read_with(
    prepared: Path, tmp_path: Path
) -> None:
    case = shutil.copytree(prepared / "empty" / "case", tmp_path / "case")
    unclear = "04/03/2024, 09:05 - Alex: first\n05/03/2024, 09:06 - Mira: second\n"
    with open_desk(case) as desk:
        desk.add([put(tmp_path, "list", unclear)], forced="whatsapp")
        desk.answer("1.date_order", "mdy")
        before = shown(desk)
        assert len(before) == 2
        assert None not in {ts for _event, ts, *_rest in before}
    for path in segments(case):
        path.unlink()
    with open_desk(case) as desk:
        assert desk.verify().whole
        assert shown(desk) == before


def test_a_damaged_original_costs_its_list_nothing_and_is_not_read_as_empty(told: Path) -> None:
    with open_desk(told) as desk:
        before = shown(desk)
        entries = len(desk.vault.entries)
        item = next(iter(desk.state.items.values()))
        blob = desk.vault.blob_path(item.sha256)
        segment = desk.vault.segment_path(desk.state.readings[item.sha256].id)
    data = bytearray(blob.read_bytes())
    data[-1] ^= 1
    blob.write_bytes(data)
    with open_desk(told) as desk:
        assert shown(desk) == before
        assert [one.code for one in desk.verify().problems] == ["item_damaged"]
    segment.unlink()
    with open_desk(told) as desk:
        assert len(shown(desk)) == 1
        assert len(desk.vault.entries) == entries
        assert {one.code for one in desk.verify().problems} == {"item_damaged", "events_missing"}


# -- erasing ---------------------------------------------------------------------------------


def test_what_is_erased_is_gone_from_the_disk_and_the_rest_keeps_its_number(
    told: Path, tmp_path: Path
) -> None:
    with open_desk(told) as desk:
        item = next(iter(desk.state.items.values()))
        blob = desk.vault.blob_path(item.sha256)
        segment = desk.vault.segment_path(desk.state.readings[item.sha256].id)
        held = [path.read_bytes()[64:128] for path in (blob, segment)]
        assert desk.findings()
        desk.erase(1, "not for others")
        assert not blob.exists()
        assert not segment.exists()
        assert [part for part in held if part in everything_on_disk(told)] == []
        assert [row.channel for row in desk.events()] == ["mail"]
        assert all(view.finding.numbers.get("incoming") != 6 for view in desk.findings())
        assert desk.verify().whole
        numbers = [(one.number, one.erased) for one in desk.state.items.values()]
        assert numbers == [(1, True), (2, False)]
        desk.add([put(tmp_path, "third.txt", CHAT.replace("Alex", "Kim"))])
        assert list(desk.state.items.values())[-1].number == 3
        for wrong in ((1, "again"), (9, "none"), (2, " ")):
            with pytest.raises(WrongUsage):
                desk.erase(*wrong)


# -- two at once -----------------------------------------------------------------------------


def test_a_second_writer_waits_outside_and_readers_see_what_was_committed(told: Path) -> None:
    with open_desk(told) as writer:
        with pytest.raises(CaseBusy) as busy:
            open_desk(told)
        assert busy.value.exit_code == 4
        writer.incident("He stood outside.", "2024-03-15 18:00")
        with open_desk(told, write=False) as reader:
            assert len(reader.events(Where(kind="incident"))) == 1
            assert reader.verify().whole
            writer.incident("And again.", "2024-03-16 18:00")
            assert len(reader.events(Where(kind="incident"))) == 1
    with open_desk(told) as next_one:
        assert len(next_one.events(Where(kind="incident"))) == 2

# SPDX-License-Identifier: Apache-2.0
"""The check of a case folder, and what an opening puts in order: each in its own words."""

from __future__ import annotations

import os
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from standfast.errors import Damaged, StandfastError, StorageFailed
from standfast.vault import aside, opening
from standfast.vault import entry as kinds
from standfast.vault.check import check_case, read_head_file
from standfast.vault.commitment import Salts, leaves
from standfast.vault.entry import Draft
from standfast.vault.merkle import Tree, leaf_hash
from vault_case import FLOOR, OTHER, add, checked, new, read_lines, reopen, stretch_once, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.vault.case import Vault
    from standfast.vault.opening import Problem


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_once(monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a closed case with two originals, one of them read, and an anchor."""
    folder = tmp_path / "case"
    with new(folder) as vault:
        first, _second = add(vault, b"the first", b"the second")
        read_lines(vault, first, [b"one"])
        vault.place_checkpoint("4.tsr", b"answer")
        vault.append(Draft(kinds.ANCHOR, {"files": {"4.tsr": sha256(b"answer").hexdigest()}}))
    return folder


def looked_at(folder: Path, *notes: bytes) -> tuple[list[str], list[str]]:
    """Give the codes and the remarks that a reader is told."""
    with reopen(folder, write=False) as vault:
        report = checked(vault, *notes)
        assert all(one.sentence for one in report.problems if not one.repairable)
        return [one.code for one in report.problems], list(report.remarks)


def note(vault: Vault) -> None:
    vault.append(Draft(kinds.NOTE, {"text": "", "private": True}))


# -- heads -----------------------------------------------------------------------------------


def test_yesterdays_copy_of_the_whole_folder_is_whole_until_a_newer_head_is_known(
    folder: Path, tmp_path: Path
) -> None:
    yesterday = shutil.copytree(folder, tmp_path / "yesterday")
    with reopen(folder) as vault:
        note(vault)
        newer = vault.head_note()
    assert looked_at(yesterday) == ([], [])
    assert looked_at(yesterday, newer) == (["rolled_back"], [])
    assert looked_at(folder, newer) == ([], [])
    older = read_head_file(yesterday / "checkpoints" / "head.note")
    assert looked_at(folder, older, newer) == ([], [])


def test_two_copies_that_went_different_ways_find_each_other(folder: Path, tmp_path: Path) -> None:
    fork = shutil.copytree(folder, tmp_path / "fork")
    heads = []
    for place in (folder, fork):
        with reopen(place) as vault:
            note(vault)
            heads.append(vault.head_note())
    assert looked_at(folder, heads[0]) == ([], [])
    assert looked_at(folder, heads[1]) == (["history_differs"], [])
    assert looked_at(fork, heads[0]) == (["history_differs"], [])
    with reopen(fork) as vault:
        note(vault)
        note(vault)
        assert checked(vault, heads[0]).problems[0].code == "history_differs"
        assert checked(vault, heads[0]).compared == 1


def test_a_head_of_another_case_is_said_to_be_one(folder: Path, tmp_path: Path) -> None:
    with new(tmp_path / "other") as other:
        assert looked_at(folder, other.head_note(), b"junk") == (["head_foreign"] * 2, [])


def test_a_missing_or_altered_head_makes_the_case_read_only(folder: Path) -> None:
    head = folder / "checkpoints" / "head.note"
    data = head.read_bytes()
    for change, code in ((head.unlink, "head_missing"), (lambda: head.write_bytes(data[:-1]),
                                                         "head_altered")):  # fmt: skip
        change()
        assert looked_at(folder)[0] == [code]
        with reopen(folder) as vault:
            assert not vault.writable
            assert {text_of(vault, item) for item in vault.index.items} == {
                b"the first", b"the second"
            }  # fmt: skip
            with pytest.raises(Damaged, match="can only be read"):
                note(vault)
    shutil.rmtree(folder / "checkpoints")
    assert looked_at(folder)[0][0] == "head_missing"


def test_an_older_head_is_said_and_sealed_again(folder: Path) -> None:
    head = folder / "checkpoints" / "head.note"
    older = head.read_bytes()
    with reopen(folder) as vault:
        note(vault)
        note(vault)
    head.write_bytes(older)
    codes, remarks = looked_at(folder)
    assert codes == []
    assert "2 entries" in remarks[0]
    with reopen(folder) as vault:
        assert vault.recovered == {"unsealed": 2}
    codes, remarks = looked_at(folder)
    assert (codes, len(remarks)) == ([], 1)
    assert "put in order" in remarks[0]


def test_a_head_the_log_does_not_lead_to_is_damage(folder: Path, tmp_path: Path) -> None:
    fork = shutil.copytree(folder, tmp_path / "fork")
    for place in (folder, fork):
        with reopen(place) as vault:
            note(vault)
    shutil.copy(fork / "checkpoints" / "head.note", folder / "checkpoints" / "head.note")
    assert looked_at(folder)[0] == ["head_differs"]


# -- the log ---------------------------------------------------------------------------------


def test_a_log_that_was_cut_says_how_much_is_missing(folder: Path) -> None:
    path = folder / "ledger" / "000000.frames"
    path.write_bytes(path.read_bytes()[:-1])
    with reopen(folder) as vault:
        (problem,) = [one for one in checked(vault).problems if one.code == "ledger_cut"]
        assert "6 were signed: the last 1 are missing" in problem.sentence
        assert "first 5 entries" in problem.unaffected
        assert problem.what == "ledger, entries 5 to 5"
        assert "was interrupted" in checked(vault).remarks[0]


def test_a_log_that_was_edited_says_where(folder: Path) -> None:
    path = folder / "ledger" / "000000.frames"
    data = path.read_bytes()
    path.write_bytes(b"XXXX" + data[4:])
    with reopen(folder, write=False) as vault:
        codes = [one.code for one in checked(vault).problems]
        assert codes[:2] == ["ledger_damaged", "ledger_cut"]
        assert vault.problems[0].what == "ledger, entry 0"
    shutil.rmtree(folder / "ledger")
    assert looked_at(folder)[0][0] == "ledger_damaged"


def test_a_torn_tail_is_said_to_a_reader_and_set_aside_by_a_writer(folder: Path) -> None:
    path = folder / "ledger" / "000000.frames"
    path.write_bytes(path.read_bytes() + b"torn")
    codes, remarks = looked_at(folder)
    assert (codes, "interrupted" in remarks[0]) == ([], True)
    with reopen(folder) as vault:
        (named,) = vault.recovered["set_aside"]
        assert vault.recovered["torn_bytes"] == 4
    kept = folder / "set-aside" / named["folder"] / "torn"
    assert kept.read_bytes() == b"torn"
    line = f"{sha256(b'torn').hexdigest()}  torn\n".encode()
    assert (named["files"], named["sha256"]) == (1, sha256(line).hexdigest())
    assert looked_at(folder)[0] == []


def test_an_empty_last_file_of_the_log_is_removed(folder: Path) -> None:
    (folder / "ledger" / "000001.frames").touch()
    assert "interrupted" in looked_at(folder)[1][0]
    with reopen(folder) as vault:
        assert vault.recovered == {"torn_bytes": 0}
    assert not (folder / "ledger" / "000001.frames").exists()
    assert looked_at(folder)[0] == []


# -- what was set aside ----------------------------------------------------------------------


def test_what_is_set_aside_is_named_and_watched(folder: Path) -> None:
    with reopen(folder) as vault:
        vault.keep([b"never entered"])
    assert looked_at(folder)[0] == ["unentered_original"]
    with reopen(folder) as vault:
        (named,) = vault.recovered["set_aside"]
    codes, remarks = looked_at(folder)
    assert codes == []
    assert "1 files" in remarks[0]
    (moved,) = (folder / "set-aside" / named["folder"]).iterdir()
    moved.write_bytes(moved.read_bytes() + b"x")
    assert looked_at(folder)[0] == ["set_aside_changed"]
    shutil.rmtree(folder / "set-aside")
    codes, remarks = looked_at(folder)
    assert codes == []
    assert named["folder"] in remarks[0]


def test_a_file_put_among_what_was_set_aside_is_unknown_until_a_writer_names_it(
    folder: Path,
) -> None:
    (folder / "set-aside" / "0123abcd").mkdir(parents=True)
    (folder / "set-aside" / "0123abcd" / "odd").write_bytes(b"x")
    (folder / "set-aside" / "loose").write_bytes(b"x")
    assert looked_at(folder)[0] == ["unknown_file"] * 2
    with reopen(folder) as vault:
        assert [one["folder"] for one in vault.recovered["set_aside"]] == ["0123abcd"]
    assert looked_at(folder)[0] == ["unknown_file"]


def test_an_older_log_in_the_place_of_a_newer_one_leaves_originals_nobody_entered(
    folder: Path, tmp_path: Path
) -> None:
    older = shutil.copytree(folder, tmp_path / "older")
    with reopen(folder) as vault:
        add(vault, b"the third")
    for name in ("ledger", "checkpoints"):
        shutil.rmtree(folder / name)
        shutil.copytree(older / name, folder / name)
    assert looked_at(folder)[0] == ["unentered_original"]
    with reopen(folder) as vault:
        assert set(vault.recovered) == {"set_aside"}
        assert "older log" in checked(vault).remarks[0]


# -- strangers -------------------------------------------------------------------------------


def test_what_an_operating_system_leaves_is_no_matter(folder: Path) -> None:
    for place in (folder, folder / "blobs", folder / "ledger", folder / "tmp", folder / "segments",
                  folder / "checkpoints"):  # fmt: skip
        for name in (".DS_Store", "Thumbs.db", "desktop.ini", ".directory", "._head.note"):
            (place / name).write_bytes(b"x")
    assert looked_at(folder) == ([], [])
    with reopen(folder) as vault:
        assert vault.recovered == {}


def test_a_file_nobody_entered_is_named(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    (folder / "ledger" / "000000.frames.bak").write_text("x")
    (folder / "lock").write_text("x")
    (folder / "link").symlink_to(folder / "blobs", target_is_directory=True)
    with reopen(folder, write=False) as vault:
        found = [(one.code, one.what) for one in checked(vault).problems]
    names = ["ledger/000000.frames.bak", "link", "notes.txt", "lock"]
    assert found == [("unknown_file", name) for name in names]


def test_what_lies_beside_the_head_without_an_entry_is_set_aside(folder: Path) -> None:
    os.mkfifo(folder / "checkpoints" / "pipe")
    (folder / "checkpoints" / "5.tsr").write_bytes(b"x")
    assert looked_at(folder)[0] == ["unknown_file"] * 2
    with reopen(folder) as vault:
        assert vault.recovered["set_aside"][0]["files"] == 2
    assert looked_at(folder)[0] == []


def test_a_folder_that_cannot_be_listed_is_never_taken_for_an_empty_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scandir(_place: Path) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(aside.os, "scandir", scandir)
    with reopen(folder, write=False) as vault, pytest.raises(StorageFailed, match="Checking"):
        check_case(vault)


# -- originals, stamps, keys -----------------------------------------------------------------


def test_a_damaged_original_is_named_and_the_others_are_not_touched(folder: Path) -> None:
    with reopen(folder, write=False) as vault:
        first, second = vault.index.items
        heard: list[int] = []
        vault.blob_path(first).unlink()
        vault.blob_path(second).write_bytes(b"")
        found = check_case(vault, progress=heard.append).problems
        assert [(one.code, one.what) for one in found] == [
            ("item_damaged", f"{item[:12]} chat.txt") for item in (first, second)
        ]
        assert heard == []


def test_an_original_that_is_not_what_its_name_says_is_damaged(folder: Path) -> None:
    with reopen(folder) as vault:
        kept = vault.keep([b"one thing"])
        body = {"sha256": "0" * 64, "size": 9, "file_id": kept.file_id, "name": "liar.txt"}
        place = vault.blob_path("0" * 64)
        place.parent.mkdir(exist_ok=True)
        vault.blob_path(kept.sha256).rename(place)
        vault.append(Draft(kinds.ITEM, body))
        assert [one.what for one in checked(vault).problems] == ["0" * 12 + " liar.txt"]


def test_a_changed_or_missing_stamp_is_named(folder: Path) -> None:
    stamp = folder / "checkpoints" / "4.tsr"
    for change in (lambda: stamp.write_bytes(b"answer "), stamp.unlink):
        change()
        with reopen(folder, write=False) as vault:
            assert [(one.code, one.what) for one in checked(vault).problems] == [
                ("anchor_damaged", "checkpoints/4.tsr")
            ]


def test_a_key_file_that_was_touched_makes_the_case_read_only(folder: Path) -> None:
    path = folder / "case.toml"
    older = path.read_bytes()
    path.write_bytes(older + b"\n")
    assert looked_at(folder)[0] == ["keys_altered"]
    path.write_bytes(older)
    with reopen(folder) as vault:
        vault.add_recipient("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")
        note(vault)
    path.write_bytes(older)
    assert looked_at(folder)[0] == ["keys_altered"]


def test_an_older_key_file_right_after_a_change_is_said_and_holds(folder: Path) -> None:
    path = folder / "case.toml"
    older = path.read_bytes()
    with reopen(folder) as vault:
        vault.change_passphrase(OTHER, FLOOR)
    path.write_bytes(older)
    codes, remarks = looked_at(folder)
    assert codes == []
    assert "older than the log says" in remarks[0]
    with reopen(folder) as vault:
        assert vault.recovered == {"slots": sha256(older).hexdigest()}
        note(vault)
    assert looked_at(folder)[0] == []
    with reopen(folder) as vault:
        assert vault.recovered == {}
        vault.change_passphrase(OTHER, FLOOR)
        with pytest.raises(StandfastError):
            reopen(folder, write=False)


def test_readings_are_checked_also_when_something_else_is_damaged(folder: Path) -> None:
    (folder / "checkpoints" / "head.note").unlink()
    shutil.rmtree(folder / "segments")
    assert looked_at(folder)[0] == ["head_missing", "events_damaged"]
    with reopen(folder, write=False) as vault:
        assert [one.code for one in check_case(vault).problems] == ["head_missing"]


def test_a_reader_gives_up_waiting_for_a_quiet_moment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, looks = opening.look, []

    def look(place: Path) -> object:
        looks.append(real(place))
        return opening.Seen(looks[0].case_file, looks[0].case_bytes, str(len(looks)).encode())

    monkeypatch.setattr(opening, "look", look)
    assert looked_at(folder)[0] == ["head_altered"]
    assert len(looks) == opening.LOOKS


# -- commitments -----------------------------------------------------------------------------


def test_a_salt_is_the_same_in_whatever_portions_it_is_taken() -> None:
    one, other = Salts(b"k" * 32, b"r" * 16), Salts(b"k" * 32, b"r" * 16)
    assert one.take(3) + one.take(0) + one.take(2) == other.take(5)
    assert Salts(b"k" * 32, b"s" * 16).take(5) != Salts(b"k" * 32, b"r" * 16).take(5)


def test_a_leaf_is_the_hash_of_salt_and_line() -> None:
    salts = bytes(range(32))
    made = leaves([b"a", b"b"], salts)
    assert made == [leaf_hash(salts[:16] + b"a"), leaf_hash(salts[16:] + b"b")]
    with pytest.raises(ValueError, match="one salt a line"):
        leaves([b"a"], salts)
    assert Tree(made).root() != Tree(made[::-1]).root()


def test_a_problem_is_said_in_whole_sentences(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    problems: list[Problem] = []
    with reopen(folder, write=False) as vault:
        problems += check_case(vault).problems
    assert [one.sentence[-1] + one.unaffected[-1] for one in problems] == [".."]

# SPDX-License-Identifier: Apache-2.0
"""A case whose recovery code is on paper before there is a case; who can show that they open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from desk_case import FLOOR, PHRASE, make, open_desk, told_case
from standfast.desk.beginning import (
    begin_case,
    groups_of,
    new_recovery_code,
    opens,
    take_recovery_code,
)
from standfast.desk.overview import ADD, FINDINGS, TIMELINE, VERIFY, overview
from standfast.errors import StandfastError, WrongPassphrase, WrongUsage

if TYPE_CHECKING:
    from pathlib import Path


def test_the_code_that_was_written_down_opens_the_case(tmp_path: Path) -> None:
    code = new_recovery_code()
    made = begin_case(tmp_path / "case", PHRASE, code, name="Mira", zone="", work=FLOOR)
    assert made.recovery_code == code
    assert opens(tmp_path / "case", code)
    assert opens(tmp_path / "case", "  ".join(groups_of(code)).lower())
    assert opens(tmp_path / "case", PHRASE)
    assert not opens(tmp_path / "case", new_recovery_code())
    assert not opens(tmp_path / "case", "")
    with open_desk(tmp_path / "case") as desk:
        assert [entry.type for entry in desk.vault.entries] == ["case", "slots"]


def test_a_code_with_an_error_makes_no_case(tmp_path: Path) -> None:
    code = new_recovery_code()
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    with pytest.raises(WrongPassphrase):
        begin_case(tmp_path / "case", PHRASE, wrong, work=FLOOR)
    with pytest.raises(WrongUsage):
        begin_case(tmp_path / "case", PHRASE, code, zone="Nowhere/Land", work=FLOOR)
    assert list(tmp_path.iterdir()) == []


def test_a_long_passphrase_is_no_recovery_code(tmp_path: Path) -> None:
    phrase = "four words that are rather long and many more besides"
    begin_case(tmp_path / "case", phrase, new_recovery_code(), work=FLOOR)
    assert opens(tmp_path / "case", phrase)


def test_only_the_newest_sheet_opens(tmp_path: Path) -> None:
    old, new = new_recovery_code(), new_recovery_code()
    begin_case(tmp_path / "case", PHRASE, old, work=FLOOR)
    with open_desk(tmp_path / "case") as desk:
        take_recovery_code(desk, new)
        with pytest.raises(WrongPassphrase):
            take_recovery_code(desk, "0000")
    assert opens(tmp_path / "case", new)
    assert not opens(tmp_path / "case", old)


def test_nobody_opens_what_is_no_case(tmp_path: Path) -> None:
    with pytest.raises(StandfastError):
        opens(tmp_path, PHRASE)


def test_a_glance_names_the_next_thing(tmp_path: Path) -> None:
    with make(tmp_path / "empty") as desk:
        assert overview(desk).next_step == ADD
    with told_case(tmp_path) as desk:
        seen = overview(desk)
        assert (seen.files, seen.people, seen.knows_me, seen.questions) == (2, 2, True, 0)
        assert seen.events == desk.timeline.count()
        assert seen.waiting == len(desk.findings())
        assert seen.next_step == FINDINGS
        early = overview(desk, complete=False)
        assert (early.events, early.waiting, early.next_step) == (None, None, TIMELINE)


def test_damage_comes_before_everything_else(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    (tmp_path / "case" / "checkpoints" / "head.note").unlink()
    with open_desk(tmp_path / "case", write=False) as desk:
        seen = overview(desk)
        assert seen.next_step == VERIFY
        assert len(seen.damage) == 1

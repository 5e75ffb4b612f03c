# SPDX-License-Identifier: Apache-2.0
"""Whatever is done to a closed case folder is found, and what it does not touch still reads."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tampering import HEAD, LEDGER, LOCK, Files, Folder, Grown, tampered

from standfast.errors import StandfastError, WrongPassphrase
from vault_case import OTHER, PASSPHRASE, checked, reopen, stretch_quickly, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.vault.case import Vault


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    with pytest.MonkeyPatch.context() as patch:
        stretch_quickly(patch)
        yield Grown(tmp_path_factory.mktemp("grown") / "case")


@dataclass(slots=True)
class Outcome:
    """What a person is told: by the error, by the check, or by what was put in order."""

    error: str = ""
    codes: tuple[str, ...] = ()
    told: str = ""

    @property
    def silent(self) -> bool:
        return not (self.error or self.codes or self.told)


def outcome_of(case: Grown, files: Files, place: Path, *, write: bool) -> Outcome:
    """Open and check a tampered folder; what was not touched must read back."""
    try:
        vault = reopen(place, write=write)
    except StandfastError as problem:
        return Outcome(error=f"{type(problem).__name__}: {problem.message}")
    with vault:
        report = checked(vault)
        _untouched_reads(case, files, vault, place)
        told = [*report.remarks, *map(str, vault.recovered.items())]
        told += [f"{one.code} {one.what} {one.sentence}" for one in report.problems]
        return Outcome("", tuple(one.code for one in report.problems), "\n".join(told))


def _untouched_reads(case: Grown, files: Files, vault: Vault, place: Path) -> None:
    for item in vault.index.items:
        path = vault.blob_path(item).relative_to(place).as_posix()
        if item in case.items and files.get(path) == case.now[path]:
            text_of(vault, item)


def is_found(case: Grown, files: Files, outcome: Outcome, place: Path) -> bool:
    """Say whether nothing was silent; the folder as a whole as it once was needs a known head."""
    if not outcome.silent:
        return True
    seen = {name: data for name, data in files.items() if name != LOCK}
    older = [{name: d for name, d in one.items() if name != LOCK} for one in case.history]
    if seen == older[-1]:
        return True  # nothing was changed, but for the empty lock, which is made when it is needed
    if seen not in older:
        return False
    with reopen(place, write=False) as vault:
        codes = [one.code for one in checked(vault, case.heads[-1]).problems]
    return codes == ["rolled_back"]


def names_what_is_affected(case: Grown, files: Files, outcome: Outcome) -> bool:
    """Say whether the one file that was changed is named in words a person can follow."""
    changed = [name for name in {*files, *case.now} if files.get(name) != case.now.get(name)]
    if len(changed) != 1 or outcome.error or outcome.silent:
        return True
    (name,) = changed
    if name.startswith(LEDGER):
        return "ledger" in outcome.told or "log" in outcome.told or "torn" in outcome.told
    if name == HEAD:
        return HEAD in outcome.told or "signed head" in outcome.told or "unsealed" in outcome.told
    if name in case.names:
        return case.names[name][:12] in outcome.told
    return name in outcome.told or "recover" in outcome.told or "set aside" in outcome.told \
        or "interrupted" in outcome.told or "slots" in outcome.told  # fmt: skip


def tamper(case: Grown, ram: Path, rounds: int, seed: int) -> None:
    chance, folder = random.Random(seed), Folder(ram / "case")
    outcomes: set[str] = set()
    for number in range(rounds):
        files = tampered(case, chance)
        place, write = folder.put(files), number % 4 == 0
        outcome = outcome_of(case, files, place, write=write)
        if write:
            folder.forget()
            place = folder.put(files)
        assert is_found(case, files, outcome, place), (seed, number, changed(case, files))
        assert names_what_is_affected(case, files, outcome), (outcome, changed(case, files))
        outcomes |= {outcome.error.partition(":")[0], *outcome.codes}
    assert {"Damaged", "item_damaged", "events_damaged", "ledger_cut", "ledger_damaged",
            "head_altered", "head_missing", "keys_altered", "anchor_damaged", "unknown_file",
            "unentered_original"} <= outcomes  # fmt: skip


def changed(case: Grown, files: Files) -> dict[str, tuple[int, int]]:
    """Describe a mutation by the sizes before and after."""
    return {
        name: (len(case.now.get(name, b"")), len(files.get(name, b"")))
        for name in {*files, *case.now}
        if files.get(name) != case.now.get(name)
    }


def test_a_thousand_changes_are_all_found(case: Grown, ram: Path) -> None:
    tamper(case, ram, 1_000, seed=1)


@pytest.mark.long
def test_fifty_thousand_changes_are_all_found(case: Grown, ram: Path) -> None:
    tamper(case, ram, 50_000, seed=2)


def test_the_untouched_folder_is_whole_and_nothing_is_said(case: Grown, ram: Path) -> None:
    for write in (False, True):
        place = Folder(ram / f"case-{write}").put(case.now)
        outcome = outcome_of(case, case.now, place, write=write)
        assert outcome.silent, outcome


def test_every_older_copy_of_the_folder_is_found_by_a_head_known_elsewhere(
    case: Grown, ram: Path
) -> None:
    for number, files in enumerate(case.history[:-1]):
        place = Folder(ram / str(number)).put(files)
        passphrase = passphrase_of(place)
        with reopen(place, write=False, passphrase=passphrase) as vault:
            assert checked(vault).whole
            report = checked(vault, *case.heads)
            assert {one.code for one in report.problems} == {"rolled_back"}
            assert len(report.problems) == len(case.history) - 1 - number


def passphrase_of(place: Path) -> str:
    try:
        reopen(place, write=False).close()
    except WrongPassphrase:
        return OTHER
    return PASSPHRASE

# SPDX-License-Identifier: Apache-2.0
"""The page of the case folder names everything that the vault writes."""

from __future__ import annotations

import re
from pathlib import Path

from standfast.vault import aside, casefile, entry, keys, recovery, sealed
from standfast.vault import ledger as frames

PAGE = Path(__file__).parents[2].joinpath("docs/reference/case-folder.md").read_text("utf-8")


def test_every_type_of_entry_has_a_row() -> None:
    types = {
        value
        for name, value in vars(entry).items()
        if name.isupper() and isinstance(value, str) and re.fullmatch(r"[a-z]+", value)
    }
    rows = set(re.findall(r"^\| `([a-z]+)` \|", PAGE, flags=re.MULTILINE))
    assert len(types) > 15
    assert types - rows == set()


def test_every_key_of_an_entry_and_every_kind_of_slot_is_explained() -> None:
    assert {name for name in entry.KEYS if f"`{name}`" not in PAGE} == set()
    assert {name for name in casefile.KINDS if f"`{name}`" not in PAGE} == set()


def test_what_a_recovery_writes_is_explained() -> None:
    facts = set(re.findall(r'facts\["(\w+)"\]', Path(recovery.__file__).read_text("utf-8")))
    assert {"torn_bytes", "unsealed", "slots", "set_aside"} <= facts
    assert {name for name in (*facts, "erased", "unfinished") if f"`{name}`" not in PAGE} == set()
    assert {
        name for name in (*aside.CRUFT, aside.CRUFT_BEGINNING) if f"`{name}`" not in PAGE
    } == set()


def test_the_figures_are_the_ones_in_force() -> None:
    figures = [
        keys.FLOOR_KIB, keys.CEILING_KIB, sealed.CHUNK, frames.FRAME_LIMIT,
    ]  # fmt: skip
    assert [one for one in figures if f"{one:,}" not in PAGE] == []
    assert f"{keys.FLOOR_PASSES} to {keys.CEILING_PASSES}; " in PAGE
    assert f"{keys.FLOOR_LANES} to {keys.CEILING_LANES}." in PAGE
    assert (frames.RUN_BYTES >> 20, casefile.SIZE_LIMIT >> 10, casefile.SLOT_LIMIT) == (16, 256, 64)
    assert all(one in PAGE for one in ("16 MiB", "256 KiB", "1 to 64 tables"))

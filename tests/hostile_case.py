# SPDX-License-Identifier: Apache-2.0
"""A case that is fed hostile files, and the good file beside them that must survive."""

from __future__ import annotations

import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.desk.case import Desk, new_case
from standfast.vault.opening import Unlock
from vault_case import FLOOR, PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.desk import Added, AddReport

GOOD_NAME = "WhatsApp Chat with Alex.txt"
GOOD = b"""\
14/03/2024, 23:40 - Alex: answer me
14/03/2024, 23:41 - Alex: answer me
15/03/2024, 02:10 - Mira: please stop
"""
GOOD_EVENTS = 3


@contextmanager
def desk(folder: Path, *, zone: str = "Europe/Berlin") -> Iterator[Desk]:
    """Make a case and open it for writing."""
    case = folder / "case"
    new_case(case, PASSPHRASE, zone=zone, work=FLOOR)
    with Desk.open_case(case, Unlock(PASSPHRASE), write=True) as opened:
        yield opened


def place(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files, the good one last, and give their paths."""
    folder.mkdir(exist_ok=True)
    paths = []
    for name, data in {**files, GOOD_NAME: GOOD}.items():
        path = folder / name
        path.write_bytes(data)
        paths.append(path)
    return paths


def survives(opened: Desk, report: AddReport) -> None:
    """Check what must hold after any attack: all kept, the good file read, the case whole."""
    good = next(one for one in report.files if Path(one.path).name == GOOD_NAME)
    assert (good.events, good.reason) == (GOOD_EVENTS, "")
    for one in report.files:
        assert one.outcome in {"kept", "known"}, one
        path = Path(one.path)
        with opened.vault.open_item(one.sha256) as kept, path.open("rb") as file:
            while part := file.read(1 << 20):
                assert kept.read(len(part)) == part
            assert kept.read(1) == b""
    verdict = opened.verify()
    assert verdict.whole, verdict.problems


def attacked(folder: Path, files: Mapping[str, bytes]) -> dict[str, Added]:
    """Add hostile files with a good one, check that all survives, and give what became of each."""
    with desk(folder) as opened:
        report = opened.add(place(folder / "given", files))
        survives(opened, report)
        events = sum(one.events for one in report.files)
        assert sum(row.copies for row in opened.events()) == events  # none lost, however merged
        return {Path(one.path).name: one for one in report.files}


def reasons(opened: Desk, added: Added) -> list[str]:
    """Give the codes of what could not be read in an item."""
    coverage = opened.state.readings[added.sha256].coverage
    return [one["reason"] for one in coverage["unreadable"]]


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Make a zip in memory."""
    import io  # noqa: PLC0415 - only here

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()

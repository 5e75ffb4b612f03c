# SPDX-License-Identifier: Apache-2.0
"""Verifying: is a case, or a bundle, as it was left?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zipfile import ZipFile, is_zipfile

from standfast.errors import InputUnreadable
from standfast.i18n import _
from standfast.timeline.segments import check_readings
from standfast.vault.check import check_case, read_head_file
from standfast.vault.opening import NOTE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.dossier.verifier.verify import Verdict
    from standfast.vault.check import CaseReport


def verify_case(desk: Desk, notes: Sequence[bytes], progress: Progress) -> CaseReport:
    """Read the whole case folder and compare it with its ledger."""
    progress.start(_("Checking"), sum(item.size for item in desk.state.items.values()))
    report = check_case(
        desk.vault,
        notes=notes,
        readings=lambda: check_readings(desk.vault, desk.state),
        progress=progress.step,
    )
    return replace(report, remarks=(*report.remarks, *_waiting(desk)))


def _waiting(desk: Desk) -> Iterator[str]:
    for one in desk.state.waiting:
        yield _(
            "A timestamp of the first {size} entries is wanted from {url} and still waiting:"
            " “standfast anchor --send” asks for it."
        ).format(size=one["size"], url=one["url"])


def verify_bundle(path: Path) -> Verdict:
    """Hold a bundle against its own proofs; this needs no case and no passphrase."""
    from standfast.dossier.verifier import verify  # noqa: PLC0415 - it loads much

    return verify.check_bundle(str(path))


HEAD_IN_BUNDLE = "bundle/proof/head.note"


def _head_in_bundle(path: Path) -> bytes | None:
    with ZipFile(path) as bundle:
        try:
            with bundle.open(HEAD_IN_BUNDLE) as file:
                return file.read(NOTE_LIMIT)
        except KeyError:
            return None


def known_heads(paths: Sequence[Path]) -> list[bytes]:
    """Take the signed heads out of bundles or head files that were kept elsewhere.

    Raises:
        InputUnreadable: a file is neither.
    """
    notes = []
    for path in paths:
        note = _head_in_bundle(path) if is_zipfile(path) else read_head_file(path)
        if note is None:
            raise InputUnreadable(
                _("{name} is neither a bundle nor a signed head.").format(name=path.name),
                hint=_("Give a bundle (zip) or the file proof/head.note out of one."),
            )
        notes.append(note)
    return notes

# SPDX-License-Identifier: Apache-2.0
"""The folder a demo is made in.

Rules enforced here: a folder that holds anything is left alone unless a demo made it (the file
`MARK` says so) and it was asked to be replaced; then only what a demo makes is taken away.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from pathlib import Path

MARK = "standfast-demo.txt"
EXPORTS, CASE = "exports", "case"
DOSSIER, BUNDLE, CHANGED = "dossier.pdf", "bundle.zip", "bundle-changed.zip"


def prepare(out: Path, *, again: bool, passphrase: str) -> None:
    """Make the folder, or clear away the demo that was in it, and mark it as a demo's.

    Raises:
        WrongUsage: the folder holds something else, or a demo that was not to be replaced.
        StorageFailed: the disk refused.
    """
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise WrongUsage(
            _("{name} is not a folder. Nothing was written.").format(name=out.name),
            hint=_("Name a new folder with --out."),
        )
    if out.exists() and any(out.iterdir()):
        _may_replace(out, again=again)
        _clear(out)
    with storage_errors(lambda: _("Making the demo's folder")):
        out.mkdir(parents=True, exist_ok=True)
        said = _(
            "This folder was made by “standfast demo”. The case in it is invented: nobody in it "
            "exists.\nPassphrase of the case: {passphrase}\n"
        )
        (out / MARK).write_text(said.format(passphrase=passphrase), "utf-8")


def _may_replace(out: Path, *, again: bool) -> None:
    if not (out / MARK).is_file():
        raise WrongUsage(
            _("The folder {name} is not empty. Nothing was written.").format(name=out.name),
            hint=_("Name a new or empty folder with --out."),
        )
    if not again:
        raise WrongUsage(
            _("There is a demo in {name} already. Nothing was changed.").format(name=out.name),
            hint=_("Replace it with --again, or name another folder with --out."),
        )


def _clear(out: Path) -> None:
    with storage_errors(lambda: _("Clearing away the old demo")):
        for name in (EXPORTS, CASE):
            if (out / name).is_dir() and not (out / name).is_symlink():
                shutil.rmtree(out / name)
        annexes = out.glob(f"{DOSSIER.removesuffix('.pdf')}-*.pdf")
        for path in (*(out / name for name in (DOSSIER, BUNDLE, CHANGED, MARK)), *annexes):
            path.unlink(missing_ok=True)

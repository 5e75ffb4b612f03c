# SPDX-License-Identifier: Apache-2.0
"""Making the folder of a new case.

Rules enforced here:

* ``case.toml`` comes last: without it, it is no case yet, and with it, it is a whole one;
* what a case that could not be made has left is removed again.
"""

from __future__ import annotations

import base64
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault.aside import is_cruft
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.casefile import CaseFile, digest
from standfast.vault.entry import Draft
from standfast.vault.lock import NAME as LOCK
from standfast.vault.recovery import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from standfast.vault.case import Vault


def check_empty(folder: Path) -> None:
    """Refuse to make a case where something is.

    Raises:
        WrongUsage: the folder is not empty.
        OSError: it cannot be looked into.
    """
    if folder.exists() and not (folder.is_dir() and all(is_cruft(one) for one in folder.iterdir())):
        raise WrongUsage(
            _("The folder {folder} is not empty.").format(folder=folder.name),
            hint=_("Choose a new folder for the case."),
        )


def lay_out(vault: Vault, body: dict[str, Any]) -> None:
    """Write the first files of a case; ``body`` goes into its first entry.

    Raises:
        OSError: the disk refused; nothing is left.
    """
    folder = vault.folder
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        _make_folders(vault, made)
        data = CaseFile(vault.case_id, vault.slots).write()
        key = base64.b64encode(vault.keys.public).decode()
        first = Draft(kinds.CASE, {"case": vault.case_id, "key": key} | body)
        vault.commit([first, Draft(kinds.SLOTS, {"sha256": digest(data)})])
        vault.seal_head()
        vault.place(folder / CASE_FILE, [data])  # from here on it is a case
    except BaseException:
        vault.close()
        _take_back(folder, made)
        raise


def _make_folders(vault: Vault, made: Sequence[Path]) -> None:
    for one in reversed(made):
        vault.disk.make_folder(one)
        with suppress(PermissionError):  # a folder above may be closed to us
            vault.disk.flush_folder(one.parent)
    for name in FOLDERS:
        vault.disk.make_folder(vault.folder / name)
    vault.lock()
    vault.disk.flush_folder(vault.folder)


def nothing_made() -> str:
    """Say what holds when making a case failed."""
    return _("No case was made.")


def _take_back(folder: Path, made: Sequence[Path]) -> None:
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    with suppress(OSError):
        for name in (LOCK, CASE_FILE):
            (folder / name).unlink(missing_ok=True)
        for one in made:
            one.rmdir()

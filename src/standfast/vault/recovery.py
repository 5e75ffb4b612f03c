# SPDX-License-Identifier: Apache-2.0
"""Putting in order what an interrupted run left, when a case is opened for writing.

Rules enforced here:

* a torn tail of the ledger is moved aside, never thrown away, and said in a ``recover`` entry;
* a file nobody entered is moved aside likewise: an interrupted add leaves one, and so does an
  older ledger put in the place of a newer one;
* an erasing that was interrupted is finished; scratch files and lists of events that nothing
  names are removed: they can be made again;
* what may not have been flushed before is flushed before anything builds on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standfast.vault import pending
from standfast.vault.aside import Aside, files_below, tail_of, unnamed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from standfast.vault.case import Vault
    from standfast.vault.opening import Trace

FOLDERS = ("ledger", "checkpoints", "blobs", "segments", "tmp")
HEAD_FILE = "head.note"


def tidy(vault: Vault, trace: Trace) -> Mapping[str, Any]:
    """Put a case in order and give the facts for a ``recover`` entry; none when all is well."""
    facts: dict[str, Any] = {}
    for name in FOLDERS:  # some ways of copying a folder leave out what is empty
        vault.disk.make_folder(vault.folder / name)
    aside = Aside(vault.folder, vault.disk)
    if trace.unfinished:
        facts["torn_bytes"] = trace.torn
        _set_tail_aside(vault, aside)
    if trace.unsealed:
        facts["unsealed"] = trace.unsealed
        vault.disk.flush_folder(vault.folder / "ledger")
    if trace.old_keys:
        facts["slots"] = vault.index.key_files[-2]
    for name, left in (("erased", unerased(vault)), ("unfinished", leftovers(vault))):
        for path in left:
            vault.disk.remove(path)
        if left:
            facts[name] = len(left)
    strange = (*strange_originals(vault), *strange_checkpoints(vault), *pending.strange(vault))
    aside.move(strange)
    set_aside = unnamed(vault.folder, vault.index.aside)
    if set_aside:
        facts["set_aside"] = set_aside
    vault.disk.flush_folder(vault.folder)  # the name of a new key file
    return facts


def _set_tail_aside(vault: Vault, aside: Aside) -> None:
    path, valid = vault.state.files[-1]
    if vault.state.torn:
        target = aside.place("torn")
        vault.disk.place(target, tail_of(path, valid), scratch=vault.scratch(), durable=True)
    vault.disk.cut(path, valid)
    if valid == 0:
        vault.disk.remove(path)
        vault.state.files.pop()
    vault.state.torn = 0


def unerased(vault: Vault) -> list[Path]:
    """Give originals that were erased and still lie there."""
    places = (vault.blob_path(item) for item in vault.index.erased)
    return [path for path in places if path.exists()]


def leftovers(vault: Vault) -> list[Path]:
    """Give scratch files, lists of events that nothing names (any more), marks of old uploads."""
    named = {vault.segment_path(reading) for reading in vault.index.present}
    segments = [path for path in files_below(vault.folder / "segments") if path not in named]
    return [*files_below(vault.folder / "tmp"), *segments, *pending.left_behind(vault)]


def strange_originals(vault: Vault) -> list[Path]:
    """Give encrypted originals that no entry names, and that none is about to name."""
    known = (*vault.index.items, *vault.index.erased, *vault.blobs.waiting)
    named = {vault.blob_path(item) for item in known}
    return [path for path in files_below(vault.folder / "blobs") if path not in named]


def strange_checkpoints(vault: Vault) -> list[Path]:
    """Give files beside the signed head that no entry names."""
    folder = vault.folder / "checkpoints"
    named = {folder / name for name in (HEAD_FILE, *vault.index.anchors)}
    return [path for path in files_below(folder) if path not in named]

# SPDX-License-Identifier: Apache-2.0
"""Opening a case again while its keys are known: no passphrase, no work for one.

Rules enforced here:

* the ledger is read anew whenever the folder may be another than the one that is known;
* only a writer that holds the lock, and finds log, head, keys and ``tmp`` exactly as a writer of
  this program left them, goes on from what is known: nobody wrote, and nothing is half done;
* what goes on is a copy: whoever still looks at the old one sees it as it was.
"""

from __future__ import annotations

from standfast.i18n import _
from standfast.vault import marks
from standfast.vault.case import Vault
from standfast.vault.casefile import read_case_file
from standfast.vault.ledger import LedgerState
from standfast.vault.storage import storage_errors


def has_changed(vault: Vault) -> bool:
    """Say whether log, head or keys on the disk may be others than those that were read.

    Raises:
        StorageFailed: the folder is not there any more.
    """
    with storage_errors(lambda: _("Looking at the case"), _nothing_changed):
        return not marks.mark_of(vault.folder).says_as(vault.mark)


def open_again(known: Vault, *, write: bool = False) -> tuple[Vault, bool]:
    """Open a case anew with the keys of one that was open; say whether nothing was read for it.

    What an interrupted run left is put in order as always. The second answer is true when the
    entries are those that were known, and nothing had to be put in order.

    Raises:
        CaseBusy, Damaged, StandfastError, StorageFailed.
    """
    if not write:
        return Vault.open_case(known.folder, known.keys, disk=known.disk, clock=known.clock), False
    with storage_errors(lambda: _("Opening the case"), _nothing_changed):
        case_file, _data = read_case_file(known.folder)
        vault = Vault(known.folder, case_file, known.keys, disk=known.disk, clock=known.clock)
        vault.lock()
        try:
            if _is_as_left(known):
                _go_on(vault, known)
                return vault, True
            vault.load()
        except BaseException:
            vault.close()
            raise
    return vault, False


def _nothing_changed() -> str:
    return _("Nothing was changed.")


def _is_as_left(known: Vault) -> bool:
    return known.in_order and marks.mark_of(known.folder) == known.mark


def _go_on(vault: Vault, known: Vault) -> None:
    state = known.state
    vault.state = LedgerState(list(state.entries), list(state.files))
    vault.tree, vault.index = known.tree.copy(), known.index.copy()
    vault.slots, vault.mark, vault.in_order = known.slots, known.mark, True

# SPDX-License-Identifier: Apache-2.0
"""Who can open a case, and what is destroyed in it.

Rules enforced here:

* every change of the key slots is in the ledger before it is on the disk; when it does not get
  there, the vault takes nothing more until it is opened again, which puts that in order;
* erasing is in the ledger before anything is removed, and finished by the next opening if it is
  interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.errors import Damaged, StandfastError, WrongUsage
from standfast.i18n import _
from standfast.vault import entry as kinds
from standfast.vault.casefile import NAME as CASE_FILE
from standfast.vault.casefile import CaseFile, digest
from standfast.vault.entry import Draft
from standfast.vault.keys import Slot, Work, passphrase_slot, recipient_slot
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from standfast.vault.case import Vault
    from standfast.vault.entry import Entry


def must_write(vault: Vault) -> None:
    """Go on only where an opening may write.

    Raises:
        Damaged: there is damage.
        StandfastError: it was opened for reading, or a write failed.
    """
    if vault.problems:
        raise Damaged(
            _("This case is damaged, so it can only be read. Nothing was changed."),
            hint=_("Run “standfast verify” to see what is affected."),
        )
    if not vault.writable:
        raise StandfastError(
            _("This case is not open for writing. Nothing was changed."),
            hint=_("Close it and open it again."),
        )


def change_slots(vault: Vault, slots: tuple[Slot, ...]) -> None:
    """Replace the key slots: first in the ledger, then on the disk."""
    data = CaseFile(vault.case_id, slots).write()
    vault.append(Draft(kinds.SLOTS, {"sha256": digest(data)}))
    with storage_errors(lambda: _("Changing the keys"), _either_opens), vault.all_or_nothing():
        vault.place(vault.folder / CASE_FILE, [data])
    vault.slots = slots


def _either_opens() -> str:
    return _("Open the case again, with the new passphrase first and then with the old one.")


def change_passphrase(vault: Vault, passphrase: str, work: Work) -> None:
    """Give the case a new passphrase; an older copy still opens with the old one."""
    if not passphrase:
        raise WrongUsage(_("A case needs a passphrase."), hint=_("Choose several words."))
    fresh = passphrase_slot(vault.case_id, vault.keys.case, passphrase, work)
    kept = tuple(slot for slot in vault.slots if slot.kind != "passphrase")
    change_slots(vault, (fresh, *kept))


def add_recipient(vault: Vault, recipient: str) -> str:
    """Give an age recipient access to everything; returns the slot's id."""
    slot = recipient_slot(vault.case_id, vault.keys.case, recipient)
    change_slots(vault, (*vault.slots, slot))
    return slot.id


def erase(vault: Vault, item: str, reason: str) -> Entry:
    """Destroy an original and every list of events read from it, leaving a tombstone."""
    if item not in vault.index.items:
        raise WrongUsage(_("There is no such item in this case."), hint="")
    (entry,) = vault.append(Draft(kinds.ERASE, {"item": item, "reason": reason}))[-1:]
    gone = [vault.segment_path(reading) for reading in vault.index.segments.get(item, ())]
    with storage_errors(lambda: _("Erasing"), _erased_next_time):
        for path in (vault.blob_path(item), *gone):
            vault.disk.remove(path)
    return entry


def _erased_next_time() -> str:
    return _("The log says it is erased; opening the case again finishes removing it.")

# SPDX-License-Identifier: Apache-2.0
"""Keeping the keys: who can open the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.vault.keys import recovery_slot

if TYPE_CHECKING:
    from standfast.desk.case import Desk


def change_passphrase(desk: Desk, passphrase: str) -> None:
    """Choose a new passphrase; an older copy of the folder still opens with the old one.

    Raises:
        WrongUsage: it is empty.
    """
    if not passphrase:
        raise WrongUsage(_("A case needs a passphrase."), hint=_("Choose several words."))
    desk.vault.change_passphrase(passphrase)


def new_recovery_code(desk: Desk) -> str:
    """Make a new recovery code in place of the old one."""
    vault = desk.vault
    fresh, code = recovery_slot(vault.case_id, vault.keys.case)
    kept = tuple(slot for slot in vault.slots if slot.kind != "recovery")
    vault.change_slots((*kept, fresh))
    return code


def add_recipient(desk: Desk, recipient: str) -> str:
    """Let the holder of an age key open the whole case.

    Raises:
        WrongUsage: that is no age recipient.
    """
    return desk.vault.add_recipient(recipient)


def remove_slot(desk: Desk, slot: str) -> None:
    """Take a way to open the case back.

    Raises:
        WrongUsage: there is no such slot, or it is the last passphrase.
    """
    vault = desk.vault
    rest = tuple(one for one in vault.slots if one.id != slot)
    if len(rest) == len(vault.slots) or not any(one.kind == "passphrase" for one in rest):
        raise WrongUsage(
            _("That slot does not exist, or it is the only passphrase."),
            hint=_("“standfast keys” lists the slots."),
        )
    vault.change_slots(rest)

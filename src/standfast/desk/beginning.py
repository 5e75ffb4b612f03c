# SPDX-License-Identifier: Apache-2.0
"""A case begun page by page: its recovery code is on paper before there is a case.

Nothing is written until everything was asked, so a person who stops half way leaves nothing behind.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from standfast.desk.case import NewCase
from standfast.desk.zones import check_zone
from standfast.errors import WrongPassphrase
from standfast.i18n import language
from standfast.vault.case import Vault
from standfast.vault.casefile import read_case_file
from standfast.vault.keys import RECOVERY_DIGITS, new_recovery_code, recovery_slot
from standfast.vault.note import fingerprint
from standfast.vault.opening import Unlock, unlock_key

if TYPE_CHECKING:
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.vault.keys import Work

__all__ = ["begin_case", "groups_of", "new_recovery_code", "opens", "take_recovery_code"]


def begin_case(  # noqa: PLR0913 - each is a part of a new case, by name
    folder: Path,
    passphrase: str,
    code: str,
    *,
    name: str = "",
    zone: str = "",
    work: Work | None = None,
) -> NewCase:
    """Make a case that opens with a passphrase and with a recovery code that was made before.

    Raises:
        WrongUsage: the folder is not empty, the passphrase is, or there is no such zone.
        WrongPassphrase: that is no recovery code; nothing was made.
    """
    check_zone(zone)
    body = {"title": "", "name": name, "zone": zone, "language": language()}
    vault, _code = Vault.create(folder, passphrase, body=body, recovery_code=code, work=work)
    with vault:
        return NewCase(str(folder), vault.case_id, code, fingerprint(vault.keys.public), zone)


def take_recovery_code(desk: Desk, code: str) -> None:
    """Have a recovery code that was made before open the case, in place of the old one.

    Raises:
        WrongPassphrase: that is no recovery code; nothing was changed.
    """
    vault = desk.vault
    fresh, _code = recovery_slot(vault.case_id, vault.keys.case, code)
    kept = tuple(slot for slot in vault.slots if slot.kind != "recovery")
    vault.change_slots((*kept, fresh))


def groups_of(code: str) -> tuple[str, ...]:
    """Give a recovery code as it stands on the sheet, four characters at a time."""
    return tuple(code.split("-"))


def opens(folder: Path, untrusted_words: str) -> bool:
    """Say whether somebody knows a passphrase or the recovery code of a case.

    Raises:
        StandfastError, Damaged: the folder holds no case.
    """
    case_file, _data = read_case_file(folder)
    plain = sum(one.isalnum() for one in untrusted_words)
    ways = [Unlock(passphrase=untrusted_words)]
    if plain >= RECOVERY_DIGITS:
        ways.insert(0, Unlock(recovery_code=untrusted_words))
    for way in ways:
        with suppress(WrongPassphrase):
            unlock_key(case_file, way)
            return True
    return False

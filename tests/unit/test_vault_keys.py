# SPDX-License-Identifier: Apache-2.0
"""Keys and slots, and the key file that holds them."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.errors import Damaged, StandfastError, StorageFailed, WrongPassphrase, WrongUsage
from standfast.vault import keys
from standfast.vault.case import Vault
from standfast.vault.casefile import CaseFile, _read, read_case_file
from standfast.vault.keys import Slot, Work
from standfast.vault.opening import Unlock, unlock_key
from vault_case import FLOOR, OTHER, PASSPHRASE, new, reopen, stretch_once

if TYPE_CHECKING:
    from pathlib import Path

CASE = "0123456789abcdef" * 2
KEY = bytes(range(32))
SLOT = keys.passphrase_slot(CASE, KEY, PASSPHRASE, FLOOR)
RECOVERY, CODE = keys.recovery_slot(CASE, KEY)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch_once(monkeypatch)


def opened(*slots: Slot, passphrase: str = PASSPHRASE) -> bytes:
    return keys.open_with_passphrase(CASE, slots, passphrase)


def test_a_passphrase_opens_its_slot_and_no_other_passphrase_does() -> None:
    assert opened(RECOVERY, SLOT) == KEY
    with pytest.raises(WrongPassphrase):
        opened(SLOT, passphrase=PASSPHRASE + " ")


def test_a_passphrase_opens_however_the_keyboard_composes_its_letters() -> None:
    slot = keys.passphrase_slot(CASE, KEY, "Stra\u00dfe \u00fcber \ufb01ve", FLOOR)
    assert opened(slot, passphrase="Stra\u00dfe u\u0308ber five") == KEY


def test_a_passphrase_may_hold_what_a_terminal_could_not_decode() -> None:
    odd = "caf\udce9"
    assert opened(keys.passphrase_slot(CASE, KEY, odd, FLOOR), passphrase=odd) == KEY


@pytest.mark.parametrize(
    "work",
    [
        Work(64 * 1024 - 1, 3, 4), Work(64 * 1024, 2, 4), Work(64 * 1024, 3, 0),
        Work(1024 * 1024 + 1, 3, 4), Work(64 * 1024, 11, 4), Work(64 * 1024, 3, 17),
        Work(2**40, 2**31, 2**20), Work(-1, -1, -1),
    ],
)  # fmt: skip
def test_absurd_work_is_refused_before_any_is_done(work: Work) -> None:
    began = time.process_time()
    with pytest.raises(Damaged):
        opened(replace(SLOT, work=work))
    with pytest.raises(Damaged):
        keys.passphrase_slot(CASE, KEY, "x", work)
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize(
    "changed",
    [
        replace(SLOT, id="00000000"),
        replace(SLOT, work=Work(64 * 1024, 3, 5)),
        replace(SLOT, work=Work(64 * 1024, 4, 4)),
        replace(SLOT, kind="recovery"),
        replace(SLOT, salt=bytes(16)),
        replace(SLOT, wrapped=RECOVERY.wrapped),
        *(replace(SLOT, wrapped=SLOT.wrapped[:size]) for size in (0, 1, 11, 12, 13, 28, 59)),
        replace(SLOT, wrapped=SLOT.wrapped + b"\0"),
        replace(SLOT, wrapped=SLOT.wrapped[:-1] + bytes([SLOT.wrapped[-1] ^ 1])),
    ],
)
def test_a_slot_that_was_changed_cut_or_mixed_does_not_open(changed: Slot) -> None:
    with pytest.raises(WrongPassphrase):
        opened(changed)


def test_a_slot_of_another_case_does_not_open() -> None:
    with pytest.raises(WrongPassphrase):
        keys.open_with_passphrase(CASE[::-1], (SLOT,), PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        keys.open_with_recovery(CASE[::-1], (RECOVERY,), CODE)


def recovered(code: str) -> bytes:
    return keys.open_with_recovery(CASE, (SLOT, RECOVERY), code)


def test_a_recovery_code_opens_as_people_type_it() -> None:
    assert recovered(CODE) == KEY
    assert recovered("\n " + CODE.lower().replace("-", " \u2013\t") + " \n") == KEY
    assert recovered(CODE.replace("0", "O").replace("1", "l").replace("V", "u")) == KEY
    assert recovered(CODE.replace("1", "I").replace("0", "o")) == KEY
    wide = "".join(chr(ord(one) + 0xFEE0) if one != "-" else one for one in CODE)
    assert recovered(wide) == KEY


@given(st.integers(0, 35), st.sampled_from(keys.RECOVERY_ALPHABET))
def test_one_wrong_character_of_a_recovery_code_is_called_a_typing_error(
    place: int, letter: str
) -> None:
    digits = CODE.replace("-", "")
    typed = digits[:place] + letter + digits[place + 1 :]
    if typed == digits:
        assert recovered(typed) == KEY
        return
    with pytest.raises(WrongPassphrase, match="typing error"):
        recovered(typed)


@pytest.mark.parametrize(
    "code",
    ["", "A", "-", CODE[:-1], CODE + "0", CODE[:-6], "\u00df" * 40, "ü"],
    ids=["none", "one", "dash", "short", "long", "shorter", "letters", "letter"],
)
def test_a_recovery_code_of_another_length_or_alphabet_is_a_typing_error(code: str) -> None:
    with pytest.raises(WrongPassphrase, match="typing error"):
        recovered(code)


@given(st.text(max_size=60))
def test_no_text_at_all_opens_by_chance(code: str) -> None:
    with pytest.raises(WrongPassphrase):
        recovered(code)


def test_a_whole_recovery_code_of_another_case_is_said_to_be_one() -> None:
    _slot, code = keys.recovery_slot(CASE, KEY)
    with pytest.raises(WrongPassphrase, match="does not open"):
        recovered(code)


def test_a_recovery_secret_keeps_its_leading_zeros() -> None:
    for secret in (bytes(20), b"\0" * 19 + b"\1", b"\xff" * 20):
        assert keys._secret_of(keys._code(secret)) == secret


def test_an_age_recipient_opens_and_only_while_the_slot_is_there(tmp_path: Path) -> None:
    advocate, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    vault = new(tmp_path / "case")
    slot = vault.add_recipient(f" {advocate.to_public()}\n")
    vault.close()
    folder = tmp_path / "case"
    assert opens(folder, Unlock(identity=f"{advocate}\n"))
    assert not opens(folder, Unlock(identity=str(stranger)))
    with reopen(folder) as vault:
        vault.change_slots(tuple(one for one in vault.slots if one.id != slot))
    assert not opens(folder, Unlock(identity=str(advocate)))
    assert opens(folder, Unlock(PASSPHRASE))


def opens(folder: Path, unlock: Unlock) -> bool:
    try:
        case_file, _data = read_case_file(folder)
        keys.Keys.of(unlock_key(case_file, unlock))
    except WrongPassphrase:
        return False
    return True


def test_a_recipients_slot_is_bound_to_its_case_and_to_its_place() -> None:
    advocate = pyrage.x25519.Identity.generate()
    slot = keys.recipient_slot(CASE, KEY, str(advocate.to_public()))
    assert keys.open_with_identity(CASE, (SLOT, slot), str(advocate)) == KEY
    foreign = replace(slot, wrapped=pyrage.encrypt(b"k" * 32, [advocate.to_public()]))
    for bad in (replace(slot, id="00000000"), replace(slot, wrapped=b"junk"), foreign):
        with pytest.raises(WrongPassphrase):
            keys.open_with_identity(CASE, (bad,), str(advocate))
    with pytest.raises(WrongPassphrase):
        keys.open_with_identity(CASE[::-1], (slot,), str(advocate))


def test_what_is_no_recipient_or_identity_is_said_plainly() -> None:
    with pytest.raises(WrongUsage, match="age1"):
        keys.recipient_slot(CASE, KEY, "age1nonsense")
    with pytest.raises(WrongPassphrase, match="AGE-SECRET-KEY-"):
        keys.open_with_identity(CASE, (), "nonsense")


def test_every_purpose_has_a_key_of_its_own() -> None:
    split = keys.Keys.of(KEY)
    every = {split.case, split.names, split.blobs, split.ledger, split.segments, split.salts}
    every.add(split.signing.private_bytes_raw())
    assert len(every) == 7
    assert len(split.public) == 32


def test_a_changed_passphrase_opens_and_the_old_one_no_longer(tmp_path: Path) -> None:
    vault, code = new_with_code(tmp_path / "case")
    vault.change_passphrase(OTHER, FLOOR)
    with pytest.raises(WrongUsage):
        vault.change_passphrase("")
    vault.close()
    assert not opens(tmp_path / "case", Unlock(PASSPHRASE))
    assert opens(tmp_path / "case", Unlock(OTHER))
    assert opens(tmp_path / "case", Unlock(recovery_code=code))


def new_with_code(folder: Path) -> tuple[Vault, str]:
    return Vault.create(folder, PASSPHRASE, work=FLOOR)


# -- the key file ----------------------------------------------------------------------------


def test_the_key_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    slots = (SLOT, RECOVERY, Slot("0a0b0c0d", "recipient", b"age"))
    (tmp_path / "case.toml").write_bytes(CaseFile(CASE, slots).write())
    assert read_case_file(tmp_path)[0] == CaseFile(CASE, slots)


GOOD = CaseFile(CASE, (SLOT, RECOVERY)).write().decode()
SALT = base64.b64encode(SLOT.salt).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "format = 1", "\0", "\ufeff" + GOOD, "slots = " + "[" * 5000, GOOD + GOOD,
        GOOD.replace(CASE, CASE[:-1]), GOOD.replace(f'"{CASE}"', "7"),
        GOOD.replace("passes = 3", 'passes = "3"'), GOOD.replace("passes = 3", "passes = 3.0"),
        GOOD.replace("passes = 3", "passes = true"), GOOD.replace("passes = 3\n", ""),
        GOOD.replace(SALT, SALT[:8]), GOOD.replace(SALT, "*" + SALT[1:]), GOOD.replace(SALT, ""),
        GOOD.replace('"recovery"', '"skeleton"'), GOOD.replace('"recovery"', "1"),
        GOOD.replace('"recovery"', "[]"), GOOD.replace(SLOT.id, "../../xx"),
        f'format = 1\ncase = "{CASE}"\nslots = []\n',
        f'format = 1\ncase = "{CASE}"\nslots = "many"\n',
        f'format = 1\ncase = "{CASE}"\nslots = [1]\n',
        f'format = 1\ncase = "{CASE}"\n[slots]\na = 1\n',
        CaseFile(CASE, (SLOT, SLOT)).write().decode(),
        CaseFile(CASE, (RECOVERY,) * 65).write().decode(),
        "#" * (256 * 1024 + 1),
    ],
)  # fmt: skip
def test_a_key_file_this_program_never_writes_is_damage(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    with pytest.raises(Damaged):
        read_case_file(tmp_path)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reading_of_a_key_file(data: bytes) -> None:
    try:
        _read(data)
    except (ValueError, KeyError, TypeError, RecursionError, StandfastError):
        return
    pytest.fail("random bytes are no key file")


def test_a_case_of_a_newer_version_is_politely_refused(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(GOOD.replace("format = 1", "format = 2"))
    with pytest.raises(StandfastError, match="newer standfast") as refused:
        read_case_file(tmp_path)
    assert not isinstance(refused.value, Damaged)


def test_a_folder_without_a_case_and_a_case_without_its_key_file_are_told_apart(
    tmp_path: Path,
) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StandfastError, match="no case in this folder") as plain:
            read_case_file(place)
        assert not isinstance(plain.value, Damaged)
    (tmp_path / "ledger").mkdir()
    with pytest.raises(Damaged, match="missing"):
        read_case_file(tmp_path)


def test_a_key_file_that_cannot_be_read_is_a_matter_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "case.toml").mkdir()
    with pytest.raises(StorageFailed, match="Opening the case did not work"):
        read_case_file(tmp_path)


def test_random_values_are_never_used_twice() -> None:
    made = {keys.passphrase_slot(CASE, KEY, PASSPHRASE, FLOOR).salt for _ in range(3)}
    assert len(made | {secrets.token_bytes(16)}) == 4

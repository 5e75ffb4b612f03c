# SPDX-License-Identifier: Apache-2.0
"""The ledger's frames, the entries in them, and the signed head over them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from standfast.errors import StorageFailed, TooLarge
from standfast.vault import ledger as frames
from standfast.vault.entry import Draft, Entry, read_entry, stamp, utc_now, write_entry
from standfast.vault.ledger import CHECK_BYTES, HEADER, LENGTH, Ledger, LedgerState, check_length
from standfast.vault.note import Checkpoint, NoteInvalid, fingerprint, read_note, sign_note
from standfast.vault.storage import Disk

if TYPE_CHECKING:
    from pathlib import Path

CASE, OTHER_CASE = "ab" * 16, "cd" * 16
KEY = bytes(range(32))
NOW = "2026-03-04T09:05:00.123Z"


def entry(seq: int, text: str = "") -> Entry:
    return write_entry(seq, Draft("note", {"text": text}), NOW)


def written(folder: Path, *groups: int) -> tuple[Ledger, LedgerState]:
    """Write a ledger in groups of so many entries."""
    ledger, state = Ledger(folder, KEY, CASE), LedgerState()
    for count in groups:
        first = len(state.entries)
        ledger.add(Disk(), state, [entry(first + i, "x" * (first + i)) for i in range(count)])
    return ledger, state


def raws(state: LedgerState) -> list[bytes]:
    return [one.raw for one in state.entries]


def split_frames(data: bytes) -> list[bytes]:
    found, at = [], HEADER.size
    while at < len(data):
        end = at + LENGTH.size + LENGTH.unpack_from(data, at)[0] + CHECK_BYTES
        found.append(data[at:end])
        at = end
    return found


def test_a_ledger_cut_at_every_byte_gives_exactly_what_was_whole_before(tmp_path: Path) -> None:
    ledger, state = written(tmp_path, 1, 3, 1)
    path = tmp_path / "000000.frames"
    data = path.read_bytes()
    ends, at = [], HEADER.size
    for frame in split_frames(data):
        at += len(frame)
        ends.append(at)
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        loaded = ledger.load()
        whole = sum(end <= size for end in ends)
        valid = [0, HEADER.size, *ends][whole + 1 if size >= HEADER.size else 0]
        assert raws(loaded) == raws(state)[: [0, 1, 4, 5][whole]]
        assert (loaded.files, loaded.torn, loaded.broken) == ([(path, valid)], size - valid, "")
        assert loaded.unfinished == (size != valid or size == 0)


@pytest.mark.parametrize("tear", [0, 5, HEADER.size, HEADER.size + 2, 60, 300])
def test_what_a_loss_of_power_left_as_zeros_is_a_torn_tail(tmp_path: Path, tear: int) -> None:
    ledger, state = written(tmp_path, 2)
    path = tmp_path / "000000.frames"
    data = path.read_bytes()
    path.write_bytes(data[:tear] + bytes(len(data) - tear))
    loaded = ledger.load()
    assert loaded.broken == ""
    assert loaded.unfinished
    assert raws(loaded) == raws(state)[: len(loaded.entries)]


def reframed(frame: bytes) -> bytes:
    body = frame[:-CHECK_BYTES]
    return body + sha256(body).digest()[:CHECK_BYTES]


def test_frames_that_were_swapped_dropped_doubled_or_edited_are_refused_whatever_their_checksums(
    tmp_path: Path,
) -> None:
    ledger, state = written(tmp_path, 1, 1, 1, 1)
    path = tmp_path / "000000.frames"
    data = path.read_bytes()
    header, (one, two, three, four) = data[: HEADER.size], split_frames(data)
    edited = bytearray(two)
    edited[30] ^= 1
    cases = {
        (two, one, three, four): 0, (one, three, four): 1, (one, one, two, three): 1,
        (one, reframed(bytes(edited)), three, four): 1, (one, two, three, four, four): 4,
        (one, two, four): 2,
    }  # fmt: skip
    for order, whole in cases.items():
        path.write_bytes(header + b"".join(order))
        loaded = ledger.load()
        assert loaded.broken == "frame"
        assert raws(loaded) == raws(state)[:whole]


def test_a_ledger_of_another_case_or_key_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 2)
    assert Ledger(tmp_path, KEY, OTHER_CASE).load().broken == "frame"
    assert Ledger(tmp_path, bytes(32), CASE).load().broken == "frame"


@pytest.mark.parametrize("header", [b"JUNK", b"SFLG\x02", HEADER.pack(frames.MAGIC, 1)])
def test_another_header_is_refused(tmp_path: Path, header: bytes) -> None:
    ledger, _state = written(tmp_path, 2)
    path = tmp_path / "000000.frames"
    path.write_bytes(header + path.read_bytes()[len(header) :])
    assert ledger.load().broken == "header"


def test_a_missing_folder_a_missing_first_file_and_foreign_files(tmp_path: Path) -> None:
    ledger, state = written(tmp_path, 2)
    (tmp_path / "._000000.frames").write_bytes(b"what a Mac leaves on a stick")
    (tmp_path / "000000.frames.bak").write_bytes(b"")
    assert raws(ledger.load()) == raws(state)
    (tmp_path / "000000.frames").rename(tmp_path / "000001.frames")
    assert ledger.load().broken == "order"
    assert Ledger(tmp_path / "gone", KEY, CASE).load().broken == "missing"


def test_the_ledger_goes_on_in_a_second_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "RUN_BYTES", 1000)
    ledger, state = written(tmp_path, 1, 3, 1, 1, 1, 1)
    names = [f"{number:06d}.frames" for number in range(len(state.files))]
    assert len(names) > 1
    assert [path.name for path, _size in state.files] == names
    loaded = ledger.load()
    assert (raws(loaded), loaded.files, loaded.unfinished) == (raws(state), state.files, False)
    first, second = tmp_path / names[0], tmp_path / names[1]
    first.write_bytes(first.read_bytes()[:-1])
    assert ledger.load().broken == "order"
    first.unlink()
    assert ledger.load().broken == "order"
    assert second.exists()


def test_a_second_file_that_holds_nothing_yet_is_unfinished_and_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, _state = written(tmp_path, 2)
    monkeypatch.setattr(frames, "RUN_BYTES", 10)
    (tmp_path / "000001.frames").touch()
    loaded = ledger.load()
    assert loaded.unfinished
    assert (loaded.torn, loaded.broken) == (0, "")
    ledger.add(Disk(), loaded, [entry(2)])
    assert raws(ledger.load()) == raws(loaded)


def test_a_ledger_that_somebody_else_wrote_to_takes_nothing(tmp_path: Path) -> None:
    ledger, state = written(tmp_path, 1)
    path = tmp_path / "000000.frames"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(StorageFailed, match="longer than it was"):
        ledger.add(Disk(), state, [entry(1)])


def test_an_entry_that_no_frame_can_hold_is_refused_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "COMMIT_LIMIT", 1000)
    check_length([entry(0, "x" * 500)])
    with pytest.raises(TooLarge, match="too long"):
        check_length([entry(0, "x" * 400), entry(1, "x" * 400)])


def test_the_longest_entry_fits_a_frame() -> None:
    assert frames.COMMIT_LIMIT + 12 + 16 == frames.FRAME_LIMIT


# -- entries ---------------------------------------------------------------------------------


def test_an_entry_has_one_form() -> None:
    one = write_entry(7, Draft("note", {"z": 1, "a": "ä\u202e😀\n"}), NOW)
    whole = json.loads(one.raw)
    assert one.raw == json.dumps(
        whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()  # fmt: skip
    assert (whole["seq"], whole["type"], whole["at"], whole["v"]) == (7, "note", NOW, 1)
    assert one.body == {"z": 1, "a": "ä\u202e😀\n"}
    assert len(bytes.fromhex(whole["salt"])) == 32


def test_two_entries_that_say_the_same_have_nothing_in_common() -> None:
    assert entry(0, "ok").raw != entry(0, "ok").raw


def test_a_name_that_is_no_text_becomes_text() -> None:
    body = {"name": "a\udcff\ud83d\ude00\ud83db", "\ud800": 1}
    one = write_entry(0, Draft("item", body), NOW)
    assert one.body == {"name": "a\ufffd😀\ufffdb", "\ufffd": 1}


@given(st.dictionaries(st.text(max_size=5), st.text(st.characters(), max_size=20), max_size=4))
def test_any_text_can_be_entered_and_reads_back(body: dict[str, str]) -> None:
    one = write_entry(0, Draft("note", body), NOW)
    assert read_entry(one.raw) == one
    one.raw.decode()


@given(st.text(st.characters(categories=["Cs", "L"]), max_size=30))
def test_what_is_no_character_never_stops_an_entry(name: str) -> None:
    one = write_entry(0, Draft("item", {"name": name}), NOW)
    assert read_entry(one.raw).body == one.body


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_entry(0, Draft("note", {"number": float("nan")}), NOW)


@pytest.mark.parametrize("raw", [b"", b"[]", b"1", b"{}", b'{"v":1}', b"\xff"])
def test_other_bytes_are_no_entry(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several parsers say it in their words
        read_entry(raw)


def test_an_entry_of_a_newer_version_is_not_taken_for_one_of_this() -> None:
    whole = json.loads(entry(0).raw)
    with pytest.raises(ValueError, match="this version"):
        read_entry(json.dumps(whole | {"v": 2}).encode())
    with pytest.raises(ValueError, match="this version"):
        read_entry(json.dumps(whole | {"more": 1}).encode())


def test_times_are_written_in_utc_to_the_millisecond() -> None:
    moment = datetime(2026, 3, 29, 1, 59, 59, 999999, timezone(timedelta(hours=2)))
    assert stamp(moment) == "2026-03-28T23:59:59.999Z"
    assert stamp(datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC)) == "2106-02-07T06:28:16.000Z"
    assert utc_now().tzinfo is UTC


# -- signed heads ----------------------------------------------------------------------------

SIGNER = Ed25519PrivateKey.from_private_bytes(KEY)
PUBLIC = SIGNER.public_key().public_bytes_raw()
POINT = Checkpoint(CASE, 20852163, sha256(b"root").digest())
NOTE = sign_note(POINT, SIGNER)
ORIGIN = f"standfast/{CASE}".encode()


def test_a_head_reads_back_and_anybody_with_the_key_can_check_it() -> None:
    assert read_note(NOTE, CASE, PUBLIC) == POINT
    body, signed = NOTE.split(b"\n\n")
    data = base64.b64decode(signed.split()[-1])
    assert data[:4] == sha256(ORIGIN + b"\n\x01" + PUBLIC).digest()[:4]
    SIGNER.public_key().verify(data[4:], body + b"\n")
    assert sign_note(Checkpoint(CASE, 0, bytes(32)), SIGNER).split(b"\n")[1] == b"0"


def refused(note: bytes, case: str = CASE, public: bytes = PUBLIC) -> bool:
    try:
        read_note(note, case, public)
    except NoteInvalid:
        return True
    return False


def resigned(body: bytes) -> bytes:
    """Sign any body with the right key, so that only its form can be refused."""
    signature = base64.b64decode(NOTE.split()[-1])[:4] + SIGNER.sign(body)
    return body + b"\n\xe2\x80\x94 " + ORIGIN + b" " + base64.b64encode(signature) + b"\n"


ROOT = base64.b64encode(POINT.root)
STEMS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def second_form(coded: bytes) -> bytes:
    """Give another base64 text of the same bytes: the unused bits set."""
    last = chr(coded.rstrip(b"=")[-1])
    return coded.replace(last.encode() + b"=", STEMS[STEMS.index(last) + 1].encode() + b"=")


def test_a_head_has_one_form() -> None:
    assert not refused(resigned(ORIGIN + b"\n20852163\n" + ROOT + b"\n"))
    for body in (
        ORIGIN + b"\n020852163\n" + ROOT + b"\n", ORIGIN + b"\n+20852163\n" + ROOT + b"\n",
        ORIGIN + b"\n20852163\n" + ROOT + b"\nextension\n", ORIGIN + b"\n20852163\n\n",
        ORIGIN + b"\r\n20852163\r\n" + ROOT + b"\r\n", ORIGIN + b"\n20852163\n" + ROOT,
        ORIGIN + b"\n20852163 \n" + ROOT + b"\n", ORIGIN + b"\n-1\n" + ROOT + b"\n",
        ORIGIN + b"\n20852163\n" + second_form(ROOT) + b"\n",
        ORIGIN + b"\n20852163\n" + ROOT[:-4] + b"\n", b"\xff" + ORIGIN + b"\n1\n" + ROOT + b"\n",
        ORIGIN.upper() + b"\n20852163\n" + ROOT + b"\n", b"other\n20852163\n" + ROOT + b"\n",
        ORIGIN + b"\n20852163\n" + ROOT + b"\n\x00\n", ORIGIN + b"\n99999999999999999\n" + ROOT,
    ):  # fmt: skip
        assert refused(resigned(body)), body


def test_a_head_has_one_signature_by_its_own_key() -> None:
    signature = NOTE.split(b"\n")[-2]
    coded = signature.split()[-1]
    other = Ed25519PrivateKey.generate()
    assert refused(NOTE + signature + b"\n")
    assert refused(NOTE + b"\n")
    assert refused(NOTE[:-1])
    assert refused(b"")
    assert refused(NOTE.replace(coded, second_form(coded)))
    assert refused(NOTE.replace(coded, coded[:-1]))
    assert refused(NOTE.replace(coded, coded + b"="))
    assert refused(NOTE.replace(coded, base64.b64encode(base64.b64decode(coded)[:-1])))
    assert refused(NOTE, OTHER_CASE)
    assert refused(NOTE, public=other.public_key().public_bytes_raw())
    assert refused(sign_note(POINT, other))
    assert refused(NOTE.replace(b"\xe2\x80\x94 " + ORIGIN, b"\xe2\x80\x94 standfast/" + b"0" * 32))
    forged = base64.b64decode(coded)[:4] + other.sign(NOTE.split(b"\n\n")[0] + b"\n")
    assert refused(NOTE.replace(coded, base64.b64encode(forged)))


def test_a_flip_of_any_bit_of_a_head_is_refused() -> None:
    for place in range(len(NOTE)):
        for bit in range(8):
            note = bytearray(NOTE)
            note[place] ^= 1 << bit
            assert refused(bytes(note)), (place, bit)


@given(st.binary(max_size=300))
def test_random_bytes_are_no_head(data: bytes) -> None:
    assert refused(data)


def test_a_fingerprint_can_be_read_aloud() -> None:
    groups = fingerprint(PUBLIC).split()
    assert [len(one) for one in groups] == [4] * 8
    assert "".join(groups).lower() == sha256(PUBLIC).hexdigest()[:32]

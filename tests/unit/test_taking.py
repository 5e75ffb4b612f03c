# SPDX-License-Identifier: Apache-2.0
"""Originals that come as a stream: kept, committed, read, and what is missing is known."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desk_case import CHAT, LETTER, PHRASE, everything_on_disk, make, open_desk, put
from standfast.desk import Sitting, Unlock
from standfast.desk.taking import plain_path
from standfast.errors import InputUnreadable, StandfastError, TooLarge, WrongUsage
from standfast.vault import pending
from standfast.vault.pending import CAME, FOLDER, MARK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from standfast.desk import Desk

WORD = b"a word that nobody else would write"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "case"
    make(folder).close()
    return folder


@pytest.fixture
def case(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    shutil.copytree(made, folder)
    return folder


@pytest.fixture
def desk(case: Path) -> Iterator[Desk]:
    with open_desk(case) as desk:
        yield desk


def whole(desk: Desk) -> bool:
    report = desk.verify()
    return report.whole


# -- taking ----------------------------------------------------------------------------------


def test_what_comes_as_a_stream_is_what_comes_from_a_disk(desk: Desk, tmp_path: Path) -> None:
    taken = desk.take("chat.txt", "Phone/WhatsApp", [CHAT[:40].encode(), CHAT[40:].encode()])
    item = desk.state.items[taken.sha256]
    assert (taken.outcome, taken.number, taken.path) == ("kept", 1, "Phone/WhatsApp/chat.txt")
    assert (item.name, item.folder, item.size) == ("chat.txt", "Phone/WhatsApp", len(CHAT))
    report = desk.read_unread()
    assert [(one.format, one.events, one.number) for one in report.files] == [("whatsapp", 7, 1)]
    again = desk.add([put(tmp_path, "the-same.txt", CHAT)])
    assert [(one.outcome, one.number, one.events) for one in again.files] == [("known", 1, 7)]
    assert whole(desk)


def test_bytes_that_are_known_are_not_kept_twice(desk: Desk) -> None:
    first = desk.take("a.eml", "", [LETTER])
    entries = len(desk.vault.entries)
    again = desk.take("b.eml", "elsewhere", [LETTER])
    assert (first.outcome, again.outcome) == ("kept", "known")
    assert again.number == first.number
    assert len(desk.vault.entries) == entries


def test_its_own_date_is_kept_as_it_was_told(desk: Desk) -> None:
    desk.take("a.eml", "", [LETTER], modified="2024-03-16T09:00:00.000Z")
    assert desk.vault.entries[-1].body["modified"] == "2024-03-16T09:00:00.000Z"


def test_nothing_readable_of_a_stream_touches_the_disk(desk: Desk) -> None:
    seen: list[bytes] = []

    def parts() -> Iterator[bytes]:
        for _number in range(40):
            yield WORD * 2000
            seen.append(everything_on_disk(desk.vault.folder))

    desk.take("secret name.txt", "secret folder", parts())
    for data in (*seen, everything_on_disk(desk.vault.folder)):
        assert WORD[:12] not in data
        assert b"secret" not in data


@pytest.mark.parametrize(
    ("problem", "told"), [(ConnectionError, InputUnreadable), (KeyboardInterrupt, None)]
)
def test_a_stream_that_breaks_off_leaves_nothing(
    desk: Desk, problem: type[BaseException], told: type[BaseException] | None
) -> None:
    def parts() -> Iterator[bytes]:
        yield WORD
        raise problem

    with pytest.raises(told or problem):
        desk.take("a.txt", "", parts())
    assert desk.state.items == {}
    assert desk.take("a.txt", "", [WORD]).number == 1
    assert whole(desk)
    assert not list((desk.vault.folder / "tmp").iterdir())


@pytest.mark.parametrize("name", ["", "..", "/", "x" * 1025])
def test_a_name_that_is_none_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(WrongUsage):
        desk.take(name, "", [WORD])
    assert desk.state.items == {}


@given(st.text(st.sampled_from("ab./\\\x00\u202e"), max_size=30))
def test_a_path_from_a_browser_never_leads_anywhere(path: str) -> None:
    plain = plain_path(path)
    assert plain == plain_path(plain)
    assert not plain.startswith("/")
    assert "\\" not in plain
    assert not {"", ".", ".."} & set(plain.split("/")) or plain == ""


# -- reading ---------------------------------------------------------------------------------


class Stopping:
    """Stops the work at the first step of reading after so many bytes."""

    def __init__(self, most: int) -> None:
        self.left = most

    def start(self, what: str, total: int) -> None:
        """Take no notice."""

    def step(self, done: int) -> None:
        self.left -= done
        if self.left < 0:
            raise KeyboardInterrupt


def letters(desk: Desk, count: int) -> int:
    for number in range(count):
        desk.take(f"{number}.eml", "", [LETTER, b"%02d" % number])
    return len(LETTER) + 2


def test_reading_that_is_stopped_keeps_what_was_read_and_goes_on(desk: Desk) -> None:
    size = letters(desk, 4)
    with pytest.raises(KeyboardInterrupt):
        desk.read_unread(Stopping(2 * size))
    read = len(desk.state.readings)
    assert 2 <= read < 4
    assert len(desk.read_unread().files) == 4 - read
    assert desk.read_unread().files == ()
    assert len(desk.events()) == 4
    assert whole(desk)


def test_a_bounded_reading_lets_others_in_between(desk: Desk) -> None:
    letters(desk, 3)
    assert [len(desk.read_unread(most=2).files) for _turn in range(3)] == [2, 1, 0]


def test_a_forced_format_holds(desk: Desk) -> None:
    desk.take("chat.txt", "", [CHAT.encode()])
    (read,) = desk.read_unread(forced="whatsapp").files
    assert read.format == "whatsapp"
    assert desk.state.readings[read.sha256].forced == "whatsapp"


# -- what was announced ----------------------------------------------------------------------

NAMES = [("Phone/a.eml", len(LETTER)), ("Phone/b.txt", 3), ("Phone/b.txt", 3), ("c.txt", 5)]


def test_what_was_announced_and_has_not_come_is_known_to_another_opening(case: Path) -> None:
    with open_desk(case) as desk:
        desk.announce("one", NAMES)
        desk.take("a.eml", "Phone", [LETTER])
    with open_desk(case, write=False) as desk:
        (upload,) = desk.pending()
        assert upload.upload == "one"
        assert upload.names == (NAMES[0], NAMES[1], NAMES[3])
        assert upload.missing == (NAMES[1], NAMES[3])
        report = desk.verify()
        assert report.whole
        assert any("2 have not arrived" in one for one in report.remarks)
    with open_desk(case) as desk:
        assert not desk.vault.recovered
        desk.take("b.txt", "Phone", [b"abc"])
        desk.take("c.txt", "", [b"abcde"])
        assert desk.pending()[0].missing == ()
        desk.settled("one")
        assert desk.pending() == ()
        assert not any((case / FOLDER).iterdir())
        assert whole(desk)


def test_a_file_whose_bytes_were_in_the_case_has_come_as_well(desk: Desk) -> None:
    desk.take("old name.eml", "", [LETTER])
    desk.announce("one", [("new name.eml", len(LETTER))])
    assert len(desk.pending()[0].missing) == 1
    desk.take("new name.eml", "", [LETTER])
    assert desk.pending()[0].missing == ()


def test_a_file_of_the_same_name_and_size_that_came_earlier_does_not_count(desk: Desk) -> None:
    desk.take("a.txt", "", [b"one"])
    desk.announce("one", [("a.txt", 3)])
    assert desk.pending()[0].missing == (("a.txt", 3),)


def test_files_from_the_disk_count_as_well(desk: Desk, tmp_path: Path) -> None:
    desk.announce("one", [("Phone/a.eml", len(LETTER))])
    put(tmp_path / "Phone", "a.eml", LETTER)
    desk.add([tmp_path / "Phone"])
    assert desk.pending()[0].missing == ()


def test_announcing_again_begins_anew(desk: Desk) -> None:
    desk.announce("one", [("a.txt", 3)])
    desk.take("a.txt", "", [b"one"])
    desk.announce("one", [("a.txt", 3), ("b.txt", 3)])
    assert len(desk.pending()[0].missing) == 2
    assert len(desk.pending()) == 1


def test_the_names_of_an_upload_cannot_be_read_without_the_key(desk: Desk) -> None:
    desk.announce("the upload's own id", [("telling name.txt", 3)])
    on_disk = everything_on_disk(desk.vault.folder / FOLDER)
    names = " ".join(one.name for one in (desk.vault.folder / FOLDER).iterdir())
    assert b"telling" not in on_disk
    assert b"upload" not in on_disk
    assert "upload" not in names


def test_too_many_or_too_long_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "MOST_NAMES", 3)
    monkeypatch.setattr(pending, "MOST_UPLOADS", 2)
    desk.announce("one", [(str(n), n) for n in range(3)])
    desk.announce("two", [])
    for upload, names in (
        ("one", [(str(n), n) for n in range(4)]),
        ("three", []),
        ("one", [("x" * 4097, 1)]),
        ("x" * 201, []),
    ):
        with pytest.raises(TooLarge):
            desk.announce(upload, names)
    assert {one.upload: len(one.names) for one in desk.pending()} == {"one": 3, "two": 0}


def test_two_hundred_thousand_names_fit(desk: Desk) -> None:
    names = [(f"DCIM/Camera/IMG_20240304_{n:06}.jpg", n) for n in range(200_000)]
    desk.announce("one", names)
    desk.take("IMG_20240304_000007.jpg", "DCIM/Camera", [b"1234567"])
    (upload,) = desk.pending()
    assert len(upload.missing) == 199_999
    assert ("DCIM/Camera/IMG_20240304_000007.jpg", 7) not in upload.missing


def test_a_desk_for_looking_announces_nothing(case: Path) -> None:
    with open_desk(case, write=False) as desk:
        for ask in (lambda: desk.announce("one", []), lambda: desk.settled("one")):
            with pytest.raises(StandfastError):
                ask()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_list_of_an_upload_is_not_believed(desk: Desk, at: int, bits: int) -> None:
    desk.announce("one", NAMES)
    (path,) = (desk.vault.folder / FOLDER).iterdir()
    data = bytearray(path.read_bytes())
    data[at % len(data)] ^= bits
    path.write_bytes(data)
    assert desk.pending() == ()
    assert pending.strange(desk.vault) == [path]


def test_a_changed_list_is_told_and_set_aside(case: Path) -> None:
    with open_desk(case) as desk:
        desk.announce("one", NAMES)
    (path,) = (case / FOLDER).iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    with open_desk(case, write=False) as desk:
        assert [one.code for one in desk.verify().problems] == ["unknown_file"]
    with open_desk(case) as desk:
        assert [one["files"] for one in desk.vault.recovered["set_aside"]] == [1]
        assert whole(desk)


def test_a_list_put_in_the_place_of_another_is_not_believed(desk: Desk) -> None:
    desk.announce("one", [("a.txt", 1)])
    (one,) = (desk.vault.folder / FOLDER).iterdir()
    kept = one.read_bytes()
    desk.settled("one")
    desk.announce("two", [("b.txt", 1)])
    (two,) = (desk.vault.folder / FOLDER).iterdir()
    two.write_bytes(kept)
    assert desk.pending() == ()


def test_marks_without_their_list_are_removed_at_the_next_opening(case: Path) -> None:
    with open_desk(case) as desk:
        desk.announce("one", [("a.txt", 3)])
        desk.take("a.txt", "", [b"abc"])
        (case / FOLDER / next(iter((case / FOLDER).glob("*.names"))).name).unlink()
    (marks,) = (case / FOLDER).iterdir()
    with open_desk(case, write=False) as desk:
        assert whole(desk)
    with open_desk(case) as desk:
        assert desk.vault.recovered == {"unfinished": 1}
        assert not marks.exists()


def test_a_mark_torn_by_a_crash_costs_that_mark_alone(desk: Desk) -> None:
    desk.announce("one", [("a.txt", 1), ("b.txt", 1), ("c.txt", 1)])
    desk.take("a.txt", "", [b"a"])
    desk.take("b.txt", "", [b"b"])
    (marks,) = (desk.vault.folder / FOLDER).glob(f"*{CAME}")
    marks.write_bytes(marks.read_bytes()[: MARK_BYTES + 5])
    assert [name for name, _size in desk.pending()[0].missing] == ["b.txt", "c.txt"]
    desk.take("c.txt", "", [b"c"])
    assert [name for name, _size in desk.pending()[0].missing] == ["b.txt"]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), st.integers(0, 2**60)), max_size=8))
def test_any_names_come_back_as_they_were_announced(
    desk: Desk, names: list[tuple[str, int]]
) -> None:
    desk.announce("one", names)
    told = desk.pending()[0].missing
    assert list(told) == list(dict.fromkeys((plain_path(name), size) for name, size in names))


def test_an_upload_goes_through_a_sitting_file_by_file(case: Path) -> None:
    sitting = Sitting.begin(case, Unlock(PHRASE))
    sitting.write(lambda desk: desk.announce("one", [(f"{n}.eml", 0) for n in range(6)]))
    for number in range(6):
        data = [LETTER, b"%d" % number]
        sitting.write(lambda desk, n=number, parts=data: desk.take(f"{n}.eml", "", parts))
    while sitting.write(lambda desk: desk.read_unread(most=4)).files:
        sitting.write(lambda desk: desk.note("in between"))
    sitting.catch_up()
    assert len(sitting.look().events()) == 6
    assert len(sitting.look().state.notes) == 2
    assert len(sitting.look().pending()[0].missing) == 6, "their sizes were announced wrongly"
    sitting.close()
    with open_desk(case) as desk:
        assert not desk.vault.recovered
        assert whole(desk)
        kinds = json.dumps([one.type for one in desk.vault.entries])
    assert "recover" not in kinds

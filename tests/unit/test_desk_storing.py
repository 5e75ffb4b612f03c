# SPDX-License-Identifier: Apache-2.0
"""Where a case may live: what is plugged in, what is copied elsewhere, which cases lie nearby."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk_case import make
from standfast.desk import storing
from standfast.desk.storing import (
    CASE,
    COMPUTER,
    HEADLESS,
    NEW,
    STICK,
    TAKEN,
    Place,
    checked,
    find_cases,
    mounted,
    new_folder,
    service_of,
    typed_path,
    volumes_of,
    what_is,
)  # fmt: skip
from standfast.errors import StandfastError, WrongUsage

TABLE = """\
22 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
99 28 8:1 / /media/mira/OLD\\040STICK rw,nosuid shared:52 - vfat /dev/sda1 rw
98 28 8:17 / /run/media/mira/Blue rw,nosuid - exfat /dev/sdb1 rw
97 28 0:44 / /media/mira/office rw - cifs //server/office rw
96 28 0:45 / /mnt/backup rw - ext4 /dev/sdc1 rw
short line
"""


def place(folder: Path) -> Place:
    return Place(COMPUTER, folder, "", 1 << 40)


def test_the_kernel_tells_what_is_plugged_in() -> None:
    assert [str(one) for one in mounted(TABLE)] == [
        "/media/mira/OLD STICK", "/run/media/mira/Blue", "/mnt/backup",
    ]  # fmt: skip


@given(st.text(max_size=400))
def test_any_table_of_mounts_can_be_read(table: str) -> None:
    for one in mounted(table):
        assert str(one).startswith(("/media/", "/run/media/", "/mnt/"))


def test_the_volume_of_the_system_is_no_stick(tmp_path: Path) -> None:
    (tmp_path / "Blue").mkdir()
    (tmp_path / "Macintosh HD").symlink_to(tmp_path)
    (tmp_path / "file").write_text("")
    assert [one.name for one in volumes_of(tmp_path)] == ["Blue"]
    assert list(volumes_of(tmp_path / "missing")) == []


def test_home_comes_first_then_sticks_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, stick = tmp_path / "mira", tmp_path / "Blue"
    home.mkdir()
    stick.mkdir()
    monkeypatch.setattr(storing.Path, "home", lambda: home)
    monkeypatch.setattr(storing, "_plugged_in", lambda: iter((tmp_path / "gone", stick, home)))
    found = storing.places()
    assert [(one.kind, one.folder) for one in found] == [(COMPUTER, home), (STICK, stick)]
    assert found[1].name == "Blue"
    assert found[0].free > 0


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/people/mira/OneDrive - Personal/Documents/Notes", "OneDrive"),
        ("/people/mira/Dropbox/Notes", "Dropbox"),
        ("/people/mira/Library/Mobile Documents/com~apple~CloudDocs/Notes", "iCloud Drive"),
        ("/people/mira/iCloudDrive/Notes", "iCloud Drive"),
        ("/people/mira/Library/CloudStorage/Something/Notes", "CloudStorage"),
        ("/volumes/GoogleDrive/My Drive/Notes", "Google Drive"),
        ("/people/mira/Nextcloud2/Notes", "Nextcloud"),
        ("/people/mira/Notes", ""),
        ("/people/mira/megaphones/boxes", ""),
    ],
)
def test_a_service_that_copies_is_named(path: str, service: str) -> None:
    assert service_of(Path(path)) == service


def test_a_link_into_a_copied_folder_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "Dropbox").mkdir()
    (tmp_path / "Papers").symlink_to(tmp_path / "Dropbox")
    assert service_of(tmp_path / "Papers" / "Notes") == "Dropbox"


def test_cases_are_found_one_level_below_newest_first(tmp_path: Path) -> None:
    for name in ("first", "second"):
        make(tmp_path / name).close()
    make(tmp_path / "deep" / "down").close()
    (tmp_path / "no-case").mkdir()
    (tmp_path / "no-case" / "case.toml").write_text("a file with that name")
    (tmp_path / "linked").symlink_to(tmp_path / "deep" / "down")
    old = time.time() - 86_400
    for name in ("ledger", "checkpoints"):
        os.utime(tmp_path / "second" / name, (old, old))
    found = find_cases([place(tmp_path), place(tmp_path / "gone")])
    assert [one.folder.name for one in found] == ["first", "second"]
    assert found[0].changed > found[1].changed


def test_a_place_that_is_a_case_itself_is_found_once(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    found = find_cases([place(tmp_path), place(tmp_path / "case")])
    assert [one.folder for one in found] == [tmp_path / "case"]


def test_what_a_folder_is(tmp_path: Path) -> None:
    make(tmp_path / "case").close()
    shutil.copytree(tmp_path / "case", tmp_path / "headless")
    (tmp_path / "headless" / "case.toml").unlink()
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("x")
    kinds = {"case": CASE, "headless": HEADLESS, "empty": NEW, "missing": NEW, "file": TAKEN}
    assert {name: what_is(tmp_path / name) for name in kinds} == kinds
    assert what_is(tmp_path) == TAKEN


@pytest.mark.parametrize("name", ["case", "headless", "file", "taken", "missing/deeper"])
def test_no_case_is_made_where_something_is(tmp_path: Path, name: str) -> None:
    make(tmp_path / "case").close()
    shutil.copytree(tmp_path / "case", tmp_path / "headless")
    (tmp_path / "headless" / "case.toml").unlink()
    (tmp_path / "file").write_text("x")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter").write_text("x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(WrongUsage):
        checked(tmp_path / name)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_place_without_room_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(tmp_path / "Notes") == tmp_path / "Notes"
    monkeypatch.setattr(storing, "ENOUGH", 1 << 62)
    with pytest.raises(WrongUsage, match="too little room"):
        checked(tmp_path / "Notes")


@given(name=st.text(max_size=80))
def test_a_new_folder_never_leaves_its_place(name: str) -> None:
    above = Path(__file__).parent
    try:
        folder = new_folder(above, name)
    except StandfastError:
        return
    assert folder.parent == above
    assert folder.name == name.strip()


@given(text=st.text(max_size=200))
def test_a_typed_path_is_whole_or_refused(text: str) -> None:
    try:
        path = typed_path(text)
    except StandfastError:
        return
    assert path.is_absolute()
    assert ".." not in path.parts


@pytest.mark.parametrize("text", ['"{home}/Notes"', "~/Notes", " {home}/x/../Notes ", "~"])
def test_a_path_is_read_as_people_paste_it(text: str) -> None:
    home = Path.home()
    expected = home if text == "~" else home / "Notes"
    assert typed_path(text.format(home=home)) == expected

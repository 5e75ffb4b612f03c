# SPDX-License-Identifier: Apache-2.0
"""Where a case may live, and which cases lie in those places.

Rules enforced here:

* no other program is asked: the system's own tables say what is plugged in;
* looking goes one level deep, follows no link, opens no file but to see that a case's key file is
  there, and is bounded;
* a folder that a service copies to other computers is named with that service, never refused: the
  person decides;
* nothing is made and nothing is written.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from standfast.errors import WrongUsage
from standfast.i18n import _
from standfast.vault.casefile import NAME as CASE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

COMPUTER, STICK = "computer", "stick"
CASE, NEW, HEADLESS, TAKEN = "case", "new", "headless", "taken"
"""What a folder is: a case, free for one, a case without its key file, or used by something else"""

MOUNTS = Path("/proc/self/mountinfo")
VOLUMES = Path("/Volumes")
PLUGGED_IN = ("/media/", "/run/media/", "/mnt/")
NOT_HERE = frozenset({"cifs", "nfs", "nfs4", "smb3", "smbfs", "9p", "fuse.sshfs", "fuse.rclone"})
"""Kinds of file systems whose files lie on another computer."""
MOST_PLACES = 20
MOST_FOLDERS = 5000
LONGEST_NAME = 60
LONGEST_PATH = 1000
ENOUGH = 50 << 20
"""Bytes; a place with less cannot take a case."""

SERVICES = (
    (re.compile(r"^onedrive"), "OneDrive"),
    (re.compile(r"^dropbox"), "Dropbox"),
    (re.compile(r"^(icloud|mobile documents|com~apple~clouddocs)"), "iCloud Drive"),
    (re.compile(r"^(google ?drive|my drive|drivefs)"), "Google Drive"),
    (re.compile(r"^nextcloud"), "Nextcloud"),
    (re.compile(r"^owncloud"), "ownCloud"),
    (re.compile(r"^(pcloud|p ?cloud ?drive)"), "pCloud"),
    (re.compile(r"^(mega|megasync)$"), "MEGA"),
    (re.compile(r"^(box|box sync)$"), "Box"),
    (re.compile(r"^proton ?drive"), "Proton Drive"),
    (re.compile(r"^magentacloud"), "MagentaCLOUD"),
    (re.compile(r"^(seafile|seadrive)"), "Seafile"),
    (re.compile(r"^syncthing"), "Syncthing"),
    (re.compile(r"^cloudstorage$"), "CloudStorage"),
)
UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
RESERVED = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""Names that Windows keeps for itself: a stick may be carried there."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a case can be made.

    Attributes:
        kind: ``computer`` (the home folder) or ``stick`` (something that is plugged in).
        folder: its path.
        name: what the person calls it; empty for the home folder.
        free: bytes that are free.
        service: the service that copies it elsewhere, or nothing.
    """

    kind: str
    folder: Path
    name: str
    free: int
    service: str = ""


@dataclass(frozen=True, slots=True)
class FoundCase:
    """A case that lies in one of the places; ``changed`` is an ISO stamp (UTC)."""

    folder: Path
    kind: str
    changed: str


def places() -> tuple[Place, ...]:
    """Give the places of this computer that can take a case: the home folder, then sticks."""
    home = Path.home()
    found = [_place(COMPUTER, home, "")]
    found += [_place(STICK, one, one.name or str(one)) for one in _plugged_in() if one != home]
    return tuple(one for one in found if one is not None)[:MOST_PLACES]


def _place(kind: str, folder: Path, name: str) -> Place | None:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return None
    if not os.access(folder, os.W_OK):
        return None
    return Place(kind, folder, name, free, service_of(folder))


def _plugged_in() -> Iterator[Path]:
    if sys.platform == "win32":  # pragma: no cover - only Windows has drive letters
        yield from _drives()
    elif sys.platform == "darwin":  # pragma: no cover - only macOS has this folder
        yield from volumes_of(VOLUMES)
    else:
        try:
            table = MOUNTS.read_text("utf-8", "surrogateescape")
        except OSError:
            return
        yield from mounted(table)


def mounted(table: str) -> Iterator[Path]:
    """Give what is plugged in, by the kernel's table of mounts (Linux, ``proc(5)``)."""
    for line in table.splitlines():
        before, _dash, after = line.partition(" - ")
        columns, kind = before.split(" "), after.split(" ")[0]
        if len(columns) < 5 or kind in NOT_HERE:  # noqa: PLR2004 - the fifth is the mount point
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), columns[4])
        if point.startswith(PLUGGED_IN):
            yield Path(point)


def volumes_of(folder: Path) -> Iterator[Path]:
    """Give the volumes of macOS; the one the system runs from is a link there."""
    try:
        found = sorted(one for one in folder.iterdir() if not one.is_symlink() and one.is_dir())
    except OSError:
        return
    yield from found


def _drives() -> Iterator[Path]:  # pragma: no cover - only Windows has drive letters
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - of use on Windows alone

        kernel = ctypes.windll.kernel32
        letters = kernel.GetLogicalDrives()
        system = os.environ.get("SYSTEMDRIVE", "C:").upper()
        for number in range(26):
            drive = f"{chr(ord('A') + number)}:"
            if letters >> number & 1 and drive != system:
                kind = kernel.GetDriveTypeW(f"{drive}\\")
                if kind in {2, 3}:  # removable, fixed; not: network, optical, memory
                    yield Path(f"{drive}\\")
    yield from ()


def service_of(folder: Path) -> str:
    """Name the service that, by the folder's path, copies it to other computers; or nothing."""
    parts = list(folder.parts)
    with suppress(OSError, RuntimeError):  # a loop of links
        parts += folder.resolve().parts
    for part in parts:
        for pattern, name in SERVICES:
            if pattern.search(part.casefold()):
                return name
    return ""


def find_cases(where: Iterable[Place]) -> tuple[FoundCase, ...]:
    """Give the cases in some places, one level below each, the newest first."""
    found = {
        one.folder: one
        for place in where
        for folder in (place.folder, *_folders(place.folder))
        if (one := _case(folder, place.kind)) is not None
    }
    return tuple(sorted(found.values(), key=lambda one: (one.changed, str(one.folder)))[::-1])


def _folders(folder: Path) -> list[Path]:
    found = []
    try:
        with os.scandir(folder) as entries:
            for _number, entry in zip(range(MOST_FOLDERS), entries, strict=False):
                if entry.is_dir(follow_symlinks=False):
                    found.append(Path(entry.path))
    except OSError:
        return []
    return found


def _case(folder: Path, kind: str) -> FoundCase | None:
    try:
        if not stat.S_ISREG((folder / CASE_FILE).lstat().st_mode):
            return None
        if not (folder / "ledger").is_dir():
            return None
        newest = max(one.lstat().st_mtime for one in (folder / "ledger", folder / "checkpoints"))
    except OSError:
        return None
    return FoundCase(folder, kind, datetime.fromtimestamp(newest, UTC).isoformat())


def what_is(folder: Path) -> str:
    """Say what a folder is: `CASE`, `NEW`, `HEADLESS` or `TAKEN`."""
    if (folder / CASE_FILE).is_file():
        return CASE
    if (folder / "ledger").is_dir():
        return HEADLESS
    try:
        empty = not any(folder.iterdir())
    except FileNotFoundError:
        return NEW
    except OSError:
        return TAKEN
    return NEW if empty else TAKEN


def new_folder(place: Path, name: str) -> Path:
    """Give the folder for a new case.

    Raises:
        WrongUsage: the name is none, something lies there, or the place cannot take a case.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or UNFIT.search(name) or name.endswith("."):
        raise WrongUsage(
            _("This name cannot be used for a folder."),
            hint=_("Letters, digits, spaces and hyphens are fine; up to 60 of them."),
        )
    if name.startswith(".") or name.split(".")[0].casefold() in RESERVED:
        raise WrongUsage(
            _("This name cannot be used for a folder."),
            hint=_("Some names have a meaning of their own for the computer. Choose another one."),
        )
    return checked(place / name)


def typed_folder(untrusted_text: str) -> Path:
    """Give the folder that a person typed or pasted, checked like `new_folder`.

    Raises:
        WrongUsage: it is no whole path, or cannot take a case.
    """
    return checked(typed_path(untrusted_text))


def typed_path(untrusted_text: str) -> Path:
    """Read a path as people paste it: in quotes, or with ``~`` for the home folder.

    Raises:
        WrongUsage: it is no whole path.
    """
    text = untrusted_text.strip().strip("\"'").strip()
    path = Path(text)
    if text.startswith("~"):
        path = Path.home() / text[1:].lstrip("/\\")
    if not text or len(text) > LONGEST_PATH or "\0" in text or not path.is_absolute():
        raise WrongUsage(
            _("This is not a whole path."),
            hint=_("A whole path begins with a drive or a slash, like {example}.").format(
                example=Path.home() / "Notes"
            ),
        )
    return Path(os.path.normpath(path))


def checked(folder: Path) -> Path:
    """Give the folder back if a case can be made there.

    Raises:
        WrongUsage: something lies there, or it cannot be written.
    """
    state = what_is(folder)
    if state in {CASE, HEADLESS}:
        raise WrongUsage(
            _("A case is in this folder already. Nothing was changed."),
            hint=_("Open that one, or choose another name."),
        )
    if state == TAKEN:
        raise WrongUsage(
            _("There is something in this folder already. Nothing was changed."),
            hint=_("Choose a name that is not taken."),
        )
    above = folder if folder.exists() else folder.parent
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise WrongUsage(
            _("Nothing can be written there."),
            hint=_("Check that the stick is plugged in and not locked, or choose another place."),
        )
    if shutil.disk_usage(above).free < ENOUGH:
        raise WrongUsage(
            _("There is too little room left there."),
            hint=_("Choose a place with more room; pictures and videos need a lot."),
        )
    return folder

# SPDX-License-Identifier: Apache-2.0
"""Taking originals in, from wherever they come: keep first, read second.

Rules enforced here:

* every byte is kept and committed before anything tries to understand it;
* nothing of what arrives is written to a disk but ciphertext, in the case folder;
* originals are committed in groups, so a folder of thousands costs few flushes; an interruption
  loses at most the group under way, and giving the same again goes on where it stopped;
* names and folders come from outside: they are kept as words, bounded, and never used as paths.
"""

from __future__ import annotations

import mimetypes
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from standfast.desk import unread
from standfast.errors import InputUnreadable, WrongUsage
from standfast.i18n import _
from standfast.sources.tables import spelled
from standfast.vault import entry as kinds
from standfast.vault import pending
from standfast.vault.entry import Draft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.vault.case import Kept
    from standfast.vault.pending import Pending

GROUP_FILES = 64
GROUP_BYTES = 256 << 20
LONGEST_NAME = 1024
LONGEST_FOLDER = 4096
LONGEST_STAMP = 40


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file.

    ``outcome`` is ``kept``, ``known`` (its very bytes were in the case already) or ``left_out``
    (with a sentence in ``reason``). ``format`` and the counts are of its reading. Of a file that
    was kept, ``reason`` says why nothing in it could be read, or that it changed meanwhile.
    """

    path: str
    outcome: str
    sha256: str = ""
    size: int = 0
    number: int = 0
    format: str = ""
    events: int = 0
    unreadable: int = 0
    questions: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of everything that was added."""

    files: tuple[Added, ...] = ()

    @property
    def left_out(self) -> tuple[Added, ...]:
        """Give the files that could not be taken in."""
        return tuple(one for one in self.files if one.outcome == "left_out")

    @property
    def in_doubt(self) -> tuple[Added, ...]:
        """Give the files that were kept, and about which there is something to say."""
        return tuple(one for one in self.files if one.reason and one.outcome != "left_out")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file on its way in: how it is shown, and what its entry says of where it came from.

    ``modified`` is the file's own date on the disk it came from, UTC as entries write it, or empty:
    a fact, and no proof of anything.
    """

    shown: str
    name: str
    folder: str
    modified: str

    @property
    def path(self) -> str:
        """Give folder and name as one."""
        return f"{self.folder}/{self.name}" if self.folder else self.name


@dataclass(slots=True)
class Arrivals:
    """Originals that lie in the case folder and wait for their entries."""

    desk: Desk
    kept: dict[str, tuple[Arrival, Kept]] = field(default_factory=dict)
    come: list[tuple[str, int]] = field(default_factory=list)
    size: int = 0

    def keep(self, arrival: Arrival, parts: Iterable[bytes]) -> Added:
        """Encrypt one original into the folder; `commit` enters it.

        Raises:
            StorageFailed: the disk refused. Whatever ``parts`` raises comes through as well.
        """
        kept = self.desk.vault.keep(parts)
        known = kept.known or kept.sha256 in self.kept
        if not known:
            self.kept[kept.sha256] = (arrival, kept)
            self.size += kept.size
        self.come.append((arrival.path, kept.size))
        return Added(arrival.shown, "known" if known else "kept", kept.sha256, kept.size)

    @property
    def full(self) -> bool:
        """Say whether it is time to commit."""
        return len(self.kept) >= GROUP_FILES or self.size >= GROUP_BYTES

    def commit(self) -> None:
        """Enter what was kept, and begin anew."""
        if self.kept:
            drafts = (Draft(kinds.ITEM, _facts(*one)) for one in self.kept.values())
            self.desk.append(*drafts)
        if self.come:
            pending.arrived(self.desk.vault, self.come)
        self.kept, self.come, self.size = {}, [], 0


def _facts(arrival: Arrival, kept: Kept) -> dict[str, Any]:
    return {
        "sha256": kept.sha256,
        "size": kept.size,
        "file_id": kept.file_id,
        "name": spelled(arrival.name),
        "folder": spelled(arrival.folder),
        "media_type": mimetypes.guess_type(arrival.name)[0] or "application/octet-stream",
        "modified": arrival.modified,
    }


def take(
    desk: Desk, name: str, folder: str, parts: Iterable[bytes], *, modified: str = ""
) -> Added:
    """Keep one original from a stream and commit its entry.

    Raises:
        WrongUsage: it has no name, or one that is too long; nothing was added.
        InputUnreadable: it broke off on its way; nothing was added.
        StorageFailed: the disk refused; nothing was added.
    """
    path = plain_path(f"{folder}/{name}")
    above, _slash, last = path.rpartition("/")
    if not last or len(last) > LONGEST_NAME or len(above) > LONGEST_FOLDER:
        raise WrongUsage(
            _("The file has no name, or one that is too long. It was not added."),
            hint=_("Give it a shorter name and add it again."),
        )
    group = Arrivals(desk)
    added = group.keep(Arrival(path, last, above, modified[:LONGEST_STAMP]), _arriving(parts))
    group.commit()
    return replace(added, number=desk.state.items[added.sha256].number)


def _arriving(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Hand on a stream, so that its failing is not taken for the disk's."""
    try:
        yield from parts
    except OSError as problem:
        raise InputUnreadable(
            _("The file broke off on its way. It was not added."),
            hint=_("Add it once more."),
        ) from problem


def plain_path(untrusted_path: str) -> str:
    """Give a path that a browser named in one form: no steps up, no roots, ``/`` between parts."""
    parts = untrusted_path.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", ".", ".."})


def read_unread(
    desk: Desk,
    progress: Progress,
    *,
    forced: str = "",
    again: Collection[str] = (),
    most: int | None = None,
) -> AddReport:
    """Read what is kept and not read yet; give what became of what was read now.

    ``again`` are originals (SHA-256) that were given once more: when the reader was stopped on one
    of them, it is read again. ``most`` bounds how many are read, so that a long reading can let
    others write in between.
    """
    waiting = unread.unread(desk, again)[:most]
    if waiting:
        unread.read(desk, waiting, progress, forced=forced)
    asked = questions_by_item(desk)
    items = (desk.state.items[one] for one in waiting)
    files = (
        Added(f"{one.folder}/{one.name}" if one.folder else one.name, "kept", one.sha256, one.size)
        for one in items
    )
    return AddReport(tuple(outcome(desk, one, asked) for one in files))


def questions_by_item(desk: Desk) -> Mapping[str, int]:
    """Count the open questions of each original."""
    return Counter(one.item for one in desk.questions())


def outcome(desk: Desk, added: Added, asked: Mapping[str, int]) -> Added:
    """Tell of a file that was kept what its reading came to."""
    if added.outcome == "left_out":
        return added
    item = desk.state.items[added.sha256]
    reading = desk.state.readings.get(added.sha256)
    if reading is None:
        return replace(added, number=item.number)
    coverage = reading.coverage
    reason = added.reason
    if not reason and not reading.events and coverage["unreadable"]:
        reason = coverage["unreadable"][0]["detail"]
    return replace(
        added,
        number=item.number,
        format=reading.format,
        events=reading.events,
        unreadable=coverage["unreadable_total"],
        questions=asked.get(added.sha256, 0),
        reason=reason,
    )


def announce(desk: Desk, upload: str, names: Iterable[tuple[str, int]]) -> None:
    """Remember which files an upload is going to bring, by path and size in bytes.

    Raises:
        TooLarge: they are far too many.
    """
    pending.announce(desk.vault, upload, ((plain_path(name), size) for name, size in names))


def uploads(desk: Desk) -> tuple[Pending, ...]:
    """Give the uploads that are not settled, with what has not arrived."""
    return pending.pending(desk.vault)


def settled(desk: Desk, upload: str) -> None:
    """Forget what an upload announced."""
    pending.settled(desk.vault, upload)

# SPDX-License-Identifier: Apache-2.0
"""A case on the desk: opening it, and its verbs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from standfast.desk import (
    adding,
    browsing,
    keeping,
    knowing,
    looking,
    originals,
    picturing,
    rebuilding,
    stating,
    taking,
    verifying,
)
from standfast.desk.memory import TOUCHING, Hold, Key, Memories, Memory, key_of
from standfast.desk.progress import Silent
from standfast.desk.zones import check_zone
from standfast.i18n import language
from standfast.timeline.state import CaseState, copy_of, fold, fold_on
from standfast.vault.case import Vault
from standfast.vault.note import fingerprint
from standfast.vault.reopening import open_again

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path
    from typing import Self

    from standfast.desk.anchoring import AnchorReport
    from standfast.desk.board import Board, Held
    from standfast.desk.bundling import BundleMade, Choice
    from standfast.desk.dossier import DossierMade, Range
    from standfast.desk.looking import FindingView, OpenQuestion
    from standfast.desk.originals import OriginalView, Peeker
    from standfast.desk.picturing import PictureView
    from standfast.desk.progress import Progress
    from standfast.desk.taking import Added, AddReport
    from standfast.model.finding import Status
    from standfast.model.people import Role
    from standfast.net import Consent
    from standfast.timeline.query import Row, Timeline, View, Where
    from standfast.timeline.state import Moment
    from standfast.vault.check import CaseReport
    from standfast.vault.entry import Draft, Entry
    from standfast.vault.keys import Work
    from standfast.vault.opening import Unlock
    from standfast.vault.pending import Pending


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case that was just made: what to print or write down."""

    folder: str
    case_id: str
    recovery_code: str
    fingerprint: str
    zone: str


def new_case(  # noqa: PLR0913 - each is a part of a new case, by name
    folder: Path,
    passphrase: str,
    *,
    title: str = "",
    name: str = "",
    zone: str = "",
    work: Work | None = None,
) -> NewCase:
    """Make a case.

    ``name`` is how the person whose case it is wants to be called in the dossier; ``zone`` the
    time zone of the phone the exports come from, an IANA name: with none, each export is asked
    about.

    Raises:
        WrongUsage: the folder is not empty, the passphrase is, or there is no such zone.
    """
    check_zone(zone)
    body = {"title": title, "name": name, "zone": zone, "language": language()}
    vault, code = Vault.create(folder, passphrase, body=body, work=work)
    with vault:
        return NewCase(str(folder), vault.case_id, code, fingerprint(vault.keys.public), zone)


class Desk:
    """One open case and everything a person can do with it.

    Use it as a context manager; it holds keys and plain text in memory. Several threads may ask
    one that is not written to.
    """

    def __init__(
        self,
        vault: Vault,
        *,
        state: CaseState | None = None,
        memories: Memories | None = None,
        resting_on: Memory | None = None,
    ) -> None:
        """Put an open vault on the desk.

        ``state`` is what its entries amount to, where that is known; ``memories`` are shared with
        other desks of the case. A desk ``resting_on`` a memory shows that one, whatever came since.
        """
        self.vault = vault
        self.state: CaseState = fold(vault.entries) if state is None else state
        self._taken = len(vault.entries)
        self.memories = memories or Memories()
        self._turn = threading.RLock()
        self._key: Key | None = None
        self._held: Hold | None = None
        self._resting = resting_on is not None
        if resting_on is not None:
            self._held = Hold(resting_on, resting_on.hold(self))

    @classmethod
    def open_case(cls, folder: Path, unlock: Unlock, *, write: bool = False) -> Self:
        """Open a case with a passphrase, a recovery code or an age identity.

        Raises:
            WrongPassphrase, CaseBusy, Damaged, StandfastError.
        """
        desk = cls(Vault.open_case(folder, unlock, write=write))
        if desk.vault.writable:
            desk.restore()
        return desk

    def restore(self) -> None:
        """Make lists of events again whose files are gone; close the case if that fails."""
        try:
            rebuilding.rebuild_missing(self)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        """Stay open within a block."""
        return self

    def __exit__(self, *_exception: object) -> None:
        """Close the case."""
        self.close()

    def close(self) -> None:
        """Let go of the case and forget what was read."""
        self._forget()
        self.vault.close()

    def again(self, *, write: bool = False) -> Self:
        """Open the case anew with the keys that are known; what is remembered is shared.

        Raises:
            CaseBusy, Damaged, StandfastError.
        """
        vault, same = open_again(self.vault, write=write)
        state = copy_of(self.state) if same else None
        desk = type(self)(vault, state=state, memories=self.memories)
        if vault.writable and not same:
            desk.restore()
        return desk

    def append(self, *drafts: Draft) -> list[Entry]:
        """Commit entries and take notice of them."""
        entries = self.vault.append(*drafts)
        added = self.vault.entries[self._taken :]
        self._taken += len(added)
        fold_on(self.state, added)
        if any(one.type in TOUCHING for one in added):
            self._key = None
            if self.made is None:
                self._forget()
        return entries

    def _forget(self) -> None:
        with self._turn:
            held, self._held = self._held, None
        if held is not None:
            held.release()

    @property
    def key(self) -> Key:
        """Give what the timeline depends on, as the ledger says it now."""
        if self._key is None:
            self._key = key_of(self.state)
        return self._key

    @property
    def memory(self) -> Memory:
        """Give what is remembered of this state of the events, made when it is first asked for."""
        with self._turn:
            if self._held is None or not (self._resting or self._held.memory.key == self.key):
                self._forget()
                make = partial(looking.open_timeline, self)
                self._held = self.memories.take(self, lambda: self.key, make)
            return self._held.memory

    @property
    def made(self) -> Memory | None:
        """Give the memory that fits the present state, if this desk has one already."""
        held = self._held
        return held.memory if held is not None and held.memory.key == self.key else None

    @property
    def timeline(self) -> Timeline:
        """Give the timeline, loaded when it is first asked for."""
        return self.memory.timeline

    # -- putting in --------------------------------------------------------------------------

    def add(
        self, paths: Sequence[Path], progress: Progress | None = None, *, forced: str = ""
    ) -> AddReport:
        """Keep originals and read what is readable."""
        return adding.add(self, paths, progress or Silent(), forced=forced)

    def take(self, name: str, folder: str, parts: Iterable[bytes], *, modified: str = "") -> Added:
        """Keep one original from a stream and commit its entry; `read_unread` reads it."""
        return taking.take(self, name, folder, parts, modified=modified)

    def read_unread(
        self,
        progress: Progress | None = None,
        *,
        forced: str = "",
        again: Collection[str] = (),
        most: int | None = None,
    ) -> AddReport:
        """Read what is kept and not read yet, at most so many originals."""
        return taking.read_unread(self, progress or Silent(), forced=forced, again=again, most=most)

    def announce(self, upload: str, names: Iterable[tuple[str, int]]) -> None:
        """Remember which files, by path and size, an upload is going to bring."""
        taking.announce(self, upload, names)

    def pending(self) -> tuple[Pending, ...]:
        """Give the uploads that are not settled, with what has not arrived."""
        return taking.uploads(self)

    def settled(self, upload: str) -> None:
        """Forget what an upload announced."""
        taking.settled(self, upload)

    def answer(self, question: str, value: str, progress: Progress | None = None) -> None:
        """Answer an open question; the item is read again with the answer."""
        stating.answer(self, question, value, progress or Silent())

    def erase(self, number: int, reason: str) -> None:
        """Destroy an original and its events; a tombstone stays."""
        stating.erase(self, number, reason)

    def rebuild(self) -> int:
        """Check every list of events and make again what is gone or damaged; gives how many."""
        return rebuilding.rebuild_all(self)

    def change_passphrase(self, passphrase: str) -> None:
        """Choose a new passphrase."""
        keeping.change_passphrase(self, passphrase)

    def new_recovery_code(self) -> str:
        """Make a new recovery code in place of the old one, and give it."""
        return keeping.new_recovery_code(self)

    def add_recipient(self, recipient: str) -> str:
        """Let the holder of an age key open the whole case; gives the slot."""
        return keeping.add_recipient(self, recipient)

    def remove_slot(self, slot: str) -> None:
        """Take a way to open the case back."""
        keeping.remove_slot(self, slot)

    # -- stating -----------------------------------------------------------------------------

    def link(self, person: str, role: Role, channel: str, address: str) -> None:
        """State whose an account is."""
        stating.link(self, person, role, channel, address)

    def unlink(self, channel: str, address: str) -> None:
        """Take such a statement back."""
        stating.unlink(self, channel, address)

    def incident(self, text: str, when: str, **facts: str) -> int:
        """Write down what left no file; gives the entry's number."""
        return stating.incident(self, text, when, facts)

    def note(self, text: str, *, about: str = "", private: bool = True) -> int:
        """Write a note; gives the entry's number."""
        return stating.note(self, text, about=about, private=private)

    def stop_request(self, person: str, *, event: str = "", when: str = "", words: str = "") -> int:
        """Confirm a clear request to stop contact, by its event or its time."""
        return stating.stop_request(self, person, event=event, when=when, words=words)

    def block(self, person: str, channel: str, account: str, when: str) -> int:
        """State when an account was blocked."""
        return stating.block(self, person, channel, account, when)

    def withdraw(self, entry: int) -> None:
        """Take back an incident, note, stop request or block; the entry itself stays."""
        stating.withdraw(self, entry)

    def decide(self, finding: str, status: Status) -> FindingView:
        """Confirm or dismiss a finding."""
        return stating.decide(self, finding, status)

    def knowledge_moment(self, knew: str, **facts: str) -> int:
        """Write down a moment at which the other person knew something; gives the entry."""
        return knowing.add_moment(self, knew, facts)

    def carrier(self, kind: str, name: str, replaces: int | None = None) -> int:
        """Name what could have carried knowledge; gives the entry."""
        return knowing.add_carrier(self, kind, name, replaces)

    def carried(self, moment: int, carrier: int, held: Held, words: str = "") -> int:
        """State whether a carrier held what was known before the moment; the newest holds."""
        return knowing.answer(self, moment, carrier, held, words)

    def board(self) -> Board:
        """Give "How do they know?": moments, carriers, and what could explain what."""
        return knowing.board(self)

    # -- looking -----------------------------------------------------------------------------

    def questions(self) -> tuple[OpenQuestion, ...]:
        """Give what only the person can decide."""
        return looking.questions(self)

    def events(self, where: Where | None = None, *, limit: int = -1, offset: int = 0) -> list[Row]:
        """Give events in order."""
        return self.timeline.rows(where, limit=limit, offset=offset)

    def browse(self, where: Where | None = None) -> View:
        """Give a view of events to leaf through and to count."""
        return browsing.browse(self, where)

    def hits(self, untrusted_text: str, search: str) -> tuple[tuple[int, int], ...]:
        """Give where a search stands in a text as it was written."""
        return browsing.hits(untrusted_text, search)

    def original(self, event: str, peeker: Peeker | None = None) -> OriginalView:
        """Show the original bytes of an event, and where they stand."""
        return originals.original(self, event, peeker)

    def picture(
        self, event: str = "", *, item: int = 0, attachment: int = -1, peeker: Peeker | None = None
    ) -> PictureView:
        """Draw anew a picture: an original, or a file that an event names."""
        return picturing.picture(self, event, item=item, attachment=attachment, peeker=peeker)

    def findings(self) -> tuple[FindingView, ...]:
        """Run every detector."""
        return looking.findings(self)

    def outdated(self, found: tuple[FindingView, ...]) -> int:
        """Count confirmed findings that would read otherwise today."""
        return looking.outdated(self, found)

    def verify(self, notes: Sequence[bytes] = (), progress: Progress | None = None) -> CaseReport:
        """Read the whole case and compare it with its ledger."""
        return verifying.verify_case(self, notes, progress or Silent())

    def stop_time(self, moment: Moment) -> int | None:
        """Give the time of a stated stop or block, as events count it."""
        return looking.moment_ts(self, moment)

    # -- handing over ------------------------------------------------------------------------

    def make_dossier(
        self, out: Path, within: Range | None = None, progress: Progress | None = None
    ) -> DossierMade:
        """Write the dossier."""
        from standfast.desk import dossier  # noqa: PLC0415 - loads layout or certificates

        return dossier.make_dossier(self, out, within, progress or Silent())

    def make_bundle(
        self, out: Path, choice: Choice | None = None, progress: Progress | None = None
    ) -> BundleMade:
        """Write a bundle, and verify it before saying so."""
        from standfast.desk import bundling  # noqa: PLC0415 - loads layout or certificates

        return bundling.make_bundle(self, out, choice, progress or Silent())

    def anchor(self, url: str, consent: Consent | None) -> AnchorReport:
        """Have the head timestamped by an authority, or queue that."""
        from standfast.desk import anchoring  # noqa: PLC0415 - loads layout or certificates

        return anchoring.anchor(self, url, consent)

# SPDX-License-Identifier: Apache-2.0
"""A sitting: one case open for hours, beside other windows and other programs.

Rules enforced here:

* the case is locked only while something is written, so that the command line and a second window
  can write as well; what they wrote is seen at the next `look`;
* nobody waits for the timeline longer than a moment: until the one that fits the newest ledger is
  made, in a thread of its own, the one before is shown, and ``behind`` says so;
* a write reads the newest ledger first, whatever was shown; one at a time, and whoever cannot
  begin in time is told;
* a case with damage is shown and takes nothing;
* closing forgets keys and timeline; what is under way then ends soon and is published nowhere. The
  thread is no daemon: the database must not be torn down under it.
"""

from __future__ import annotations

import hmac
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from standfast.desk.case import Desk
from standfast.desk.looking import found
from standfast.desk.memory import Key, Memory
from standfast.desk.originals import Peeker
from standfast.errors import CaseBusy, StandfastError, WrongPassphrase
from standfast.i18n import _
from standfast.timeline.query import Timeline
from standfast.vault.casefile import read_case_file
from standfast.vault.keys import open_with_passphrase
from standfast.vault.reopening import has_changed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from standfast.vault.opening import Unlock

T = TypeVar("T")
PATIENCE = 5.0
KNOCK = 0.05
"""Seconds between two tries to become the writer."""
MOMENT = 0.3
"""Seconds that a write, or opening, waits for the timeline."""
MOST_REST = 3
"""While others go on writing, a timeline is made again after at most so many times as long."""


class Sitting:
    """One open case, for every thread of a program.

    ``peeker`` is the one worker for looks into originals, ended with the sitting.
    """

    def __init__(self, desk: Desk) -> None:
        """Sit down before a desk that was opened for reading; `begin` is for everybody else."""
        self.folder: Path = desk.vault.folder
        self.case_id: str = desk.vault.case_id
        self.trouble = ""
        self._memories = desk.memories
        self._turn = threading.RLock()
        self._writing = threading.Lock()
        self._closed = threading.Event()
        self._maker: threading.Thread | None = None
        self._as_of = ""
        self._behind = False
        self._shown = desk
        self.peeker = Peeker()
        nothing = Memory(Key(), Timeline(iter(()), items={}, people=()))
        with self._turn:
            self._show(desk, nothing)

    @classmethod
    def begin(cls, folder: Path, unlock: Unlock) -> Sitting:
        """Open a case; its timeline is begun at once, and waited for a moment only.

        Raises:
            WrongPassphrase, Damaged, StandfastError, StorageFailed.
        """
        sitting = cls(Desk.open_case(folder, unlock))
        sitting._give_a_moment()
        return sitting

    # -- looking -----------------------------------------------------------------------------

    def look(self) -> Desk:
        """Give the desk as of the newest ledger, for reading; any thread may use it.

        It stays as it is: who wants to see what came since looks again.

        Raises:
            StandfastError: the sitting is over.
            StorageFailed: the folder is not there any more.
        """
        with self._turn:
            self._must_be_open()
            if has_changed(self._shown.vault):
                self._show(self._shown.again(), self._shown.memory)
            return self._shown

    @property
    def behind(self) -> bool:
        """Say whether the timeline that is shown is older than the ledger."""
        return self._behind

    @property
    def as_of(self) -> str:
        """Give when the newest entry was made that the shown timeline rests on; empty for none."""
        return self._as_of

    def catch_up(self) -> None:
        """Make the timeline that fits the newest ledger now, in this thread.

        Raises:
            StandfastError: the sitting is over, or it cannot be made.
        """
        self.look()
        while self._behind:
            self._make_one()
            self.look()

    def _show(self, desk: Desk, memory: Memory) -> None:
        """Have everybody see a state of the ledger, resting on a memory; the turn is ours."""
        vault, state = desk.vault, desk.state
        self._shown = Desk(vault, state=state, memories=self._memories, resting_on=memory)
        self._behind = memory.key != self._shown.key
        if not self._behind:
            self._as_of = vault.entries[-1].at if vault.entries else ""
        elif self._maker is None:
            self._maker = threading.Thread(target=self._keep_making, name="timeline")
            self._maker.start()

    def _must_be_open(self) -> None:
        if self._closed.is_set():
            raise StandfastError(_("The case was closed."), hint=_("Open it again."))

    # -- making the timeline -----------------------------------------------------------------

    def _give_a_moment(self) -> None:
        """Wait as long as the timeline of a small case takes, so that it is the newest at once."""
        end = time.monotonic() + MOMENT
        while self._behind and not self._closed.is_set() and time.monotonic() < end:
            time.sleep(KNOCK / 5)

    def _keep_making(self) -> None:
        """Make timelines until one fits the newest ledger, resting between two."""
        outdated = 0
        try:
            while self._needed():
                begun = time.monotonic()
                self._make_one()
                if self._behind:
                    self._closed.wait(min(outdated, MOST_REST) * (time.monotonic() - begun))
                    outdated += 1
            with suppress(StandfastError):  # the sitting was closed meanwhile
                found(self._shown)
        except Exception as problem:  # noqa: BLE001 - nobody hears a thread; pages ask for this
            self._maker = None
            if not self._closed.is_set():
                self.trouble = _told(problem)

    def _needed(self) -> bool:
        with self._turn:
            needed = self._behind and not self._closed.is_set()
            if not needed:
                self._maker = None
            return needed

    def _make_one(self) -> None:
        """Make the timeline of the state that is shown, and show it with the newest state."""
        with self._turn:
            self._must_be_open()
            shown = self._shown
            desk = Desk(shown.vault, state=shown.state, memories=self._memories)
        memory = desk.memory
        with self._turn:
            self._must_be_open()
            self.trouble = ""
            self._as_of = desk.vault.entries[-1].at
            self._show(self._shown, memory)

    # -- writing -----------------------------------------------------------------------------

    def write(self, work: Callable[[Desk], T], *, patience: float = PATIENCE) -> T:
        """Have the case to oneself for one piece of work, on the newest ledger.

        ``patience`` is for how many seconds others are waited for.

        Raises:
            CaseBusy: another program, or another piece of work, did not finish in time.
            Damaged: the case is damaged; nothing was changed.
            StandfastError: the sitting is over, or what ``work`` raises.
        """
        until = time.monotonic() + patience
        if not self._writing.acquire(timeout=patience):
            raise CaseBusy(
                _("Something else is just being written to this case. Nothing was changed."),
                hint=_("Wait until it is done, then try again."),
            )
        try:
            desk = self._opened(until)
            try:
                done = self._worked(desk, work)
            finally:
                desk.vault.close()
                self._take_back(desk)
        finally:
            self._writing.release()
        self._give_a_moment()
        return done

    def _opened(self, until: float) -> Desk:
        while True:
            with self._turn:
                self._must_be_open()
                shown = self._shown
            try:
                return shown.again(write=True)
            except CaseBusy:
                if time.monotonic() >= until:
                    raise
                time.sleep(KNOCK)

    @staticmethod
    def _worked(desk: Desk, work: Callable[[Desk], T]) -> T:
        try:
            desk.vault.must_write()
            return work(desk)
        except BaseException:
            desk.vault.in_order = False  # the next opening looks at the whole folder
            raise

    def _take_back(self, desk: Desk) -> None:
        """Show what was written; after a write that failed, the next look reads it all anew."""
        with self._turn:
            if self._closed.is_set():
                desk.close()
                return
            made = desk.made
            self._show(desk, self._shown.memory if made is None else made)
            desk.close()

    # -- the end -----------------------------------------------------------------------------

    def check_passphrase(self, passphrase: str) -> bool:
        """Say whether a passphrase opens this very case now.

        Raises:
            StandfastError: the sitting is over.
            Damaged: the key file is not as it was left.
        """
        with self._turn:
            self._must_be_open()
            key = self._shown.vault.keys.case
        case_file, _data = read_case_file(self.folder)
        try:
            given = open_with_passphrase(case_file.case_id, case_file.slots, passphrase)
        except WrongPassphrase:
            return False
        return hmac.compare_digest(given, key)

    def close(self) -> None:
        """Forget keys, timeline, everything; a second time does nothing."""
        with self._turn:
            if self._closed.is_set():
                return
            self._closed.set()
            shown = self._shown
            del self._shown
        self.peeker.close()
        self._memories.close()
        shown.memory.close()
        shown.close()


def _told(problem: Exception) -> str:
    if isinstance(problem, StandfastError):
        return problem.message
    return _("The timeline could not be made anew. What the case holds is not touched by this.")

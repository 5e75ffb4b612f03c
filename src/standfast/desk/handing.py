# SPDX-License-Identifier: Apache-2.0
"""Handing on what leaves the case: a dossier to look at and to save, a bundle, an original.

Rules enforced here:

* what is made lies encrypted and nameless in the case folder (`Sheet`) until somebody saves it;
* what leaves is entered in the ledger before its first byte is given: a dossier with its hash, a
  bundle with its seal, an original with its number and nothing else;
* the pages that are shown are drawn from the very content the PDF was made of;
* what is missing is said before anything is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, BinaryIO

from standfast.desk import bundling, choosing
from standfast.desk import dossier as dossiers
from standfast.desk.finding_ahead import found_by_now
from standfast.desk.looking import FindingView
from standfast.dossier.layout import make_pdf, make_pictures
from standfast.errors import WrongUsage
from standfast.findings import say
from standfast.i18n import _, language, speaking
from standfast.model.finding import Status
from standfast.model.people import Role
from standfast.vault import entry as kinds
from standfast.vault.entry import Draft
from standfast.vault.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from standfast.desk.bundling import BundleMade, Choice
    from standfast.desk.case import Desk
    from standfast.desk.dossier import Range
    from standfast.desk.progress import Progress
    from standfast.model.finding import Finding
    from standfast.timeline.state import Item

PREVIEW_PPI = 80
MAIN_NAME = "dossier.pdf"


@dataclass(frozen=True, slots=True)
class Before:
    """What should be known before something is handed over.

    Attributes:
        originals: how many are in the case and not erased.
        looked: whether the findings are known by now; while they are being worked out, none is
            counted.
        undecided: channels with contacts whose direction nobody has said, and how many.
        others: how many people were named whose contact is not wanted.
        outdated: confirmed findings that would read otherwise today.
        timestamped: whether the newest state, or an earlier one, has a timestamp.
        since: entries that were made after the newest timestamp.
    """

    originals: int
    events: int
    incidents: int
    looked: bool
    confirmed: tuple[FindingView, ...]
    suggested: int
    outdated: int
    questions: int
    unread: int
    undecided: tuple[tuple[str, int], ...]
    others: int
    timestamped: bool
    since: int


@dataclass(frozen=True, slots=True)
class DossierSheets:
    """A dossier that was made and has not left yet.

    ``files`` are the PDF and its annexes by name; ``pages`` are pictures (PNG) of its pages.
    """

    files: tuple[tuple[str, Sheet], ...]
    pages: tuple[bytes, ...]
    standard: str
    sha256: str
    events: int
    findings: int
    exhibits: int
    missing: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class BundleSheet:
    """A bundle that was made and verified, and has not left yet."""

    sheet: Sheet
    facts: BundleMade


def before(desk: Desk) -> Before:
    """Say what is there, and what is still open."""
    state, found = desk.state, found_by_now(desk)
    stamped = [one["size"] for one in state.anchors if one["state"] == "stamped"]
    present = [one for one in state.items.values() if not one.erased]
    return Before(
        originals=len(present),
        events=sum(one.events for one in state.readings.values()),
        incidents=len(state.incidents),
        looked=found is not None,
        confirmed=_confirmed(desk, found or ()),
        suggested=sum(1 for one in found or () if one.id not in state.decisions),
        outdated=_outdated(desk, found) if found is not None else 0,
        questions=len(desk.questions()),
        unread=sum(1 for one in present if not _is_read(desk, one)),
        undecided=tuple(desk.timeline.undecided_channels()),
        others=sum(1 for one in state.people.values() if one.role is Role.OTHER),
        timestamped=bool(stamped),
        since=len(desk.vault.entries) - max(stamped, default=0),
    )


def _confirmed(desk: Desk, found: Sequence[Finding]) -> tuple[FindingView, ...]:
    decided, yes = desk.state.decisions, Status.CONFIRMED
    return tuple(FindingView(one, say(one), yes) for one in found if decided.get(one.id) is yes)


def _outdated(desk: Desk, found: Sequence[Finding]) -> int:
    present = {one.id for one in found}
    return sum(1 for one in desk.state.confirmed.values() if one not in present)


def _is_read(desk: Desk, item: Item) -> bool:
    reading = desk.state.readings.get(item.sha256)
    return reading is not None and bool(reading.format)


def laws() -> tuple[str, ...]:
    """Give the countries whose draft of a certification there is, by their codes."""
    place = resources.files("standfast.dossier") / "certifications"
    names = (one.name.removesuffix(".toml") for one in place.iterdir())
    return tuple(sorted(name for name in names if name != "plain"))


def prepare_dossier(
    desk: Desk,
    within: Range,
    originals: frozenset[int] | None,
    progress: Progress,
    *,
    spoken: str = "",
) -> DossierSheets:
    """Make a dossier for looking at and for saving; ``spoken`` is its language.

    Raises:
        WrongUsage: a day is none, or an original does not exist.
    """
    progress.start(_("Gathering what goes in"), 0)
    with speaking(spoken or language()):
        filled = dossiers.fill(desk, within, choosing.select(desk, originals, None))
    progress.start(_("Setting the pages"), 0)
    rendered = make_pdf(filled, before_annex="dossier-")
    progress.start(_("Drawing the pages for you to look at"), 0)
    pages = make_pictures(filled, rendered.annexes, ppi=PREVIEW_PPI)
    progress.step(0)
    files = [(MAIN_NAME, rendered.main), *rendered.annexes]
    sheets = tuple((name, _sheet(desk, data)) for name, data in files)
    return DossierSheets(
        sheets, tuple(pages), rendered.standard, sheets[0][1].sha256, len(filled.rows),
        len(filled.findings), len(filled.exhibits), filled.missing,
    )  # fmt: skip


def _sheet(desk: Desk, data: bytes) -> Sheet:
    sheet = Sheet.of(desk.vault, lambda: _("Writing the dossier"))
    sheet.write(data)
    return sheet.finish()


def dossier_leaves(desk: Desk, made: DossierSheets) -> None:
    """Enter in the ledger that a dossier is handed on, once."""
    known = (one.body.get("sha256") for one in desk.vault.entries if one.type == kinds.EXPORT)
    if made.sha256 not in known:
        dossiers.enter(desk, made.sha256)


def recipient_of(text: str) -> str:
    """Check an age recipient, so that a slip of the pen shows at once; empty stays empty.

    Raises:
        WrongUsage: it is none.
    """
    bundling.recipient_of(text.strip())
    return text.strip()


def prepare_bundle(desk: Desk, choice: Choice, progress: Progress) -> BundleSheet:
    """Make a bundle, verified and sealed, that has not left yet."""
    name = "bundle.zip.age" if choice.recipient else "bundle.zip"
    return BundleSheet(*bundling.make_sheet(desk, name, choice, progress))


def take_out(desk: Desk, number: int) -> tuple[Item, BinaryIO]:
    """Give an original's bytes as they were added, and enter in the ledger that it leaves.

    Raises:
        WrongUsage: there is no such original. Damaged: it is not as it was left.
    """
    item = next((one for one in desk.state.items.values() if one.number == number), None)
    if item is None or item.erased:
        raise WrongUsage(_("There is no exhibit {number}.").format(number=number), hint="")
    opened = desk.vault.open_item(item.sha256)
    desk.append(Draft(kinds.EXPORT, {"kind": "original", "number": number}))
    return item, opened

# SPDX-License-Identifier: Apache-2.0
"""Handing over a bundle: what is chosen, and the proof that it is what was sealed.

Rules enforced here:

* what is not chosen is withheld, counted, and provably neither changed nor swapped;
* a bundle is written beside its name, flushed, verified by the verifier that travels in it, and
  only then named; the export stands in the ledger;
* one that a face hands on itself is written to a `Sheet` instead, and verified there: nothing of
  it lies readable on a disk.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyrage

from standfast.desk import choosing, placing
from standfast.desk import dossier as dossiers
from standfast.desk.anchoring import STAMPED, stored_file
from standfast.desk.rebuilding import sound_batches
from standfast.dossier.accompanying import Facts, Listed, certification, contents_json
from standfast.dossier.bundle import (
    Member,
    ReadingProof,
    Seal,
    Stamped,
    bag_info,
    events_name,
    original_name,
    proofs_object,
    write_bundle,
)
from standfast.dossier.ontology import Exhibit, case_jsonld
from standfast.dossier.verifier import verify
from standfast.errors import Damaged, WrongUsage
from standfast.i18n import _, language
from standfast.sources.lines import lines_of
from standfast.vault import entry as kinds
from standfast.vault.commitment import SALT_BYTES, Salts, leaves
from standfast.vault.entry import APP, Draft, stamp, utc_now
from standfast.vault.merkle import Tree
from standfast.vault.note import fingerprint
from standfast.vault.sheet import Sheet
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from standfast.desk.case import Desk
    from standfast.desk.choosing import Selection
    from standfast.desk.progress import Progress
    from standfast.dossier.bundle import BundleReport
    from standfast.timeline.state import Item, ReadingFacts
    from standfast.vault.entry import Entry


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes into a bundle.

    Attributes:
        originals: numbers of the items whose originals go in, with all their events; ``None`` for
            all, or for none if events were chosen.
        events: references of further events that go in, each with its proof.
        law: country code for the draft certification.
        within: the range of the dossier.
        recipient: an age recipient to encrypt the finished bundle for, empty for none.
    """

    originals: frozenset[int] | None = None
    events: frozenset[str] | None = None
    law: str = ""
    within: dossiers.Range = field(default_factory=dossiers.Range)
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class BundleMade:
    """A finished bundle: what was written, and what its own verifier says of it."""

    path: str
    size: int
    sha256: str
    originals: int
    withheld_items: int
    events: int
    events_withheld: int
    verdict: str
    timestamp: str
    fingerprint: str


@dataclass(slots=True)
class _Parts:
    """Everything that was gathered for a bundle."""

    members: list[Member] = field(default_factory=list)
    listed: list[Listed] = field(default_factory=list)
    exhibits: list[Exhibit] = field(default_factory=list)
    readings: list[ReadingProof] = field(default_factory=list)
    disclosed: dict[int, bytes] = field(default_factory=dict)
    stamped: list[Mapping[str, Any]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    events_all: int = 0


def make_bundle(desk: Desk, out: Path, choice: Choice | None, progress: Progress) -> BundleMade:
    """Write a bundle, verify it, and enter the export in the ledger.

    Raises:
        WrongUsage: the file exists already, or something was chosen that does not exist.
        Damaged: what was written does not verify; it is not kept.
        StorageFailed: the disk refused.
    """
    choice = choice or Choice()
    placing.must_be_new(out)
    recipient = recipient_of(choice.recipient)
    parts = _prepare(desk, choice, progress)
    with (
        storage_errors(lambda: _("Writing the bundle"), _no_bundle),
        placing.beside(out) as scratch,
    ):
        with scratch.open("xb") as file:
            report = _write(desk, file, parts, choice)
            file.flush()
            desk.vault.disk.flush(file.fileno())
        verdict = _checked(scratch)
        if recipient is None:
            placing.must_be_new(out)
            desk.vault.disk.rename(scratch, out)
        else:
            _encrypt(desk, scratch, out, recipient)
    return _made(desk, str(out), parts, report, verdict)


def make_sheet(
    desk: Desk, name: str, choice: Choice, progress: Progress
) -> tuple[Sheet, BundleMade]:
    """Make a bundle that a face hands on itself: as `make_bundle`, and readable on no disk.

    Raises:
        WrongUsage: something was chosen that does not exist. Damaged, StorageFailed.
    """
    recipient = recipient_of(choice.recipient)
    parts = _prepare(desk, choice, progress)
    plain = Sheet.of(desk.vault, _writing)
    report = _write(desk, plain, parts, choice)  # type: ignore[arg-type]  # it only writes
    verdict = _checked(plain.finish().open())
    made = _made(desk, name, parts, report, verdict)
    if recipient is None:
        return plain, made
    sealed = Sheet.of(desk.vault, _writing)
    pyrage.encrypt_io(plain.open(), sealed, [recipient])
    plain.close()
    return sealed.finish(), made


def _writing() -> str:
    return _("Writing the bundle")


def _prepare(desk: Desk, choice: Choice, progress: Progress) -> _Parts:
    chosen = choosing.select(desk, choice.originals, choice.events)
    progress.start(_("Writing the bundle"), 0)
    rendered = dossiers.render(desk, choice.within, chosen)
    progress.step(0)
    parts = _gather(desk, chosen)
    parts.members.append(Member.of("data/dossier.pdf", rendered.main))
    parts.members += [Member.of(f"data/{name}", data) for name, data in rendered.annexes]
    progress.step(0)
    desk.append(Draft(kinds.EXPORT, {"kind": "dossier", "in_bundle": True}))
    return parts


def _no_bundle() -> str:
    return _("No bundle was written; the originals in the case are as they were.")


def recipient_of(text: str) -> pyrage.x25519.Recipient | None:
    """Read an age recipient; an empty text is none.

    Raises:
        WrongUsage: it is no recipient.
    """
    if not text:
        return None
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as problem:
        raise WrongUsage(
            _("That is not an age recipient; one begins with age1."),
            hint=_("Ask the person who should get the bundle to send theirs again."),
        ) from problem


def _encrypt(desk: Desk, plain: Path, out: Path, recipient: pyrage.x25519.Recipient) -> None:
    """Encrypt a verified bundle with age, so that only its recipient opens it."""
    with placing.beside(out) as scratch:
        with plain.open("rb") as file, scratch.open("xb") as sealed:
            pyrage.encrypt_io(file, sealed, [recipient])
            sealed.flush()
            desk.vault.disk.flush(sealed.fileno())
        placing.must_be_new(out)
        desk.vault.disk.rename(scratch, out)


def _gather(desk: Desk, chosen: Selection) -> _Parts:
    parts = _Parts()
    for item in desk.state.items.values():
        if item.erased and chosen.everything:
            parts.listed.append(Listed(item.sha256, item.size, item.name, None, "erased"))
        if item.erased or not chosen.has(item.sha256):
            continue
        _gather_item(desk, item, parts, whole=item.sha256 in chosen.whole)
        reading = desk.state.readings.get(item.sha256)
        if reading is not None:
            _gather_reading(desk, item, reading, parts, chosen.numbers.get(item.sha256))
    rows = [row for row in desk.timeline.rows() if chosen.shows(row)]
    seen = choosing.accounts_in(rows)
    shown = choosing.entries_to_show(desk, chosen, seen, lambda entry: _intact(desk, entry))
    parts.disclosed = {entry.seq: entry.raw for entry in shown}
    parts.stamped = [entry.body for entry in shown if _is_stamped(entry)]
    order = {entry.body["sha256"]: entry.seq for entry in shown if entry.type == kinds.ITEM}
    parts.listed.sort(key=lambda one: order[one.sha256])
    return parts


def _is_stamped(entry: Entry) -> bool:
    return entry.type == kinds.ANCHOR and bool(entry.body["state"] == STAMPED)


def _intact(desk: Desk, entry: Entry) -> bool:
    """Say whether the files of an anchor are as they were stored: others would speak against it."""
    files = entry.body["files"].items()
    return all(stored_file(desk, name, digest) is not None for name, digest in files)


def _gather_item(desk: Desk, item: Item, parts: _Parts, *, whole: bool) -> None:
    entry = desk.vault.entries[item.entry]
    path = original_name(item.number, item.name) if whole else None
    why = "" if whole else "withheld"
    parts.listed.append(Listed(item.sha256, item.size, item.name, path, why))
    if path is not None:
        sha, size = item.sha256, item.size
        parts.members.append(Member(path, lambda: desk.vault.open_item(sha), size))
        media = entry.body.get("media_type", "")
        parts.exhibits.append(Exhibit(item.number, sha, size, item.name, media, path, item.added))


def _gather_reading(
    desk: Desk, item: Item, reading: ReadingFacts, parts: _Parts, shown: Collection[int] | None
) -> None:
    salts_of = Salts(desk.vault.keys.salts, bytes.fromhex(reading.id))
    hashes: list[bytes] = []
    lines: list[bytes] = []
    salts: list[bytes] = []
    numbers: list[int] = []
    for batch in sound_batches(desk, reading) if reading.events else ():
        some = lines_of(batch, item.sha256)
        taken = salts_of.take(len(some))
        first = len(hashes)
        hashes += leaves(some, taken)
        for place, line in enumerate(some):
            if shown is None or first + place in shown:
                numbers.append(first + place)
                lines.append(line)
                salts.append(taken[place * SALT_BYTES : (place + 1) * SALT_BYTES])
    file = events_name(item.number)
    proof = ReadingProof(reading.entry, Tree(hashes), numbers, b"".join(salts), file)
    parts.readings.append(proof)
    parts.lines += lines
    parts.events_all += len(hashes)
    if numbers:
        parts.members.append(Member.of(file, b"".join(line + b"\n" for line in lines)))


def _write(desk: Desk, file: BinaryIO, parts: _Parts, choice: Choice) -> BundleReport:
    vault = desk.vault
    parts.disclosed |= {one.seq: one.raw for one in vault.entries if one.type == kinds.EXPORT}
    members = [*parts.members, *_accompanying(desk, parts, choice)]

    def seal(manifest: str, tags: Mapping[str, str]) -> Seal:
        facts = {"kind": "bundle", "manifest": manifest, "tags": dict(tags)}
        added = desk.append(Draft(kinds.EXPORT, facts))  # a clock that went back adds its own entry
        proofs = proofs_object(
            case=vault.case_id,
            key=vault.keys.public,
            tree=vault.tree,
            disclosed={**parts.disclosed, **{one.seq: one.raw for one in added}},
            readings=parts.readings,
            anchors=[_stamped(one) for one in parts.stamped],
        )
        return Seal(vault.head_note(), proofs, _anchor_files(desk, parts.stamped))

    info = bag_info(case=vault.case_id, app=APP, now=utc_now())
    return write_bundle(file, payload=members, seal=seal, info=info, language=language())


def _accompanying(desk: Desk, parts: _Parts, choice: Choice) -> list[Member]:
    vault, opened = desk.vault, desk.state.opened
    withheld = Counter(e.type for e in vault.entries if e.seq not in parts.disclosed)
    contents = contents_json(
        items=parts.listed,
        withheld=withheld,
        events_shown=len(parts.lines),
        events_all=parts.events_all,
        language=language(),
        title=opened.get("title", ""),
    )
    facts = Facts(
        vault.case_id, APP, fingerprint(vault.keys.public), len(parts.exhibits),
        len(parts.lines), stamp(utc_now()),
    )  # fmt: skip
    graph = case_jsonld(
        case=vault.case_id,
        title=opened.get("title", ""),
        app=APP,
        exhibits=parts.exhibits,
        events=(json.loads(line) for line in parts.lines),
    )
    draft = certification(law=choice.law, language=language(), facts=facts)
    return [
        Member.of("data/contents.json", contents),
        Member.of("data/case.jsonld", graph),
        Member.of("data/certification.txt", draft),
    ]


def _stamped(anchor: Mapping[str, Any]) -> Stamped:
    note, query = _file(anchor, ".note"), _file(anchor, ".tsq")
    stem = query.removesuffix(".tsq")
    return Stamped(note, anchor["size"], [(query, f"{stem}.tsr", f"{stem}.pem")])


def _file(anchor: Mapping[str, Any], suffix: str) -> str:
    name = next(name for name in anchor["files"] if name.endswith(suffix))
    return f"proof/anchors/{name}"


def _anchor_files(desk: Desk, stamped: list[Mapping[str, Any]]) -> dict[str, bytes]:
    names = {name for one in stamped for name in one["files"]}
    folder = desk.vault.folder / "checkpoints"
    return {f"proof/anchors/{name}": (folder / name).read_bytes() for name in sorted(names)}


def _checked(written: Path | BinaryIO) -> verify.Verdict:
    verdict = verify.check_bundle(written)
    if verdict.exit_code:
        raise Damaged(
            _("The bundle that was written does not verify, so it was not kept."),
            hint=_("Check the disk it was written to, and write the bundle again."),
        )
    return verdict


def _made(
    desk: Desk, name: str, parts: _Parts, report: BundleReport, verdict: verify.Verdict
) -> BundleMade:
    told = verdict.as_json()
    return BundleMade(
        name, report.size, report.sha256, len(parts.exhibits),
        len(desk.state.items) - len(parts.exhibits), len(parts.lines),
        sum(one.events for one in desk.state.readings.values()) - len(parts.lines),
        told["verdict"], told["timestamp"]["state"], told["fingerprint"],
    )  # fmt: skip

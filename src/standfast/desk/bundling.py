# SPDX-License-Identifier: Apache-2.0
"""Handing over a bundle: what is chosen, and the proof that it is what was sealed.

Rules enforced here:

* what is not chosen is withheld, counted, and provably neither changed nor swapped;
* a bundle is written beside its name, flushed, verified by the verifier that travels in it, and
  only then named; the export stands in the ledger.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyrage

from standfast.desk import dossier as dossiers
from standfast.desk.anchoring import STAMPED
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
from standfast.timeline.query import REF_DIGITS
from standfast.timeline.segments import batches_of
from standfast.vault import entry as kinds
from standfast.vault.commitment import SALT_BYTES, Salts, leaves
from standfast.vault.entry import APP, Draft, stamp, utc_now
from standfast.vault.merkle import Tree
from standfast.vault.note import fingerprint
from standfast.vault.storage import storage_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from standfast.desk.case import Desk
    from standfast.desk.progress import Progress
    from standfast.dossier.bundle import BundleReport
    from standfast.timeline.state import Item, ReadingFacts


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes into a bundle.

    Attributes:
        originals: numbers of the items whose originals go in; ``None`` for all.
        events: references of the events that go in; ``None`` for all of the chosen items.
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
    lines: list[bytes] = field(default_factory=list)
    events_all: int = 0


def make_bundle(desk: Desk, out: Path, choice: Choice | None, progress: Progress) -> BundleMade:
    """Write a bundle, verify it, and enter the export in the ledger.

    Raises:
        WrongUsage: the file exists already, or nothing was chosen that exists.
        Damaged: what was written does not verify; it is not kept.
        StorageFailed: the disk refused.
    """
    choice = choice or Choice()
    if out.exists():
        raise WrongUsage(
            _("{name} exists already. Nothing was written.").format(name=out.name),
            hint=_("Choose another name for the bundle."),
        )
    progress.start(_("Writing the bundle"), 0)
    parts = _gather(desk, choice)
    rendered = dossiers.render(desk, choice.within)
    parts.members.append(Member.of("data/dossier.pdf", rendered.main))
    parts.members += [Member.of(f"data/{name}", data) for name, data in rendered.annexes]
    desk.append(Draft(kinds.EXPORT, {"kind": "dossier", "in_bundle": True}))
    scratch = out.with_name(out.name + ".partial")
    with storage_errors(lambda: _("Writing the bundle")):
        try:
            report = _write(desk, scratch, parts, choice)
            verdict = _checked(scratch)
            if choice.recipient:
                _encrypt(scratch, out, choice.recipient)
            else:
                scratch.replace(out)
        finally:
            scratch.unlink(missing_ok=True)
    return _made(desk, out, parts, report, verdict)


def _encrypt(scratch: Path, out: Path, recipient: str) -> None:
    """Encrypt a verified bundle with age, so that only its recipient opens it."""
    try:
        key = pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError as problem:
        raise WrongUsage(
            _("That is not an age recipient; one begins with age1."),
            hint=_("Ask the person who should get the bundle to send theirs again."),
        ) from problem
    with scratch.open("rb") as plain, out.open("xb") as sealed:
        pyrage.encrypt_io(plain, sealed, [key])


def _gather(desk: Desk, choice: Choice) -> _Parts:
    parts = _Parts()
    by_item = _chosen_events(choice.events)
    for item in desk.state.items.values():
        reading = desk.state.readings.get(item.sha256)
        events = None if by_item is None else by_item.get(item.sha256[:REF_DIGITS], set())
        whole = choice.originals is None or item.number in choice.originals
        if not whole and not events:
            continue
        _gather_item(desk, item, parts, whole=whole)
        if reading is not None:
            _gather_reading(desk, item, reading, parts, None if whole and not events else events)
    if not parts.listed:
        raise WrongUsage(
            _("Nothing that was chosen is in this case."),
            hint=_("“standfast timeline” and the dossier show the numbers to choose from."),
        )
    return parts


def _chosen_events(events: Collection[str] | None) -> dict[str, set[int]] | None:
    if events is None:
        return None
    chosen: dict[str, set[int]] = {}
    for reference in events:
        item, _dash, number = reference.partition("-")
        if number.isdecimal():
            chosen.setdefault(item, set()).add(int(number))
    return chosen


def _gather_item(desk: Desk, item: Item, parts: _Parts, *, whole: bool) -> None:
    entry = desk.vault.entries[item.entry]
    parts.disclosed[item.entry] = entry.raw
    given = whole and not item.erased
    path = original_name(item.number, item.name) if given else None
    why = "" if given else "erased" if item.erased else "withheld"
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
    for batch in batches_of(desk.vault, reading) if reading.events else ():
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
    parts.disclosed[reading.entry] = desk.vault.entries[reading.entry].raw
    proof = ReadingProof(reading.entry, Tree(hashes), numbers, b"".join(salts), file)
    parts.readings.append(proof)
    parts.lines += lines
    parts.events_all += len(hashes)
    if numbers:
        parts.members.append(Member.of(file, b"".join(line + b"\n" for line in lines)))


def _write(desk: Desk, scratch: Path, parts: _Parts, choice: Choice) -> BundleReport:
    vault = desk.vault
    parts.disclosed[0] = vault.entries[0].raw
    for entry in (
        *(one.entry for one in desk.state.incidents),
        *(one.entry for one in desk.state.stops),
    ):
        parts.disclosed[entry] = vault.entries[entry].raw
    members = [*parts.members, *_accompanying(desk, parts, choice)]
    stamped = [one for one in desk.state.anchors if one["state"] == STAMPED]

    def seal(manifest: str, tags: Mapping[str, str]) -> Seal:
        facts = {"kind": "bundle", "manifest": manifest, "tags": dict(tags)}
        entry = desk.append(Draft(kinds.EXPORT, facts))[-1]
        proofs = proofs_object(
            case=vault.case_id,
            key=vault.keys.public,
            tree=vault.tree,
            disclosed={**parts.disclosed, entry.seq: entry.raw},
            readings=parts.readings,
            anchors=[_stamped(one) for one in stamped],
        )
        return Seal(vault.head_note(), proofs, _anchor_files(desk, stamped))

    info = bag_info(case=vault.case_id, app=APP, now=utc_now())
    with scratch.open("xb") as file:
        report = write_bundle(file, payload=members, seal=seal, info=info, language=language())
        file.flush()
        vault.disk.flush(file.fileno())
    return report


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


def _checked(scratch: Path) -> verify.Verdict:
    verdict = verify.check_bundle(scratch)
    if verdict.exit_code:
        raise Damaged(
            _("The bundle that was written does not verify, so it was not kept."),
            hint=_("Check the disk it was written to, and write the bundle again."),
        )
    return verdict


def _made(
    desk: Desk, out: Path, parts: _Parts, report: BundleReport, verdict: verify.Verdict
) -> BundleMade:
    told = verdict.as_json()
    return BundleMade(
        str(out), report.size, report.sha256, len(parts.exhibits),
        len(desk.state.items) - len(parts.exhibits), len(parts.lines),
        sum(one.events for one in desk.state.readings.values()) - len(parts.lines),
        told["verdict"], told["timestamp"]["state"], told["fingerprint"],
    )  # fmt: skip

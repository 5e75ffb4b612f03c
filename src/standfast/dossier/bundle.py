# SPDX-License-Identifier: Apache-2.0
"""The bundle: a BagIt bag in a canonical zip, sealed by the case's ledger.

Rules enforced here:

* the payload is hashed, then sealed (the caller enters the manifest's hash in the ledger and signs
  the head), then written; what is written is hashed again, and a difference is an error;
* no payload file is ever held whole; each is read twice, and nothing is written but the bundle;
* whoever asked for the bundle calls `check_bundle` on the finished file before saying it is done:
  it runs the very ``verify.py`` that lies in the bundle.

The order of files, and every byte around them, is fixed: ``docs/reference/bundle.md``.
"""

from __future__ import annotations

import base64
import json
from binascii import crc32
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO

from standfast.dossier.accompanying import read_me_first
from standfast.dossier.verifier import verifier_files
from standfast.dossier.verifier.verify import Verdict, check_bundle
from standfast.dossier.zipping import ZipWriter, is_safe, safe_part
from standfast.errors import StandfastError
from standfast.i18n import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from standfast.vault.merkle import Tree

__all__ = [
    "BundleReport",
    "Member",
    "ReadingProof",
    "Seal",
    "Stamped",
    "Verdict",
    "check_bundle",
    "event_ranges",
    "original_name",
    "proofs_object",
    "write_bundle",
]

TOP = "bundle/"
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
HEAD, PROOFS = "proof/head.note", "proof/proofs.json"
CONTENTS = "data/contents.json"
READ_BYTES = 1 << 20
NAME_BYTES = 100


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the payload.

    Attributes:
        path: its place inside the bag, such as ``data/dossier.pdf``.
        open: gives it from its first byte, as often as asked.
        size: bytes; anything else that is then read is an error.
    """

    path: str
    open: Callable[[], BinaryIO]
    size: int

    @staticmethod
    def of(path: str, data: bytes) -> Member:
        """Make one of bytes that are already there."""
        return Member(path, lambda: BytesIO(data), len(data))


@dataclass(frozen=True, slots=True)
class Seal:
    """What the caller gives once the manifest is known.

    Attributes:
        head_note: the signed head; its last entry is the export of this very bundle.
        proofs: the object for ``proof/proofs.json`` (see `proofs_object`).
        anchors: files by their place, such as ``proof/anchors/0001.note``.
    """

    head_note: bytes
    proofs: Mapping[str, Any]
    anchors: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What was written: files, bytes of the zip, and two hashes for a receipt."""

    files: int
    size: int
    sha256: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class _Hashed:
    member: Member
    sha256: str
    crc: int


def write_bundle(
    out: BinaryIO,
    *,
    payload: Sequence[Member],
    seal: Callable[[str, Mapping[str, str]], Seal],
    info: Mapping[str, str],
    language: str,
) -> BundleReport:
    """Write a bundle to ``out``, which need not be seekable; flushing is the caller's.

    ``seal`` gets the SHA-256 of the manifest and of the five files beside the payload that are
    sealed with it; it enters them in the ledger as the *last* entry and gives the signed head.
    ``info`` are fields of ``bag-info.txt`` (``External-Identifier``, ``Bagging-Date`` …).

    Raises:
        StandfastError: a payload file changed while it was being read, or its name is not safe.
        OSError: the disk refused.
    """
    hashed = [_hash(member) for member in sorted(payload, key=lambda member: member.path)]
    _must_fit(hashed)
    manifest = _manifest(hashed)
    tags = _tag_files(hashed, info, language)
    digests = {name: sha256(data).hexdigest() for name, data in tags.items()}
    manifest_digest = sha256(manifest).hexdigest()
    sealed = seal(manifest_digest, digests)
    tags |= {MANIFEST: manifest, HEAD: sealed.head_note, PROOFS: _compact(sealed.proofs)}
    tags |= sealed.anchors
    beside = [_hash(Member.of(path, data)) for path, data in sorted(tags.items())]
    last = _hash(Member.of(TAG_MANIFEST, _manifest(beside)))
    beside = sorted([*beside, last], key=lambda one: one.member.path)
    meter = _Meter(out)
    writer = ZipWriter(meter)  # type: ignore[arg-type]  # it only writes
    for one in [*beside, *hashed]:
        writer.add(TOP + one.member.path, size=one.member.size, crc=one.crc, parts=_again(one))
    size = writer.finish()
    return BundleReport(len(beside) + len(hashed), size, meter.hexdigest(), manifest_digest)


def _must_fit(hashed: Sequence[_Hashed]) -> None:
    paths = [one.member.path for one in hashed]
    folded = {path.lower() for path in paths}
    if CONTENTS not in paths or len(folded) != len(paths):
        message = "a bundle needs one table of contents, and every name once"
        raise ValueError(message)
    for path in paths:
        if not path.startswith("data/") or not is_safe(TOP + path):
            message = f"{path!r} is no name for a file in a bundle"
            raise ValueError(message)


def _hash(member: Member) -> _Hashed:
    digest, crc, size = sha256(), 0, 0
    for part in _parts(member):
        digest.update(part)
        crc = crc32(part, crc)
        size += len(part)
    if size != member.size:
        raise _changed(member)
    return _Hashed(member, digest.hexdigest(), crc)


def _again(one: _Hashed) -> Iterator[bytes]:
    """Give a file's bytes for writing; nothing more is given than was hashed."""
    digest, left = sha256(), one.member.size
    for part in _parts(one.member):
        if len(part) > left:
            raise _changed(one.member)
        left -= len(part)
        digest.update(part)
        yield part
    if left or digest.hexdigest() != one.sha256:
        raise _changed(one.member)


def _parts(member: Member) -> Iterator[bytes]:
    with member.open() as file:
        while part := file.read(READ_BYTES):
            yield part


def _changed(member: Member) -> StandfastError:
    return StandfastError(
        _("“{path}” changed while the bundle was being written.").format(path=member.path),
        hint=_("Nothing in the case was changed. Please make the bundle once more."),
    )


def _manifest(hashed: Iterable[_Hashed]) -> bytes:
    return "".join(f"{one.sha256}  {one.member.path}\n" for one in hashed).encode("ascii")


def _tag_files(
    hashed: Sequence[_Hashed], info: Mapping[str, str], language: str
) -> dict[str, bytes]:
    size = sum(one.member.size for one in hashed)
    fields = {**info, "Payload-Oxum": f"{size}.{len(hashed)}"}
    return {
        "READ-ME-FIRST.txt": read_me_first(language),
        "bag-info.txt": "".join(map(_field, sorted(fields.items()))).encode(),
        "bagit.txt": BAGIT,
        **verifier_files(),
    }


def _field(pair: tuple[str, str]) -> str:
    label, untrusted_value = pair
    value = " ".join(untrusted_value.split())
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)
    return f"{label}: {shown}\n"


def _compact(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


class _Meter:
    """Hashes what passes to the output."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._digest = sha256()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._out.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


# -- names and proofs --------------------------------------------------------------------------


def original_name(number: int, untrusted_name: str) -> str:
    """Give an original its place in a bundle: ``data/originals/0007__letter.pdf``.

    The name it really has stands in the ledger and in the table of contents.
    """
    return f"data/originals/{number:04d}__{safe_part(untrusted_name, NAME_BYTES)}"


def events_name(number: int) -> str:
    """Give the events of one reading their place in a bundle."""
    return f"data/events/{number:04d}.jsonl"


def event_ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Write event numbers as inclusive ranges: 1, 2, 3, 7 is [[1, 3], [7, 7]]."""
    runs = []
    for _key, pairs in groupby(enumerate(sorted(set(numbers))), lambda pair: pair[1] - pair[0]):
        run = [number for _place, number in pairs]
        runs.append([run[0], run[-1]])
    return runs


@dataclass(frozen=True, slots=True)
class ReadingProof:
    """The disclosed events of one reading.

    Attributes:
        entry: number of the ``reading`` entry in the ledger.
        tree: over the leaf hashes of *all* its events.
        shown: the numbers of the disclosed events.
        salts: 16 bytes for each of them, in order.
        file: where their lines stand, empty when none is disclosed.
    """

    entry: int
    tree: Tree
    shown: Sequence[int]
    salts: bytes
    file: str

    def as_json(self) -> dict[str, Any]:
        """Give the form of ``proofs.json``."""
        return {
            "entry": self.entry,
            "count": len(self.tree),
            "file": self.file if self.shown else "",
            "leaves": event_ranges(self.shown),
            "salts": base64.b64encode(self.salts).decode(),
            "hashes": [found.hex() for found in self.tree.prove(self.shown)],
        }


@dataclass(frozen=True, slots=True)
class Stamped:
    """An earlier head with its timestamps, by their places in the bundle.

    ``responses`` are triples: request, response, certificate chain (PEM, the root last).
    """

    note: str
    size: int
    responses: Sequence[tuple[str, str, str]]


def proofs_object(  # noqa: PLR0913 - each is one part of the file, all are named
    *,
    case: str,
    key: bytes,
    tree: Tree,
    disclosed: Mapping[int, bytes],
    readings: Sequence[ReadingProof],
    anchors: Sequence[Stamped],
) -> dict[str, Any]:
    """Make the object for ``proof/proofs.json``.

    ``tree`` is the ledger's, of the head's size; ``disclosed`` are entries by their number, among
    them the first (``case``) and the last (the export). Every reading that is the latest of an
    item that was not erased, and whose entry is disclosed, needs a `ReadingProof`.
    """
    return {
        "schema": 1,
        "case": case,
        "key": base64.b64encode(key).decode(),
        "ledger": {
            "size": len(tree),
            "entries": [[i, base64.b64encode(disclosed[i]).decode()] for i in sorted(disclosed)],
            "hashes": [found.hex() for found in tree.prove(disclosed)],
        },
        "readings": [one.as_json() for one in sorted(readings, key=lambda one: one.entry)],
        "anchors": [
            {
                "note": one.note,
                "size": one.size,
                "consistency": [found.hex() for found in tree.consistency(one.size)],
                "responses": [
                    {"tsq": tsq, "tsr": tsr, "chain": chain} for tsq, tsr, chain in one.responses
                ],
            }
            for one in anchors
        ],
    }


def bag_info(*, case: str, app: str, now: datetime) -> dict[str, str]:
    """Give the fields of ``bag-info.txt`` that every bundle has."""
    return {
        "External-Identifier": f"standfast/{case}",
        "Bagging-Date": now.astimezone(UTC).date().isoformat(),
        "Bag-Software-Agent": app,
    }

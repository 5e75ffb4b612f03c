# SPDX-License-Identifier: Apache-2.0
"""A small, real bundle for tests: its own ledger in memory, a real key, real timestamps.

The people and messages are fictional. Nothing of the vault is used: the ledger is a list of
entries and a tree, as ``docs/reference/bundle.md`` describes them, so that these tests hold the
format against the page and not against the program's other half.
"""

from __future__ import annotations

import base64
import json
import subprocess
import zipfile
from binascii import crc32
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from standfast.dossier import bundle
from standfast.dossier.accompanying import Listed, contents_json
from standfast.dossier.bundle import Member, ReadingProof, Seal, Stamped
from standfast.dossier.zipping import ZipWriter
from standfast.vault.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tsa import Authority

CASE = "5f" * 16
SHORT_TOOLS = {"verify.html": b"<!doctype html>\n", "verify.py": b"# a stand-in\n"}
"""In place of the real verifiers, to keep a bundle that is altered at random small."""
AT = "2024-03-04T09:05:00.123Z"


def compact(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def signed(case: str, size: int, root: bytes, key: Ed25519PrivateKey) -> bytes:
    """Sign a checkpoint, written from the C2SP pages once more."""
    origin = f"standfast/{case}"
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    public = key.public_key().public_bytes_raw()
    key_hash = sha256(origin.encode() + b"\n\x01" + public).digest()[:4]
    blob = base64.b64encode(key_hash + key.sign(body)).decode()
    return body + f"\n— {origin} {blob}\n".encode()


def event_line(number: int, item: str) -> bytes:
    return compact(
        {
            "schema": 1,
            "kind": "message",
            "channel": "sms",
            "at": f"2024-03-{number + 1:02d}T21:30:00",
            "utc": f"2024-03-{number + 1:02d}T20:30:00Z",
            "sender": "+49 30 23125 017",
            "recipients": ["+49 30 23125 018"],
            "text": f"Ich weiß, wo du bist. {number} 🌙",
            "locator": {"item": item, "path": "", "span": [number * 100, number * 100 + 90]},
        }
    )


@dataclass
class Reading:
    """All events of one item, with their salts."""

    item: str
    lines: list[bytes]
    salts: list[bytes]
    entry: int = -1

    @property
    def tree(self) -> Tree:
        pairs = zip(self.salts, self.lines, strict=True)
        return Tree(leaf_hash(salt + line) for salt, line in pairs)


@dataclass
class Ledger:
    """A ledger in memory."""

    key: Ed25519PrivateKey
    case: str = CASE
    entries: list[bytes] = field(default_factory=list)

    def add(self, kind: str, body: Mapping[str, Any]) -> int:
        seq = len(self.entries)
        entry = {
            "app": "standfast test",
            "at": AT,
            "body": dict(body),
            "salt": sha256(b"salt %d" % seq).hexdigest(),
            "seq": seq,
            "type": kind,
            "v": 1,
        }
        self.entries.append(compact(entry))
        return seq

    @property
    def tree(self) -> Tree:
        return Tree(leaf_hash(entry) for entry in self.entries)

    def note(self, size: int | None = None) -> bytes:
        count = len(self.entries) if size is None else size
        return signed(self.case, count, self.tree.root(count), self.key)


def stamped(authority: Authority, note: bytes, folder: Path) -> tuple[bytes, bytes, bytes]:
    """Ask a real authority (``openssl ts``): request, response, chain with the root last."""
    made = subprocess.run(
        ["openssl", "ts", "-query", "-sha256", "-cert", "-data", "/dev/stdin"],
        input=note,
        capture_output=True,
        check=True,
        cwd=folder,
    )
    query = made.stdout
    signers = (authority.signer, authority.issuer, authority.root)
    chain = b"".join({signer.der: signer.pem for signer in signers}.values())
    return query, authority.stamp(query), chain


@dataclass
class BundleCase:
    """A case with two originals, a third one kept back or erased on request."""

    ledger: Ledger
    originals: dict[str, bytes]
    reading: Reading
    anchors: dict[str, bytes] = field(default_factory=dict)
    stamps: list[Stamped] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)

    def anchor(self, authority: Authority, folder: Path, *, entered: bool = True) -> None:
        """Have the present head stamped, and enter the files' hashes in the ledger."""
        number = len(self.stamps) + 1
        size = len(self.ledger.entries)
        note = self.ledger.note(size)
        tsq, tsr, chain = stamped(authority, note, folder)
        base = f"proof/anchors/{number:04d}"
        files = {".note": note, ".tsq": tsq, ".tsr": tsr, ".pem": chain}
        self.anchors |= {base + ending: data for ending, data in files.items()}
        triple = (base + ".tsq", base + ".tsr", base + ".pem")
        self.stamps.append(Stamped(base + ".note", size, [triple]))
        if entered:
            hashes = {f"{number:04d}{one}": sha256(data).hexdigest() for one, data in files.items()}
            self.ledger.add("anchor", {"state": "stamped", "size": size, "files": hashes})

    def erase(self, digest: str) -> None:
        self.erased.add(digest)
        self.ledger.add("erase", {"item": digest})

    def write(
        self,
        *,
        keep_back: Sequence[str] = (),
        shown: Sequence[int] | None = None,
        hide: Sequence[int] = (),
        extra: Mapping[str, bytes] | None = None,
        short: bool = False,
    ) -> bytes:
        """Write the bundle; ``hide`` are entries that stay undisclosed."""
        if short:
            with patch.object(bundle, "verifier_files", lambda: SHORT_TOOLS):
                return self.write(keep_back=keep_back, shown=shown, hide=hide, extra=extra)
        chosen = list(range(len(self.reading.lines))) if shown is None else list(shown)
        payload, items = self._originals(keep_back)
        events = "data/events/0001.jsonl"
        alive = self.reading.item not in self.erased and self.reading.entry not in hide
        if alive and chosen:
            payload[events] = b"".join(self.reading.lines[i] + b"\n" for i in chosen)
        kinds = [json.loads(self.ledger.entries[i])["type"] for i in hide]
        payload["data/contents.json"] = contents_json(
            items=items,
            withheld={kind: kinds.count(kind) for kind in kinds},
            events_shown=len(chosen) if alive else 0,
            events_all=len(self.reading.lines) if alive else 0,
            language="en",
            title="Fall Ü",
        )
        payload["data/dossier.pdf"] = b"%PDF-1.7 not really\n"
        payload |= extra or {}

        def seal(manifest: str, tags: Mapping[str, str]) -> Seal:
            body = {"kind": "bundle", "manifest": manifest, "tags": dict(tags)}
            self.ledger.add("export", body)
            return self._seal(set(hide), chosen, events, alive=alive)

        out = BytesIO()
        members = [Member.of(path, data) for path, data in payload.items()]
        info = {"External-Identifier": f"standfast/{self.ledger.case}"}
        bundle.write_bundle(out, payload=members, seal=seal, info=info, language="de")
        return out.getvalue()

    def _originals(self, keep_back: Sequence[str]) -> tuple[dict[str, bytes], list[Listed]]:
        """Give the originals that go in, and the table of all."""
        payload: dict[str, bytes] = {}
        items: list[Listed] = []
        for number, (digest, data) in enumerate(self.originals.items(), 1):
            why = "erased" if digest in self.erased else "withheld" if digest in keep_back else ""
            name = self.names.get(digest, f"chat {number}.xml")
            path = None if why else bundle.original_name(number, name)
            if path:
                payload[path] = data
            items.append(Listed(digest, len(data), name, path, why))
        return payload, items

    def _seal(self, hide: set[int], chosen: list[int], events: str, *, alive: bool) -> Seal:
        reading = self.reading
        proof = ReadingProof(
            entry=reading.entry,
            tree=reading.tree,
            shown=chosen,
            salts=b"".join(reading.salts[i] for i in chosen),
            file=events,
        )
        entries = self.ledger.entries
        proofs = bundle.proofs_object(
            case=self.ledger.case,
            key=self.ledger.key.public_key().public_bytes_raw(),
            tree=self.ledger.tree,
            disclosed={i: e for i, e in enumerate(entries) if i not in hide},
            readings=[proof] if alive else [],
            anchors=self.stamps,
        )
        return Seal(self.ledger.note(), proofs, self.anchors)


def make_case(events: int = 6) -> BundleCase:
    """Make the small case: entries case, item, item, reading, note, person."""
    ledger = Ledger(Ed25519PrivateKey.from_private_bytes(sha256(b"a key for tests").digest()))
    public = ledger.key.public_key().public_bytes_raw()
    ledger.add("case", {"case": ledger.case, "key": base64.b64encode(public).decode()})
    contents = [b"<smses>fictional</smses>\n", b"\xff\xd8\xff\xe0 a fictional picture"]
    originals = {sha256(data).hexdigest(): data for data in contents}
    for number, (digest, data) in enumerate(originals.items(), 1):
        body = {"sha256": digest, "size": len(data), "media_type": "", "name": f"chat {number}.xml"}
        ledger.add("item", body)
    item = next(iter(originals))
    lines = [event_line(number, item) for number in range(events)]
    salts = [sha256(b"event %d" % number).digest()[:16] for number in range(events)]
    reading = Reading(item, lines, salts)
    body = {"item": item, "format": "sms_backup", "version": "1", "events": events}
    reading.entry = ledger.add("reading", body | {"root": reading.tree.root().hex()})
    ledger.add("note", {"text": "private"})
    ledger.add("person", {"name": "him", "accounts": ["+49 30 23125 017"]})
    return BundleCase(ledger, originals, reading)


def stamped_bundle(folder: Path, first: Authority, second: Authority) -> bytes:
    """Write the small bundle with the stamps of two authorities."""
    case = make_case()
    case.anchor(first, folder)
    case.ledger.add("note", {"text": "another"})
    case.anchor(second, folder)
    return case.write(short=True)


# -- taking bundles apart and putting them together, as a forger would ---------------------------


def files_of(data: bytes) -> dict[str, bytes]:
    """Read a bundle with the standard library's zip reader."""
    with zipfile.ZipFile(BytesIO(data)) as found:
        return {one.filename.removeprefix("bundle/"): found.read(one) for one in found.infolist()}


def zipped(files: Mapping[str, bytes], *, top: str = "bundle/") -> bytes:
    """Write the canonical zip of these files, in the canonical order."""
    out = BytesIO()
    writer = ZipWriter(out)
    for path in sorted(files, key=lambda path: (path.startswith("data/"), path)):
        data = files[path]
        writer.add(top + path, size=len(data), crc=crc32(data), parts=[data])
    writer.finish()
    return out.getvalue()


def listed(files: Mapping[str, bytes], *, payload: bool) -> bytes:
    """Write a manifest."""
    names = sorted(path for path in files if path.startswith("data/") == payload)
    lines = [
        f"{sha256(files[path]).hexdigest()}  {path}\n"
        for path in names
        if path != "tagmanifest-sha256.txt"
    ]
    return "".join(lines).encode()


def relisted(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Fix both manifests after an edit, as anyone can."""
    fixed = {**files, "manifest-sha256.txt": listed(files, payload=True)}
    return {**fixed, "tagmanifest-sha256.txt": listed(fixed, payload=False)}


def resealed(files: Mapping[str, bytes], key: Ed25519PrivateKey | None = None) -> dict[str, bytes]:
    """Fix manifests, export entry, proofs and head; without the key the old signature stays."""
    fixed = relisted(files)
    proofs = json.loads(fixed["proof/proofs.json"])
    entries = {index: base64.b64decode(text) for index, text in proofs["ledger"]["entries"]}
    size = proofs["ledger"]["size"]
    assert len(entries) == size, "only a bundle that shows every entry can be sealed again"
    last = json.loads(entries[size - 1])
    last["body"]["manifest"] = sha256(fixed["manifest-sha256.txt"]).hexdigest()
    for name in last["body"]["tags"]:
        last["body"]["tags"][name] = sha256(fixed[name]).hexdigest()
    entries[size - 1] = compact(last)
    proofs["ledger"]["entries"] = [
        [index, base64.b64encode(entries[index]).decode()] for index in sorted(entries)
    ]
    root = Tree(leaf_hash(entries[index]) for index in sorted(entries)).root()
    for anchor in proofs["anchors"]:
        tree = Tree(leaf_hash(entries[index]) for index in sorted(entries))
        anchor["consistency"] = [found.hex() for found in tree.consistency(anchor["size"])]
    fixed["proof/proofs.json"] = compact(proofs)
    fixed["proof/head.note"] = _new_head(fixed["proof/head.note"], proofs, root, key)
    return relisted(fixed)


def _new_head(
    old: bytes, proofs: dict[str, Any], root: bytes, key: Ed25519PrivateKey | None
) -> bytes:
    if key is not None:
        return signed(proofs["case"], proofs["ledger"]["size"], root, key)
    lines = old.decode().split("\n")
    lines[2] = base64.b64encode(root).decode()
    return "\n".join(lines).encode()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check a standfast bundle: is it genuine, and is every byte as it was sealed?

    python3 verify.py                       (in the unpacked folder)
    python3 verify.py bundle.zip            (or a folder)
    python3 verify.py --lang de --json bundle.zip

This file needs Python 3.8 or newer and nothing else: no installation, no network, and it writes
no file. It shares no code with the program that made the bundle. It checks, in this order:

1. the zip: every byte that is not content is derived again and compared;
2. the bag (BagIt 1.0): every file is listed once, none is extra, every SHA-256 is right;
3. the head: a C2SP checkpoint, signed with Ed25519 by the key named in the first ledger entry;
4. the ledger: the disclosed entries and the proof give the signed root (RFC 9162);
5. the export entry, last in the ledger: it names the SHA-256 of the bag's manifest;
6. originals, contents and events: each was committed in the ledger, and the counts agree;
7. anchors: RFC 3161 timestamps over earlier heads, and that those heads were continued.

Exit codes: 0 genuine, 5 altered, 6 cannot tell, 2 wrong usage. The format is described byte by
byte in ``docs/reference/bundle.md`` of standfast. A verifier inside a bundle can be forged together
with it: whoever needs certainty takes this file from a release of standfast.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import io
import json
import os
import re
import stat
import struct
import sys
from bisect import bisect_left
from typing import Any, BinaryIO, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

CHUNK = 1 << 20
MAX_MEMBERS = 200_000
MAX_DIRECTORY = 64 << 20
MAX_TEXT = 128 << 20  # manifests, proofs.json, contents.json
MAX_SMALL = 1 << 20  # a note, a timestamp response, a certificate chain
MAX_LINE = 32 << 20  # one event
MAX_DEPTH = 32  # nesting of JSON
SAFE_WHOLE = (1 << 53) - 1  # the whole numbers that every JSON reader agrees on

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
HEAD, PROOFS, CONTENTS = "proof/head.note", "proof/proofs.json", "data/contents.json"
SEALED_TAGS = ("READ-ME-FIRST.txt", "bag-info.txt", "bagit.txt", "verify.html", "verify.py")
TELLING = ("incident", "item")  # entries that tell of what happened; the others administer
REQUIRED = (*SEALED_TAGS, MANIFEST, TAG_MANIFEST, HEAD, PROOFS, CONTENTS)
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


class Malformed(ValueError):
    """Something does not have the one form it may have."""


class Refused(ValueError):
    """A timestamp fails a check; ``code`` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- 1. the zip -------------------------------------------------------------------------------


class Member(NamedTuple):
    """A file in the bundle. ``crc`` is -1 when it lies in a folder."""

    path: str
    size: int
    crc: int
    chunks: Callable[[], Iterator[bytes]]


class Entry(NamedTuple):
    """What a zip says about one file."""

    name: bytes
    crc: int
    size: int


def local_header(entry: Entry) -> bytes:
    """Derive the bytes that stand before a file's content."""
    big = entry.size >= 0xFFFFFFFF
    size = 0xFFFFFFFF if big else entry.size
    extra = struct.pack("<HHQQ", 1, 16, entry.size, entry.size) if big else b""
    fixed = (b"PK\x03\x04", 45 if big else 20, 0x0800, 0, 0, 0x0021, entry.crc, size, size)
    head = struct.pack("<4s5H3L2H", *fixed, len(entry.name), len(extra))
    return head + entry.name + extra


def directory_header(entry: Entry, offset: int) -> bytes:
    """Derive a file's record in the central directory."""
    extra = struct.pack("<QQ", entry.size, entry.size) if entry.size >= 0xFFFFFFFF else b""
    if offset >= 0xFFFFFFFF:
        extra += struct.pack("<Q", offset)
    if extra:
        extra = struct.pack("<HH", 1, len(extra)) + extra
    version, size = 45 if extra else 20, min(entry.size, 0xFFFFFFFF)
    fixed = (b"PK\x01\x02", 0x0300 | version, version, 0x0800, 0, 0, 0x0021, entry.crc, size, size)
    lengths = (len(entry.name), len(extra), 0, 0, 0, 0o100644 << 16, min(offset, 0xFFFFFFFF))
    return struct.pack("<4s6H3L5H2L", *fixed, *lengths) + entry.name + extra


def directory(entries: List[Entry]) -> Tuple[bytes, int]:
    """Derive everything after the last content, and the place where it must start."""
    offset, records = 0, []
    for entry in entries:
        records.append(directory_header(entry, offset))
        offset += len(local_header(entry)) + entry.size
    body, count = b"".join(records), len(entries)
    end = b""
    if count >= 0xFFFF or len(body) >= 0xFFFFFFFF or offset >= 0xFFFFFFFF:
        wide = (b"PK\x06\x06", 44, 0x032D, 45, 0, 0, count, count, len(body), offset)
        end = struct.pack("<4sQ2H2L4Q", *wide)
        end += struct.pack("<4sLQL", b"PK\x06\x07", 0, offset + len(body), 1)
    counts = (min(count, 0xFFFF), min(count, 0xFFFF))
    places = (min(len(body), 0xFFFFFFFF), min(offset, 0xFFFFFFFF), 0)
    return body + end + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *counts, *places), offset


class Zip:
    """A canonical zip, read where it lies; nothing is unpacked."""

    def __init__(self, file: BinaryIO, report: Report) -> None:
        self.file, self.size = file, file.seek(0, io.SEEK_END)
        entries = self._from_directory()
        if entries is None:
            report.add("container", "")
            entries = self._from_headers(report)
        self.members = self._members(entries, report)

    def _read(self, offset: int, length: int) -> bytes:
        self.file.seek(offset)
        return self.file.read(max(0, length))

    def _from_directory(self) -> Optional[List[Entry]]:
        """List the files by the directory at the end, if that is canonical to the last byte."""
        end = self._read(max(0, self.size - 98), 98)
        if len(end) < 22 or end[-22:-18] != b"PK\x05\x06":
            return None
        count, length, start = struct.unpack("<H2L", end[-12:-2])
        after = 22
        if len(end) == 98 and (count == 0xFFFF or length == 0xFFFFFFFF or start == 0xFFFFFFFF):
            count, length = struct.unpack("<QQ", end[32:48])
            after = 98
        if length > min(MAX_DIRECTORY, self.size - after) or count > MAX_MEMBERS:
            return None
        entries = parse_directory(self._read(self.size - after - length, length), count)
        if entries is None or any(entry.size > self.size for entry in entries):
            return None
        expected, start = directory(entries)
        whole = start + len(expected) == self.size
        return entries if whole and self._read(start, len(expected)) == expected else None

    def _from_headers(self, report: Report) -> List[Entry]:
        """List the files from the front, as far as they go, when the directory is damaged."""
        entries: List[Entry] = []
        offset = 0
        while len(entries) < MAX_MEMBERS:
            head = self._read(offset, 30)
            if len(head) < 30 or head[:4] != b"PK\x03\x04":
                break
            crc, _, size, name_length, extra_length = struct.unpack("<3L2H", head[14:])
            rest = self._read(offset + 30, name_length + extra_length)
            name, extra = rest[:name_length], rest[name_length:]
            if size == 0xFFFFFFFF and len(extra) == 20:
                size = struct.unpack("<Q", extra[4:12])[0]
            entry = Entry(name, crc, size)
            if len(rest) < name_length + extra_length:
                break
            if head + rest != local_header(entry) or offset + 30 + len(rest) + size > self.size:
                report.add("container", shown_name(name))
                break
            entries.append(entry)
            offset += 30 + len(rest) + size
        return entries

    def _members(self, entries: List[Entry], report: Report) -> Dict[str, Member]:
        names = Names(report)
        offset, before = 0, (False, b"")
        for entry in entries:
            expected = local_header(entry)
            if self._read(offset, len(expected)) != expected:
                report.add("container", shown_name(entry.name))
            offset += len(expected)
            place = (entry.name.startswith(b"bundle/data/"), entry.name)
            if place <= before:
                report.add("container", shown_name(entry.name))
            before = max(before, place)
            names.take(entry.name, entry.size, entry.crc, self._chunks(offset, entry.size))
            offset += entry.size
        return names.members

    def _chunks(self, offset: int, size: int) -> Callable[[], Iterator[bytes]]:
        def chunks() -> Iterator[bytes]:
            for start in range(0, size, CHUNK):
                yield self._read(offset + start, min(CHUNK, size - start))

        return chunks


def parse_directory(data: bytes, count: int) -> Optional[List[Entry]]:
    """Read names, checksums and sizes; the caller derives all the bytes again and compares."""
    entries, at = [], 0
    for _ in range(count):
        head = data[at : at + 46]
        if len(head) < 46 or head[:4] != b"PK\x01\x02":
            return None
        crc, size, name_length, extra_length = struct.unpack("<L4xL2H", head[16:32])
        name = data[at + 46 : at + 46 + name_length]
        extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
        if size == 0xFFFFFFFF and len(extra) >= 20:
            size = struct.unpack("<Q", extra[4:12])[0]
        entries.append(Entry(name, crc, size))
        at += 46 + name_length + extra_length
    return entries if at == len(data) else None


# --- names ------------------------------------------------------------------------------------

PART = re.compile(rb"[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,118}[A-Za-z0-9_-])?\Z")
RESERVED = re.compile(rb"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)")


def safe_name(name: bytes) -> bool:
    """Tell whether a name can do no harm on any system (no escape, no drive, no surprise)."""
    parts = name.split(b"/")
    if len(name) > 240 or len(parts) < 2 or parts[0] != b"bundle":
        return False
    return all(PART.match(part) and not RESERVED.match(part) for part in parts)


def shown_name(name: bytes) -> str:
    """Write any name in plain letters, without the top folder if it is ours."""
    kept = name[7:] if name.startswith(b"bundle/") else name
    return "".join(chr(c) if 0x21 <= c <= 0x7E and c != 0x5C else f"\\x{c:02x}" for c in kept[:240])


class Names:
    """The files of a bundle, each under one safe name."""

    def __init__(self, report: Report) -> None:
        self.members: Dict[str, Member] = {}
        self._report, self._folded = report, set()

    def take(self, name: bytes, size: int, crc: int, chunks: Callable[[], Iterator[bytes]]) -> None:
        """Take a file in, or report why not."""
        path = shown_name(name)
        if not safe_name(name):
            self._report.add("name_unsafe", path)
        elif path.lower() in self._folded:
            self._report.add("name_twice", path)
        else:
            self._folded.add(path.lower())
            self.members[path] = Member(path, size, crc, chunks)


LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", ".directory"}  # what systems leave in folders


class Folder:
    """An unpacked bundle; links are never followed, and the system's own litter is left aside."""

    def __init__(self, top: str, report: Report) -> None:
        names = Names(report)
        if not os.path.exists(os.path.join(top, "bagit.txt")):
            top = os.path.join(top, "bundle")
        for place, folders, files in os.walk(top):
            for name in sorted(set(folders + files) - LITTER):
                full = os.path.join(place, name)
                inside = os.path.relpath(full, top).replace(os.sep, "/")
                status = os.lstat(full)
                if stat.S_ISREG(status.st_mode):
                    chunks = self._chunks(full)
                    names.take(b"bundle/" + os.fsencode(inside), status.st_size, -1, chunks)
                elif not stat.S_ISDIR(status.st_mode):
                    report.add("name_unsafe", shown_name(os.fsencode(inside)))
        self.members = names.members

    @staticmethod
    def _chunks(full: str) -> Callable[[], Iterator[bytes]]:
        def chunks() -> Iterator[bytes]:
            with open(full, "rb") as file:
                yield from iter(lambda: file.read(CHUNK), b"")

        return chunks


# --- texts of one form ------------------------------------------------------------------------


def _whole(text: str) -> int:
    number = int(text) if len(text) <= 17 else SAFE_WHOLE + 1
    if abs(number) > SAFE_WHOLE:
        raise Malformed
    return number


def _refuse(_text: str) -> Any:
    raise Malformed


def _shallow(value: Any, level: int = 0) -> bool:
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return level < MAX_DEPTH and all(_shallow(part, level + 1) for part in inner)
    return True


def canonical(value: Any) -> bytes:
    """Write JSON the one way: keys sorted, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8")


def parse_canonical(data: bytes) -> Any:
    """Read JSON that must be written the one way (whole numbers only)."""
    try:
        hooks = {"parse_int": _whole, "parse_float": _refuse, "parse_constant": _refuse}
        value = json.loads(data.decode("utf-8"), **hooks)
        if not _shallow(value) or canonical(value) != data:
            raise Malformed
    except (ValueError, RecursionError):
        raise Malformed from None
    return value


def parse_event(line: bytes) -> Dict[str, Any]:
    """Read one event; any JSON object will do."""
    try:
        hooks = {"parse_int": str, "parse_float": str, "parse_constant": _refuse}
        value = json.loads(line.decode("utf-8"), **hooks)
    except (ValueError, RecursionError):
        raise Malformed from None
    if not isinstance(value, dict) or not _shallow(value):
        raise Malformed
    return value


def need(condition: object) -> None:
    """Refuse a form."""
    if not condition:
        raise Malformed


def is_text(value: object, pattern: str) -> bool:
    """Tell whether a value is a text of this form."""
    return isinstance(value, str) and re.match(f"(?:{pattern})\\Z", value) is not None


def is_count(value: object) -> bool:
    """Tell whether a value is a whole number from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def has_keys(value: object, *keys: str) -> bool:
    """Tell whether a value is an object with exactly these keys."""
    return isinstance(value, dict) and set(value) == set(keys)


HEX32, HEX64 = "[0-9a-f]{32}", "[0-9a-f]{64}"
TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z"


def base64_bytes(text: object) -> bytes:
    """Decode base64 that is written the one way."""
    need(is_text(text, "[A-Za-z0-9+/]*={0,2}"))
    try:
        data = base64.b64decode(str(text), validate=True)
    except binascii.Error:
        raise Malformed from None
    need(base64.b64encode(data).decode() == text)
    return data


def hex_list(value: object) -> List[bytes]:
    """Read a list of hashes."""
    need(isinstance(value, list) and all(is_text(part, HEX64) for part in value))
    return [bytes.fromhex(part) for part in value]  # type: ignore[attr-defined]  # told apart above


# --- the Merkle tree (RFC 9162) ---------------------------------------------------------------


def sha256(data: bytes) -> bytes:
    """Hash bytes."""
    return hashlib.sha256(data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two children."""
    return sha256(b"\x01" + left + right)


def root_of(
    size: int, ranges: List[Tuple[int, int]], leaves: Iterator[bytes], hashes: List[bytes]
) -> bytes:
    """Give the root that the leaves in ``ranges`` (inclusive) and the other subtrees lead to."""
    firsts, lasts = [r[0] for r in ranges], [r[1] for r in ranges]
    rest = iter(hashes)

    def take(source: Iterator[bytes]) -> bytes:
        found = next(source, None)
        if found is None:
            raise Malformed
        return found

    def visit(start: int, end: int) -> bytes:
        at = bisect_left(lasts, start)
        if at == len(lasts) or firsts[at] >= end:
            return take(rest)
        if end - start == 1:
            return take(leaves)
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        return node(visit(start, middle), visit(middle, end))

    root = visit(0, size) if size else sha256(b"")
    need(next(rest, None) is None and next(leaves, None) is None)
    return root


def continues(old: int, old_root: bytes, size: int, root: bytes, path: List[bytes]) -> bool:
    """Tell whether one head continues another (RFC 9162, 2.1.4.2); an old size is at least 1."""
    if old == size:
        return not path and old_root == root
    if not 1 <= old < size:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else path
    if not steps:
        return False
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            before, after = node(step, before), node(step, after)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            after = node(after, step)
        first, last = first >> 1, last >> 1
    return last == 0 and before == old_root and after == root


# --- Ed25519 (RFC 8032), with the doubtful cases refused --------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
ORDER_8 = 2707385501144840649318225287225658788936804267575313519463743609750303402022
SMALL_ORDER = (0, 1, P - 1, ORDER_8, P - ORDER_8)  # the y of every point of order 1, 2, 4 or 8
Point = Tuple[int, int, int, int]


def ed_point(data: bytes) -> Optional[Point]:
    """Decode a point; none for a second spelling, a small order, or no point at all."""
    sign, y = data[31] >> 7, int.from_bytes(data, "little") & ((1 << 255) - 1)
    if y >= P or y in SMALL_ORDER:
        return None
    top, bottom = (y * y - 1) % P, (D * y * y + 1) % P
    x = top * bottom**3 * pow(top * bottom**7, (P - 5) // 8, P) % P
    if (bottom * x * x - top) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (bottom * x * x - top) % P:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def ed_add(one: Point, two: Point) -> Point:
    """Add points in extended coordinates."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_double(one: Point) -> Point:
    """Double a point."""
    a, b = one[0] * one[0] % P, one[1] * one[1] % P
    c, h = 2 * one[2] * one[2] % P, a + b
    e, g = h - (one[0] + one[1]) ** 2 % P, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


_BASE = ed_point(bytes.fromhex("58" + "66" * 31))


def ed25519_valid(key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature is valid; the key and R must have a large order, S be reduced."""
    if len(key) != 32 or len(signature) != 64 or _BASE is None:
        return False
    public, commitment = ed_point(key), ed_point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if public is None or commitment is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    factor = int.from_bytes(digest, "little") % ORDER
    minus = (P - public[0], public[1], 1, P - public[3])
    table = (None, _BASE, minus, ed_add(_BASE, minus))
    total: Point = (0, 1, 1, 0)
    for bit in range(252, -1, -1):
        total = ed_double(total)
        addend = table[(scalar >> bit & 1) | (factor >> bit & 1) << 1]
        if addend is not None:
            total = ed_add(total, addend)
    inverse = pow(total[2], P - 2, P)
    x, y = total[0] * inverse % P, total[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- the signed head (C2SP signed-note, tlog-checkpoint) --------------------------------------


class Head(NamedTuple):
    """A signed head of the ledger."""

    origin: str
    size: int
    root: bytes
    key_hash: bytes
    signature: bytes
    signed: bytes


NOTE = re.compile(
    "(?P<text>(?P<origin>standfast/[0-9a-f]{32})\n(?P<size>[1-9][0-9]{0,15})\n"
    "(?P<root>[A-Za-z0-9+/]{43}=)\n)\n— (?P=origin) (?P<signature>[A-Za-z0-9+/]{91}=)\n\\Z"
)


def parse_head(data: bytes) -> Head:
    """Read a note that is a checkpoint with exactly one signature and nothing else."""
    try:
        found = NOTE.match(data.decode("utf-8"))
    except ValueError:
        raise Malformed from None
    if found is None or int(found["size"]) > SAFE_WHOLE:
        raise Malformed
    blob = base64_bytes(found["signature"])
    root, text = base64_bytes(found["root"]), found["text"].encode()
    return Head(found["origin"], int(found["size"]), root, blob[:4], blob[4:], text)


def head_fault(head: Head, case: str, key: bytes) -> str:
    """Say what is wrong with a head's signature, or nothing."""
    origin = "standfast/" + case
    expected = sha256(origin.encode() + b"\n\x01" + key)[:4]
    if head.origin != origin or head.key_hash != expected:
        return "head_key"
    return "" if ed25519_valid(key, head.signature, head.signed) else "head_signature"


# --- ledger entries and proofs.json -----------------------------------------------------------


class Newer(ValueError):
    """Written by a later version; this one must not judge it."""


BODIES: Dict[str, Dict[str, Callable[[Any], bool]]] = {
    "case": {"case": lambda v: is_text(v, HEX32), "key": lambda v: isinstance(v, str)},
    "item": {
        "sha256": lambda v: is_text(v, HEX64),
        "size": is_count,
        "name": lambda v: isinstance(v, str),
        "media_type": lambda v: isinstance(v, str),
    },
    "reading": {
        "item": lambda v: is_text(v, HEX64),
        "events": is_count,
        "root": lambda v: is_text(v, HEX64),
    },
    "erase": {"item": lambda v: is_text(v, HEX64)},
    "export": {"kind": lambda v: isinstance(v, str)},
    "anchor": {"state": lambda v: isinstance(v, str), "files": lambda v: is_files(v)},
}


def is_files(value: Any) -> bool:
    """Tell whether a value gives hashes by safe file names."""
    return isinstance(value, dict) and all(
        is_text(name, "[A-Za-z0-9_-][A-Za-z0-9._-]{0,118}") and is_text(digest, HEX64)
        for name, digest in value.items()
    )


def parse_entry(data: bytes, index: int) -> Dict[str, Any]:
    """Read a ledger entry in its one form."""
    entry = parse_canonical(data)
    need(isinstance(entry, dict) and is_count(entry.get("v")))
    if entry["v"] > 1:
        raise Newer
    need(has_keys(entry, "app", "at", "body", "salt", "seq", "type", "v") and entry["v"] == 1)
    need(isinstance(entry["app"], str) and is_text(entry["at"], TIME))
    need(is_text(entry["salt"], HEX64) and isinstance(entry["body"], dict))
    need(is_count(entry["seq"]) and entry["seq"] == index)
    need(is_text(entry["type"], "[a-z][a-z0-9_.-]{0,39}"))
    for name, fits in BODIES.get(entry["type"], {}).items():
        need(name in entry["body"] and fits(entry["body"][name]))
    return dict(entry)


class Reading(NamedTuple):
    """A proof for some of the events that were read from one item."""

    entry: int
    count: int
    file: str
    ranges: List[Tuple[int, int]]
    salts: bytes
    hashes: List[bytes]

    def shown(self) -> int:
        """Count the disclosed events."""
        return sum(last - first + 1 for first, last in self.ranges)


class Response(NamedTuple):
    """Where the three files of a timestamp lie."""

    tsq: str
    tsr: str
    chain: str


class Anchor(NamedTuple):
    """An earlier head that was timestamped."""

    note: str
    size: int
    consistency: List[bytes]
    responses: List[Response]


class Proofs(NamedTuple):
    """What ``proof/proofs.json`` holds."""

    case: str
    key: bytes
    size: int
    entries: List[Tuple[int, bytes]]
    hashes: List[bytes]
    readings: List[Reading]
    anchors: List[Anchor]


def with_schema(value: Any) -> Dict[str, Any]:
    """Require an object of schema 1."""
    need(isinstance(value, dict) and is_count(value.get("schema")) and value["schema"] > 0)
    if value["schema"] > 1:
        raise Newer
    return dict(value)


def parse_proofs(data: bytes) -> Proofs:
    """Read ``proof/proofs.json`` in its one form."""
    value = with_schema(parse_canonical(data))
    need(has_keys(value, "anchors", "case", "key", "ledger", "readings", "schema"))
    need(is_text(value["case"], HEX32))
    key, ledger = base64_bytes(value["key"]), value["ledger"]
    need(len(key) == 32 and has_keys(ledger, "size", "entries", "hashes"))
    need(is_count(ledger["size"]) and ledger["size"] >= 1 and isinstance(ledger["entries"], list))
    entries, before = [], -1
    for pair in ledger["entries"]:
        need(isinstance(pair, list) and len(pair) == 2 and is_count(pair[0]))
        need(before < pair[0] < ledger["size"])
        entries.append((pair[0], base64_bytes(pair[1])))
        before = pair[0]
    need(isinstance(value["readings"], list) and isinstance(value["anchors"], list))
    readings = [parse_reading(part) for part in value["readings"]]
    anchors = [parse_anchor(part) for part in value["anchors"]]
    need(all(a.entry < b.entry for a, b in zip(readings, readings[1:])))
    hashes = hex_list(ledger["hashes"])
    return Proofs(value["case"], key, ledger["size"], entries, hashes, readings, anchors)


def parse_reading(value: Any) -> Reading:
    """Read the proof of one reading."""
    need(has_keys(value, "entry", "count", "file", "leaves", "salts", "hashes"))
    need(is_count(value["entry"]) and is_count(value["count"]) and isinstance(value["leaves"], list))
    ranges, before = [], -2
    for pair in value["leaves"]:
        need(isinstance(pair, list) and len(pair) == 2 and is_count(pair[0]) and is_count(pair[1]))
        need(before + 1 < pair[0] <= pair[1] < value["count"])
        ranges.append((pair[0], pair[1]))
        before = pair[1]
    need(is_text(value["file"], r"data/events/[0-9]{4,8}\.jsonl" if ranges else ""))
    salts, hashes = base64_bytes(value["salts"]), hex_list(value["hashes"])
    reading = Reading(value["entry"], value["count"], value["file"], ranges, salts, hashes)
    need(len(salts) == 16 * reading.shown())
    return reading


def parse_anchor(value: Any) -> Anchor:
    """Read where an anchor lies."""
    place = r"proof/anchors/[A-Za-z0-9_-][A-Za-z0-9._-]{0,118}"
    need(has_keys(value, "note", "size", "consistency", "responses"))
    need(is_text(value["note"], place) and is_count(value["size"]) and value["size"] >= 1)
    need(isinstance(value["responses"], list))
    responses = []
    for part in value["responses"]:
        need(has_keys(part, "tsq", "tsr", "chain"))
        need(all(is_text(part[name], place) for name in ("tsq", "tsr", "chain")))
        responses.append(Response(part["tsq"], part["tsr"], part["chain"]))
    return Anchor(value["note"], value["size"], hex_list(value["consistency"]), responses)


def parse_contents(data: bytes) -> Dict[str, Any]:
    """Read ``data/contents.json`` in its one form."""
    value = with_schema(parse_canonical(data))
    need(has_keys(value, "schema", "items", "withheld", "events", "language", "title"))
    need(isinstance(value["items"], list) and isinstance(value["withheld"], dict))
    for item in value["items"]:
        need(has_keys(item, "sha256", "size", "name", "file", "why") and is_text(item["sha256"], HEX64))
        need(is_count(item["size"]) and isinstance(item["name"], str))
        if item["file"] is None:
            need(item["why"] in ("withheld", "erased"))
        else:
            need(is_text(item["file"], r"data/originals/[A-Za-z0-9._-]+") and item["why"] == "")
    need(all(is_count(count) for count in value["withheld"].values()))
    need(has_keys(value["events"], "disclosed", "total"))
    need(is_count(value["events"]["disclosed"]) and is_count(value["events"]["total"]))
    need(isinstance(value["language"], str) and isinstance(value["title"], str))
    return value


# --- timestamps (RFC 3161, RFC 5652, RFC 5280) -----------------------------------------------


class Der(NamedTuple):
    """A DER value: its tag, its content, and all its bytes."""

    tag: int
    content: bytes
    raw: bytes

    def parts(self) -> List[Der]:
        """Split the content into values."""
        return der_list(self.content)

    def part(self, index: int, tag: int) -> Der:
        """Give one of the values within, of the expected tag."""
        parts = self.parts()
        need(index < len(parts) and parts[index].tag == tag)
        return parts[index]


def der_list(data: bytes) -> List[Der]:
    """Split bytes into DER values (definite lengths; the order within a SET is not checked)."""
    values, at = [], 0
    while at < len(data):
        need(at + 2 <= len(data) and data[at] & 0x1F != 0x1F)
        start, length = at + 2, data[at + 1]
        if length == 0x80 or data[at] == 0x24:  # BER with open ends or in pieces
            raise Refused("anchor_unsupported")
        if length > 0x80:
            start += length - 0x80
            need(0x81 <= length <= 0x84 and start <= len(data))
            length = int.from_bytes(data[at + 2 : start], "big")
        need(start + length <= len(data))
        values.append(Der(data[at], data[start : start + length], data[at : start + length]))
        at = start + length
    return values


def der(data: bytes, tag: int) -> Der:
    """Read exactly one value of a tag."""
    values = der_list(data)
    need(len(values) == 1 and values[0].tag == tag)
    return values[0]


INTEGER, BITS, OCTETS, OID, SEQUENCE, SET, TIME_TAG = 0x02, 0x03, 0x04, 0x06, 0x30, 0x31, 0x18
SIGNED_DATA, TST_INFO = "2a864886f70d010702", "2a864886f70d0109100104"
CONTENT_TYPE, MESSAGE_DIGEST = "2a864886f70d010903", "2a864886f70d010904"
HASHES = {
    "608648016503040201": "sha256",
    "608648016503040202": "sha384",
    "608648016503040203": "sha512",
}
SIGNATURES = {  # algorithm -> kind of key, hash ("" is the one named beside it)
    "2a864886f70d010101": ("rsa", ""),
    "2a864886f70d01010b": ("rsa", "sha256"),
    "2a864886f70d01010c": ("rsa", "sha384"),
    "2a864886f70d01010d": ("rsa", "sha512"),
    "2a8648ce3d040302": ("ec", "sha256"),
    "2a8648ce3d040303": ("ec", "sha384"),
    "2a8648ce3d040304": ("ec", "sha512"),
}
RSA_KEY, EC_KEY = "2a864886f70d010101", "2a8648ce3d0201"
EXTENDED_USE, BASIC, STAMPING = "551d25", "551d13", "2b06010505070308"
NAMES = {"550403": 0, "55040a": 1, "55040b": 2}  # common name, organisation, unit


class Certificate(NamedTuple):
    """The parts of an X.509 certificate that matter here."""

    raw: bytes
    signed: bytes
    algorithm: str
    signature: bytes
    serial: bytes
    issuer: bytes
    subject: bytes
    start: str
    end: str
    key: Der
    extensions: Dict[str, Tuple[bool, bytes]]

    def name(self) -> str:
        """Name whom the certificate speaks of."""
        found = []
        for relative in der(self.subject, SEQUENCE).parts():
            for pair in relative.parts():
                kind = pair.part(0, OID).content.hex()
                need(len(pair.parts()) == 2)
                if kind in NAMES:
                    value = pair.parts()[1]
                    coding = "utf-16-be" if value.tag == 0x1E else "utf-8"
                    found.append((NAMES[kind], value.content.decode(coding, "replace")))
        return ", ".join(text for _, text in sorted(found)[:2])

    def authority(self) -> bool:
        """Tell whether it may sign other certificates."""
        basic = self.extensions.get(BASIC)
        parts = der(basic[1], SEQUENCE).parts() if basic else []
        return bool(parts) and parts[0].tag == 0x01 and parts[0].content != b"\x00"


def der_time(value: Der) -> str:
    """Give a time as fourteen digits (UTC); fractions of a second are cut."""
    text = value.content.decode("latin-1")
    if value.tag == 0x17:
        text = ("19" if text[:2] >= "50" else "20") + text
    else:
        need(value.tag == TIME_TAG)
    need(is_text(text, r"[0-9]{14}(?:\.[0-9]{1,9})?Z"))
    return text[:14]


def parse_certificate(value: Der) -> Certificate:
    """Read an X.509 certificate."""
    need(value.tag == SEQUENCE)
    body, algorithm, signature = value.part(0, 0x30), value.part(1, 0x30), value.part(2, BITS)
    fields = body.parts()
    if fields and fields[0].tag == 0xA0:
        fields = fields[1:]
    need(len(fields) >= 6 and [f.tag for f in fields[:6]] == [INTEGER, 0x30, 0x30, 0x30, 0x30, 0x30])
    times = fields[3].parts()
    need(len(times) == 2 and signature.content[:1] == b"\x00")
    extensions = {}
    for field in fields[6:]:
        if field.tag == 0xA3:
            for extension in der(field.content, SEQUENCE).parts():
                kind, parts = extension.part(0, OID).content.hex(), extension.parts()
                need(2 <= len(parts) <= 3)
                critical = parts[1].tag == 0x01 and parts[1].content == b"\xff"
                need(parts[-1].tag == OCTETS and kind not in extensions)
                extensions[kind] = (critical, parts[-1].content)
    return Certificate(
        value.raw,
        body.raw,
        algorithm.part(0, OID).content.hex(),
        signature.content[1:],
        fields[0].content,
        fields[2].raw,
        fields[4].raw,
        der_time(times[0]),
        der_time(times[1]),
        fields[5],
        extensions,
    )


PEM = re.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----")


def parse_chain(data: bytes) -> List[Certificate]:
    """Read the certificates of a PEM file."""
    found = PEM.findall(data.decode("latin-1"))
    need(1 <= len(found) <= 16)
    plain = [base64_bytes(text.replace("\r", "").replace("\n", "")) for text in found]
    return [parse_certificate(der(raw, SEQUENCE)) for raw in plain]


def algorithm_of(oid: str, beside: str) -> Tuple[str, str]:
    """Give the kind of key and the hash of a signature algorithm."""
    kind, name = SIGNATURES.get(oid, ("", ""))
    name = name or HASHES.get(beside, "")
    if not kind or not name:
        raise Refused("anchor_unsupported")
    return kind, name


def signature_valid(key: Der, kind: str, name: str, signature: bytes, data: bytes) -> bool:
    """Tell whether a signature by an RSA or elliptic-curve key is valid."""
    algorithm, bits = key.part(0, SEQUENCE), key.part(1, BITS).content
    oid = algorithm.part(0, OID).content.hex()
    digest = hashlib.new(name, data).digest()
    need(bits[:1] == b"\x00")
    if kind == "rsa" and oid == RSA_KEY:
        return rsa_valid(der(bits[1:], SEQUENCE), name, signature, digest)
    if kind == "ec" and oid == EC_KEY:
        curve = CURVES.get(algorithm.part(1, OID).content.hex())
        if curve is None:
            raise Refused("anchor_unsupported")
        return ec_valid(curve, bits[1:], signature, digest)
    return False


def rsa_valid(key: Der, name: str, signature: bytes, digest: bytes) -> bool:
    """Check RSASSA-PKCS1-v1_5 by building the one right block."""
    modulus = int.from_bytes(key.part(0, INTEGER).content, "big")
    exponent = int.from_bytes(key.part(1, INTEGER).content, "big")
    size = (modulus.bit_length() + 7) // 8
    if not 128 <= size <= 1024 or len(signature) != size or not 3 <= exponent < 2**32:
        return False
    oid = bytes.fromhex(next(oid for oid, known in HASHES.items() if known == name))
    info = b"\x30\x0d\x06\x09" + oid + b"\x05\x00\x04" + bytes([len(digest)]) + digest
    info = b"\x30" + bytes([len(info)]) + info
    block = b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info
    value = int.from_bytes(signature, "big")
    return value < modulus and pow(value, exponent, modulus) == int.from_bytes(block, "big")


class Curve(NamedTuple):
    """A short Weierstrass curve with a = -3 (FIPS 186)."""

    p: int
    b: int
    order: int
    base: Tuple[int, int]


CURVES = {
    "2a8648ce3d030107": Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        (
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
    ),
    "2b81040022": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        int(
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe814112"
            "0314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
            16,
        ),
        int(
            "ffffffffffffffffffffffffffffffffffffffffffffffff"
            "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
            16,
        ),
        (
            int(
                "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98"
                "59f741e082542a385502f25dbf55296c3a545e3872760ab7",
                16,
            ),
            int(
                "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c"
                "e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
                16,
            ),
        ),
    ),
}
Spot = Tuple[int, int, int]  # Jacobian coordinates; Z = 0 is the point at infinity


def ec_add(curve: Curve, one: Spot, two: Spot) -> Spot:
    """Add two points of a curve."""
    if not one[2] or not two[2]:
        return two if not one[2] else one
    p, z1, z2 = curve.p, one[2] ** 2, two[2] ** 2
    u1, u2 = one[0] * z2 % p, two[0] * z1 % p
    s1, s2 = one[1] * z2 * two[2] % p, two[1] * z1 * one[2] % p
    if u1 == u2:
        return ec_double(curve, one) if s1 == s2 else (1, 1, 0)
    h, r = u2 - u1, s2 - s1
    h2 = h * h % p
    h3, v = h * h2 % p, u1 * h2 % p
    x = (r * r - h3 - 2 * v) % p
    return x, (r * (v - x) - s1 * h3) % p, h * one[2] * two[2] % p


def ec_double(curve: Curve, one: Spot) -> Spot:
    """Double a point of a curve."""
    x, y, z = one
    p = curve.p
    square, fourth = y * y % p, z * z % p
    slope, s = 3 * (x - fourth) * (x + fourth) % p, 4 * x * square % p
    double = (slope * slope - 2 * s) % p
    return double, (slope * (s - double) - 8 * square * square) % p, 2 * y * z % p


def ec_valid(curve: Curve, point: bytes, signature: bytes, digest: bytes) -> bool:
    """Check ECDSA."""
    length = (curve.p.bit_length() + 7) // 8
    if len(point) != 1 + 2 * length or point[0] != 4:
        return False
    x, y = int.from_bytes(point[1 : 1 + length], "big"), int.from_bytes(point[1 + length :], "big")
    if x >= curve.p or y >= curve.p or (y * y - x**3 + 3 * x - curve.b) % curve.p:
        return False
    pair = der(signature, SEQUENCE)
    r = int.from_bytes(pair.part(0, INTEGER).content, "big")
    s = int.from_bytes(pair.part(1, INTEGER).content, "big")
    if len(pair.parts()) != 2 or not (1 <= r < curve.order and 1 <= s < curve.order):
        return False
    inverse = pow(s, curve.order - 2, curve.order)
    first = int.from_bytes(digest[:length], "big") * inverse % curve.order
    second = r * inverse % curve.order
    base, public = (*curve.base, 1), (x, y, 1)
    table: Tuple[Spot, ...] = ((1, 1, 0), base, public, ec_add(curve, base, public))
    total: Spot = (1, 1, 0)
    for bit in range(8 * length - 1, -1, -1):
        total = ec_double(curve, total) if total[2] else total
        total = ec_add(curve, total, table[(first >> bit & 1) | (second >> bit & 1) << 1])
    if not total[2]:
        return False
    return total[0] * pow(total[2], curve.p - 3, curve.p) % curve.p % curve.order == r


class Imprint(NamedTuple):
    """What a timestamp speaks of: the hash, and the number that ties answer to question."""

    algorithm: str
    digest: bytes
    nonce: bytes


def parse_imprint(value: Der, nonce: bytes) -> Imprint:
    """Read a MessageImprint."""
    oid = value.part(0, SEQUENCE).part(0, OID).content.hex()
    return Imprint(HASHES.get(oid, ""), value.part(1, OCTETS).content, nonce)


def parse_query(data: bytes) -> Imprint:
    """Read a TimeStampReq."""
    query = der(data, SEQUENCE)
    numbers = [part.content for part in query.parts()[2:] if part.tag == INTEGER]
    return parse_imprint(query.part(1, SEQUENCE), numbers[0] if numbers else b"")


class Token(NamedTuple):
    """A signed timestamp."""

    imprint: Imprint
    time: str
    content: bytes
    certificates: List[Certificate]
    signer: Der


def parse_response(data: bytes) -> Token:
    """Read a TimeStampResp that was granted (RFC 3161, 2.4.2)."""
    response = der(data, SEQUENCE)
    if response.part(0, SEQUENCE).part(0, INTEGER).content not in (b"\x00", b"\x01"):
        raise Refused("anchor_status")
    outer = response.part(1, SEQUENCE)
    need(outer.part(0, OID).content.hex() == SIGNED_DATA)
    signed = der(outer.part(1, 0xA0).content, SEQUENCE)
    inner, rest = signed.part(2, SEQUENCE), signed.parts()[3:]
    need(inner.part(0, OID).content.hex() == TST_INFO)
    content = der(inner.part(1, 0xA0).content, OCTETS).content
    sets = [part for part in rest if part.tag == 0xA0]
    certificates = [
        parse_certificate(part) for found in sets for part in found.parts() if part.tag == SEQUENCE
    ]
    signers = rest[-1].parts() if rest and rest[-1].tag == SET else []
    need(len(signers) == 1 and len(certificates) <= 16)
    info = der(content, SEQUENCE)
    parts = info.parts()
    numbers = [part.content for part in parts[5:] if part.tag == INTEGER]
    imprint = parse_imprint(info.part(2, SEQUENCE), numbers[0] if numbers else b"")
    return Token(imprint, der_time(info.part(4, TIME_TAG)), content, certificates, signers[0])


def signed_bytes(token: Token) -> Tuple[bytes, str]:
    """Give the signed attributes as they were signed, and the name of their hash."""
    digest_oid = token.signer.part(2, SEQUENCE).part(0, OID).content.hex()
    attributes = token.signer.part(3, 0xA0)
    found = {}
    for attribute in attributes.parts():
        kind, values = attribute.part(0, OID).content.hex(), attribute.part(1, SET).parts()
        need(len(values) >= 1 and kind not in found)
        found[kind] = values[0].content
    if digest_oid not in HASHES:
        raise Refused("anchor_unsupported")
    digest = hashlib.new(HASHES[digest_oid], token.content).digest()
    if found.get(MESSAGE_DIGEST) != digest or found.get(CONTENT_TYPE, b"").hex() != TST_INFO:
        raise Refused("anchor_signature")
    return b"\x31" + attributes.raw[1:], digest_oid


def signing_certificate(token: Token, pool: List[Certificate]) -> Certificate:
    """Find the certificate that the signer names."""
    names = token.signer.parts()[1:2]
    if names and names[0].tag == 0x80:  # named by a key identifier
        raise Refused("anchor_unsupported")
    named = token.signer.part(1, SEQUENCE)
    issuer, serial = named.part(0, SEQUENCE).raw, named.part(1, INTEGER).content
    for certificate in pool:
        if certificate.issuer == issuer and certificate.serial == serial:
            return certificate
    raise Refused("anchor_chain")


def check_purpose(certificate: Certificate, time: str) -> None:
    """Require a certificate for timestamps alone, valid at the time it states."""
    critical, use = certificate.extensions.get(EXTENDED_USE, (False, b""))
    uses = [part.content.hex() for part in der(use, SEQUENCE).parts()] if use else []
    if not critical or uses != [STAMPING]:
        raise Refused("anchor_purpose")
    if not certificate.start <= time <= certificate.end:
        raise Refused("anchor_time")


def check_path(signer: Certificate, chain: List[Certificate], pool: List[Certificate], time: str) -> None:
    """Follow the signatures from the signer to the last certificate of the chain file."""
    here, seen = signer, [signer.raw]
    while here.raw != chain[-1].raw:
        above = next((c for c in pool if c.raw not in seen and issued(c, here)), None)
        if above is None or not above.authority() or not above.start <= time <= above.end:
            raise Refused("anchor_chain")
        here = above
        seen.append(above.raw)


def issued(above: Certificate, below: Certificate) -> bool:
    """Tell whether one certificate's key signed another certificate."""
    if above.subject != below.issuer:
        return False
    kind, name = algorithm_of(below.algorithm, "")
    try:
        return signature_valid(above.key, kind, name, below.signature, below.signed)
    except Malformed:
        return False


class Stamp(NamedTuple):
    """What a timestamp states, once everything in it was checked."""

    time: str
    authority: str
    root: str


def form(code: str, read: Callable[..., Any], *arguments: Any) -> Any:
    """Read something; give the failure a code."""
    try:
        return read(*arguments)
    except Malformed:
        raise Refused(code) from None


def check_stamp(note: bytes, tsq: bytes, tsr: bytes, pem: bytes) -> Stamp:
    """Check one timestamp over a note.

    Raises:
        Refused: a check fails.
    """
    query, token = form("anchor_query", parse_query, tsq), form("anchor_form", parse_response, tsr)
    for imprint in (query, token.imprint):
        if imprint.algorithm != "sha256" or imprint.digest != sha256(note):
            raise Refused("anchor_imprint")
    if query.nonce.lstrip(b"\0") not in (b"", token.imprint.nonce.lstrip(b"\0")):
        raise Refused("anchor_nonce")
    chain = form("anchor_chain", parse_chain, pem)
    pool = [*chain, *token.certificates]
    signed, digest_oid = form("anchor_form", signed_bytes, token)
    signer = form("anchor_form", signing_certificate, token, pool)
    oid = form("anchor_form", lambda: token.signer.part(4, SEQUENCE).part(0, OID).content.hex())
    kind, name = algorithm_of(oid, digest_oid)
    signature = form("anchor_form", lambda: token.signer.part(5, OCTETS).content)
    if not form("anchor_signature", signature_valid, signer.key, kind, name, signature, signed):
        raise Refused("anchor_signature")
    form("anchor_purpose", check_purpose, signer, token.time)
    form("anchor_chain", check_path, signer, chain, pool, token.time)
    t = token.time
    shown = f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"
    return Stamp(shown, form("anchor_form", signer.name), sha256(chain[-1].raw).hex())


# --- the answer -------------------------------------------------------------------------------

WORDS: Dict[str, Tuple[str, str]] = {  # code: (English, German)
    "not_a_bundle": (
        "This is not a standfast bundle, or only a small piece of one.",
        "Das ist kein standfast-Paket oder nur ein kleines Stück davon."),
    "schema_unknown": (
        "This part was written by a newer version of standfast; use a newer verifier.",
        "Dieser Teil stammt aus einer neueren Version von standfast; bitte ein neueres Prüfprogramm verwenden."),
    "too_large": (
        "This part is larger than this verifier is willing to read.",
        "Dieser Teil ist größer, als dieses Programm liest."),
    "unreadable": (
        "The file could not be read.",
        "Die Datei konnte nicht gelesen werden."),
    "container": (
        "The zip around the content is not as it was written.",
        "Die Zip-Hülle um den Inhalt ist nicht so, wie sie geschrieben wurde."),
    "checksum": (
        "The content does not fit the checksum that the zip holds for it.",
        "Der Inhalt passt nicht zur Prüfsumme, die in der Zip-Datei steht."),
    "name_unsafe": (
        "A name that no standfast bundle has, and that could do harm when unpacked.",
        "Ein Name, den kein standfast-Paket hat und der beim Entpacken schaden könnte."),
    "name_twice": (
        "Two files have the same name, at least on some systems.",
        "Zwei Dateien haben denselben Namen, zumindest auf manchen Systemen."),
    "file_missing": (
        "This file is missing.",
        "Diese Datei fehlt."),
    "file_extra": (
        "This file was not part of the bundle when it was sealed.",
        "Diese Datei gehörte nicht zum Paket, als es versiegelt wurde."),
    "file_altered": (
        "The content of this file is not the one that is listed.",
        "Der Inhalt dieser Datei ist nicht der verzeichnete."),
    "manifest_form": (
        "This list of files does not have the form it must have.",
        "Dieses Dateiverzeichnis hat nicht die vorgeschriebene Form."),
    "bag_form": (
        "This file does not have the form that BagIt 1.0 asks for.",
        "Diese Datei hat nicht die Form, die BagIt 1.0 verlangt."),
    "proofs_form": (
        "The proofs do not have the form they must have.",
        "Die Nachweise haben nicht die vorgeschriebene Form."),
    "head_form": (
        "The signed head does not have the form it must have.",
        "Der unterschriebene Stand hat nicht die vorgeschriebene Form."),
    "head_key": (
        "The signed head belongs to another case or another key.",
        "Der unterschriebene Stand gehört zu einem anderen Fall oder einem anderen Schlüssel."),
    "head_signature": (
        "The signature is not valid.",
        "Die Unterschrift ist nicht gültig."),
    "case_entry": (
        "The first ledger entry does not name this case and this key.",
        "Der erste Eintrag im Protokoll nennt nicht diesen Fall und diesen Schlüssel."),
    "ledger_size": (
        "The proofs speak of another length of the ledger than the signed head.",
        "Die Nachweise sprechen von einer anderen Länge des Protokolls als der unterschriebene Stand."),
    "ledger_proof": (
        "The disclosed entries do not lead to the signed head.",
        "Die offengelegten Einträge führen nicht zum unterschriebenen Stand."),
    "entry_form": (
        "This ledger entry does not have the form it must have.",
        "Dieser Eintrag im Protokoll hat nicht die vorgeschriebene Form."),
    "export_missing": (
        "The last ledger entry is not the export of a bundle.",
        "Der letzte Eintrag im Protokoll ist nicht die Ausgabe eines Pakets."),
    "export_manifest": (
        "The list of files is not the one that was sealed.",
        "Das Dateiverzeichnis ist nicht das versiegelte."),
    "export_tags": (
        "This file is not the one that was sealed.",
        "Diese Datei ist nicht die versiegelte."),
    "original_unknown": (
        "This original was never entered in the ledger.",
        "Dieses Original wurde nie ins Protokoll eingetragen."),
    "contents_form": (
        "The table of contents does not have the form it must have.",
        "Das Inhaltsverzeichnis hat nicht die vorgeschriebene Form."),
    "contents_items": (
        "The table of contents and the ledger name different originals.",
        "Inhaltsverzeichnis und Protokoll nennen verschiedene Originale."),
    "contents_counts": (
        "The numbers of shown and withheld things do not agree with the ledger.",
        "Die Anzahl des Gezeigten und des Zurückgehaltenen stimmt nicht mit dem Protokoll überein."),
    "events_proof": (
        "These events are not those that were read and entered in the ledger.",
        "Diese Ereignisse sind nicht die, die gelesen und ins Protokoll eingetragen wurden."),
    "events_unproven": (
        "No proof belongs to this file of events.",
        "Zu dieser Datei mit Ereignissen gehört kein Nachweis."),
    "event_line": (
        "A line of this file is no event of the item it is said to come from.",
        "Eine Zeile dieser Datei ist kein Ereignis aus dem angegebenen Original."),
    "anchor_consistency": (
        "A head that was signed earlier is not continued here: the ledger was rewritten.",
        "Ein früher unterschriebener Stand wird hier nicht fortgesetzt: Das Protokoll wurde umgeschrieben."),
    "anchor_file": (
        "This file of a timestamp is not the one that was entered in the ledger.",
        "Diese Datei eines Zeitstempels ist nicht die, die ins Protokoll eingetragen wurde."),
    "anchor_note": (
        "The timestamped head is not signed by this case.",
        "Der mit Zeitstempel versehene Stand ist nicht von diesem Fall unterschrieben."),
    "anchor_query": (
        "The timestamp request cannot be read.",
        "Die Zeitstempel-Anfrage ist nicht lesbar."),
    "anchor_form": (
        "The timestamp cannot be read.",
        "Der Zeitstempel ist nicht lesbar."),
    "anchor_status": (
        "The authority did not grant this timestamp.",
        "Der Zeitstempeldienst hat diesen Zeitstempel nicht erteilt."),
    "anchor_imprint": (
        "The timestamp speaks of something else.",
        "Der Zeitstempel bezieht sich auf etwas anderes."),
    "anchor_nonce": (
        "The timestamp answers another request.",
        "Der Zeitstempel antwortet auf eine andere Anfrage."),
    "anchor_signature": (
        "The signature of the timestamp is not valid.",
        "Die Unterschrift des Zeitstempels ist nicht gültig."),
    "anchor_purpose": (
        "The certificate behind the timestamp is not for timestamps.",
        "Das Zertifikat hinter dem Zeitstempel ist nicht für Zeitstempel bestimmt."),
    "anchor_time": (
        "The certificate behind the timestamp was not valid at that time.",
        "Das Zertifikat hinter dem Zeitstempel war zu dieser Zeit nicht gültig."),
    "anchor_chain": (
        "The certificates do not lead from the timestamp to the authority named.",
        "Die Zertifikate führen nicht vom Zeitstempel zum genannten Dienst."),
    "anchor_unsupported": (
        "This timestamp uses a method that this verifier cannot check; openssl may.",
        "Dieser Zeitstempel nutzt ein Verfahren, das dieses Programm nicht prüfen kann; openssl kann es vielleicht."),
    # the verdicts, and what is said around them
    "genuine": (
        "GENUINE. Every file is exactly as it was sealed, and the seal fits the ledger of the case.",
        "ECHT. Jede Datei ist genau so, wie sie versiegelt wurde, und das Siegel passt zum Protokoll."),
    "genuine_partial": (
        "GENUINE, INCOMPLETE ON PURPOSE. Every file is exactly as it was sealed. Some things were kept back or erased by the owner of the case; how many is stated below.",
        "ECHT, ABSICHTLICH UNVOLLSTÄNDIG. Jede Datei ist genau so, wie sie versiegelt wurde. Einiges wurde von der Person, der der Fall gehört, zurückgehalten oder gelöscht; wie viel, steht unten."),
    "altered": (
        "ALTERED. This is not what was sealed. What differs is listed below.",
        "VERÄNDERT. Das ist nicht das, was versiegelt wurde. Was abweicht, steht unten."),
    "cannot_tell": (
        "CANNOT TELL. The check could not be finished; the reason is given below.",
        "NICHT ENTSCHEIDBAR. Die Prüfung ließ sich nicht abschließen; der Grund steht unten."),
    "time_none": (
        "NOT TIMESTAMPED. No independent authority states when this existed.",
        "OHNE ZEITSTEMPEL. Kein unabhängiger Zeitstempeldienst bestätigt, seit wann es dies gibt."),
    "time_broken": (
        "TIMESTAMP NOT VALID. Do not rely on any statement of time in this bundle.",
        "ZEITSTEMPEL UNGÜLTIG. Verlassen Sie sich auf keine Zeitangabe in diesem Paket."),
    "time_stated": (
        "TIMESTAMPED. The first {covered} of {size} ledger entries existed before {time} (UTC), says: {authority}.",
        "MIT ZEITSTEMPEL. Die ersten {covered} von {size} Einträgen im Protokoll gab es schon vor {time} (UTC), bestätigt von: {authority}."),
    "time_trust": (
        "Whether that authority is real, this check cannot know. Compare the SHA-256 of its root certificate with the one the authority publishes: {root}",
        "Ob dieser Dienst echt ist, kann diese Prüfung nicht wissen. Vergleichen Sie den SHA-256 seines Stammzertifikats mit dem, den der Dienst veröffentlicht: {root}"),
    "time_meaning": (
        "A timestamp shows that something existed no later than then. It does not show who wrote it or whether it is true.",
        "Ein Zeitstempel zeigt, dass es etwas spätestens zu dieser Zeit gab. Er zeigt nicht, wer es geschrieben hat oder ob es wahr ist."),
    "key": (
        "Anyone can make a key. Compare this fingerprint with one you got another way (on paper, by telephone): {fingerprint}",
        "Einen Schlüssel kann jeder erzeugen. Vergleichen Sie diesen Fingerabdruck mit einem, den Sie auf anderem Weg bekommen haben (auf Papier, am Telefon): {fingerprint}"),
    "all_affected": (
        "The seal itself does not hold, so nothing in this bundle is proven. Ask for an unaltered copy.",
        "Das Siegel selbst hält nicht, deshalb ist nichts in diesem Paket bewiesen. Bitten Sie um eine unveränderte Kopie."),
    "intact": (
        "The seal holds. Proven unchanged: {intact} of {files} sealed files. Not named below means not affected.",
        "Das Siegel hält. Nachweislich unverändert: {intact} von {files} versiegelten Dateien. Was unten nicht genannt ist, ist nicht betroffen."),
    "counts": (
        "Shown: {items} of {items_all} originals, {events} of {events_all} events, {entries} of {entries_all} ledger entries. Erased originals: {erased}.",
        "Gezeigt: {items} von {items_all} Originalen, {events} von {events_all} Ereignissen, {entries} von {entries_all} Einträgen im Protokoll. Gelöschte Originale: {erased}."),
    "withheld": (
        "Entries kept back: {list}.",
        "Zurückgehaltene Einträge: {list}."),
    "everywhere": (
        "whole bundle",
        "ganzes Paket"),
}

CANNOT = frozenset({"not_a_bundle", "schema_unknown", "too_large", "unreadable"})
ANCHORS = frozenset(code for code in WORDS if code.startswith("anchor_"))
TIME_ONLY = ANCHORS - {"anchor_consistency", "anchor_file"}  # these leave the evidence as it is


class Report:
    """What was found so far."""

    def __init__(self) -> None:
        self.reasons: Dict[Tuple[str, str], None] = {}
        self.stamps: List[Dict[str, Any]] = []
        self.counts: Dict[str, Any] = {}
        self.case = self.key = ""
        self.sealed: List[bool] = []
        self.files = self.intact = 0

    def add(self, code: str, path: str) -> None:
        """Note a reason."""
        self.reasons[code, path] = None

    def has(self, code: str) -> bool:
        """Tell whether a reason of this code was found."""
        return any(known == code for known, _ in self.reasons)


class Verdict:
    """The answer, for people (`text`) and for programs (`as_json`)."""

    def __init__(self, report: Report) -> None:
        self.reasons = sorted(report.reasons)
        codes = {code for code, _ in self.reasons}
        self.counts, self.case, self.stamps = report.counts, report.case, report.stamps
        digest = hashlib.sha256(base64.b64decode(report.key)).hexdigest().upper() if report.key else ""
        self.fingerprint = " ".join(digest[i : i + 4] for i in range(0, 32, 4)) if digest else ""
        self.seal_holds = len(report.sealed) == 4 and all(report.sealed)
        self.files, self.intact = report.files, report.intact if self.seal_holds else 0
        if codes - CANNOT - TIME_ONLY:
            self.verdict = "altered"
        elif codes & CANNOT:
            self.verdict = "cannot_tell"
        else:
            self.verdict = "genuine_partial" if self.counts.get("partial") else "genuine"
        if codes & (ANCHORS - {"anchor_unsupported"}):
            self.time = "broken"
        else:
            self.time = "stated" if self.stamps and self.genuine else "none"
        paths = sorted({path or "." for code, path in self.reasons if code not in CANNOT})
        self.affected = paths if self.seal_holds or not paths else ["*"]

    @property
    def genuine(self) -> bool:
        """Whether the bundle is genuine, complete or not."""
        return self.verdict in ("genuine", "genuine_partial")

    @property
    def exit_code(self) -> int:
        """0 genuine, 5 altered, 6 cannot tell."""
        return 0 if self.genuine else 5 if self.verdict == "altered" else 6

    def as_json(self, lang: str = "en") -> Dict[str, Any]:
        """Give the answer as one object."""
        said = 1 if lang == "de" else 0
        stamps = self.stamps if self.time == "stated" else []
        return {
            "schema": 1,
            "verdict": self.verdict,
            "timestamp": {"state": self.time, "stamps": stamps},
            "reasons": [
                {"code": code, "path": path, "detail": WORDS[code][said]}
                for code, path in self.reasons
            ],
            "affected": self.affected,
            "seal_holds": self.seal_holds,
            "intact": self.intact,
            "files": self.files,
            "counts": self.counts if self.genuine else {},
            "case": self.case if self.seal_holds else "",
            "fingerprint": self.fingerprint,
        }

    def text(self, lang: str = "en") -> str:
        """Say the answer in plain sentences."""

        def say(code: str, **values: Any) -> str:
            return WORDS[code][1 if lang == "de" else 0].format(**values)

        lines = [say(self.verdict)]
        if self.genuine:
            lines.append(say("counts", **self.counts))
            if self.counts["withheld"]:
                kept = ", ".join(f"{kind} {count}" for kind, count in self.counts["withheld"].items())
                lines.append(say("withheld", list=kept))
        elif self.verdict == "altered":
            held = self.seal_holds
            lines.append(say("intact", intact=self.intact, files=self.files) if held else say("all_affected"))
        for code, path in self.reasons[:200]:
            lines.append(f"  - {path or say('everywhere')}: {say(code)} [{code}]")
        if len(self.reasons) > 200:
            lines.append(f"  - … {len(self.reasons) - 200}")
        if self.genuine:
            stamps = self.stamps if self.time == "stated" else []
            lines += [say("time_stated", **stamp) for stamp in stamps] or [say("time_" + self.time)]
            lines += [say("time_trust", root=root) for root in sorted({s["root"] for s in stamps})]
            lines += [say("time_meaning")] if stamps else []
            lines.append(say("key", fingerprint=self.fingerprint))
        return "\n".join(plain(line) for line in lines)


def plain(text: str) -> str:
    """Write characters that could steer a terminal, or turn text around, by their numbers."""
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in text)


# --- the checks, in order ---------------------------------------------------------------------


class Check:
    """One run over one bundle."""

    def __init__(self, members: Dict[str, Member], report: Report) -> None:
        self.members, self.report = members, report
        self.digests: Dict[str, str] = {}
        self.entries: Dict[int, Dict[str, Any]] = {}

    def run(self) -> None:
        """Do all the checks; every one that can be done is done."""
        if not {MANIFEST, HEAD, PROOFS} & set(self.members):
            self.report.reasons.clear()
            self.report.add("not_a_bundle", "")
            return
        self.hash_members()
        self.check_bag()
        proofs = self.read_as(PROOFS, "proofs_form", parse_proofs, MAX_TEXT)
        if proofs is None:
            return
        self.report.key = base64.b64encode(proofs.key).decode()
        self.report.case = proofs.case
        head = self.check_head(proofs)
        self.check_ledger(proofs, head)
        self.check_export(proofs.size)
        contents = self.read_as(CONTENTS, "contents_form", parse_contents, MAX_TEXT)
        self.check_events(proofs)
        if contents is not None:
            self.check_contents(contents, proofs)
        for anchor in proofs.anchors:
            self.check_anchor(anchor, proofs, head)
        self.check_anchor_files()
        self.check_extra(proofs)

    def hash_members(self) -> None:
        """Read every file once: its SHA-256, and the zip's checksum."""
        for path, member in self.members.items():
            digest, crc = hashlib.sha256(), 0
            for chunk in member.chunks():
                digest.update(chunk)
                crc = binascii.crc32(chunk, crc)
            self.digests[path] = digest.hexdigest()
            if member.crc not in (-1, crc):
                self.report.add("checksum", path)

    def read(self, path: str, limit: int) -> Optional[bytes]:
        """Give a small file whole."""
        member = self.members.get(path)
        if member is None:
            self.report.add("file_missing", path)
            return None
        if member.size > limit:
            self.report.add("too_large", path)
            return None
        return b"".join(member.chunks())

    def read_as(self, path: str, code: str, parse: Callable[[bytes], Any], limit: int) -> Any:
        """Read and parse a file; none, with a reason, if that fails."""
        data = self.read(path, limit)
        if data is None:
            return None
        try:
            return parse(data)
        except Newer:
            self.report.add("schema_unknown", path)
        except Malformed:
            self.report.add(code, path)
        return None

    # 2. the bag
    def check_bag(self) -> None:
        """Require every file listed once, none extra, every hash right."""
        for path in REQUIRED:
            if path not in self.members:
                self.report.add("file_missing", path)
        payload = {path for path in self.members if path.startswith("data/")}
        self.check_manifest(MANIFEST, payload)
        self.check_manifest(TAG_MANIFEST, set(self.members) - payload - {TAG_MANIFEST})
        if self.digests.get("bagit.txt", sha256(BAGIT).hex()) != sha256(BAGIT).hex():
            self.report.add("bag_form", "bagit.txt")

    def check_manifest(self, name: str, paths: set) -> None:  # type: ignore[type-arg]  # Python 3.8
        """Compare a manifest with the files it must list."""
        if name not in self.members:
            return
        listed = self.read_as(name, "manifest_form", parse_manifest, MAX_TEXT)
        if listed is None:
            return
        for path in set(listed) - paths:
            self.report.add("file_missing", path)
        for path in paths - set(listed):
            self.report.add("file_extra", path)
        same = [p for p in paths & set(listed) if listed[p] == self.digests[p]]
        for path in (paths & set(listed)) - set(same):
            self.report.add("file_altered", path)
        if name == MANIFEST:
            self.report.files, self.report.intact = len(listed), len(same)

    def check_extra(self, proofs: Proofs) -> None:
        """Refuse files that no part of the format speaks of."""
        known = set(REQUIRED) | {anchor.note for anchor in proofs.anchors}
        for anchor in proofs.anchors:
            known.update(path for response in anchor.responses for path in response)
        for path in self.members:
            if not path.startswith("data/") and path not in known:
                self.report.add("file_extra", path)

    # 3. the head
    def check_head(self, proofs: Proofs) -> Optional[Head]:
        """Check the signature, and that key and case are the same everywhere."""
        head: Optional[Head] = self.read_as(HEAD, "head_form", parse_head, MAX_SMALL)
        if head is not None:
            fault = head_fault(head, proofs.case, proofs.key)
            if fault:
                self.report.add(fault, HEAD)
            self.report.sealed.append(not fault)
        return head

    # 4. the ledger
    def check_ledger(self, proofs: Proofs, head: Optional[Head]) -> None:
        """Check that the disclosed entries lead to the signed root, and read them."""
        for index, data in proofs.entries:
            try:
                self.entries[index] = parse_entry(data, index)
            except Newer:
                self.report.add("schema_unknown", f"ledger/{index}")
            except Malformed:
                self.report.add("entry_form", f"ledger/{index}")
        first = self.entries.get(0, {"type": "", "body": {}})
        named = (first["type"], first["body"].get("case"), first["body"].get("key"))
        bound = named == ("case", proofs.case, base64.b64encode(proofs.key).decode())
        if not bound:
            self.report.add("case_entry", "ledger/0")
        self.report.sealed.append(bound)
        if head is None:
            return
        if head.size != proofs.size:
            self.report.add("ledger_size", HEAD)
        leaves = (sha256(b"\x00" + data) for _, data in proofs.entries)
        ranges = [(index, index) for index, _ in proofs.entries]
        try:
            holds = root_of(proofs.size, ranges, leaves, proofs.hashes) == head.root
        except Malformed:
            holds = False
        if not holds:
            self.report.add("ledger_proof", PROOFS)
        self.report.sealed.append(holds and head.size == proofs.size)

    # 5. the export
    def check_export(self, size: int) -> None:
        """Check that the last entry seals this manifest and these tag files."""
        last = self.entries.get(size - 1)
        body = last["body"] if last and last["type"] == "export" else {}
        tags = body.get("tags")
        if body.get("kind") != "bundle" or not has_keys(tags, *SEALED_TAGS):
            self.report.add("export_missing", f"ledger/{size - 1}")
            return
        sealed = body.get("manifest")
        if MANIFEST in self.digests and sealed != self.digests[MANIFEST]:
            self.report.add("export_manifest", MANIFEST)
        payload = sorted(path for path in self.digests if path.startswith("data/"))
        derived = "".join(f"{self.digests[path]}  {path}\n" for path in payload).encode()
        whole = sha256(derived).hex() == sealed
        if whole:  # every file is as sealed, even if the list of files is not
            self.report.files = self.report.intact = len(payload)
        self.report.sealed.append(whole or (sealed is not None and sealed == self.digests.get(MANIFEST)))
        for name in SEALED_TAGS:
            if name in self.digests and tags[name] != self.digests[name]:
                self.report.add("export_tags", name)

    # 6. originals, contents, events
    def of_type(self, kind: str) -> List[Tuple[int, Dict[str, Any]]]:
        """Give the disclosed entries of a type, in order."""
        return [(i, e["body"]) for i, e in sorted(self.entries.items()) if e["type"] == kind]

    def check_contents(self, contents: Dict[str, Any], proofs: Proofs) -> None:
        """Compare the table of contents with the ledger."""
        entered = [(b["sha256"], b["size"], b["name"]) for _, b in self.of_type("item")]
        listed = [(i["sha256"], i["size"], i["name"]) for i in contents["items"]]
        erased = {body["item"] for _, body in self.of_type("erase")}
        files = {i["file"]: i["sha256"] for i in contents["items"] if i["file"] is not None}
        fits = entered == listed
        for item in contents["items"]:
            fits = fits and (item["why"] != "erased" or item["sha256"] in erased)
        known = {digest for digest, _, _ in entered}
        for path in self.members:
            if path.startswith("data/originals/"):
                if self.digests[path] not in known:
                    self.report.add("original_unknown", path)
                fits = fits and files.get(path) == self.digests[path]
        if not fits or any(path not in self.members for path in files):
            self.report.add("contents_items", CONTENTS)
        self.check_counts(contents, proofs)

    def check_counts(self, contents: Dict[str, Any], proofs: Proofs) -> None:
        """Compare the numbers; they are what tells how much was kept back."""
        withheld, events = contents["withheld"], contents["events"]
        shown, total = sum(r.shown() for r in proofs.readings), sum(r.count for r in proofs.readings)
        latest: Dict[str, int] = {}
        for index, body in self.of_type("reading"):
            latest[body["item"]] = index
        for index, body in self.of_type("erase"):
            if latest.get(body["item"], index) < index:
                del latest[body["item"]]
        fits = len(proofs.entries) + sum(withheld.values()) == proofs.size
        fits = fits and (events["disclosed"], events["total"]) == (shown, total)
        if not fits or sorted(latest.values()) != [r.entry for r in proofs.readings]:
            self.report.add("contents_counts", CONTENTS)
        items = contents["items"]
        gone = sum(item["why"] == "erased" for item in items)
        here = sum(item["file"] is not None for item in items)
        self.report.counts = {
            "items": here,
            "items_all": len(items),
            "erased": gone,
            "events": shown,
            "events_all": total,
            "entries": len(proofs.entries),
            "entries_all": proofs.size,
            "withheld": {kind: withheld[kind] for kind in sorted(withheld) if withheld[kind]},
            "partial": here < len(items) or shown < total or any(withheld.get(kind) for kind in TELLING),
        }

    def check_events(self, proofs: Proofs) -> None:
        """Check every disclosed event against the root of its reading."""
        proven = set()
        for reading in proofs.readings:
            entry = self.entries.get(reading.entry)
            proven.add(reading.file)
            self.check_reading(reading, entry["body"] if entry and entry["type"] == "reading" else {})
        for path in self.members:
            if path.startswith("data/events/") and path not in proven:
                self.report.add("events_unproven", path)

    def check_reading(self, reading: Reading, body: Dict[str, Any]) -> None:
        """Check the events of one reading, line by line as they are read."""
        place = reading.file or f"ledger/{reading.entry}"
        if reading.file and reading.file not in self.members:
            self.report.add("file_missing", reading.file)
            return
        fits = [True]
        lines = self.lines(reading.file) if reading.file else iter(())
        try:
            leaves = self.leaves(lines, reading.salts, body.get("item", ""), fits)
            root = root_of(reading.count, reading.ranges, leaves, reading.hashes)
            need(body.get("events") == reading.count and root.hex() == body.get("root"))
        except Malformed:
            self.report.add("events_proof", place)
            return
        if not fits[0]:
            self.report.add("event_line", place)

    @staticmethod
    def leaves(lines: Iterator[bytes], salts: bytes, item: str, fits: List[bool]) -> Iterator[bytes]:
        """Hash each line with its salt; notes in ``fits`` if one is no event of the item."""
        at = 0
        for line in lines:
            yield sha256(b"\x00" + salts[at : at + 16] + line)
            at += 16
            try:
                locator = parse_event(line).get("locator")
                fits[0] = fits[0] and isinstance(locator, dict) and locator.get("item") == item
            except Malformed:
                fits[0] = False

    def lines(self, path: str) -> Iterator[bytes]:
        """Give the lines of a file without their newlines; the last must have one, too."""
        rest = b""
        for chunk in self.members[path].chunks():
            whole = (rest + chunk).split(b"\n")
            rest = whole.pop()
            need(len(rest) <= MAX_LINE)
            yield from whole
        need(not rest)

    # 7. anchors
    def check_anchor_files(self) -> None:
        """Require every file of every timestamp that a disclosed entry tells of."""
        for _, body in self.of_type("anchor"):
            for name, digest in body["files"].items() if body["state"] == "stamped" else ():
                path = "proof/anchors/" + name
                if path not in self.members:
                    self.report.add("file_missing", path)
                elif self.digests[path] != digest:
                    self.report.add("anchor_file", path)

    def check_anchor(self, anchor: Anchor, proofs: Proofs, head: Optional[Head]) -> None:
        """Check an earlier head: signed by this case, continued by this head, timestamped."""
        data = self.read(anchor.note, MAX_SMALL)
        if data is None:
            return
        try:
            note = parse_head(data)
        except Malformed:
            note = None
        if note is None or note.size != anchor.size or head_fault(note, proofs.case, proofs.key):
            self.report.add("anchor_note", anchor.note)
            return
        if head is not None:
            path = anchor.consistency
            if not continues(note.size, note.root, head.size, head.root, path):
                self.report.add("anchor_consistency", anchor.note)
                return
        for response in anchor.responses:
            files = [self.read(path, MAX_SMALL) for path in response]
            if None in files:
                continue
            try:
                stamp = check_stamp(data, *files)  # type: ignore[arg-type]  # told apart above
            except Refused as refused:
                self.report.add(refused.code, response.tsr)
                continue
            self.report.stamps.append(
                {"path": response.tsr, "covered": note.size, "size": proofs.size, **stamp._asdict()}
            )


def parse_manifest(data: bytes) -> Dict[str, str]:
    """Read a BagIt manifest in its one form: ascending paths, each once."""
    listed: Dict[str, str] = {}
    before = ""
    need(data.endswith(b"\n") or not data)
    for line in data.split(b"\n")[:-1]:
        found = re.match(rb"([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,240})\Z", line)
        if found is None or found[2].decode() <= before:
            raise Malformed
        before = found[2].decode()
        listed[before] = found[1].decode()
    return listed


Source = Union[str, "os.PathLike[str]", BinaryIO]


def check_bundle(source: Source) -> Verdict:
    """Check a bundle: the path of a zip or folder, or an open file."""
    report = Report()
    try:
        if hasattr(source, "read"):
            Check(Zip(source, report).members, report).run()  # type: ignore[arg-type]  # told apart above
        elif os.path.isdir(source):  # type: ignore[arg-type]  # told apart above
            Check(Folder(os.fspath(source), report).members, report).run()  # type: ignore[arg-type]  # told apart above
        else:
            with open(source, "rb") as file:  # type: ignore[arg-type]  # told apart above
                Check(Zip(file, report).members, report).run()
    except OSError:
        report.add("unreadable", "")
    return Verdict(report)


def main(arguments: Optional[List[str]] = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="Check a standfast bundle (zip or folder).")
    parser.add_argument("bundle", nargs="?", help="a zip or a folder; else the folder of this file")
    parser.add_argument("--lang", choices=("en", "de"), default="en")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args(arguments)
    here = os.path.dirname(os.path.abspath(__file__))
    if chosen.bundle is None and not os.path.exists(os.path.join(here, "bagit.txt")):
        parser.error("say which bundle")
    bundle = chosen.bundle or here
    if not os.path.exists(bundle):
        parser.error("there is no such file or folder: " + plain(bundle))
    verdict = check_bundle(bundle)
    if chosen.json:
        text = json.dumps(verdict.as_json(chosen.lang), ensure_ascii=True, indent=1)
    else:
        text = verdict.text(chosen.lang)
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    return verdict.exit_code


if __name__ == "__main__":
    sys.exit(main())

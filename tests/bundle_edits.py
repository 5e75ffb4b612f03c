# SPDX-License-Identifier: Apache-2.0
"""Edits of a bundle's files, as a forger would make them, for tests."""

from __future__ import annotations

import base64
import json
from binascii import crc32
from collections.abc import Callable
from typing import Any

from bundle_case import compact
from standfast.dossier import zipping

Files = dict[str, bytes]
Edit = Callable[[Files], Files]
Reasons = set[tuple[str, str]]

MANIFEST, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
HEAD, PROOFS, CONTENTS = "proof/head.note", "proof/proofs.json", "data/contents.json"
EVENTS = "data/events/0001.jsonl"
PICTURE = "data/originals/0002__chat_2.xml"


def edited(path: str, change: Callable[[bytes], bytes]) -> Edit:
    return lambda files: {**files, path: change(files[path])}


def without(path: str) -> Edit:
    return lambda files: {name: data for name, data in files.items() if name != path}


def adding(path: str, data: bytes = b"x") -> Edit:
    return lambda files: {**files, path: data}


def replaced(path: str, old: bytes, new: bytes) -> Edit:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return edited(path, change)


def in_json(path: str, change: Callable[[Any], object]) -> Edit:
    def edit(data: bytes) -> bytes:
        value = json.loads(data)
        change(value)
        return compact(value)

    return edited(path, edit)


def setting(*keys: Any, to: Any) -> Callable[[Any], object]:
    def change(value: Any) -> None:
        for key in keys[:-1]:
            value = value[key]
        value[keys[-1]] = to(value[keys[-1]]) if callable(to) else to

    return change


def backwards(text: str) -> str:
    return base64.b64encode(base64.b64decode(text)[::-1]).decode()


def in_entry(number: int, change: Callable[[Any], object]) -> Callable[[Any], object]:
    def edit(proofs: Any) -> None:
        pair = proofs["ledger"]["entries"][number]
        entry = json.loads(base64.b64decode(pair[1]))
        change(entry)
        pair[1] = base64.b64encode(compact(entry)).decode()

    return edit


def raw_zip(entries: list[tuple[bytes, bytes]]) -> bytes:
    """Write a canonical zip with any names at all."""
    out, stored = b"", []
    for name, data in entries:
        one = zipping.Stored(name, len(data), crc32(data), len(out))
        out += zipping.local_header(one) + data
        stored.append(one)
    records = b"".join(map(zipping.directory_record, stored))
    return out + records + zipping.ending(len(stored), len(out), len(records))

# SPDX-License-Identifier: Apache-2.0
"""Files that a Signal item names, looked for among those that lie beside the export.

The folder ``files`` names each file after its content: the hexadecimal digits of the SHA-256 of
its plain bytes, alone or followed by those of its key, with or without an ending. A file is only
said to be there when one of these names is met; nothing is opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from standfast.sources.app_fields import text, thing, things, whole
from standfast.sources.json_native import LONGEST_NAME, file_beside
from standfast.sources.signal_people import raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.sources import Neighbour

ENDINGS: Final = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp",
    "video/mp4": "mp4", "audio/aac": "aac", "audio/mpeg": "mp3", "audio/ogg": "ogg",
    "audio/mp4": "m4a", "application/pdf": "pdf", "text/plain": "txt", "text/x-signal-plain": "txt",
}  # fmt: skip


def attachments(data: dict[str, Any], neighbours: Mapping[str, Neighbour]) -> list[dict[str, Any]]:
    """Describe the attachments of a message."""
    return [attachment(thing(one, "pointer"), neighbours) for one in things(data, "attachments")]


def attachment(pointer: dict[str, Any], neighbours: Mapping[str, Neighbour]) -> dict[str, Any]:
    """Describe one file by its pointer."""
    shown, kind = text(pointer, "fileName")[:LONGEST_NAME], text(pointer, "contentType")
    described: dict[str, Any] = {"name": shown, "state": "missing"}
    for name in _names(pointer, shown, kind):
        if name in neighbours:
            described = dict(file_beside(name, neighbours, kind, shown))
            break
    else:
        if kind:
            described["media_type"] = kind[:LONGEST_NAME]
        size = whole(thing(pointer, "locatorInfo"), "size")
        if size:
            described["size"] = size
    return described


def _names(pointer: dict[str, Any], shown: str, kind: str) -> Iterator[str]:
    where = thing(pointer, "locatorInfo")
    content, key = raw(text(where, "plaintextHash")).hex(), raw(text(where, "key")).hex()
    ending = shown.rpartition(".")[2] if "." in shown else ENDINGS.get(kind, "")
    for stem in filter(None, ((content + key) if content and key else "", content)):
        yield from (f"{stem}.{ending}", stem, f"{stem}.bin")
    if shown:
        yield shown

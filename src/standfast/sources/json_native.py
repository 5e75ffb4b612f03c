# SPDX-License-Identifier: Apache-2.0
"""Fields of a JSON source kept as texts, and files that it names.

Rules enforced here:

* a text stays as it is; anything else is written as JSON, the one way (`tables.compact`);
* what is too long or nests too deep is named under ``left_out``; its bytes stay in the original;
* names that an attacker could choose never become names of our own: they stand within ``more``;
* a file is only said to be there when what lies beside has its name, and its folders where they
  are known; nothing is opened.
"""

from __future__ import annotations

from json.encoder import encode_basestring as quoted
from typing import TYPE_CHECKING, Any, Final

from standfast.sources.tables import compact, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour

LONGEST: Final = 100_000
"""Characters of one field that are kept beside the event."""
LONGEST_NAME: Final = 255
_TYPES: Final = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "heic": "image/heic", "mp4": "video/mp4", "mov": "video/quicktime",
    "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "mp3": "audio/mpeg",
    "m4a": "audio/mp4", "aac": "audio/aac", "wav": "audio/wav", "pdf": "application/pdf",
    "vcf": "text/vcard",
}  # fmt: skip


def written(value: object) -> str | None:
    """Give a field as text; ``None`` when it cannot be kept."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else None
    if value is None:
        return ""
    try:
        text = compact(value)
    except RecursionError:
        return None
    return text if len(text) <= LONGEST else None


def native_of(
    data: Mapping[str, Any], names: Mapping[str, str], placed: frozenset[str]
) -> dict[str, str]:
    """Keep every field that has no place of its own."""
    found: dict[str, str] = {}
    more: dict[str, Any] = {}
    left_out: list[str] = []
    for key, value in data.items():
        name = names.get(key)
        if name is None:
            if key not in placed:
                more[key] = value
            continue
        text = written(value)
        if text is None:
            left_out.append(key)
        else:
            found[name] = text
    if more:
        text = written(more)
        if text is None:
            left_out.append("more")
        else:
            found["more"] = text
    if left_out:
        found["left_out"] = " ".join(left_out)
    return found


def quoted_text(text: str) -> str:
    """Write a text as JSON, half characters spelled."""
    return quoted(spelled(text))


def file_beside(
    name: str, neighbours: Mapping[str, Neighbour], media_type: str = "", shown: str = ""
) -> dict[str, str | int]:
    """Describe a file by the relative path it is named with.

    ``shown`` is the name its sender gave it, when it is known.
    """
    own = name.rpartition("/")[2]
    media_type = media_type or _TYPES.get(own.rpartition(".")[2].lower(), "")
    found: dict[str, str | int] = {"name": (shown or own)[:LONGEST_NAME]}
    if media_type:
        found["media_type"] = media_type[:LONGEST_NAME]
    near = neighbours.get(own) if own else None
    if near is None or not _is_it(near.path, name):
        return found | {"state": "missing"}
    return found | {"state": "present", "path": near.path, "size": near.size}


def _is_it(path: str, name: str) -> bool:
    """Say whether a path can be that of a file named with its folders."""
    known = path.rpartition("!/")[2]
    shorter, longer = sorted((f"/{known}", f"/{name.removeprefix('./')}"), key=len)
    return longer.endswith(shorter)

# SPDX-License-Identifier: Apache-2.0
"""What a line says: something a person wrote, something the app put there, or both.

Rules enforced here:

* a text stays as it is; only kind, state, detail and attachments are derived from it;
* a line without a name is the app's own; a line with a name is the app's own only if it is
  exactly one of the app's phrases behind an invisible mark (iOS), or a phrase with gaps that
  begins with the name of its sender or "you" and has nothing but names in its gaps. Otherwise a
  threat could be dressed as a notice. The sender stays on the event, and every word is kept;
* a file is attached where the app says so: in a known language's words, or in any words around a
  name of the app's own making, or behind the app's invisible mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from standfast.sources.tables import compact
from standfast.sources.whatsapp_text.characters import LRM, plain
from standfast.sources.whatsapp_text.words import Phrases, phrases, without_stop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.sources import Neighbour

NOTICE = "encryption_notice"
NAME_WORDS = 6
LONGEST_PHRASE = 700
"""Characters; nothing the app writes itself is longer."""
_MADE = r"(?:(?:IMG|VID|PTT|AUD|STK|DOC)-\d{8}-WA\d+|\d{8}-[A-Z]{3,16}-\d{4}-\d\d-\d\d-)"
_AFTER = re.compile(
    r"(\u200e?)([^\r\n<>:\"|?*/\\]{1,250}\.\w{1,8}) [(（]([^()（）\r\n]{2,40})[)）]"
)
_INSIDE = re.compile(r"(\u200e?)<([^<>:\r\n]{1,40}): ?([^<>\r\n:/\\]{1,250})>")
_MADE_NAME = re.compile(_MADE)
_TITLE = re.compile(r"(.+?\.\w{1,8})(?: [•·] .*)?$")

MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "mov": "video/quicktime",
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "pdf": "application/pdf",
    "vcf": "text/vcard",
    "txt": "text/plain",
    "zip": "application/zip",
}

OMITTED = frozenset(
    f"{what}_omitted"
    for what in ("media", "photo", "video", "audio", "sticker", "gif", "document", "contact")
)
CALLS = frozenset({"missed_voice_call", "missed_video_call", "call"})
STATES = {"deleted": "deleted", "view_once": "view_once"}
MESSAGES = OMITTED | frozenset({"deleted", "view_once", "poll", "location"})
"""Details of what people send; every other detail is the app's own line."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was derived from a line."""

    kind: str = "message"
    state: str = ""
    detail: str = ""
    attachments: str = ""


ORDINARY = Content()
APP_LINE = Content("system")
_OMITTED_FILE = compact([{"state": "omitted"}])


@cache
def placeholders() -> Mapping[bytes, Content]:
    """Give the texts that are a placeholder as a whole, in all their spellings."""
    marks, stops = ("", LRM), ("", ".", "。")
    return {
        f"{mark}{phrase}{stop}".encode(): _sort(detail)
        for phrase, detail in phrases().exact.items()
        if detail in MESSAGES
        for mark in marks
        for stop in stops
    }


@lru_cache(maxsize=1024)
def cells(content: Content) -> tuple[tuple[str, str, str], ...]:
    """Give what a content sets: column, value, and the value of rows that do not set it."""
    found = [
        ("kind", content.kind, "message"),
        ("direction", "system" if content.kind == "system" else "unknown", "unknown"),
        ("state", content.state, ""),
        ("detail", content.detail, ""),
        ("attachments", content.attachments, ""),
    ]
    return tuple(cell for cell in found if cell[1] != cell[2])


def _sort(detail: str) -> Content:
    if detail in MESSAGES:
        omitted = detail in OMITTED or detail == "view_once"
        return Content("message", STATES.get(detail, ""), detail, _OMITTED_FILE if omitted else "")
    return Content("call" if detail in CALLS else "system", "", detail)


def app_line(text: str) -> Content:
    """Type a line that has no name."""
    shown = plain(text)
    detail = _detail(shown) or _detail(shown.partition("\n")[0])
    return _sort(detail) if detail and detail not in MESSAGES else APP_LINE


def opens_app_line(name: str) -> bool:
    """Tell whether a supposed name is how one of the app's own lines begins."""
    text = plain(name)
    return any(t.opening is not None and t.opening.match(text) for t in phrases().templates)


def notice(text: str) -> Content | None:
    """Tell the encryption notice that begins a chat, whatever its last sentence."""
    if text.startswith(LRM) and _detail(plain(text)) == NOTICE:
        return _sort(NOTICE)
    return None


def _detail(text: str, *, names_only: bool = False) -> str:
    if len(text) > LONGEST_PHRASE:
        return ""
    known = phrases()
    exact = known.exact.get(without_stop(text.strip()))
    if exact:
        return exact
    for template in known.templates:
        match = template.whole.fullmatch(text) if template.literal in text else None
        if match is not None and (not names_only or all(map(_like_a_name, match.groups()))):
            return template.detail
    return ""


def _like_a_name(text: str) -> bool:
    words = text.split()
    return len(words) <= NAME_WORDS and not any(word[0].islower() for word in words)


def message(text: str, sender: str, neighbours: Mapping[str, Neighbour]) -> Content:
    """Type a line that has a name."""
    files = _attached(text, neighbours)
    if files:
        return Content("message", _edited(text), _shared(text), files)
    known = phrases()
    shown = plain(text)
    if len(text) <= LONGEST_PHRASE:
        content = _placeholder(text, shown.strip(), sender, known)
        if content is not None:
            return content
    for opening, detail in known.openings.items():
        if shown.startswith(opening):
            return Content("message", _edited(text), detail)
    return Content("message", _edited(text))


def _placeholder(text: str, shown: str, sender: str, known: Phrases) -> Content | None:
    detail = known.exact.get(without_stop(shown), "")
    marked = text.startswith(LRM)
    if detail and (marked or detail in MESSAGES):
        return _sort(detail)
    if marked and "\n" not in text:
        detail = _detail(shown)
        if detail in CALLS:
            return _sort(detail)
        if detail and _names_its_actor(shown, sender, known):
            detail = _detail(shown, names_only=True)
            if detail:
                return _sort(detail)
    return _document(text, shown, known)


def _names_its_actor(shown: str, sender: str, known: Phrases) -> bool:
    name = plain(sender)
    return bool(name) and shown.startswith((name, *known.selves))


def _document(text: str, shown: str, known: Phrases) -> Content | None:
    """Read ``Invoice.pdf • 3 pages document omitted``."""
    last = text.rpartition(LRM)
    for phrase, detail in known.exact.items():
        if detail == "document_omitted" and last[1] and last[2].strip() == phrase:
            named = _TITLE.match(shown[: -len(phrase)].strip())
            files = [{"name": named[1], "state": "omitted"}] if named else [{"state": "omitted"}]
            return Content("message", "", detail, compact(files))
    return None


def _edited(text: str) -> str:
    tail = plain(text[-200:]).rstrip()
    if not tail.endswith(">"):
        return ""
    ending = without_stop(tail[tail.rfind("<") + 1 : -1])
    return "edited" if ending in phrases().endings else ""


def _shared(text: str) -> str:
    return "contact_card" if re.search(r"\.vcf[ >]", text[:400]) else ""


def _attached(text: str, neighbours: Mapping[str, Neighbour]) -> str:
    known = phrases()
    names = []
    after = _AFTER.match(text)
    if after is not None and (
        plain(after[3]) in known.attached_after or after[1] or _MADE_NAME.search(after[2])
    ):
        names.append(after[2])
    for inside in _INSIDE.finditer(text[-20_000:]):
        name = inside[3]
        if (
            plain(inside[2]) in known.attached
            or _MADE_NAME.match(name)
            or (inside[1] and "." in name)
        ):
            names.append(name)
    return compact([_file(name.strip(), neighbours) for name in names[:50]]) if names else ""


def _file(name: str, neighbours: Mapping[str, Neighbour]) -> dict[str, str | int]:
    found: dict[str, str | int] = {"name": name}
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2].lower())
    if media_type:
        found["media_type"] = media_type
    beside = neighbours.get(name)
    if beside is None:
        return found | {"state": "missing"}
    return found | {"state": "present", "path": beside.path, "size": beside.size}

# SPDX-License-Identifier: Apache-2.0
"""Whether a file is a WhatsApp export, and whose chat it says it is.

Rules enforced here:

* by content first: two lines that begin with a whole header, or one and a name that fits;
* logs begin their lines in the same way (``[12/03/24, 10:00:01] INFO: x``): where the "names"
  are levels of a log, or the text after a header goes on with another bracket or a clock, the
  file is not claimed unless its name or the app's own words say so;
* headers must be a good part of the lines, so that a table with a few dates is not one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from standfast.i18n import _
from standfast.sources import Recognition
from standfast.sources.whatsapp_text.characters import LRM, plain
from standfast.sources.whatsapp_text.contents import placeholders
from standfast.sources.whatsapp_text.shapes import header_of
from standfast.sources.whatsapp_text.survey import lines_of
from standfast.sources.whatsapp_text.wide import BOMS
from standfast.sources.whatsapp_text.words import phrases, without_stop

if TYPE_CHECKING:
    from standfast.sources import Head

LOOKED_AT = 400
"""Lines."""
LONGEST_TITLE = 200
_LEVEL = re.compile(
    r"(?:\w+\.)?(?:trace|debug|info|notice|warn|warning|error|err|crit|critical|fatal|alert|emerg)"
    r"(?:\s?\[.*|\s?\(.*)?",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"[\[{(]|\d{1,2}[:.]\d\d|\d+\s*[,;]|(?:\w+\.)*\w+\s+-\s")
_NAME = re.compile(r"([^:]{1,100}):(?: |$)")
_COPY = re.compile(r"(?: ?\(\d{1,3}\)| ?- ?(?:Copy|Kopie))$")
_SUFFIX = re.compile(r"\.(?:txt|zip)$", re.IGNORECASE)


def stem_of(name: str) -> str:
    """Take the suffix and a duplicate's number off a file name."""
    stem = _SUFFIX.sub("", _SUFFIX.sub("", plain(name).strip()))
    return _COPY.sub("", stem).strip()


def title_of(name: str) -> str:
    """Give whose chat it is, from an export's file name in any known language, else nothing."""
    stem = stem_of(name)[: LONGEST_TITLE * 2]
    for pattern in phrases().titles:
        match = pattern.fullmatch(stem)
        if match is not None:
            return match[1].strip()[:LONGEST_TITLE]
    return ""


def named_like_an_export(name: str) -> bool:
    """Tell whether a file is named as the app names its exports."""
    return stem_of(name) == "_chat" or bool(title_of(name))


def recognised(head: Head) -> Recognition | None:
    """Claim a file, or not; see `standfast.sources.Format.recognise`."""
    data, named = head.data, named_like_an_export(head.name)
    encoding = BOMS.get(data[:2])
    if encoding:
        data = data[2:].decode(encoding, "replace").encode("utf-8", "replace")
    headers, speakers, logs, own_words, lines = 0, 0, 0, 0, 0
    for line in lines_of(data[: len(data) if len(data) < head.size else None]):
        lines += 1
        found = header_of(line.removeprefix("\ufeff"))
        if found is None:
            continue
        rest = plain(line)[found[1] :].lstrip()
        headers += 1
        name = _NAME.match(rest)
        speakers += name is not None
        logs += bool(_GOES_ON.match(rest)) or bool(name and _LEVEL.fullmatch(name[1].strip()))
        own_words += _is_own(line, rest[name.end() :] if name else rest)
        if lines >= LOOKED_AT:
            break
    return _claim(headers, speakers, logs, own_words, lines, named=named)


def _is_own(line: str, said: str) -> bool:
    return LRM in line or said.encode() in placeholders() or without_stop(said) in phrases().exact


def _claim(  # noqa: PLR0913 - five counts and a flag, all looked at once
    headers: int, speakers: int, logs: int, own_words: int, lines: int, *, named: bool
) -> Recognition | None:
    sure = named or own_words > 0
    if headers == 0 or (headers == 1 and not named) or (speakers == 0 and not sure):
        return None
    if logs * 2 >= headers and not (named and own_words):
        return None
    if headers * 20 < lines and not named:
        return None
    if named:
        return Recognition(99, _("Its lines begin as WhatsApp writes them, and so does its name."))
    if own_words:
        return Recognition(97, _("Its lines and notices are as WhatsApp writes them."))
    return Recognition(90, _("Its lines begin with date, time and name as WhatsApp writes them."))

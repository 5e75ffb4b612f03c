# SPDX-License-Identifier: Apache-2.0
"""``Content-Type`` and ``Content-Disposition``: a word and its parameters (RFC 2045 and 2231).

Rules enforced here:

* of a parameter given twice the first counts;
* a value in pieces or with a charset (RFC 2231) goes before a plain one of that name;
* encoded words in a parameter are decoded, as the programs that write them expect;
* at most `MOST` parameters are read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import unquote_to_bytes

from standfast.sources.mail_text.charsets import decode
from standfast.sources.mail_text.headers import clean, header_text

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST: Final = 100
LONGEST: Final = 20_000
CACHED_CHARS: Final = 300

PARAMETER: Final = re.compile(
    r';\s*([^\s=;"*]+)(?:\*([0-9]{1,3}))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL
)
ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
TYPE: Final = re.compile(r"[!#-'*+.0-9A-Z^-~-]+/[!#-'*+.0-9A-Z^-~-]+", re.ASCII)


class Parameters(NamedTuple):
    """A field's first word in lower case, and its parameters by lower-case name."""

    word: str
    values: Mapping[str, str]

    def name(self, key: str) -> str:
        """Give a parameter as a name to read: decoded, without control characters."""
        return header_text(self.values.get(key, "")).text if key in self.values else ""


def parameters(raw: str) -> Parameters:
    """Read the raw value of such a field."""
    return _remembered(raw) if len(raw) < CACHED_CHARS else _read(raw)


def _read(raw: str) -> Parameters:
    raw = raw[:LONGEST]
    word, semicolon, _rest = raw.partition(";")
    word = clean(word).lower()
    return Parameters(word, _values(raw[len(raw) - len(_rest) - 1 :]) if semicolon else {})


_remembered = lru_cache(maxsize=1024)(_read)


def _values(raw: str) -> Mapping[str, str]:
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, found in enumerate(PARAMETER.finditer(raw)):
        if count == MOST:
            break
        name, number, star, quoted, bare = found.groups()
        value = bare.strip() if quoted is None else ESCAPED.sub(r"\1", quoted)
        if number is None and star is None:
            plain.setdefault(name.lower(), value)
        else:
            place = pieces.setdefault(name.lower(), {})
            place.setdefault(int(number or 0), (value, star is not None))
    return plain | {name: _joined(place) for name, place in pieces.items()}


def _joined(place: Mapping[int, tuple[str, bool]]) -> str:
    """Put a value's pieces together; the result is raw like any other header value."""
    charset, data = "", b""
    for position, number in enumerate(sorted(place)):
        value, encoded = place[number]
        if encoded and position == 0 and value.count("'") > 1:
            charset, _language, value = value.split("'", 2)
        piece = value.encode("latin-1", "replace")
        data += unquote_to_bytes(piece) if encoded else piece
    text, _guess = decode(data, charset or "utf-8")
    return text.encode("utf-8", "replace").decode("latin-1")


def media_type(word: str, otherwise: str = "text/plain") -> str:
    """Give the type if it is shaped like one, or the one that RFC 2045 section 5.2 assumes."""
    return word if TYPE.fullmatch(word.upper()) else otherwise

# SPDX-License-Identifier: Apache-2.0
"""Who stands in ``From``, ``To`` and ``Cc``: addresses exactly as written, names decoded.

Rules enforced here:

* the value is cut into addresses before anything is decoded, so that an encoded comma or bracket
  cannot add an address;
* groups, comments, quoted names and source routes (RFC 5322 section 4.4) are understood;
* at most `MOST` addresses are read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from standfast.sources.mail_text.headers import clean, header_text

MOST: Final = 1000
ADDRESS_CHARS: Final = 998
CACHED_CHARS: Final = 400

SIMPLE: Final = re.compile(
    r'(?:"([^"\\<>=]*)"|([^"<>@,;:()\\=\[\]]*))\s*<([^<>\s()",;:\\=]+@[^<>\s()",;:\\=]+)>\s*'
)
BARE: Final = re.compile(r'[^<>\s()",;:\\=]+@[^<>\s()",;:\\=]+')
PIECE: Final = re.compile(
    r'=\?[^?\s]*\?[bBqQ]\?[^?]*\?=|"(?:[^"\\]|\\.)*"?|<[^>]*>?|[(),;:\\]|\s+|[^\s(),;:<>"\\]+'
)
ESCAPED: Final = re.compile(r"\\(.)")


class Mailbox(NamedTuple):
    """A name to read and the address it stands for; either may be empty."""

    name: str
    address: str


class Mailboxes(NamedTuple):
    """The addresses of one field; ``total`` counts those beyond `MOST` too."""

    list: tuple[Mailbox, ...]
    total: int
    guess: str


NOBODY: Final = Mailboxes((), 0, "")


def addresses(raw: str) -> Mailboxes:
    """Read the raw value of an address field."""
    return _remembered(raw) if len(raw) < CACHED_CHARS else _read(raw)


def _read(raw: str) -> Mailboxes:
    raw = raw.strip(" \t\r\n")
    if not raw:
        return NOBODY
    if raw.isascii() and raw.isprintable():
        simple = SIMPLE.fullmatch(raw)
        if simple is not None:
            quoted, plain, address = simple.groups()
            name = quoted if plain is None else plain
            return Mailboxes((Mailbox(clean(name), address[:ADDRESS_CHARS]),), 1, "")
        if BARE.fullmatch(raw):
            return Mailboxes((Mailbox("", raw[:ADDRESS_CHARS]),), 1, "")
    return _Reader().read(raw)


_remembered = lru_cache(maxsize=2048)(_read)


class _Reader:
    """Cuts one field into addresses, piece by piece."""

    def __init__(self) -> None:
        self.found: list[Mailbox] = []
        self.total = 0
        self.guess = ""
        self._start()

    def _start(self) -> None:
        self.words: list[str] = [""]
        self.angle: str | None = None
        self.comment: list[str] = []

    def read(self, raw: str) -> Mailboxes:
        depth = 0
        for match in PIECE.finditer(raw):
            piece = match.group()
            if piece == "(":
                depth += 1
            elif piece == ")":
                depth = max(0, depth - 1)
            elif depth:
                self.comment.append(piece)
            else:
                self._take(piece)
        self._finish()
        return Mailboxes(tuple(self.found), self.total, self.guess)

    def _take(self, piece: str) -> None:
        if piece in {",", ";"}:
            self._finish()
        elif piece == ":":
            self._start()  # what stood before was a group's name
        elif piece[0] == "<":
            self.angle = piece[1:].removesuffix(">")
        elif piece[0].isspace():
            self.words.append("")
        else:
            self.words[-1] += piece

    def _finish(self) -> None:
        words = [word for word in self.words if word]
        address, name = self._parts(words)
        if address or name:
            self.total += 1
            if len(self.found) < MOST:
                self.found.append(Mailbox(self._text(name), self._text(address)[:ADDRESS_CHARS]))
        self._start()

    def _parts(self, words: list[str]) -> tuple[str, str]:
        comment = "".join(self.comment)
        if self.angle is not None:
            address = "".join(self.angle.split())
            if address.startswith("@"):  # a route: <@relay,@other:box@host>
                address = address.rpartition(":")[2]
            return address, _unquoted(words) or comment
        for word in words:
            if "@" in word:
                rest = [other for other in words if other is not word]
                return word, _unquoted(rest) or comment
        return "", _unquoted(words) or comment

    def _text(self, raw: str) -> str:
        text, guess = header_text(raw)
        self.guess = self.guess or guess
        return text


def _unquoted(words: list[str]) -> str:
    plain = [
        ESCAPED.sub(r"\1", word[1:].removesuffix('"')) if word[0] == '"' else word for word in words
    ]
    return " ".join(plain)

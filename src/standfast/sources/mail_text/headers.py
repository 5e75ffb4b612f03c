# SPDX-License-Identifier: Apache-2.0
"""The header of a mail or of a part: its fields, and what their values say.

Rules enforced here:

* a field's raw value is its bytes as ISO 8859-1, so that nothing is lost before it is decoded;
* the header ends at the first blank line, or at the first line that cannot belong to it;
* at most `HEADER_BYTES` are looked at;
* no control character leaves this module: each becomes U+FFFD.
"""

from __future__ import annotations

import binascii
import re
from typing import Final, NamedTuple

from standfast.sources.mail_text.charsets import decode

HEADER_BYTES: Final = 1 << 20
VALUE_CHARS: Final = 2000
"""How much of a header value an event carries."""

FIELDS: Final = re.compile(
    r"([!-9;-~]+)[ \t]*:[ \t]*(.*(?:\n[ \t].*)*)(?:\n|\Z)|(.+)(?:\n|\Z)|\n", re.ASCII
)
BLANK: Final = re.compile(rb"\n\r?\n")
NAME: Final = re.compile(r"[!-9;-~]+")
RECEIVED: Final = "received: "
NAME_CHARS: Final = 200
MOST_LAYOUTS: Final = 1024
MOST_FIELDS: Final = 100
"""How many layouts of a header are remembered, and of how many fields at most."""
NO_LINES: Final[list[str]] = []
WORD: Final = re.compile(r"=\?([^?\s]*)\?([bBqQ])\?([^?]*)\?=")
CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
BASE64: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
NOT_BASE64: Final = bytes(byte for byte in range(256) if byte not in BASE64)


class Header(NamedTuple):
    """A header: the first value of each field by its lower-case name, and where its body starts.

    ``received`` holds every ``Received`` line with its name, the lowest (earliest) first; ``cut``
    says that the header was too long. Folded lines are joined.
    """

    fields: dict[str, str]
    received: list[str]
    body: int
    cut: bool


def read_header(data: bytes, start: int, end: int, limit: int = HEADER_BYTES) -> Header:
    """Read the header that begins at ``start``; the body ends at ``end`` at most."""
    blank = BLANK.search(data, start, end)
    stop, body = (end, end) if blank is None else blank.span()
    cut = stop - start > limit
    if cut:
        stop = max(data.rfind(b"\n", start, start + limit), start)
    block = data[start:stop].decode("latin-1")
    if "\r" in block:
        block = block.replace("\r\n", "\n").rstrip("\r")
    lines = block.replace("\n ", " ").replace("\n\t", "\t").split("\n")
    try:
        written = dict([line.split(": ", 1) for line in lines[::-1]])
    except ValueError:  # a line that is no field, or one without a space after its name
        return _carefully(data, start, stop, body, cut=cut)
    names = LAYOUTS[tuple(written)]
    if not names:
        return _carefully(data, start, stop, body, cut=cut)
    fields = dict(zip(names, written.values(), strict=True))
    if "received" not in fields:
        return Header(fields, NO_LINES, body, cut)
    if len(fields) == len(lines):
        received = [RECEIVED + fields["received"]]
    else:
        received = [line for line in lines[::-1] if line[: len(RECEIVED)].lower() == RECEIVED]
    return Header(fields, received, body, cut)


class _Layouts(dict[tuple[str, ...], tuple[str, ...]]):
    """The names of a header's fields in lower case, by how they were written.

    Mails of one program have one layout. It is empty when one is no field name, or when one name
    is written in two ways.
    """

    def __missing__(self, written: tuple[str, ...]) -> tuple[str, ...]:
        names = tuple(map(str.lower, written))
        if len(set(names)) < len(names) or any(
            len(raw) > NAME_CHARS or NAME.fullmatch(raw) is None for raw in written
        ):
            return ()
        if len(written) <= MOST_FIELDS:
            if len(self) >= MOST_LAYOUTS:
                self.clear()
            self[written] = names
        return names


LAYOUTS: Final = _Layouts()


def _carefully(data: bytes, start: int, stop: int, body: int, *, cut: bool) -> Header:
    """Read a header in which not every line is a field: it may end before the blank line."""
    if data.startswith((b"\n", b"\r\n"), start, body):
        return Header({}, NO_LINES, data.index(b"\n", start) + 1, cut=False)
    block = data[start : stop + 1].decode("latin-1")
    fields, received, odd = _sort(FIELDS.findall(block.replace("\r\n", "\n")))
    if odd and not cut:
        body = start + _where_it_ends(block, body - start)
    return Header(fields, received, body, cut)


def _sort(found: list[tuple[str, str, str]]) -> tuple[dict[str, str], list[str], bool]:
    fields: dict[str, str] = {}
    received = []
    for name, value, odd in found:
        if name:
            key = name.lower()
            if key == "received":
                received.append(RECEIVED + unfold(value))
            if key not in fields:
                fields[key] = unfold(value)
        elif odd and not _tolerated(odd):
            return fields, received[::-1], True
    return fields, received[::-1], False


def _tolerated(line: str) -> bool:
    return line.startswith(("From ", ">From ", " ", "\t"))


def _where_it_ends(block: str, otherwise: int) -> int:
    for line in FIELDS.finditer(block):
        odd = line.group(3)
        if odd is not None and odd.strip("\r") and not _tolerated(odd):
            return line.start()
    return otherwise


def clean(text: str, limit: int = VALUE_CHARS) -> str:
    """Make a value harmless and short: tabs are spaces, other control characters U+FFFD."""
    if len(text) > limit:
        text = text[:limit]
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    return CONTROL.sub("\ufffd", text.strip(" \t\r\n").replace("\t", " "))


class Decoded(NamedTuple):
    """A text, and the charset it was read by when that was not the declared one."""

    text: str
    guess: str


def unfold(raw: str) -> str:
    """Join the lines of a folded value."""
    return raw.replace("\n", "")


def header_text(raw: str) -> Decoded:
    """Decode a value: encoded words (RFC 2047) and bare 8-bit text.

    The result is cleaned, and no longer than `VALUE_CHARS`.
    """
    if len(raw) < VALUE_CHARS and raw.isascii() and raw.isprintable() and "=?" not in raw:
        return Decoded(raw.strip(" "), "")
    raw, guess = raw[: VALUE_CHARS * 40], ""
    if not raw.isascii():
        raw, guess = decode(raw.encode("latin-1", "replace"), "utf-8")
    if "=?" in raw:
        raw, wrong = _words(raw)
        guess = wrong or guess
    return Decoded(clean(raw), guess)


def _words(raw: str) -> tuple[str, str]:
    """Decode encoded words; neighbours with one charset are one run of bytes."""
    out: list[str] = []
    run, charset, guess, at = b"", "", "", 0
    for word in WORD.finditer(raw):
        between = raw[at : word.start()]
        own = word.group(1).partition("*")[0].lower()
        if run and (between.strip(" \t") or own != charset):
            text, wrong = decode(run, charset)
            out.append(text)
            guess, run = guess or wrong, b""
            between = between if between.strip(" \t") else ""
        elif run:
            between = ""
        out.append(between)
        run, charset = run + _word_bytes(word.group(2), word.group(3)), own
        at = word.end()
    text, wrong = decode(run, charset) if run else ("", "")
    return "".join([*out, text, raw[at:]]), guess or wrong


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    return base64_bytes(data)


def base64_digits(data: bytes) -> bytes:
    """Keep only what is of base64's alphabet, and its padding."""
    return data.translate(None, NOT_BASE64)


def base64_bytes(data: bytes) -> bytes:
    """Decode base64 up to its padding; what is not of its alphabet is passed over."""
    digits = base64_digits(data).partition(b"=")[0]
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))

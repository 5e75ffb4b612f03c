# SPDX-License-Identifier: Apache-2.0
r"""The body of a mail: its text, and what is attached.

Rules enforced here:

* the text is the first ``text/plain`` part that is no attachment; if there is none, or it is
  blank, the first ``text/html`` part reduced to text;
* every other leaf is an attachment, also an inline picture, a second text and an enclosed mail:
  named, measured and hashed by its decoded bytes, never opened;
* at most `MOST_PARTS` parts and `DEEPEST` levels are entered; what is deeper is one attachment
  by its raw bytes, what is more is left in the original, and ``limits`` says so;
* line ends of the text are ``\n``; otherwise it is exactly what was written.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from standfast.model.event import Attachment
from standfast.sources.mail_text.charsets import decode
from standfast.sources.mail_text.headers import (
    BLANK,
    base64_bytes,
    base64_digits,
    clean,
    read_header,
)
from standfast.sources.mail_text.markup import HTML_CHARS, text_of
from standfast.sources.mail_text.parameters import media_type, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_PARTS: Final = 1000
DEEPEST: Final = 20
PART_HEADER_BYTES: Final = 65536
BOUNDARY_CHARS: Final = 1000
META_BYTES: Final = 2048
SIMPLE_CHARS: Final = 200
BLOCK_BYTES: Final = 1 << 20
SHORT_HEADER: Final = 400
CODINGS: Final = {word: word for word in ("7bit", "8bit", "quoted-printable", "base64")}

META: Final = re.compile(rb"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})")
UU_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} [^\n]*\n", re.MULTILINE)
UU_NAMES: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})
PLAIN: Final = "text/plain"
ENCLOSED: Final = "message/rfc822"


NO_LIMITS: Final[frozenset[str]] = frozenset()


class PartHead(NamedTuple):
    """What a part's header says of its content."""

    word: str
    values: Mapping[str, str]
    coding: str
    disposition: str
    name: str


class Piece(NamedTuple):
    """A leaf: where its content stands and what is said of it."""

    start: int
    end: int
    media_type: str
    head: PartHead


class Body(NamedTuple):
    """What a body holds.

    Attributes:
        html_only: the text was reduced from HTML.
        guess: the charset used where another was declared.
        more_texts: how many further text parts became attachments.
        limits: codes of what was over a limit: ``parts``, ``depth``, ``html``.
    """

    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    html_only: bool = False
    guess: str = ""
    more_texts: int = 0
    limits: frozenset[str] = NO_LIMITS


def read_body(data: bytes, fields: Mapping[str, str], start: int, end: int) -> Body:
    """Read the body that stands between two places, by the fields of its header."""
    kind = fields.get("content-type", PLAIN)
    if "content-disposition" not in fields and len(kind) < SIMPLE_CHARS:
        charset = simple_charset(kind)
        if charset is not None:
            raw = data[start:end]
            if "content-transfer-encoding" in fields:
                raw = transfer_decoded(raw, fields["content-transfer-encoding"])
            text, guess = _text(raw, charset)
            return Body(text, guess=guess) if guess else Body(text)
    return _Walk(data).read(fields, start, end)


def file_in(
    data: bytes, fields: Mapping[str, str], start: int, end: int, sha256: str
) -> bytes | None:
    """Give the attachment of a body that has this SHA-256, decoded; ``None`` when none has."""
    for piece in _Walk(data).attached(fields, start, end):
        content = b"".join(_decoded_blocks(data, piece))
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    return None


@lru_cache(maxsize=1024)
def simple_charset(raw: str) -> str | None:
    """Give the charset of a type that is plain text without a name, ``None`` for all others."""
    kind = parameters(raw)
    plain = kind.word == PLAIN and "name" not in kind.values
    return kind.values.get("charset", "") if plain else None


class _Walk:
    """Goes through the parts of one body in file order."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.count = 0
        self.plain: Piece | None = None
        self.html: Piece | None = None
        self.others: list[Piece] = []
        self.limits: set[str] = set()

    def read(self, fields: Mapping[str, str], start: int, end: int) -> Body:
        self._enter(part_head(fields), start, end, 0, PLAIN)
        text, guess, html_only = self._chosen()
        limits = frozenset(self.limits) if self.limits else NO_LIMITS
        if not self.others:
            return Body(text, (), html_only, guess, 0, limits)
        nameless = [piece for piece in self.others if not piece.head.name]
        more = sum(piece.media_type.startswith("text/") for piece in nameless)
        files = tuple([_attachment(self.data, piece) for piece in self.others])
        return Body(text, files, html_only, guess, more, limits)

    def attached(self, fields: Mapping[str, str], start: int, end: int) -> list[Piece]:
        """Give the parts that are no text of the mail itself."""
        self._enter(part_head(fields), start, end, 0, PLAIN)
        return self.others

    def _enter(self, head: PartHead, start: int, end: int, depth: int, default: str) -> None:
        self.count += 1
        word = head.word or default
        if word.startswith("multipart/") and head.values.get("boundary"):
            if depth >= DEEPEST:
                self.limits.add("depth")
                self.others.append(Piece(start, end, word, head))
                return
            if self._enter_all(head, start, end, depth + 1):
                return
        self._keep(Piece(start, end, word, head))

    def _enter_all(self, head: PartHead, start: int, end: int, depth: int) -> bool:
        found = False
        inner = ENCLOSED if head.word == "multipart/digest" else PLAIN
        mark = head.values["boundary"][:BOUNDARY_CHARS].rstrip(" \t")
        for begin, stop in split_parts(self.data, start, end, f"--{mark}".encode("latin-1")):
            found = True
            if self.count >= MOST_PARTS:
                self.limits.add("parts")
                break
            own, body = self._own_head(begin, stop)
            self._enter(own, body, stop, depth, inner)
        return found

    def _own_head(self, begin: int, stop: int) -> tuple[PartHead, int]:
        """Read a part's header; the same few headers come again and again."""
        blank = BLANK.search(self.data, begin, min(stop, begin + SHORT_HEADER))
        if blank is not None:
            head, odd = short_part_head(self.data[begin : blank.end()])
            if not odd:
                return head, blank.end()
        header = read_header(self.data, begin, stop, PART_HEADER_BYTES)
        if header.cut:
            self.limits.add("header")
        return part_head(header.fields), header.body

    def _keep(self, piece: Piece) -> None:
        body = piece.head.disposition != "attachment" and not piece.head.name
        if body and self.plain is None and _is_body(piece.media_type):
            self.plain = piece
        elif body and self.html is None and piece.media_type == "text/html":
            self.html = piece
        else:
            self.others.append(piece)

    def _chosen(self) -> tuple[str, str, bool]:
        text, guess = ("", "") if self.plain is None else self._piece_text(self.plain)
        if self.html is None or text.strip():
            return text, guess, False
        markup, guess = self._piece_text(self.html)
        if len(markup) > HTML_CHARS:
            self.limits.add("html")
        return text_of(markup), guess, True

    def _piece_text(self, piece: Piece) -> tuple[str, str]:
        raw = transfer_decoded(self.data[piece.start : piece.end], piece.head.coding)
        charset = piece.head.values.get("charset", "")
        if not charset and piece.media_type == "text/html":
            meta = META.search(raw, 0, META_BYTES)
            charset = "" if meta is None else meta.group(1).decode("ascii")
        return _text(raw, charset)


def _is_body(word: str) -> bool:
    """Say whether a part is read as plain text: also a multipart that has no parts."""
    return word == PLAIN or word.startswith("multipart/")


def _text(raw: bytes, charset: str) -> tuple[str, str]:
    text, guess = decode(raw, charset)
    return text.replace("\r\n", "\n") if "\r" in text else text, guess


def part_head(fields: Mapping[str, str]) -> PartHead:
    """Read what the fields of a header say of the content; no type at all is an empty word."""
    kind = parameters(fields.get("content-type", ""))
    disposition = parameters(fields.get("content-disposition", ""))
    return PartHead(
        media_type(kind.word) if kind.word else "",
        kind.values,
        _coding(fields.get("content-transfer-encoding", "")),
        disposition.word,
        disposition.name("filename") or kind.name("name"),
    )


@lru_cache(maxsize=2048)
def short_part_head(header: bytes) -> tuple[PartHead, bool]:
    """Read a short header with its blank line; the second part says that it ends before that."""
    read = read_header(header, 0, len(header))
    return part_head(read.fields), read.body != len(header)


def _attachment(data: bytes, piece: Piece) -> Attachment:
    digest, size = hashlib.sha256(), 0
    for block in _decoded_blocks(data, piece):
        digest.update(block)
        size += len(block)
    return Attachment(
        name=piece.head.name,
        state="present",
        media_type=piece.media_type,
        sha256=digest.hexdigest(),
        size=size,
    )


def _decoded_blocks(data: bytes, piece: Piece) -> Iterator[bytes]:
    """Decode a part block by block where its coding allows it, so that memory stays small."""
    coding = piece.head.coding
    if piece.end - piece.start <= BLOCK_BYTES:
        yield transfer_decoded(data[piece.start : piece.end], coding)
        return
    if coding not in {"base64", "7bit", "8bit", "binary", ""}:
        yield transfer_decoded(data[piece.start : piece.end], coding)
        return
    rest = b""
    for at in range(piece.start, piece.end, BLOCK_BYTES):
        block = data[at : min(at + BLOCK_BYTES, piece.end)]
        if coding != "base64":
            yield block
            continue
        digits, pad, _after = block.partition(b"=")
        digits = rest + base64_digits(digits)
        whole = len(digits) if pad else len(digits) - len(digits) % 4
        yield base64_bytes(digits[:whole])
        rest = digits[whole:]
        if pad:
            return
    yield base64_bytes(rest)


def transfer_decoded(raw: bytes, coding: str) -> bytes:
    """Undo a ``Content-Transfer-Encoding``; an unknown one leaves the bytes as they are."""
    if not coding:
        return raw
    coding = CODINGS.get(coding) or _coding(coding)
    if coding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if coding == "base64":
        return base64_bytes(raw)
    return _uu_decoded(raw) if coding in UU_NAMES else raw


def _coding(raw: str) -> str:
    return clean(raw.partition(";")[0]).lower()


def _uu_decoded(raw: bytes) -> bytes:
    begin = UU_BEGIN.search(raw)
    if begin is None:
        return raw
    lines = []
    for line in raw[begin.end() :].split(b"\n"):
        if line.rstrip() in {b"end", b"`", b""}:
            break
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            most = (((line[0] - 32) & 63) * 4 + 5) // 3
            lines.append(_one_uu_line(line[:most]))
    return b"".join(lines)


def _one_uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""


def split_parts(data: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int]]:
    """Yield where the parts between the lines ``--boundary`` stand, in order.

    What stands before the first and after the closing one belongs to no part (RFC 2046 5.1.1).
    """
    begin = -1
    at = data.find(mark, start, end)
    while at >= 0:
        after = at + len(mark)
        if at == start or data[at - 1] == ord("\n"):
            line_end = data.find(b"\n", after, end)
            line_end = end if line_end < 0 else line_end
            tail = data[after : min(line_end, after + BOUNDARY_CHARS)].strip()
            if tail in {b"", b"--"}:
                if begin >= 0:
                    yield begin, _before_line_end(data, begin, at)
                begin = min(line_end + 1, end)
                if tail:
                    return
                after = begin
        at = data.find(mark, after, end)
    if begin >= 0:
        yield begin, end


def _before_line_end(data: bytes, begin: int, at: int) -> int:
    if at - 1 >= begin and data[at - 1] == ord("\n"):
        at -= 1
        if at - 1 >= begin and data[at - 1] == ord("\r"):
            at -= 1
    return at

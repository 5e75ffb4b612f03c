# SPDX-License-Identifier: Apache-2.0
"""A bounded reader of ASN.1 in BER and DER (X.690), and the few things we write in DER.

It exists because real timestamp authorities answer in BER that strict readers refuse. Rules
enforced here:

* tags of one octet only; lengths of at most four octets, minimal or not; indefinite lengths only
  for constructed parts and only with their end marker;
* at most ``MAX_DEPTH`` levels, ``MAX_PARTS`` parts a level, and ``MAX_PARTS`` parts looked at to
  find one end marker;
* every part lies wholly inside the part around it, and nothing follows the outermost one;
* anything else raises `Malformed`, never another exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH: Final = 24
MAX_PARTS: Final = 4096
MAX_OID_OCTETS: Final = 64
MAX_INTEGER_OCTETS: Final = 64

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
CONSTRUCTED: Final = 0x20

_LONG_TAG = 0x1F
_INDEFINITE = 0x80
_LENGTH_OCTETS = 4
_TIME = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")


class Malformed(ValueError):
    """These bytes are not the ASN.1 that was expected, or go over a limit."""


def context(number: int) -> int:
    """Give the identifier octet of a constructed context-specific tag, ``[number]``."""
    return 0xA0 | number


@dataclass(frozen=True, slots=True)
class Part:
    """One tag, length and value.

    Attributes:
        tag: the identifier octet.
        content: the octets of the value, without an end marker.
        raw: all octets, header and end marker included.
        depth: how many parts lie around it.
    """

    tag: int
    content: bytes
    raw: bytes
    depth: int = 0

    def parts(self) -> tuple[Part, ...]:
        """Read the parts inside a constructed part."""
        if not self.tag & CONSTRUCTED:
            message = f"the part with tag {self.tag:#04x} holds no others"
            raise Malformed(message)
        return tuple(_each(self.content, self.depth + 1))

    def expect(self, *tags: int) -> Part:
        """Give this part back if it carries one of these tags."""
        if self.tag not in tags:
            message = f"a part has the tag {self.tag:#04x}"
            raise Malformed(message)
        return self


class Fields:
    """The parts of a sequence, taken one by one in order."""

    def __init__(self, part: Part) -> None:
        """Start before the first part."""
        self._rest = list(reversed(part.parts()))

    def take(self, *tags: int) -> Part:
        """Take the next part, which must be there; any tag fits where none is named."""
        if not self._rest:
            message = "a sequence ends too early"
            raise Malformed(message)
        part = self._rest.pop()
        return part.expect(*tags) if tags else part

    def maybe(self, *tags: int) -> Part | None:
        """Take the next part if it carries one of these tags."""
        return self._rest.pop() if self._rest and self._rest[-1].tag in tags else None

    def end(self) -> None:
        """Require that everything has been taken."""
        if self._rest:
            message = "a sequence has more parts than it may"
            raise Malformed(message)


def read(untrusted_data: bytes) -> Part:
    """Read octets that are exactly one part."""
    part, end = _one(untrusted_data, 0, 0)
    if end != len(untrusted_data):
        message = "octets follow the end"
        raise Malformed(message)
    return part


def _each(data: bytes, depth: int) -> Iterator[Part]:
    place, count = 0, 0
    while place < len(data):
        part, place = _one(data, place, depth)
        count += 1
        if count > MAX_PARTS:
            message = "a part holds too many others"
            raise Malformed(message)
        yield part


def _one(data: bytes, start: int, depth: int) -> tuple[Part, int]:
    tag, body, length = _header(data, start, depth)
    if length is None:
        body_end, end = _marked_end(data, body, depth)
    else:
        body_end = end = body + length
    return Part(tag, data[body:body_end], data[start:end], depth), end


def _header(data: bytes, start: int, depth: int) -> tuple[int, int, int | None]:
    """Read a tag and a length: the tag, where the value starts, and its length if definite."""
    if depth > MAX_DEPTH or start + 2 > len(data):
        message = "too many levels, or a header is cut off"
        raise Malformed(message)
    tag, first, body = data[start], data[start + 1], start + 2
    if tag & _LONG_TAG == _LONG_TAG or tag == 0:
        message = f"the tag {tag:#04x} is not used here"
        raise Malformed(message)
    if first == _INDEFINITE:
        if not tag & CONSTRUCTED:
            message = "a plain value has no length"
            raise Malformed(message)
        return tag, body, None
    length = first
    if first > _INDEFINITE:
        count = first & ~_INDEFINITE
        length = int.from_bytes(data[body : body + count])
        body += count
        if count > _LENGTH_OCTETS:
            message = "a length is too long"
            raise Malformed(message)
    if body + length > len(data):
        message = "a value is cut off"
        raise Malformed(message)
    return tag, body, length


def _marked_end(data: bytes, start: int, depth: int) -> tuple[int, int]:
    """Find the marker that ends an indefinite length: where it starts and where it ends."""
    place, inside = start, 1
    for _ in range(MAX_PARTS):
        if data[place : place + 2] == b"\0\0":
            inside -= 1
            place += 2
            if not inside:
                return place - 2, place
            continue
        _tag, body, length = _header(data, place, depth + inside)
        inside += length is None
        place = body + (length or 0)
    message = "no end marker is near"
    raise Malformed(message)


def integer(part: Part) -> int:
    """Read an INTEGER of at most ``MAX_INTEGER_OCTETS``."""
    content = part.expect(INTEGER).content
    if not 0 < len(content) <= MAX_INTEGER_OCTETS:
        message = "a number is empty or too long"
        raise Malformed(message)
    return int.from_bytes(content, signed=True)


def boolean(part: Part) -> bool:
    """Read a BOOLEAN."""
    content = part.expect(BOOLEAN).content
    if len(content) != 1:
        message = "a truth value has one octet"
        raise Malformed(message)
    return content != b"\0"


def oid(part: Part) -> str:
    """Read an OBJECT IDENTIFIER as dotted numbers."""
    content = part.expect(OID).content
    if not 0 < len(content) <= MAX_OID_OCTETS or content[-1] & 0x80:
        message = "an object identifier is empty, too long or cut off"
        raise Malformed(message)
    arcs, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def octets(part: Part) -> bytes:
    """Read an OCTET STRING, in one piece or (BER) in several."""
    if part.tag == OCTET_STRING:
        return part.content
    pieces = part.expect(OCTET_STRING | CONSTRUCTED).parts()
    return b"".join(piece.expect(OCTET_STRING).content for piece in pieces)


def moment(part: Part) -> datetime:
    """Read a GeneralizedTime in UTC; below a microsecond it is cut, never rounded up."""
    found = _TIME.fullmatch(part.expect(GENERALIZED_TIME).content)
    if found is None:
        message = "a time is not written as it must be"
        raise Malformed(message)
    fraction = (found[2] or b"").ljust(6, b"0")[:6]
    try:
        whole = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        message = "a time does not exist"
        raise Malformed(message) from error
    return whole.replace(microsecond=int(fraction))


def write(tag: int, *contents: bytes) -> bytes:
    """Write one part in DER."""
    content = b"".join(contents)
    if len(content) < _INDEFINITE:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes((tag, _INDEFINITE | len(length))) + length + content


def write_integer(value: int) -> bytes:
    """Write an INTEGER that is not negative in DER."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1))


def write_oid(dotted: str) -> bytes:
    """Write an OBJECT IDENTIFIER in DER."""
    first, second, *rest = map(int, dotted.split("."))
    return write(OID, *map(_arc, (first * 40 + second, *rest)))


def _arc(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))

# SPDX-License-Identifier: Apache-2.0
"""The text of an ``attributedBody``: an object written by Apple's old NSArchiver ("typedstream").

The stream is a list of groups: each states the types of its values, then gives them; types,
strings, classes and objects that were written before are referred to by a number. Rules enforced
here:

* only what is needed for the text is built: names, strings and the order of things;
* length, depth and the number of things are bounded, and every length is checked against what is
  left; anything else is `NotDecoded`, and never a guess at where text might be.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

MOST_BYTES: Final = 8 << 20
MOST_THINGS: Final = 200_000
DEEPEST: Final = 48
SIGNATURES: Final = {b"streamtyped": "<", b"typedstream": ">"}
"""The signature says in which order of bytes numbers are written."""
VERSIONS: Final = frozenset({3, 4})
_SHORT, _LONG, _FLOAT, _NEW, _NIL, _END = 0x81, 0x82, 0x83, 0x84, 0x85, 0x86
FIRST_REFERENCE: Final = 0x92
"""References count from here, as a signed byte."""
_INTEGERS: Final = frozenset(b"sSiIlLqQ")
_BYTES: Final = frozenset(b"cCB")
_STRING: Final = frozenset({b"NSString", b"NSMutableString"})
_ATTRIBUTED: Final = frozenset({b"NSAttributedString", b"NSMutableAttributedString"})

_STREAM: Final = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84"
_OBJECT: Final = b"\x84\x84\x08NSObject\x00\x85\x92\x84\x84\x84"
_PLAIN: Final = (
    _STREAM + b"\x12NSAttributedString\x00" + _OBJECT + b"\x08NSString\x01\x94\x84\x01+",
    _STREAM + b"\x19NSMutableAttributedString\x00\x84\x84\x12NSAttributedString\x00" + _OBJECT
    + b"\x0fNSMutableString\x01\x84\x84\x08NSString\x01\x95\x84\x01+",
)  # fmt: skip
"""How nearly every message begins; behind it stand the length of the text and the text."""


class NotDecoded(ValueError):
    """The bytes are no such stream, or hold no text where it belongs."""


@dataclass(slots=True)
class Thing:
    """An object: the names of its class and of what that is built on, and its strings in order."""

    classes: tuple[bytes, ...]
    strings: list[bytes] = field(default_factory=list)
    objects: list[Thing] = field(default_factory=list)


def text_of(data: bytes) -> str:
    """Give the text of an attributed string.

    Raises:
        NotDecoded: there is none, or it cannot be told which it is.
    """
    for begin in _PLAIN:
        if data.startswith(begin):
            return _decoded(_Stream(data, len(begin), "<").run_of_bytes())
    thing = read(data)
    if _ATTRIBUTED.isdisjoint(thing.classes) and _STRING.isdisjoint(thing.classes):
        raise NotDecoded
    string = thing if not _STRING.isdisjoint(thing.classes) else _first(thing)
    if not string.strings:
        raise NotDecoded
    return _decoded(string.strings[0])


def _first(thing: Thing) -> Thing:
    if not thing.objects or _STRING.isdisjoint(thing.objects[0].classes):
        raise NotDecoded
    return thing.objects[0]


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        raise NotDecoded from problem


def read(data: bytes) -> Thing:
    """Read the first object of a stream, with what it holds.

    Raises:
        NotDecoded: it is no such stream, or one that goes beyond a limit.
    """
    if not len(VERSIONS) < len(data) <= MOST_BYTES:
        raise NotDecoded
    length = data[1]
    order = SIGNATURES.get(data[2 : 2 + length])
    if data[0] not in VERSIONS or order is None:
        raise NotDecoded
    stream = _Stream(data, 2 + length, order)
    stream.integer()  # the version of the system that wrote it
    holder = Thing(())
    stream.group(holder, 0)
    if not holder.objects:
        raise NotDecoded
    return holder.objects[0]


class _Stream:
    """Bytes being read, with the things that may be referred to."""

    def __init__(self, data: bytes, at: int, order: str) -> None:
        self._data = data
        self._at = at
        self._order = order
        self._names: list[bytes] = []
        self._things: list[Thing | tuple[bytes, ...]] = []
        self._left = MOST_THINGS

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if count < 0 or end > len(self._data):
            raise NotDecoded
        found = self._data[self._at : end]
        self._at = end
        return found

    def _head(self) -> int:
        return self._take(1)[0]

    def _peek(self) -> int:
        if self._at >= len(self._data):
            raise NotDecoded
        return self._data[self._at]

    def _number(self, head: int) -> int:
        """Give a number that begins with this byte, signed."""
        if head == _SHORT:
            return int(struct.unpack(f"{self._order}h", self._take(2))[0])
        if head == _LONG:
            return int(struct.unpack(f"{self._order}i", self._take(4))[0])
        if _FLOAT <= head < FIRST_REFERENCE:
            raise NotDecoded
        return head - 256 if head > 127 else head  # noqa: PLR2004 - a signed byte

    def integer(self) -> int:
        """Read a number."""
        return self._number(self._head())

    def run_of_bytes(self) -> bytes:
        """Read a length and so many bytes; a length is never negative."""
        head = self._head()
        if head == _SHORT:
            return self._take(struct.unpack(f"{self._order}H", self._take(2))[0])
        if head == _LONG:
            return self._take(struct.unpack(f"{self._order}I", self._take(4))[0])
        if _FLOAT <= head < FIRST_REFERENCE:
            raise NotDecoded
        return self._take(head)

    def _reference(self, head: int) -> int:
        number = self._number(head) - (FIRST_REFERENCE - 256)
        if number < 0:
            raise NotDecoded
        return number

    def _name(self) -> bytes | None:
        """Read a string that may have been written before."""
        head = self._head()
        if head == _NIL:
            return None
        if head != _NEW:
            number = self._reference(head)
            if number >= len(self._names):
                raise NotDecoded
            return self._names[number]
        found = self.run_of_bytes()
        self._count()
        self._names.append(found)
        return found

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise NotDecoded

    def _class(self, depth: int) -> tuple[bytes, ...]:
        """Read a class and what it is built on."""
        if depth > DEEPEST:
            raise NotDecoded
        head = self._head()
        if head == _NIL:
            return ()
        if head != _NEW:
            found = self._known(head)
            if isinstance(found, Thing):
                raise NotDecoded
            return found
        name = self._name()
        if name is None:
            raise NotDecoded
        self.integer()  # the version of the class
        self._count()
        place = len(self._things)
        self._things.append((name,))
        whole = (name, *self._class(depth + 1))
        self._things[place] = whole
        return whole

    def _known(self, head: int) -> Thing | tuple[bytes, ...]:
        number = self._reference(head)
        if number >= len(self._things):
            raise NotDecoded
        return self._things[number]

    def _object(self, depth: int) -> Thing | None:
        if depth > DEEPEST:
            raise NotDecoded
        head = self._head()
        if head == _NIL:
            return None
        if head != _NEW:
            found = self._known(head)
            return found if isinstance(found, Thing) else None
        thing = Thing(())
        self._count()
        self._things.append(thing)
        thing.classes = self._class(depth + 1)
        while self._peek() != _END:
            self.group(thing, depth + 1)
        self._at += 1
        return thing

    def group(self, holder: Thing, depth: int) -> None:
        """Read the types of some values, and the values."""
        types = self._name()
        if not types:
            raise NotDecoded
        at = 0
        while at < len(types):
            at = self._value(types, at, holder, depth)

    def _value(self, types: bytes, at: int, holder: Thing, depth: int) -> int:
        """Read one value of the type at a place; give the place of the next type."""
        if depth > DEEPEST:
            raise NotDecoded
        self._count()
        kind = types[at]
        if kind == ord("["):
            return self._array(types, at, holder, depth)
        if kind == ord("{"):
            return self._struct(types, at, holder, depth)
        if kind == ord("+"):
            holder.strings.append(self.run_of_bytes())
        elif kind == ord("@"):
            thing = self._object(depth + 1)
            if thing is not None:
                holder.objects.append(thing)
        else:
            self._pass(kind, depth)
        return at + 1

    def _pass(self, kind: int, depth: int) -> None:
        """Read a value that is not needed for the text."""
        if kind in _BYTES:
            self._take(1)
        elif kind in _INTEGERS:
            self.integer()
        elif kind in b"fd":
            self._float(4 if kind == ord("f") else 8)
        elif kind == ord("#"):
            self._class(depth + 1)
        elif kind in b":%":
            self._name()
        elif kind == ord("*"):
            self._c_string()
        else:
            raise NotDecoded

    def _float(self, size: int) -> None:
        head = self._head()
        if head == _FLOAT:
            self._take(size)
        else:
            self._number(head)

    def _c_string(self) -> None:
        head = self._head()
        if head == _NEW:
            self._count()
            self._things.append(())
            self._name()
        elif head != _NIL:
            self._known(head)

    def _array(self, types: bytes, at: int, holder: Thing, depth: int) -> int:
        at += 1
        begin = at
        while at < len(types) and types[at : at + 1].isdigit():
            at += 1
        if at == begin or at - begin > 8 or at >= len(types):  # noqa: PLR2004 - digits of a length
            raise NotDecoded
        count = int(types[begin:at])
        end = at + 1
        if types[at] in _BYTES:
            self._take(count)
        else:
            for _number in range(min(count, MOST_THINGS + 1)):
                end = self._value(types, at, holder, depth + 1)
        if types[end : end + 1] != b"]":
            raise NotDecoded
        return end + 1

    def _struct(self, types: bytes, at: int, holder: Thing, depth: int) -> int:
        equals = types.find(b"=", at)
        at = equals + 1 if equals >= 0 else at + 1
        while at < len(types) and types[at] != ord("}"):
            at = self._value(types, at, holder, depth + 1)
        if at >= len(types):
            raise NotDecoded
        return at + 1

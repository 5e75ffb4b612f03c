# SPDX-License-Identifier: Apache-2.0
"""A page of a chat export cut into its messages, each with its bytes, and a message's elements.

Rules enforced here:

* a message is a ``div`` or ``section`` that opens as the export's own writer opens one, up to its
  closing tag; texts are escaped by that writer, so nobody can open one within a text;
* everything is looked at once and held in pieces; what is longer than `LIMIT`, or never closes, is
  given as what it is;
* nothing is loaded, followed or run: tags are names and attributes, no more.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE: Final = 1 << 20
LIMIT: Final = 4 << 20
KEPT: Final = 4096
"""An opening tag is never longer."""
DEEPEST: Final = 64
MOST_ELEMENTS: Final = 20_000

_BOXES: Final = {
    name: re.compile(rb"<(/?)" + name + rb"\b[^<>]{0,4000}>") for name in (b"div", b"section")
}
_TOKEN: Final = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})((?:[^<>\"]|\"[^\"]*+\")*+)>|([^<]++|<)"
)
_ATTRIBUTE: Final = re.compile(r"([a-zA-Z_:-]{1,40})=\"([^\"]*+)\"")
_TAG: Final = re.compile(rb"<[^<>]*+>")
_VOID: Final = frozenset({"br", "img", "meta", "link", "hr", "input", "wbr", "source"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the page: ``block``, ``gap``, ``broken``, ``cut`` or ``too_large``."""

    kind: str
    start: int
    end: int
    data: bytes


class HtmlBlocks:
    """One pass over a page."""

    def __init__(self, stream: BinaryIO, opening: re.Pattern[bytes]) -> None:
        """Cut a stream wherever a ``div`` opens that fits ``opening``."""
        self._stream = stream
        self._opening = opening
        self._data = b""
        self._base = 0
        self._at = 0
        self._over = False

    def run(self) -> Iterator[Stretch]:
        """Give every stretch, in the order of the page; together they are all of it."""
        while True:
            found = self._opening.search(self._data, self._at)
            if found is None:
                if len(self._data) - self._at > LIMIT:
                    yield self._taken("gap", len(self._data) - KEPT)
                if self._more():
                    continue
                if self._at < len(self._data):
                    yield self._taken("gap", len(self._data))
                return
            if found.start() > self._at:
                yield self._taken("gap", found.start())
            yield self._block()

    def _block(self) -> Stretch:
        depth, at = 0, self._at
        name = b"section" if self._data.startswith(b"<section", at) else b"div"
        while True:
            found = _BOXES[name].search(self._data, at)
            if found is None:
                if len(self._data) - self._at > LIMIT:
                    return self._rest("too_large")
                at = max(at - self._at, len(self._data) - self._at - KEPT)
                if not self._more():
                    return self._taken("cut", len(self._data))
                at += self._at
                continue
            at = found.end()
            if found[1]:
                depth -= 1
                if depth == 0:
                    return self._taken("block", at)
            elif depth and self._opening.match(self._data, found.start()):
                return self._taken("broken", found.start())
            else:
                depth += 1

    def _rest(self, kind: str) -> Stretch:
        """Go to where the next message opens, or to the end of what is held."""
        found = self._opening.search(self._data, self._at + 1)
        return self._taken(kind, found.start() if found else len(self._data) - KEPT)

    def _taken(self, kind: str, end: int) -> Stretch:
        start = self._at
        self._at = end
        return Stretch(kind, self._base + start, self._base + end, self._data[start:end])

    def _more(self) -> bool:
        piece = b"" if self._over else self._stream.read(PIECE)
        self._over = not piece
        self._base += self._at
        self._data = self._data[self._at :] + piece
        self._at = 0
        return bool(piece)


def is_markup(data: bytes) -> bool:
    """Say whether a stretch is tags and spaces alone."""
    return not _TAG.sub(b"", data).strip()


@dataclass(slots=True)
class Element:
    """An element: its name, its attributes, and the texts and elements in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[str | Element] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        """Give the names in its ``class``."""
        return set(self.attributes.get("class", "").split())

    def elements(self) -> Iterator[Element]:
        """Give every element within, in the order of the page."""
        for one in self.inside:
            if isinstance(one, Element):
                yield one
                yield from one.elements()

    def first(self, *classes: str) -> Element | None:
        """Give the first element within that has all these classes."""
        return next((one for one in self.elements() if one.classes.issuperset(classes)), None)

    def text(self) -> str:
        """Give the text within; a line break is one."""
        if self.name == "br":
            return "\n"
        return "".join(one if isinstance(one, str) else one.text() for one in self.inside)


def element_of(data: bytes) -> Element:
    """Give the element that a block is; what nests too deep, or is too much, is left flat."""
    root = Element("")
    stack, count = [root], 0
    for found in _TOKEN.finditer(data.decode("utf-8", "replace")):
        closing, name, attributes, text = found.groups()
        if text is not None:
            stack[-1].inside.append(html.unescape(text))
        elif closing:
            _close(stack, name.lower())
        elif count < MOST_ELEMENTS:
            count += 1
            given = {key.lower(): html.unescape(raw) for key, raw in _ATTRIBUTE.findall(attributes)}
            one = Element(name.lower(), given)
            stack[-1].inside.append(one)
            if one.name not in _VOID and len(stack) < DEEPEST:
                stack.append(one)
    return next((one for one in root.inside if isinstance(one, Element)), root)


def _close(stack: list[Element], name: str) -> None:
    for place in range(len(stack) - 1, 0, -1):
        if stack[place].name == name:
            del stack[place:]
            return

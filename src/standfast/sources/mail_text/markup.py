# SPDX-License-Identifier: Apache-2.0
"""HTML reduced to the text a reader would have seen, with every address in the open.

Rules enforced here:

* nothing is fetched, run or followed: a link becomes ``text [address]``, a picture ``[picture]``;
* what a browser does not show as text is dropped: comments, scripts, styles, the title;
* the work is proportional to the length, whatever the markup (each search only moves on);
* at most `HTML_CHARS` characters are looked at.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

HTML_CHARS: Final = 8 << 20
ADDRESS_CHARS: Final = 2000

NAME: Final = re.compile(r"[A-Za-z][^\s/>]*")
ATTRIBUTE: Final = re.compile(r"[\s/]*([^\s/>=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+))?")
SPACES: Final = re.compile(r"[ \t\n\r\f]+")
CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f]")
ABSURD: Final = re.compile("&#[xX]?[0-9A-Fa-f]{12,};?")
"""A character number no character has; converting it would cost its length squared."""

DROPPED: Final = {
    word: re.compile(rf"</{word}", re.IGNORECASE)
    for word in ("script", "style", "title", "template")
}
BREAKS: Final = dict.fromkeys(
    [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "dl",
        "blockquote",
        "pre",
        "table",
        "hr",
        "form",
        "fieldset",
        "figure",
    ],
    2,
) | dict.fromkeys(
    [
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "section",
        "article",
        "header",
        "footer",
        "address",
        "center",
        "main",
        "nav",
        "aside",
        "body",
    ],
    1,
)
"""How many line ends stand around an element."""
CELLS: Final = frozenset({"td", "th"})
SILENT: Final = ("javascript:", "data:", "#", "cid:")
"""Targets that lead nowhere a reader could go."""

PICTURE: Final = "[picture]"


def text_of(html: str) -> str:
    """Reduce HTML to text."""
    return _Reducer(html[:HTML_CHARS]).reduce()


class _Reducer:
    """Walks through the markup once; ``ends`` counts the line ends the output closes with."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.out: list[str] = []
        self.ends = 2
        self.target = ""
        self.link_from = 0
        self.pre = 0

    def reduce(self) -> str:
        at, html = 0, self.html
        while at < len(html):
            tag = html.find("<", at)
            if tag < 0:
                tag = len(html)
            if tag > at:
                self._data(html[at:tag])
            at = self._tag(tag) if tag < len(html) else tag
        self._close_link()
        return "".join(self.out).strip(" \n")

    def _data(self, raw: str) -> None:
        text = _characters(raw)
        if self.pre:
            self._add(text)
            return
        text = SPACES.sub(" ", text)
        if text[0] == " " and (self.ends or self.out[-1].endswith(" ")):
            text = text[1:]
        self._add(text)

    def _add(self, text: str) -> None:
        if text:
            self.out.append(text)
            self.ends = len(text) - len(text.rstrip("\n"))

    def _break(self, ends: int) -> None:
        """See to it that the output closes with that many line ends."""
        if self.ends < ends:
            if self.ends == 0:
                self.out[-1] = self.out[-1].rstrip(" ")
            self.out.append("\n" * (ends - self.ends))
            self.ends = ends

    def _tag(self, at: int) -> int:
        """Handle what begins with ``<`` and give the place after it."""
        html = self.html
        if html.startswith("<!--", at):
            return self._after("-->", at + 2)
        if html.startswith(("<!", "<?"), at):
            return self._after(">", at)
        closing = html.startswith("</", at)
        name = NAME.match(html, at + 1 + closing)
        if name is not None:
            word = name.group().lower()
            return self._close(word, name.end()) if closing else self._open(word, name.end())
        if closing:
            return self._after(">", at)
        self._add("<")
        return at + 1

    def _after(self, mark: str, at: int) -> int:
        found = self.html.find(mark, at)
        return len(self.html) if found < 0 else found + len(mark)

    def _open(self, word: str, at: int) -> int:
        target, end = self._attributes(at)
        if word in DROPPED:
            stop = DROPPED[word].search(self.html, end)
            return len(self.html) if stop is None else self._after(">", stop.end())
        self._space(word)
        if word == "a":
            self._close_link()
            self.target, self.link_from = target, len(self.out)
        elif word == "img":
            self._add(PICTURE)
        elif word == "br":
            self._break(self.ends + 1)
        elif word == "li":
            self._add("- ")
        elif word == "pre":
            self.pre += 1
        return end

    def _attributes(self, at: int) -> tuple[str, int]:
        """Read a tag's attributes; give the address it points to and the place after it."""
        target = ""
        while (attribute := ATTRIBUTE.match(self.html, at)) is not None:
            name, value = attribute.groups()
            if value is not None and not target and name.lower() == "href":
                target = value[: ADDRESS_CHARS + 1].strip("\"'")
            at = attribute.end()
        return target, self._after(">", at)

    def _close(self, word: str, at: int) -> int:
        if word == "a":
            self._close_link()
        elif word == "pre":
            self.pre = max(0, self.pre - 1)
        self._space(word)
        return self._after(">", at)

    def _space(self, word: str) -> None:
        if word in CELLS:
            if not self.ends and not self.out[-1].endswith(" "):
                self._add(" ")
        elif word in BREAKS:
            self._break(BREAKS[word])

    def _close_link(self) -> None:
        address = _shown(self.target)
        self.target = ""
        if not address:
            return
        text = "".join(self.out[self.link_from :]).strip()
        plain = address.removeprefix("mailto:")
        if text not in {address, plain, address.rstrip("/")}:
            self._add(f"[{plain}]" if self.ends or not text else f" [{plain}]")


def _characters(raw: str) -> str:
    return unescape(ABSURD.sub("\ufffd", raw)) if "&" in raw else raw


def _shown(target: str) -> str:
    address = CONTROL.sub("", _characters(target[:ADDRESS_CHARS])).strip()
    return "" if address.lower().startswith(SILENT) else address

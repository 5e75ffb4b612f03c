# SPDX-License-Identifier: Apache-2.0
"""Attribute values of XML that phones write, as the characters they stand for.

Rules enforced here:

* numeric references are resolved whatever they name; a surrogate pair written as two references,
  or as two three-byte sequences, is the one character it means;
* what can be no character (``&#0;``, a NUL byte, a lone surrogate, a byte that is not in the
  encoding) becomes U+FFFD and is counted, never dropped: the original keeps the bytes;
* of the named references only XML's own five are resolved; any other stays as it is written,
  so nothing that a document declares is ever expanded;
* line breaks and control characters in a value stay as they are written;
* an attribute that stands twice makes the element broken: nobody can say which one counts.
"""

from __future__ import annotations

import re
from typing import Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
LAST_CHARACTER: Final = 0x10FFFF
MAX_LAYOUTS: Final = 256
"""How many orders of attributes are remembered; a file of one phone has two or three."""

SINGLE_BYTE: Final = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
"""Encodings a declaration may name besides UTF-8 and UTF-16, by Python's names for them."""

_NAMED: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_REFERENCE: Final = re.compile(
    r"&(?:#([0-9]{1,16})|#x([0-9A-Fa-f]{1,16})|(?:amp|lt|gt|quot|apos));"
)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ATTRIBUTE: Final = re.compile(r"([^\s=\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_NAME: Final = re.compile(r"\s+([^\s=\"']+)\s*=\s*")


class AttributeReader:
    """Reads the attributes of one file's tags, and counts what was no character.

    Attributes:
        replaced: how many tags held something that became U+FFFD.
    """

    def __init__(self, encoding: str) -> None:
        """Read values written in this encoding."""
        self.replaced = 0
        self._encoding = encoding
        self._layouts: dict[tuple[str, ...], tuple[str, ...]] = {}

    def read(self, run: bytes) -> dict[str, str] | None:
        """Give the attributes of a tag, from the bytes between its name and its end.

        ``run`` has passed the tag's grammar; ``None`` when an attribute stands twice.
        """
        try:
            text = run.decode(self._encoding)
        except UnicodeDecodeError:
            text = self._decode_damaged(run)
        pieces = text.split('"')
        names = self._layouts.get(tuple(pieces[::2])) or self._layout(pieces)
        if names is None:
            found = [(name, double or single) for name, double, single in _ATTRIBUTE.findall(text)]
        else:
            found = list(zip(names, pieces[1::2], strict=False))
        values = dict(found)
        if len(values) != len(found):
            return None
        if "&" in text or "\0" in text:
            self._resolve(values)
        return values

    def _layout(self, pieces: list[str]) -> tuple[str, ...] | None:
        """Learn the names of a tag that quotes with ``"`` alone, as apps mostly write it."""
        names = [_NAME.fullmatch(piece) for piece in pieces[:-1:2]]
        if pieces[-1].strip() or not all(names):
            return None
        layout = tuple(name[1] for name in names if name)
        if len(self._layouts) < MAX_LAYOUTS:
            self._layouts[tuple(pieces[::2])] = layout
        return layout

    def _decode_damaged(self, run: bytes) -> str:
        if self._encoding == "utf-8":
            try:
                return self._paired(run.decode("utf-8", "surrogatepass"))
            except UnicodeDecodeError:
                pass
        self.replaced += 1
        return run.decode(self._encoding, "replace")

    def _paired(self, text: str) -> str:
        joined = join_surrogates(text)
        self.replaced += joined.count(REPLACEMENT) > text.count(REPLACEMENT)
        return joined

    def _resolve(self, values: dict[str, str]) -> None:
        replaced = False
        for name, value in values.items():
            if "&#" in value or "\0" in value:
                values[name] = resolved = resolve(value)
                replaced = replaced or resolved.count(REPLACEMENT) > value.count(REPLACEMENT)
            elif "&" in value:
                values[name] = _resolve_named(value)
        self.replaced += replaced


def resolve(value: str) -> str:
    """Give the characters a value stands for: references resolved, impossible ones U+FFFD."""
    text = _REFERENCE.sub(_character, value).replace("\0", REPLACEMENT)
    return join_surrogates(text) if _SURROGATE.search(text) else text


def _resolve_named(value: str) -> str:
    """Resolve XML's own names in one pass's meaning: what ``&amp;`` leaves is not read again."""
    for reference, character in _NAMED.items():
        value = value.replace(reference, character)
    return value


def join_surrogates(text: str) -> str:
    """Make one character of each surrogate pair, and U+FFFD of each lone surrogate."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(reference: re.Match[str]) -> str:
    decimal, hexadecimal = reference.groups()
    if not decimal and not hexadecimal:
        return _NAMED[reference[0]]
    number = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(number) if 0 < number <= LAST_CHARACTER else REPLACEMENT

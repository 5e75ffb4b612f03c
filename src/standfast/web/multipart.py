# SPDX-License-Identifier: Apache-2.0
"""A form with files, taken apart while it comes in; nothing is ever put aside on a disk.

Rules enforced here:

* a part's head, the name in it, the number of parts and what stands outside of files are bounded;
* a name is only text: folders in it are split off and lead nowhere;
* a form that ends before its last boundary is not whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from standfast.errors import WrongUsage
from standfast.i18n import _

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

PARTS: Final = 20_000
HEAD_BYTES: Final = 8192
HEADS: Final = 8
NAME_CHARS: Final = 255
FOLDER_CHARS: Final = 1000
FOLDERS: Final = 64
OUTSIDE_BYTES: Final = 64 << 10
"""How much a form may hold beside its files."""


@dataclass(frozen=True, slots=True)
class Begins:
    """A file begins; the name is what the browser said."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Ends:
    """The file that was begun is whole."""


def place_of(untrusted_name: str) -> tuple[str, str]:
    """Split the name a browser gave into name and folder; both are text and lead nowhere.

    An empty name is given as such: it is a field in which nothing was chosen.
    """
    parts = untrusted_name.replace("\\", "/").split("/")
    kept = [one for one in parts if one.strip() not in {"", ".", ".."}]
    if not kept:
        return "", ""
    folder = "/".join(one[:NAME_CHARS] for one in kept[:-1][-FOLDERS:])
    return kept[-1][-NAME_CHARS:], folder[-FOLDER_CHARS:]


class Form:
    """One form; feed it and get the files in it, piece by piece."""

    def __init__(self, content_type: str) -> None:
        """Begin with the request's ``Content-Type``.

        Raises:
            WrongUsage: it is no form with files.
        """
        kind, facts = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not facts.get(b"boundary"):
            raise _broken()
        calls: MultipartCallbacks = {
            "on_part_begin": self._part,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header,
            "on_headers_finished": self._headed,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        try:
            self._parser = MultipartParser(
                facts[b"boundary"], calls, max_header_count=HEADS, max_header_size=HEAD_BYTES
            )
        except FormParserError as problem:
            raise _broken() from problem
        self._out: list[Begins | bytes | Ends] = []
        self._names: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._shown = b""
        self._parts = self._outside = 0
        self._in_file = False
        self.whole = False

    def feed(self, data: bytes) -> list[Begins | bytes | Ends]:
        """Take the next bytes and give what they amount to.

        Raises:
            WrongUsage: it is no such form, or goes over a bound.
        """
        self._out = []
        try:
            self._parser.write(data)
        except FormParserError as problem:
            raise _broken() from problem
        return self._out

    def _part(self) -> None:
        self._parts += 1
        if self._parts > PARTS:
            raise WrongUsage(
                _("These are more than {count} files at once.").format(count=PARTS),
                hint=_("Add one folder after the other. What was kept so far stays kept."),
            )
        self._shown, self._in_file = b"", False

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._names[0].extend(data[start:end])

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._names[1].extend(data[start:end])

    def _header(self) -> None:
        if bytes(self._names[0]).lower() == b"content-disposition":
            self._shown = bytes(self._names[1])
        self._names[0].clear()
        self._names[1].clear()

    def _headed(self) -> None:
        _kind, facts = parse_options_header(self._shown.decode("latin-1"))
        if b"filename" not in facts:
            return
        name, folder = place_of(facts[b"filename"].decode("utf-8", "replace"))
        if name:
            self._in_file = True
            self._out.append(Begins(name, folder))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._out.append(data[start:end])
            return
        self._outside += end - start
        if self._outside > OUTSIDE_BYTES:
            raise _broken()

    def _part_end(self) -> None:
        if self._in_file:
            self._out.append(Ends())
        self._in_file = False

    def _end(self) -> None:
        self.whole = True


def _broken() -> WrongUsage:
    return WrongUsage(
        _("The browser sent this form in a way that cannot be read. Nothing was added."),
        hint=_("Choose the files again, or use another browser."),
    )

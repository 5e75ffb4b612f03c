# SPDX-License-Identifier: Apache-2.0
"""A walk through the XML of a phone backup that no broken element can stop.

Rules enforced here:

* one event an ``<sms>``, ``<mms>`` or ``<call>``, its span the exact bytes of the element;
* one broken element costs only itself: reading goes on at the next element, and the stretch
  between is `Unreadable`;
* a document type or entity declaration is refused and nothing is ever expanded;
* an element inside a comment is shown as unreadable, since somebody may have hidden it there;
* everything is bounded: the length of a tag, the parts of a message, a comment; an attachment's
  data is hashed while it streams by.

The grammar is that of XML 1.0 start tags, looked for in the original bytes themselves. A general
parser would need these bytes repaired first (apps write references XML forbids) and an offset map
back, would hold an attachment whole, and would stop for good at the first error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NoReturn

from standfast.i18n import _
from standfast.model.event import Framing, Locator, Remark, Unreadable
from standfast.sources.base64_digest import Base64Digest
from standfast.sources.phone_rows import BATCH, Multimedia, Part, PhoneRows
from standfast.sources.xml_text import AttributeReader
from standfast.sources.xml_window import MAX_TAG, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

MAX_ATTRIBUTES: Final = 256
MAX_INSIDE: Final = 10_000
"""Parts, or addresses, of one multimedia message."""
MAX_TEXT: Final = MAX_TAG
MAX_ASIDE: Final = 1 << 20
"""The longest comment, instruction or declaration that is looked at as one."""
STREAMED_FROM: Final = 1 << 16
"""A part longer than this is looked at piece by piece."""
MAX_DECLARATIONS: Final = 4
"""A file has one at most; more are not looked at for their end."""
MAX_DIGITS: Final = 12

_VALUE = rb"\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')"
_RUN = rb"((?:\s++[A-Za-z_][\w.:-]*+" + _VALUE + rb"){0,%d}+)\s*+" % MAX_ATTRIBUTES
_RECORD: Final = re.compile(rb"\s*+<(sms|call)" + _RUN + rb"/>")
_OPENING: Final = re.compile(rb"<([A-Za-z_][\w.:-]*+)" + _RUN + rb"(/?)>")
_CLOSING: Final = re.compile(rb"</([A-Za-z_][\w.:-]*+)\s*+>")
_STREAMED: Final = re.compile(
    rb"<part((?:\s++(?!data\s*=)[A-Za-z_][\w.:-]*+"
    + _VALUE
    + rb"){0,256}+)\s++data\s*+=\s*+([\"'])"
)
_REST: Final = re.compile(_RUN + rb"/?>")
_TOKEN: Final = re.compile(
    rb"<(?:(?P<comment>!--)|(?P<instruction>\?)|(?P<declaration>!(?:DOCTYPE|ENTITY))"
    rb"|(?P<root>/?(?:smses|calls)(?=[\s/>]))|(?P<mms>mms(?=[\s/>]))|(?P<record>(?:sms|call)(?=[\s/>])))"
)
DOCTYPE: Final = re.compile(
    rb"<!DOCTYPE(?:[^\[\]<>\"']|\"[^\"]*+\"|'[^']*+')*+"
    rb"(?:\[(?:[^\]\"'<]|\"[^\"]*+\"|'[^']*+'|<!--.*?-->|<(?!!--))*+\]\s*+)?>",
    re.DOTALL,
)
_RESUME: Final = re.compile(rb"<(?:!--|!DOCTYPE|(?:sms|mms|call)[\s/>]|/?(?:smses|calls)[\s/>])")
_HIDDEN: Final = re.compile(rb"<(?:sms|mms|call)\s")
_LOOK_BACK: Final = 16


class _Broken(Exception):
    """Inside the scan only: what stands at the window's position cannot be read."""

    def __init__(self, reason: str = "broken_xml") -> None:
        super().__init__(reason)
        self.reason = reason


class PhoneScan:
    """One pass over one file."""

    def __init__(self, window: Window, zone: str, path: str) -> None:
        """Scan a window; wall clocks in ``zone``, locators in the member at ``path``."""
        self._window = window
        self._path = path
        self._reader = AttributeReader(window.encoding)
        self._rows = PhoneRows(zone, path)
        self._out: list[Yield] = []
        self._mark = 0
        """Everything before this offset is accounted for."""
        self._declared: int | None = None
        self._roots = 0
        """Roots opened less roots closed."""
        self._declarations = 0
        self._searched: dict[bytes, int] = {}
        """How far the end of a comment or instruction was looked for in vain."""

    def run(self) -> Iterator[Yield]:
        """Yield everything up to the end of the file."""
        more = True
        while more:
            self._records()
            if self._rows.full or len(self._out) >= BATCH:
                yield from self._drain()
            more = self._step()
        self._finish()
        yield from self._drain()

    def _records(self) -> None:
        """Take texts and calls as long as they follow each other in plain sight."""
        window, read = self._window, self._reader.read
        take = {b"sms": self._rows.sms, b"call": self._rows.call}
        while not self._rows.full:
            found = _RECORD.match(window.data, window.pos)
            if found is None or found.end() - window.pos > MAX_TAG:
                return
            values = read(found[2])
            if values is None:
                return
            start, end = window.offset(found.start(1) - 1), window.offset(found.end())
            self._frame(start)
            take[found[1]](values, start, end)
            self._mark = end
            window.pos = found.end()

    def _step(self) -> bool:
        """Take the next thing, whatever it is; False at the end of the file."""
        window = self._window
        if not window.skip_space():
            return False
        window.need(_LOOK_BACK)
        start = window.here()
        token = _TOKEN.match(window.data, window.pos)
        try:
            if token is None or token.lastgroup is None:
                known = _OPENING.match(window.data, window.pos)
                self._break("unknown_entry" if known else "broken_xml")
            getattr(self, f"_take_{token.lastgroup}")(start)
        except _Broken as broken:
            window.pos += window.here() == start
            self._resume(start, broken.reason)
        return True

    def _take_comment(self, start: int) -> None:
        text = self._aside(b"-->")
        if _HIDDEN.search(text):
            self._unreadable("commented_out", start, self._window.here())

    def _take_instruction(self, _start: int) -> None:
        self._aside(b"?>")

    def _take_declaration(self, start: int) -> None:
        window = self._window
        self._declarations += 1
        if self._declarations > MAX_DECLARATIONS:
            self._break("forbidden_xml")
        window.need(MAX_ASIDE)
        found = DOCTYPE.match(window.data, window.pos)
        if found is None:
            self._break("forbidden_xml")
        window.pos = found.end()
        self._unreadable("forbidden_xml", start, window.here())

    def _take_root(self, _start: int) -> None:
        tag, values, _closed = self._tag()
        if tag.startswith(b"/"):
            self._roots -= 1
            return
        self._roots += 1
        count = values.get("count", "")
        if count.isascii() and count.isdigit() and len(count) <= MAX_DIGITS:
            self._declared = (self._declared or 0) + int(count)

    def _take_record(self, start: int) -> None:
        """Take a text or call that is written with a closing tag, or across two windows."""
        tag, values, closed = self._tag()
        if not closed:
            self._window.skip_space()
            if self._tag()[0] != b"/" + tag:
                self._break()
        self._frame(start)
        self._mark = self._window.here()
        take = self._rows.sms if tag == b"sms" else self._rows.call
        take(values, start, self._mark)

    def _take_mms(self, start: int) -> None:
        _name, values, closed = self._tag()
        message = Multimedia(values)
        if not closed:
            self._inside(message)
        self._frame(start)
        self._mark = self._window.here()
        self._rows.mms(message, start, self._mark)

    def _inside(self, message: Multimedia) -> None:
        """Take parts and addresses up to the end of the message."""
        window, text = self._window, 0
        while window.skip_space():
            window.need(_LOOK_BACK)
            if window.data.startswith(b"<!--", window.pos):
                self._aside(b"-->")
                continue
            if _RESUME.match(window.data, window.pos):
                self._break()
            part = self._streamed_part()
            if part is None:
                name, values, _closed = self._tag()
                if name == b"/mms":
                    return
                text += sum(map(len, values.values()))
                if name == b"addr":
                    message.addresses.append((values.get("type", ""), values.get("address", "")))
                part = _part(values) if name == b"part" else None
            if part is not None:
                message.parts.append(part)
            if max(len(message.parts), len(message.addresses)) > MAX_INSIDE or text > MAX_TEXT:
                self._break("too_large")
        self._break()

    def _streamed_part(self) -> Part | None:
        """Take a part whose data may be long; ``None`` when what stands here is anything else."""
        window = self._window
        if not window.data.startswith(b"<part", window.pos):
            return None
        window.need(STREAMED_FROM)
        if window.data.find(b"<", window.pos + 1, window.pos + STREAMED_FROM) >= 0:
            return None
        while (head := _STREAMED.match(window.data, window.pos)) is None:
            seen = len(window.data) - window.pos
            if window.data.find(b"<", window.pos + 1) >= 0 or seen > MAX_TAG or not window.more():
                return None
        return self._stream(head)

    def _stream(self, head: re.Match[bytes]) -> Part:
        window, digest, quote = self._window, Base64Digest(), head[2]
        window.pos = head.end()
        end = -1
        while end < 0:
            end = window.data.find(quote, window.pos)
            piece = window.data[window.pos : end if end >= 0 else None]
            if b"<" in piece:
                self._break()
            digest.feed(piece)
            window.pos += len(piece)
            if end < 0 and not window.more():
                self._break()
        window.pos += len(quote)
        window.find(b"<", 0, MAX_TAG)
        rest = _REST.match(window.data, window.pos)
        values = self._reader.read(head[1] + rest[1]) if rest else None
        if rest is None or values is None or "data" in values:
            self._break()
        window.pos = rest.end()
        sha256 = digest.finish()
        return Part(values, digest.size, sha256)

    def _tag(self) -> tuple[bytes, dict[str, str], bool]:
        """Take one tag: its name, its attributes, and whether the element ends with it.

        The name of a closing tag begins with its slash.
        """
        window = self._window
        beyond = window.find(b"<", 1, MAX_TAG) < 0 and len(window.data) - window.pos > MAX_TAG
        found = _OPENING.match(window.data, window.pos)
        closing = _CLOSING.match(window.data, window.pos)
        if closing is not None:
            window.pos = closing.end()
            return b"/" + closing[1], {}, True
        if found is None or found.end() - window.pos > MAX_TAG:
            self._break("too_large" if beyond else "broken_xml")
        values = self._reader.read(found[2])
        if values is None:
            self._break()
        window.pos = found.end()
        return found[1], values, bool(found[3])

    def _aside(self, end: bytes) -> bytes:
        """Take a comment or instruction as a whole."""
        window = self._window
        begin = window.dropped + window.pos
        opening = len("<!--") if end == b"-->" else len("<?")
        index = window.find(end, max(opening, self._searched.get(end, 0) - begin), MAX_ASIDE)
        if index < 0:
            seen = min(len(window.data) - window.pos, MAX_ASIDE)
            self._searched[end] = begin + seen - len(end)
            self._break()
        text = window.data[window.pos : index]
        window.pos = index + len(end)
        return text

    def _break(self, reason: str = "broken_xml") -> NoReturn:
        raise _Broken(reason)

    def _resume(self, start: int, reason: str) -> None:
        """Go to the next thing that can be read, and tell what lies between."""
        window = self._window
        while (found := _RESUME.search(window.data, window.pos)) is None:
            window.pos = max(window.pos, len(window.data) - _LOOK_BACK)
            if not window.more():
                window.pos = len(window.data)
                self._unreadable(
                    "cut_off" if reason == "broken_xml" else reason, start, window.size()
                )
                return
        window.pos = found.start()
        self._unreadable(reason, start, window.here())

    def _frame(self, end: int) -> None:
        if self._mark < end:
            self._out.append(Framing(self._mark, end, self._path))
            self._mark = end

    def _unreadable(self, reason: str, start: int, end: int) -> None:
        self._frame(start)
        locator = Locator(self._path, start, end)
        self._out.append(Unreadable(reason, _sentence(reason), locator))
        self._mark = end

    def _drain(self) -> Iterator[Yield]:
        """Hand out what was collected: the events in file order, then what lies around them."""
        batch = self._rows.batch()
        if batch is not None:
            yield batch
        yield from self._out
        self._out = []

    def _finish(self) -> None:
        window = self._window
        self._frame(window.here())
        if self._mark < window.size():  # half a UTF-16 code unit
            self._unreadable("cut_off", self._mark, window.size())
        if self._roots > 0:
            self._remark("cut_off")
        if self._declared not in {None, self._rows.total}:
            self._remark("count_differs", declared=self._declared, read=self._rows.total)
        counts = {"undated": self._rows.undated, "damaged_attachment": self._rows.damaged}
        for code, count in {**counts, "replaced_characters": self._reader.replaced}.items():
            if count:
                self._remark(code, count=count)

    def _remark(self, code: str, **numbers: int | None) -> None:
        self._out.append(Remark(code, _sentence(code).format(**numbers), self._path))


def _part(values: dict[str, str]) -> Part:
    data = values.pop("data", "null")
    if data == "null":
        return Part(values)
    digest = Base64Digest()
    digest.feed(data.encode("utf-8", "replace"))
    sha256 = digest.finish()
    return Part(values, digest.size, sha256)


def _sentence(code: str) -> str:
    """Say what a code means, in the reader's language."""
    return {
        "broken_xml": _("This stretch is damaged and cannot be read as a message or a call."),
        "unknown_entry": _("standfast does not know this kind of entry; it stays in the original."),
        "cut_off": _("The file ends before it is complete; what came after is not in it."),
        "commented_out": _(
            "Messages or calls stand here inside a comment, where no app shows them."
        ),
        "forbidden_xml": _("The file declares replacement texts; standfast never follows them."),
        "too_large": _("This entry is larger than standfast reads; it is kept with the original."),
        "count_differs": _("The file says that it holds {declared} entries; {read} could be read."),
        "undated": _("Entries without a usable date: {count}."),
        "damaged_attachment": _("Attachments whose data is damaged: {count}."),
        "replaced_characters": _(
            "Entries with bytes that stand for no character, shown as a replacement sign: {count}."
        ),
    }[code]

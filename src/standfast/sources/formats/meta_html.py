# SPDX-License-Identifier: Apache-2.0
"""Meta's "Download your information" as pages: ``message_N.html`` of a chat.

Rules enforced here:

* one event a message, its span the very bytes of its box; markup around them is framing;
* text between messages that is in none of them is `Unreadable`, never passed over;
* the page is gone through twice: first for its dates, whose order is decided by evidence or asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.sources import HEAD_BYTES, About, Format, Head, Options, Recognition, Source
from standfast.sources.html_blocks import HtmlBlocks, element_of, is_markup
from standfast.sources.json_spans import JsonSpans
from standfast.sources.meta_dates import DMY, MDY, Order
from standfast.sources.meta_page import DATE, OPENING, MetaPage
from standfast.sources.meta_reading import app_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources.html_blocks import Stretch

SURE: Final = 93
MOST_CHOICES: Final = 50
PIECE: Final = 1 << 20
OVERLAP: Final = 512
_INSIDE: Final = re.compile(rb"class=\"[^\"<>]{0,60}_a6-[op][ \"]")
"""What stands in a message, and never in a page's own head."""
_TITLE: Final = re.compile(rb"<title>([^<>]{0,2000})</title>")

ABOUT: Final = About(
    id="meta_html",
    version=1,
    title=N_("Facebook or Instagram download (pages)"),
    channel="messenger",
    accounting=Accounting.BYTES,
    export=N_(
        "In the Accounts Centre of Facebook or Instagram choose “Download your information”. The "
        "format JSON is more exact; take it if you can."
    ),
    lacks=(
        N_(
            "End-to-end encrypted chats of Messenger are not in it, and it does not say so; they "
            "have a download of their own."
        ),
        N_("It does not say whose account it is, and names people only by the name they showed."),
        N_("Its times have no time zone, and are written in the language of the account."),
        N_("It does not say which lines are calls or lines that the app wrote itself."),
    ),
)


class MetaHtml:
    """The format of the pages."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for a message's box with a name and a date, as these pages write them."""
        box = OPENING.search(head.data)
        if box and DATE.search(head.data, box.end()) and b"_a6-p" in head.data[box.end() :]:
            return Recognition(SURE, "_a6-g, _a6-p, _a6-o")
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything on the page."""
        page = MetaPage(source, options, _order(source, options), *_chat(source))
        spans = JsonSpans(source.path)
        before = True
        with source.open() as stream:
            for one in HtmlBlocks(stream, OPENING).run():
                if one.kind == "block":
                    event = page.event(element_of(one.data), one)
                    if event is not None:
                        spans.take(one.start, one.end)
                        yield event
                else:
                    _around(one, spans, before=before)
                before = False
                yield from spans.out
                spans.out = []
                source.progress(one.end)
            spans.finish(stream.seek(0, 2))
        yield from spans.out
        yield from _asked(page, source)
        yield from _remarks(page, spans, source)


def _around(one: Stretch, spans: JsonSpans, *, before: bool) -> None:
    """Account for what stands around messages; the page's own head has texts of its own."""
    if one.kind != "gap":
        reason = {"cut": "cut_off", "broken": "broken_page"}.get(one.kind, one.kind)
        spans.cut = spans.cut or one.kind == "cut"
        spans.unreadable(one.start, one.end, reason)
    elif not is_markup(one.data) and (not before or _INSIDE.search(one.data)):
        spans.unreadable(one.start, one.end, "not_a_message")


def _order(source: Source, options: Options) -> Order:
    """Go through the dates of a page for what they say about their order."""
    order, rest = Order(options.date_order), b""
    with source.open() as stream:
        while piece := stream.read(PIECE):
            data = rest + piece
            for found in DATE.finditer(data):
                order.see(element_of(b"<i>" + found[1] + b"</i>").text())
            rest = data[-OVERLAP:]
    return order


def _chat(source: Source) -> tuple[str, str]:
    with source.open() as stream:
        head = stream.read(HEAD_BYTES)
    title = _TITLE.search(head)
    words = element_of(b"<i>" + title[1] + b"</i>").text() if title else ""
    return app_of(source, head), " ".join(words.split())


def _asked(page: MetaPage, source: Source) -> Iterator[Question]:
    example = page.order.example
    if example and not page.order.decided:
        days = tuple(str(one.date()) for one in page.order.readings(example))
        yield Question("date_order", (DMY, MDY), days, "no_number_above_twelve", source.path)
    if page.zone_missing:
        yield Question("zone", path=source.path, why="no_zone_in_file")
    people = tuple(page.senders)[:MOST_CHOICES]
    if people:
        yield Question("me", people, path=source.path, why="owner_not_in_file")


def _remarks(page: MetaPage, spans: JsonSpans, source: Source) -> Iterator[Remark]:
    if spans.cut:
        detail = _("The file ends before it is complete; what came after is not in it.")
        yield Remark("cut_off", detail, source.path)
    if page.undated:
        detail = _("Entries without a date that can be read: {count}.")
        yield Remark("undated", detail.format(count=page.undated), source.path)
    if page.replaced:
        detail = _("Messages with damaged characters: {count}.")
        yield Remark("replaced_characters", detail.format(count=page.replaced), source.path)


FORMAT: Final[Format] = MetaHtml()

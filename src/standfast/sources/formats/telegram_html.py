# SPDX-License-Identifier: Apache-2.0
"""Telegram Desktop's export as pages: ``messages.html``, ``messages2.html`` and so on.

Rules enforced here:

* one event a message, its span the very bytes of its ``div``; lines that only show a day, and
  markup around messages, are framing;
* whatever text stands outside of messages and of the page's own head is `Unreadable`: a message
  whose first tag is damaged is never passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Question, Remark
from standfast.sources import About, Format, Head, Options, Recognition, Source
from standfast.sources.html_blocks import HtmlBlocks, Stretch, element_of, is_markup
from standfast.sources.json_spans import JsonSpans
from standfast.sources.telegram_page import OPENING, TelegramPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield

SURE: Final = 95
MOST_CHOICES: Final = 50
PENDING: Final = 1024
_HISTORY: Final = re.compile(rb"<div class=\"history\">")
_HEADER: Final = re.compile(
    rb"<div class=\"page_header\">.{0,2000}?<div class=\"text bold\">(.{0,2000}?)</div>", re.DOTALL
)
_TURNING: Final = re.compile(rb"<a class=\"pagination block_link\"[^<>]*+>[^<>]*+</a>")

ABOUT: Final = About(
    id="telegram_html",
    version=1,
    title=N_("Telegram export (pages)"),
    channel="telegram",
    accounting=Accounting.BYTES,
    export=N_(
        "In Telegram Desktop open the chat, click the three dots, choose “Export chat history”. "
        "The format JSON is more exact; take it if you can."
    ),
    lacks=(
        N_("Secret chats are not in it."),
        N_("It names people only by the name they showed, and does not say whose account it is."),
        N_("Lines of the app itself have a day but no time."),
        N_("It does not say which messages were edited."),
        N_("Older exports have no time zone: times are those of the computer that made them."),
    ),
)


class TelegramHtml:
    """The format of the pages."""

    about = ABOUT

    def recognise(self, head: Head) -> Recognition | None:
        """Look for a message as the export's writer opens one, within its history."""
        if _HISTORY.search(head.data) and OPENING.search(head.data):
            return Recognition(SURE, 'class="history", id="message…"')
        return None

    def read(self, source: Source, options: Options) -> Iterator[Yield]:
        """Yield everything on the page."""
        page, spans = TelegramPage(source, options), JsonSpans(source.path)
        first = True
        with source.open() as stream:
            for one in HtmlBlocks(stream, OPENING).run():
                if one.kind == "gap":
                    first = _gap(one, spans, page, first=first)
                elif one.kind == "block":
                    event = page.event(element_of(one.data), one)
                    if event is not None:
                        spans.take(one.start, one.end)
                        yield event
                else:
                    reason = {"cut": "cut_off", "broken": "broken_page"}.get(one.kind, one.kind)
                    spans.cut = spans.cut or one.kind == "cut"
                    spans.unreadable(one.start, one.end, reason)
                    page.lose()
                if len(spans.out) > PENDING:
                    yield from spans.out
                    spans.out = []
                source.progress(one.end)
            spans.finish(stream.seek(0, 2))
        yield from spans.out
        yield from _asked(page, spans, source)


def _gap(one: Stretch, spans: JsonSpans, page: TelegramPage, *, first: bool) -> bool:
    """Account for what stands between messages; give whether the head is still being read."""
    begin = one.start
    if first:
        header = _HEADER.search(one.data)
        if header:
            page.title = " ".join(element_of(b"<i>" + header[1] + b"</i>").text().split())
        history = _HISTORY.search(one.data)
        begin = one.start + history.end() if history else one.start
    inside = _TURNING.sub(b"", one.data[begin - one.start :])
    if not is_markup(inside):
        spans.unreadable(begin, one.end, "not_a_message")
        page.lose()
    return False


def _asked(page: TelegramPage, spans: JsonSpans, source: Source) -> Iterator[Yield]:
    if page.times.zone_missing:
        yield Question("zone", path=source.path, why="no_zone_in_file")
    people = tuple(page.senders)[:MOST_CHOICES]
    if people:
        yield Question("me", people, path=source.path, why="owner_not_in_file")
    if spans.cut:
        detail = _("The file ends before it is complete; what came after is not in it.")
        yield Remark("cut_off", detail, source.path)
    if page.times.undated:
        detail = _("Entries without a date that can be read: {count}.")
        yield Remark("undated", detail.format(count=page.times.undated), source.path)
    if page.replaced:
        detail = _("Messages with damaged characters: {count}.")
        yield Remark("replaced_characters", detail.format(count=page.replaced), source.path)


FORMAT: Final[Format] = TelegramHtml()

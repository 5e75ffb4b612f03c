# SPDX-License-Identifier: Apache-2.0
"""The format ``mail``: one e-mail in a file (``.eml``), RFC 5322 and MIME.

Rules enforced here:

* the whole file is one event, whose span is every byte;
* a file without a single header field is no mail and is said to be unreadable;
* only a file that begins with a mail's header is claimed: text that quotes one is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Framing, Locator, Unreadable
from standfast.sources import About, Recognition
from standfast.sources.mail_text.dates import parse_date
from standfast.sources.mail_text.headers import read_header
from standfast.sources.mail_text.letter import BOM, read_letter
from standfast.sources.mail_text.mailbox import MAIL_BYTES
from standfast.sources.mail_text.rows import Limits, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from standfast.model.event import Yield
    from standfast.sources import Head, Options, Source

KNOWN: Final = frozenset(
    {
        "from", "to", "cc", "date", "subject", "message-id", "mime-version", "return-path",
        "received", "delivered-to", "reply-to", "in-reply-to", "references", "content-type",
        "sender",
    }
)  # fmt: skip
PROOF: Final = frozenset({"message-id", "mime-version", "return-path", "received"})
"""Fields that programs write and people do not type."""
FIRST_FIELD: Final = re.compile(rb"[!-9;-~]{1,200}:[ \t\r\n]")
FEWEST: Final = 2
MANY: Final = 4
"""How many known fields make a claim, and a certain one."""


def known_fields(data: bytes) -> frozenset[str]:
    """Give a mail's known fields if the bytes begin with a mail's header, or nothing."""
    start = len(BOM) if data.startswith(BOM) else 0
    if FIRST_FIELD.match(data, start) is None or data.startswith(b"BEGIN:", start):
        return frozenset()
    header = read_header(data, start, len(data), len(data))
    found = KNOWN.intersection(header.fields)
    if header.received:
        found |= {"received"}
    return found if _is_proof(found, header.fields) else frozenset()


def _is_proof(found: frozenset[str], fields: Mapping[str, str]) -> bool:
    if len(found) < FEWEST or not found & {"from", "to", "received", "return-path", "sender"}:
        return False
    return bool(found & PROOF) or ("date" in found and parse_date(fields["date"]) is not None)


class Mail:
    """Reads one e-mail."""

    about = About(
        id="mail",
        version=1,
        title=N_("E-mail (EML)"),
        channel="mail",
        accounting=Accounting.BYTES,
        export=N_(
            "In most mail programs: open the e-mail, then save it as a file (EML). Forwarding it"
            " instead would lose the header, which shows the way it took."
        ),
        lacks=(
            N_("A single e-mail does not show whether it was answered."),
            N_("Who wrote an e-mail and when is what the e-mail itself states; it can be forged."),
        ),
    )

    def recognise(self, head: Head) -> Recognition | None:
        """Claim a file that begins with the header of a mail."""
        found = known_fields(head.data)
        if not found:
            return None
        confidence = 92 if len(found) >= MANY else 70
        if head.name.lower().endswith((".eml", ".mht", ".mhtml")):
            confidence += 5
        return Recognition(confidence, "header: " + ", ".join(sorted(found)))

    def read(self, source: Source, _options: Options) -> Iterator[Yield]:
        """Yield the mail, or say that it is none."""
        with source.open() as stream:
            data = stream.read(MAIL_BYTES)
        source.progress(len(data))
        letter = read_letter(data)
        place = Locator(path=source.path, start=0, end=source.size)
        if letter is None and not data.strip():
            yield from [Framing(0, source.size, source.path)] if source.size else []
        elif letter is None:
            detail = _("This does not begin with the header of an e-mail.")
            yield Unreadable("not_a_message", detail, place)
        else:
            rows, limits = Rows(source.path), Limits()
            rows.add(letter, 0, source.size)
            limits.add(letter.limits | ({"size"} if source.size > MAIL_BYTES else frozenset()))
            yield from rows.flush()
            yield from limits.remarks(source.path)


FORMAT: Final = Mail()

# SPDX-License-Identifier: Apache-2.0
"""The format ``mbox``: many e-mails in one file, as mail programs and Google Takeout write it.

Rules enforced here:

* each mail's span runs from its ``From`` line to the byte before the next one's;
* what stands before the first mail is framing when it is blank, and unreadable otherwise;
* a stretch that begins like a mail and has no header is unreadable, never dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from standfast.i18n import N_, _
from standfast.model.event import Accounting, Framing, Locator, Unreadable
from standfast.sources import About, Recognition
from standfast.sources.mail_text.letter import BOM, read_letter
from standfast.sources.mail_text.mailbox import AHEAD, BARE, LEAD, MAIL_BYTES, Mailbox, is_separator
from standfast.sources.mail_text.rows import Limits, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from standfast.model.event import Yield
    from standfast.sources import Head, Options, Source
    from standfast.sources.mail_text.mailbox import Slice


class Mbox:
    """Reads a mailbox."""

    about = About(
        id="mbox",
        version=1,
        title=N_("Mailbox (mbox)"),
        channel="mail",
        accounting=Accounting.BYTES,
        export=N_(
            "Gmail: Google Takeout, choose Mail. Thunderbird and Apple Mail: export the folder"
            " as mbox."
        ),
        lacks=(
            N_("E-mails that were deleted before the export are not in it."),
            N_("Who wrote an e-mail and when is what the e-mail itself states; it can be forged."),
        ),
    )

    def recognise(self, head: Head) -> Recognition | None:
        """Claim a file that begins with a mailbox's separator and a header."""
        lead = LEAD.match(head.data)
        at = 0 if lead is None else lead.end()
        line = head.data[at : at + AHEAD]
        if is_separator(line):
            return Recognition(97, "separator: From … date")
        return Recognition(80, "separator: From") if BARE.match(line) else None

    def read(self, source: Source, _options: Options) -> Iterator[Yield]:
        """Yield the mails in batches, in file order."""
        rows, limits = Rows(source.path), Limits()
        with source.open() as stream:
            for piece in Mailbox(stream, progress=source.progress).slices():
                letter = read_letter(piece.data, in_mailbox=True) if piece.mail else None
                if letter is None:
                    yield from rows.flush()
                    yield _no_mail(piece, source.path)
                    continue
                rows.add(letter, piece.start, piece.end)
                if letter.limits or piece.enclosing or len(piece.data) == MAIL_BYTES:
                    limits.add(letter.limits | _over(piece))
                if rows.full:
                    yield from rows.flush()
        yield from rows.flush()
        yield from limits.remarks(source.path)


def _over(piece: Slice) -> frozenset[str]:
    size = {"size"} if piece.end - piece.start > MAIL_BYTES else set()
    return frozenset(size | {"enclosing"} if piece.enclosing else size)


def _no_mail(piece: Slice, path: str) -> Framing | Unreadable:
    whole = len(piece.data) == piece.end - piece.start
    if whole and not piece.mail and not piece.data.removeprefix(BOM).strip():
        return Framing(piece.start, piece.end, path)
    detail = (
        _("This begins like an e-mail in a mailbox, but no header follows.")
        if piece.mail
        else _("This stands before the first e-mail of the mailbox and is none.")
    )
    return Unreadable("not_a_message", detail, Locator(path, piece.start, piece.end))


FORMAT: Final = Mbox()

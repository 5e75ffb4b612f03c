# SPDX-License-Identifier: Apache-2.0
"""One mail, read into the values of one event.

Rules enforced here:

* the time is the one in ``Date``; a server's time never stands in for it, it is a field beside it;
* a mail belongs to its thread by what the mail program wrote, not by likeness; only a mail
  without any identifier is grouped by its subject;
* it counts as sent by the person only if the mailbox itself filed it so;
* native fields are facts as written: short, and without control characters.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final, NamedTuple

from standfast.model.event import Direction
from standfast.model.times import iso_utc
from standfast.sources.mail_text.addresses import addresses
from standfast.sources.mail_text.dates import SECOND, Stamp, parse_date
from standfast.sources.mail_text.headers import clean, header_text, read_header
from standfast.sources.mail_text.parts import Body, read_body
from standfast.sources.mail_text.route import auth_summary, first_received, originating_ip
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.model.event import Attachment

SENT: Final = frozenset({"Sent", "Gesendet"})
DRAFT: Final = frozenset({"Drafts", "Draft", "Entwürfe", "Entwurf"})
PLAIN_FIELDS: Final = {
    "message-id": "message_id",
    "in-reply-to": "in_reply_to",
    "reply-to": "reply_to",
    "return-path": "return_path",
    "x-mailer": "x_mailer",
    "user-agent": "user_agent",
    "x-gmail-labels": "labels",
    "date": "date_header",
}
RECIPIENTS: Final = ("to", "cc", "bcc")
IDENTIFIER: Final = re.compile(r"<([^<>\s]{1,998})>")
ANSWER: Final = re.compile(
    r"\s*(?:re|aw|fw|fwd|wg|antwort|sv|vs|tr|rv|odp|ynt)\s*(?:\[[0-9]{1,3}\])?\s*:", re.IGNORECASE
)
QUOTED_FROM: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
DOUBLY_QUOTED: Final = re.compile(rb"^>>+From ", re.MULTILINE)
BOM: Final = b"\xef\xbb\xbf"


class Letter(NamedTuple):
    """The values of one event, as the columns hold them, and the limits the mail went over."""

    conversation: str
    stamp: Stamp | None
    sender: str
    recipients: str
    direction: str
    text: str
    attachments: str
    state: str
    native: str
    limits: frozenset[str]


def read_letter(data: bytes, *, in_mailbox: bool = False) -> Letter | None:
    """Read one mail; ``None`` when the bytes hold no header field at all.

    Args:
        data: the mail, or as much of it as the limit allows.
        in_mailbox: it was cut out of a mailbox: its first line is the separator, the blank line
            at its end belongs to the mailbox, and lines may be quoted (RFC 4155).
    """
    start, end = (3, len(data)) if data.startswith(BOM) else (0, len(data))
    if in_mailbox:
        start = data.find(b"\n") + 1 or end
        end = _without_blank_line(data, end)
    header = read_header(data, start, end)
    fields = header.fields
    if not fields and not header.received:
        return None
    at = header.body
    if in_mailbox and data.find(b">From ", at, end) >= 0 and _unquotes(data, at, end, fields):
        data = QUOTED_FROM.sub(rb"\1", data[at:end])
        at, end = 0, len(data)
    body = read_body(data, fields, at, end)
    limits = body.limits | {"header"} if header.cut else body.limits
    return _letter(fields, header.received, body, limits)


def _without_blank_line(data: bytes, end: int) -> int:
    if data.endswith(b"\n\r\n"):
        return end - 2
    return end - 1 if data.endswith(b"\n\n") else end


def _unquotes(data: bytes, start: int, end: int, fields: Mapping[str, str]) -> bool:
    """Say whether the mailbox quotes in a way that can be undone exactly (mboxrd)."""
    return "x-gm-thrid" in fields or DOUBLY_QUOTED.search(data, start, end) is not None


def _letter(
    fields: Mapping[str, str], received: list[str], body: Body, limits: frozenset[str]
) -> Letter:
    native: dict[str, str] = {}
    guesses = [body.guess]
    sender = _sender(fields, native, guesses)
    recipients = _recipients(fields, native, guesses)
    subject = _plain_fields(fields, native, guesses)
    stamp = parse_date(fields["date"]) if "date" in fields else None
    _route(fields, received, stamp, native)
    labels = frozenset(label.strip(' "') for label in native.get("labels", "").split(","))
    draft = labels & DRAFT or fields.get("x-unsent", "").strip() == "1"
    if body.html_only:
        native["html_only"] = "1"
    if body.more_texts:
        native["more_texts"] = str(body.more_texts)
    guess = next(filter(None, guesses), "")
    if guess:
        native["charset_guess"] = guess
    return Letter(
        conversation=_conversation(fields, subject),
        stamp=stamp,
        sender=sender,
        recipients=recipients,
        direction=(Direction.OUT if labels & SENT else Direction.UNKNOWN).value,
        text=body.text,
        attachments=_files(body.attachments),
        state="draft" if draft else "",
        native=as_json(native),
        limits=limits,
    )


def _sender(fields: Mapping[str, str], native: dict[str, str], guesses: list[str]) -> str:
    found = addresses(fields.get("from") or fields.get("sender", ""))
    guesses.append(found.guess)
    if not found.list:
        return ""
    first = found.list[0]
    if first.name:
        native["from_name"] = first.name
    if found.total > 1:
        native["from_total"] = str(found.total)
    return first.address or first.name


def _recipients(fields: Mapping[str, str], native: dict[str, str], guesses: list[str]) -> str:
    everyone: list[str] = []
    total = 0
    for field in RECIPIENTS:
        if field in fields:
            found = addresses(fields[field])
            guesses.append(found.guess)
            total += found.total
            everyone += [one.address or one.name for one in found.list]
    if total > len(everyone):
        native["recipients_total"] = str(total)
    if not everyone:
        return ""
    everyone = list(dict.fromkeys(everyone))
    return "[" + ",".join([encode_basestring(one) for one in everyone]) + "]"


def _plain_fields(fields: Mapping[str, str], native: dict[str, str], guesses: list[str]) -> str:
    for field, name in PLAIN_FIELDS.items():
        raw = fields.get(field)
        if raw:
            text = clean(raw)
            if "=?" in raw or not raw.isascii() or "\n" in raw:
                text, guess = header_text(raw)
                guesses.append(guess)
            if text:
                native[name] = text
    subject, guess = header_text(fields.get("subject", ""))
    guesses.append(guess)
    if subject:
        native["subject"] = subject
    return subject


def _route(
    fields: Mapping[str, str], received: list[str], stamp: Stamp | None, native: dict[str, str]
) -> None:
    if received:
        native["received_hops"] = str(len(received))
        first = first_received(received)
        if first is not None and first.utc is not None:
            native["received_first"] = iso_utc(first.utc)
            if stamp is not None and stamp.utc is not None:
                native["clock_skew_s"] = str((stamp.utc - first.utc) // SECOND)
    address = originating_ip(fields, received)
    if address:
        native["originating_ip"] = address
    auth = auth_summary(fields.get("authentication-results", ""))
    if auth:
        native["auth"] = auth


def _conversation(fields: Mapping[str, str], subject: str) -> str:
    thread = fields.get("x-gm-thrid", "").strip()
    if thread.isdigit():
        return thread[:998]
    for field in ("references", "in-reply-to", "message-id"):
        raw = fields.get(field)
        if raw:
            found = IDENTIFIER.search(raw)
            identifier = found.group(1) if found else ""
            identifier = header_text(identifier or raw).text.partition(" ")[0]
            if identifier:
                return identifier[:998]
    return normal_subject(subject)


def normal_subject(subject: str) -> str:
    """Give a subject without its answer marks, as a name for a thread that has no other."""
    found = ANSWER.match(subject)
    while found is not None:
        subject = subject[found.end() :]
        found = ANSWER.match(subject)
    return " ".join(subject.split()).casefold()


def _files(files: tuple[Attachment, ...]) -> str:
    return compact([_file(file) for file in files]) if files else ""


def _file(file: Attachment) -> dict[str, str | int]:
    stated = {"name": file.name, "state": file.state, "media_type": file.media_type}
    known: dict[str, str | int] = {key: value for key, value in stated.items() if value}
    return known | {"sha256": file.sha256, "size": file.size}


def as_json(native: Mapping[str, str]) -> str:
    """Write an object of texts exactly as `standfast.sources.tables.compact` does, faster."""
    if not native:
        return ""
    pairs = [f"{encode_basestring(key)}:{encode_basestring(native[key])}" for key in sorted(native)]
    return "{" + ",".join(pairs) + "}"

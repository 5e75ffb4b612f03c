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
from functools import lru_cache
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final, NamedTuple

from standfast.model.event import Direction
from standfast.sources.mail_text.addresses import addresses
from standfast.sources.mail_text.dates import SECOND, Stamp, iso_seconds, parse_date
from standfast.sources.mail_text.headers import VALUE_CHARS, Header, header_text, read_header
from standfast.sources.mail_text.parts import Body, file_in, read_body
from standfast.sources.mail_text.route import auth_summary, first_received, originating_ip
from standfast.sources.tables import compact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.model.event import Attachment

SENT: Final = frozenset({"Sent", "Gesendet"})
DRAFT: Final = frozenset({"Drafts", "Draft", "Entwürfe", "Entwurf"})
PLAIN_FIELDS: Final = (
    "message-id", "in-reply-to", "reply-to", "return-path", "x-mailer", "user-agent",
    "x-gmail-labels", "date", "subject",
)  # fmt: skip
"""Header fields an event carries as they are."""

NAMES: Final = {
    name: {"x-gmail-labels": "labels", "date": "date_header"}.get(name, name.replace("-", "_"))
    for name in (
        *PLAIN_FIELDS, "auth", "charset_guess", "clock_skew_s", "from_name", "from_total",
        "html_only", "more_texts", "originating_ip", "received_first", "received_hops",
        "recipients_total",
    )
}  # fmt: skip
"""What a native field is called in the event."""
NATIVE: Final = dict.fromkeys(sorted(NAMES, key=NAMES.__getitem__), "")
"""Every native field, empty, in the order of its name."""
SHOWN: Final = {name: f'"{shown}":' for name, shown in NAMES.items()}

UNKNOWN: Final = Direction.UNKNOWN.value
OUT: Final = Direction.OUT.value
BLANK_ENDS: Final = (b"\n\n", b"\n\r\n")
CARRIAGE_RETURN: Final = ord("\r")
CACHED_CHARS: Final = 400
IDENTIFIER_CHARS: Final = 998
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
    opened = _opened(data, in_mailbox=in_mailbox)
    if opened is None:
        return None
    (fields, received, _at, cut), data, at, end = opened
    body = read_body(data, fields, at, end)
    return _letter(fields, received, body, body.limits | {"header"} if cut else body.limits)


def attached_file(data: bytes, sha256: str, *, in_mailbox: bool = False) -> bytes | None:
    """Give what a mail carries under that SHA-256, ``None`` when it carries no such file."""
    opened = _opened(data, in_mailbox=in_mailbox)
    if opened is None:
        return None
    (fields, _received, _at, _cut), data, at, end = opened
    return file_in(data, fields, at, end, sha256)


def _opened(data: bytes, *, in_mailbox: bool) -> tuple[Header, bytes, int, int] | None:
    """Read a mail's header; give its bytes, unquoted, and where in them the body stands."""
    start, end = (3, len(data)) if data.startswith(BOM) else (0, len(data))
    if in_mailbox:
        start = data.find(b"\n") + 1 or end
        if data.endswith(BLANK_ENDS):
            end -= 2 if data[-2] == CARRIAGE_RETURN else 1
    header = read_header(data, start, end)
    fields, _received, at, _cut = header
    if not fields:
        return None
    if in_mailbox and data.find(b">From ", at, end) >= 0 and _unquotes(data, at, end, fields):
        data = QUOTED_FROM.sub(rb"\1", data[at:end])
        at, end = 0, len(data)
    return header, data, at, end


def _unquotes(data: bytes, start: int, end: int, fields: Mapping[str, str]) -> bool:
    """Say whether the mailbox quotes in a way that can be undone exactly (mboxrd)."""
    return "x-gm-thrid" in fields or DOUBLY_QUOTED.search(data, start, end) is not None


def _letter(
    fields: Mapping[str, str], received: list[str], body: Body, limits: frozenset[str]
) -> Letter:
    native = NATIVE.copy()
    native["charset_guess"] = body.guess
    sender, recipients = _people(fields, native)
    _as_written(fields, native)
    stamp = parse_date(fields["date"]) if "date" in fields else None
    if received:
        _route(received, stamp, native)
    if received or "x-originating-ip" in fields:
        native["originating_ip"] = originating_ip(fields, received)
    if "authentication-results" in fields:
        native["auth"] = auth_summary(fields["authentication-results"])
    direction, state = UNKNOWN, ""
    if "x-gmail-labels" in fields or "x-unsent" in fields:
        direction, state = _filed(native["x-gmail-labels"], fields)
    if body.html_only or body.more_texts:
        native["html_only"] = "1" if body.html_only else ""
        native["more_texts"] = str(body.more_texts or "")
    conversation = _conversation(fields, native["subject"])
    files = _files(body.attachments) if body.attachments else ""
    told = as_json(native)
    return Letter(
        conversation, stamp, sender, recipients, direction, body.text, files, state, told, limits
    )


def _people(fields: Mapping[str, str], native: dict[str, str]) -> tuple[str, str]:
    get = fields.get
    raw = get("from") or get("sender", "")
    sender, native["from_name"], native["from_total"], guess = sender_of(raw)
    recipients, native["recipients_total"], wrong = recipients_of(
        get("to", ""), get("cc", ""), get("bcc", "")
    )
    if guess or wrong:
        native["charset_guess"] = native["charset_guess"] or guess or wrong
    return sender, recipients


def _as_written(fields: Mapping[str, str], native: dict[str, str]) -> None:
    for field in PLAIN_FIELDS:
        if field in fields:
            raw = fields[field]
            if raw.isascii() and raw.isprintable() and "=?" not in raw:
                native[field] = raw[:VALUE_CHARS].strip(" ")
            else:
                native[field], guess = header_text(raw)
                native["charset_guess"] = native["charset_guess"] or guess


def sender_of(raw: str) -> tuple[str, str, str, str]:
    """Read ``From``: the address, the name, how many there are if several, and any guess."""
    return _sender(raw) if len(raw) < CACHED_CHARS else _sender.__wrapped__(raw)


@lru_cache(maxsize=2048)
def _sender(raw: str) -> tuple[str, str, str, str]:
    found = addresses(raw)
    if not found.list:
        return "", "", "", found.guess
    first = found.list[0]
    total = str(found.total) if found.total > 1 else ""
    return first.address or first.name, first.name, total, found.guess


def recipients_of(to: str, copy: str, blind: str) -> tuple[str, str, str]:
    """Read the recipients: a JSON list, their number if some are left out, and any guess."""
    if len(to) + len(copy) + len(blind) < CACHED_CHARS:
        return _recipients(to, copy, blind)
    return _recipients.__wrapped__(to, copy, blind)


@lru_cache(maxsize=2048)
def _recipients(to: str, copy: str, blind: str) -> tuple[str, str, str]:
    fields = [addresses(raw) for raw in (to, copy, blind)]
    everyone = [one.address or one.name for field in fields for one in field.list]
    total = sum(field.total for field in fields)
    guess = next((field.guess for field in fields if field.guess), "")
    listed = compact(list(dict.fromkeys(everyone))) if everyone else ""
    return listed, str(total) if total > len(everyone) else "", guess


def _route(received: list[str], stamp: Stamp | None, native: dict[str, str]) -> None:
    native["received_hops"] = str(len(received))
    first = first_received(received)
    if first is not None:
        native["received_first"] = iso_seconds(first)
        if stamp is not None and stamp[3] is not None:
            native["clock_skew_s"] = str((stamp[3] - first) // SECOND)


def _filed(labels: str, fields: Mapping[str, str]) -> tuple[str, str]:
    """Give direction and state, as far as the mailbox or program filed the mail."""
    names = {label.strip(' "') for label in labels.split(",")} if labels else frozenset()
    draft = not names.isdisjoint(DRAFT) or (
        "x-unsent" in fields and fields["x-unsent"].strip() == "1"
    )
    return UNKNOWN if names.isdisjoint(SENT) else OUT, "draft" if draft else ""


def _conversation(fields: Mapping[str, str], subject: str) -> str:
    if "x-gm-thrid" in fields and fields["x-gm-thrid"].strip().isdigit():
        return fields["x-gm-thrid"].strip()[:IDENTIFIER_CHARS]
    for field in ("references", "in-reply-to", "message-id"):
        if field in fields:
            raw = fields[field]
            found = IDENTIFIER.search(raw)
            identifier = found.group(1) if found else raw.strip().partition(" ")[0]
            if not (identifier.isascii() and identifier.isprintable()):
                identifier = header_text(identifier).text
            if identifier:
                return identifier[:IDENTIFIER_CHARS]
    return normal_subject(subject)


def normal_subject(subject: str) -> str:
    """Give a subject without its answer marks, as a name for a thread that has no other."""
    found = ANSWER.match(subject)
    while found is not None:
        subject = subject[found.end() :]
        found = ANSWER.match(subject)
    return " ".join(subject.split()).casefold()


def _files(files: tuple[Attachment, ...]) -> str:
    """Write attachments exactly as `standfast.sources.tables` does, faster."""
    return "[" + ",".join([_file(file) for file in files]) + "]"


def _file(file: Attachment) -> str:
    name = f'"name":{encode_basestring(file.name)},' if file.name else ""
    kind = encode_basestring(file.media_type)
    return (
        f'{{"media_type":{kind},{name}"sha256":"{file.sha256}","size":{file.size},'
        f'"state":"{file.state}"}}'
    )


def as_json(native: Mapping[str, str]) -> str:
    """Write the native fields exactly as `standfast.sources.tables.compact` would, faster."""
    told = [f"{SHOWN[key]}{encode_basestring(value)}" for key, value in native.items() if value]
    return "{" + ",".join(told) + "}" if told else ""

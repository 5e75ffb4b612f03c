# SPDX-License-Identifier: Apache-2.0
"""Mail read by us and by the standard library: where both are sure, they say the same."""

from __future__ import annotations

import email
import email.policy
import hashlib
import json
import mailbox
from datetime import datetime
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_source import FIXTURES, MAILS, only, read
from standfast.model.times import micros

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

WORDS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=60
).map(lambda text: " ".join(text.split()))
LOCAL = st.from_regex(r"[a-z][a-z0-9.]{0,8}[a-z0-9]", fullmatch=True).filter(
    lambda text: ".." not in text
)
FILES = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z0-9äöü ]{1,12}\.[a-z]{3}", fullmatch=True).map(str.strip),
        st.binary(max_size=300),
    ),
    max_size=3,
)


def theirs(message: Message) -> dict[str, Any]:
    """What the standard library reads from a mail."""
    names = getaddresses([str(message["from"])])
    told = [str(message[field]) for field in ("to", "cc", "bcc") if message[field]]
    files = [part for part in message.walk() if part.get_filename()]
    return {
        "subject": str(make_header(decode_header(str(message["subject"])))),
        "sender": names[0][1],
        "recipients": [pair[1] for pair in getaddresses(told)],
        "utc": micros(parsedate_to_datetime(str(message["date"]))),
        "files": [
            hashlib.sha256(part.get_payload(decode=True) or b"").hexdigest() for part in files
        ],
    }


def ours(row: dict[str, Any]) -> dict[str, Any]:
    native = json.loads(row["native"])
    files = json.loads(row["attachments"]) if row["attachments"] else []
    return {
        "subject": native.get("subject", ""),
        "sender": row["sender"],
        "recipients": json.loads(row["recipients"]) if row["recipients"] else [],
        "utc": row["utc"],
        "files": [file["sha256"] for file in files if "name" in file],
    }


ANSWERED = [path for path in MAILS if path.stem not in {"bad_date", "wrong_charset"}]
"""The standard library has no answer to the other two."""


@pytest.mark.parametrize("path", ANSWERED, ids=lambda path: path.stem)
def test_fixtures_read_alike(path: Path) -> None:
    data = path.read_bytes()
    message = email.message_from_bytes(data)
    row = only(data)
    expected = theirs(message)
    if path.stem == "plain":  # folded, and a group
        expected["subject"] = expected["subject"].replace("\r\n", "").replace("\n", "")
    assert ours(row) == expected
    body = email.message_from_bytes(data, policy=email.policy.default).get_body(("plain",))
    if body is not None:
        assert row["text"].rstrip("\n") == body.get_content().replace("\r\n", "\n").rstrip("\n")


def test_a_mailbox_reads_alike() -> None:
    path = FIXTURES / "mbox" / "takeout.mbox"
    found = read(path.read_bytes(), "mbox").rows
    box = mailbox.mbox(path, create=False)
    whole = [message for message in box if message["to"]]
    for row, message in zip(found, whole[:1], strict=False):
        assert ours(row) == theirs(message)
        assert row["text"] == message.get_payload().replace(">From", "From")
    box.close()


MADE = st.fixed_dictionaries(
    {
        "subject": WORDS,
        "name": WORDS,
        "local": LOCAL,
        "text": WORDS,
        "html": st.booleans(),
        "files": FILES,
        "coding": st.sampled_from(["7bit", "8bit", "quoted-printable", "base64", None]),
        "moment": st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1)),  # noqa: DTZ001 - naive
    }
)


def made(what: dict[str, Any]) -> bytes:
    """Have the standard library write a mail."""
    message = EmailMessage()
    message["Subject"] = what["subject"]
    message["From"] = Address(what["name"], what["local"], "example.org")
    message["To"] = f"{what['local']}@example.net, b@example.com"
    message["Date"] = format_datetime(what["moment"])
    text = what["text"]
    if what["coding"] == "7bit":
        text = text.encode("ascii", "ignore").decode()
    message.set_content(text, cte=what["coding"])
    if what["html"]:
        message.add_alternative("<p>x</p>", subtype="html")
    for title, data in what["files"]:
        message.add_attachment(data, maintype="application", subtype="x-test", filename=title)
    return message.as_bytes(policy=email.policy.SMTP)


@given(MADE)
@settings(max_examples=80, deadline=None)
def test_made_mails_read_alike(what: dict[str, Any]) -> None:
    raw = made(what)
    again = email.message_from_bytes(raw, policy=email.policy.default)
    row = only(raw)
    native = json.loads(row["native"])
    assert native.get("subject", "") == str(again["subject"]).strip()
    assert row["sender"] == f"{what['local']}@example.org"
    assert native.get("from_name", "") == what["name"].strip()
    assert json.loads(row["recipients"]) == [f"{what['local']}@example.net", "b@example.com"]
    assert row["wall"] == micros(what["moment"].replace(microsecond=0))
    text = again.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert row["text"] == ("x" if what["html"] and not text.strip() else text)
    found = json.loads(row["attachments"]) if row["attachments"] else []
    told = [(title, len(data)) for title, data in what["files"]]
    assert [(file["name"], file["size"]) for file in found] == told

# SPDX-License-Identifier: Apache-2.0
"""E-mails written as a mailbox and as single files, with the lines their servers add.

Rules enforced here: the network addresses are those kept free for documentation; a line of a
letter that begins with ``From`` is quoted in the mailbox.
"""

from __future__ import annotations

import hashlib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from standfast.demo.story import ZONE, told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

UNIX = SMTP.clone(linesep="\n", max_line_length=998)
HOME_ADDRESS = "203.0.113.44"
SERVER_ADDRESS = "198.51.100.7"
JOURNEY_SECONDS = 4


def mailbox() -> bytes:
    """Write Mira's private mailbox in the mbox form."""
    letters = [one for one in told("mail")["letters"] if one["box"] == "private"]
    return b"".join(_in_mailbox(letter) for letter in letters)


def single_letters() -> dict[str, bytes]:
    """Write the letters that were saved one by one, by file name."""
    letters = [one for one in told("mail")["letters"] if one["box"] == "work"]
    return {one["file"]: _message(one).as_bytes(policy=SMTP) for one in letters}


def _in_mailbox(letter: Mapping[str, Any]) -> bytes:
    sender = _address(letter["from"])[1]
    data = _message(letter).as_bytes(policy=UNIX)
    quoted = data.replace(b"\nFrom ", b"\n>From ")
    return f"From {sender} {letter['at']:%a %b %d %H:%M:%S %Y}\n".encode() + quoted + b"\n"


def _message(letter: Mapping[str, Any]) -> EmailMessage:
    at = letter["at"].replace(tzinfo=ZoneInfo(ZONE))
    sender, to = _address(letter["from"]), _address(letter["to"])
    message = EmailMessage(policy=SMTP)
    message["Received"] = _received(sender[1], to[1], at)
    message["From"] = formataddr(sender)
    message["To"] = formataddr(to)
    if "cc" in letter:
        message["Cc"] = formataddr(_address(letter["cc"]))
    message["Subject"] = letter["subject"]
    message["Date"] = format_datetime(at)
    message["Message-ID"] = _identity(letter, sender[1])
    message.set_content(letter["body"].lstrip("\n"), cte="quoted-printable")
    return message


def _received(sender: str, to: str, at: datetime) -> str:
    """Write the line of the receiving server, with the address it saw."""
    theirs, ours = sender.partition("@")[2], to.partition("@")[2]
    address = HOME_ADDRESS if theirs.endswith(".net") else SERVER_ADDRESS
    seen = at.replace(second=JOURNEY_SECONDS)
    return f"from mail.{theirs} ({theirs} [{address}]) by mx.{ours}; {format_datetime(seen)}"


def _identity(letter: Mapping[str, Any], sender: str) -> str:
    digest = hashlib.sha256(f"{letter['at']} {letter['subject']}".encode()).hexdigest()
    return f"<{digest[:20]}@{sender.partition('@')[2]}>"


def _address(letter: str) -> tuple[str, str]:
    name, address = told("mail")["addresses"][letter]
    return name, address

# SPDX-License-Identifier: Apache-2.0
"""Mail: what holds for every file, however it was damaged or made up."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail_source import MAILBOXES, MAILS, complete, read
from standfast.sources import Head
from standfast.sources.formats import mail, mbox
from standfast.sources.mail_text.addresses import addresses
from standfast.sources.mail_text.headers import header_text
from standfast.sources.mail_text.markup import text_of
from standfast.sources.mail_text.parameters import parameters
from standfast.sources.mail_text.route import auth_summary, originating_ip

if TYPE_CHECKING:
    from pathlib import Path

CASES = [("mail", path) for path in MAILS] + [("mbox", path) for path in MAILBOXES]
PIECES = st.sampled_from(
    [
        b"From a@example.org Mon Mar  4 09:05:00 2024\n",
        b"From ",
        b"\n",
        b"\n\n",
        b"\r\n",
        b">From ",
        b"From: a@example.org\n",
        b"To: x <a@example.org>, ",
        b"Date: Mon, 4 Mar 2024 09:05:00 +0100\n",
        b"Received: from a (b [203.0.113.5]) by c; Mon, 4 Mar 2024 09:05:00 +0100\n",
        b"Content-Type: multipart/mixed; boundary=b\n",
        b"Content-Type: text/html; charset=utf-16\n",
        b"Content-Transfer-Encoding: base64\n",
        b"Content-Transfer-Encoding: x-uuencode\n",
        b"Content-Length: 40\n",
        b"--b\n",
        b"--b--\n",
        b"=?utf-8?q?=C3",
        b"?= ",
        b"<a href='",
        b"begin 644 x\n#86)C\n",
        b"\xff\x00",
        b"&#xD800;",
    ]
)
DATA = st.lists(PIECES | st.binary(max_size=12), max_size=30).map(b"".join)
SEPARATOR = 120
"""Bytes that hold a separator and the first line after it."""
TEXT = st.text(alphabet=st.characters(max_codepoint=255), max_size=120)


def settle(data: bytes, which: str) -> None:
    found = read(data, which)
    assert complete(found, len(data))
    assert read(data, which) == found
    for row in found.rows:
        assert not any(ord(letter) < 32 for letter in row["sender"] + row["native"])
        for name in ("native", "attachments", "recipients"):
            assert row[name] == "" or json.loads(row[name])
        row["text"].encode("utf-8")
        assert row["utc"] is None or row["wall"] is not None


@given(DATA)
def test_no_bytes_break_a_mail(data: bytes) -> None:
    settle(data, "mail")
    head = Head("a", data, len(data))
    mail.FORMAT.recognise(head)
    mbox.FORMAT.recognise(head)


@given(DATA)
def test_no_bytes_break_a_mailbox(data: bytes) -> None:
    settle(data, "mbox")
    settle(b"From a@example.org Mon Mar  4 09:05:00 2024\n" + data, "mbox")


@pytest.mark.parametrize(("which", "path"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_fixture_cut_anywhere_is_still_accounted_for(which: str, path: Path) -> None:
    data = path.read_bytes()
    for end in range(0, len(data), 3):
        settle(data[:end], which)


@pytest.mark.parametrize(("which", "path"), CASES, ids=lambda value: getattr(value, "stem", value))
def test_a_fixture_with_changed_bytes_is_still_accounted_for(which: str, path: Path) -> None:
    data = path.read_bytes()
    dice = random.Random(path.stem)
    for _round in range(300):
        damaged = bytearray(data)
        for _change in range(dice.randint(1, 4)):
            damaged[dice.randrange(len(data))] = dice.choice(b"\n\r\x00 :;=?<>\"'-\xff" + data)
        settle(bytes(damaged), which)


def test_a_mailbox_cut_short_loses_the_last_mail_at_most() -> None:
    for path in MAILBOXES:
        data = path.read_bytes()
        whole = read(data, "mbox").rows
        if any("Content-Length" in line for line in data.decode("latin-1").split("\n")):
            continue  # a stated length can only be checked against the whole file
        for end in range(0, len(data), 5):
            kept = [row for row in whole if row["end"] + SEPARATOR <= end]
            assert read(data[:end], "mbox").rows[: len(kept)] == kept


@given(TEXT)
@settings(max_examples=300)
def test_no_value_breaks_its_reader(raw: str) -> None:
    for text in (raw, f"=?utf-8?q?{raw}?= =?{raw}?b?{raw}?=", f'"{raw}" <{raw}>'):
        read_text = header_text(text).text
        assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in read_text)
        for one in addresses(text).list:
            assert not any(ord(letter) < 32 for letter in one.name + one.address)
        found = parameters("a/b; name=" + text)
        found.name("name").encode("utf-8")
        auth_summary(text)
        originating_ip({"x-originating-ip": raw}, ["received: from " + raw])
        text_of(text).encode("utf-8")


@given(st.text(alphabet=st.sampled_from("<>/!-ap= \"'&;#x\n1h")), st.data())
@settings(max_examples=300)
def test_reduced_html_holds_only_what_stood_there(html: str, data: st.DataObject) -> None:
    text = text_of(html)
    assert len(text) <= len(html) * 12 + 12
    assert text_of(html + data.draw(st.sampled_from(["", " ", "\n"]))).strip() == text.strip()

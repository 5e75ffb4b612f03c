# SPDX-License-Identifier: Apache-2.0
"""The parts of a mail, its text, and HTML reduced to text; hostile ones too."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import pytest

from mail_source import complete, only, read
from standfast.sources.mail_text import parts
from standfast.sources.mail_text.markup import text_of

HEAD = b"From: a@example.org\nMIME-Version: 1.0\n"


def files(row: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(row["attachments"]) if row["attachments"] else []


def mixed(*pieces: bytes, boundary: bytes = b"b") -> bytes:
    body = b"".join(b"--" + boundary + b"\n" + piece + b"\n" for piece in pieces)
    kind = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n'
    return kind + body + b"--" + boundary + b"--\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"\nplain\r\nlines\n", "plain\nlines\n"),
        (b"Content-Type: nonsense\n\nx", "x"),
        (b"Content-Type: text/plain; charset=klingon\n\nx\xe4", "xä"),
        (b"Content-Transfer-Encoding: BASE64\n\nYWJj", "abc"),
        (b"Content-Transfer-Encoding: quoted-printable \n\na=3Db=\nc=ZZ", "a=bc=ZZ"),
        (b"Content-Transfer-Encoding: x-unknown\n\nx=3D", "x=3D"),
        (b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n#86)C\n`\nend\n", "abc"),
        (b"Content-Type: multipart/mixed; boundary=none\n\nno parts here", "no parts here"),
        (b"Content-Type: multipart/mixed\n\nno boundary", "no boundary"),
        (mixed(b"\nfirst", b"\nsecond"), "first"),
        (mixed(b"Content-Type: text/html\n\n<b>h</b>", b"Content-Type: text/plain\n\np"), "p"),
        (mixed(b"\n \n", b"Content-Type: text/html\n\n<b>h</b>"), "h"),
        (b"Content-Type: text/plain; charset=utf-16\n\n\xff\xfea\x00", "a"),
    ],
)
def test_the_text_of_a_body(body: bytes, text: str) -> None:
    assert only(HEAD + body)["text"] == text


def test_an_unclosed_multipart_loses_nothing() -> None:
    row = only(HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo")
    assert row["text"] == "one"
    assert files(row)[0]["size"] == 3


def test_a_boundary_that_begins_another_is_not_mistaken_for_it() -> None:
    inner = mixed(b"\nin", boundary=b"b-1")
    row = only(HEAD + mixed(inner, b"Content-Type: a/b; name=n\n\nout"))
    assert row["text"] == "in"
    assert [file["name"] for file in files(row)] == ["n"]


def test_an_attachment_is_hashed_by_its_decoded_bytes() -> None:
    data = bytes(range(256)) * 9000
    coded = base64.encodebytes(data)
    head = b"Content-Disposition: attachment; filename=a.bin\n"
    row = only(HEAD + mixed(head + b"Content-Transfer-Encoding: base64\n\n" + coded))
    (file,) = files(row)
    assert file["size"] == len(data)
    assert file["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_digest_holds_mails() -> None:
    body = mixed(b"\nFrom: x@example.org\n\nin").replace(b"mixed", b"digest")
    assert files(only(HEAD + body))[0]["media_type"] == "message/rfc822"


def test_a_name_is_data_without_control_characters() -> None:
    head = b'Content-Disposition: attachment; filename="a\x07\xe2\x80\xae/../b.pdf"\n\n'
    assert files(only(HEAD + mixed(head)))[0]["name"] == "a\ufffd\u202e/../b.pdf"


def test_a_hundred_thousand_parts_are_bounded() -> None:
    started = time.process_time()
    data = HEAD + mixed(*[b"\nx"] * 100_000)
    found = read(data)
    assert len(files(found.rows[0])) == parts.MOST_PARTS - 2
    assert found.codes() == ["mail_parts"]
    assert complete(found, len(data))
    assert time.process_time() - started < 5


def test_a_thousand_levels_are_bounded() -> None:
    data = b"\ndeep"
    for level in range(1000):
        data = mixed(data, boundary=f"level{level}.".encode())
    found = read(HEAD + data)
    assert found.codes() == ["mail_depth"]
    assert files(found.rows[0])[0]["media_type"] == "multipart/mixed"


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"X: " + b"y" * 3_000_000 + b"\n\nz",
        HEAD + b"Received: x\n" * 200_000 + b"\nz",
        HEAD + b"To: " + b"<" * 900_000 + b"\n\nz",
        HEAD + b"Subject: " + b"=?utf-8?q?=?=" * 80_000 + b"\n\nz",
        HEAD + b"Content-Type: " + b"a/b;" + b'x*0*="' * 100_000 + b"\n\nz",
        HEAD + b"Date: " + b"(" * 900_000 + b"\n\nz",
        HEAD + b'Content-Type: multipart/mixed; boundary="-"\n\n' + b"---" * 1_000_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<!--" * 500_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<a href='" * 300_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<![" * 500_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<a " * 700_000,
        HEAD + b"Content-Type: text/html\n\n" + b"<td><br>" * 200_000,
        HEAD + b"Content-Type: text/html\n\n&#" + b"9" * 2_000_000 + b";",
        HEAD + b"Content-Type: text/html\n\n" + b"&" * 2_000_000,
        HEAD + b"\x00" * 2_000_000,
    ],
    ids=range(15),
)
def test_a_hostile_mail_costs_no_more_than_its_length(data: bytes) -> None:
    started = time.process_time()
    assert complete(read(data), len(data))
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("a   \n b<b> c </b> d", "a b c d"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("&lt;b&gt; &amp; &auml;&#8364;&nbsp;x", "<b> & ä€\xa0x"),
        ("1 < 2 <3 <", "1 < 2 <3 <"),
        ('<a href="http://e.example/?a=1&amp;b=2">go</a>!', "go [http://e.example/?a=1&b=2]!"),
        ("<a href=http://e.example/>http://e.example</a>", "http://e.example"),
        ("<a href='mailto:a@example.org'>a@example.org</a>", "a@example.org"),
        ("<a href='javascript:x()'>go</a>", "go"),
        ("<a href='http://e.example'><img src=x></a>", "[picture] [http://e.example]"),
        ("<a title='>' href='http://e.example'>x</a>", "x [http://e.example]"),
        ("<script>if (a<b) {}</script>x<STYLE>p</Style>y<title>t</title>", "xy"),
        ("a<!-- b <p> -->c<!doctype html>d<?x?>e", "acde"),
        ("a<script>never closed", "a"),
        ("a<!-- never closed", "a"),
        ("a<p title='never closed", "a"),
        ("</>x</ y>z", "xz"),
        ("", ""),
    ],
)
def test_html_is_reduced_to_text(html: str, text: str) -> None:
    assert text_of(html) == text

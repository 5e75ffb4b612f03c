# SPDX-License-Identifier: Apache-2.0
"""Header fields, encoded words, addresses and parameters."""

from __future__ import annotations

import json

import pytest

from mail_source import only
from standfast.sources.mail_text.addresses import addresses
from standfast.sources.mail_text.charsets import codec, decode
from standfast.sources.mail_text.headers import base64_bytes, header_text, read_header
from standfast.sources.mail_text.parameters import parameters
from standfast.sources.mail_text.route import auth_summary, originating_ip


@pytest.mark.parametrize(
    ("raw", "text", "guess"),
    [
        ("plain", "plain", ""),
        ("=?utf-8?q?a?= =?utf-8?q?b?= c", "ab c", ""),
        ("=?utf-8?b?w6Q=?= =?iso-8859-1?q?=F6?=", "äö", ""),
        ("=?utf-8?b?w6?= =?utf-8?b?pA==?=", "ä", ""),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A4?=", "ä", ""),
        ("=?utf-8*en?q?a_b?=", "a b", ""),
        ("=?nonsense?q?=E4?=", "ä", "windows-1252"),
        ("=?rot13?q?abc?=", "abc", "utf-8"),
        ("=?utf-8?q?a=0D=0ABcc:_x@example.org?=", "a\ufffd\ufffdBcc: x@example.org", ""),
        ("J\xf6rg", "Jörg", "windows-1252"),
        ("Gr\xc3\xbc\xc3\x9fe", "Grüße", ""),
        ("a\x00b\x1b[31m", "a\ufffdb\ufffd[31m", ""),
        ("=?broken", "=?broken", ""),
        ("=?utf-8?b?not base64 at all!?=", None, None),
    ],
)
def test_a_value_is_decoded(raw: str, text: str | None, guess: str | None) -> None:
    found = header_text(raw)
    if text is not None:
        assert found == (text, guess)
    assert not any(ord(letter) < 32 for letter in found.text)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("a@example.org", [("", "a@example.org")]),
        ("Ann Lee <A.Lee@Example.org>", [("Ann Lee", "A.Lee@Example.org")]),
        ('"Lee, Ann" <a@example.org>', [("Lee, Ann", "a@example.org")]),
        ('"Ann \\"x\\" Lee" <a@example.org>', [('Ann "x" Lee', "a@example.org")]),
        ("a@example.org (Ann (deep) Lee)", [("Ann deep Lee", "a@example.org")]),
        ("team: a@example.org, b@example.org;, c@example.org",
         [("", "a@example.org"), ("", "b@example.org"), ("", "c@example.org")]),
        ("undisclosed-recipients:;", []),
        ("<@relay.example.net,@x.example.net:a@example.org>", [("", "a@example.org")]),
        ("=?utf-8?q?a=40b=2Ec=2C?= <a@example.org>", [("a@b.c,", "a@example.org")]),
        ("=?utf-8?q?Lee,_Ann?= <a@example.org>", [("Lee, Ann", "a@example.org")]),
        ('"odd box"@example.org', [("", '"odd box"@example.org')]),
        ("Ann Lee a@example.org", [("Ann Lee", "a@example.org")]),
        ("Ann Lee", [("Ann Lee", "")]),
        ("Ann <a@example.org", [("Ann", "a@example.org")]),
        ("", []),
        (", ,;", []),
    ],
)  # fmt: skip
def test_addresses_are_read_as_written(raw: str, found: list[tuple[str, str]]) -> None:
    assert [tuple(one) for one in addresses(raw).list] == found


def test_addresses_are_bounded_and_counted() -> None:
    found = addresses(", ".join(f"a{number}@example.org" for number in range(1500)))
    assert len(found.list) == 1000
    assert found.total == 1500
    row = only(b"From: a@example.org\nTo: " + b"b@example.org," * 1200 + b"\n\nx")
    assert json.loads(row["native"])["recipients_total"] == "1200"


@pytest.mark.parametrize(
    ("raw", "word", "values"),
    [
        ("text/plain; charset=utf-8", "text/plain", {"charset": "utf-8"}),
        ('TEXT/Plain ;Charset="a;b\\"c"', "text/plain", {"charset": 'a;b"c'}),
        ("a/b; name=one; name=two", "a/b", {"name": "one"}),
        ("a/b; name*=utf-8''%C3%A4.txt; name=x", "a/b", {"name": "\xc3\xa4.txt"}),
        ("a/b; name*1=b; name*0=a", "a/b", {"name": "ab"}),
        ("a/b; name*0*=iso-8859-1'de'%E4; name*1=b", "a/b", {"name": "\xc3\xa4b"}),
        ("text/plain; format=flowed charset=x", "text/plain", {"format": "flowed charset=x"}),
        ("", "", {}),
        (";;;=;", "", {}),
    ],
)
def test_parameters_are_read(raw: str, word: str, values: dict[str, str]) -> None:
    found = parameters(raw)
    assert (found.word, dict(found.values)) == (word, values)


def test_names_are_decoded_and_harmless() -> None:
    name = parameters('x/y; name="=?utf-8?q?a=C3=A4=0A?=../b"').name("name")
    assert name == "aä\ufffd../b"


def test_the_header_ends_where_the_mail_says() -> None:
    for data, fields, body in [
        (b"A: 1\nB: 2\n\nx", {"a": "1", "b": "2"}, b"x"),
        (b"A: 1\r\n B\r\n\tC\r\n\r\nx", {"a": "1 B\tC"}, b"x"),
        (b"A: 1\nA: 2\na: 3\n\nx", {"a": "1"}, b"x"),
        (b"A: 1\nno field here\n\nx", {"a": "1"}, b"no field here\n\nx"),
        (b"A: 1\n>From x\nB:2\n\nx", {"a": "1", "b": "2"}, b"x"),
        (b"\nx", {}, b"x"),
        (b"A: 1", {"a": "1"}, b""),
        (b"A : 1\n\nx", {"a": "1"}, b"x"),
        (b" odd\nA: 1\n\nx", {"a": "1"}, b"x"),
    ]:
        header = read_header(data, 0, len(data))
        assert (header.fields, data[header.body :]) == (fields, body), data


def test_a_header_is_read_up_to_a_limit() -> None:
    data = b"A: 1\n" + b"B: " + b"x" * 2_000_000 + b"\nC: 3\n\nbody"
    header = read_header(data, 0, len(data))
    assert header.cut
    assert header.fields["a"] == "1"
    assert "c" not in header.fields
    assert data[header.body :] == b"body"


def test_a_charset_is_used_when_it_fits_and_named_when_it_does_not() -> None:
    assert decode("€".encode("cp1252"), "windows-1252") == ("€", "")
    assert decode("ä".encode(), "") == ("ä", "utf-8")
    assert decode(b"\xe4", "utf-8") == ("ä", "windows-1252")
    assert decode(b"\x93x\x94", "iso-8859-1") == ("“x”", "windows-1252")
    assert decode(b"\xe4\x81", "utf-8") == ("ä\x81", "iso-8859-1")
    assert decode("漢".encode("gb18030"), "GB2312")[0] == "漢"
    assert decode(b"+2AA-", "utf-7")[0].encode() == "\ufffd".encode()
    assert decode(b"abc", "unicode-escape") == ("abc", "utf-8")
    for name in ("unicode_escape", "zlib", "hex", "punycode", "idna", "mbcs", "../x", "x" * 99):
        assert codec(name) == ""


def test_base64_is_decoded_up_to_its_padding() -> None:
    assert base64_bytes(b"YW\nJ j!") == b"abc"
    assert base64_bytes(b"YQ==YQ==") == b"a"
    assert base64_bytes(b"YWJjZ") == b"abc"
    assert base64_bytes(b"=") == b""


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("from a.example (b.example [203.0.113.5]) by c; x", "203.0.113.5"),
        ("from [203.0.113.9] (port=1 helo=[192.168.0.5]) by c; x", "203.0.113.9"),
        ("from a (unknown [IPv6:2001:db8::5]) by c with ESMTP; x", "2001:db8::5"),
        ("from a ([10.0.0.5]) by c; x", ""),
        ("from ruby (ruby [203.0.113.7])\tBY c; x", "203.0.113.7"),
        ("by c with SMTP id (203.0.113.5); x", ""),
        ("from a (HELO x) (999.1.1.1) by c; x", ""),
    ],
)
def test_the_first_address_outside_is_found(hop: str, address: str) -> None:
    assert originating_ip({}, ["received: " + hop]) == address


def test_a_stated_origin_goes_first_if_it_is_an_address() -> None:
    hops = ["received: from a (b [203.0.113.5]) by c; x"]
    assert originating_ip({"x-originating-ip": "[198.51.100.1]"}, hops) == "198.51.100.1"
    assert originating_ip({"x-originating-ip": "unknown"}, hops) == "203.0.113.5"


def test_the_check_of_the_receiving_server_is_summed_up() -> None:
    raw = "mx; dkim=pass (x) header.d=a; dkim=fail; DMARC = none; spf=softfail x"
    assert auth_summary(raw) == "spf=softfail dkim=pass dmarc=none"
    assert auth_summary("mx; none") == ""

# SPDX-License-Identifier: Apache-2.0
"""Writes a mailbox of N fictional mails, about 770 bytes each, for benchmarks.

The shapes are those of ordinary short mail: of twenty, eight are plain, three quoted-printable,
two base64, five multipart/alternative and two carry an attachment; headers are those that mail
programs and servers write, and one subject in seven is an encoded word.

Usage: ``python make_mbox.py N PATH``
"""

from __future__ import annotations

import base64
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

PEOPLE = [
    ("Jana Feld", "jana.feld@example.org"),
    ("Ruben Okafor", "ruben@example.net"),
    ("M. Castell", "m.castell@example.com"),
    ("=?utf-8?q?J=C3=B6rg_Kr=C3=BCger?=", "joerg@example.org"),
]
WORDS = """
    please call me back when you can I saw your car near the station yesterday and we should talk
    about the keys again soon nobody answers at your door why do you ignore every message
""".split()  # noqa: SIM905 - words are easier to read as text
START = datetime(2021, 1, 4, 7, 30, tzinfo=UTC)


def body(dice: random.Random, size: int) -> str:
    lines = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(dice.choices(WORDS, k=9)))
    return "\n".join(lines) + "\n"


def part(text: str, subtype: str, coding: str) -> str:
    if coding == "base64":
        text = base64.encodebytes(text.encode()).decode()
    if coding == "quoted-printable":
        text = text.replace("keys", "Schl=C3=BCssel=\n")
    head = f"Content-Type: text/{subtype}; charset=utf-8\n"
    return f"{head}Content-Transfer-Encoding: {coding}\n\n{text}"


def content(dice: random.Random, number: int) -> str:
    kind = number % 20
    if kind < 8:
        return part(body(dice, 200), "plain", "8bit" if kind % 2 else "7bit")
    if kind < 11:
        return part(body(dice, 190), "plain", "quoted-printable")
    if kind < 13:
        return part(body(dice, 140), "plain", "base64")
    text = body(dice, 20)
    first = part(text, "plain", "quoted-printable")
    if kind < 18:
        second = part(f"<p>{text}</p>\n", "html", "quoted-printable")
        head = 'Content-Type: multipart/alternative; boundary="b1"'
        return f"{head}\n\n--b1\n{first}\n--b1\n{second}\n--b1--\n"
    return (
        f'Content-Type: multipart/mixed; boundary="b2"\n\n--b2\n{first}\n--b2\n'
        'Content-Type: image/png; name="p.png"\n'
        'Content-Disposition: attachment; filename="p.png"\n'
        "Content-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUg==\n--b2--\n"
    )


def mail(dice: random.Random, number: int) -> bytes:
    when = START + timedelta(seconds=number * 613)
    date = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    (name, address), (_other, to) = dice.sample(PEOPLE, 2)
    subject = "=?utf-8?b?R3LDvMOfZQ==?=" if number % 7 == 0 else f"about the keys {number % 90}"
    text = (
        f"From {address} {when.strftime('%a %b %d %H:%M:%S %Y')}\n"
        f"Return-Path: <{address}>\n"
        f"Received: from mail.example.net (mail.example.net [203.0.113.{number % 250}])\n"
        f"\tby mx.example.org with ESMTPS id q{number}; {date}\n"
        f"Message-ID: <m{number}@example.net>\n"
        f"In-Reply-To: <m{number - number % 9}@example.net>\nDate: {date}\n"
        f"From: {name} <{address}>\nTo: {to}\nSubject: {subject}\n"
        f"MIME-Version: 1.0\nX-Mailer: Exmail 4.2\n{content(dice, number)}\n"
    )
    return text.encode()


def write(count: int, path: Path) -> None:
    dice = random.Random(7)
    with path.open("wb") as file:
        file.writelines(mail(dice, number) for number in range(count))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))

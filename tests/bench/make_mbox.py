# SPDX-License-Identifier: Apache-2.0
"""Writes a mailbox of N fictional mails, about 770 bytes each, for benchmarks.

A fixed share is multipart, base64, quoted-printable or has encoded words, so that neither reader
lives on the simplest case alone.

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
WORDS = (
    "please call me back when you can I saw your car near the station yesterday and we should talk"
    " about the keys again soon nobody answers at your door why do you ignore every message"
).split()
START = datetime(2021, 1, 4, 7, 30, tzinfo=UTC)


def body(dice: random.Random, size: int) -> str:
    lines = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(dice.choices(WORDS, k=11)))
    return "\n".join(lines) + "\n"


def content(dice: random.Random, number: int) -> str:
    kind = number % 20
    if kind == 3:
        text = base64.encodebytes(body(dice, 230).encode()).decode()
        return (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + text
        )
    if kind in {5, 6}:
        text = body(dice, 250).replace("keys", "Schl=C3=BCssel=\n")
        return (
            "Content-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: quoted-printable\n\n" + text
        )
    if kind in {8, 9}:
        text = body(dice, 60)
        return (
            'Content-Type: multipart/alternative; boundary="b1"\n\n--b1\n'
            f"Content-Type: text/plain; charset=utf-8\n\n{text}\n--b1\n"
            f"Content-Type: text/html; charset=utf-8\n\n<p>{text}</p>\n--b1--\n"
        )
    if kind == 12:
        return (
            'Content-Type: multipart/mixed; boundary="b2"\n\n--b2\n'
            f"Content-Type: text/plain\n\n{body(dice, 60)}\n--b2\n"
            'Content-Type: image/png; name="p.png"\n'
            'Content-Disposition: attachment; filename="p.png"\n'
            "Content-Transfer-Encoding: base64\n\niVBORw0KGgoAAAANSUhEUg==\n--b2--\n"
        )
    return "Content-Type: text/plain; charset=utf-8\n\n" + body(dice, 300)


def mail(dice: random.Random, number: int) -> bytes:
    when = START + timedelta(seconds=number * 613)
    date = when.strftime("%a, %d %b %Y %H:%M:%S +0000")
    (name, address), (_other, to) = dice.sample(PEOPLE, 2)
    subject = "=?utf-8?b?R3LDvMOfZQ==?=" if number % 7 == 0 else f"about the keys {number % 90}"
    text = (
        f"From {address} {when.strftime('%a %b %d %H:%M:%S %Y')}\n"
        f"Received: from mail.example.net (mail.example.net [203.0.113.{number % 250}])\n"
        f"\tby mx.example.org with ESMTPS id q{number}; {date}\n"
        f"Message-ID: <m{number}@example.net>\nDate: {date}\nFrom: {name} <{address}>\n"
        f"To: {to}\nSubject: {subject}\nMIME-Version: 1.0\n{content(dice, number)}\n"
    )
    return text.encode()


def write(count: int, path: Path) -> None:
    dice = random.Random(7)
    with path.open("wb") as file:
        file.writelines(mail(dice, number) for number in range(count))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))

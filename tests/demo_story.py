# SPDX-License-Identifier: Apache-2.0
"""A plain recount of the demo's story, line by line: no export, no reader, no query, no detector.

A missed call that WhatsApp itself notes, naming nobody, is Jonas's: the chats are between two.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from standfast.demo.story import conversation, told

if TYPE_CHECKING:
    from datetime import date, datetime

    from standfast.demo.story import Line

JONAS, MIRA = frozenset("JN"), "M"
NAMELESS = frozenset({"blocked"})
MISSED = frozenset({"missed", "missed_video"})
KNOWN, NEW = "+491713920014", "+491713920077"


@dataclass(frozen=True)
class Contact:
    at: datetime
    incoming: bool
    channel: str
    account: str
    how: str = ""


def contacts() -> list[Contact]:
    """Everything that went between Jonas and Mira, in the order of time."""
    return sorted([*_chats(), *_texts(), *_calls(), *_mails()], key=lambda one: one.at)


def incoming() -> list[Contact]:
    return [one for one in contacts() if one.incoming]


def stop_at() -> datetime:
    words = told("case")["stop"]["words"]
    (line,) = [line for line in conversation("jonas").lines if line.text == words]
    return line.at


def _chats() -> list[Contact]:
    found = []
    for name, account in (("jonas", "Jonas"), ("new_number", NEW)):
        for line in conversation(name).lines:
            if line.act not in NAMELESS:
                missed = line.act in MISSED
                side = missed or line.who != MIRA
                how = "missed" if missed else ""
                found.append(Contact(line.at, side, "whatsapp", account, how))
    return found


def _texts() -> list[Contact]:
    lines = conversation("sms").lines
    assert all(before.who not in JONAS for before, line in pairwise(lines) if line.who == MIRA), (
        "Mira answers nobody by text but friends and offices"
    )
    return [_of_number(line, "sms") for line in lines if line.who in JONAS]


def _calls() -> list[Contact]:
    return [_of_number(line, "phone") for line in conversation("calls").lines if line.who in JONAS]


def _of_number(line: Line, channel: str) -> Contact:
    account = KNOWN if line.who == "J" else NEW
    how = line.text.split()[0] if channel == "phone" else ""
    return Contact(line.at, how != "outgoing", channel, account, how)


def _mails() -> list[Contact]:
    letters = told("mail")["letters"]
    from_him = [
        Contact(one["at"], incoming=True, channel="mail", account="")
        for one in letters
        if one["from"] == "J"
    ]
    to_him = [
        Contact(one["at"], incoming=False, channel="mail", account="")
        for one in letters
        if one["to"] == "J"
    ]
    return [*from_him, *to_him]


def per_day(some: list[Contact]) -> dict[date, int]:
    days: dict[date, int] = {}
    for one in some:
        days[one.at.date()] = days.get(one.at.date(), 0) + 1
    return days

# SPDX-License-Identifier: Apache-2.0
"""Texts and calls written as the Android app SMS Backup & Restore writes them.

Rules enforced here: one element a text or call, every column an attribute, ``null`` where Android
has nothing, times in milliseconds of UTC and once more in the phone's own words.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from standfast.demo.dice import Dice
from standfast.demo.pictures import chat_picture
from standfast.demo.story import ZONE
from standfast.model.times import micros, wall_to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from standfast.demo.story import Conversation, Line

HEAD = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
MADE = "<!--File Created By SMS Backup & Restore v10.20.002 on 26.04.2026 20:15:00-->\n"
MILLISECOND = 1000
BOX = {True: "2", False: "1"}
MMS_TYPE = {True: "128", False: "132"}
PEOPLE_OF_ME = "M"
CALL_TYPES = {
    "incoming": "1",
    "outgoing": "2",
    "missed": "3",
    "voicemail": "4",
    "rejected": "5",
    "blocked": "6",
}


def texts(phone: Conversation) -> bytes:
    """Write every text message and picture message."""
    rows = [_text(phone, line, number, date) for line, number, date in _to_whom(phone)]
    return _file("smses", rows, "sms.xsl")


def calls(phone: Conversation) -> bytes:
    """Write the list of calls."""
    rows = []
    for line, date in _dated(phone):
        kind, _space, seconds = line.text.partition(" ")
        hidden = line.who == "-"
        facts = {
            "number": "" if hidden else phone.facts["numbers"][line.who],
            "duration": seconds,
            "date": str(date),
            "type": CALL_TYPES[kind],
            "presentation": "2" if hidden else "1",
            "subscription_id": "1",
            "post_dial_digits": "",
            "readable_date": _readable(line.at),
            "contact_name": _contact(phone, line.who),
        }
        rows.append(_element("call", facts))
    return _file("calls", rows, "calls.xsl")


def _file(name: str, rows: list[str], style: str) -> bytes:
    style_line = f'<?xml-stylesheet type="text/xsl" href="{style}"?>\n'
    facts = {
        "count": str(len(rows)),
        "backup_set": "5d2c1f0e",
        "backup_date": "1777227300000",
        "type": "full",
    }
    return "".join(
        [HEAD, MADE, style_line, _open(name, facts), *(f"  {row}" for row in rows), f"</{name}>\n"]
    ).encode()


def _to_whom(phone: Conversation) -> Iterator[tuple[Line, str, int]]:
    """Give each text with the other side's letter: her own go to whoever wrote last."""
    other = ""
    for line, date in _dated(phone):
        other = other if line.who == PEOPLE_OF_ME else line.who
        yield line, other, date


def _dated(phone: Conversation) -> Iterator[tuple[Line, int]]:
    """Give each line its milliseconds; those of one minute keep their order."""
    dice = Dice(f"{phone.name} seconds")
    last = 0
    for line in phone.lines:
        minute = micros(wall_to_utc(line.at, ZONE)[0]) // MILLISECOND
        last = max(last, minute) + dice.between(700, 9000)
        yield line, last


def _text(phone: Conversation, line: Line, other: str, date: int) -> str:
    mine = line.who == PEOPLE_OF_ME
    facts = {"address": phone.facts["numbers"][other], "date": str(date)}
    told = {"readable_date": _readable(line.at), "contact_name": _contact(phone, other)}
    if line.act == "mms":
        return _picture_message(line, facts, told, mine=mine)
    sent = "0" if mine else str(date // MILLISECOND * MILLISECOND)
    facts = {"protocol": "0", **facts, "type": BOX[mine], "subject": "null", "body": line.text}
    facts |= {"toa": "null", "sc_toa": "null", "service_center": "null", "read": "1"}
    facts |= {"status": "-1", "locked": "0", "date_sent": sent, "sub_id": "1"}
    return _element("sms", {**facts, **told})


def _picture_message(
    line: Line, facts: Mapping[str, str], told: Mapping[str, str], *, mine: bool
) -> str:
    name, _space, words = line.text.partition(" ")
    data = base64.b64encode(chat_picture(name)).decode()
    ways = {"date": facts["date"], "msg_box": BOX[mine], "address": facts["address"]}
    more = {"ct_t": "application/vnd.wap.multipart.related", "m_type": MMS_TYPE[mine]}
    more |= {"m_id": "m-0171", "sub": "null", "text_only": "0", "read": "1", "locked": "0"}
    picture = {"seq": "0", "ct": "image/jpeg", "name": name, "chset": "null", "cl": name}
    text = {"seq": "0", "ct": "text/plain", "name": "null", "chset": "106", "cl": "text_0.txt"}
    sender = {"address": facts["address"], "type": "137", "charset": "106"}
    receiver = {"address": "insert-address-token", "type": "151", "charset": "106"}
    return "".join(
        [
            _open("mms", {**ways, **more, **told}),
            "    <parts>\n",
            "      " + _element("part", {**picture, "text": "null", "data": data}),
            "      " + _element("part", {**text, "text": words}),
            "    </parts>\n    <addrs>\n",
            "      " + _element("addr", sender),
            "      " + _element("addr", receiver),
            "    </addrs>\n  </mms>\n",
        ]
    )


def _contact(phone: Conversation, who: str) -> str:
    return str(phone.facts["contacts"].get(who, "(Unknown)"))


def _readable(at: datetime) -> str:
    return f"{at:%d.%m.%Y %H:%M}:00"


def _open(name: str, facts: Mapping[str, str]) -> str:
    return f"<{name} {_attributes(facts)}>\n"


def _element(name: str, facts: Mapping[str, str]) -> str:
    return f"<{name} {_attributes(facts)} />\n"


def _attributes(facts: Mapping[str, str]) -> str:
    return " ".join(f"{name}={quoteattr(value)}" for name, value in facts.items())

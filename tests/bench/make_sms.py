# SPDX-License-Identifier: Apache-2.0
"""Writes a phone backup of N fictional messages, about 400 bytes each, for benchmarks.

One message in twenty is a multimedia message with a small picture; emoji are written as apps write
them, as two numeric references.

Usage: ``python make_sms.py N PATH [BYTES]`` (a picture's decoded size, 3000 unless told)
"""

from __future__ import annotations

import base64
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import quoteattr

START = datetime(2021, 1, 4, 7, 30, tzinfo=UTC)
NUMBERS = ["+447700900101", "+447700900102", "+447700900103", "+15555550104", "+493023125105"]
TEXT = (
    "please call me back when you can I saw your car near the station yesterday & we should talk"
    " about the keys again soon nobody answers at your door why don't you answer every message"
)
WORDS = TEXT.split()


def body(dice: random.Random) -> str:
    text = quoteattr(" ".join(dice.choices(WORDS, k=dice.randint(2, 24))))
    return text[:-1] + " &#55357;&#56832;" + text[-1] if dice.random() < 0.1 else text


def sms(dice: random.Random, number: int) -> str:
    when = START + timedelta(seconds=number * 613)
    stamp = int(when.timestamp() * 1000) + dice.randrange(1000)
    return (
        f'  <sms protocol="0" address="{dice.choice(NUMBERS)}" date="{stamp}"'
        f' type="{dice.choice("1112")}" subject="null" body={body(dice)} toa="null" sc_toa="null"'
        f' service_center="+447700900000" read="1" status="-1" locked="0"'
        f' date_sent="{stamp // 1000 * 1000}" sub_id="1" readable_date="{when:%d %b %Y %H:%M:%S}"'
        f' contact_name="(Unknown)" />\n'
    )


def mms(dice: random.Random, number: int, size: int) -> str:
    when = START + timedelta(seconds=number * 613)
    who = dice.choice(NUMBERS)
    picture = base64.b64encode(dice.randbytes(size)).decode()
    nothing = " ".join(f'{name}="null"' for name in ("retr_st", "ct_cls", "sub_cs", "d_tm", "st"))
    return (
        f'  <mms text_only="0" {nothing} date="{int(when.timestamp())}000" msg_box="1"'
        f' address="{who}" ct_t="application/vnd.wap.multipart.related" m_type="132" sub="null"'
        f' m_id="m{number}" read="1" locked="0" date_sent="{int(when.timestamp())}"'
        f' readable_date="{when:%d %b %Y %H:%M:%S}" contact_name="(Unknown)">\n    <parts>\n'
        f'      <part seq="-1" ct="application/smil" cl="smil" text="&lt;smil&gt;" />\n'
        f'      <part seq="0" ct="text/plain" name="null" chset="106" text={body(dice)} />\n'
        f'      <part seq="1" ct="image/jpeg" name="p.jpg" text="null" data="{picture}" />\n'
        f'    </parts>\n    <addrs>\n      <addr address="{who}" type="137" charset="106" />\n'
        f'      <addr address="insert-address-token" type="151" charset="106" />\n'
        f"    </addrs>\n  </mms>\n"
    )


def write(count: int, path: Path, size: int = 3000) -> None:
    dice = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n")
        file.write(f'<smses count="{count}">\n')
        for number in range(count):
            file.write(mms(dice, number, size) if number % 20 == 3 else sms(dice, number))
        file.write("</smses>\n")


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))

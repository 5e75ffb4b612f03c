# SPDX-License-Identifier: Apache-2.0
"""The export files of the story, laid out as a person would have collected them.

Rules enforced here: every file has the fixed date on which it was "exported", so that a demo made
today and one made next year keep the same originals.
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from standfast.demo.archive import EXPORTED
from standfast.demo.mail import mailbox, single_letters
from standfast.demo.phone import calls, texts
from standfast.demo.pictures import pictures
from standfast.demo.story import ZONE, conversation
from standfast.demo.whatsapp import android_de, archive_of, text_of

if TYPE_CHECKING:
    from pathlib import Path

EARLIER = datetime(2026, 2, 20, 18, 0)  # noqa: DTZ001 - the phone's clock
"""When Mira made her first, earlier export of the chat."""
EARLIER_FOLDER = "Export vom 20. Februar"
PICTURES_FOLDER = "Bilder"


def files() -> dict[str, bytes]:
    """Make every export, by its path below the exports' folder, in the order of adding."""
    jonas, new = conversation("jonas"), conversation("new_number")
    priya, tom = conversation("priya"), conversation("tom")
    name = jonas.facts["file"]
    chats = {
        f"{name}.zip": archive_of(jonas, f"{name}.txt"),
        f"{EARLIER_FOLDER}/{name}.txt": android_de(jonas, until=EARLIER).encode(),
        f"{new.facts['file']}.zip": archive_of(new, f"{new.facts['file']}.txt"),
        f"{priya.facts['file']}.zip": archive_of(priya, "_chat.txt"),
        f"{tom.facts['file']}.txt": text_of(tom),
    }
    phone = {
        "sms-20260426201500.xml": texts(conversation("sms")),
        "calls-20260426201512.xml": calls(conversation("calls")),
    }
    shown = {f"{PICTURES_FOLDER}/{name}": data for name, data in pictures().items()}
    return {**chats, **phone, "Posteingang.mbox": mailbox(), **single_letters(), **shown}


def write(folder: Path) -> list[Path]:
    """Write every export below a new folder; gives what to add, folders of pictures whole."""
    made = datetime(*EXPORTED, tzinfo=ZoneInfo(ZONE)).timestamp()
    tops: list[Path] = []
    for name, data in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (made, made))
        top = folder / PICTURES_FOLDER if path.parent.name == PICTURES_FOLDER else path
        if top not in tops:
            tops.append(top)
    return tops

# SPDX-License-Identifier: Apache-2.0
"""Chats written as WhatsApp exports them: Android in German and in English, iPhone in English.

Rules enforced here: what the app itself writes stands in the app's own words, with its invisible
marks where it sets them; an Android export has no seconds, an iPhone's has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from standfast.demo.archive import packed
from standfast.demo.dice import Dice
from standfast.demo.pictures import chat_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from standfast.demo.story import Conversation, Line

LRM = "\u200e"
LRE, PDF = "\u202a", "\u202c"


@dataclass(frozen=True, slots=True)
class Form:
    """How one phone writes an export: the app's words for each act, and the header's shape."""

    notice: str
    acts: Mapping[str, str]
    newline: str = "\n"


ANDROID_DE = Form(
    notice=(
        "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt. Nur Personen in diesem Chat "
        "können sie lesen, anhören oder teilen. Mehr erfahren."
    ),
    acts={
        "media": "<Medien ausgeschlossen>",
        "deleted": "Diese Nachricht wurde gelöscht",
        "missed": "Verpasster Sprachanruf",
        "missed_video": "Verpasster Videoanruf",
        "blocked": "Du hast diesen Kontakt blockiert. Tippe, um ihn freizugeben.",
        "photo": f"{LRM}{{name}} (Datei angehängt)",
    },
)
ANDROID_EN = Form(
    notice=(
        "Messages and calls are end-to-end encrypted. Only people in this chat can read, listen "
        "to, or share them. Learn more."
    ),
    acts={"media": "<Media omitted>"},
)
IOS_EN = Form(
    notice=(
        f"{LRM}Messages and calls are end-to-end encrypted. Only people in this chat can read, "
        "listen to, or share them."
    ),
    acts={
        "omitted_image": f"{LRM}image omitted",
        "omitted_audio": f"{LRM}audio omitted",
        "omitted_sticker": f"{LRM}sticker omitted",
        "photo": f"{LRM}<attached: {{name}}>",
    },
    newline="\r\n",
)
NAMELESS = frozenset({"missed", "missed_video", "blocked"})
"""What Android writes without a name in front of it."""


def android_de(chat: Conversation, *, until: datetime | None = None) -> str:
    """Write a chat as a German Android phone does, up to a moment if one is given."""
    return _android(chat, ANDROID_DE, "%d.%m.%y, %H:%M", until)


def android_en(chat: Conversation) -> str:
    """Write a chat as an English Android phone does."""
    return _android(chat, ANDROID_EN, "%d/%m/%Y, %H:%M", None)


def _android(chat: Conversation, form: Form, clock: str, until: datetime | None) -> str:
    rows = [f"{chat.facts['begins']:{clock}} - {form.notice}"]
    for line in chat.lines:
        if until is None or line.at <= until:
            said = _words(line, form)
            who = "" if line.act in NAMELESS else f"{_name(chat, line)}: "
            rows.append(f"{line.at:{clock}} - {who}{said}")
    return form.newline.join([*rows, ""])


def ios_en(chat: Conversation) -> str:
    """Write a chat as an English iPhone does: ``[08/02/2026, 19:50:07] Mira: …``."""
    dice = Dice(f"{chat.name} seconds")
    clock = "%d/%m/%Y, %H:%M"
    other = next(iter(chat.facts["people"].values()))
    rows = [f"[{chat.facts['begins']:{clock}}:00] {other}: {IOS_EN.notice}"]
    minute, second = None, 0
    for line in chat.lines:
        second = min(59, second + dice.between(1, 4)) if line.at == minute else dice.between(1, 20)
        minute = line.at
        mark = LRM if line.act == "photo" else ""
        stamp = f"{mark}[{line.at:{clock}}:{second:02}]"
        rows.append(f"{stamp} {_name(chat, line)}: {_words(line, IOS_EN)}")
    return IOS_EN.newline.join([*rows, ""])


def _name(chat: Conversation, line: Line) -> str:
    """Give a name; a number that is in no address book stands between direction marks."""
    name = str(chat.facts["people"][line.who])
    return f"{LRE}{name}{PDF}" if name.startswith("+") else name


def _words(line: Line, form: Form) -> str:
    if not line.act:
        return line.text
    name, _space, caption = line.text.partition(" ")
    said = form.acts[line.act].format(name=name)
    return f"{said}\n{caption}" if caption else said


FORMS: Mapping[str, Callable[[Conversation], str]] = {
    "android_de": android_de,
    "android_en": android_en,
    "ios_en": ios_en,
}


def text_of(chat: Conversation) -> bytes:
    """Write a chat in its own form."""
    return FORMS[chat.facts["form"]](chat).encode()


def archive_of(chat: Conversation, member: str) -> bytes:
    """Write a chat as the zip that the app shares: the text, and its pictures behind it."""
    names = [line.text.partition(" ")[0] for line in chat.lines if line.act == "photo"]
    pictures = [(name, chat_picture(name)) for name in names]
    return packed([(member, text_of(chat)), *pictures])

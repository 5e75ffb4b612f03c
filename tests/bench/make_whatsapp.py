# SPDX-License-Identifier: Apache-2.0
"""Write a WhatsApp export of any size, the same bytes for the same numbers.

About 68 bytes a message: two people, bodies of several lines, system lines, media placeholders,
and body lines that begin like a date. Forms: ``android`` (English, 24 hours), ``ios_de``
(German), ``us12`` (12 hours).
"""

import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

WORDS = [
    "where",
    "are",
    "you",
    "now",
    "please",
    "answer",
    "me",
    "I",
    "saw",
    "you",
    "today",
    "why",
    "not",
    "call",
    "back",
    "tomorrow",
    "maybe",
    "later",
    "Käse",
    "für",
    "morgen",
    "schön",
    "😀",
    "work",
    "home",
    "train",
    "late",
    "again",
    "nobody",
    "said",
    "that",
    "fine",
    "okay",
    "then",
]
OMITTED = {
    "android": "<Media omitted>",
    "ios_de": "\u200eBild weggelassen",
    "us12": "<Media omitted>",
}
SYSTEM = {
    "android": "Your security code with Kim Example changed. Tap to learn more.",
    "ios_de": "Kim Example: \u200eVerpasster Sprachanruf",
    "us12": "Missed voice call",
}
NAMES = ("Kim Example", "Robin Sample")
START = datetime(2021, 3, 1, 8, 0, 0)  # noqa: DTZ001 - an export has no zone


def stamp(moment: datetime, form: str) -> str:
    """Write a header as a form does."""
    if form == "android":
        return f"{moment:%d/%m/%Y, %H:%M} - "
    if form == "ios_de":
        return f"[{moment:%d.%m.%y, %H:%M:%S}] "
    half = "AM" if moment.hour < 12 else "PM"
    clock = f"{moment.hour % 12 or 12}:{moment.minute:02}"
    return f"{moment.month}/{moment.day}/{moment:%y}, {clock}\u202f{half} - "


def lines(count: int, form: str) -> Iterator[str]:
    """Yield ``count`` messages, each with its line break."""
    chance = random.Random(20240304)
    moment = START
    for number in range(count):
        moment += timedelta(seconds=chance.randrange(1, 240))
        head = stamp(moment, form)
        dice = chance.randrange(2000)
        if dice == 0:
            yield f"{head}{SYSTEM[form]}\n"
            continue
        name = NAMES[chance.randrange(2)]
        text = " ".join(chance.choices(WORDS, k=chance.randrange(2, 12)))
        if dice < 60:
            text = OMITTED[form]
        elif dice < 120:
            text += "\nand one more line\n" + chance.choice(WORDS)
        elif dice < 130:
            text += f"\n{chance.randrange(1, 13):02}/2024 - that month"
        elif dice < 200:
            text = f"https://example.org/{number}"
        mark = "\u200e" if text.startswith("\u200e") else ""
        yield f"{mark}{head}{name}: {text}\n"


def write(path: Path, count: int, form: str) -> None:
    """Write an export of that many messages."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines(count, form))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

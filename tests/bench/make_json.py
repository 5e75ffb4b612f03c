# SPDX-License-Identifier: Apache-2.0
"""Writes chat exports of N fictional messages as JSON, for benchmarks.

Usage: ``python make_json.py telegram|meta N PATH``
"""

from __future__ import annotations

import json
import random
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

START = 1_609_459_200
TEXT = (
    "ich weiß wo du bist please call me back Привет как дела when you can ok 😀 answer me why don't"
    " you answer every message I saw your car near the station"
)
WORDS = TEXT.split()
PEOPLE = (("Alex Weber", "user1000000101"), ("Sam Wïnter", "user1000000202"))


def telegram(count: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(7)
    for number in range(count):
        moment = START + number * 97
        who = dice.choice(PEOPLE)
        text = " ".join(dice.choices(WORDS, k=dice.randint(1, 20)))
        one: dict[str, Any] = {
            "id": number + 1, "type": "message",
            "date": datetime.fromtimestamp(moment + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "date_unixtime": str(moment), "from": who[0], "from_id": who[1],
        }  # fmt: skip
        if number % 15 == 0:
            one["reply_to_message_id"] = max(1, number - 3)
        if number % 20 == 0:
            one |= {"photo": f"photos/photo_{number}@01-01-2021.jpg", "width": 800, "height": 600}
        yield one | {"text": text, "text_entities": [{"type": "plain", "text": text}]}


def meta(count: int) -> Iterator[dict[str, Any]]:
    dice = random.Random(7)
    for number in range(count):
        text = " ".join(dice.choices(WORDS, k=dice.randint(1, 20)))
        who = dice.choice(PEOPLE)[0]
        one: dict[str, Any] = {
            "sender_name": who.encode().decode("latin-1"),
            "timestamp_ms": (START + (count - number) * 97) * 1000 + number % 1000,
            "content": text.encode().decode("latin-1"),
        }
        if number % 15 == 0:
            one["reactions"] = [{"reaction": "\u00e2\u009d\u00a4", "actor": "Alex Weber"}]
        yield one | {"is_geoblocked_for_viewer": False}


def write(kind: str, count: int, path: Path) -> None:
    plain = kind == "meta"
    facts = (
        {"participants": [{"name": name} for name, _id in PEOPLE]}
        if plain
        else {"name": "Alex Weber", "type": "personal_chat", "id": 1000000101}
    )
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(facts, indent=1)[:-2] + ',\n "messages": [')
        for number, one in enumerate(meta(count) if plain else telegram(count)):
            text = json.dumps(one, ensure_ascii=plain, indent=1).replace("\n", "\n  ")
            file.write((",\n  " if number else "\n  ") + text)
        file.write(
            "\n ]" + (',\n "title": "Alex Weber",\n "thread_path": "inbox/a_1"' * plain) + "\n}"
        )


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

# SPDX-License-Identifier: Apache-2.0
"""The programs standfast is measured against, installed for the benchmark and thrown away with it.

Those of Python go into an environment of their own in the benchmark's folder. `age` and `rg` are
programs of the system; where one is missing, its lines say how to have it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

from measuring import PEER_LIMIT, Spent, best

if TYPE_CHECKING:
    from pathlib import Path

EXPORTER, WHATSTK, MINER = "WhatsApp-Chat-Exporter 0.13.1", "whatstk 0.9.1", "chat-miner 0.6.0"
SCRIPTS = {
    EXPORTER: """
import sys
from Whatsapp_Chat_Exporter.data_model import ChatCollection
from Whatsapp_Chat_Exporter.exported_handler import messages
found = ChatCollection()
messages(sys.argv[1], found, True)
print(sum(len(chat.keys()) for chat in found.values()))
""",
    WHATSTK: """
import sys
from whatstk import WhatsAppChat
print(len(WhatsAppChat.from_source(sys.argv[1], max_size=None).df))
""",
    MINER: """
import sys
from chatminer.chatparsers import WhatsAppParser
parser = WhatsAppParser(sys.argv[1])
parser.parse_file()
print(len(parser.parsed_messages.get_df()))
""",
}
"""Each peer's shortest way to a file's messages: no page, no picture, no file is written."""
PROGRAMS = {"age": "age", "age-keygen": "age", "rg": "ripgrep"}
"""Programs, and the packages of Debian that bring them."""


def peer(name: str, folder: Path, path: Path) -> Spent:
    """Run one of the Python peers on a file."""
    python, problem = installed(name, folder)
    if problem:
        return Spent(problem=problem)
    return best(python, "-c", SCRIPTS[name], path, limit=PEER_LIMIT)


@cache
def installed(name: str, folder: Path) -> tuple[Path, str]:
    """Install a peer into an environment of its own; give its Python, or why there is none."""
    place = folder / name.split(maxsplit=1)[0]
    python = place / "bin" / "python"
    wanted = name.replace(" ", "==")
    uv = shutil.which("uv")
    if uv:
        steps = [
            [uv, "venv", "-q", "--python", sys.executable, str(place)],
            [uv, "pip", "install", "-q", "--python", str(python), wanted],
        ]
    else:
        steps = [
            [sys.executable, "-m", "venv", str(place)],
            [str(python), "-m", "pip", "install", "-q", wanted],
        ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["no reason was given"]
            return python, f"not installed: {lines[-1][:100]}"
    return python, ""


def missing(program: str) -> str:
    """Say how to have a program that is not here; nothing when it is."""
    if shutil.which(program):
        return ""
    return f"not here: apt install {PROGRAMS[program]}"

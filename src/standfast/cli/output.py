# SPDX-License-Identifier: Apache-2.0
"""What a terminal is shown.

Rules enforced here:

* data goes to standard output, everything else to standard error;
* nothing that came from outside reaches the terminal with a control, bidirectional or zero-width
  character in it: each is spelled, so that a message can neither move the cursor nor turn text;
* ``--json`` prints one object with ``"schema": 1``, made from the very value the words come from.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.errors import StandfastError

SCHEMA = 1
HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
JOINERS = frozenset("\u200d\ufe0f")
"""Parts of an emoji; alone they are invisible and move nothing."""


def visible(untrusted_text: str, *, most: int = 2000) -> str:
    """Make a text harmless for a terminal; line breaks become ``⏎``."""
    text = untrusted_text[:most].replace("\r\n", "\n").replace("\n", " ⏎ ")
    shown = "".join(c if _plain(c) else f"[U+{ord(c):04X}]" for c in text)
    left = len(untrusted_text) - most
    return f"{shown}… (+{left})" if left > 0 else shown


def _plain(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in HARMFUL


def say(sentence: str = "") -> None:
    """Print a line of data."""
    click.echo(sentence)


def tell(sentence: str) -> None:
    """Print a line that is no data."""
    click.echo(sentence, err=True)


def tell_error(problem: StandfastError) -> None:
    """Say what happened, what is safe and what to do next."""
    tell(visible(problem.message))
    if problem.hint:
        tell("→ " + visible(problem.hint))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one object."""
    whole = {"schema": SCHEMA, **value}
    text = json.dumps(whole, ensure_ascii=False, default=_plain_value, indent=1)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """Give a dataclass as plain lists and objects."""
    return json.loads(json.dumps(value, default=_plain_value))


def _plain_value(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Path):
        return str(value)
    message = f"{type(value).__name__} has no plain form"
    raise TypeError(message)


def size_words(count: int) -> str:
    """Write a number of bytes for people."""
    value = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":  # noqa: PLR2004 - the next unit begins there
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return ""

# SPDX-License-Identifier: Apache-2.0
"""What a terminal is shown.

Rules enforced here:

* data goes to standard output, everything else to standard error;
* nothing that came from outside reaches the terminal with a control, bidirectional or zero-width
  character in it: each is spelled, so that a message can neither move the cursor nor turn text;
  `say` and `tell` see to that for whole sentences, `visible` also keeps a name on its line;
* a character that the terminal's own encoding lacks is spelled, never an error;
* on a terminal a long line breaks between words, never within a fingerprint or a path; what goes
  into a file or a pipe stays one line;
* ``--json`` prints one object with ``"schema": 1``, made from the very value the words come from;
  there such characters are escaped, so that the text behind is unharmed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from standfast.model.harmless import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

    from standfast.errors import StandfastError

SCHEMA = 1
ESCAPED = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""What JSON allows as it is and a terminal obeys."""


def visible(untrusted_text: str, *, most: int = 2000) -> str:
    """Make a text harmless for one line of a terminal; line breaks become ``⏎``."""
    text = untrusted_text[:most].replace("\r\n", "\n").replace("\n", " ⏎ ")
    left = len(untrusted_text) - most
    return f"{harmless(text)}… (+{left})" if left > 0 else harmless(text)


def say(sentence: str = "") -> None:
    """Print a line of data."""
    _print(sentence, sys.stdout, err=False)


def guard_click() -> None:
    """Have click's own error messages, which quote what was typed, come out harmless."""

    def echo(message: object = "", **more: Any) -> None:
        click.echo(harmless(str(message).replace("\t", "    ")), **more)

    click.exceptions.echo = echo  # type: ignore[attr-defined, assignment]  # whatever it passes is passed on


def headline(sentence: str) -> None:
    """Print a line of data that stands out on a terminal."""
    click.echo(click.style(harmless(sentence), bold=True))


def tell(sentence: str) -> None:
    """Print a line that is no data."""
    _print(sentence, sys.stderr, err=True)


def _print(sentence: str, stream: TextIO, *, err: bool) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = harmless(sentence.replace("\t", "    "))
    if stream.isatty():
        text = wrapped(text, shutil.get_terminal_size().columns)
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding), err=err)


def wrapped(text: str, width: int) -> str:
    """Break lines longer than the terminal between words, under their own indent."""
    return "\n".join(_wrapped_line(line, width) for line in text.split("\n"))


def _wrapped_line(line: str, width: int) -> str:
    if len(line) <= width:
        return line
    indent = " " * min(len(line) - len(line.lstrip(" ")), width // 2)
    return textwrap.fill(
        line,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
        expand_tabs=False,
    )


def tell_error(problem: StandfastError) -> None:
    """Say what happened, what is safe and what to do next."""
    tell(visible(problem.message))
    if problem.hint:
        tell("→ " + visible(problem.hint))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one object."""
    whole = {"schema": SCHEMA, **value}
    text = json.dumps(whole, ensure_ascii=False, default=_plain_value, indent=1)
    text = ESCAPED.sub(_escape, text)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found.group())[1:-1]


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

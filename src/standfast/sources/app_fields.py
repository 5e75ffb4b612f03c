# SPDX-License-Identifier: Apache-2.0
"""Fields of what an app exported: asked for by name and kind, never believed.

Rules enforced here:

* a field of another kind than it should be is as good as absent, and never a reason to fail;
* a count may be a number or a text of digits (protocol buffers write 64-bit numbers as texts).
"""

from __future__ import annotations

import re
from typing import Any, Final

MOST_DIGITS: Final = 20
"""Digits of the largest number that a 64-bit field can hold."""
_NO_CODE: Final = re.compile(r"[^a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
LONGEST_CODE: Final = 60


def thing(data: Any, name: str) -> dict[str, Any]:
    """Give an object within an object; an empty one when there is none."""
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def things(data: Any, name: str) -> list[dict[str, Any]]:
    """Give the objects of a list; whatever else stands in it is left out."""
    found = data.get(name) if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(data: Any, name: str) -> str:
    """Give a text or a number as text; empty when there is neither."""
    found = data.get(name) if isinstance(data, dict) else None
    if isinstance(found, str):
        return found
    return str(found) if type(found) is int and found.bit_length() <= LONGEST_CODE + 4 else ""


def first_text(data: Any, *names: str) -> str:
    """Give the first of several fields that says anything."""
    return next((found for name in names if (found := text(data, name))), "")


def whole(data: Any, name: str) -> int | None:
    """Give a whole number that is not negative; ``None`` when there is none."""
    found = data.get(name) if isinstance(data, dict) else None
    if type(found) is int:
        return found if 0 <= found < 10**MOST_DIGITS else None
    if not isinstance(found, str) or len(found) > MOST_DIGITS:
        return None
    return int(found) if found.isascii() and found.isdigit() else None


def code(words: str) -> str:
    """Make a short code of what an app calls something: ``GuildMemberJoin``, ``VOICE CALL``."""
    plain = _NO_CODE.sub("_", _HUMP.sub("_", words).lower())
    return plain.strip("_")[:LONGEST_CODE]

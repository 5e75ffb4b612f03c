# SPDX-License-Identifier: Apache-2.0
"""Texts of Meta's downloads: UTF-8 that was taken for Latin-1, put right where that succeeds.

Rules enforced here:

* each text by itself: if all its characters are bytes, and these bytes are UTF-8, the text is what
  they say; otherwise it stays as it is written;
* what was repaired is told, and the original's bytes stay where they are.
"""

from __future__ import annotations

from typing import Any


def repaired(text: str) -> str:
    """Give the text that is meant; the very same one when there is nothing to repair."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def all_repaired(value: Any) -> tuple[Any, bool]:
    """Repair every text within a value, and say whether any was.

    Raises:
        RecursionError: it nests too deep.
    """
    if isinstance(value, str):
        text = repaired(value)
        return text, text is not value and text != value
    if isinstance(value, list):
        pairs = [all_repaired(one) for one in value]
        return [one for one, _any in pairs], any(did for _one, did in pairs)
    if isinstance(value, dict):
        inner = {repaired(name): all_repaired(one) for name, one in value.items()}
        return {n: one for n, (one, _any) in inner.items()}, any(did for _, did in inner.values())
    return value, False

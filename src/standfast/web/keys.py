# SPDX-License-Identifier: Apache-2.0
"""Opaque keys for addresses.

A browser keeps every address it was at. So nothing that says who, what was searched for, or what
was found may stand in one: an address holds a key, and what it stands for stays in this process.
The same value has the same key as long as the server runs; afterwards a key means nothing.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from collections import OrderedDict
from typing import Any

MOST = 20_000
MOST_TEXT = 32 << 20
"""How many characters all values together may have."""
DIGITS = 22


class Expired(LookupError):
    """The key means nothing (any more)."""


class Keys:
    """Keys and what they stand for: the newest, as many as there is room for."""

    def __init__(self) -> None:
        """Begin with none."""
        self._secret = secrets.token_bytes(32)
        self._values: OrderedDict[str, str] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def key(self, value: Any) -> str:
        """Give the key of a value that JSON can hold."""
        text = json.dumps(value, sort_keys=True)
        key = hmac.new(self._secret, text.encode(), "sha256").hexdigest()[:DIGITS]
        with self._lock:
            self._size += len(text) if key not in self._values else 0
            self._values[key] = text
            self._values.move_to_end(key)
            while len(self._values) > 1 and (len(self._values) > MOST or self._size > MOST_TEXT):
                self._size -= len(self._values.popitem(last=False)[1])
        return key

    def value(self, key: str) -> Any:
        """Give what a key stands for.

        Raises:
            Expired: nothing, in this run of the server.
        """
        with self._lock:
            text = self._values.get(key)
            if text is None:
                raise Expired(key)
            self._values.move_to_end(key)
        return json.loads(text)

    def forget(self) -> None:
        """Forget every value."""
        with self._lock:
            self._values.clear()
            self._size = 0

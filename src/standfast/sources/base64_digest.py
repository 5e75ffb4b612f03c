# SPDX-License-Identifier: Apache-2.0
"""Size and SHA-256 of base64 data that arrives in pieces, without holding what it decodes to.

White space and its numeric references between the digits are left out, as writers put them
there; anything else that is no base64 makes the whole data damaged.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from typing import Final

_SPACE: Final = b" \t\r\n"
_SPACE_REFERENCE: Final = re.compile(rb"&#(?:0*(?:9|10|13|32)|x0*(?:9|[aAdD]|20));")
_LONGEST_REFERENCE: Final = 12


def plain_digits(text: bytes) -> bytes:
    """Leave out white space and the references that stand for it."""
    if b"&" in text:
        text = _SPACE_REFERENCE.sub(b"", text)
    return text.translate(None, _SPACE)


class Base64Digest:
    """Counts and hashes what base64 text decodes to.

    Attributes:
        size: decoded bytes so far.
        damaged: whether something was no base64.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self.damaged = False
        self._hash = hashlib.sha256()
        self._rest = b""
        self._padded = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece, cut anywhere."""
        digits = plain_digits(self._rest + piece)
        reference = digits.rfind(b"&", -_LONGEST_REFERENCE)
        usable = reference if reference >= 0 else len(digits)
        usable -= usable % 4
        self._rest = digits[usable:]
        self._decode(digits[:usable])

    def finish(self) -> str:
        """Give the SHA-256 in hex; empty when the data is damaged."""
        self.damaged = self.damaged or bool(self._rest)
        return "" if self.damaged else self._hash.hexdigest()

    def _decode(self, digits: bytes) -> None:
        if self.damaged or not digits:
            return
        try:
            data = binascii.a2b_base64(digits, strict_mode=True)
        except binascii.Error:
            self.damaged = True
            return
        self.damaged = self._padded
        self._padded = digits.endswith(b"=")
        self.size += len(data)
        self._hash.update(data)

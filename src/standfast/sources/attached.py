# SPDX-License-Identifier: Apache-2.0
"""A file that stands within an event's own bytes: in a mail, or in a message of a phone backup.

Rules enforced here:

* this runs in the bounded worker alone;
* what is asked for is named by its SHA-256: whatever the bytes say of themselves, nothing else is
  given.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final

from standfast.sources.base64_digest import plain_digits
from standfast.sources.mail_text.letter import attached_file

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES: Final = 64 << 20
"""The longest event that is looked through for a file."""
_DATA: Final = re.compile(rb"\bdata\s*+=\s*+(?:\"([^\"<]*+)\"|'([^'<]*+)')")
_MAILBOX: Final = re.compile(rb"(?:\xef\xbb\xbf)?>?From ")
_WIDE: Final = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def attached(data: bytes, sha256: str) -> bytes | None:
    """Give the file with that SHA-256 that an event carries, ``None`` when it carries none."""
    wide = _WIDE.get(data[:2])
    if wide:
        data = data.decode(wide, "replace").encode()
    if data.startswith(b"<"):
        return next((one for one in _in_xml(data) if _is(one, sha256)), None)
    return attached_file(data, sha256, in_mailbox=_MAILBOX.match(data) is not None)


def _in_xml(data: bytes) -> Iterator[bytes]:
    for found in _DATA.finditer(data):
        try:
            yield binascii.a2b_base64(plain_digits(found[1] or found[2] or b""), strict_mode=True)
        except binascii.Error:
            continue


def _is(content: bytes, sha256: str) -> bool:
    return hashlib.sha256(content).hexdigest() == sha256

# SPDX-License-Identifier: Apache-2.0
"""Accounts and the people behind them.

Rules enforced here:

* whose account something is, is the person's own statement, an entry each, and can be taken back;
* the same number written in two ways (``+49 171 …``, ``0049171…``) is one address; anything less
  certain is only proposed;
* an address is compared in one form and shown as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers

NUMBER = re.compile(r"(?:\+|00)[\d\s()./-]{6,24}\d")
CASEFOLDED = ("google_chat", "mail")
"""Channels whose addresses are mail addresses."""


@lru_cache(maxsize=65536)
def canonical(channel: str, address: str) -> str:
    """Give the one form in which an address of a channel is compared.

    A number with its country code becomes E.164; a mail address loses its case; any other address
    only loses invisible marks and doubled spaces.
    """
    visible = "".join(c for c in address if unicodedata.category(c) != "Cf")
    plain = " ".join(visible.split())
    if NUMBER.fullmatch(plain):
        return _e164(plain)
    if channel in CASEFOLDED:
        return plain.casefold()
    return plain


def _e164(text: str) -> str:
    international = "+" + text[2:] if text.startswith("00") else text
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

# SPDX-License-Identifier: Apache-2.0
"""Bytes to text, by the charset that was declared, and honestly when that was wrong.

Rules enforced here:

* a declared charset that fits is used exactly;
* one that is unknown or does not fit is replaced by its usual superset, then UTF-8, then
  Windows-1252, then ISO 8859-1 (which fits always), and the result says which it was;
* only codecs for text are ever used, whatever a mail asks for;
* the result never holds half of a surrogate pair.
"""

from __future__ import annotations

from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import lru_cache
from typing import Final

ALLOWED: Final = frozenset(
    [
        "ascii",
        "utf_8",
        "utf_8_sig",
        "utf_7",
        "utf_16",
        "utf_16_be",
        "utf_16_le",
        "utf_32",
        "utf_32_be",
        "utf_32_le",
        "latin_1",
        "iso8859_2",
        "iso8859_3",
        "iso8859_4",
        "iso8859_5",
        "iso8859_6",
        "iso8859_7",
        "iso8859_8",
        "iso8859_9",
        "iso8859_10",
        "iso8859_11",
        "iso8859_13",
        "iso8859_14",
        "iso8859_15",
        "iso8859_16",
        "cp1250",
        "cp1251",
        "cp1252",
        "cp1253",
        "cp1254",
        "cp1255",
        "cp1256",
        "cp1257",
        "cp1258",
        "cp437",
        "cp850",
        "cp852",
        "cp855",
        "cp857",
        "cp858",
        "cp862",
        "cp864",
        "cp866",
        "cp874",
        "cp932",
        "cp949",
        "cp950",
        "koi8_r",
        "koi8_u",
        "koi8_t",
        "kz1048",
        "big5",
        "big5hkscs",
        "gb2312",
        "gbk",
        "gb18030",
        "hz",
        "shift_jis",
        "shift_jisx0213",
        "euc_jp",
        "euc_jisx0213",
        "euc_kr",
        "johab",
        "iso2022_jp",
        "iso2022_jp_1",
        "iso2022_jp_2",
        "iso2022_jp_3",
        "iso2022_jp_ext",
        "iso2022_jp_2004",
        "iso2022_kr",
        "tis_620",
        "mac_roman",
        "mac_cyrillic",
        "mac_greek",
        "mac_latin2",
        "mac_turkish",
        "ptcp154",
    ]
)
"""The codecs a mail may ask for."""

ALSO: Final = {
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "windows_874": "cp874",
    "windows_31j": "cp932",
    "windows_949": "cp949",
    "x_sjis": "shift_jis",
    "x_gbk": "gbk",
    "x_euc_jp": "euc_jp",
    "cp_850": "cp850",
    "utf8mb4": "utf_8",
    "x_mac_roman": "mac_roman",
}
"""Names that mails use and Python does not know."""

SUPERSET: Final = {
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
    "iso2022_jp": "iso2022_jp_ext",
}
"""What programs in fact wrote when they declared the key."""

NOT_ASCII: Final = frozenset(
    {"utf_7", "hz", "iso2022_kr", "utf_16", "utf_16_be", "utf_16_le"}
    | {"utf_32", "utf_32_be", "utf_32_le"}
    | {name for name in ALLOWED if name.startswith("iso2022_jp")}
)
"""Codecs in which a run of ASCII bytes can mean something else."""

NAMES: Final = {"cp1252": "windows-1252", "utf_8": "utf-8", "latin_1": "iso-8859-1"}
FIRST_C1: Final = bytes(range(0x80, 0xA0))


@lru_cache(maxsize=512)
def codec(charset: str) -> str:
    """Give the codec of a charset's name, or an empty text when it is none we use."""
    if not charset or len(charset) > len("iso-8859-1") * 4 or not charset.isascii():
        return ""
    name = normalize_encoding(charset.strip(" \t\"'").lower())
    name = aliases.get(name, ALSO.get(name, name))
    name = {"iso8859_1": "latin_1", "us_ascii": "ascii"}.get(name, name)
    return name if name in ALLOWED else ""


def decode(data: bytes, charset: str) -> tuple[str, str]:
    """Turn bytes into text; the second part names the charset used when another was declared.

    No charset at all means ASCII, as RFC 2045 has it.
    """
    name = codec(charset) if charset else "ascii"
    if data.isascii() and name not in NOT_ASCII:
        return data.decode("ascii"), "" if name else "utf-8"
    if name and not (name == "latin_1" and _has_c1(data)):
        text = _strictly(data, name)
        if text is not None:
            return text, ""
    return _guess(data, name)


def _guess(data: bytes, name: str) -> tuple[str, str]:
    superset = SUPERSET.get(name, "utf_8")
    for candidate in (superset, "utf_8", "cp1252"):
        text = _strictly(data, candidate)
        if text is not None:
            return text, NAMES.get(candidate, candidate.replace("_", "-"))
    return data.decode("latin-1"), NAMES["latin_1"]


def _strictly(data: bytes, name: str) -> str | None:
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return None
    if name == "utf_7" and not text.isascii():
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _has_c1(data: bytes) -> bool:
    return len(data.translate(None, FIRST_C1)) != len(data)

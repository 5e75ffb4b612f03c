# SPDX-License-Identifier: Apache-2.0
"""The peer of the phone backup's reading: expat alone, keeping the same attributes as they are.

It needs a well-formed file: what apps write beyond XML (surrogates as references) stops it, so
such references are taken out first, outside of what is measured.

Usage: ``python bare_expat.py PATH`` prints the rows and the processor seconds.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Any
from xml.parsers import expat

CHUNK = 1 << 18
KEPT = [
    *("address", "date", "type", "msg_box", "body", "date_sent", "contact_name", "readable_date"),
    *("service_center", "read", "locked", "sub_id", "subject", "seq", "ct", "name", "cl", "text"),
    *("data", "number", "duration", "presentation"),
]


def parse(data: bytes) -> int:
    rows: list[tuple[Any, ...]] = []
    parser = expat.ParserCreate()

    def start(name: str, given: dict[str, str]) -> None:
        get = given.get
        rows.append((name, parser.CurrentByteIndex, *[get(key) for key in KEPT]))

    parser.StartElementHandler = start
    for place in range(0, len(data), CHUNK):
        parser.Parse(data[place : place + CHUNK], False)  # noqa: FBT003 - expat takes no keyword
    parser.Parse(b"", True)  # noqa: FBT003 - likewise
    return len(rows)


def main() -> None:
    data = re.sub(rb"&#5[5-7]\d{3};", b"", Path(sys.argv[1]).read_bytes())
    began = time.process_time()
    count = parse(data)
    sys.stdout.write(f"{count} {time.process_time() - began:.2f}\n")


if __name__ == "__main__":
    main()

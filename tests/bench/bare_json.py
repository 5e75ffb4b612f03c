# SPDX-License-Identifier: Apache-2.0
"""The peer of the JSON exports' reading: `json.load`, keeping time, sender and text as they are.

Usage: ``python bare_json.py PATH`` prints how many.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def read(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        document = json.load(file)
    rows = [
        (
            one.get("date_unixtime") or one.get("timestamp_ms"),
            one.get("from_id") or one.get("sender_name"),
            one.get("text") or one.get("content"),
        )
        for one in document["messages"]
    ]
    return len(rows)


if __name__ == "__main__":
    sys.stdout.write(f"{read(Path(sys.argv[1]))}\n")

# SPDX-License-Identifier: Apache-2.0
"""The peer: what anybody would write first, one regular expression over the lines.

It reads one form of header, keeps (date, time, sender, text) and nothing else: no places in the
file, no system lines typed, no dates understood.
"""

import re
import sys
import time
from pathlib import Path

FORMS = {
    "android": re.compile(r"^(\d{2}/\d{2}/\d{4}), (\d{2}:\d{2}) - ([^:]+): (.*)$"),
    "ios_de": re.compile(r"^\u200e?\[(\d{2}\.\d{2}\.\d{2}), (\d{2}:\d{2}:\d{2})\] ([^:]+): (.*)$"),
    "us12": re.compile(r"^(\d{1,2}/\d{1,2}/\d{2}), (\d{1,2}:\d{2}\u202f[AP]M) - ([^:]+): (.*)$"),
}


def read(path: Path, form: str) -> list[tuple[str, str, str, str]]:
    """Read an export's messages, continuation lines joined to the message before them."""
    header = FORMS[form]
    messages: list[tuple[str, str, str, str]] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            match = header.match(line)
            if match:
                messages.append(match.groups())
            elif messages:
                date, clock, sender, text = messages[-1]
                messages[-1] = (date, clock, sender, text + "\n" + line.rstrip("\n"))
    return messages


if __name__ == "__main__":
    start = time.process_time()
    found = read(Path(sys.argv[1]), sys.argv[2])
    spent = time.process_time() - start
    sys.stdout.write(f"{len(found)} {spent:.3f}\n")

# SPDX-License-Identifier: Apache-2.0
"""The peer of the mailbox: the standard library's, with its fast policy.

It gives three headers as they stand and the decoded bytes of the text; it reads no date, decodes
no encoded word and keeps no place in the file.

Usage: ``python bare_mailbox.py PATH``
"""

from __future__ import annotations

import mailbox
import sys


def main() -> None:
    count = size = 0
    for mail in mailbox.mbox(sys.argv[1], create=False):
        fields = [mail["from"], mail["date"], mail["subject"]]
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                size += len(part.get_payload(decode=True) or b"")
        count += len(fields) > 0
    sys.stdout.write(f"{count} {size}\n")


if __name__ == "__main__":
    main()

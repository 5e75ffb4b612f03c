# SPDX-License-Identifier: Apache-2.0
"""What was said of a file while it was read, in the language of whoever looks at it.

Rules enforced here:

* the worker speaks English, so that what enters the ledger is the same in every language; its
  sentences are translated where they are shown;
* a sentence from the worker is only compared with ours: nothing in it is followed or filled in.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from standfast.i18n import N_, SOURCE_LANGUAGE, _, catalogue, language

WORKER: Final = (
    N_("This file cannot be unpacked: it is damaged, or packed in an unknown way."),
    N_("This file in the archive is damaged; what could be read of it is shown."),
    N_("The original could not be read to its end."),
    N_("The original holds no such file, or not where the event says."),
    N_("The reader for this kind of file failed ({kind}); what it had read until then is shown."),
    N_("Archives within archives are not followed any deeper."),
    N_("Reading it needs more memory than one file may have."),
    N_("The original in the case folder is damaged."),
    N_("The reader failed ({kind})."),
    N_("The archive names far more files than are unpacked at once."),
    N_("The archive would unpack to far more than it can hold."),
    N_("The archive is damaged, or not a zip file to its end; nothing in it can be read."),
    N_("This file in the archive is locked with a password."),
    N_("The name of this file in the archive is far too long."),
    N_("This file in the archive would unpack to far more than it can hold."),
)
"""What the worker itself says; what a format says is marked in the format."""

LONGEST: Final = 500
LEAST_WORDS: Final = 15
"""Characters of our own that a sentence with blanks must have to be recognised."""
_BLANK: Final = re.compile(r"\{(\w+)\}")


def in_words(detail: str) -> str:
    """Give a sentence from the worker in the language in force, with the numbers that are in it.

    One that nobody has translated, or that is none of ours, is given as it is.
    """
    known = _(detail)
    if known == detail and len(detail) <= LONGEST:
        for pattern, sentence in _with_blanks(language()):
            found = pattern.fullmatch(detail)
            if found:
                return _(sentence).format(**found.groupdict())
    return known


@lru_cache(maxsize=8)
def _with_blanks(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the translated sentences that have blanks, each with what recognises it filled in."""
    found = []
    for sentence in catalogue(code) if code != SOURCE_LANGUAGE else ():
        parts = _BLANK.split(sentence)
        ours, names = parts[::2], parts[1::2]
        plain = len(set(names)) == len(names) == sentence.count("{")
        if names and plain and sum(map(len, ours)) >= LEAST_WORDS:
            blanks = [rf"(?P<{name}>\w{{1,64}})" for name in names]
            pairs = zip(map(re.escape, ours), [*blanks, ""], strict=True)
            found.append((re.compile("".join(map("".join, pairs))), sentence))
    return tuple(found)

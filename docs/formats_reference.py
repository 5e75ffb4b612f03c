# SPDX-License-Identifier: Apache-2.0
"""Writes the page of formats from the formats themselves.

``python3 dev.py reference`` runs it; ``tests/test_docs.py`` compares the page with what this would
write now.
"""

from __future__ import annotations

import sys
from pathlib import Path

from standfast.i18n import speaking
from standfast.sources import known_formats

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
HEAD = """# Formats

<!-- Written by `python3 dev.py reference`; a change by hand is lost. -->

What standfast reads. A file is recognised by its content, never by its name alone; a zip is opened
and every known file in it is read. What is not known is kept all the same, and listed.
"""


def reference() -> str:
    """Give the whole page, in English."""
    with speaking("en"):
        return "\n".join([HEAD, *(_section(name) for name in known_formats())])


def _section(name: str) -> str:
    about = known_formats()[name].about
    fixtures = [path for path in (FIXTURES / name).rglob("*") if path.is_file()]
    samples = [path for path in fixtures if path.suffix not in {".golden", ".json", ".md"}]
    lacks = [f"- {lack}" for lack in about.lacks] or ["- nothing that is known"]
    return "\n".join(
        [
            f"## {about.title}",
            "",
            f"Id `{name}`, version {about.version}, channel `{about.channel}`.",
            "",
            f"Fixtures of our own: {len(samples)}.",
            "",
            f"How to get it: {about.export}",
            "",
            "What such an export leaves out:",
            "",
            *lacks,
            "",
        ]
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")

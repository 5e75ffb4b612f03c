# SPDX-License-Identifier: Apache-2.0
"""The two verifiers that travel in every bundle; they import nothing of ours.

``verify.py`` is shipped as it is. ``verify.html`` is put together from ``page/``: one file with
one script and one style, whose hashes stand in its content security policy, so that no other
script or style can run in it. Its sentences are those of ``verify.py``.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from hashlib import sha256
from importlib import resources

from standfast.dossier.verifier.verify import WORDS

CORE = ("bytes.js", "zip.js", "forms.js", "signatures.js", "stamps.js", "answer.js", "check.js")
"""The part of the page's script that needs no page."""

PAGE = ("words.js", "page.js")


@cache
def verifier_files() -> dict[str, bytes]:
    """Give both verifiers by the names they have in a bundle."""
    place = resources.files(__name__)
    return {"verify.html": verify_html(), "verify.py": (place / "verify.py").read_bytes()}


def core_js() -> str:
    """Give the script that checks a bundle, without the page around it."""
    return "".join(_part(name) for name in CORE)


def verify_html() -> bytes:
    """Put the page together."""
    words = json.dumps(WORDS, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    body = core_js() + f"const WORDS = {words};\n" + "".join(_part(name) for name in PAGE)
    script = f'"use strict";\n(() => {{\n{body}}})();\n'
    style = _part("page.css")
    page = _part("page.html")
    for mark, text in (
        ("@SCRIPT-HASH@", _hash_source(script)),
        ("@STYLE-HASH@", _hash_source(style)),
        ("@STYLE@", style),
        ("@SCRIPT@", script),
    ):
        page = page.replace(mark, text)
    return page.encode()


def _part(name: str) -> str:
    return (resources.files(__name__) / "page" / name).read_text(encoding="utf-8")


def _hash_source(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"

# SPDX-License-Identifier: Apache-2.0
"""What a browser keeps and what a template lets through: no words in addresses, no open door."""

from __future__ import annotations

import re
from pathlib import Path

from standfast.web.page import pages
from standfast.web.pages import files

TEMPLATES = Path(files.__file__).parent.parent / "templates"


def templates() -> dict[str, str]:
    """Give every template without its comments."""
    found = {
        str(one.relative_to(TEMPLATES)): one.read_text("utf-8")
        for one in sorted(TEMPLATES.rglob("*.html"))
    }
    return {name: re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL) for name, text in found.items()}


def test_no_address_of_a_page_holds_a_word() -> None:
    for page in pages():
        assert re.fullmatch(r"/|(/([a-z]{1,4}|\{\w+\}))+", page.path), page.name
        words = [part for part in page.path.split("/") if len(part) > 1 and "{" not in part]
        assert set(words) <= {"font"}, page.name


def test_no_form_puts_what_was_typed_into_an_address() -> None:
    for name, text in templates().items():
        for form in re.findall(r"<form\b[^>]*>", text):
            assert re.search(r'method="post"', form), name
        assert not re.search(r"formmethod|formaction", text), name
        assert not re.search(r'\b(href|src|action)="(https?:)?//', text), name


def test_no_template_lets_text_become_code() -> None:
    for name, text in templates().items():
        assert not re.search(r"\|\s*safe\b|autoescape\s+false|<style|\sstyle=", text), name
        assert not re.search(r"""\son[a-z]+\s*=\s*["']""", text), name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), name
        assert not re.search(r"""(?:href|src)=["']\s*javascript:""", text, re.IGNORECASE), name


def test_every_form_carries_the_token_first() -> None:
    for name, text in templates().items():
        for after in re.split(r"<form\b[^>]*>", text)[1:]:
            inside = after.partition("</form>")[0]
            first = re.search(r"\{\{\s*csrf\(\)\s*\}\}|<(input|select|textarea|button)\b", inside)
            assert first, name
            assert "csrf" in first[0], name

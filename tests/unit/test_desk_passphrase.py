# SPDX-License-Identifier: Apache-2.0
"""How hard a passphrase is to guess, and that the page's script comes to the same answer."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import standfast.web
from standfast.desk.passphrase import judge, often_chosen, suggest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCRIPT = Path(standfast.web.__file__).parent / "static" / "passphrase.js"
KNOWN = {
    "password": 0, "passwort123": 0, "Passw0rd!23": 0, "12345678": 0, "abcdefghijkl": 0,
    "14.03.1987": 0, "Mira1987": 0, "hallo hallo hallo hallo": 0, "iloveyou2024": 0,
    "correcthorsebatterystaple": 1, "aaaaaaaaaaaaaaaa": 0, "qwertzuiop1": 0,
    "several quiet words": 1, "blue cat sky tree": 1,
    "correct horse battery staple": 2, "x7K!mQ2z#Rv9": 2,
    "quiet river lantern sandwich": 3, "ein grüner Löffel schwimmt nach Lissabon": 3,
    "kotufa bimeso dolure vanapi": 3, "тихая река фонарь бутерброд": 2,
}  # fmt: skip

ODD = (
    "", "a", "Straße 5 Ω٣٤", "ﬁne ﬂoat ½ ", "\U0001f469\u200d\U0001f467 zwei drei vier",
    "P@$$word-river!", "e\u0301e\u0301", "1a2b3c4d5e", "日本語のことば", "tab\tand\nline",
    "\u0130stanbul", "19991231 20",
)  # fmt: skip


@pytest.mark.parametrize(("passphrase", "level"), KNOWN.items())
def test_levels_are_what_a_person_would_expect(passphrase: str, level: int) -> None:
    assert judge(passphrase).level == level


def test_what_is_much_chosen_is_said() -> None:
    assert judge("Passw0rd").often
    assert judge("iloveyou2024").often
    assert not judge("quiet river lantern sandwich").often
    assert judge("jaja").too_short


@given(st.text(max_size=200))
def test_every_text_has_a_level(text: str) -> None:
    found = judge(text)
    assert 0 <= found.level <= 3
    assert found.too_short == (len(text) < 8)


@given(st.lists(st.sampled_from(["river", "lantern", "sandwich", "glacier"]), max_size=8))
def test_a_word_twice_is_no_word_more(words: list[str]) -> None:
    once = list(dict.fromkeys(words))
    assert judge(" ".join(words)).level == judge(" ".join(once)).level


def test_a_suggestion_is_strong_and_never_the_same() -> None:
    made = {suggest() for _number in range(50)}
    assert len(made) == 50
    assert {judge(one).level for one in made} == {3}


def test_the_list_is_small_and_normal() -> None:
    words = often_chosen()
    assert 100 < len(words) < 400
    assert all(word == unicodedata.normalize("NFKC", word).lower() for word in words)


@pytest.mark.browser
def test_the_script_counts_as_the_program_does(browser: Browser) -> None:
    texts = [*KNOWN, *ODD]
    source = SCRIPT.read_text("utf-8").replace("export function", "function")
    question = (
        f"([texts, often]) => {{ {source}\n return texts.map((one) => levelOf(one, often)); }}"
    )
    page = browser.new_page()
    try:
        answered = page.evaluate(question, [texts, list(often_chosen())])
    finally:
        page.close()
    expected = [judge(one).level for one in texts]
    assert dict(zip(texts, answered, strict=True)) == dict(zip(texts, expected, strict=True)), (
        json.dumps(answered)
    )

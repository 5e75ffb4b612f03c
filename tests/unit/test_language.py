# SPDX-License-Identifier: Apache-2.0
"""Sentences in the language of whoever reads: the reader's, click's, and plural forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from standfast.cli import main
from standfast.desk.words import event_words
from standfast.i18n import catalogue, speaking
from standfast.sources.reading import REASONS, ReadingStopped
from standfast.sources.wording import WORKER, in_words

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    with speaking("en"):
        yield


def test_a_constant_sentence_of_the_worker_is_translated() -> None:
    with speaking("de"):
        assert in_words("It took too long.") == "Es hat zu lange gedauert."


def test_a_sentence_with_numbers_keeps_its_numbers() -> None:
    told = "The file says that it holds 12 entries; 9 could be read."
    with speaking("de"):
        assert in_words(told) == (
            "Die Datei gibt an, 12 Einträge zu enthalten; 9 konnten gelesen werden."
        )


def test_one_and_many_are_told_apart() -> None:
    rest = " more than 20 levels deep. What lies deeper is listed as one attachment"
    with speaking("de"):
        assert in_words(f"1 e-mail is nested{rest}.").startswith("1 E-Mail ist")
        assert in_words(f"3 e-mails are nested{rest} each.").startswith("3 E-Mails sind")


def test_english_stays_as_it_is() -> None:
    assert in_words("Entries without a usable date: 4.") == "Entries without a usable date: 4."


@pytest.mark.parametrize("code", ["en", "de"])
@given(text=st.text(max_size=600) | st.from_regex(r"[A-Za-z {}!:0-9.]{0,80}"))
def test_what_is_none_of_ours_is_shown_as_it_is(code: str, text: str) -> None:
    with speaking(code):
        assert in_words(text) in {text, catalogue("de").get(text, text)}


@pytest.mark.parametrize("hostile", ["{count}", "{0}", "{kind.__class__}", "{number:>4}  {name}"])
def test_braces_in_what_a_worker_says_are_never_filled_in(hostile: str) -> None:
    told = f"The reader for this kind of file failed ({hostile}); it said {hostile}."
    with speaking("de"):
        assert in_words(told) == told


@pytest.mark.parametrize("sentence", [*WORKER, *REASONS.values()])
def test_everything_the_worker_says_is_known_in_german(sentence: str) -> None:
    filled = sentence.replace("{kind}", "ValueError")
    with speaking("de"):
        assert in_words(filled) != filled


def test_a_stopped_reading_is_told_in_german_and_kept_in_english() -> None:
    with speaking("de"):
        stopped = ReadingStopped("silent")
    assert "zu lange" in stopped.message
    assert stopped.detail == "It took too long."


def shown(*words: str) -> str:
    return CliRunner().invoke(main, words).output


def test_the_help_is_in_one_language() -> None:
    told = shown("--lang", "de", "add", "--help")
    assert "Aufruf: " in told
    assert "[OPTIONEN] FALL PFADE..." in told
    assert "Optionen:" in told
    assert not {"Usage", "Options", "Show", "CASE"} & set(told.replace(":", " ").split())


def test_the_help_can_be_asked_for_in_one_language_and_then_another() -> None:
    german, english = shown("--lang", "de", "--help"), shown("--lang", "en", "--help")
    assert "Diese Hilfe anzeigen" in german
    assert "Befehle:" in german
    assert "Show this message" in english
    assert "Commands:" in english


def test_a_slip_on_the_command_line_is_explained_in_german() -> None:
    told = shown("--lang", "de", "timeline", "--limt", "3")
    assert "Die Option '--limt' gibt es nicht." in told
    assert "zeigt die Hilfe" in told


@pytest.mark.parametrize(
    ("event", "german"),
    [
        (("hallo", "message", "", ""), "hallo"),
        (("", "message", "", ""), "Nachricht"),
        (("", "mail", "", ""), "E-Mail"),
        (("", "call", "missed", ""), "verpasster Anruf"),
        (("", "call", "", ""), "Anruf"),
        (("", "message", "", "deleted"), "vom Absender gelöscht"),
        (("", "photo", "screenshot", ""), "Bild, Bildschirmfoto"),
    ],
)
def test_an_event_without_a_text_is_named(event: tuple[str, str, str, str], german: str) -> None:
    with speaking("de"):
        assert event_words(*event) == german

# SPDX-License-Identifier: Apache-2.0
"""How to get an export, as data: complete, in every language, each statement with its source."""

from __future__ import annotations

import copy
import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from standfast.desk.exporting import exports
from standfast.guidance.exports import export_from
from standfast.i18n import LANGUAGES, speaking
from standfast.sources import known_formats

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = [
    one
    for one in resources.files("standfast.guidance.exports").iterdir()
    if one.name.endswith(".toml")
]


def whole() -> dict[str, Any]:
    text = next(one for one in FILES if one.name == "whatsapp.toml").read_text("utf-8")
    return tomllib.loads(text)


def sentences(value: object) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "en" in value:
            yield value
        for one in value.values():
            yield from sentences(one)
    elif isinstance(value, list):
        for one in value:
            yield from sentences(one)


def test_every_format_that_is_read_has_a_page_and_no_page_names_an_unknown_one() -> None:
    named = {format_ for one in exports() for format_ in one.formats}
    assert named == set(known_formats())


def test_ids_and_numbers_are_each_used_once_and_the_id_is_the_file() -> None:
    found = exports()
    assert len({one.id for one in found}) == len({one.order for one in found}) == len(FILES)
    assert {f"{one.id}.toml" for one in found} == {one.name for one in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_every_page_says_what_could_be_noticed_what_it_takes_how_and_what_is_missing(
    file: Any,
) -> None:
    one = export_from(tomllib.loads(file.read_text("utf-8")))
    assert one.noticed
    assert one.needs
    assert one.ways
    assert one.lacks
    assert all(way.steps for way in one.ways)


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_every_sentence_is_there_in_every_language_and_differs(file: Any) -> None:
    data = tomllib.loads(file.read_text("utf-8"))
    for forms in sentences(data):
        assert all(forms[code].strip() for code in LANGUAGES)
        if len(forms["en"]) > 20:
            assert len({forms[code] for code in LANGUAGES}) == len(LANGUAGES), forms["en"]
        for word in (" safe ", " clean ", "sicher sind", "du ", "Du "):
            assert not any(forms[code].startswith(word.strip() + " ") for code in LANGUAGES)
            if word in (" safe ", " clean "):
                assert word not in f" {forms['en'].lower()} "


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.name)
def test_every_source_that_is_named_is_given_and_every_one_given_is_used(file: Any) -> None:
    data = tomllib.loads(file.read_text("utf-8"))
    parts = ("noticed", "needs", "ways", "lacks")
    assert {one["source"] for part in parts for one in data[part]} == set(data["sources"])


def test_words_are_those_of_the_language_in_force() -> None:
    one = next(one for one in exports() if one.id == "pictures")
    with speaking("de"):
        assert str(one.title) == "Bilder und Bildschirmfotos"
    assert str(one.title) == "Pictures and screenshots"


@pytest.mark.parametrize("gone", ["id", "order", "read", "formats", "title", "as_of", "sources",
                                  "noticed", "needs", "ways", "lacks"])  # fmt: skip
def test_a_file_that_leaves_something_out_is_refused(gone: str) -> None:
    data = whole()
    del data[gone]
    with pytest.raises(ValueError, match=r"\w"):
        export_from(data)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("read",), "later"), (("read",), "soon"), (("formats",), []), (("title", "de"), " "),
        (("noticed", 0, "source"), "nobody"), (("noticed", 0, "verified"), "yes"),
        (("noticed", 0, "en"), ""), (("ways", 0, "device"), "toaster"), (("lead",), 3),
    ],
)  # fmt: skip
def test_a_file_that_says_something_wrong_is_refused(place: tuple[Any, ...], value: Any) -> None:
    data = copy.deepcopy(whole())
    inner: Any = data
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match=r"\w"):
        export_from(data)

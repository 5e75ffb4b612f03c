# SPDX-License-Identifier: Apache-2.0
"""The design system's promises: nothing inline, enough contrast, both writing directions."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from standfast.i18n import speaking
from standfast.web import charts
from standfast.web import page as web
from standfast.web.rendering import TEMPLATES, render

STATIC = Path(web.__file__).parent / "static"
SHEETS = sorted(STATIC.glob("*.css"))
SCRIPTS = sorted(STATIC.glob("*.js"))
PAGES = sorted(TEMPLATES.rglob("*.html"))
LINES = 400
TEXT, PART = 4.5, 3.0
GROUNDS = ("paper", "card", "sunken")
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-soft") for ground in GROUNDS),
    *((ink, ground, TEXT) for ink in ("accent", "accent-deep") for ground in ("paper", "card")),
    ("attention", "paper", TEXT),
    ("attention", "card", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-deep", TEXT),
    ("on-accent-soft", "accent-soft", TEXT),
    ("accent", "accent-soft", TEXT),
    ("on-attention-soft", "attention-soft", TEXT),
    ("on-urgent", "urgent", TEXT),
    ("on-urgent", "urgent-deep", TEXT),
    ("on-urgent-soft", "urgent-soft", TEXT),
    ("on-leave", "leave", TEXT),
    ("on-found", "found", TEXT),
    *(("on-heat-low", f"heat-{step}", TEXT) for step in range(3)),
    *(("on-heat-high", f"heat-{step}", TEXT) for step in (3, 4)),
    *(("line-strong", ground, PART) for ground in GROUNDS),
    ("accent", "sunken", PART),
    ("attention", "attention-soft", PART),
    ("urgent", "urgent-soft", PART),
    ("urgent", "card", PART),
    ("leave", "paper", PART),
    *(("focus", ground, PART) for ground in (*GROUNDS, "accent-soft", "focus-gap")),
    *((f"bar-{place}", ground, PART) for place in range(6) for ground in ("card", "paper")),
    *((f"bar-{place}", "bar-mark", PART) for place in range(6)),
]
DECORATES = {"line"}
COLOUR = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6})\s*;")
BESIDE = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)[\w-]*|left|right|top|bottom"
    r"|(?:min-|max-)?(?:width|height)|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
    r"|(?:text-align|float|clear):\s*(?:left|right)"
)
MACRO = re.compile(r"\{% macro (\w+)\((.*?)\) -?%\}")
PARTS = (TEMPLATES / "parts.html").read_text("utf-8")
INNER = {"cell"}


def rules(sheet: Path) -> str:
    """Give a style sheet without its remarks and without the conditions of its media rules."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL)
    return re.sub(r"@media[^{]*", "@media ", text)


def schemes() -> dict[str, dict[str, str]]:
    text = re.sub(r"/\*.*?\*/", "", (STATIC / "tokens.css").read_text("utf-8"), flags=re.DOTALL)
    light, dark = text.split("@media (prefers-color-scheme: dark)")
    return {"light": dict(COLOUR.findall(light)), "dark": dict(COLOUR.findall(dark))}


def brightness(colour: str) -> float:
    """Give the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    low, high = sorted((brightness(one), brightness(two)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_the_guidelines_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_a_pair_of_colours_has_its_contrast(
    scheme: str, ink: str, ground: str, least: float
) -> None:
    colours = schemes()[scheme]
    assert contrast(colours[ink], colours[ground]) >= least


def test_every_colour_is_in_a_pair_and_both_schemes_have_the_same() -> None:
    light, dark = schemes().values()
    assert set(light) == set(dark)
    paired = {name for ink, ground, _least in PAIRS for name in (ink, ground)}
    assert set(light) - paired == DECORATES


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_a_style_sheet_is_short_and_serves_both_writing_directions(sheet: Path) -> None:
    text = rules(sheet)
    assert BESIDE.findall(text) == []
    assert len(sheet.read_text("utf-8").splitlines()) <= LINES
    assert sheet.read_text("utf-8").startswith("/* SPDX-License-Identifier: Apache-2.0")
    assert "@import" not in text
    assert all(re.match(r'"(/z/|#sf-)', one) for one in re.findall(r"url\(([^)]*)\)", text))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_only_the_tokens_name_colours(sheet: Path) -> None:
    if sheet.name == "tokens.css":
        return
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", rules(sheet)) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_every_token_that_is_asked_for_exists(sheet: Path) -> None:
    known = set(re.findall(r"(--[\w-]+):", (STATIC / "tokens.css").read_text("utf-8")))
    assert set(re.findall(r"var\((--[\w-]+)", rules(sheet))) <= known


def test_motion_forced_colours_and_print_are_thought_of() -> None:
    every = "".join(sheet.read_text("utf-8") for sheet in SHEETS)
    assert "prefers-reduced-motion: reduce" in every
    assert "forced-colors: active" in every
    assert "@media print" in every
    assert re.search(r"--ring: [3-9]px", every)


class Marked(HTMLParser):
    """What a page must not have, read as a browser reads it."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.inside = tag
        self.wrong += [name for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and names.get("type") != "module"):
            self.wrong.append(tag)
        names.pop("xmlns", None)  # a name, not an address
        if any((value or "").startswith(("data:", "http:", "https:")) for value in names.values()):
            self.wrong.append("address")

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and data.strip():
            self.wrong.append(data)

    def handle_endtag(self, _tag: str) -> None:
        self.inside = ""


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.relative_to(TEMPLATES).as_posix())
def test_a_template_has_nothing_inline_and_trusts_nothing(page: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", text)
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style|javascript:|\bdata:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://|srcdoc|<iframe|<object|<embed|method=\"get\"", text)


MEASURE = re.compile(r"\.style\.(?:height|transform) = `(?:translateY\()?\$\{[^`}]+\}px\)?`;")
"""Pixels that only a script can know: how tall all rows are, where the shown ones are."""


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda one: one.name)
def test_a_script_makes_no_markup_keeps_nothing_and_asks_nobody_else(script: Path) -> None:
    text = script.read_text("utf-8")
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|DOMParser"
    )
    keeps = r"localStorage|sessionStorage|indexedDB|document\.cookie|caches\."
    styled = MEASURE.sub("", text)
    assert not re.search(f"{sinks}|{keeps}|https?:|\\.style\\b|createContextualFragment", styled)
    assert text.startswith("// SPDX-License-Identifier: Apache-2.0")
    assert len(text.splitlines()) <= LINES


def facts(language: str) -> dict[str, object]:
    return {
        "url": lambda name, **_keys: f"/{name}",
        "form_token": "0",
        "page_name": "designs",
        "lang": language,
        "direction": "ltr",
        "unlocked": True,
        "behind": True,
        "as_of": "2024-03-04T10:00:00+00:00",
        "idle_seconds": 600,
        "away": "620;url=/unlock",
        "jobs": [],
        "messages": [("calm", "<b>"), ("urgent", "!")],
        "menu": [("/t", "Timeline", True), ("/s", "Settings", False)],
        "charts": charts,
        "nowhere": lambda *_spot: "#main",
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_of_designs_is_sound_in_every_language(language: str) -> None:
    with speaking(language):
        page = render("designs.html", facts(language))
    read = Marked()
    read.feed(page)
    read.close()
    assert read.wrong == []
    assert f'lang="{language}"' in page
    assert "&lt;b&gt;" in page
    names = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(set(names)) == sorted(names)


def test_the_title_is_neutral_and_leaving_is_a_form_on_every_page() -> None:
    page = render("designs.html", facts("en"))
    assert "<title>Notes</title>" in page
    form = re.search(
        r'<form class="leave" method="post" action="/leave".*?</form>', page, re.DOTALL
    )
    assert form
    assert 'name="form" value="0"' in form[0]
    assert '<button class="leave-button" type="submit">' in form[0]
    assert page.index("leave-button") < page.index("<main")
    without = render("designs.html", {**facts("en"), "unlocked": False, "behind": False})
    assert "leave-button" in without
    assert "idle.js" not in without
    assert 'id="menu"' not in without


def test_every_part_is_shown_and_described_as_it_is() -> None:
    shown = (TEMPLATES / "designs.html").read_text("utf-8")
    told = re.sub(r"\s+", " ", PARTS[: PARTS.index("#}")])
    macros = {name: signature for name, signature in MACRO.findall(PARTS) if name not in INNER}
    assert len(macros) >= 10
    for name, signature in macros.items():
        assert f"parts.{name}(" in shown, name
        assert f"{name}({signature})" in told, name
        assert re.search(rf"macro {name}\(.*?-%\}}\n\{{#- \S", PARTS), f"{name} has no description"


def test_the_icon_tells_nothing() -> None:
    icon = (STATIC / "icon.svg").read_text("utf-8")
    assert not re.search(r"<text|<title|<script|<style|href|shield|standfast", icon)

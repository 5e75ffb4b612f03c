# SPDX-License-Identifier: Apache-2.0
"""The documentation says what the program does: nothing is missing, nothing is out of date."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from standfast import errors

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)]
)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```(?:text|sh|console)?\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def generator(name: str = "cli_reference") -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def commands() -> dict[str, click.Context]:
    from standfast.cli import main  # noqa: PLC0415 - only the tests that need it load every command

    return {context.command_path: context for context in generator().walk(main, "standfast", None)}


def headings(text: str) -> list[str]:
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.+?)\s*$", without_code, flags=re.MULTILINE)


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_command_has_a_heading_in_the_reference() -> None:
    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert set(commands()) - set(headings(page)) == set()


def test_the_reference_is_what_dev_py_reference_writes() -> None:
    from standfast.cli import main  # noqa: PLC0415 - only the tests that need it load every command

    page = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert page == generator().reference(main), "run `python3 dev.py reference` and commit the page"


def test_every_command_and_option_says_what_it_does() -> None:
    silent = []
    for path, context in commands().items():
        silent += [path] if not context.command.help else []
        silent += [
            f"{path} {one.opts[0]}"
            for one in context.command.params
            if isinstance(one, click.Option) and not one.help and not one.hidden
        ]
    assert silent == []


def test_every_format_stands_in_the_reference() -> None:
    from standfast.sources import known_formats  # noqa: PLC0415 - loads every format

    page = (DOCS / "reference" / "formats.md").read_text(encoding="utf-8")
    assert [name for name in known_formats() if f"`{name}`" not in page] == []
    assert page == generator("formats_reference").reference(), "run `python3 dev.py reference`"


def families(base: type[errors.StandfastError]) -> list[type[errors.StandfastError]]:
    return [base, *(one for below in base.__subclasses__() for one in families(below))]


def test_every_error_stands_beside_its_exit_code() -> None:
    page = (DOCS / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    stated = {
        name: int(code)
        for code, names in re.findall(r"^\| (\d+) \|.*\| ([^|]*)\|$", page, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    ours = [one for one in families(errors.StandfastError) if one.__module__ == errors.__name__]
    assert stated == {one.__name__: one.exit_code for one in ours}


def test_an_error_of_a_modules_own_keeps_the_code_of_its_family() -> None:
    commands()
    odd = [
        one.__qualname__
        for one in families(errors.StandfastError)
        if one.__module__ != errors.__name__ and "exit_code" in vars(one)
    ]
    assert odd == []


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    place = (page.parent / path).resolve() if path else page
    if not place.exists():
        return False
    return not anchor or anchor in {slug(one) for one in headings(place.read_text("utf-8"))}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    inside = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert [target for target in inside if not leads_somewhere(page, target)] == []


def example_lines() -> list[tuple[str, str]]:
    lines = []
    for page in PAGES:
        if page.name == "cli.md":
            continue
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            joined = block.replace("\\\n", " ")
            lines += [
                (name_of(page), line.strip().removeprefix("$ "))
                for line in joined.splitlines()
                if line.strip().removeprefix("$ ").startswith("standfast ")
            ]
    return lines


def complaint(line: str, known: dict[str, click.Context]) -> str:
    words = shlex.split(line, comments=True)
    path = words.pop(0)
    while words and f"{path} {words[0]}" in known:
        path = f"{path} {words.pop(0)}"
    options = {name for one in known[path].command.get_params(known[path]) for name in one.opts}
    options |= {name for one in known[path].command.params for name in one.secondary_opts}
    if path == "standfast" and not any(word in options for word in words):
        return f"no such command: {line}"
    used = [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return "".join(f"no option {one}: {line}" for one in used if one not in options)


def test_every_command_shown_in_the_documentation_exists() -> None:
    known = commands()
    complaints = [
        f"{page}: {told}" for page, line in example_lines() if (told := complaint(line, known))
    ]
    assert complaints == []


def test_the_documentation_shows_commands_at_all() -> None:
    shown = {line.split()[1] for _, line in example_lines()}
    assert {"new", "add", "timeline", "findings", "dossier", "bundle", "verify"} <= shown


def test_every_file_that_the_security_page_names_exists() -> None:
    page = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", page))
    assert named, "the security page names what shows each defence"
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_readme_begins_with_the_safety_of_the_device() -> None:
    words = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "is this device safe to use" in words[:200]
    assert words.index("emergency") < words.index("make demo")


def test_the_readme_names_no_host() -> None:
    words = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"https?://", words) == []

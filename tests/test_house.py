# SPDX-License-Identifier: Apache-2.0
"""The house rules, as far as a machine can read them (CONTRIBUTING.md says why they are there)."""

from __future__ import annotations

import ast
import io
import re
import shutil
import string
import subprocess
import sys
import tokenize
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from standfast.i18n import LANGUAGES, SOURCE_LANGUAGE

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "standfast"
FILE_LINES = 400
FUNCTION_LINES = 40
LONG_FILES = {
    "src/standfast/dossier/verifier/verify.py": "one file on purpose: it travels alone in a bundle",
}
LONG_FUNCTIONS: dict[str, str] = {}
"""``path:function`` and the reason."""
BANNED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "common",
    "base",
    "misc",
}
NETWORK = {
    "asyncio", "ftplib", "http.client", "http.server", "imaplib", "poplib", "requests", "smtplib",
    "socket", "socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "xmlrpc",
}  # fmt: skip
MAY_CONNECT = {"src/standfast/net.py"}
MAY_LISTEN = {f"src/standfast/web/{name}.py" for name in ("connection", "server")}
"""The app's own server answers this computer; it calls nobody but itself (``here``)."""
CALLING = re.compile(
    r"\b(connect(_ex)?|create_connection|create_datagram_endpoint|open_connection|sendto)\((?!here)"
)
PHONE = re.compile(
    r"(?<![\w.+:-])(?:\+\d{1,3}[ /.-]?|\(?0\d{1,4}\)?[ /-])(?:\d[ /.()-]?){5,12}\d(?![\w:-])"
)
FICTION = re.compile(r"5550?1\d\d|7700900\d{3}|171?39200\d{2,3}|3023125\d{3}")
STATUTE = re.compile(
    r"§|\bU\.\s?S\.\s?C\.|\bStGB\b|\bStPO\b|\bBGB\b|\bGewSchG\b|\bc\.p\.\s?\d|\bArt\.\s?\d"
)
REASON = re.compile(
    r"(noqa: [A-Z0-9, ]+|type: ignore\[[\w, -]+\]|pragma: no (cover|branch))\s*(-|#) .{3,}"
)
EXCUSE = re.compile(r"#.*\b(noqa|type:\s*ignore|pragma: no|pylint|mypy:|ruff:)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tracked() -> list[Path]:
    """Everything that belongs to the repository; without git, everything that lies here."""
    git = shutil.which("git") if (ROOT / ".git").exists() else None
    if git:
        told = subprocess.run(
            [git, "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
        names = told.stdout.decode().split("\0")
        return [ROOT / name for name in names if name and (ROOT / name).is_file()]
    left_out = {".venv", "_build", "__pycache__", "standfast-demo"}
    return [one for one in ROOT.rglob("*") if one.is_file() and not left_out & set(one.parts)]


SOURCES = sorted(PACKAGE.rglob("*.py"))
SCRIPTS = sorted([ROOT / "dev.py", *(ROOT / "docs").glob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERY = [*SOURCES, *SCRIPTS, *TESTS]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_run_downwards_only() -> None:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert program, "import-linter belongs to the dev group"
    run = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_file_stays_short() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in EVERY}
    assert {n: c for n, c in lengths.items() if c > FILE_LINES and n not in LONG_FILES} == {}


def functions(path: Path) -> list[tuple[str, int]]:
    """Every function of a file with its length, decorators and docstring left out."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            told = ast.get_docstring(node, clean=False)
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            found.append((node.name, lines - (told.count("\n") + 1 if told else 0)))
    return found


def test_a_function_stays_short() -> None:
    long = {
        f"{name_of(path)}:{name}": lines
        for path in EVERY
        if name_of(path) not in LONG_FILES and not name_of(path).startswith("tests/fixtures/")
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    }
    assert {name: lines for name, lines in long.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) - set(long) == set(), "no longer needed"


def test_every_module_says_what_it_is() -> None:
    silent = [p for p in [*SOURCES, *SCRIPTS] if len(ast.get_docstring(tree_of(p)) or "") < 20]
    assert [name_of(path) for path in silent] == []


def test_every_file_begins_with_its_licence() -> None:
    line = "# SPDX-License-Identifier: Apache-2.0"
    scripts = [ROOT / ".ci" / "run"]
    bare = [path for path in [*EVERY, *scripts] if line not in path.read_text("utf-8")[:90]]
    assert [name_of(path) for path in bare] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {name_of(p): {p.stem, *p.relative_to(ROOT).parent.parts} for p in [*SOURCES, *TESTS]}
    assert [name for name, words in parts.items() if words & BANNED_NAMES] == []


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return names


def test_only_the_network_module_can_open_a_connection() -> None:
    able = {
        name_of(path): names & NETWORK
        for path in SOURCES
        if (names := imported(path)) & NETWORK and name_of(path) not in MAY_CONNECT | MAY_LISTEN
    }
    assert able == {}
    assert [name for name in MAY_LISTEN if CALLING.search((ROOT / name).read_text("utf-8"))] == []


def test_the_verifier_in_a_bundle_needs_an_old_python_and_nothing_else() -> None:
    script = PACKAGE / "dossier" / "verifier" / "verify.py"
    ast.parse(script.read_text("utf-8"), feature_version=(3, 8))
    assert {name.split(".")[0] for name in imported(script)} <= sys.stdlib_module_names
    assert imported(script) & NETWORK == set()


def literals(path: Path) -> list[str]:
    """Every string of a file that is no docstring."""
    told = set()
    for node in ast.walk(tree_of(path)):
        body = getattr(node, "body", None)
        for one in body if isinstance(body, list) else []:
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                told.add(id(one.value))
    return [
        node.value
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def invented(number: str) -> bool:
    """Tell whether a number is from a range that is reserved for fiction."""
    return bool(FICTION.search(re.sub(r"\D", "", number)))


@pytest.mark.parametrize(
    ("text", "real"),
    [("call 0800 116 016", True), ("+49 30 901820", True), ("+44 7700 900123", False),
     ("2026-03-04 12:00:00", False), ("+02:00", False), ("0171 39200 12", False)],
)  # fmt: skip
def test_the_rule_for_numbers_knows_a_number(text: str, *, real: bool) -> None:
    assert any(not invented(one) for one in PHONE.findall(text)) is real


def test_code_holds_no_telephone_number() -> None:
    found = {
        name_of(path): numbers
        for path in SOURCES
        if (
            numbers := [
                number
                for text in literals(path)
                for number in PHONE.findall(text)
                if not invented(number)
            ]
        )
    }
    assert found == {}


def test_code_holds_no_statute() -> None:
    found = {
        name_of(path): texts
        for path in SOURCES
        if (texts := [text for text in literals(path) if STATUTE.search(text)])
    }
    assert found == {}


def comments(path: Path) -> list[tuple[int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
    return [(one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT]


def test_an_exception_to_a_lint_rule_says_why() -> None:
    bare = [
        f"{name_of(path)}:{line}: {text}"
        for path in EVERY
        for line, text in comments(path)
        if EXCUSE.search(text) and not REASON.search(text)
    ]
    assert bare == []


def sentences() -> dict[str, list[str]]:
    """Every sentence given to ``_``, ``ngettext`` or the marker ``N_``, with where it stands."""
    found: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in ast.walk(tree_of(path)):
            called = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or called not in {"_", "N_", "ngettext"}:
                continue
            for argument in node.args[: 2 if called == "ngettext" else 1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.setdefault(argument.value, []).append(f"{name_of(path)}:{node.lineno}")
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for line, _function, said, _remarks in babel_extract(file, ["_", "ngettext"], [], {}):
                for text in (said,) if isinstance(said, str) else said[:2]:
                    found.setdefault(text, []).append(f"{name_of(path)}:{line}")
    return found


def catalogue(code: str) -> dict[str, str]:
    place = PACKAGE / "locale" / code / "LC_MESSAGES" / "standfast.po"
    with place.open("rb") as file:
        entries = [entry for entry in read_po(file, locale=code) if entry.id and not entry.fuzzy]
    texts: dict[str, str] = {}
    for entry in entries:
        forms = (entry.id,) if isinstance(entry.id, str) else entry.id
        answers = (entry.string,) if isinstance(entry.string, str) else entry.string
        texts |= dict(zip(forms, answers, strict=True))
    return texts


def placeholders(text: str) -> set[str]:
    return {name for _text, name, _spec, _how in string.Formatter().parse(text) if name is not None}


TRANSLATED = [code for code in LANGUAGES if code != SOURCE_LANGUAGE]


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_sentence_is_translated(code: str) -> None:
    known = catalogue(code)
    assert {text: at for text, at in sentences().items() if not known.get(text)} == {}


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_placeholders_of_its_sentence(code: str) -> None:
    known = {text: said for text, said in catalogue(code).items() if said}
    assert {t: s for t, s in known.items() if placeholders(t) != placeholders(s)} == {}


def test_a_sentence_is_translated_before_it_is_filled_in() -> None:
    filled = [
        f"{name_of(path)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in {"_", "ngettext"}
        and any(isinstance(one, (ast.JoinedStr, ast.BinOp, ast.Call)) for one in node.args[:2])
    ]
    assert filled == []


def run_on_import(node: ast.AST) -> list[ast.Call]:
    """Every call below a node that runs as soon as the module is imported."""
    found = [node] if isinstance(node, ast.Call) else []
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            found += run_on_import(child)
    return found


def test_no_sentence_is_translated_before_anybody_has_chosen_a_language() -> None:
    frozen = [
        f"{name_of(path)}:{call.lineno}"
        for path in SOURCES
        for call in run_on_import(tree_of(path))
        if getattr(call.func, "id", "") in {"_", "ngettext"}
    ]
    assert frozen == [], "mark it there, translate it where it is shown"


def texts() -> dict[str, str]:
    """Every text file of the repository but the lock, into which uv writes its sources."""
    found = {}
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:4096] and path.name != "uv.lock":
            found[name_of(path)] = data.decode("utf-8", "replace")
    return found


def test_no_file_names_a_package_registry() -> None:
    hosts = [("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org")]
    hosts += [("crates", "io"), ("golang", "org"), ("ubuntu", "com")]
    names = re.compile("|".join(rf"\b{re.escape('.'.join(parts))}\b" for parts in hosts))
    assert [name for name, text in texts().items() if names.search(text)] == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    places = re.compile(r"(?<![\w.~/:-])/(?:home|Users|root|work)/\w")
    hostile = ("tests/hostile/", "tests/fixtures/")
    named = {n: found.group() for n, t in texts().items() if (found := places.search(t))}
    assert {name: at for name, at in named.items() if not name.startswith(hostile)} == {}
